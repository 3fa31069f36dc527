/* fancy: x[i] and x[i] = v where the index holds arrays of integers or masks.
 *
 * A mask counts as the arrays that np.nonzero makes of it. Everything else of the index (integers, slices, new axes)
 * makes a view first; in it the axes that arrays index stand together, behind those that come before them in the
 * result. The prelude walks that view (numpy/fancy.py). As in NumPy, an integer beside arrays counts as one of them when
 * it is asked whether they stand side by side; where they do not, their axes lead the result.
 */
#include "infer/internal.h"
#include "infer/known.h"

#include <string.h>

typedef struct Fancy {
    Val view;                              /* axes: before, indexed, behind */
    Val indices[MAX_NDIM], axes[MAX_NDIM]; /* the arrays, and the axis of the whole array each one indexes */
    uint32_t n;
    int before; /* axes of the result in front of those the arrays make */
} Fancy;

static bool is_mask(const Type *t) {
    return t->kind == TY_ARRAY && t->args[0]->kind == TY_B1;
}

bool is_index_array(const Type *t) {
    return t->kind == TY_ARRAY && (hl_type_is_integer(t->args[0]) || (t->ndim && is_mask(t)));
}

int index_axes(const Type *t) {
    return is_mask(t) ? t->ndim : hl_type_is_integer(t) || is_index_array(t) || t->kind == TY_SLICE;
}

/* Lists in an index as arrays; where asked for, arrays without axes as the integers they are to a target. */
static Val with_arrays(Builder *b, Val index, bool is_target) {
    if (index.type->kind == TY_LIST) return call_known(b, "numpy.asarray", &index, 1);
    if (is_target && is_index_array(index.type) && !index.type->ndim) return array_element(b, index, NULL);
    if (index.type->kind != TY_TUPLE) return index;
    Val items[MAX_NDIM];
    uint32_t n = index.type->nargs;
    for (uint32_t i = 0; i < n && i < MAX_NDIM; i++) {
        items[i] = with_arrays(b, index.parts[i], is_target);
        if (!ok(items[i])) return NO_VAL;
    }
    return n <= MAX_NDIM ? tuple_val(b, items, n) : index;
}

bool holds_index_array(const Type *index) {
    if (index->kind != TY_TUPLE) return is_index_array(index) || index->kind == TY_LIST;
    for (uint32_t i = 0; i < index->nargs; i++)
        if (is_index_array(index->args[i]) || index->args[i]->kind == TY_LIST) return true;
    return false;
}

/* ---- masks ------------------------------------------------------------------------------------------------------------ */

static void check_mask(Builder *b, Val array, Val mask, int first) {
    const char *text =
        "boolean index did not match indexed array along axis %ld; size of axis is %ld but size of "
        "corresponding boolean axis is %ld";
    for (int i = 0; i < mask.type->ndim; i++) {
        Ref shown[3] = {const_i64(b, first + i), array_dim(b, array, first + i), array_dim(b, mask, i)};
        check_with(b, compare(b, OP_EQ, shown[1], shown[2]), "IndexError", text, shown, 3);
    }
}

/* The items of an index with each mask as arrays of integers. */
static uint32_t without_masks(Builder *b, Val array, const Val *items, uint32_t n, Val *out) {
    uint32_t count = 0;
    int axis = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (!is_mask(items[i].type)) {
            out[count++] = items[i];
        } else {
            check_mask(b, array, items[i], axis);
            Val found = call_known(b, "numpy.nonzero", &items[i], 1);
            if (!ok(found)) return 0;
            for (uint32_t k = 0; k < found.type->nargs; k++)
                out[count++] = found.parts[k];
        }
        axis += index_axes(items[i].type);
    }
    return count;
}

/* ---- the view -------------------------------------------------------------------------------------------------------- */

/* Do the arrays, and the integers beside them, stand side by side? */
static bool are_adjacent(const Val *items, uint32_t n) {
    uint32_t runs = 0;
    bool inside = false;
    for (uint32_t i = 0; i < n; i++) {
        bool advanced = items[i].type->kind == TY_ARRAY || hl_type_is_integer(items[i].type);
        runs += advanced && !inside;
        inside = advanced;
    }
    return runs == 1;
}

/* Splits the items into a basic index and the arrays; `places` are the arrays' axes in the view it makes. */
static void split(Builder *b, Val *items, uint32_t n, Fancy *out, int *places) {
    Val none = literal(hl_type(TY_NONE)), whole = composite(b, TY_SLICE, (Val[]){none, none, none}, 3);
    int place = 0, axis = 0, first = -1;
    for (uint32_t i = 0; i < n; i++) {
        const Type *t = items[i].type;
        bool is_integer = hl_type_is_integer(t);
        if (first < 0 && (is_integer || t->kind == TY_ARRAY)) first = place;
        if (t->kind == TY_ARRAY) {
            places[out->n] = place;
            out->indices[out->n] = items[i];
            out->axes[out->n++] = literal(hl_type_lit_int(axis));
            items[i] = whole;
        }
        place += !is_integer;
        axis += t->kind != TY_NONE;
    }
    out->before = first;
}

static Val in_order(Builder *b, Val view, const Fancy *fancy, const int *places) {
    int order[MAX_NDIM], n = 0, moved = 0;
    bool indexed[MAX_NDIM] = {false};
    for (uint32_t i = 0; i < fancy->n; i++)
        indexed[places[i]] = true;
    for (int i = 0; n < fancy->before; i++)
        if (!indexed[i]) order[n++] = i, indexed[i] = true;
    for (uint32_t i = 0; i < fancy->n; i++)
        order[n++] = places[i];
    for (int i = 0; i < view.type->ndim; i++)
        if (!indexed[i]) order[n++] = i;
    for (int i = 0; i < n; i++)
        moved += order[i] != i;
    return moved ? array_permute(b, view, order) : view;
}

static bool take_apart(Builder *b, Val array, Val index, Fancy *out) {
    Val given[2 * MAX_NDIM], items[3 * MAX_NDIM];
    int places[MAX_NDIM];
    uint32_t n;
    memset(out, 0, sizeof *out);
    if (!spread_index(b, array, index, given, &n))
        return ok(fail(b, DIAG_NOT_INDEXABLE, hl_type_show(array.type), hl_type_show(index.type)));
    n = without_masks(b, array, given, n, items);
    if (!n) return false;
    bool adjacent = are_adjacent(items, n);
    split(b, items, n, out, places);
    if (!adjacent) out->before = 0;
    out->view = in_order(b, index_view(b, array, items, n), out, places);
    return true;
}

/* ---- reading and writing ---------------------------------------------------------------------------------------------- */

static bool is_whole_mask(Val array, Val index) {
    return is_mask(index.type) && index.type->ndim == array.type->ndim;
}

Val fancy_getitem(Builder *b, Val array, Val index) {
    index = with_arrays(b, index, false);
    if (!ok(index)) return NO_VAL;
    if (is_whole_mask(array, index)) {
        check_mask(b, array, index, 0);
        return call_known(b, "ndarray.__getitem__.mask", (Val[]){array, index}, 2);
    }
    Fancy fancy;
    if (!take_apart(b, array, index, &fancy)) return NO_VAL;
    Val args[] = {fancy.view, tuple_val(b, fancy.indices, fancy.n), tuple_val(b, fancy.axes, fancy.n),
                  literal(hl_type_lit_int(fancy.before))};
    return call_known(b, "ndarray.__getitem__.arrays", args, 4);
}

/* The value as it can be stored: a number in the element's type, or an array. */
static Val storable(Builder *b, Val array, Val value) {
    const Type *element = array.type->args[0];
    if (value.type->kind == TY_ARRAY && value.type->ndim == 0) value = array_element(b, value, NULL);
    if (!ok(value)) return NO_VAL;
    if (value.type->kind != TY_ARRAY) return to_element(b, value, element);
    if (hl_type_is_complex(value.type->args[0]) && !hl_type_is_complex(element) && element->kind != TY_B1)
        return cannot_store(b, element, value.type);
    return value;
}

bool fancy_setitem(Builder *b, Val array, Val index, Val value) {
    if (array.type->readonly) return ok(fail(b, DIAG_READONLY_ARRAY, hl_type_show(array.type)));
    index = with_arrays(b, index, true);
    if (!ok(index)) return false;
    if (!holds_index_array(index.type)) return setitem(b, array, index, value);
    value = storable(b, array, as_stored(b, value, array.type->args[0]));
    if (!ok(value)) return false;
    if (is_whole_mask(array, index)) {
        check_mask(b, array, index, 0);
        return ok(call_known(b, "ndarray.__setitem__.mask", (Val[]){array, index, value}, 3));
    }
    Fancy fancy;
    if (!take_apart(b, array, index, &fancy)) return false;
    Val args[] = {fancy.view, tuple_val(b, fancy.indices, fancy.n), tuple_val(b, fancy.axes, fancy.n),
                  literal(hl_type_lit_int(fancy.before)), value};
    return ok(call_known(b, "ndarray.__setitem__.arrays", args, 5));
}

/* ---- np.may_share_memory ------------------------------------------------------------------------------------------------ */

/* Addresses of the first byte and behind the last one; of an array without elements, nonsense. */
static void extent(Builder *b, Val array, Ref *low, Ref *high) {
    const Type *i64 = hl_type(TY_I64);
    Ref zero = const_i64(b, 0), one = const_i64(b, 1);
    *low = op1(b, OP_RECAST, i64, array_data(b, array));
    *high = op2(b, OP_ADD, i64, *low, const_i64(b, hl_type_nbytes(array.type->args[0])));
    for (int i = 0; i < array.type->ndim; i++) {
        Ref last = op2(b, OP_SUB, i64, array_dim(b, array, i), one);
        Ref reach = op2(b, OP_MUL, i64, last, array_stride(b, array, i));
        *low = op2(b, OP_ADD, i64, *low, op2(b, OP_SMIN, i64, reach, zero));
        *high = op2(b, OP_ADD, i64, *high, op2(b, OP_SMAX, i64, reach, zero));
    }
}

Val numpy_may_share_memory(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v[2];
    Ref low[2], high[2];
    if (!bind(b, "np.may_share_memory", "a, b", args, v)) return NO_VAL;
    if (v[0].type->kind != TY_ARRAY || v[1].type->kind != TY_ARRAY)
        return fail(b, DIAG_NO_OVERLOAD, "np.may_share_memory", hl_type_show(v[0].type));
    Ref both = const_bool(b, true), none = const_i64(b, 0);
    const Type *b1 = hl_type(TY_B1);
    for (int i = 0; i < 2; i++) {
        extent(b, v[i], &low[i], &high[i]);
        both = op2(b, OP_AND, b1, both, compare(b, OP_NE, array_size(b, v[i]), none));
    }
    for (int i = 0; i < 2; i++)
        both = op2(b, OP_AND, b1, both, compare(b, OP_ULT, low[i], high[1 - i]));
    return bool_val(both);
}
