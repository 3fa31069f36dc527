/* What the files of load/ share: the checked view of an object (elf.c), its place in memory (place.c). */
#ifndef HL_LOAD_INTERNAL_H
#define HL_LOAD_INTERNAL_H

#include <elf.h>
#include <stdint.h>

#include "load/load.h"

/* An object whose headers, section ranges, symbol names and table sizes have been checked. */
typedef struct {
    const uint8_t *bytes;
    size_t nbytes;
    Elf64_Shdr *sections;
    uint32_t nsections;
    Elf64_Sym *symbols;
    uint32_t nsymbols;
    const char *strings;
    size_t strings_nbytes;
    const char *section_names;
    size_t section_names_nbytes;
} Object;

/* Where a section goes: offset in the mapping. */
typedef struct {
    uint64_t offset;
    bool is_loaded;
} SectionPlace;

/* What a symbol needs: slots count from 1, 0 is none. */
typedef struct {
    uint64_t address;
    uint32_t got_slot;
    uint32_t stub;
    bool is_known;
    bool is_external;
} SymbolPlace;

/* One object in a run of the loader. The mapping: code, stubs, GOT, read-only data | page | data, bss. */
typedef struct Loading {
    const struct Loading *first; /* of the objects that are loaded together, which call each other */
    struct Loading *next;
    Object object;
    HlResolve resolve;
    void *user;
    char *error;
    size_t error_size;
    SectionPlace *sections;
    SymbolPlace *symbols;
    uint32_t ngot;
    uint32_t nstubs;
    uint64_t stubs_offset;
    uint64_t got_offset;
    uint64_t fixed_nbytes;
    uint64_t nbytes;
    uint8_t *base; /* NULL: no such object */
} Loading;

/* A name and the address a LoadedCode gives for it. */
typedef struct {
    char *name;
    void *address;
    uint64_t nbytes;
    bool is_function;
    bool is_exported;
} LoadedSymbol;

typedef struct DebugEntry DebugEntry;

struct LoadedCode {
    uint8_t *base;
    size_t nbytes;
    void *frames;
    LoadedSymbol *symbols;
    size_t nsymbols;
    DebugEntry *debug;
    LoadedCode *next; /* the object behind it */
};

/* load.c: writes the reason into l->error and returns false. */
bool hl_load_fail(const Loading *l, const char *format, ...) HL_PRINTF(2, 3);

/* elf.c */
bool hl_load_read(Loading *l, const void *elf, size_t nbytes);
void hl_load_read_free(Object *o);
const char *hl_load_section_name(const Object *o, uint32_t section);
const char *hl_load_symbol_name(const Object *o, uint32_t symbol);

/* place.c */
bool hl_load_place(Loading *l);
bool hl_load_map(Loading *l);
bool hl_load_protect(Loading *l);

/* relocate.c */
bool hl_load_survey(Loading *l);
bool hl_load_relocate(Loading *l);
bool hl_load_address(Loading *l, uint32_t symbol, uint64_t *address);

/* frames.c: gives NULL where the object has no unwind information; false where it is damaged. */
bool hl_load_find_frames(Loading *l, void **frames);
void hl_load_register_frames(void *frames);
void hl_load_deregister_frames(void *frames);

/* debugger.c */
DebugEntry *hl_load_debug_add(const Loading *l);
void hl_load_debug_remove(DebugEntry *entry);

/* perf.c */
void hl_load_tell_perf(const LoadedCode *code);

#endif
