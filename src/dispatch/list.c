/* Python lists as arguments and results.
 *
 * A list argument is copied into a native list for the call, and what the call changed is written back to the same
 * Python object when it ends, with an error too. Items that did not change stay the objects they were. A list that is
 * met twice, as two arguments or inside another, is one native list; one that comes back is the Python object it came
 * from. A native list becomes one new Python list, wherever it stands in a result.
 */
#include "dispatch/internal.h"

#include <stdlib.h>
#include <string.h>

/* ---- items in memory (type.h) and in slots --------------------------------------------------------------- */

/* One component between memory and a slot, where integers are extended by their sign. */
static uint64_t load_component(const Type *t, const void *from) {
    switch ((int)t->kind) {
    case TY_B1: return *(const uint8_t *)from != 0;
    case TY_I8: return (uint64_t)(int64_t)*(const int8_t *)from;
    case TY_I16: return (uint64_t)(int64_t)*(const int16_t *)from;
    case TY_I32: return (uint64_t)(int64_t)*(const int32_t *)from;
    case TY_U8: return *(const uint8_t *)from;
    case TY_F16:
    case TY_U16: return *(const uint16_t *)from;
    case TY_U32:
    case TY_F32: return *(const uint32_t *)from;
    default: return *(const uint64_t *)from;
    }
}

void find_layout(const Type *item, Layout *out) {
    out->n = hl_type_ncomponents(item);
    out->nbytes = hl_type_item_nbytes(item);
    out->stride = 8;
    hl_type_components(item, out->types);
}

void load_item(const Layout *layout, const char *from, uint64_t *slots) {
    for (uint32_t i = 0; i < layout->n; i++)
        slots[i] = load_component(layout->types[i], from + i * layout->stride);
}

/* Little-endian: the low bytes come first. */
void store_item(const Layout *layout, char *to, const uint64_t *slots) {
    for (uint32_t i = 0; i < layout->n; i++)
        memcpy(to + i * layout->stride, &slots[i], layout->n == 1 ? layout->nbytes : 8);
}

/* ---- arguments ----------------------------------------------------------------------------------------- */

static HlList *find_argument(const Unboxed *out, PyObject *object) {
    for (ListArgument *a = *out->lists; a; a = a->next)
        if (a->list.object == object) return &a->list;
    return NULL;
}

/* Lists of ints or of floats: an item is its slot. */
static bool is_plain(const UnboxOp *item) {
    return item->code == UNBOX_INT || item->code == UNBOX_FLOAT;
}

static inline bool unbox_plain(const UnboxOp *item, PyObject *v, uint64_t *slot) {
    return item->code == UNBOX_INT ? unbox_int(v, slot) : unbox_float(v, slot);
}

static bool unbox_plain_items(const UnboxOp *item, PyObject *v, HlList *list) {
    uint64_t *slots = (uint64_t *)list->items;
    Py_ssize_t n = PyList_GET_SIZE(v);
    while (list->len < n && unbox_plain(item, PyList_GET_ITEM(v, list->len), slots + list->len))
        list->len++;
    return list->len == n;
}

static bool unbox_once(const UnboxOp *op, PyObject *v, Unboxed *out, bool met_once);

/* A list that only this list refers to is met nowhere else. */
static bool unbox_item(const UnboxOp *op, PyObject *v, Unboxed *out) {
    if (op->code == UNBOX_LIST) return unbox_once(op, v, out, Py_REFCNT(v) == 1);
    return unbox_one(op, v, out);
}

static bool unbox_items(const UnboxOp *op, PyObject *v, HlList *list, Unboxed *out) {
    Layout layout;
    uint64_t slots[MAX_ITEM_SLOTS];
    find_layout(op->item, &layout);
    list->nbytes = layout.nbytes;
    list->refs = hl_type_item_refs(op->item);
    list->capacity = PyList_GET_SIZE(v);
    list->items = malloc((size_t)(list->capacity * list->nbytes) + 1);
    if (list->items && list->capacity && is_plain(op + 1)) return unbox_plain_items(op + 1, v, list);
    for (Py_ssize_t i = 0; list->items && i < PyList_GET_SIZE(v); i++) {
        Unboxed item = {slots, NULL, out->lists};
        if (!unbox_item(op + 1, PyList_GET_ITEM(v, i), &item)) return false;
        store_item(&layout, list->items + i * list->nbytes, slots);
        list->len++;
    }
    return list->items != NULL;
}

bool list_argument(const UnboxOp *op, PyObject *v, bool met_once, Unboxed *out, ListArgument **made) {
    HlList *known = met_once ? NULL : find_argument(out, v);
    if (known && ((ListArgument *)known)->op->item != op->item)
        return false; /* one empty list, of two types */
    *made = NULL;
    if (known) {
        *out->slot++ = (uint64_t)(uintptr_t)known;
        return true;
    }
    ListArgument *a = *made = calloc(1, sizeof *a);
    if (!a) return false;
    a->list.refcount = UNBOX_BORROWED;
    a->list.object = Py_NewRef(v); /* writing back may take it out of the list that holds it */
    a->op = op;
    a->next = *out->lists;
    *out->lists = a;
    *out->slot++ = (uint64_t)(uintptr_t)a;
    return true;
}

static bool unbox_once(const UnboxOp *op, PyObject *v, Unboxed *out, bool met_once) {
    ListArgument *a;
    if (Py_TYPE(v) != &PyList_Type) return false;
    if (op->n == 1 && PyList_GET_SIZE(v)) return false; /* an empty list, whatever its items will be */
    return list_argument(op, v, met_once, out, &a) && (!a || unbox_items(op, v, &a->list, out));
}

bool unbox_list(const UnboxOp *op, PyObject *v, Unboxed *out) {
    return unbox_once(op, v, out, false);
}

/* ---- writing back --------------------------------------------------------------------------------------- */

bool is_same_item(const UnboxOp *op, const Type *item, PyObject *old, const uint64_t *slots) {
    uint64_t own[MAX_ITEM_SLOTS];
    ListArgument *none = NULL;
    if (is_plain(op)) return unbox_plain(op, old, own) && own[0] == slots[0];
    if (op->code == UNBOX_LIST) return ((const HlList *)(uintptr_t)slots[0])->object == old;
    if (op->code == UNBOX_TUPLE && hl_type_holds_list(item)) return false;
    Unboxed out = {own, NULL, &none};
    return unbox_one(op, old, &out) && memcmp(own, slots, hl_type_ncomponents(item) * sizeof *own) == 0;
}

static bool write_back_one(const ListArgument *a, Boxing *in) {
    if (a->op->code == UNBOX_SET) return set_write_back(a, in);
    PyObject *object = a->list.object;
    const Type *item = a->op->item;
    Layout layout;
    uint64_t slots[MAX_ITEM_SLOTS];
    find_layout(item, &layout);
    for (int64_t i = 0; i < a->list.len; i++) {
        load_item(&layout, a->list.items + i * layout.nbytes, slots);
        bool old = i < PyList_GET_SIZE(object);
        if (old && is_same_item(a->op + 1, item, PyList_GET_ITEM(object, i), slots)) continue;
        PyObject *value = box_item(item, slots, in);
        if (!value || (old ? PyList_SetItem(object, i, value) : PyList_Append(object, value)) < 0)
            return false;
        if (!old) Py_DECREF(value);
    }
    if (PyList_GET_SIZE(object) <= a->list.len) return true;
    return PyList_SetSlice(object, a->list.len, PyList_GET_SIZE(object), NULL) == 0;
}

/* Keeps an exception that is set, unless writing back fails itself. */
bool lists_write_back(ListArgument *lists, const Spec *spec) {
    Boxing in = {.known = spec->keep, .numbers = spec->numbers};
    bool good = true;
    for (ListArgument *a = lists; good && a; a = a->next)
        good = write_back_one(a, &in);
    box_forget_wholes(&in);
    return good;
}

void lists_free(ListArgument *lists) {
    for (ListArgument *a = lists, *next; a; a = next) {
        next = a->next;
        HlList *l = &a->list;
        for (int64_t i = 0; l->refs && i < l->len; i++)
            for (uint64_t refs = l->refs; refs; refs &= refs - 1)
                hlrt_release(((void **)(l->items + i * l->nbytes))[__builtin_ctzll(refs)]);
        free(l->items);
    }
    for (ListArgument *a = lists, *next; a; a = next) {
        next = a->next;
        Py_DECREF(a->list.object);
        free(a);
    }
}

/* ---- results ------------------------------------------------------------------------------------------- */

/* The object of an item whose references stay with the list. */
PyObject *box_item(const Type *item, const uint64_t *slots, Boxing *in) {
    for (uint64_t refs = hl_type_item_refs(item); refs; refs &= refs - 1)
        hlrt_retain((void *)(uintptr_t)slots[__builtin_ctzll(refs)]);
    const uint64_t *saved = in->slot;
    in->slot = slots;
    PyObject *object = box_next(item, in);
    in->slot = saved;
    return object;
}

static bool fill(PyObject *object, const Type *item, const HlList *list, Boxing *in) {
    Layout layout;
    uint64_t slots[MAX_ITEM_SLOTS];
    find_layout(item, &layout);
    bool plain = item->kind == TY_INT || item->kind == TY_FLOAT;
    for (int64_t i = 0; i < list->len; i++) {
        Boxing one = {.slot = (const uint64_t *)list->items + i};
        if (!plain) load_item(&layout, list->items + i * layout.nbytes, slots);
        PyObject *value = plain ? box_next(item, &one) : box_item(item, slots, in);
        if (!value) return false;
        PyList_SET_ITEM(object, i, value);
    }
    return true;
}

PyObject *box_list(const Type *type, Boxing *in) {
    HlList *list = (HlList *)(uintptr_t)*in->slot++;
    PyObject *object = list->object ? (PyObject *)list->object : box_find(in, list);
    if (object) {
        Py_INCREF(object);
    } else {
        object = PyList_New(list->len);
        if (object && !(box_remember(in, list, object) && fill(object, type->args[0], list, in)))
            Py_CLEAR(object);
    }
    hlrt_release(list);
    return object;
}

/* The arrays inside, before views of them (array.c). */
void box_find_wholes_in_list(const Type *type, Boxing *in) {
    const HlList *list = (const HlList *)(uintptr_t)*in->slot++;
    const Type *item = type->args[0];
    const uint64_t *saved = in->slot;
    if (list->object || !hl_type_item_refs(item)) return;
    for (int64_t i = 0; i < list->len; i++) {
        in->slot = (const uint64_t *)(list->items + i * list->nbytes);
        box_find_wholes(item, in);
    }
    in->slot = saved;
}
