/* Counted memory blocks shared by compiled code and NumPy arrays. retain and release are also bitcode.
 *
 * A block is a 64-byte HlBlock header and the data behind it. Counts are atomic: arrays travel between
 * threads. The number of live blocks is what the tests compare before and after.
 *
 * Memory is malloc's and aligned here: small blocks come from its per-thread lists then, which aligned_alloc goes past. Large
 * ones are large.c's.
 */
#include "runtime/runtime.h"
#include <stdatomic.h>

typedef _Atomic(int64_t) Counter;
_Static_assert(sizeof(Counter) == sizeof(int64_t), "a counter is a plain 64-bit field");

void hlrt_retain(void *owner) {
    HlBlock *block = hl_block_of(owner);
    if (block) atomic_fetch_add_explicit((Counter *)&block->refcount, 1, memory_order_relaxed);
}

void hlrt_release(void *owner) {
    HlBlock *block = hl_block_of(owner);
    if (!block) return;
    Counter *count = (Counter *)&block->refcount;
    bool is_only = atomic_load_explicit(count, memory_order_acquire) == 1; /* then nobody else counts */
    if (is_only || atomic_fetch_sub_explicit(count, 1, memory_order_acq_rel) == 1) hlrt_free_block(block);
}

/* One object of Python's has a block for each time it is an argument. */
int64_t hlrt_same_owner(void *a, void *b) {
    HlBlock *x = hl_block_of(a), *y = hl_block_of(b);
    if ((char *)a - (char *)x != (char *)b - (char *)y) return 0;
    return x == y || (x && y && x->object && x->object == y->object);
}

#ifndef HL_BITCODE
#include <stdlib.h>

enum { ALIGNMENT = 64 };

/* Counted in several places, so that threads that allocate do not wait for each other. */
static struct {
    Counter n;
    char own_cache_line[ALIGNMENT - sizeof(Counter)];
} live[16];

static void count_live(int64_t change) {
    /* threads' storage lies in pages of their own */
    static __thread char of_thread __attribute__((tls_model("initial-exec")));
    atomic_fetch_add_explicit(&live[(uintptr_t)&of_thread >> 12 & 15].n, change, memory_order_relaxed);
}

int64_t hlrt_live_blocks(void) {
    int64_t n = 0;
    for (size_t i = 0; i < sizeof live / sizeof *live; i++)
        n += atomic_load(&live[i].n);
    return n;
}

void hlrt_free_block(HlBlock *block) {
    if (block->release_object) {
        block->release_object(block);
        return;
    }
    hlrt_free_memory(block);
}

void *hlrt_raise_memory(HlContext *ctx, int64_t nbytes) {
    ctx->status = 1;
    ctx->error.kind = HL_ERROR_MEMORY;
    ctx->error.nframes = 0;
    ctx->error.npayload = 1;
    ctx->error.payload[0] = (uint64_t)nbytes;
    return NULL;
}

/* ---- blocks ---------------------------------------------------------------------------------- */

/* The memory's own address goes in front of the block, for free. */
static HlBlock *new_small(int64_t nbytes) {
    char *memory = malloc(sizeof memory + sizeof(HlBlock) + ALIGNMENT + (size_t)nbytes);
    if (!memory) return NULL;
    uintptr_t least = (uintptr_t)memory + sizeof memory;
    HlBlock *block = (HlBlock *)(memory + sizeof memory + (-least & (ALIGNMENT - 1)));
    ((void **)block)[-1] = memory;
    return block;
}

static HlBlock *new_block(int64_t nbytes) {
    return nbytes < HL_LARGE_FROM ? new_small(nbytes) : hlrt_new_large(nbytes);
}

void hlrt_free_memory(HlBlock *block) {
    count_live(-1);
    if (block->nbytes < HL_LARGE_FROM)
        free(((void **)block)[-1]);
    else
        hlrt_free_large(block);
}

static HlBlock *new_block_after_all(int64_t nbytes) {
    hlrt_drop_kept();
    return new_block(nbytes);
}

void *hlrt_alloc(HlContext *ctx, int64_t nbytes) {
    if (nbytes < 0 || nbytes > HL_LARGE_UP_TO) return hlrt_raise_memory(ctx, nbytes);
    HlBlock *block = new_block(nbytes);
    if (!block && !(block = new_block_after_all(nbytes))) return hlrt_raise_memory(ctx, nbytes);
    *block = (HlBlock){.refcount = 1, .nbytes = nbytes};
    count_live(1);
    return block;
}

/* ---- arrays ---------------------------------------------------------------------------------- */

/* -1 when it raised. As numpy.empty: a negative size first, then a product that does not fit, sizes of zero left out of it. */
static int64_t array_nbytes(HlContext *ctx, int64_t itemsize, int64_t ndim, const int64_t *shape) {
    static const HlErrorSite negative = {"ValueError", -1, "negative dimensions are not allowed", NULL, 0};
    static const HlErrorSite too_big = {
        "ValueError", -1,
        "array is too big; `arr.size * arr.dtype.itemsize` is larger than the "
        "maximum possible size.",
        NULL, 0};
    int64_t nbytes = itemsize;
    bool overflow = false, empty = false;
    for (int64_t i = 0; i < ndim; i++) {
        if (shape[i] < 0) {
            hlrt_raise(ctx, &negative, NULL, 0);
            return -1;
        }
        if (shape[i] == 0)
            empty = true;
        else
            overflow |= __builtin_mul_overflow(nbytes, shape[i], &nbytes);
    }
    if (overflow) hlrt_raise(ctx, &too_big, NULL, 0);
    return overflow ? -1 : empty ? 0 : nbytes;
}

/* The MemoryError that is recorded names shape and dtype. */
static void name_array(HlContext *ctx, int64_t kind, int64_t ndim, const int64_t *shape) {
    uint64_t *payload = ctx->error.payload;
    if (ndim > 2 * HL_MAX_ERROR_ARGS - 2) return;
    payload[1] = (uint64_t)kind;
    for (int64_t i = 0; i < ndim; i++)
        payload[2 + i] = (uint64_t)shape[i];
    ctx->error.npayload = (int32_t)(2 + ndim);
}

void *hlrt_alloc_nd(HlContext *ctx, int64_t kind, int64_t itemsize, int64_t ndim, const void *shape) {
    int64_t nbytes = array_nbytes(ctx, itemsize, ndim, shape);
    if (nbytes < 0) return NULL;
    void *block = hlrt_alloc(ctx, nbytes);
    if (!block) name_array(ctx, kind, ndim, shape);
    return block;
}

void *hlrt_alloc_1d(HlContext *ctx, int64_t kind, int64_t itemsize, int64_t size) {
    return hlrt_alloc_nd(ctx, kind, itemsize, 1, &size);
}

void *hlrt_alloc_2d(HlContext *ctx, int64_t kind, int64_t itemsize, int64_t rows, int64_t columns) {
    return hlrt_alloc_nd(ctx, kind, itemsize, 2, (int64_t[]){rows, columns});
}
#endif
