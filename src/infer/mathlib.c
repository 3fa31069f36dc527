/* mathlib: Python's math and cmath modules.
 *
 * The value comes from the C function; what Python raises is decided from it afterwards, by the rule of CPython's own
 * math module: a NaN that no argument had is a domain error (ValueError), an infinity that no argument had is a range
 * error (OverflowError) where the function can overflow and a domain error where it has a pole.
 */
#include "infer/internal.h"
#include "infer/known.h"

#include <math.h>

/* The argument as float(x) would give it; 0 with an error when it has none. */
static bool as_float(Builder *b, const char *who, Val v, Ref *out) {
    if (v.type->kind == TY_ARRAY && v.type->ndim == 0) v = array_element(b, v, NULL);
    if (!ok(v) || !hl_type_is_scalar(v.type) || hl_type_is_complex(v.type))
        return ok(fail(b, DIAG_NO_OVERLOAD, who, ok(v) ? hl_type_show(v.type) : "this"));
    *out = cast_ref(b, ref_of(b, v), hl_type_storage(v.type), f64());
    return true;
}

static bool one_float(Builder *b, const char *who, const Args *args, Ref *x) {
    Val v;
    return bind(b, who, "x", args, &v) && as_float(b, who, v, x);
}

static bool two_floats(Builder *b, const char *who, const Args *args, Ref x[2]) {
    Val v[2];
    return bind(b, who, "x, y", args, v) && as_float(b, who, v[0], &x[0]) && as_float(b, who, v[1], &x[1]);
}

static Val float_val(Ref r) {
    return scalar(hl_type(TY_FLOAT), r);
}

/* The float that an exact function of one argument gives; a float32 for a float32 by Numba's rules. */
static Val shortened(Builder *b, const Args *args, Ref r) {
    if (!NUMBA(b) || args->npos != 1 || args->pos[0].type->kind != TY_F32) return float_val(r);
    return scalar(hl_type(TY_F32), cast_ref(b, r, f64(), hl_type(TY_F32)));
}

static Ref is_number(Builder *b, Ref x) {
    return compare(b, OP_FEQ, x, x);
}

static Ref is_nan(Builder *b, Ref x) {
    return compare(b, OP_FNE, x, x);
}

static Ref is_finite(Builder *b, Ref x) {
    return compare(b, OP_FLT, op1(b, OP_FABS, f64(), x), const_float(b, f64(), INFINITY));
}

static Ref is_infinite(Builder *b, Ref x) {
    return compare(b, OP_FEQ, op1(b, OP_FABS, f64(), x), const_float(b, f64(), INFINITY));
}

static Ref either(Builder *b, Ref x, Ref y) {
    return op2(b, OP_OR, b1(), x, y);
}

static void domain_error_unless(Builder *b, Ref condition) {
    if (!NUMBA(b)) check(b, condition, "ValueError", "math domain error");
}

static const char *math_name(int64_t id) {
    static const char *const names[] = {
#define MATH(name, nargs, c_name) "math." #name,
#include "ir/math.def"
#undef MATH
    };
    return names[id];
}

/* By Numba's rules: no errors, and float32 operands alone give a float32. */
static Val silent(Builder *b, MathId id, const Args *args, uint32_t n) {
    Val v[2];
    if (!bind(b, math_name(id), n == 1 ? "x" : "x, y", args, v)) return NO_VAL;
    bool single = v[0].type->kind == TY_F32 && v[n - 1].type->kind == TY_F32;
    const Type *t = single ? hl_type(TY_F32) : f64();
    Ref x[2];
    for (uint32_t i = 0; i < n; i++) {
        if (!as_float(b, math_name(id), v[i], &x[i])) return NO_VAL;
        x[i] = cast_ref(b, x[i], f64(), t);
    }
    return scalar(t, math(b, id, t, x, n));
}

/* ---- one argument ---------------------------------------------------------------------------------------------------------- */

Val math_total(Builder *b, const Args *args, int64_t id) {
    Ref x;
    if (NUMBA(b)) return silent(b, (MathId)id, args, 1);
    return one_float(b, math_name(id), args, &x) ? float_val(math(b, (MathId)id, f64(), &x, 1)) : NO_VAL;
}

/* Functions that are finite wherever they are defined: a result that is not finite for a finite x is a domain error. */
static Val checked_domain(Builder *b, MathId id, Ref x) {
    Ref result = math(b, id, f64(), &x, 1);
    Ref good = either(b, is_finite(b, result), is_nan(b, x)); /* NaN in, NaN out */
    Ref infinite = either(b, good, op2(b, OP_AND, b1(), is_infinite(b, result), is_infinite(b, x)));
    domain_error_unless(b, infinite);
    return float_val(result);
}

Val math_domain(Builder *b, const Args *args, int64_t id) {
    Ref x;
    if (NUMBA(b)) return silent(b, (MathId)id, args, 1);
    return one_float(b, math_name(id), args, &x) ? checked_domain(b, (MathId)id, x) : NO_VAL;
}

static void range_error_check(Builder *b, Ref result, Ref input_infinite) {
    Ref finite = compare(b, OP_FNE, op1(b, OP_FABS, f64(), result), const_float(b, f64(), INFINITY));
    if (!NUMBA(b)) check(b, either(b, finite, input_infinite), "OverflowError", "math range error");
}

Val math_range(Builder *b, const Args *args, int64_t id) {
    Ref x;
    if (NUMBA(b)) return silent(b, (MathId)id, args, 1);
    if (!one_float(b, math_name(id), args, &x)) return NO_VAL;
    Ref result = math(b, (MathId)id, f64(), &x, 1);
    range_error_check(b, result, is_infinite(b, x));
    return float_val(result);
}

Val math_sqrt(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Ref x;
    if (!one_float(b, "math.sqrt", args, &x)) return NO_VAL;
    domain_error_unless(b, either(b, compare(b, OP_FGE, x, const_float(b, f64(), 0)), is_nan(b, x)));
    return shortened(b, args, op1(b, OP_FSQRT, f64(), x));
}

/* gamma and lgamma: poles at 0, -1, -2, ... are domain errors, other infinities range errors. */
Val math_gamma(Builder *b, const Args *args, int64_t id) {
    Ref x;
    if (NUMBA(b)) return silent(b, (MathId)id, args, 1);
    if (!one_float(b, math_name(id), args, &x)) return NO_VAL;
    Ref whole = compare(b, OP_FEQ, op1(b, OP_FFLOOR, f64(), x), x), zero = const_float(b, f64(), 0);
    Ref pole = op2(b, OP_AND, b1(), whole, compare(b, OP_FLE, x, zero));
    Ref minus_infinity = compare(b, OP_FEQ, x, const_float(b, f64(), -INFINITY));
    if (id == MATH_lgamma)
        pole = op2(b, OP_AND, b1(), pole, compare(b, OP_FNE, x, const_float(b, f64(), -INFINITY)));
    else
        pole = either(b, pole, minus_infinity);
    domain_error_unless(b, op2(b, OP_XOR, b1(), pole, const_bool(b, true)));
    Ref result = math(b, (MathId)id, f64(), &x, 1);
    range_error_check(b, result, is_infinite(b, x));
    return float_val(result);
}

Val math_log(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v[2];
    Ref x = 0, base = 0;
    if (NUMBA(b) && args->npos == 1) return silent(b, MATH_log, args, 1);
    if (!bind(b, "math.log", "x, base=", args, v) || !as_float(b, "math.log", v[0], &x)) return NO_VAL;
    Val top = checked_domain(b, MATH_log, x);
    if (!ok(v[1])) return top;
    if (!as_float(b, "math.log", v[1], &base)) return NO_VAL;
    return binary(b, BIN_TRUEDIV, top, checked_domain(b, MATH_log, base));
}

Val math_fabs(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Ref x;
    return one_float(b, "math.fabs", args, &x) ? shortened(b, args, op1(b, OP_FABS, f64(), x)) : NO_VAL;
}

Val math_to_int(Builder *b, const Args *args, int64_t code) {
    Val v;
    Ref x;
    if (!bind(b, "math.floor", "x", args, &v)) return NO_VAL;
    if (is_index(v.type)) return to_python_int(b, v);
    if (!as_float(b, "math.floor", v, &x)) return NO_VAL;
    return to_python_int(b, float_val(op1(b, (Op)code, f64(), x)));
}

static Val truth_of_ufunc(Builder *b, UfuncId u, Val v) {
    Val result = ufunc(b, u, &v, 1);
    return ok(result) ? bool_val(result.ref) : result;
}

Val math_test(Builder *b, const Args *args, int64_t u) {
    Ref x;
    return one_float(b, "math.isnan", args, &x) ? truth_of_ufunc(b, (UfuncId)u, float_val(x)) : NO_VAL;
}

Val math_scale(Builder *b, const Args *args, int64_t to_degrees) {
    Ref x;
    if (!one_float(b, "math.degrees", args, &x)) return NO_VAL;
    double factor = to_degrees ? 180.0 / M_PI : M_PI / 180.0;
    return shortened(b, args, op2(b, OP_FMUL, f64(), x, const_float(b, f64(), factor)));
}

Val math_frexp(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Ref x;
    if (!one_float(b, "math.frexp", args, &x)) return NO_VAL;
    Ref mantissa = rt(b, RT_float_frexp_m, f64(), &x, 1),
        exponent = rt(b, RT_float_frexp_e, hl_type(TY_I64), &x, 1);
    return tuple_val(b, (Val[]){float_val(mantissa), int_val(exponent)}, 2);
}

/* ---- two arguments ------------------------------------------------------------------------------------------------------------- */

/* hypot of any number of arguments, folded. */
static Val hypot_many(Builder *b, const Args *args) {
    Ref total = const_float(b, f64(), 0), x;
    for (uint32_t i = 0; i < args->npos; i++) {
        if (!as_float(b, "math.hypot", args->pos[i], &x)) return NO_VAL;
        total = math(b, MATH_hypot, f64(), (Ref[]){total, x}, 2);
    }
    return float_val(total);
}

Val math_binary(Builder *b, const Args *args, int64_t id) {
    Ref x[2];
    if (id == MATH_hypot && args->npos != 2 && !args->nkw) return hypot_many(b, args);
    if (NUMBA(b)) return silent(b, (MathId)id, args, 2);
    if (!two_floats(b, math_name(id), args, x)) return NO_VAL;
    Ref result = math(b, (MathId)id, f64(), x, 2);
    if (id == MATH_fmod)
        domain_error_unless(b, either(b, is_number(b, result), either(b, is_nan(b, x[0]), is_nan(b, x[1]))));
    if (id == MATH_hypot) range_error_check(b, result, either(b, is_infinite(b, x[0]), is_infinite(b, x[1])));
    return float_val(result);
}

/* pow's errors: a NaN from numbers, and an infinity from finite ones: a pole at 0 is a domain error, else a range error. */
Val math_pow(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Ref x[2];
    if (NUMBA(b)) return silent(b, MATH_pow, args, 2);
    if (!two_floats(b, "math.pow", args, x)) return NO_VAL;
    Ref result = math(b, MATH_pow, f64(), x, 2), zero = const_float(b, f64(), 0);
    domain_error_unless(b, either(b, is_number(b, result), either(b, is_nan(b, x[0]), is_nan(b, x[1]))));
    Ref good = either(b, is_finite(b, result), is_nan(b, result));
    good = either(b, good, either(b, is_infinite(b, x[0]), is_infinite(b, x[1])));
    domain_error_unless(b, either(b, good, compare(b, OP_FNE, x[0], zero)));
    check(b, good, "OverflowError", "math range error");
    return float_val(result);
}

Val math_copysign(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Ref x[2];
    return two_floats(b, "math.copysign", args, x) ? float_val(op2(b, OP_FCOPYSIGN, f64(), x[0], x[1]))
                                                   : NO_VAL;
}

Val math_ldexp(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v[2];
    Ref x[2];
    if (!bind(b, "math.ldexp", "x, i", args, v) || !as_float(b, "math.ldexp", v[0], &x[0])) return NO_VAL;
    if (!is_index(v[1].type)) return fail(b, DIAG_NO_OVERLOAD, "math.ldexp", hl_type_show(v[1].type));
    x[1] = index_of(b, v[1]);
    Ref result = rt(b, RT_float_ldexp, f64(), x, 2);
    range_error_check(b, result, is_infinite(b, x[0]));
    return float_val(result);
}

static Ref absolute(Builder *b, Ref x) {
    Ref zero = const_i64(b, 0);
    return op_select(b, hl_type(TY_I64), compare(b, OP_SLT, x, zero),
                     op2(b, OP_SUB, hl_type(TY_I64), zero, x), x);
}

Val math_gcd(Builder *b, const Args *args, int64_t lcm) {
    const Type *i64 = hl_type(TY_I64);
    Ref total = const_i64(b, lcm ? 1 : 0);
    for (uint32_t i = 0; i < args->npos; i++) {
        if (!is_index(args->pos[i].type))
            return fail(b, DIAG_NO_OVERLOAD, lcm ? "math.lcm" : "math.gcd", hl_type_show(args->pos[i].type));
        Ref x = index_of(b, args->pos[i]), both[2] = {total, x};
        Ref gcd = rt(b, RT_int_gcd, i64, both, 2);
        if (!lcm) {
            total = gcd;
            continue;
        }
        Ref safe = op_select(b, i64, compare(b, OP_EQ, gcd, const_i64(b, 0)), const_i64(b, 1), gcd);
        total = absolute(b, op2(b, OP_MUL, i64, op2(b, OP_SDIV, i64, total, safe), x));
    }
    return int_val(total);
}

/* ---- cmath ------------------------------------------------------------------------------------------------------------------------ */

static bool one_complex(Builder *b, const char *who, Val v, Ref *z) {
    if (!hl_type_is_scalar(v.type)) return ok(fail(b, DIAG_NO_OVERLOAD, who, hl_type_show(v.type)));
    Val converted = convert(b, v, hl_type(TY_COMPLEX));
    *z = converted.ref;
    return ok(converted);
}

static Ref part(Builder *b, Ref z, bool imaginary) {
    return op1(b, imaginary ? OP_CIMAG : OP_CREAL, f64(), z);
}

static Ref all_finite(Builder *b, Ref z) {
    return op2(b, OP_AND, b1(), is_finite(b, part(b, z, false)), is_finite(b, part(b, z, true)));
}

static bool can_overflow(RtId id) {
    return id == RT_cmath_exp || id == RT_cmath_sin || id == RT_cmath_cos || id == RT_cmath_sinh ||
           id == RT_cmath_cosh;
}

static Val checked_complex(Builder *b, RtId id, Ref z) {
    Ref result = rt(b, id, hl_type(TY_C128), &z, 1);
    Ref not_finite_in = op2(b, OP_XOR, b1(), all_finite(b, z), const_bool(b, true));
    Ref good = either(b, all_finite(b, result), not_finite_in);
    if (can_overflow(id) && !NUMBA(b))
        check(b, good, "OverflowError", "math range error");
    else
        domain_error_unless(b, good);
    /* an infinite argument whose sine or cosine is asked for */
    Ref nan_out = either(b, is_nan(b, part(b, result, false)), is_nan(b, part(b, result, true)));
    Ref nan_in = either(b, is_nan(b, part(b, z, false)), is_nan(b, part(b, z, true)));
    domain_error_unless(b, either(b, op2(b, OP_XOR, b1(), nan_out, const_bool(b, true)), nan_in));
    return scalar(hl_type(TY_COMPLEX), result);
}

Val cmath_function(Builder *b, const Args *args, int64_t id) {
    Val v;
    Ref z = 0;
    return bind(b, "cmath", "z", args, &v) && one_complex(b, "cmath", v, &z) ? checked_complex(b, (RtId)id, z)
                                                                             : NO_VAL;
}

Val cmath_log(Builder *b, const Args *args, int64_t id) {
    Val v[2];
    Ref z = 0, base = 0;
    if (!bind(b, "cmath.log", "z, base=", args, v) || !one_complex(b, "cmath.log", v[0], &z)) return NO_VAL;
    Val top = checked_complex(b, (RtId)id, z);
    if (!ok(v[1])) return top;
    return one_complex(b, "cmath.log", v[1], &base)
               ? binary(b, BIN_TRUEDIV, top, checked_complex(b, (RtId)id, base))
               : NO_VAL;
}

Val cmath_test(Builder *b, const Args *args, int64_t u) {
    Val v;
    Ref z = 0;
    if (!bind(b, "cmath", "z", args, &v) || !one_complex(b, "cmath", v, &z)) return NO_VAL;
    return truth_of_ufunc(b, (UfuncId)u, scalar(hl_type(TY_COMPLEX), z));
}

static Val phase(Builder *b, Ref z) {
    return float_val(math(b, MATH_atan2, f64(), (Ref[]){part(b, z, true), part(b, z, false)}, 2));
}

Val cmath_phase(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v;
    Ref z = 0;
    return bind(b, "cmath.phase", "z", args, &v) && one_complex(b, "cmath.phase", v, &z) ? phase(b, z)
                                                                                         : NO_VAL;
}

Val cmath_polar(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v;
    Ref z = 0;
    if (!bind(b, "cmath.polar", "z", args, &v) || !one_complex(b, "cmath.polar", v, &z)) return NO_VAL;
    Ref parts[2] = {part(b, z, false), part(b, z, true)};
    Val radius = float_val(rt(b, RT_complex_abs, f64(), parts, 2));
    return tuple_val(b, (Val[]){radius, phase(b, z)}, 2);
}

Val cmath_rect(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Ref x[2];
    if (!two_floats(b, "cmath.rect", args, x)) return NO_VAL;
    Ref zero = const_float(b, f64(), 0),
        flat = compare(b, OP_FEQ, x[1], zero); /* phi 0: r and r * phi, keeping signs */
    Ref harmless = either(b, compare(b, OP_FEQ, x[0], zero), is_nan(b, x[0]));
    domain_error_unless(b,
                        either(b, harmless, op2(b, OP_XOR, b1(), is_infinite(b, x[1]), const_bool(b, true))));
    Ref re = op2(b, OP_FMUL, f64(), x[0], math(b, MATH_cos, f64(), &x[1], 1));
    Ref im = op2(b, OP_FMUL, f64(), x[0], math(b, MATH_sin, f64(), &x[1], 1));
    Ref signed_phi = op_select(b, f64(), compare(b, OP_FLT, x[0], zero), op1(b, OP_FNEG, f64(), x[1]), x[1]);
    Ref flat_im = op_select(b, f64(), is_finite(b, x[0]), op2(b, OP_FMUL, f64(), x[0], x[1]),
                            op_select(b, f64(), is_nan(b, x[0]), zero, signed_phi));
    re = op_select(b, f64(), flat, x[0], re), im = op_select(b, f64(), flat, flat_im, im);
    Ref endless = op2(b, OP_AND, b1(), is_infinite(b, x[0]), is_nan(b, x[1]));
    re = op_select(b, f64(), endless, const_float(b, f64(), __builtin_inf()), re);
    Ref nowhere = op2(b, OP_AND, b1(), compare(b, OP_FEQ, x[0], zero),
                      op2(b, OP_XOR, b1(), is_finite(b, x[1]), const_bool(b, true)));
    re = op_select(b, f64(), nowhere, zero, re), im = op_select(b, f64(), nowhere, zero, im);
    return scalar(hl_type(TY_COMPLEX), op2(b, OP_CMAKE, hl_type(TY_C128), re, im));
}
