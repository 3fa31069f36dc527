/* dtype: which element type a dtype names, and np.finfo and np.iinfo of it.
 *
 * A dtype is a constant: a class, a text such as "f4", or an object of np.dtype, which inference knows as "numpy.dtype:f32".
 */
#include "infer/internal.h"
#include "infer/known.h"

#include <float.h>
#include <string.h>

/* ---- dtypes ---------------------------------------------------------------------------------------------------------------- */

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

Val no_dtype(Builder *b, Val v) {
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

/* ---- np.finfo, np.iinfo: constants that know their type, and their attributes ---------------------------------------------- */

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
