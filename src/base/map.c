/* map: pointer or integer -> pointer. Open addressing with linear probing; a table is a power of two, at most
 * 3/4 full. Nothing is ever taken out, so there are no tombstones; grown tables stay in the arena. */
#include "base/base.h"

static uint32_t first_slot(uintptr_t key, uint32_t cap) {
    uint64_t mixed = (uint64_t)key * 0x9E3779B97F4A7C15u;
    return (uint32_t)(mixed >> 32) & (cap - 1);
}

/* The slot that holds the key, or the free one where it belongs. */
static MapSlot *find(MapSlot *slots, uint32_t cap, uintptr_t key) {
    uint32_t i = first_slot(key, cap);
    while (slots[i].key && slots[i].key != key)
        i = (i + 1) & (cap - 1);
    return &slots[i];
}

void *hl_map_get(const Map *map, uintptr_t key) {
    return map->len ? find(map->slots, map->cap, key)->value : NULL;
}

static void grow(Arena *arena, Map *map) {
    uint32_t cap = map->cap ? map->cap * 2 : 16;
    MapSlot *slots = hl_new_array(arena, MapSlot, cap);
    for (uint32_t i = 0; i < map->cap; i++)
        if (map->slots[i].key) *find(slots, cap, map->slots[i].key) = map->slots[i];
    map->slots = slots;
    map->cap = cap;
}

void hl_map_set(Arena *arena, Map *map, uintptr_t key, void *value) {
    if (map->len >= map->cap / 4 * 3) grow(arena, map);
    MapSlot *slot = find(map->slots, map->cap, key);
    if (!slot->key) map->len++;
    *slot = (MapSlot){key, value};
}
