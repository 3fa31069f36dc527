/* numpy: making, filling and copying arrays, and what asks for their properties. What is a loop over elements stands in the
 * prelude. */
#include "infer/internal.h"
#include "infer/known.h"

#include <string.h>

/* ---- arguments ------------------------------------------------------------------------------------------------------------- */

Val need_array(Builder *b, const char *who, Val v) {
    return v.type->kind == TY_ARRAY ? v : fail(b, DIAG_NO_OVERLOAD, who, hl_type_show(v.type));
}

int order_argument(Builder *b, Val v, int keep) {
    if (!ok(v)) return keep;
    const char *order = v.type->kind == TY_STR ? v.type->name : v.type->kind == TY_NONE ? "K" : "";
    if (strcmp(order, "C") == 0) return LAYOUT_C;
    if (strcmp(order, "F") == 0) return LAYOUT_F;
    if (strcmp(order, "K") == 0 || strcmp(order, "A") == 0) return keep;
    fail(b, DIAG_NO_OVERLOAD, "order", hl_type_show(v.type));
    return 0;
}

bool shape_argument(Builder *b, Val v, Ref *shape, int *ndim) {
    const Val *items = v.type->kind == TY_TUPLE ? v.parts : &v;
    uint32_t n = v.type->kind == TY_TUPLE ? v.type->nargs : 1;
    if (n > MAX_NDIM) return ok(fail(b, DIAG_NO_CONVERSION, hl_type_show(v.type), "a shape"));
    for (uint32_t i = 0; i < n; i++) {
        if (!hl_type_is_integer(items[i].type))
            return ok(fail(b, DIAG_NO_CONVERSION, hl_type_show(v.type), "a shape"));
        shape[i] = index_of(b, items[i]);
    }
    *ndim = (int)n;
    return true;
}

/* ---- creation -------------------------------------------------------------------------------------------------------------- */

/* An array filled with what `kind` says. */
static Val create(Builder *b, const Type *element, const Ref *shape, int ndim, int layout, int64_t kind) {
    Val array = array_alloc(b, element, shape, ndim, layout);
    if (ok(array) && kind != CREATE_EMPTY)
        array_assign(b, array, literal(hl_type_lit_int(kind == CREATE_ONES)));
    return array;
}

Val numpy_create(Builder *b, const Args *args, int64_t kind) {
    Val v[3];
    Ref shape[MAX_NDIM];
    int ndim;
    if (!bind(b, "np.empty", "shape, dtype=, order=", args, v) || !shape_argument(b, v[0], shape, &ndim))
        return NO_VAL;
    const Type *element = dtype_argument(b, v[1], hl_type(TY_F64));
    int layout = order_argument(b, v[2], LAYOUT_C);
    return element && layout ? create(b, element, shape, ndim, layout, kind) : NO_VAL;
}

static Val filled(Builder *b, Val array, Val value) {
    return ok(array) && array_assign(b, array, value) ? array : NO_VAL;
}

Val numpy_full(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v[4];
    Ref shape[MAX_NDIM];
    int ndim;
    if (!bind(b, "np.full", "shape, fill_value, dtype=, order=", args, v) ||
        !shape_argument(b, v[0], shape, &ndim))
        return NO_VAL;
    v[1] = as_array(b, v[1]);
    if (!ok(v[1])) return NO_VAL;
    const Type *value = v[1].type->kind == TY_ARRAY ? v[1].type->args[0] : hl_type_unliteral(v[1].type);
    if (!hl_type_is_scalar(value)) return fail(b, DIAG_NO_OVERLOAD, "np.full", hl_type_show(value));
    const Type *element = dtype_argument(b, v[2], hl_type_storage(value));
    int layout = order_argument(b, v[3], LAYOUT_C);
    return element && layout ? filled(b, array_alloc(b, element, shape, ndim, layout), v[1]) : NO_VAL;
}

/* An array of the shape of v[0], with the dtype and order of v[1] and v[2] where given. */
static Val alloc_like(Builder *b, const char *who, Val *v) {
    v[0] = as_array(b, v[0]);
    if (!ok(v[0])) return NO_VAL;
    if (v[0].type->kind != TY_ARRAY) return fail(b, DIAG_NO_OVERLOAD, who, hl_type_show(v[0].type));
    Ref shape[MAX_NDIM];
    for (int i = 0; i < v[0].type->ndim; i++)
        shape[i] = array_dim(b, v[0], i);
    const Type *element = dtype_argument(b, v[1], v[0].type->args[0]);
    int layout = order_argument(b, v[2], v[0].type->layout == LAYOUT_F ? LAYOUT_F : LAYOUT_C);
    return element && layout ? array_alloc(b, element, shape, v[0].type->ndim, layout) : NO_VAL;
}

Val numpy_like(Builder *b, const Args *args, int64_t kind) {
    Val v[3];
    if (!bind(b, "np.empty_like", "a, dtype=, order=", args, v)) return NO_VAL;
    Val array = alloc_like(b, "np.empty_like", v);
    return ok(array) && kind != CREATE_EMPTY ? filled(b, array, literal(hl_type_lit_int(kind == CREATE_ONES)))
                                             : array;
}

Val numpy_full_like(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v[4];
    if (!bind(b, "np.full_like", "a, fill_value, dtype=, order=", args, v)) return NO_VAL;
    Val array = alloc_like(b, "np.full_like", (Val[]){v[0], v[2], v[3]});
    return ok(array) ? filled(b, array, v[1]) : array;
}

/* ---- copies ---------------------------------------------------------------------------------------------------------------- */

Val copy_as(Builder *b, Val array, const Type *element, int layout) {
    Ref shape[MAX_NDIM];
    for (int i = 0; i < array.type->ndim; i++)
        shape[i] = array_dim(b, array, i);
    return filled(b, array_alloc(b, element, shape, array.type->ndim, layout), array);
}

int kept_layout(Val array) {
    return array.type->layout == LAYOUT_F ? LAYOUT_F : LAYOUT_C;
}

Val numpy_copy(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v[2];
    if (!bind(b, "np.copy", "a, order=", args, v)) return NO_VAL;
    v[0] = as_array(b, v[0]);
    if (!ok(v[0]) || !ok(need_array(b, "np.copy", v[0]))) return NO_VAL;
    int layout = order_argument(b, v[1], kept_layout(v[0]));
    return layout ? copy_as(b, v[0], v[0].type->args[0], layout) : NO_VAL;
}

Val array_copy(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v[2];
    if (!bind(b, "copy", "a, order=", args, v) || !ok(need_array(b, "copy", v[0]))) return NO_VAL;
    int layout = ok(v[1]) ? order_argument(b, v[1], kept_layout(v[0])) : LAYOUT_C;
    return layout ? copy_as(b, v[0], v[0].type->args[0], layout) : NO_VAL;
}

Val array_astype(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v[2];
    if (!bind(b, "astype", "a, dtype", args, v) || !ok(need_array(b, "astype", v[0]))) return NO_VAL;
    const Type *element = dtype_argument(b, v[1], NULL);
    if (!element) return no_dtype(b, v[1]);
    return ufunc_cast(b, v[0], element);
}

Val array_fill(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v[2];
    if (!bind(b, "fill", "a, value", args, v)) return NO_VAL;
    return array_assign(b, v[0], v[1]) ? literal(hl_type(TY_NONE)) : NO_VAL;
}

/* ---- elementwise, but no ufuncs -------------------------------------------------------------------------------------------- */

static bool is_given(Val v) {
    return ok(v) && v.type->kind != TY_NONE;
}

/* Of numbers NumPy makes an array without axes. */
Val numpy_where(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v[3];
    if (!bind(b, "np.where", "condition, x=, y=", args, v)) return NO_VAL;
    if (!ok(v[1]) && !ok(v[2])) return call_known(b, "numpy.nonzero", v, 1);
    if (!ok(v[1]) || !ok(v[2])) return fail(b, DIAG_BAD_ARGUMENTS, "np.where takes one or three arguments");
    Val result = ufunc(b, UFUNC_where, v, 3);
    if (!ok(result) || result.type->kind == TY_ARRAY) return result;
    Val out = array_alloc(b, hl_type_storage(result.type), NULL, 0, LAYOUT_C);
    return ok(out) && array_store(b, out, NULL, result) ? out : NO_VAL;
}

/* NumPy has a loop of its own for two bounds that are numbers: they leave the sign of a zero as it is. */
Val numpy_clip(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v[6];
    if (!bind(b, "clip", "a, a_min=, a_max=, out=, min=, max=", args, v)) return NO_VAL;
    Val low = is_given(v[1]) ? v[1] : v[4], high = is_given(v[2]) ? v[2] : v[5], result = v[0];
    if (hl_type_is_py(result.type))
        result = convert(b, result, hl_type_storage(hl_type_unliteral(result.type)));
    bool fixed =
        is_given(low) && is_given(high) && hl_type_is_scalar(low.type) && hl_type_is_scalar(high.type);
    if (is_given(low)) result = ufunc(b, fixed ? UFUNC_clip_low : UFUNC_maximum, (Val[]){result, low}, 2);
    if (ok(result) && is_given(high))
        result = ufunc(b, fixed ? UFUNC_clip_high : UFUNC_minimum, (Val[]){result, high}, 2);
    if (!is_given(low) && !is_given(high)) return fail(b, DIAG_BAD_ARGUMENTS, "clip without bounds");
    return ok(result) && is_given(v[3]) ? ufunc_into(b, v[3], result) : result;
}

Val array_conjugate(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v;
    if (!bind(b, "conj", "a", args, &v)) return NO_VAL;
    return hl_type_is_complex(v.type->args[0]) ? ufunc(b, UFUNC_conjugate, &v, 1) : v;
}

/* ---- queries --------------------------------------------------------------------------------------------------------------- */

static Val query(Builder *b, const Args *args, const char *attribute) {
    Val v;
    if (!bind(b, attribute, "a", args, &v)) return NO_VAL;
    if (v.type->kind == TY_ARRAY) return array_attribute(b, v, attribute);
    if (!hl_type_is_scalar(v.type)) return fail(b, DIAG_NO_OVERLOAD, attribute, hl_type_show(v.type));
    if (strcmp(attribute, "shape") == 0) return tuple_val(b, NULL, 0);
    return literal(hl_type_lit_int(strcmp(attribute, "size") == 0));
}

/* The layout by the type: "C", "F" or "A". */
Val array_layout(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v;
    if (!bind(b, "layout", "a", args, &v) || !ok(need_array(b, "layout", v))) return NO_VAL;
    int layout = v.type->layout;
    return literal(hl_type_str(layout == LAYOUT_C ? "C" : layout == LAYOUT_F ? "F" : "A", 1));
}

Val numpy_shape(Builder *b, const Args *args, int64_t data) {
    (void)data;
    return query(b, args, "shape");
}

Val numpy_size(Builder *b, const Args *args, int64_t data) {
    (void)data;
    return query(b, args, "size");
}

Val numpy_ndim(Builder *b, const Args *args, int64_t data) {
    (void)data;
    return query(b, args, "ndim");
}

Val numpy_part(Builder *b, const Args *args, int64_t imaginary) {
    Val v;
    if (!bind(b, "np.real", "val", args, &v)) return NO_VAL;
    return get_attribute(b, v, imaginary ? "imag" : "real");
}

Val array_item(Builder *b, const Args *args, int64_t data) {
    (void)data;
    if (args->npos < 1 || args->nkw || !ok(need_array(b, "item", args->pos[0]))) return NO_VAL;
    Val array = args->pos[0],
        index = args->npos == 2 ? args->pos[1] : tuple_val(b, args->pos + 1, args->npos - 1);
    if (args->npos == 1 && array.type->ndim) {
        check(b, compare(b, OP_EQ, array_size(b, array), const_i64(b, 1)), "ValueError",
              "can only convert an array of size 1 to a Python scalar");
        index = int_val(const_i64(b, 0));
    }
    bool flat = is_index(index.type) && array.type->ndim != 1;
    if (flat) array = flat_of(b, array);
    Val element = flat               ? flat_getitem(b, array, index)
                  : array.type->ndim ? getitem(b, array, index)
                                     : array_element(b, array, NULL);
    Args list = {.pos = &element, .npos = 1};
    return ok(element) && element.type->kind != TY_ARRAY ? scalar_item(b, &list, 0) : NO_VAL;
}

/* What the prelude does not compile for these arguments. */
Val prelude_refuse(Builder *b, const Args *args, int64_t data) {
    (void)data;
    return fail(b, DIAG_BAD_ARGUMENTS, args->pos[0].type->name);
}
