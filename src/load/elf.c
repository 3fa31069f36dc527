/* Reading a relocatable ELF object, trusting nothing in it.
 *
 * In: bytes from LLVM or from a cache file (which may be truncated or altered, and of any alignment); an
 * object ends with its section headers, as LLVM writes it, and another may follow.
 * Out: an Object whose section headers and symbols are copied out and aligned, where every section lies
 * inside the bytes and every name ends inside its string table. Later files of this folder rely on exactly
 * that; what they still have to check is what relates to their own work: values of symbols, offsets of
 * relocations.
 */
#include <stdlib.h>
#include <string.h>

#include "load/internal.h"

static bool range_is_inside(uint64_t offset, uint64_t nbytes, uint64_t total) {
    return offset <= total && nbytes <= total - offset;
}

static bool check_header(Loading *l, const Elf64_Ehdr *header) {
    if (memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) return hl_load_fail(l, "not an ELF object");
    if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB ||
        header->e_machine != EM_X86_64)
        return hl_load_fail(l, "not an x86-64 object");
    if (header->e_type != ET_REL) return hl_load_fail(l, "not a relocatable object");
    if (header->e_shentsize != sizeof(Elf64_Shdr) || header->e_shnum == 0)
        return hl_load_fail(l, "no section headers");
    if (!range_is_inside(header->e_shoff, (uint64_t)header->e_shnum * sizeof(Elf64_Shdr), l->object.nbytes))
        return hl_load_fail(l, "section headers reach past the end of the object");
    l->object.nbytes = header->e_shoff + (uint64_t)header->e_shnum * sizeof(Elf64_Shdr);
    return true;
}

static bool check_section(Loading *l, uint32_t i) {
    const Elf64_Shdr *s = &l->object.sections[i];
    if (s->sh_type != SHT_NOBITS && s->sh_type != SHT_NULL &&
        !range_is_inside(s->sh_offset, s->sh_size, l->object.nbytes))
        return hl_load_fail(l, "section %u reaches past the end of the object", i);
    return true;
}

static bool read_sections(Loading *l, const Elf64_Ehdr *header) {
    Object *o = &l->object;
    o->nsections = header->e_shnum;
    o->sections = malloc(o->nsections * sizeof *o->sections);
    if (!o->sections) return hl_load_fail(l, "out of memory");
    memcpy(o->sections, o->bytes + header->e_shoff, o->nsections * sizeof *o->sections);
    for (uint32_t i = 0; i < o->nsections; i++)
        if (!check_section(l, i)) return false;
    return true;
}

/* A string table counts only if it ends with a zero byte, so that every offset inside it begins a terminated
 * string. */
static bool read_strings(Loading *l, uint32_t section, const char **strings, size_t *nbytes) {
    Object *o = &l->object;
    if (section >= o->nsections || o->sections[section].sh_type != SHT_STRTAB)
        return hl_load_fail(l, "section %u is not a string table", section);
    const Elf64_Shdr *s = &o->sections[section];
    *strings = (const char *)o->bytes + s->sh_offset;
    *nbytes = s->sh_size;
    if (*nbytes == 0 || (*strings)[*nbytes - 1] != 0)
        return hl_load_fail(l, "string table %u has no end", section);
    return true;
}

static bool read_symbols(Loading *l, uint32_t section) {
    Object *o = &l->object;
    const Elf64_Shdr *s = &o->sections[section];
    if (o->symbols) return hl_load_fail(l, "two symbol tables");
    if (s->sh_entsize != sizeof(Elf64_Sym) || s->sh_size % sizeof(Elf64_Sym) != 0 || s->sh_size == 0)
        return hl_load_fail(l, "symbol table of a wrong size");
    if (!read_strings(l, s->sh_link, &o->strings, &o->strings_nbytes)) return false;
    o->symbols = malloc(s->sh_size);
    if (!o->symbols) return hl_load_fail(l, "out of memory");
    memcpy(o->symbols, o->bytes + s->sh_offset, s->sh_size);
    o->nsymbols = (uint32_t)(s->sh_size / sizeof(Elf64_Sym));
    for (uint32_t i = 0; i < o->nsymbols; i++)
        if (o->symbols[i].st_name >= o->strings_nbytes)
            return hl_load_fail(l, "name of symbol %u is outside its table", i);
    return true;
}

bool hl_load_read(Loading *l, const void *elf, size_t nbytes) {
    Object *o = &l->object;
    o->bytes = elf;
    o->nbytes = nbytes;
    Elf64_Ehdr header;
    if (nbytes < sizeof header) return hl_load_fail(l, "object of %zu bytes is too short", nbytes);
    memcpy(&header, elf, sizeof header);
    if (!check_header(l, &header) || !read_sections(l, &header)) return false;
    if (!read_strings(l, header.e_shstrndx, &o->section_names, &o->section_names_nbytes)) return false;
    for (uint32_t i = 0; i < o->nsections; i++)
        if (o->sections[i].sh_type == SHT_SYMTAB && !read_symbols(l, i)) return false;
    return o->symbols ? true : hl_load_fail(l, "no symbol table");
}

void hl_load_read_free(Object *o) {
    free(o->sections);
    free(o->symbols);
}

const char *hl_load_section_name(const Object *o, uint32_t section) {
    uint32_t offset = o->sections[section].sh_name;
    return offset < o->section_names_nbytes ? o->section_names + offset : "?";
}

const char *hl_load_symbol_name(const Object *o, uint32_t symbol) {
    const Elf64_Sym *s = &o->symbols[symbol];
    if (ELF64_ST_TYPE(s->st_info) == STT_SECTION && s->st_shndx < o->nsections)
        return hl_load_section_name(o, s->st_shndx);
    return o->strings + s->st_name;
}
