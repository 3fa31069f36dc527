/* Python sets as arguments and results.
 *
 * Compiled code keeps a set as CPython does (prelude/core/sets.py), so a table crosses place for place: keys are visited in
 * the same order on both sides. A set argument's table is copied for the call; where the call has changed it, the same
 * Python object gets the new one when it ends, with the old objects of the keys that stayed.
 */
#include "dispatch/internal.h"

#include <stdlib.h>
#include <string.h>

enum { TAG_FREE = 0, TAG_REMOVED = 2, USED = 0, FILLED = 1, FINGER = 2 };

static uint64_t tag_of(Py_hash_t hash) {
    return 2 * (uint64_t)hash + 1;
}

/* Of a set's own entry: no key has the hash -1. */
static bool is_removed(const setentry *entry) {
    return entry->key && entry->hash == -1;
}

static uint64_t tag_at(const setentry *entry) {
    return !entry->key ? TAG_FREE : is_removed(entry) ? TAG_REMOVED : tag_of(entry->hash);
}

/* A pair of compiled code: its tag, then the components of the key. */
static uint64_t *pair_at(const HlList *table, Py_ssize_t i) {
    return (uint64_t *)(table->items + i * table->nbytes);
}

static uint64_t *place_at(const HlList *table, Py_ssize_t i) {
    return pair_at(table, SET_HEADER + i);
}

/* ---- arguments ----------------------------------------------------------------------------------------- */

static bool copy_in(const UnboxOp *op, const PySetObject *set, HlList *table, Unboxed *out) {
    Layout layout;
    uint64_t slots[MAX_ITEM_SLOTS];
    find_layout(op->item, &layout);
    table->nbytes = layout.nbytes;
    table->len = table->capacity = SET_HEADER + set->mask + 1;
    table->items = calloc((size_t)table->len, layout.nbytes);
    if (!table->items) return false;
    *pair_at(table, USED) = (uint64_t)set->used;
    *pair_at(table, FILLED) = (uint64_t)set->fill;
    *pair_at(table, FINGER) = (uint64_t)set->finger;
    for (Py_ssize_t i = 0; i <= set->mask; i++) {
        const setentry *entry = &set->table[i];
        Unboxed key = {slots + 1, NULL, out->lists};
        slots[0] = tag_at(entry);
        bool there = slots[0] & 1;
        if (there && !unbox_one(op + 1, entry->key, &key)) return false;
        if (there)
            store_item(&layout, (char *)place_at(table, i), slots);
        else
            *place_at(table, i) = slots[0];
    }
    return true;
}

bool unbox_set(const UnboxOp *op, PyObject *v, Unboxed *out) {
    ListArgument *a;
    const PySetObject *set = (const PySetObject *)v;
    if (Py_TYPE(v) != &PySet_Type) return false;
    if (op->n == 1 && set->used) return false; /* an empty set, whatever its keys will be */
    if (!list_argument(op, v, false, out, &a)) return false;
    return !a || !set->fill || op->item->kind == TY_BOTTOM || copy_in(op, set, &a->list, out);
}

/* ---- tables of compiled code as Python's --------------------------------------------------------------- */

/* The object of a key: the one that the set had for it, or a new one. */
static PyObject *key_object(const ListArgument *a, PyObject *old, const Type *key, const uint64_t *slots,
                            Boxing *in) {
    PyObject *object = box_item(key, slots, in);
    PyObject *before = object && old ? PyDict_GetItemWithError(old, object) : NULL;
    if (before && is_same_item(a->op + 1, key, before, slots)) Py_SETREF(object, Py_NewRef(before));
    return object;
}

/* A NaN, whose hash is another one for each object, does not stand where Python would look for it. */
static bool put_at(PySetObject *set, Py_ssize_t place, PyObject *key, uint64_t tag) {
    Py_hash_t hash = PyObject_Hash(key);
    if (hash == -1 || tag_of(hash) != tag) {
        Py_DECREF(key);
        return false;
    }
    set->table[place] = (setentry){key, hash};
    set->used++;
    set->fill++;
    return true;
}

/* An empty set with a table of this many places. */
static PySetObject *new_set(Py_ssize_t places) {
    PySetObject *set = (PySetObject *)PySet_New(NULL);
    if (!set || places <= PySet_MINSIZE) return set;
    setentry *table = PyMem_Calloc((size_t)places, sizeof *table);
    if (!table) {
        PyErr_NoMemory();
        Py_CLEAR(set);
        return NULL;
    }
    set->table = table;
    set->mask = places - 1;
    return set;
}

/* Place for place; NULL without an exception where a key has to be put anew. */
static PyObject *copy_out(const ListArgument *a, PyObject *old, const HlList *table, const Type *item,
                          Boxing *in) {
    Layout layout;
    uint64_t slots[MAX_ITEM_SLOTS];
    find_layout(item, &layout);
    Py_ssize_t places = table->len - SET_HEADER;
    PySetObject *set = new_set(places);
    for (Py_ssize_t i = 0; set && i < places; i++) {
        load_item(&layout, (const char *)place_at(table, i), slots);
        if (slots[0] == TAG_REMOVED) {
            set->table[i] = (setentry){interp_set_dummy(), -1};
            set->fill++;
        }
        if (!(slots[0] & 1)) continue;
        PyObject *key = key_object(a, old, item->args[1], slots + 1, in);
        if (!key || !put_at(set, i, key, slots[0])) Py_CLEAR(set);
    }
    if (set) set->finger = (Py_ssize_t)*pair_at(table, FINGER);
    return (PyObject *)set;
}

/* Key by key. */
static PyObject *add_all(const ListArgument *a, PyObject *old, const HlList *table, const Type *item,
                         Boxing *in) {
    Layout layout;
    uint64_t slots[MAX_ITEM_SLOTS];
    find_layout(item, &layout);
    PyObject *set = PySet_New(NULL);
    for (Py_ssize_t i = SET_HEADER; set && i < table->len; i++) {
        load_item(&layout, (const char *)pair_at(table, i), slots);
        if (!(slots[0] & 1)) continue;
        PyObject *key = key_object(a, old, item->args[1], slots + 1, in);
        if (!key || PySet_Add(set, key) < 0) Py_CLEAR(set);
        Py_XDECREF(key);
    }
    return set;
}

static PyObject *new_object(const ListArgument *a, PyObject *old, const HlList *table, const Type *item,
                            Boxing *in) {
    if (!table->len) return PySet_New(NULL);
    PyObject *set = copy_out(a, old, table, item, in);
    return set || PyErr_Occurred() ? set : add_all(a, old, table, item, in);
}

PyObject *box_set(const Type *type, Boxing *in) {
    HlList *table = (HlList *)(uintptr_t)*in->slot++;
    PyObject *object = table->object ? (PyObject *)table->object : box_find(in, table);
    if (object) {
        Py_INCREF(object);
    } else {
        object = new_object(NULL, NULL, table, type->args[0]->args[0], in);
        if (object && !box_remember(in, table, object)) Py_CLEAR(object);
    }
    hlrt_release(table);
    return object;
}

/* ---- writing back --------------------------------------------------------------------------------------- */

static bool is_unchanged(const ListArgument *a, const PySetObject *set) {
    const HlList *table = &a->list;
    const Type *item = a->op->item;
    Layout layout;
    uint64_t slots[MAX_ITEM_SLOTS];
    if (!table->len) return !set->used;
    if (table->len != SET_HEADER + set->mask + 1 || (Py_ssize_t)*pair_at(table, FINGER) != set->finger)
        return false;
    find_layout(item, &layout);
    for (Py_ssize_t i = 0; i <= set->mask; i++) {
        const setentry *entry = &set->table[i];
        load_item(&layout, (const char *)place_at(table, i), slots);
        if (slots[0] != tag_at(entry)) return false;
        if (slots[0] & 1 && !is_same_item(a->op + 1, item->args[1], entry->key, slots + 1)) return false;
    }
    return true;
}

/* What the two sets hold changes places. */
static void swap_bodies(PySetObject *a, PySetObject *b) {
    PySetObject old = *a;
    bool a_small = a->table == a->smalltable, b_small = b->table == b->smalltable;
    a->fill = b->fill, a->used = b->used, a->mask = b->mask, a->finger = b->finger;
    memcpy(a->smalltable, b->smalltable, sizeof a->smalltable);
    a->table = b_small ? a->smalltable : b->table;
    b->fill = old.fill, b->used = old.used, b->mask = old.mask, b->finger = old.finger;
    memcpy(b->smalltable, old.smalltable, sizeof b->smalltable);
    b->table = a_small ? b->smalltable : old.table;
}

bool set_write_back(const ListArgument *a, Boxing *in) {
    PySetObject *set = (PySetObject *)a->list.object;
    if (is_unchanged(a, set)) return true;
    PyObject *old = PyDict_New(), *fresh = NULL;
    bool good = old != NULL;
    for (Py_ssize_t i = 0; good && i <= set->mask; i++) {
        PyObject *key = set->table[i].key;
        if (key && !is_removed(&set->table[i])) good = PyDict_SetItem(old, key, key) == 0;
    }
    if (good) fresh = new_object(a, old, &a->list, a->op->item, in);
    if (fresh) swap_bodies(set, (PySetObject *)fresh);
    Py_XDECREF(old);
    Py_XDECREF(fresh);
    return fresh != NULL;
}
