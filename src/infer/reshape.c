/* reshape: arrays with other shapes: views where the elements lie in their order, copies where not; transpose. */
#include "infer/internal.h"
#include "infer/known.h"

#include <string.h>

/* ---- views of all elements ------------------------------------------------------------------------------------------------- */

/* A view of all elements of an array of layout C. */
static Val view_as(Builder *b, Val base, const Ref *shape, int ndim) {
    const Type *element = base.type->args[0];
    Ref strides[MAX_NDIM], stride = const_i64(b, hl_type_nbytes(element));
    for (int i = ndim - 1; i >= 0; i--) {
        strides[i] = stride;
        stride = op2(b, OP_MUL, i64(), stride, shape[i]);
    }
    bool readonly = base.type->readonly;
    const Type *type = hl_type_array(element, ndim, LAYOUT_C, readonly, base.type->unaligned);
    return array_view(b, base, type, array_data(b, base), shape, strides);
}

Val array_contiguous_view(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Ref shape[MAX_NDIM];
    int ndim;
    return shape_argument(b, args->pos[1], shape, &ndim) ? view_as(b, args->pos[0], shape, ndim) : NO_VAL;
}

/* Strides as a tuple, or as an array of int64. */
Val array_strided_view(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Ref shape[MAX_NDIM], strides[MAX_NDIM];
    int ndim;
    Val base = args->pos[0], given = args->pos[2];
    if (!shape_argument(b, args->pos[1], shape, &ndim)) return NO_VAL;
    for (int i = 0; i < ndim; i++)
        strides[i] = given.type->kind == TY_TUPLE ? index_of(b, given.parts[i])
                                                  : array_element(b, given, (Ref[]){const_i64(b, i)}).ref;
    const Type *t = base.type, *type = hl_type_array(t->args[0], ndim, LAYOUT_A, t->readonly, t->unaligned);
    return array_view(b, base, type, array_data(b, base), shape, strides);
}

Val array_readonly_view(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val base = args->pos[0];
    const Type *t = base.type, *type = hl_type_array(t->args[0], t->ndim, t->layout, true, t->unaligned);
    Ref shape[MAX_NDIM], strides[MAX_NDIM];
    for (int i = 0; i < t->ndim; i++)
        shape[i] = array_dim(b, base, i), strides[i] = array_stride(b, base, i);
    return array_view(b, base, type, array_data(b, base), shape, strides);
}

/* ---- reshape and ravel ----------------------------------------------------------------------------------------------------- */

static bool may_be_negative(const Builder *b, Ref size) {
    const Ins *ins = ANALYSING(b) ? NULL : hl_ins(b->f, size);
    return !ins || ins->op != OP_CONST_INT || ins->aux.i < 0;
}

/* As NumPy writes a shape: the unknown size (-1: none is) is "newaxis", and nothing at all in front. */
static void check_size(Builder *b, Ref good, Ref size, const Ref *asked, int ndim, int unknown) {
    Text text = {0};
    Ref values[MAX_NDIM + 1] = {size};
    uint32_t n = 1;
    hl_text_printf(&text, "cannot reshape array of size %%ld into shape (");
    for (int i = unknown == 0 ? 1 : 0; i < ndim; i++) {
        hl_text_printf(&text, "%s%s", i > (unknown == 0 ? 1 : 0) ? "," : "",
                       i == unknown ? "newaxis" : "%ld");
        if (i != unknown) values[n++] = asked[i];
    }
    hl_text_printf(&text, ndim == 1 ? ",)" : ")");
    check_with(b, good, "ValueError", text.data, values, n);
    hl_text_free(&text);
}

/* Replaces one negative size by what the others leave over, and checks that the shape has the array's size. */
static void settle_shape(Builder *b, Val array, Ref *shape, int ndim) {
    Ref size = array_size(b, array), zero = const_i64(b, 0), one = const_i64(b, 1), known = one,
        unknowns = zero;
    Ref asked[MAX_NDIM] = {0}, is_unknown[MAX_NDIM], total = one;
    for (int i = 0; i < ndim; i++) {
        asked[i] = shape[i];
        is_unknown[i] = compare(b, OP_SLT, shape[i], zero);
        known = op2(b, OP_MUL, i64(), known, op_select(b, i64(), is_unknown[i], one, shape[i]));
        unknowns = op2(b, OP_ADD, i64(), unknowns, op1(b, OP_ZEXT, i64(), is_unknown[i]));
    }
    check(b, compare(b, OP_SLE, unknowns, one), "ValueError", "can only specify one unknown dimension");
    Ref nothing = compare(b, OP_EQ, known, zero);
    Ref rest = op2(b, OP_SDIV, i64(), size, op_select(b, i64(), nothing, one, known));
    for (int i = 0; i < ndim; i++) {
        shape[i] = op_select(b, i64(), is_unknown[i], rest, shape[i]);
        total = op2(b, OP_MUL, i64(), total, shape[i]);
    }
    const Type *b1 = hl_type(TY_B1);
    Ref fits = compare(b, OP_EQ, total, size);
    Ref divides = op2(b, OP_AND, b1, fits, compare(b, OP_NE, known, zero));
    for (int i = 0; i < ndim; i++) {
        if (!may_be_negative(b, asked[i])) continue;
        Ref good = op2(b, OP_OR, b1, divides, compare(b, OP_SGE, asked[i], zero));
        check_size(b, good, size, asked, ndim, i);
    }
    check_size(b, fits, size, asked, ndim, -1);
}

static Val reshape(Builder *b, Val array, Ref *shape, int ndim) {
    settle_shape(b, array, shape, ndim);
    if (array.type->layout == LAYOUT_C) return view_as(b, array, shape, ndim);
    Val sizes[MAX_NDIM];
    for (int i = 0; i < ndim; i++)
        sizes[i] = int_val(shape[i]);
    Val args[] = {array, tuple_val(b, sizes, (uint32_t)ndim)};
    return call_known(b, "ndarray.reshape.strided", args, 2);
}

/* The order in which elements are read: LAYOUT_C, LAYOUT_F, or 0 with an error. */
static int reading_order(Builder *b, Val array, Val order) {
    if (!ok(order) || order.type->kind == TY_NONE) return LAYOUT_C;
    const char *name = order.type->kind == TY_STR ? order.type->name : "";
    if (strcmp(name, "C") == 0 || strcmp(name, "F") == 0) return *name == 'C' ? LAYOUT_C : LAYOUT_F;
    if (strcmp(name, "A") == 0 && array.type->layout != LAYOUT_A) return array.type->layout;
    fail(b, DIAG_BAD_ARGUMENTS, "the order of elements is compiled for 'C' and 'F'");
    return 0;
}

/* The first axis fastest: as rows are of the transposed array. */
static Val reshape_by_columns(Builder *b, Val array, Ref *shape, int ndim) {
    Ref reversed[MAX_NDIM];
    settle_shape(b, array, shape, ndim);
    for (int i = 0; i < ndim; i++)
        reversed[i] = shape[ndim - 1 - i];
    Val rows = reshape(b, array_attribute(b, array, "T"), reversed, ndim);
    return ok(rows) ? array_attribute(b, rows, "T") : NO_VAL;
}

Val array_reshape(Builder *b, const Args *args, int64_t is_function) {
    Ref shape[MAX_NDIM];
    int ndim;
    if (args->npos < 1 || !ok(need_array(b, "reshape", args->pos[0]))) return NO_VAL;
    if (args->nkw > 1 || (args->nkw == 1 && strcmp(args->kwnames[0], "order") != 0))
        return fail(b, DIAG_BAD_ARGUMENTS, "reshape takes an array, a shape and order=");
    int order = reading_order(b, args->pos[0], args->nkw ? args->kw[0] : NO_VAL);
    Val sizes = args->npos == 2 ? args->pos[1] : tuple_val(b, args->pos + 1, args->npos - 1);
    if (is_function && args->npos != 2)
        return fail(b, DIAG_BAD_ARGUMENTS, "np.reshape takes an array and a shape");
    if (!order || !shape_argument(b, sizes, shape, &ndim)) return NO_VAL;
    return order == LAYOUT_F ? reshape_by_columns(b, args->pos[0], shape, ndim)
                             : reshape(b, args->pos[0], shape, ndim);
}

/* One axis of all elements, which owns its memory. */
static Val flat_copy(Builder *b, Val array, Ref size) {
    Ref shape[MAX_NDIM];
    for (int i = 0; i < array.type->ndim; i++)
        shape[i] = array_dim(b, array, i);
    Val flat = array_alloc(b, array.type->args[0], &size, 1, LAYOUT_C);
    if (ok(flat) && !array_assign(b, view_as(b, flat, shape, array.type->ndim), array)) return NO_VAL;
    return flat;
}

Val array_ravel(Builder *b, const Args *args, int64_t always_copy) {
    Val v[2];
    if (!bind(b, "ravel", "a, order=", args, v)) return NO_VAL;
    v[0] = as_array(b, v[0]);
    if (!ok(v[0]) || !ok(need_array(b, "ravel", v[0]))) return NO_VAL;
    int order = reading_order(b, v[0], v[1]);
    if (!order) return NO_VAL;
    if (order == LAYOUT_F) v[0] = array_attribute(b, v[0], "T");
    Ref size = array_size(b, v[0]);
    if (always_copy) return flat_copy(b, v[0], size);
    return v[0].type->layout == LAYOUT_C ? view_as(b, v[0], &size, 1)
                                         : call_known(b, "ndarray.ravel.strided", v, 1);
}

/* ---- the order of axes ----------------------------------------------------------------------------------------------------- */

Val array_permute(Builder *b, Val array, const int *axes) {
    Ref shape[MAX_NDIM], strides[MAX_NDIM];
    for (int i = 0; i < array.type->ndim; i++)
        shape[i] = array_dim(b, array, axes[i]), strides[i] = array_stride(b, array, axes[i]);
    const Type *t = array.type,
               *type = hl_type_array(t->args[0], t->ndim, LAYOUT_A, t->readonly, t->unaligned);
    return array_view(b, array, type, array_data(b, array), shape, strides);
}

/* The axes in an order that is known; false where it is not one of all axes. */
static bool known_order(const Type *t, const Val *axes, int *order) {
    uint64_t seen = 0;
    for (int i = 0; i < t->ndim; i++) {
        int64_t axis;
        if (!lit_int_value(axes[i], &axis)) return false;
        if (axis < 0) axis += t->ndim;
        if (axis < 0 || axis >= t->ndim || (seen >> axis & 1)) return false;
        seen |= (uint64_t)1 << axis;
        order[i] = (int)axis;
    }
    return true;
}

/* The array's size or stride on an axis known at run time. */
static Ref part_on(Builder *b, Val array, Ref axis, Ref (*part)(Builder *, Val, int)) {
    Ref r = part(b, array, 0);
    for (int i = 1; i < array.type->ndim; i++)
        r = op_select(b, i64(), compare(b, OP_EQ, axis, const_i64(b, i)), part(b, array, i), r);
    return r;
}

static Val permute_at_run_time(Builder *b, Val array, const Val *axes) {
    const Type *t = array.type;
    Ref shape[MAX_NDIM], strides[MAX_NDIM], seen = const_i64(b, 0), one = const_i64(b, 1);
    Ref ndim = const_i64(b, t->ndim), zero = const_i64(b, 0);
    for (int i = 0; i < t->ndim; i++) {
        if (!is_index(axes[i].type))
            return fail(b, DIAG_NO_OVERLOAD, "transpose", hl_type_show(axes[i].type));
        Ref axis = index_of(b, axes[i]);
        axis = op_select(b, i64(), compare(b, OP_SLT, axis, zero), op2(b, OP_ADD, i64(), axis, ndim), axis);
        check(b, compare(b, OP_ULT, axis, ndim), "?ValueError", "an axis is out of bounds");
        seen = op2(b, OP_OR, i64(), seen, op2(b, OP_SHL, i64(), one, axis));
        shape[i] = part_on(b, array, axis, array_dim), strides[i] = part_on(b, array, axis, array_stride);
    }
    check(b, compare(b, OP_EQ, seen, const_i64(b, ((int64_t)1 << t->ndim) - 1)), "ValueError",
          "repeated axis in transpose");
    const Type *type = hl_type_array(t->args[0], t->ndim, LAYOUT_A, t->readonly, t->unaligned);
    return array_view(b, array, type, array_data(b, array), shape, strides);
}

Val array_transpose(Builder *b, const Args *args, int64_t data) {
    (void)data;
    if (args->npos < 1 || !ok(need_array(b, "transpose", args->pos[0])))
        return fail(b, DIAG_BAD_ARGUMENTS, "transpose takes an array and the order of its axes");
    Val array = args->pos[0],
        given = args->npos == 2 ? args->pos[1] : tuple_val(b, args->pos + 1, args->npos - 1);
    bool named = args->nkw == 1 && args->npos == 1 && strcmp(args->kwnames[0], "axes") == 0;
    if (args->nkw && !named)
        return fail(b, DIAG_BAD_ARGUMENTS, "transpose takes an array and the order of its axes");
    if (named) given = args->kw[0];
    if (given.type->kind == TY_NONE || (args->npos == 1 && !named)) return array_attribute(b, array, "T");
    if (given.type->kind != TY_TUPLE) given = tuple_val(b, &given, 1);
    if (given.type->nargs != array.type->ndim) return fail(b, DIAG_BAD_ARGUMENTS, "axes don't match array");
    int order[MAX_NDIM];
    return known_order(array.type, given.parts, order) ? array_permute(b, array, order)
                                                       : permute_at_run_time(b, array, given.parts);
}
