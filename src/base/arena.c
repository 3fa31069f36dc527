/* arena: memory of one lifetime, handed out by moving a pointer and freed whole.
 *
 * Slabs come zeroed and double from SLAB_MIN to SLAB_MAX; a request larger than what is left of a
 * slab gets a fresh one. Under AddressSanitizer the unused part of a slab is poisoned and a gap of 16 bytes
 * follows each piece, so an overrun is seen although malloc knows nothing of pieces; after hl_arena_free the
 * whole slab is poisoned.
 */
#include <string.h>

#include "base/base.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
enum { GAP = 16 };
#else
#define ASAN_POISON_MEMORY_REGION(start, nbytes) ((void)(start), (void)(nbytes))
#define ASAN_UNPOISON_MEMORY_REGION(start, nbytes) ((void)(start), (void)(nbytes))
enum { GAP = 0 };
#endif

enum { ALIGN = 16, SLAB_MIN = 32 << 10, SLAB_MAX = 512 << 10 };

struct ArenaSlab {
    ArenaSlab *older;
    size_t nbytes; /* of the part behind this header */
    _Alignas(ALIGN) char data[];
};

static void add_slab(Arena *arena, size_t at_least) {
    size_t nbytes = arena->slabs ? arena->slabs->nbytes * 2 : SLAB_MIN;
    if (nbytes > SLAB_MAX) nbytes = SLAB_MAX;
    if (nbytes < at_least) nbytes = at_least;
    ArenaSlab *slab = hl_memory_alloc(sizeof *slab + nbytes);
    slab->older = arena->slabs;
    slab->nbytes = nbytes;
    arena->slabs = slab;
    arena->next = slab->data;
    arena->end = slab->data + nbytes;
    ASAN_POISON_MEMORY_REGION(slab->data, nbytes);
}

void *hl_arena_alloc(Arena *arena, size_t nbytes) {
    size_t step = (nbytes + GAP + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if ((size_t)(arena->end - arena->next) < step) add_slab(arena, step);
    void *piece = arena->next;
    arena->next += step;
    ASAN_UNPOISON_MEMORY_REGION(piece, nbytes);
    return piece;
}

char *hl_arena_strdup(Arena *arena, const char *text) {
    size_t nbytes = strlen(text) + 1;
    return memcpy(hl_arena_alloc(arena, nbytes), text, nbytes);
}

char *hl_arena_printf(Arena *arena, const char *format, ...) {
    Text text = {0};
    va_list args;
    va_start(args, format);
    hl_text_vprintf(&text, format, args);
    va_end(args);
    char *copy = hl_arena_strdup(arena, text.data ? text.data : "");
    hl_text_free(&text);
    return copy;
}

void hl_arena_free(Arena *arena) {
    for (ArenaSlab *slab = arena->slabs, *older; slab; slab = older) {
        older = slab->older;
        hl_memory_free(slab);
    }
    *arena = (Arena){0};
}

/* The old array stays in the arena: growth doubles, so at most as much again is lost. */
void *hl_vec_grow(Arena *arena, void *data, uint32_t len, uint32_t *cap, size_t item_nbytes) {
    uint32_t wanted = *cap ? *cap * 2 : 4;
    void *grown = hl_arena_alloc(arena, wanted * item_nbytes);
    if (len) memcpy(grown, data, len * item_nbytes);
    *cap = wanted;
    return grown;
}
