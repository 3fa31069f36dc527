/* Counted memory blocks shared by compiled code and NumPy arrays. retain and release are also bitcode.
 *
 * A block is a 64-byte HlBlock header and the data behind it. Counts are atomic: arrays travel between
 * threads. The number of live blocks is what the tests compare before and after.
 *
 * Memory is malloc's and aligned here: small blocks come from its per-thread lists then, which aligned_alloc goes past.
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
    if (block && atomic_fetch_sub_explicit((Counter *)&block->refcount, 1, memory_order_acq_rel) == 1)
        hlrt_free_block(block);
}

/* One object of Python's has a block for each time it is an argument. */
int64_t hlrt_same_owner(void *a, void *b) {
    HlBlock *x = hl_block_of(a), *y = hl_block_of(b);
    if ((char *)a - (char *)x != (char *)b - (char *)y) return 0;
    return x == y || (x && y && x->object && x->object == y->object);
}

#ifndef HL_BITCODE
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { ALIGNMENT = 64, HUGE_PAGE = 2 << 20, HUGE_FROM = 4 << 20 };

/* Counted in several places, so that threads that allocate do not wait for each other. */
static struct {
    Counter n;
    char own_cache_line[ALIGNMENT - sizeof(Counter)];
} live[16];

static void count_live(int64_t change) {
    static __thread char of_thread; /* threads' storage lies in pages of their own */
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

void hlrt_free_memory(HlBlock *block) {
    count_live(-1);
    free(((void **)block)[-1]);
}

void *hlrt_raise_memory(HlContext *ctx, int64_t nbytes) {
    ctx->status = 1;
    ctx->error.kind = HL_ERROR_MEMORY;
    ctx->error.nframes = 0;
    ctx->error.npayload = 1;
    ctx->error.payload[0] = (uint64_t)nbytes;
    return NULL;
}

void hlrt_alloc_failed(HlContext *ctx, const void *shape, int64_t ndim, int64_t kind) {
    uint64_t *payload = ctx->error.payload;
    if (ndim > 2 * HL_MAX_ERROR_ARGS - 2) return;
    payload[1] = (uint64_t)kind;
    memcpy(payload + 2, shape, (size_t)ndim * sizeof *payload);
    ctx->error.npayload = (int32_t)(2 + ndim);
}

/* Asks for huge pages where they pay: the first touch of a large array costs less than half then. */
static void advise_huge(char *start, size_t nbytes) {
    uintptr_t from = ((uintptr_t)start + HUGE_PAGE - 1) & ~(uintptr_t)(HUGE_PAGE - 1);
    uintptr_t to = ((uintptr_t)start + nbytes) & ~(uintptr_t)(HUGE_PAGE - 1);
    if (from < to) madvise((void *)from, to - from, MADV_HUGEPAGE);
}

/* The memory's own address goes in front of the block, for free. */
static HlBlock *align(char *memory) {
    uintptr_t from = (uintptr_t)memory + sizeof memory;
    char *block = memory + sizeof memory + (-from & (ALIGNMENT - 1));
    ((void **)block)[-1] = memory;
    return (HlBlock *)block;
}

void *hlrt_alloc(HlContext *ctx, int64_t nbytes) {
    enum { AROUND = sizeof(HlBlock) + sizeof(void *) + ALIGNMENT };
    if (nbytes < 0 || nbytes > INT64_MAX - AROUND) return hlrt_raise_memory(ctx, nbytes);
    size_t total = AROUND + (size_t)nbytes;
    char *memory = malloc(total);
    if (!memory) return hlrt_raise_memory(ctx, nbytes);
    if (total >= HUGE_FROM) advise_huge(memory, total);
    HlBlock *block = align(memory);
    *block = (HlBlock){.refcount = 1, .nbytes = nbytes};
    count_live(1);
    return block;
}

/* As numpy.empty: a negative size first, then a product that does not fit, sizes of zero left out of it. */
int64_t hlrt_shape_nbytes(HlContext *ctx, const void *shape, int64_t ndim, int64_t itemsize) {
    static const HlErrorSite negative = {"ValueError", -1, "negative dimensions are not allowed", NULL, 0};
    static const HlErrorSite too_big = {
        "ValueError", -1,
        "array is too big; `arr.size * arr.dtype.itemsize` is larger than the "
        "maximum possible size.",
        NULL, 0};
    const int64_t *dims = shape;
    int64_t nbytes = itemsize;
    bool overflow = false, empty = false;
    for (int64_t i = 0; i < ndim; i++) {
        if (dims[i] < 0) {
            hlrt_raise(ctx, &negative, NULL, 0);
            return 0;
        }
        if (dims[i] == 0)
            empty = true;
        else
            overflow |= __builtin_mul_overflow(nbytes, dims[i], &nbytes);
    }
    if (overflow) hlrt_raise(ctx, &too_big, NULL, 0);
    return overflow || empty ? 0 : nbytes;
}
#endif
