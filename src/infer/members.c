/* members: what arrays have beside sizes and elements: a.flags and a.view(dtype). */
#include "infer/internal.h"
#include "infer/known.h"

#include <string.h>

/* ---- flags --------------------------------------------------------------------------------------------------------------- */

static Ref or_ref(Builder *b, Ref x, Ref y) {
    return op2(b, OP_OR, hl_type(TY_B1), x, y);
}

/* Is each axis, from the one that moves least in memory on, as long a step as all before it? Axes of one element count as any. */
static Val is_contiguous(Builder *b, Val array, int layout) {
    const Type *t = array.type;
    if (t->layout == layout || (t->ndim <= 1 && t->layout != LAYOUT_A))
        return literal(hl_type_lit_bool(true));
    Ref step = const_i64(b, hl_type_nbytes(t->args[0])), one = const_i64(b, 1);
    Ref dense = const_bool(b, true), empty = const_bool(b, false);
    for (int i = 0; i < t->ndim; i++) {
        int axis = layout == LAYOUT_C ? t->ndim - 1 - i : i;
        Ref dim = array_dim(b, array, axis), fits = compare(b, OP_EQ, array_stride(b, array, axis), step);
        dense = op2(b, OP_AND, hl_type(TY_B1), dense, or_ref(b, fits, compare(b, OP_EQ, dim, one)));
        empty = or_ref(b, empty, compare(b, OP_EQ, dim, const_i64(b, 0)));
        step = op2(b, OP_MUL, i64(), step, dim);
    }
    return bool_val(or_ref(b, dense, empty));
}

static bool is(const char *name, const char *text) {
    return strcmp(name, text) == 0;
}

Val flags_attribute(Builder *b, Val flags, const char *name) {
    Val array = flags.parts[0];
    if (is(name, "c_contiguous") || is(name, "contiguous")) return is_contiguous(b, array, LAYOUT_C);
    if (is(name, "f_contiguous")) return is_contiguous(b, array, LAYOUT_F);
    if (is(name, "writeable")) return literal(hl_type_lit_bool(!array.type->readonly));
    if (is(name, "aligned")) return literal(hl_type_lit_bool(!array.type->unaligned));
    return fail(b, DIAG_NO_ATTRIBUTE, hl_type_show(flags.type), name);
}

/* ---- other views --------------------------------------------------------------------------------------------------------- */

/* The size of the last axis, counted in elements of another size. */
static Ref recounted(Builder *b, Ref dim, int old, int now) {
    Ref nbytes = op2(b, OP_MUL, i64(), dim, const_i64(b, old));
    check(b, compare(b, OP_EQ, op2(b, OP_UREM, i64(), nbytes, const_i64(b, now)), const_i64(b, 0)),
          "ValueError",
          "When changing to a larger dtype, its size must be a divisor of the total size in bytes of the "
          "last axis of "
          "the array.");
    return op2(b, OP_UDIV, i64(), nbytes, const_i64(b, now));
}

Val array_view_as(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v[2];
    if (!bind(b, "view", "a, dtype=", args, v)) return NO_VAL;
    const Type *t = v[0].type, *element = ok(v[1]) ? dtype_of(b, v[1]) : t->args[0];
    if (!element) return fail(b, DIAG_NO_OVERLOAD, "view", hl_type_show(v[1].type));
    int old = hl_type_nbytes(t->args[0]), now = hl_type_nbytes(element), last = t->ndim - 1;
    if (old != now && (t->layout != LAYOUT_C || t->ndim == 0))
        return fail(b, DIAG_BAD_ARGUMENTS,
                    "view to elements of another size is compiled for arrays in C order");
    Ref shape[MAX_NDIM], strides[MAX_NDIM];
    for (int i = 0; i < t->ndim; i++)
        shape[i] = array_dim(b, v[0], i), strides[i] = array_stride(b, v[0], i);
    if (old != now) shape[last] = recounted(b, shape[last], old, now), strides[last] = const_i64(b, now);
    const Type *type = hl_type_array(element, t->ndim, t->layout, t->readonly, t->unaligned || now > old);
    return array_view(b, v[0], type, array_data(b, v[0]), shape, strides);
}
