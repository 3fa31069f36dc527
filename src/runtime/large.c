/* Memory of large blocks: where it lies, how it gets huge pages, and what becomes of it when it is freed.
 *
 * Freed blocks are kept for the next ones of their size: the first touch of fresh pages costs as much as a pass of arithmetic over them, and
 * malloc gives large memory back to the kernel whenever nothing above it is in use. Sizes are rounded up to one of 16 in each power of
 * two, and a kept block serves its own size. Each time that nothing fits, one kept block goes: what is no longer asked for does not stay.
 * No locks: a place holds a block's address and its size in one word.
 */
#include "runtime/runtime.h"

#ifndef HL_BITCODE
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { PAGE = 4096, HUGE_PAGE = 2 << 20, HUGE_FROM = 4 << 20 };
enum { PLACES = 16, HELD_UP_TO = 32 << 20, KEPT_UP_TO = 256 << 20 };

/* Data lies in the middle of a page. A load waits for an earlier store if their addresses differ by whole pages and little more: a loop
 * takes up to 1.3 times as long whose result begins 16 to 512 bytes further into its page than an operand. Large arrays of NumPy's
 * begin 16 bytes into a page, where malloc gets it from the kernel. Half a page away from that, and all at the same place, results
 * are safe from theirs and from each other. */
enum { DATA_AT = PAGE / 2, BLOCK_AT = DATA_AT - sizeof(HlBlock) };

/* ---- sizes ----------------------------------------------------------------------------------- */

static int shift_of(int64_t nbytes) {
    return 63 - __builtin_clzll((uint64_t)nbytes) - 4;
}

static int64_t rounded(int64_t nbytes) {
    int64_t step = (int64_t)1 << shift_of(nbytes);
    return nbytes <= KEPT_UP_TO ? (nbytes + step - 1) & -step : nbytes;
}

/* Of a rounded size; smaller than a page. */
static uintptr_t number_of(int64_t size) {
    return (uintptr_t)(shift_of(size) * 16 + (size >> shift_of(size)));
}

/* ---- fresh memory ---------------------------------------------------------------------------- */

/* To whole huge pages of the data. */
static bool advise(HlBlock *block, int advice) {
    uintptr_t data = (uintptr_t)(block + 1), end = data + (uintptr_t)block->nbytes;
    uintptr_t from = (data + HUGE_PAGE - 1) & -(uintptr_t)HUGE_PAGE, to = end & -(uintptr_t)HUGE_PAGE;
    return from < to && madvise((void *)from, to - from, advice) == 0;
}

/* The memory's own address goes in front of the block, for free. */
static HlBlock *fresh(int64_t nbytes) {
    char *memory = malloc(sizeof memory + sizeof(HlBlock) + PAGE + (size_t)rounded(nbytes));
    if (!memory) return NULL;
    size_t skipped = (BLOCK_AT - (uintptr_t)(memory + sizeof memory)) & (PAGE - 1);
    HlBlock *block = (HlBlock *)(memory + sizeof memory + skipped);
    ((void **)block)[-1] = memory;
    block->nbytes = nbytes;
    if (nbytes >= HUGE_FROM) advise(block, MADV_HUGEPAGE); /* a first touch costs less than half then */
    return block;
}

static void give_back(HlBlock *block) {
    if (block) free(((void **)block)[-1]);
}

/* ---- kept memory ----------------------------------------------------------------------------- */

/* The page of a block and the number of its size, or 0. */
static _Atomic(uintptr_t) places[PLACES];
static _Atomic(int64_t) nbytes_kept;
static _Atomic(unsigned) turn;

static uintptr_t place_of(HlBlock *block) {
    return (uintptr_t)block - BLOCK_AT + number_of(rounded(block->nbytes));
}

/* What was taken out of a place, or NULL. */
static HlBlock *taken(uintptr_t place) {
    if (!place) return NULL;
    HlBlock *block = (HlBlock *)((place & -(uintptr_t)PAGE) + BLOCK_AT);
    atomic_fetch_sub_explicit(&nbytes_kept, block->nbytes, memory_order_relaxed);
    return block;
}

/* The places have their turn one after the other. */
static void drop_one(void) {
    unsigned i = atomic_fetch_add_explicit(&turn, 1, memory_order_relaxed) % PLACES;
    give_back(taken(atomic_exchange_explicit(&places[i], 0, memory_order_acquire)));
}

static HlBlock *take(int64_t nbytes) {
    uintptr_t number = number_of(rounded(nbytes));
    for (int i = 0; i < PLACES; i++) {
        uintptr_t place = atomic_load_explicit(&places[i], memory_order_relaxed);
        if ((place & (PAGE - 1)) == number && atomic_compare_exchange_strong(&places[i], &place, 0))
            return taken(place);
    }
    drop_one();
    return NULL;
}

static bool put(HlBlock *block) {
    for (int i = 0; i < PLACES; i++) {
        uintptr_t empty = 0;
        if (atomic_load_explicit(&places[i], memory_order_relaxed) == 0 &&
            atomic_compare_exchange_strong(&places[i], &empty, place_of(block)))
            return true;
    }
    return false;
}

/* What malloc itself might keep is kept as it is. Of more than that, the kernel may take the pages whenever memory is short: to say so and to write
 * to them again costs 5 to 15 % of a pass over the block. */
static bool keep(HlBlock *block) {
    int64_t nbytes = block->nbytes, all = atomic_fetch_add(&nbytes_kept, nbytes) + nbytes;
    bool may_keep = all <= HELD_UP_TO || (all <= KEPT_UP_TO && advise(block, MADV_FREE));
    if (may_keep && put(block)) return true;
    atomic_fetch_sub(&nbytes_kept, nbytes);
    return false;
}

HlBlock *hlrt_new_large(int64_t nbytes) {
    HlBlock *block = nbytes <= KEPT_UP_TO ? take(nbytes) : NULL;
    return block ? block : fresh(nbytes);
}

void hlrt_free_large(HlBlock *block) {
    if (!keep(block)) give_back(block);
}

void hlrt_drop_kept(void) {
    for (int i = 0; i < PLACES; i++)
        drop_one();
}
#endif
