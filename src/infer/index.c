/* index: x[i] and x[i] = v, for tuples, ranges and arrays.
 *
 * An array index is brought to one item for each axis (an integer or a slice) and new axes. Integers alone address an
 * element; anything else makes a view, and assigning to it assigns to that view.
 */
#include "infer/internal.h"

static bool is_array_index(const Type *t) {
    return hl_type_is_integer(t);
}

/* ---- integers ----------------------------------------------------------------------------------------------------------- */

/* From 2**63 on an index is refused before it is compared with any size. */
static void check_fits(Builder *b, Val index, Ref i, int axis) {
    if (index.type->kind != TY_U64) return;
    Ref fits = compare(b, OP_SGE, i, const_i64(b, 0));
    if (axis >= 0)
        check(b, fits, "OverflowError", "Python int too large to convert to C long");
    else
        check(b, fits, "IndexError", "cannot fit 'numpy.uint64' into an index-sized integer");
}

/* An index in [0, size): wrapped once when negative; an IndexError when outside. */
static Ref wrapped_index(Builder *b, Val index, Ref size, int axis) {
    Ref i = index_of(b, index);
    int64_t constant;
    if (b->instance->options.boundscheck) check_fits(b, index, i, axis);
    if (b->instance->options.boundscheck)
        return op(b, OP_CHECK_INDEX, i64(), (Ref[]){i, size}, 2, (Aux){.i = axis});
    if (lit_int_value(index, &constant)) return constant < 0 ? op2(b, OP_ADD, i64(), i, size) : i;
    if (hl_type_is_unsigned(index.type) || b->instance->prelude) return i;
    return op_select(b, i64(), compare(b, OP_SLT, i, const_i64(b, 0)), op2(b, OP_ADD, i64(), i, size), i);
}

/* ---- slices ---------------------------------------------------------------------------------------------------------------- */

typedef struct SliceRefs {
    Ref start, count, step;
    bool unit_step, whole;
} SliceRefs;

/* A bound clipped to [low, high] after one wrap. */
static Ref clip(Builder *b, Val bound, Ref size, Ref low, Ref high) {
    const Type *u64 = hl_type(TY_U64);
    if (bound.type == u64) bound.ref = op2(b, OP_UMIN, u64, bound.ref, const_int(b, u64, INT64_MAX));
    Ref i = index_of(b, bound);
    int64_t constant;
    bool known = lit_int_value(bound, &constant);
    if (!known || constant < 0) {
        Ref wrapped = op2(b, OP_ADD, i64(), i, size);
        i = known ? wrapped : op_select(b, i64(), compare(b, OP_SLT, i, const_i64(b, 0)), wrapped, i);
        i = op2(b, OP_SMAX, i64(), i, low);
    }
    return op2(b, OP_SMIN, i64(), i, high);
}

static void forward_slice(Builder *b, Val slice, Ref size, SliceRefs *out) {
    Ref zero = const_i64(b, 0);
    out->start = slice.parts[0].type->kind == TY_NONE ? zero : clip(b, slice.parts[0], size, zero, size);
    Ref stop = slice.parts[1].type->kind == TY_NONE ? size : clip(b, slice.parts[1], size, zero, size);
    out->count = op2(b, OP_SMAX, i64(), op2(b, OP_SUB, i64(), stop, out->start), zero);
    out->whole = slice.parts[0].type->kind == TY_NONE && slice.parts[1].type->kind == TY_NONE;
    if (out->whole) out->count = size;
}

/* Python's rule for any step: the bounds are clipped to [0, n] going up and to [-1, n - 1] going down. */
static void stepped_slice(Builder *b, Val slice, Ref size, SliceRefs *out) {
    Ref zero = const_i64(b, 0), one = const_i64(b, 1), step = index_of(b, slice.parts[2]);
    check(b, compare(b, OP_NE, step, zero), "ValueError", "slice step cannot be zero");
    Ref up = compare(b, OP_SGT, step, zero), last = op2(b, OP_SUB, i64(), size, one);
    Ref low = op_select(b, i64(), up, zero, const_i64(b, -1)), high = op_select(b, i64(), up, size, last);
    out->start = slice.parts[0].type->kind == TY_NONE ? op_select(b, i64(), up, zero, last)
                                                      : clip(b, slice.parts[0], size, low, high);
    Ref stop = slice.parts[1].type->kind == TY_NONE ? op_select(b, i64(), up, size, const_i64(b, -1))
                                                    : clip(b, slice.parts[1], size, low, high);
    Ref distance = op_select(b, i64(), up, op2(b, OP_SUB, i64(), stop, out->start),
                             op2(b, OP_SUB, i64(), out->start, stop));
    Ref width = op_select(b, i64(), up, step, op2(b, OP_SUB, i64(), zero, step));
    Ref steps =
        op2(b, OP_ADD, i64(), op2(b, OP_UDIV, i64(), op2(b, OP_SUB, i64(), distance, one), width), one);
    out->count = op_select(b, i64(), compare(b, OP_SGT, distance, zero), steps, zero);
    out->step = step;
}

static SliceRefs slice_refs(Builder *b, Val slice, Ref size) {
    SliceRefs out = {0};
    int64_t step = 1;
    bool unit = slice.parts[2].type->kind == TY_NONE || (lit_int_value(slice.parts[2], &step) && step == 1);
    if (unit) {
        out.unit_step = true;
        forward_slice(b, slice, size, &out);
    } else {
        stepped_slice(b, slice, size, &out);
    }
    return out;
}

/* ---- the index of an array ----------------------------------------------------------------------------------------------------- */

bool spread_index(Builder *b, Val array, Val index, Val *items, uint32_t *n) {
    const Val *given = index.type->kind == TY_TUPLE ? index.parts : &index;
    uint32_t count = index.type->kind == TY_TUPLE ? index.type->nargs : 1, axes = 0, ellipses = 0;
    for (uint32_t i = 0; i < count; i++) {
        TypeKind kind = (TypeKind)given[i].type->kind;
        int own = index_axes(given[i].type);
        if (!own && kind != TY_NONE && kind != TY_ELLIPSIS) return false;
        axes += (uint32_t)own;
        ellipses += kind == TY_ELLIPSIS;
    }
    if (axes > array.type->ndim || ellipses > 1 || count > MAX_NDIM) return false;
    Val none = literal(hl_type(TY_NONE)), whole = composite(b, TY_SLICE, (Val[]){none, none, none}, 3);
    uint32_t missing = array.type->ndim - axes;
    *n = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (given[i].type->kind != TY_ELLIPSIS)
            items[(*n)++] = given[i];
        else
            for (; missing; missing--)
                items[(*n)++] = whole;
    }
    for (; missing; missing--)
        items[(*n)++] = whole;
    return *n <= MAX_NDIM;
}

static bool all_integers(const Val *items, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        if (!is_array_index(items[i].type)) return false;
    return true;
}

static void element_indices(Builder *b, Val array, const Val *items, Ref *out) {
    for (int i = 0; i < array.type->ndim; i++)
        out[i] = wrapped_index(b, items[i], array_dim(b, array, i), i);
}

typedef struct View {
    Ref offset;
    Ref shape[MAX_NDIM], strides[MAX_NDIM];
    int ndim, axis;    /* axes made, axes of the array used up */
    bool c_contiguous; /* still, for a C array: integers, then at most one partial slice, then whole axes */
    bool sliced;
    int first_axis; /* what errors call axis 0 */
    Ref *indices;   /* where the integers go, checked; may be NULL */
} View;

static void view_integer(Builder *b, Val array, Val index, View *v) {
    Ref i = wrapped_index(b, index, array_dim(b, array, v->axis), v->first_axis + v->axis);
    if (v->indices) v->indices[v->axis] = i;
    Ref offset = op2(b, OP_MUL, i64(), i, array_stride(b, array, v->axis));
    v->offset = op2(b, OP_ADD, i64(), v->offset, offset);
    if (v->sliced) v->c_contiguous = false;
    v->axis++;
}

static void view_slice(Builder *b, Val array, Val slice, View *v) {
    Ref stride = array_stride(b, array, v->axis);
    SliceRefs s = slice_refs(b, slice, array_dim(b, array, v->axis));
    if (!s.whole) v->offset = op2(b, OP_ADD, i64(), v->offset, op2(b, OP_MUL, i64(), s.start, stride));
    if (!s.unit_step || (!s.whole && v->sliced)) v->c_contiguous = false;
    v->shape[v->ndim] = s.count;
    v->strides[v->ndim++] = s.unit_step ? stride : op2(b, OP_MUL, i64(), stride, s.step);
    v->sliced = true;
    v->axis++;
}

static void view_new_axis(Builder *b, View *v) {
    v->shape[v->ndim] = const_i64(b, 1);
    v->strides[v->ndim++] = const_i64(b, 0);
    v->c_contiguous = false;
}

static bool is_all_whole(const Val *items, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        if (items[i].type->kind != TY_SLICE || items[i].parts[0].type->kind != TY_NONE ||
            items[i].parts[1].type->kind != TY_NONE || items[i].parts[2].type->kind != TY_NONE)
            return false;
    return true;
}

Val index_view(Builder *b, Val array, const Val *items, uint32_t n) {
    return index_view_by(b, array, items, n, 0, NULL);
}

Val index_view_by(Builder *b, Val array, const Val *items, uint32_t n, int first_axis, Ref *indices) {
    const Type *t = array.type;
    View v = {.offset = const_i64(b, 0),
              .c_contiguous = t->layout == LAYOUT_C,
              .first_axis = first_axis,
              .indices = indices};
    for (uint32_t i = 0; i < n; i++) {
        if (items[i].type->kind == TY_NONE)
            view_new_axis(b, &v);
        else if (items[i].type->kind == TY_SLICE)
            view_slice(b, array, items[i], &v);
        else
            view_integer(b, array, items[i], &v);
    }
    int layout = v.c_contiguous                                    ? LAYOUT_C
                 : t->layout == LAYOUT_F && is_all_whole(items, n) ? LAYOUT_F
                                                                   : LAYOUT_A;
    const Type *type = hl_type_array(t->args[0], v.ndim, layout, t->readonly, t->unaligned);
    Ref data = op2(b, OP_PTR_ADD, hl_type(TY_PTR), array_data(b, array), v.offset);
    return array_view(b, array, type, data, v.shape, v.strides);
}

static Val not_indexable(Builder *b, Val v, Val index) {
    return fail(b, DIAG_NOT_INDEXABLE, hl_type_show(v.type), hl_type_show(index.type));
}

static Val array_getitem(Builder *b, Val array, Val index) {
    if (holds_index_array(index.type)) return fancy_getitem(b, array, index);
    Val items[2 * MAX_NDIM];
    uint32_t n;
    if (!spread_index(b, array, index, items, &n)) return not_indexable(b, array, index);
    bool has_ellipsis = index.type->kind == TY_ELLIPSIS;
    for (uint32_t i = 0; index.type->kind == TY_TUPLE && i < index.type->nargs; i++)
        has_ellipsis |= index.type->args[i]->kind == TY_ELLIPSIS;
    if (!all_integers(items, n) || has_ellipsis) return index_view(b, array, items, n);
    Ref indices[MAX_NDIM];
    element_indices(b, array, items, indices);
    return array_element(b, array, indices);
}

static bool array_setitem(Builder *b, Val array, Val index, Val value) {
    if (holds_index_array(index.type)) return fancy_setitem(b, array, index, value);
    Val items[2 * MAX_NDIM];
    uint32_t n;
    if (!spread_index(b, array, index, items, &n)) return ok(not_indexable(b, array, index));
    if (array.type->readonly) return ok(fail(b, DIAG_READONLY_ARRAY, hl_type_show(array.type)));
    if (!all_integers(items, n)) {
        value = as_stored(b, value, array.type->args[0]);
        return ok(value) && array_assign(b, index_view(b, array, items, n), value);
    }
    Ref indices[MAX_NDIM];
    element_indices(b, array, items, indices);
    if (value.type->kind == TY_ARRAY && value.type->ndim > 0) return ok(not_indexable(b, array, index));
    return array_store(b, array, indices, value);
}

/* ---- ranges --------------------------------------------------------------------------------------------------------------------- */

static Val range_item(Builder *b, Val range, Val index) {
    if (!is_index(index.type)) return not_indexable(b, range, index);
    Ref n = ref_of(b, length(b, range)), i = index_of(b, index);
    Ref wrapped = op_select(b, i64(), compare(b, OP_SLT, i, const_i64(b, 0)), op2(b, OP_ADD, i64(), i, n), i);
    check(b, compare(b, OP_ULT, wrapped, n), "IndexError", "range object index out of range");
    Ref offset = op2(b, OP_MUL, i64(), wrapped, ref_of(b, range.parts[2]));
    return int_val(op2(b, OP_ADD, i64(), ref_of(b, range.parts[0]), offset));
}

/* ---- lists ---------------------------------------------------------------------------------------------------------------------- */

enum { LIST_INDEX = -2, LIST_ASSIGNED_INDEX = -3 }; /* what CHECK_INDEX says instead of an axis */

/* The parts of a slice as the prelude takes them: list, start, count, step. */
static void slice_arguments(Builder *b, Val list, Val slice, Val *out) {
    SliceRefs s = slice_refs(b, slice, list_length(b, list));
    out[0] = list;
    out[1] = int_val(s.start), out[2] = int_val(s.count);
    out[3] = s.unit_step ? literal(hl_type_lit_int(1)) : int_val(s.step);
}

static Val list_getitem(Builder *b, Val list, Val index) {
    Val args[4];
    if (is_index(index.type))
        return list_item(b, list, wrapped_index(b, index, list_length(b, list), LIST_INDEX));
    if (index.type->kind != TY_SLICE) return not_indexable(b, list, index);
    slice_arguments(b, list, index, args);
    return call_known(b, "list.get_slice", args, 4);
}

static bool list_setitem(Builder *b, Val list, Val index, Val value) {
    Val args[5];
    if (is_index(index.type))
        return list_put(b, list, wrapped_index(b, index, list_length(b, list), LIST_ASSIGNED_INDEX), value);
    if (index.type->kind != TY_SLICE) return ok(not_indexable(b, list, index));
    slice_arguments(b, list, index, args);
    args[4] = value;
    return ok(call_known(b, "list.set_slice", args, 5));
}

bool delitem(Builder *b, Val v, Val index) {
    Val args[4];
    if (!ok(v) || !ok(index)) return false;
    if (v.type->kind != TY_LIST) return ok(fail(b, DIAG_NO_OPERATOR, "del x[i]", hl_type_show(v.type)));
    if (is_index(index.type)) {
        Ref place = wrapped_index(b, index, list_length(b, v), LIST_ASSIGNED_INDEX);
        return ok(call_known(b, "list.delete_item", (Val[]){v, int_val(place)}, 2));
    }
    if (index.type->kind != TY_SLICE) return ok(not_indexable(b, v, index));
    slice_arguments(b, v, index, args);
    return ok(call_known(b, "list.delete_slice", args, 4));
}

Val getitem(Builder *b, Val v, Val index) {
    if (!ok(v) || !ok(index)) return NO_VAL;
    if (v.type->kind == TY_OPTIONAL) return getitem(b, convert(b, v, v.type->args[0]), index);
    if (v.type->kind == TY_ARRAY) return array_getitem(b, v, index);
    if (hl_type_is_tensor(v.type)) return tensor_getitem(b, v, index);
    if (v.type->kind == TY_LIST) return list_getitem(b, v, index);
    if (v.type->kind == TY_FLAT && is_index(index.type)) return flat_getitem(b, v, index);
    if (v.type->kind == TY_RANGE) return range_item(b, v, index);
    if (v.type->kind == TY_TUPLE && index.type->kind == TY_SLICE) return tuple_slice(b, v, index);
    if (v.type->kind == TY_TUPLE && is_index(index.type)) return tuple_item(b, v, index);
    return not_indexable(b, v, index);
}

bool setitem(Builder *b, Val v, Val index, Val value) {
    if (!ok(v) || !ok(index) || !ok(value)) return false;
    if (v.type->kind == TY_OPTIONAL) return setitem(b, convert(b, v, v.type->args[0]), index, value);
    if (v.type->kind == TY_ARRAY) return array_setitem(b, v, index, value);
    if (hl_type_is_tensor(v.type)) return tensor_setitem(b, v, index, value);
    if (v.type->kind == TY_LIST) return list_setitem(b, v, index, value);
    if (v.type->kind == TY_FLAT && is_index(index.type)) return flat_setitem(b, v, index, value);
    return ok(fail(b, DIAG_NO_OPERATOR, "x[i] = v", hl_type_show(v.type)));
}
