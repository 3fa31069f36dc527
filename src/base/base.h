/* base: what every folder needs and libc does not have.
 *
 * Arenas (one lifetime per compilation), growable vectors inside an arena, text buffers, interned strings,
 * pointer maps, source locations and the table of diagnostics. Nothing here knows of types, IR, Python or
 * LLVM.
 */
#ifndef HL_BASE_H
#define HL_BASE_H

#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define HL_API __attribute__((visibility("default")))
#define HL_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#define HL_COLD __attribute__((cold, noinline))
#endif

/* ---- memory.c: what arenas and texts are made of; never NULL ------------------------------------------- */

HL_API void *hl_memory_alloc(size_t nbytes); /* zero-filled, 16-byte aligned */
HL_API void *hl_memory_grow(void *piece, size_t old_nbytes, size_t nbytes);
HL_API void hl_memory_free(void *piece);  /* also of Text.data that was taken */
HL_API uint64_t hl_memory_failures(void); /* how often the system had no memory */

/* ---- fork.c: locks that a fork finds free -------------------------------------------------------------- */

/* Outermost first: who holds one may take those behind it. */
typedef enum HlGuarded {
    HL_GUARDED_BACKEND,
    HL_GUARDED_UNITS,
    HL_GUARDED_TARGET,
    HL_GUARDED_DEBUGGER,
    HL_GUARDED_TYPES,
    HL_GUARDED_STRINGS,
    HL_GUARDED_RESERVE,
    HL_NGUARDED
} HlGuarded;
HL_API void hl_fork_guard(HlGuarded place, pthread_mutex_t *lock);
/* Between the two no fork begins: it waits. They are not nested, and nobody takes Python's lock there. */
HL_API void hl_fork_hold(void);
HL_API void hl_fork_release(void);
HL_API uint32_t hl_fork_generation(void); /* how many forks lie between the first process and this one */
#define HL_GUARD_AT_FORK(place, lock)                                                                        \
    __attribute__((constructor)) static void guard_at_fork(void) {                                           \
        hl_fork_guard(place, &(lock));                                                                       \
    }

/* ---- thread.c ------------------------------------------------------------------------------------------- */

/* False where the system has no thread to give. */
HL_API bool hl_thread_start(pthread_t *thread, void *(*run)(void *), void *argument);

/* ---- arena.c: memory of one lifetime, freed whole ------------------------------------------------------ */

typedef struct ArenaSlab ArenaSlab;
typedef struct Arena {
    ArenaSlab *slabs; /* newest first */
    char *next, *end; /* the free part of the newest slab */
} Arena;

/* Zero-filled, 16-byte aligned. */
HL_API void *hl_arena_alloc(Arena *arena, size_t nbytes);
HL_API char *hl_arena_strdup(Arena *arena, const char *text);
HL_API char *hl_arena_printf(Arena *arena, const char *format, ...) HL_PRINTF(2, 3);
HL_API void hl_arena_free(Arena *arena);
#define hl_new(arena, T) ((T *)hl_arena_alloc((arena), sizeof(T)))
#define hl_new_array(arena, T, n) ((T *)hl_arena_alloc((arena), sizeof(T) * (size_t)(n)))

/* ---- vectors: VEC(T) v = {0}; hl_push(arena, &v, x) ---------------------------------------------------- */

#define VEC(T)                                                                                               \
    struct {                                                                                                 \
        T *data;                                                                                             \
        uint32_t len, cap;                                                                                   \
    }
HL_API void *hl_vec_grow(Arena *arena, void *data, uint32_t len, uint32_t *cap, size_t item_nbytes);
#define hl_push(arena, vec, item)                                                                            \
    do {                                                                                                     \
        if ((vec)->len == (vec)->cap)                                                                        \
            (vec)->data = hl_vec_grow((arena), (vec)->data, (vec)->len, &(vec)->cap, sizeof *(vec)->data);   \
        (vec)->data[(vec)->len++] = (item);                                                                  \
    } while (0)
#define hl_pop(vec) ((vec)->data[--(vec)->len])
#define hl_last(vec) ((vec)->data[(vec)->len - 1])

/* ---- text.c: a string that grows (hl_text_free, or take the data and hl_memory_free) ------------------- */

typedef struct Text {
    char *data; /* always NUL-terminated once something was written */
    size_t len, cap;
} Text;
HL_API void hl_text_printf(Text *text, const char *format, ...) HL_PRINTF(2, 3);
HL_API void hl_text_vprintf(Text *text, const char *format, va_list args);
HL_API void hl_text_append(Text *text, const char *data, size_t len);
HL_API void hl_text_free(Text *text);
/* "..." with \\, \" and \xNN for what is not printable ASCII; reads it back, moving *source behind it. */
HL_API void hl_text_quote(Text *text, const char *data, size_t len);
HL_API bool hl_text_unquote(Text *text, const char **source);

/* ---- intern.c: strings equal when their pointers are; they live as long as the process; thread-safe ---- */

HL_API const char *hl_intern(const char *text);
HL_API const char *hl_intern_n(const char *text, size_t len);

/* ---- map.c: pointer (or integer) -> pointer, open addressing, in an arena ------------------------------ */

typedef struct MapSlot {
    uintptr_t key;
    void *value;
} MapSlot;
typedef struct Map {
    MapSlot *slots;
    uint32_t len, cap;
} Map;
HL_API void *hl_map_get(const Map *map, uintptr_t key); /* NULL when absent; key 0 is not allowed */
HL_API void hl_map_set(Arena *arena, Map *map, uintptr_t key, void *value);

/* ---- locations ----------------------------------------------------------------------------------------- */

/* A place in the source of one function; columns are UTF-8 byte offsets from 0, line 0 means unknown. */
typedef struct Loc {
    int32_t line, end_line;
    int32_t col, end_col;
} Loc;

/* ---- diag.c: errors with a place, reasons with places of their own, and a hint ------------------------- */

typedef enum DiagId {
#define DIAG(name, id, class_name, text, hint) DIAG_##name,
#include "diag.def"
#undef DIAG
    DIAG_COUNT
} DiagId;

typedef struct DiagInfo {
    const char *name;       /* "NO_OVERLOAD" */
    const char *id;         /* "HL0203" */
    const char *class_name; /* the Python class raised: "TypingError" */
    const char *text;       /* printf format of the one sentence */
    const char *hint;       /* what to write instead, or "" */
} DiagInfo;
HL_API const DiagInfo *hl_diag_info(DiagId id);

typedef struct DiagNote {
    Loc loc;
    const char *file;
    const char *text;
} DiagNote;

/* The first error of a compilation, all text in its arena. */
typedef struct Diagnostic {
    bool set;
    DiagId id;
    const char *file, *function;
    Loc loc;
    const char *text;
    const char *hint; /* NULL: that of the row */
    VEC(DiagNote) notes;
} Diagnostic;

/* "a" or "an". */
HL_API const char *hl_article(const char *noun);
HL_API void hl_diag_set(Arena *arena, Diagnostic *diag, DiagId id, const char *file, const char *function,
                        Loc loc, ...);
HL_API void hl_diag_vset(Arena *arena, Diagnostic *diag, DiagId id, const char *file, const char *function,
                         Loc loc, va_list args);
HL_API void hl_diag_note(Arena *arena, Diagnostic *diag, const char *file, Loc loc, const char *format, ...)
    HL_PRINTF(5, 6);

#endif
