/* Lists of compiled code: items of one type side by side in memory that grows.
 *
 * A list is a block (runtime.h) whose header says all there is to say; it has no data behind it. An item is one scalar
 * of its own size, or its machine components in slots of eight bytes. `refs` has a bit for each slot that holds a counted
 * block, so that a list can be freed without knowing its type; slots behind the length of such a list are zero. A
 * list learns the size of its items when it first gets one: an empty list of any type is the same thing.
 */
#include "runtime/runtime.h"

/* A new item at the end, all zero where items hold references. */
int64_t hlrt_list_push(HlContext *ctx, void *list, int64_t nbytes, int64_t refs) {
    HlList *l = list;
    if (l->len == l->capacity && !hlrt_list_reserve(ctx, l, l->len + 1, nbytes, refs)) return 0;
    return l->len++;
}

#ifndef HL_BITCODE
#include <stdlib.h>
#include <string.h>

static void drop_items(HlList *l, int64_t from, int64_t to) {
    if (!l->refs) return;
    for (int64_t i = from; i < to; i++) {
        void **slots = (void **)(l->items + i * l->nbytes);
        for (uint64_t refs = l->refs; refs; refs &= refs - 1) {
            hlrt_release(slots[__builtin_ctzll(refs)]);
            slots[__builtin_ctzll(refs)] = NULL;
        }
    }
}

static void free_list(HlBlock *block) {
    HlList *l = (HlList *)block;
    drop_items(l, 0, l->len);
    free(l->items);
    hlrt_free_memory(block);
}

void *hlrt_list_new(HlContext *ctx) {
    HlBlock *block = hlrt_alloc(ctx, 0);
    if (block) block->release_object = free_list;
    return block;
}

/* Makes room for n items; false with MemoryError. */
bool hlrt_list_reserve(HlContext *ctx, HlList *l, int64_t n, int64_t nbytes, int64_t refs) {
    int64_t capacity = l->capacity + l->capacity / 2 + 4, total;
    if (capacity < n) capacity = n;
    char *items = NULL;
    if (!__builtin_mul_overflow(capacity, nbytes, &total)) items = realloc(l->items, (size_t)total + 1);
    if (!items) {
        hlrt_raise_memory(ctx, INT64_MAX);
        return false;
    }
    if (refs) memset(items + l->capacity * nbytes, 0, (size_t)((capacity - l->capacity) * nbytes));
    l->items = items;
    l->capacity = capacity;
    l->nbytes = nbytes;
    l->refs = (uint64_t)refs;
    return true;
}

/* New items are zero; those that go are released. */
void hlrt_list_resize(HlContext *ctx, void *list, int64_t n, int64_t nbytes, int64_t refs) {
    HlList *l = list;
    if (n > l->capacity && !hlrt_list_reserve(ctx, l, n, nbytes, refs)) return;
    int64_t before = l->len;
    l->len = n;
    if (n < before)
        drop_items(l, n, before);
    else if (n > before)
        memset(l->items + before * nbytes, 0, (size_t)((n - before) * nbytes));
}

/* Item `from` goes to place `to`; those between move by one. */
void hlrt_list_rotate(void *list, int64_t from, int64_t to) {
    HlList *l = list;
    char saved[8 * 64], *source = l->items + from * l->nbytes, *target = l->items + to * l->nbytes;
    size_t nbytes = (size_t)l->nbytes;
    memcpy(saved, source, nbytes);
    if (from < to)
        memmove(source, source + nbytes, (size_t)(to - from) * nbytes);
    else
        memmove(target + nbytes, target, (size_t)(from - to) * nbytes);
    memcpy(target, saved, nbytes);
}
#endif
