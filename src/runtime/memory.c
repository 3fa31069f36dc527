/* Counted memory blocks shared by compiled code and NumPy arrays. retain and release are also bitcode.
 *
 * A block is a 64-byte HlBlock header and the data behind it. Counts are atomic: arrays travel between
 * threads. The number of live blocks is what the tests compare before and after.
 *
 * Memory is malloc's and aligned here: small blocks come from its per-thread lists then, which aligned_alloc goes past. Of the
 * large blocks the last one that was freed is kept for the next of its size: the first touch of fresh pages costs as much as a pass of
 * arithmetic over them.
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
#include <sys/mman.h>

enum { ALIGNMENT = 64, PAGE = 4096, PLACED_FROM = 128 << 10 };
enum { HUGE_PAGE = 2 << 20, HUGE_FROM = 4 << 20, LENT_FROM = 32 << 20, KEPT_UP_TO = 256 << 20 };

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

/* Of the data of a large block, by whole huge pages. */
static bool advise(HlBlock *block, int advice) {
    uintptr_t data = (uintptr_t)(block + 1), end = data + (uintptr_t)block->nbytes;
    uintptr_t from = (data + HUGE_PAGE - 1) & ~(uintptr_t)(HUGE_PAGE - 1),
              to = end & ~(uintptr_t)(HUGE_PAGE - 1);
    return from < to && madvise((void *)from, to - from, advice) == 0;
}

/* Data lies at `place` in some `period` of addresses. A load waits for an earlier store if their addresses differ by whole pages and
 * little more: a loop takes up to 1.3 times as long whose result begins 16 to 512 bytes further into its page than an operand.
 * Large arrays of NumPy's begin 16 bytes into a page, where malloc gets it from the kernel. Half a page away from that, and all
 * at the same place, results are safe from theirs and from each other. */
typedef struct Placing {
    size_t period, place;
} Placing;

static Placing placing_of(int64_t nbytes) {
    return nbytes < PLACED_FROM ? (Placing){ALIGNMENT, 0} : (Placing){PAGE, PAGE / 2};
}

/* The memory's own address goes in front of the block, for free. */
static HlBlock *put_block(char *memory, Placing p) {
    uintptr_t least = (uintptr_t)memory + sizeof memory + sizeof(HlBlock);
    size_t skipped = (p.place - least) & (p.period - 1);
    HlBlock *block = (HlBlock *)(memory + sizeof memory + skipped);
    ((void **)block)[-1] = memory;
    return block;
}

static void give_back(HlBlock *block) {
    if (block) free(((void **)block)[-1]);
}

/* The large block that was freed last, or NULL; its nbytes is true, all else is not. */
static _Atomic(HlBlock *) kept;

/* It is used again where little of it would be wasted. */
static HlBlock *take_kept(int64_t nbytes) {
    HlBlock *block = atomic_exchange(&kept, NULL);
    if (!block || (block->nbytes >= nbytes && block->nbytes - nbytes <= block->nbytes / 8)) return block;
    give_back(atomic_exchange(&kept, block));
    return NULL;
}

/* Above what malloc itself keeps of freed memory, only where the kernel may take the pages whenever memory is short: to say so and
 * to write to them again costs 5 to 15 % of a pass over the block. */
static void keep(HlBlock *block) {
    bool wanted = block->nbytes >= HUGE_FROM && block->nbytes <= KEPT_UP_TO;
    bool may_keep = wanted && (block->nbytes < LENT_FROM || advise(block, MADV_FREE));
    give_back(may_keep ? atomic_exchange(&kept, block) : block);
}

void hlrt_free_memory(HlBlock *block) {
    count_live(-1);
    keep(block);
}

/* NULL: there is no memory, not even that of the block that is kept. */
static HlBlock *new_block(int64_t nbytes) {
    Placing placing = placing_of(nbytes);
    size_t total = sizeof(HlBlock) + sizeof(void *) + placing.period + (size_t)nbytes;
    char *memory = malloc(total);
    if (!memory) {
        give_back(atomic_exchange(&kept, NULL));
        memory = malloc(total);
    }
    return memory ? put_block(memory, placing) : NULL;
}

void *hlrt_alloc(HlContext *ctx, int64_t nbytes) {
    if (nbytes < 0 || nbytes > INT64_MAX - 2 * PAGE) return hlrt_raise_memory(ctx, nbytes);
    bool is_large = nbytes >= HUGE_FROM;
    HlBlock *used = is_large ? take_kept(nbytes) : NULL, *block = used ? used : new_block(nbytes);
    if (!block) return hlrt_raise_memory(ctx, nbytes);
    *block = (HlBlock){.refcount = 1, .nbytes = nbytes};
    if (is_large && !used) advise(block, MADV_HUGEPAGE); /* a first touch costs less than half then */
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
