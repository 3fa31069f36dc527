/* Relocations: a survey that counts the GOT slots and call stubs, then the patching itself.
 *
 * survey    needs: hl_load_read. Gives l->ngot, l->nstubs and the slots in l->symbols.
 * relocate  needs: the mapping, still writable. Fills stubs, GOT and every place the relocations name.
 *
 * Which relocation does what is a table, relocs.def. With the small PIC code model LLVM uses five of them.
 * Every undefined symbol that is called gets a stub (jmp *slot): whether it is near enough for a direct call
 * is known only once both ends have addresses, and a direct call is used then.
 */
#include <string.h>

#include "load/internal.h"

typedef enum { NONE, NOT, PC32, CALL, GOT, ABS64, ABS32, ABS32S } Action;

typedef struct {
    Loading *l;
    uint32_t section;
    Elf64_Rela rela;
    Action action;
} Patch;

static const char *reloc_name(uint32_t type) {
    switch (type) {
#define RELOC(number, name, action)                                                                          \
    case number: return #name;
#include "load/relocs.def"
    }
    return "unknown relocation";
}

static Action reloc_action(uint32_t type) {
    switch (type) {
#define RELOC(number, name, action)                                                                          \
    case number: return action;
#include "load/relocs.def"
    }
    return NOT;
}

/* Calls visit for every relocation of a loaded section, with offset, symbol and kind checked. */
static bool for_each_patch(Loading *l, bool (*visit)(const Patch *));

static bool check_patch(const Patch *p) {
    Loading *l = p->l;
    uint32_t type = (uint32_t)ELF64_R_TYPE(p->rela.r_info), symbol = (uint32_t)ELF64_R_SYM(p->rela.r_info);
    uint64_t section_nbytes = l->object.sections[p->section].sh_size, width = p->action == ABS64 ? 8 : 4;
    if (p->action == NOT)
        return hl_load_fail(l, "relocation %s (%u) in section %s is not supported", reloc_name(type), type,
                            hl_load_section_name(&l->object, p->section));
    if (symbol >= l->object.nsymbols)
        return hl_load_fail(l, "relocation of symbol %u, which does not exist", symbol);
    if (p->action != NONE && (p->rela.r_offset > section_nbytes || width > section_nbytes - p->rela.r_offset))
        return hl_load_fail(l, "relocation outside section %s", hl_load_section_name(&l->object, p->section));
    return true;
}

static bool visit_section(Loading *l, const Elf64_Shdr *table, bool (*visit)(const Patch *)) {
    const Object *o = &l->object;
    if (table->sh_entsize != sizeof(Elf64_Rela) || table->sh_size % sizeof(Elf64_Rela) != 0)
        return hl_load_fail(l, "relocation table of a wrong size");
    if (o->sections[table->sh_info].sh_type == SHT_NOBITS)
        return hl_load_fail(l, "relocation in zeroed data");
    Patch p = {.l = l, .section = table->sh_info};
    for (uint64_t at = 0; at < table->sh_size; at += sizeof(Elf64_Rela)) {
        memcpy(&p.rela, o->bytes + table->sh_offset + at, sizeof p.rela);
        p.action = reloc_action((uint32_t)ELF64_R_TYPE(p.rela.r_info));
        if (!check_patch(&p)) return false;
        if (p.action != NONE && !visit(&p)) return false;
    }
    return true;
}

static bool for_each_patch(Loading *l, bool (*visit)(const Patch *)) {
    const Object *o = &l->object;
    for (uint32_t i = 0; i < o->nsections; i++) {
        const Elf64_Shdr *table = &o->sections[i];
        if (table->sh_type != SHT_RELA && table->sh_type != SHT_REL) continue;
        if (table->sh_info >= o->nsections)
            return hl_load_fail(l, "relocations of section %u, which does not exist", i);
        const Elf64_Shdr *target = &o->sections[table->sh_info];
        if (!(target->sh_flags & SHF_ALLOC) || target->sh_type == SHT_NULL) continue;
        if (table->sh_type == SHT_REL) return hl_load_fail(l, "relocations without addends");
        if (!visit_section(l, table, visit)) return false;
    }
    return true;
}

static SymbolPlace *place_of(const Patch *p) {
    return &p->l->symbols[ELF64_R_SYM(p->rela.r_info)];
}

static bool survey_patch(const Patch *p) {
    Loading *l = p->l;
    SymbolPlace *place = place_of(p);
    bool is_undefined = l->object.symbols[ELF64_R_SYM(p->rela.r_info)].st_shndx == SHN_UNDEF;
    bool wants_stub = p->action == CALL && is_undefined;
    if ((p->action == GOT || wants_stub) && !place->got_slot) place->got_slot = ++l->ngot;
    if (wants_stub && !place->stub) place->stub = ++l->nstubs;
    return true;
}

bool hl_load_survey(Loading *l) {
    return for_each_patch(l, survey_patch);
}

static bool section_address(const Loading *l, uint32_t symbol, uint64_t *address) {
    const Elf64_Sym *s = &l->object.symbols[symbol];
    const char *name = hl_load_symbol_name(&l->object, symbol);
    if (s->st_shndx >= l->object.nsections || !l->sections[s->st_shndx].is_loaded)
        return hl_load_fail(l, "symbol %s is not in a loaded section", name);
    if (s->st_value > l->object.sections[s->st_shndx].sh_size)
        return hl_load_fail(l, "symbol %s is outside its section", name);
    *address = (uint64_t)(uintptr_t)l->base + l->sections[s->st_shndx].offset + s->st_value;
    return true;
}

/* Where another object of the same code defines it, else 0. */
static bool address_in_others(Loading *l, const char *name, uint64_t *address) {
    for (const Loading *other = l->first; other; other = other->next) {
        if (other == l) continue;
        for (uint32_t i = 1; i < other->object.nsymbols; i++) {
            const Elf64_Sym *s = &other->object.symbols[i];
            if (s->st_shndx == SHN_UNDEF || ELF64_ST_BIND(s->st_info) != STB_GLOBAL) continue;
            if (strcmp(hl_load_symbol_name(&other->object, i), name) == 0)
                return section_address(other, i, address);
        }
    }
    return true;
}

static bool external_address(Loading *l, uint32_t symbol, uint64_t *address) {
    const Elf64_Sym *s = &l->object.symbols[symbol];
    const char *name = hl_load_symbol_name(&l->object, symbol);
    *address = 0;
    if (symbol == 0) return true;
    if (!address_in_others(l, name, address)) return false;
    if (*address) return true;
    *address = (uint64_t)(uintptr_t)l->resolve(l->user, name);
    if (*address == 0 && ELF64_ST_BIND(s->st_info) != STB_WEAK)
        return hl_load_fail(l, "undefined symbol %s", name);
    return true;
}

static bool find_address(Loading *l, uint32_t symbol, uint64_t *address) {
    const Elf64_Sym *s = &l->object.symbols[symbol];
    unsigned type = ELF64_ST_TYPE(s->st_info);
    if (type == STT_TLS || type == STT_GNU_IFUNC)
        return hl_load_fail(l, "symbol %s is of a kind that cannot be loaded",
                            hl_load_symbol_name(&l->object, symbol));
    if (s->st_shndx == SHN_UNDEF) return external_address(l, symbol, address);
    if (s->st_shndx != SHN_ABS) return section_address(l, symbol, address);
    *address = s->st_value;
    return true;
}

/* The address of a symbol, found once. */
bool hl_load_address(Loading *l, uint32_t symbol, uint64_t *address) {
    SymbolPlace *place = &l->symbols[symbol];
    if (!place->is_known && !find_address(l, symbol, &place->address)) return false;
    place->is_known = true;
    *address = place->address;
    return true;
}

static bool fits_32_signed(uint64_t value) {
    return (uint64_t)(int64_t)(int32_t)(uint32_t)value == value;
}

static bool write_32(const Patch *p, uint8_t *where, uint64_t value, bool is_unsigned) {
    bool fits = is_unsigned ? value <= UINT32_MAX : fits_32_signed(value);
    uint32_t type = (uint32_t)ELF64_R_TYPE(p->rela.r_info);
    if (!fits)
        return hl_load_fail(p->l, "relocation %s against %s does not reach its target", reloc_name(type),
                            hl_load_symbol_name(&p->l->object, (uint32_t)ELF64_R_SYM(p->rela.r_info)));
    uint32_t narrow = (uint32_t)value;
    memcpy(where, &narrow, sizeof narrow);
    return true;
}

static uint64_t got_address(const Loading *l, uint32_t slot) {
    return (uint64_t)(uintptr_t)l->base + l->got_offset + (uint64_t)(slot - 1) * 8;
}

static uint64_t stub_address(const Loading *l, uint32_t stub) {
    return (uint64_t)(uintptr_t)l->base + l->stubs_offset + (uint64_t)(stub - 1) * 8;
}

static bool apply_patch(const Patch *p) {
    Loading *l = p->l;
    const SymbolPlace *place = place_of(p);
    uint8_t *where = l->base + l->sections[p->section].offset + p->rela.r_offset;
    uint64_t here = (uint64_t)(uintptr_t)where, addend = (uint64_t)p->rela.r_addend, value;
    if (!hl_load_address(l, (uint32_t)ELF64_R_SYM(p->rela.r_info), &value)) return false;
    switch (p->action) {
    case NONE:
    case NOT: return true;
    case CALL:
        if (place->stub && !fits_32_signed(value + addend - here)) value = stub_address(l, place->stub);
        return write_32(p, where, value + addend - here, false);
    case PC32: return write_32(p, where, value + addend - here, false);
    case GOT: return write_32(p, where, got_address(l, place->got_slot) + addend - here, false);
    case ABS32: return write_32(p, where, value + addend, true);
    case ABS32S: return write_32(p, where, value + addend, false);
    case ABS64:
        value += addend;
        memcpy(where, &value, sizeof value);
        return true;
    }
    return true;
}

/* jmp *slot(%rip), then a trap up to the stub's eight bytes. */
static void write_stub(Loading *l, const SymbolPlace *place) {
    uint8_t code[8] = {0xff, 0x25, 0, 0, 0, 0, 0xcc, 0xcc};
    uint64_t stub = stub_address(l, place->stub);
    uint32_t distance = (uint32_t)(got_address(l, place->got_slot) - (stub + 6));
    memcpy(code + 2, &distance, sizeof distance);
    memcpy(l->base + (stub - (uint64_t)(uintptr_t)l->base), code, sizeof code);
}

static bool fill_tables(Loading *l) {
    for (uint32_t i = 0; i < l->object.nsymbols; i++) {
        const SymbolPlace *place = &l->symbols[i];
        uint64_t address;
        if (!place->got_slot) continue;
        if (!hl_load_address(l, i, &address)) return false;
        memcpy(l->base + l->got_offset + (uint64_t)(place->got_slot - 1) * 8, &address, sizeof address);
        if (place->stub) write_stub(l, place);
    }
    return true;
}

bool hl_load_relocate(Loading *l) {
    return fill_tables(l) && for_each_patch(l, apply_patch);
}
