/* sets: a display of constants, {1, 2, 3}, as the set that CPython makes of it.
 *
 * The constant is a frozenset that an empty set is updated with. Where the keys then stand in the new table, and with that
 * the order in which they are visited, follows from CPython's own rules (setobject.c): a table of the same size is
 * copied, another one gets the keys in their order.
 */
#include "bytecode/internal.h"

enum { SMALLEST_TABLE = 8, LINEAR_PROBES = 9, PERTURB_SHIFT = 5 };

static size_t new_size(size_t nkeys) {
    size_t size = SMALLEST_TABLE;
    while (5 * nkeys >= 3 * (size_t)(SMALLEST_TABLE - 1) && size <= 2 * nkeys)
        size <<= 1;
    return size;
}

/* The first free place for a key. */
static size_t free_place(const bool *taken, size_t size, size_t hash) {
    size_t mask = size - 1, perturb = hash, i = hash & mask;
    for (;; perturb >>= PERTURB_SHIFT, i = (i * 5 + 1 + perturb) & mask)
        for (size_t k = i; k <= (i + LINEAR_PROBES <= mask ? i + LINEAR_PROBES : i); k++)
            if (!taken[k]) return k;
}

static Ref number(Builder *b, int64_t value, Loc loc) {
    Ref ref = hl_bc_emit(b, OP_PY_CONST, NULL, 0, (Aux){.i = value}, loc);
    hl_ins(b->f, ref)->type = hl_type_lit_int(value);
    return ref;
}

Ref hl_bc_constant_set(Builder *b, PyObject *frozenset, Loc loc) {
    const PySetObject *set = (const PySetObject *)frozenset;
    size_t nkeys = (size_t)set->used, size = new_size(nkeys), n = 0;
    bool copied = size == (size_t)set->mask + 1, *taken = hl_new_array(&b->c->arena, bool, size);
    Ref *operands = hl_new_array(&b->c->arena, Ref, 3 * nkeys + 1);
    operands[n++] = number(b, (int64_t)size, loc);
    for (size_t i = 0; i <= (size_t)set->mask; i++) {
        const setentry *entry = &set->table[i];
        if (!entry->key) continue;
        size_t place = copied ? i : free_place(taken, size, (size_t)entry->hash);
        taken[place] = true;
        if (!hl_bc_push_object(b, entry->key, loc)) return 0;
        operands[n++] = number(b, (int64_t)place, loc);
        operands[n++] = number(b, entry->hash, loc);
        operands[n++] = hl_bc_pop(b).ref;
    }
    return hl_bc_emit(b, OP_PY_SET_TABLE, operands, (uint32_t)n, (Aux){0}, loc);
}
