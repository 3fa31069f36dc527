/* From an ELF object to callable code: the order of the steps is hl_load_object, at the end of this file.
 *
 * Why not LLVM's own JIT linker: code from the disk cache must run without LLVM being opened at all, and
 * fresh code going the same way means one loader to trust. An object of ours is small and simple (small PIC
 * code model, no thread-local data, no constructors); what is not simple is refused with its name, and every
 * offset in the object is checked, because a cache file may be damaged.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "load/internal.h"

bool hl_load_fail(const Loading *l, const char *format, ...) {
    va_list args;
    va_start(args, format);
    if (l->error && l->error_size) vsnprintf(l->error, l->error_size, format, args);
    va_end(args);
    return false;
}

static bool is_kept(const Loading *l, uint32_t i) {
    const Elf64_Sym *s = &l->object.symbols[i];
    unsigned type = ELF64_ST_TYPE(s->st_info);
    return s->st_shndx != SHN_UNDEF && s->st_shndx < l->object.nsections &&
           l->sections[s->st_shndx].is_loaded &&
           (type == STT_FUNC || type == STT_OBJECT || type == STT_NOTYPE) &&
           l->object.strings[s->st_name] != 0;
}

static bool keep_symbol(Loading *l, LoadedCode *code, uint32_t i) {
    const Elf64_Sym *s = &l->object.symbols[i];
    uint64_t address;
    if (!hl_load_address(l, i, &address)) return false;
    char *name = strdup(hl_load_symbol_name(&l->object, i));
    if (!name) return hl_load_fail(l, "out of memory");
    code->symbols[code->nsymbols++] = (LoadedSymbol){.name = name,
                                                     .address = (void *)(uintptr_t)address,
                                                     .nbytes = s->st_size,
                                                     .is_function = ELF64_ST_TYPE(s->st_info) == STT_FUNC,
                                                     .is_exported = ELF64_ST_BIND(s->st_info) != STB_LOCAL};
    return true;
}

static bool keep_symbols(Loading *l, LoadedCode *code) {
    size_t count = 0;
    for (uint32_t i = 0; i < l->object.nsymbols; i++)
        count += is_kept(l, i);
    code->symbols = calloc(count + 1, sizeof *code->symbols);
    if (!code->symbols) return hl_load_fail(l, "out of memory");
    for (uint32_t i = 0; i < l->object.nsymbols; i++)
        if (is_kept(l, i) && !keep_symbol(l, code, i)) return false;
    return true;
}

static bool allocate_places(Loading *l) {
    l->sections = calloc(l->object.nsections, sizeof *l->sections);
    l->symbols = calloc(l->object.nsymbols, sizeof *l->symbols);
    return l->sections && l->symbols ? true : hl_load_fail(l, "out of memory");
}

/* The steps. What they have made so far is in l and code, for hl_load_object to keep or undo. */
static bool map(Loading *l, LoadedCode *code, const void *elf, size_t nbytes) {
    if (!hl_load_read(l, elf, nbytes)) return false;
    if (!allocate_places(l)) return false;
    if (!hl_load_survey(l)) return false;
    if (!hl_load_place(l)) return false;
    if (!hl_load_map(l)) return false;
    code->base = l->base;
    code->nbytes = l->nbytes;
    return true;
}

/* needs: all objects are mapped. */
static bool finish(Loading *l, LoadedCode *code) {
    void *frames;
    if (!hl_load_relocate(l)) return false;
    if (!keep_symbols(l, code)) return false;
    if (!hl_load_find_frames(l, &frames)) return false;
    if (!hl_load_protect(l)) return false;
    hl_load_register_frames(frames);
    code->frames = frames;
    code->debug = hl_load_debug_add(l);
    hl_load_tell_perf(code);
    return true;
}

/* The object behind l, to be loaded like it. */
static bool add_object(Loading *l, LoadedCode *code) {
    l->next = malloc(sizeof *l->next);
    code->next = calloc(1, sizeof *code->next);
    if (l->next)
        *l->next = (Loading){.first = l->first,
                             .resolve = l->resolve,
                             .user = l->user,
                             .error = l->error,
                             .error_size = l->error_size};
    return (l->next && code->next) || hl_load_fail(l, "out of memory");
}

/* Maps the objects one behind the other. */
static bool map_all(Loading *l, LoadedCode *code, const uint8_t *elf, size_t nbytes) {
    for (;;) {
        if (!map(l, code, elf, nbytes)) return false;
        elf += l->object.nbytes;
        nbytes -= l->object.nbytes;
        if (!nbytes) return true;
        if (!add_object(l, code)) return false;
        l = l->next;
        code = code->next;
    }
}

static bool load(Loading *first, LoadedCode *code, const void *elf, size_t nbytes) {
    if (!code) return hl_load_fail(first, "out of memory");
    if (!map_all(first, code, elf, nbytes)) return false;
    for (Loading *l = first; l; l = l->next, code = code->next)
        if (!finish(l, code)) return false;
    return true;
}

static void loading_free(Loading *l) {
    hl_load_read_free(&l->object);
    free(l->sections);
    free(l->symbols);
}

LoadedCode *hl_load_object(const void *elf, size_t nbytes, HlResolve resolve, void *user, char *error,
                           size_t error_size) {
    LoadedCode *code = calloc(1, sizeof *code);
    Loading first = {
        .first = &first, .resolve = resolve, .user = user, .error = error, .error_size = error_size};
    bool ok = load(&first, code, elf, nbytes);
    loading_free(&first);
    for (Loading *l = first.next, *next; l; l = next) {
        next = l->next;
        loading_free(l);
        free(l);
    }
    if (ok) return code;
    hl_load_free(code);
    return NULL;
}

void *hl_load_symbol(const LoadedCode *code, const char *name) {
    for (; code; code = code->next)
        for (size_t i = 0; i < code->nsymbols; i++)
            if (code->symbols[i].is_exported && strcmp(code->symbols[i].name, name) == 0)
                return code->symbols[i].address;
    return NULL;
}

size_t hl_load_nbytes(const LoadedCode *code) {
    size_t nbytes = 0;
    for (; code; code = code->next)
        nbytes += code->nbytes;
    return nbytes;
}

void hl_load_free(LoadedCode *code) {
    if (!code) return;
    hl_load_debug_remove(code->debug);
    hl_load_deregister_frames(code->frames);
    if (code->base) munmap(code->base, code->nbytes);
    for (size_t i = 0; i < code->nsymbols; i++)
        free(code->symbols[i].name);
    free(code->symbols);
    hl_load_free(code->next);
    free(code);
}
