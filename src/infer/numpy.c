/* numpy: making and reshaping arrays, and the product of matrices. What is a loop over elements stands in the prelude. */
#include "infer/internal.h"
#include "infer/known.h"

#include <float.h>
#include <string.h>

static const Type *i64(void) {
    return hl_type(TY_I64);
}

/* ---- dtypes -------------------------------------------------------------------------------------------------------------- */

typedef struct DtypeName {
    const char *name;
    TypeKind kind;
} DtypeName;

/* What NumPy takes for a dtype, beside the scalar types of known.def. */
static const DtypeName dtype_names[] = {{"builtins.int", TY_I64},
                                        {"builtins.float", TY_F64},
                                        {"builtins.bool", TY_B1},
                                        {"builtins.complex", TY_C128},
                                        {"bool", TY_B1},
                                        {"int8", TY_I8},
                                        {"int16", TY_I16},
                                        {"int32", TY_I32},
                                        {"int64", TY_I64},
                                        {"uint8", TY_U8},
                                        {"uint16", TY_U16},
                                        {"uint32", TY_U32},
                                        {"uint64", TY_U64},
                                        {"float16", TY_F16},
                                        {"half", TY_F16},
                                        {"f2", TY_F16},
                                        {"e", TY_F16},
                                        {"float32", TY_F32},
                                        {"float64", TY_F64},
                                        {"complex64", TY_C64},
                                        {"complex128", TY_C128},
                                        {"int", TY_I64},
                                        {"float", TY_F64},
                                        {"complex", TY_C128},
                                        {"?", TY_B1},
                                        {"b1", TY_B1},
                                        {"i1", TY_I8},
                                        {"i2", TY_I16},
                                        {"i4", TY_I32},
                                        {"i8", TY_I64},
                                        {"u1", TY_U8},
                                        {"u2", TY_U16},
                                        {"u4", TY_U32},
                                        {"u8", TY_U64},
                                        {"f4", TY_F32},
                                        {"f8", TY_F64},
                                        {"c8", TY_C64},
                                        {"c16", TY_C128},
                                        {"d", TY_F64},
                                        {"f", TY_F32},
                                        {"single", TY_F32},
                                        {"double", TY_F64}};

static const Type *dtype_by_name(const char *name) {
    for (size_t i = 0; i < sizeof dtype_names / sizeof *dtype_names; i++)
        if (strcmp(dtype_names[i].name, name) == 0) return hl_type(dtype_names[i].kind);
    return NULL;
}

const Type *dtype_of(Builder *b, Val v) {
    (void)b;
    int64_t kind;
    if (v.type->kind == TY_STR) return dtype_by_name(v.type->name);
    if (v.type->kind != TY_OBJECT_CONST) return NULL;
    if (strncmp(v.type->name, "numpy.dtype:", 12) == 0) {
        const char *text = v.type->name + 12;
        const Type *type = hl_type_parse(&text);
        return type && hl_type_is_np(type) ? type : NULL;
    }
    return known_handler(v.type->name, &kind) == numpy_scalar ? hl_type((TypeKind)kind)
                                                              : dtype_by_name(v.type->name);
}

Val dtype_const(const Type *element) {
    char name[32] = "numpy.dtype:";
    strncat(name, hl_type_text(element), sizeof name - strlen(name) - 1);
    const char *interned = hl_intern(name);
    return literal(hl_type_const(NULL, interned));
}

Val numpy_scalar(Builder *b, const Args *args, int64_t kind) {
    return call_scalar_type(b, hl_type((TypeKind)kind), args);
}

Val numpy_dtype(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v;
    if (!bind(b, "np.dtype", "dtype", args, &v)) return NO_VAL;
    const Type *element = dtype_of(b, v);
    return element ? dtype_const(element) : fail(b, DIAG_NO_OVERLOAD, "np.dtype", hl_type_show(v.type));
}

/* Of arrays, dtypes and numbers; Python's numbers are weak. */
Val numpy_result_type(Builder *b, const Args *args, int64_t data) {
    (void)data;
    const Type *common = NULL;
    for (uint32_t i = 0; i < args->npos; i++) {
        const Type *t = args->pos[i].type, *named = dtype_of(b, args->pos[i]);
        t = named ? named : t->kind == TY_ARRAY ? t->args[0] : hl_type_unliteral(t);
        if (!hl_type_is_scalar(t)) return fail(b, DIAG_NO_OVERLOAD, "np.result_type", hl_type_show(t));
        common = common ? hl_type_promote(common, t) : t;
        if (!common) return fail(b, DIAG_NO_OVERLOAD, "np.result_type", hl_type_show(t));
    }
    return common ? dtype_const(hl_type_storage(common))
                  : fail(b, DIAG_BAD_ARGUMENTS, "np.result_type of nothing");
}

/* ---- np.finfo, np.iinfo: constants that know their type, and their attributes -------------------------------------------- */

Val numpy_limits(Builder *b, const Args *args, int64_t of_integers) {
    Val v;
    if (!bind(b, of_integers ? "np.iinfo" : "np.finfo", "dtype", args, &v)) return NO_VAL;
    const Type *element = v.type->kind == TY_ARRAY ? v.type->args[0] : dtype_of(b, v);
    if (element && hl_type_is_complex(element)) element = hl_type_real_of(element);
    if (!element || (of_integers ? !hl_type_is_integer(element) : !hl_type_is_float(element)))
        return fail(b, DIAG_NO_OVERLOAD, of_integers ? "np.iinfo" : "np.finfo", hl_type_show(v.type));
    return literal(
        hl_type_const(NULL, hl_intern(hl_arena_printf(&b->c->arena, "limits:%s", hl_type_text(element)))));
}

typedef struct FloatLimits {
    TypeKind kind;
    double eps, max, tiny;
} FloatLimits;

static Val float_limit(Builder *b, const Type *t, const char *name) {
    static const FloatLimits rows[] = {{TY_F16, 0x1p-10, 65504.0, 0x1p-14},
                                       {TY_F32, FLT_EPSILON, FLT_MAX, FLT_MIN},
                                       {TY_F64, DBL_EPSILON, DBL_MAX, DBL_MIN}};
    const FloatLimits *row = t->kind == TY_F16 ? &rows[0] : t->kind == TY_F32 ? &rows[1] : &rows[2];
    bool is_tiny = strcmp(name, "tiny") == 0 || strcmp(name, "smallest_normal") == 0;
    if (strcmp(name, "eps") == 0) return scalar(t, const_float(b, t, row->eps));
    if (strcmp(name, "max") == 0) return scalar(t, const_float(b, t, row->max));
    if (strcmp(name, "min") == 0) return scalar(t, const_float(b, t, -row->max));
    return is_tiny ? scalar(t, const_float(b, t, row->tiny)) : NO_VAL;
}

static Val integer_limit(const Type *t, const char *name) {
    int bits = hl_type_bits(t) - (hl_type_is_signed(t) ? 1 : 0);
    bool is_max = strcmp(name, "max") == 0;
    if (is_max && bits < 64) return literal(hl_type_lit_int((int64_t)(UINT64_MAX >> (64 - bits))));
    if (strcmp(name, "min") != 0) return NO_VAL;
    return literal(hl_type_lit_int(hl_type_is_signed(t) ? (int64_t)(UINT64_MAX << bits) : 0));
}

Val limits_attribute(Builder *b, Val limits, const char *name) {
    const char *text = limits.type->name;
    if (strncmp(text, "limits:", 7) != 0) return NO_VAL;
    text += 7;
    const Type *t = hl_type_parse(&text);
    if (strcmp(name, "bits") == 0) return literal(hl_type_lit_int(hl_type_bits(t)));
    return hl_type_is_float(t) ? float_limit(b, t, name) : integer_limit(t, name);
}

static Val no_dtype(Builder *b, Val v) {
    if (ok(v) && v.type->kind == TY_STR)
        return fail(b, DIAG_NO_DTYPE, hl_arena_printf(&b->c->arena, "'%s'", v.type->name));
    if (ok(v) && v.type->kind == TY_OBJECT_CONST && v.type->object)
        return fail(b, DIAG_NO_DTYPE, b->c->host->describe(b->c, v.type->object));
    return fail(b, DIAG_NOT_CONSTANT, "the dtype");
}

const Type *dtype_argument(Builder *b, Val v, const Type *standard) {
    if (!ok(v) || v.type->kind == TY_NONE) return standard;
    const Type *element = dtype_of(b, v);
    if (!element) no_dtype(b, v);
    return element;
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

/* ---- creation --------------------------------------------------------------------------------------------------------------- */

static bool shape_argument(Builder *b, Val v, Ref *shape, int *ndim) {
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

/* ---- elementwise, but no ufuncs ---------------------------------------------------------------------------------------------- */

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

/* ---- copies and reshapes ------------------------------------------------------------------------------------------------------- */

static Val need_array(Builder *b, const char *who, Val v) {
    return v.type->kind == TY_ARRAY ? v : fail(b, DIAG_NO_OVERLOAD, who, hl_type_show(v.type));
}

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

/* Arrays by their addresses, numbers as they are. */
Val lapack_routine(Builder *b, const Args *args, int64_t rt_id) {
    Ref refs[10];
    for (uint32_t i = 0; i < args->npos; i++) {
        Val v = args->pos[i];
        refs[i] = v.type->kind == TY_ARRAY ? array_data(b, v)
                  : hl_type_is_float(v.type)
                      ? cast_ref(b, ref_of(b, v), hl_type_storage(v.type), hl_type(TY_F64))
                      : index_of(b, v);
    }
    Ref info = rt(b, (RtId)rt_id, i64(), refs, args->npos);
    check(b, compare(b, OP_NE, info, const_i64(b, -1000)), "?RuntimeError", "no LAPACK was found");
    check(b, compare(b, OP_NE, info, const_i64(b, -1001)), "MemoryError",
          "no memory for the work space of LAPACK");
    return int_val(info);
}

/* What the prelude does not compile for these arguments. */
Val prelude_refuse(Builder *b, const Args *args, int64_t data) {
    (void)data;
    return fail(b, DIAG_BAD_ARGUMENTS, args->pos[0].type->name);
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

/* One axis of all elements, which owns its memory. */
static Val flat_copy(Builder *b, Val array, Ref size) {
    Ref shape[MAX_NDIM];
    for (int i = 0; i < array.type->ndim; i++)
        shape[i] = array_dim(b, array, i);
    Val flat = array_alloc(b, array.type->args[0], &size, 1, LAYOUT_C);
    if (ok(flat) && !array_assign(b, view_as(b, flat, shape, array.type->ndim), array)) return NO_VAL;
    return flat;
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

Val array_conjugate(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v;
    if (!bind(b, "conj", "a", args, &v)) return NO_VAL;
    return hl_type_is_complex(v.type->args[0]) ? ufunc(b, UFUNC_conjugate, &v, 1) : v;
}

/* ---- queries ------------------------------------------------------------------------------------------------------------------------ */

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

/* ---- dot and matmul -------------------------------------------------------------------------------------------------------------------- */

static RtId gemm_of(const Type *element) {
    switch ((TypeKind)element->kind) {
    case TY_F64: return RT_gemm_f64;
    case TY_F32: return RT_gemm_f32;
    case TY_C128: return RT_gemm_c128;
    case TY_C64: return RT_gemm_c64;
    default: return RT_COUNT;
    }
}

static const char *mismatch_text(Builder *b, bool matmul, int left, int right) {
    if (matmul)
        return hl_arena_printf(
            &b->c->arena,
            "matmul: Input operand 1 has a mismatch in its core dimension 0, with gufunc signature "
            "(n?,k),(k,m?)->(n?,m?) (size %%ld is different from %%ld)");
    return hl_arena_printf(&b->c->arena,
                           "shapes (%%ld,%s) and (%%ld,%s) not aligned: %%ld (dim %d) != %%ld (dim 0)",
                           left == 2 ? "%ld" : "", right == 2 ? "%ld" : "", left - 1);
}

static void check_inner(Builder *b, Val x, Val y, bool matmul) {
    int left = x.type->ndim, right = y.type->ndim;
    Ref k = array_dim(b, x, left - 1), l = array_dim(b, y, 0), shown[6];
    uint32_t n = 0;
    for (int i = 0; i < left && !matmul; i++)
        shown[n++] = array_dim(b, x, i);
    for (int i = 0; i < right && !matmul; i++)
        shown[n++] = array_dim(b, y, i);
    shown[n++] = matmul ? l : k;
    shown[n++] = matmul ? k : l;
    check_with(b, compare(b, OP_EQ, k, l), "ValueError", mismatch_text(b, matmul, left, right), shown, n);
}

/* A vector is a matrix of one row (left) or one column (right). */
static Val product(Builder *b, RtId gemm, Val x, Val y, const Type *element) {
    Ref one = const_i64(b, 1), item = const_i64(b, hl_type_nbytes(element)), shape[2];
    bool rows = x.type->ndim == 2, cols = y.type->ndim == 2;
    Ref m = rows ? array_dim(b, x, 0) : one, n = cols ? array_dim(b, y, 1) : one, k = array_dim(b, y, 0);
    int ndim = 0;
    if (rows) shape[ndim++] = m;
    if (cols) shape[ndim++] = n;
    Val out = array_alloc(b, element, shape, ndim, LAYOUT_C);
    Ref args[] = {array_data(b, x),
                  rows ? array_stride(b, x, 0) : item,
                  array_stride(b, x, rows),
                  array_data(b, y),
                  array_stride(b, y, 0),
                  cols ? array_stride(b, y, 1) : item,
                  array_data(b, out),
                  m,
                  n,
                  k};
    op(b, OP_RT, hl_type(TY_NONE), args, 10, (Aux){.i = gemm});
    return ndim ? out : array_element(b, out, NULL);
}

/* np.dot makes arrays of its operands: a Python number is an int64, float64 or complex128 there. */
static Val strong_number(Builder *b, Val v) {
    return hl_type_is_py(v.type) ? convert(b, v, hl_type_storage(hl_type_unliteral(v.type))) : v;
}

static Val dot(Builder *b, Val *v, bool matmul) {
    v[0] = as_array(b, v[0]), v[1] = as_array(b, v[1]);
    if (!ok(v[0]) || !ok(v[1])) return NO_VAL;
    bool arrays =
        v[0].type->kind == TY_ARRAY && v[1].type->kind == TY_ARRAY && v[0].type->ndim && v[1].type->ndim;
    if (!arrays && !matmul)
        return ufunc(b, UFUNC_multiply, (Val[]){strong_number(b, v[0]), strong_number(b, v[1])}, 2);
    if (!arrays) return fail(b, DIAG_NO_OVERLOAD, matmul ? "@" : "np.dot", hl_type_show(v[0].type));
    if (v[0].type->ndim > 2 || v[1].type->ndim > 2)
        return call_known(b, matmul ? "numpy.matmul.stacked" : "numpy.dot.stacked", v, 2);
    check_inner(b, v[0], v[1], matmul);
    const Type *element = hl_type_promote(v[0].type->args[0], v[1].type->args[0]);
    if (!element || gemm_of(element) == RT_COUNT) {
        const void *prelude =
            b->c->host->prelude(b->c, matmul ? "numpy.matmul.integers" : "numpy.dot.integers");
        return prelude ? call_prelude(b, prelude, &(Args){.pos = v, .npos = 2})
                       : fail(b, DIAG_NO_OVERLOAD, matmul ? "@" : "np.dot", hl_type_show(v[0].type));
    }
    for (int i = 0; i < 2; i++)
        if (v[i].type->args[0] != element || v[i].type->unaligned) v[i] = copy_as(b, v[i], element, LAYOUT_C);
    return product(b, gemm_of(element), v[0], v[1], element);
}

/* np.dot takes an array exactly as it would make it. */
static Val dot_into(Builder *b, Val out, Val result) {
    static const char reason[] = "output array is not acceptable (must have the right datatype, number of "
                                 "dimensions, and be a C-Array)";
    const Type *t = result.type, *have = out.type;
    bool fits = t->kind == TY_ARRAY && have->kind == TY_ARRAY && have->args[0] == t->args[0] &&
                have->ndim == t->ndim && have->layout == LAYOUT_C;
    if (!fits) return fail(b, DIAG_BAD_ARGUMENTS, reason);
    for (int i = 0; i < t->ndim; i++)
        check(b, compare(b, OP_EQ, array_dim(b, out, i), array_dim(b, result, i)), "ValueError",
              "output array has wrong dimensions");
    return array_assign(b, out, result) ? out : NO_VAL;
}

Val numpy_dot(Builder *b, const Args *args, int64_t matmul) {
    Val v[3];
    if (!bind(b, matmul ? "np.matmul" : "np.dot", "a, b, out=", args, v)) return NO_VAL;
    Val result = dot(b, v, matmul != 0);
    if (!ok(result) || !ok(v[2]) || v[2].type->kind == TY_NONE) return result;
    return matmul ? ufunc_into(b, v[2], result) : dot_into(b, v[2], result);
}
