/* ufunc: calls of NumPy's universal functions, on numbers and on arrays.
 *
 * resolve() is NumPy's type resolution: what each operand is converted to and what comes out. On numbers ufunc_element
 * follows at once. With an array the call is one `ew` operation, of which opt/ makes a loop; its elements are made in the
 * same way then, through hl_infer_ufunc_element.
 */
#include "infer/ufunc.h"

#include <string.h>

const UfuncRow ufunc_rows[UFUNC_COUNT] = {
#define UFUNC(name, nin, family) {#name, nin, FAMILY_##family},
#include "ir/ufuncs.def"
#undef UFUNC
};

UfuncId ufunc_by_name(const char *name) {
    static const char *const aliases[][2] = {{"true_divide", "divide"},
                                             {"mod", "remainder"},
                                             {"abs", "absolute"},
                                             {"conj", "conjugate"},
                                             {"pow", "power"}};
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (strcmp(name, aliases[i][0]) == 0) name = aliases[i][1];
    for (int u = 0; u < UFUNC_where; u++)
        if (strcmp(name, ufunc_rows[u].name) == 0) return (UfuncId)u;
    /* radians and degrees are the ufuncs deg2rad and rad2deg under other names */
    if (strcmp(name, "radians") == 0) return UFUNC_deg2rad;
    if (strcmp(name, "degrees") == 0) return UFUNC_rad2deg;
    return UFUNC_COUNT;
}

/* ---- type resolution ----------------------------------------------------------------------------------------------------- */

/* The NumPy type all operands promote to; Python scalars alone count as int64, float64, complex128, bool. */
static const Type *common_type(Builder *b, const Type *const *types, uint32_t n) {
    const Type *common = operand_type(b, types[0]);
    for (uint32_t i = 1; i < n && common; i++)
        common = ufunc_promote(b, common, operand_type(b, types[i]));
    return common ? hl_type_storage(common) : NULL;
}

/* The smallest float type a math function takes for it. Numba has no float16. */
static const Type *float_type(Builder *b, const Type *t) {
    if (hl_type_is_float(t) || hl_type_is_complex(t)) return t;
    int bits = hl_type_bits(t);
    return np(bits <= 8 && !NUMBA(b) ? TY_F16 : bits <= 16 ? TY_F32 : TY_F64);
}

static bool has_complex_math(UfuncId u) {
    switch (u) {
    case UFUNC_sqrt:
    case UFUNC_exp:
    case UFUNC_log:
    case UFUNC_log10:
    case UFUNC_sin:
    case UFUNC_cos:
    case UFUNC_tan:
    case UFUNC_sinh:
    case UFUNC_cosh:
    case UFUNC_tanh:
    case UFUNC_arcsin:
    case UFUNC_arccos:
    case UFUNC_arctan:
    case UFUNC_arcsinh:
    case UFUNC_arccosh:
    case UFUNC_arctanh:
    case UFUNC_exp2:
    case UFUNC_expm1:
    case UFUNC_log2:
    case UFUNC_log1p:
    case UFUNC_rint: return true;
    default: return false;
    }
}

static const Type *arith_type(Builder *b, UfuncId u, const Type *t) {
    bool boolean = is_bool(t), complex = hl_type_is_complex(t);
    switch (u) {
    case UFUNC_subtract:
    case UFUNC_negative:
    case UFUNC_positive:
    case UFUNC_sign: return boolean ? NULL : t;
    case UFUNC_divide: return hl_type_is_float(t) || complex ? t : NUMBA(b) ? float_type(b, t) : np(TY_F64);
    case UFUNC_floor_divide:
    case UFUNC_remainder:
    case UFUNC_fmod: return complex ? NULL : boolean ? np(TY_I8) : t;
    case UFUNC_power:
    case UFUNC_square:
    case UFUNC_reciprocal:
    case UFUNC_conjugate: return boolean ? np(TY_I8) : t;
    case UFUNC_float_power: return np(complex ? TY_C128 : TY_F64);
    default: return t;
    }
}

static const Type *math_type(Builder *b, UfuncId u, const Type *t) {
    if (hl_type_is_complex(t)) return has_complex_math(u) ? t : NULL;
    bool keeps_integers = u == UFUNC_floor || u == UFUNC_ceil || u == UFUNC_trunc;
    return keeps_integers && !hl_type_is_float(t) ? t : float_type(b, t);
}

/* Does a Python int take the type of this other operand? A bool has none for it. */
static bool is_weak_beside(const Type *t, const Type *other) {
    return hl_type_is_py(t) && hl_type_is_integer(t) && !hl_type_is_boolean(other);
}

static const Type *integer_type(UfuncId u, const Type *t) {
    bool shift = u == UFUNC_left_shift || u == UFUNC_right_shift, gcd = u == UFUNC_gcd || u == UFUNC_lcm;
    if (is_bool(t)) return shift ? np(TY_I8) : gcd ? NULL : t;
    return hl_type_is_integer(t) ? t : NULL;
}

/* NumPy's own type for an operand whose own type the kernel looks at (comparisons, logic, tests). */
static void own_types(const Type *const *types, uint32_t n, const Type **in) {
    for (uint32_t i = 0; i < n; i++)
        in[i] = hl_type_storage(hl_type_unliteral(types[i]));
}

/* Of integers the float that holds each one: a float16 for int8 and uint8, though together they are int16. */
static const Type *float_for_all(Builder *b, const Type *const *types, uint32_t n, const Type *common) {
    const Type *all = common;
    for (uint32_t i = 0; i < n && hl_type_is_integer(common); i++) {
        const Type *t = operand_type(b, types[i]);
        if (!hl_type_is_np(t)) return common;
        all = i ? hl_type_promote(all, float_type(b, t)) : float_type(b, t);
    }
    return all;
}

static bool resolve(Builder *b, UfuncId u, const Type *const *types, uint32_t n, const Type **in,
                    const Type **out) {
    const Type *t = ufunc_rows[u].family == FAMILY_where ? np(TY_B1) : common_type(b, types, n),
               *operand = NULL;
    if (!t) return false;
    *out = np(TY_B1);
    switch (ufunc_rows[u].family) {
    case FAMILY_arith: operand = *out = arith_type(b, u, t); break;
    case FAMILY_math: operand = *out = math_type(b, u, n == 2 ? float_for_all(b, types, n, t) : t); break;
    case FAMILY_integer: operand = *out = integer_type(u, t); break;
    case FAMILY_count:
        operand = hl_type_is_integer(t) || is_bool(t) ? t : NULL;
        *out = np(TY_U8);
        break;
    case FAMILY_test: operand = t; break;
    case FAMILY_compare:
        if (hl_type_is_float(t) || hl_type_is_complex(t)) {
            operand = t;
            break;
        }
        own_types(types, n, in);
        return true;
    case FAMILY_logic: own_types(types, n, in); return true;
    case FAMILY_where:
        in[0] = hl_type_storage(hl_type_unliteral(types[0]));
        in[1] = in[2] = *out = common_type(b, types + 1, 2);
        return *out != NULL;
    case FAMILY_cast: return false;
    }
    if (!operand || (u == UFUNC_signbit && hl_type_is_complex(operand))) return false;
    if (u == UFUNC_absolute) *out = hl_type_real_of(operand);
    for (uint32_t i = 0; i < n; i++)
        in[i] = operand;
    if (u != UFUNC_ldexp) return true;
    bool smallest = is_weak_beside(types[0], types[1]) && !hl_type_is_py(types[1]) && !NUMBA(b);
    in[0] = *out = smallest ? np(TY_F16) : float_type(b, hl_type_storage(hl_type_unliteral(types[0])));
    in[1] = np(TY_I64);
    const Type *exponent = hl_type_storage(hl_type_unliteral(types[1]));
    return !hl_type_is_complex(in[0]) && exponent->kind != TY_U64 &&
           (is_index(types[1]) || is_bool(exponent));
}

/* ---- calls ---------------------------------------------------------------------------------------------------------------------------- */

static const Type *element_of(const Type *t) {
    return t->kind == TY_ARRAY ? t->args[0] : t;
}

/* NumPy's K order as far as types tell it: F when every operand with all axes is F; operands that are stretched along the
 * missing axes have no say. */
static const Type *result_array(const Val *args, uint32_t n, const Type *element) {
    int ndim = 0;
    bool all_f = true;
    for (uint32_t i = 0; i < n; i++)
        if (args[i].type->kind == TY_ARRAY && args[i].type->ndim > ndim) ndim = args[i].type->ndim;
    for (uint32_t i = 0; i < n; i++)
        if (args[i].type->kind == TY_ARRAY && args[i].type->ndim == ndim)
            all_f &= args[i].type->layout == LAYOUT_F;
    return hl_type_array(element, ndim, all_f && ndim > 1 ? LAYOUT_F : LAYOUT_C, false, false);
}

static Val no_loop(Builder *b, UfuncId u, const Val *args, uint32_t n) {
    const char *types = hl_type_show(args[0].type);
    if (n > 1) types = hl_arena_printf(&b->c->arena, "%s, %s", types, hl_type_show(args[1].type));
    return fail(b, DIAG_NO_OVERLOAD, ufunc_rows[u].name, types);
}

/* A scalar operand in the type the loop takes; Python ints are range-checked where NumPy does it (not in comparisons). */
static Ref scalar_operand(Builder *b, UfuncId u, Val v, const Type *in) {
    if (ufunc_rows[u].family == FAMILY_arith || ufunc_rows[u].family == FAMILY_integer ||
        ufunc_rows[u].family == FAMILY_where)
        return weak_to(b, v, in).ref;
    return cast_ref(b, ref_of(b, v), hl_type_storage(v.type), in);
}

static Val array_ufunc(Builder *b, UfuncId u, const Val *args, uint32_t n, const Type *const *in,
                       const Type *element) {
    const Type *type = result_array(args, n, element);
    Ref refs[3];
    for (uint32_t i = 0; i < n; i++)
        refs[i] = args[i].type->kind == TY_ARRAY ? args[i].ref : scalar_operand(b, u, args[i], in[i]);
    return scalar(type, op(b, OP_EW, type, refs, n, (Aux){.i = u}));
}

/* An array or a number. */
static Val operand(Builder *b, Val v) {
    v = as_array(b, v.type->kind == TY_OPTIONAL ? convert(b, v, v.type->args[0]) : v);
    return ok(v) && v.type->kind == TY_ARRAY && v.type->ndim == 0 ? array_element(b, v, NULL) : v;
}

Val ufunc(Builder *b, UfuncId u, const Val *given, uint32_t n) {
    Val args[3];
    const Type *types[3] = {NULL}, *in[3] = {NULL}, *out;
    bool arrays = false;
    for (uint32_t i = 0; i < n; i++)
        if (!ok(given[i])) return NO_VAL;
    for (uint32_t i = 0; i < n; i++) {
        args[i] = operand(b, given[i]);
        if (!ok(args[i])) return NO_VAL;
        types[i] = element_of(args[i].type);
        arrays = arrays || args[i].type->kind == TY_ARRAY;
        if (!hl_type_is_scalar(types[i])) return no_loop(b, u, given, n);
    }
    if (!resolve(b, u, types, n, in, &out)) return no_loop(b, u, args, n);
    if (arrays) return array_ufunc(b, u, args, n, in, out);
    Ref refs[3];
    for (uint32_t i = 0; i < n; i++)
        refs[i] = scalar_operand(b, u, args[i], in[i]);
    return scalar(out, ufunc_element(b, u, in, refs));
}

/* NumPy's casting rule "same_kind" lets an element go to one of the same or a higher rank, whatever their widths. */
static int kind_rank(const Type *t) {
    if (is_bool(t)) return 0;
    if (hl_type_is_integer(t)) return hl_type_is_signed(t) ? 2 : 1;
    return hl_type_is_float(t) ? 3 : 4;
}

Val ufunc_into(Builder *b, Val out, Val result) {
    if (out.type->kind != TY_ARRAY) return fail(b, DIAG_BAD_ARGUMENTS, "out must be an array");
    const Type *element = hl_type_storage(hl_type_unliteral(element_of(result.type)));
    if (kind_rank(element) > kind_rank(out.type->args[0]))
        return fail(b, DIAG_NO_OVERLOAD, "an output array", hl_type_show(out.type));
    return array_output(b, out, result) ? out : NO_VAL;
}

Val ufunc_call(Builder *b, UfuncId u, const Args *args) {
    Val bound[3];
    if (!bind(b, ufunc_rows[u].name, ufunc_rows[u].nin == 1 ? "x, out=" : "x, y, out=", args, bound))
        return NO_VAL;
    Val result = ufunc(b, u, bound, ufunc_rows[u].nin), out = bound[ufunc_rows[u].nin];
    return ok(result) && ok(out) && out.type->kind != TY_NONE ? ufunc_into(b, out, result) : result;
}

Val ufunc_cast(Builder *b, Val array, const Type *element) {
    int layout = array.type->layout == LAYOUT_F ? LAYOUT_F : LAYOUT_C;
    const Type *type = hl_type_array(element, array.type->ndim, layout, false, false);
    return scalar(type, op(b, OP_EW, type, &array.ref, 1, (Aux){.i = UFUNC_cast}));
}

/* ---- for opt/ --------------------------------------------------------------------------------------------------------------------------- */

Ref hl_infer_ufunc_element(HlEmitter *at, UfuncId u, const Ref *operands, const Type *const *types,
                           uint32_t n, const Type *result) {
    Instance instance = {.options = at->f->options};
    Builder b = {.c = at->c, .instance = &instance, .f = at->f, .block = at->block, .loc = at->loc};
    if (u == UFUNC_cast) return cast_ref(&b, operands[0], types[0], result);
    const Type *in[3], *out;
    Ref refs[3];
    if (!resolve(&b, u, types, n, in, &out)) return 0;
    for (uint32_t i = 0; i < n; i++)
        refs[i] = cast_ref(&b, operands[i], types[i], in[i]);
    return cast_ref(&b, ufunc_element(&b, u, in, refs), out, result);
}
