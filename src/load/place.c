/* Giving each section its place in one mapping, and the mapping its rights.
 *
 *     | code | stubs | GOT | read-only data, unwind information || data | bss |
 *       read, execute                                             read, write
 *
 * Code and constants share pages on purpose: most objects are one small function, and this way they take one
 * page, not three. The mapping is written as read-write, then the first part becomes read-execute: no page is
 * ever writable and executable. Everything lies within 1 GiB, so that section-to-section references always
 * fit 32 bits.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "load/internal.h"

enum { STUB_NBYTES = 8, GOT_SLOT_NBYTES = 8, FRAME_END_NBYTES = 4 };
static const uint64_t max_nbytes = UINT64_C(1) << 30;
static const uint64_t max_alignment = 4096;

static uint64_t align_up(uint64_t value, uint64_t alignment) {
    return (value + alignment - 1) & ~(alignment - 1);
}

static bool check_loaded_section(Loading *l, uint32_t i) {
    const Elf64_Shdr *s = &l->object.sections[i];
    const char *name = hl_load_section_name(&l->object, i);
    if (s->sh_flags & SHF_TLS) return hl_load_fail(l, "section %s: thread-local data", name);
    if (s->sh_type == SHT_INIT_ARRAY || s->sh_type == SHT_FINI_ARRAY || s->sh_type == SHT_PREINIT_ARRAY)
        return hl_load_fail(l, "section %s: constructors", name);
    if ((s->sh_flags & SHF_WRITE) && (s->sh_flags & SHF_EXECINSTR))
        return hl_load_fail(l, "section %s is writable and executable", name);
    if (s->sh_addralign > max_alignment || (s->sh_addralign & (s->sh_addralign - 1)) != 0)
        return hl_load_fail(l, "section %s: alignment %llu", name, (unsigned long long)s->sh_addralign);
    if (s->sh_size > max_nbytes) return hl_load_fail(l, "section %s is too large", name);
    return true;
}

/* Places the loaded sections whose flags are wanted under the mask. Unwind records get room for their end
 * mark. */
static bool place_sections(Loading *l, uint64_t mask, uint64_t wanted) {
    Object *o = &l->object;
    for (uint32_t i = 0; i < o->nsections; i++) {
        const Elf64_Shdr *s = &o->sections[i];
        if (s->sh_type == SHT_NULL || !(s->sh_flags & SHF_ALLOC) || (s->sh_flags & mask) != wanted) continue;
        if (!check_loaded_section(l, i)) return false;
        l->nbytes = align_up(l->nbytes, s->sh_addralign > 1 ? s->sh_addralign : 1);
        l->sections[i] = (SectionPlace){.offset = l->nbytes, .is_loaded = true};
        l->nbytes += s->sh_size + FRAME_END_NBYTES;
        if (l->nbytes > max_nbytes) return hl_load_fail(l, "the object is too large");
    }
    return true;
}

/* needs: hl_load_survey has counted stubs and slots. */
bool hl_load_place(Loading *l) {
    uint64_t page_nbytes = (uint64_t)sysconf(_SC_PAGESIZE);
    const uint64_t both = SHF_EXECINSTR | SHF_WRITE;
    if (!place_sections(l, both, SHF_EXECINSTR)) return false;
    l->stubs_offset = align_up(l->nbytes, STUB_NBYTES);
    l->got_offset = l->stubs_offset + (uint64_t)l->nstubs * STUB_NBYTES;
    l->nbytes = l->got_offset + (uint64_t)l->ngot * GOT_SLOT_NBYTES;
    if (!place_sections(l, both, 0)) return false;
    l->fixed_nbytes = l->nbytes = align_up(l->nbytes, page_nbytes);
    if (!place_sections(l, SHF_WRITE, SHF_WRITE)) return false;
    l->nbytes = align_up(l->nbytes, page_nbytes);
    return l->nbytes > 0 ? true : hl_load_fail(l, "the object has no code");
}

bool hl_load_map(Loading *l) {
    void *base = mmap(NULL, l->nbytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED)
        return hl_load_fail(l, "no memory for %llu bytes of code", (unsigned long long)l->nbytes);
    l->base = base;
    Object *o = &l->object;
    for (uint32_t i = 0; i < o->nsections; i++) {
        const Elf64_Shdr *s = &o->sections[i];
        if (!l->sections[i].is_loaded || s->sh_type == SHT_NOBITS || s->sh_size == 0) continue;
        memcpy(l->base + l->sections[i].offset, o->bytes + s->sh_offset, s->sh_size);
    }
    return true;
}

bool hl_load_protect(Loading *l) {
    if (l->fixed_nbytes == 0 || mprotect(l->base, l->fixed_nbytes, PROT_READ | PROT_EXEC) == 0) return true;
    return hl_load_fail(l, "the system refuses executable memory");
}
