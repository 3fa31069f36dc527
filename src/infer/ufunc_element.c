/* ufunc_element: one element of a ufunc: numbers of the types that ufunc.c has resolved to the number that comes out.
 *
 * What Python's operators do with numbers is in arith.c; here it is NumPy's way: division by zero is no error, integers
 * wrap, nothing raises.
 */
#include "infer/ufunc.h"

#include <math.h>

/* ---- integers ---------------------------------------------------------------------------------------------------- */

static Ref zero(Builder *b, const Type *t) {
    return hl_type_is_float(t) ? const_float(b, t, 0) : const_int(b, t, 0);
}

static Ref both(Builder *b, Ref x, Ref y) {
    return op2(b, OP_AND, np(TY_B1), x, y);
}

static Ref either(Builder *b, Ref x, Ref y) {
    return op2(b, OP_OR, np(TY_B1), x, y);
}

static bool is_constant_power_of_2(Builder *b, Ref y) {
    const Ins *by = ANALYSING(b) ? NULL : hl_ins(b->f, y);
    return by && by->op == OP_CONST_INT && is_power_of_2(by->aux.i);
}

/* By a constant power of two, rounded down as Python does. */
static Ref shift_or_mask(Builder *b, UfuncId u, const Type *t, Ref x, Ref y) {
    int64_t power = hl_ins(b->f, y)->aux.i;
    if (u == UFUNC_remainder) return op2(b, OP_AND, t, x, const_int(b, t, power - 1));
    Ref bits = const_int(b, t, __builtin_ctzll((uint64_t)power));
    return op2(b, hl_type_is_signed(t) ? OP_ASHR : OP_LSHR, t, x, bits);
}

static Ref signed_divide(Builder *b, UfuncId u, const Type *t, Ref x, Ref y) {
    Ref none = const_int(b, t, 0), one = const_int(b, t, 1);
    Ref by_zero = compare(b, OP_EQ, y, none), by_minus = compare(b, OP_EQ, y, const_int(b, t, -1));
    if (u == UFUNC_remainder && t->kind == TY_I64)
        return op_select(b, t, by_zero, none, op2(b, OP_FLOORMOD, t, x, op_select(b, t, by_zero, one, y)));
    Ref safe = op_select(b, t, either(b, by_zero, by_minus), one, y);
    Ref r = op2(b, OP_SREM, t, x, safe);
    if (u == UFUNC_fmod) return op_select(b, t, by_zero, none, r);
    Ref wrong_sign = compare(b, OP_SLT, op2(b, OP_XOR, t, r, y), none);
    Ref adjust = both(b, compare(b, OP_NE, r, none), wrong_sign);
    if (u == UFUNC_remainder)
        return op_select(b, t, by_zero, none, op_select(b, t, adjust, op2(b, OP_ADD, t, r, y), r));
    Ref q = op2(b, OP_SUB, t, op2(b, OP_SDIV, t, x, safe), op1(b, OP_ZEXT, t, adjust));
    return op_select(b, t, by_zero, none, op_select(b, t, by_minus, op2(b, OP_SUB, t, none, x), q));
}

static Ref integer_divide(Builder *b, UfuncId u, const Type *t, Ref x, Ref y) {
    if (u != UFUNC_fmod && is_constant_power_of_2(b, y)) return shift_or_mask(b, u, t, x, y);
    if (hl_type_is_signed(t)) return signed_divide(b, u, t, x, y);
    Ref none = const_int(b, t, 0), by_zero = compare(b, OP_EQ, y, none);
    Ref safe = op_select(b, t, by_zero, const_int(b, t, 1), y);
    return op_select(b, t, by_zero, none, op2(b, u == UFUNC_floor_divide ? OP_UDIV : OP_UREM, t, x, safe));
}

static Ref integer_power(Builder *b, const Type *t, Ref x, Ref y) {
    const Type *wide = np(hl_type_is_signed(t) ? TY_I64 : TY_U64);
    Ref args[2] = {cast_ref(b, x, t, wide), cast_ref(b, y, t, wide)};
    if (NUMBA(b) && hl_type_is_signed(t)) return cast_ref(b, rt(b, RT_int_pow_cut, wide, args, 2), wide, t);
    if (hl_type_is_signed(t))
        check(b, compare(b, OP_SGE, args[1], const_i64(b, 0)), "ValueError",
              "Integers to negative integer powers are not allowed.");
    return cast_ref(b, rt(b, hl_type_is_signed(t) ? RT_int_pow : RT_uint_pow, wide, args, 2), wide, t);
}

static Ref integer_gcd(Builder *b, const Type *t, Ref x, Ref y) {
    const Type *wide = np(hl_type_is_signed(t) ? TY_I64 : TY_U64);
    Ref args[2] = {cast_ref(b, x, t, wide), cast_ref(b, y, t, wide)};
    return cast_ref(b, rt(b, hl_type_is_signed(t) ? RT_int_gcd : RT_uint_gcd, wide, args, 2), wide, t);
}

static Ref negate_if(Builder *b, const Type *t, Ref condition, Ref x) {
    return op_select(b, t, condition, op2(b, OP_SUB, t, const_int(b, t, 0), x), x);
}

static Ref integer_lcm(Builder *b, const Type *t, Ref x, Ref y) {
    Ref g = integer_gcd(b, t, x, y), none = const_int(b, t, 0), empty = compare(b, OP_EQ, g, none);
    Ref safe = op_select(b, t, empty, const_int(b, t, 1), g);
    Ref product = op2(b, OP_MUL, t, op2(b, hl_type_is_signed(t) ? OP_SDIV : OP_UDIV, t, x, safe), y);
    return hl_type_is_signed(t) ? negate_if(b, t, compare(b, OP_SLT, product, none), product) : product;
}

/* A count at or beyond the width shifts everything out. */
static Ref integer_shift(Builder *b, UfuncId u, const Type *t, Ref x, Ref count) {
    Ref top = const_int(b, t, hl_type_bits(t) - 1), out = compare(b, OP_UGT, count, top);
    Ref safe = op2(b, OP_UMIN, t, count, top);
    if (u == UFUNC_right_shift && hl_type_is_signed(t)) return op2(b, OP_ASHR, t, x, safe);
    return op_select(b, t, out, const_int(b, t, 0),
                     op2(b, u == UFUNC_left_shift ? OP_SHL : OP_LSHR, t, x, safe));
}

static Ref sign_of(Builder *b, const Type *t, Ref x) {
    bool is_float = hl_type_is_float(t);
    Ref none = zero(b, t), one = is_float ? const_float(b, t, 1) : const_int(b, t, 1);
    Ref minus = is_float ? const_float(b, t, -1) : const_int(b, t, -1);
    Ref up = compare(b, is_float ? OP_FGT : hl_type_is_signed(t) ? OP_SGT : OP_UGT, x, none);
    if (!is_float && !hl_type_is_signed(t)) return op_select(b, t, up, one, none);
    Ref down = compare(b, is_float ? OP_FLT : OP_SLT, x, none);
    Ref rest = is_float ? op_select(b, t, compare(b, OP_FEQ, x, none), none, x) : none; /* nan stays */
    return op_select(b, t, up, one, op_select(b, t, down, minus, rest));
}

/* Of equals the first: a zero keeps its sign. */
static Ref clip_side(Builder *b, bool low, const Type *t, Ref x, Ref y) {
    Ref beyond = compare(b, low ? OP_FLT : OP_FGT, x, y);
    return op_select(b, t, either(b, beyond, compare(b, OP_FNE, y, y)), y, x);
}

static bool is_clip(UfuncId u) {
    return u == UFUNC_clip_low || u == UFUNC_clip_high;
}

static bool picks_larger(UfuncId u) {
    return u == UFUNC_maximum || u == UFUNC_fmax || u == UFUNC_clip_low;
}

static Ref pick(Builder *b, UfuncId u, const Type *t, Ref x, Ref y) {
    bool larger = picks_larger(u);
    if (t->kind == TY_B1) return op2(b, larger ? OP_OR : OP_AND, t, x, y);
    if (!hl_type_is_float(t)) {
        bool is_signed = hl_type_is_signed(t);
        return op2(b, larger ? (is_signed ? OP_SMAX : OP_UMAX) : (is_signed ? OP_SMIN : OP_UMIN), t, x, y);
    }
    if (is_clip(u)) return clip_side(b, larger, t, x, y);
    Ref nan_wins = u == UFUNC_maximum || u == UFUNC_minimum ? x : y; /* the operand whose NaN keeps x */
    bool first_of_equals = nan_wins == y && t->kind == TY_F64;       /* which zero wins differs so in NumPy */
    Op order = larger ? (first_of_equals ? OP_FGE : OP_FGT) : (first_of_equals ? OP_FLE : OP_FLT);
    Ref keep = either(b, compare(b, order, x, y), compare(b, OP_FNE, nan_wins, nan_wins));
    return op_select(b, t, keep, x, y);
}

/* ---- complex -------------------------------------------------------------------------------------------------------- */

static Ref re(Builder *b, const Type *t, Ref z) {
    return op1(b, OP_CREAL, hl_type_real_of(t), z);
}

static Ref im(Builder *b, const Type *t, Ref z) {
    return op1(b, OP_CIMAG, hl_type_real_of(t), z);
}

static Ref pair(Builder *b, const Type *t, Ref x, Ref y) {
    return op2(b, OP_CMAKE, t, x, y);
}

static Ref test_complex_nan(Builder *b, const Type *t, Ref z) {
    Ref x = re(b, t, z), y = im(b, t, z);
    return either(b, compare(b, OP_FNE, x, x), compare(b, OP_FNE, y, y));
}

static Ref complex_add(Builder *b, Op code, const Type *t, Ref x, Ref y) {
    const Type *real = hl_type_real_of(t);
    return pair(b, t, op2(b, code, real, re(b, t, x), re(b, t, y)),
                op2(b, code, real, im(b, t, x), im(b, t, y)));
}

static Ref complex_multiply(Builder *b, const Type *t, Ref x, Ref y) {
    const Type *real = hl_type_real_of(t);
    Ref a = re(b, t, x), c = im(b, t, x), d = re(b, t, y), e = im(b, t, y);
    Ref first = op2(b, OP_FSUB, real, op2(b, OP_FMUL, real, a, d), op2(b, OP_FMUL, real, c, e));
    return pair(b, t, first, op2(b, OP_FADD, real, op2(b, OP_FMUL, real, a, e), op2(b, OP_FMUL, real, c, d)));
}

/* A complex128 function of the runtime; complex64 goes through it. */
static Ref complex_rt(Builder *b, RtId id, const Type *t, const Ref *args, uint32_t n) {
    const Type *wide = np(TY_C128);
    Ref widened[2];
    for (uint32_t i = 0; i < n; i++)
        widened[i] = cast_ref(b, args[i], t, wide);
    return cast_ref(b, rt(b, id, wide, widened, n), wide, t);
}

/* Smith's division as NumPy does it, without branches: the larger part of y divides. */
static Ref complex_divide(Builder *b, const Type *t, Ref x, Ref y) {
    const Type *r = hl_type_real_of(t);
    Ref xr = re(b, t, x), xi = im(b, t, x), yr = re(b, t, y), yi = im(b, t, y), none = const_float(b, r, 0);
    Ref abs_r = op1(b, OP_FABS, r, yr), abs_i = op1(b, OP_FABS, r, yi);
    Ref by_real = compare(b, OP_FGE, abs_r, abs_i);
    Ref by_zero = both(b, compare(b, OP_FEQ, abs_r, none), compare(b, OP_FEQ, abs_i, none));
    Ref large = op_select(b, r, by_real, yr, yi), small = op_select(b, r, by_real, yi, yr);
    Ref ratio = op2(b, OP_FDIV, r, small, large);
    Ref scale =
        op2(b, OP_FDIV, r, const_float(b, r, 1), op2(b, OP_FADD, r, large, op2(b, OP_FMUL, r, small, ratio)));
    Ref xi_ratio = op2(b, OP_FMUL, r, xi, ratio), xr_ratio = op2(b, OP_FMUL, r, xr, ratio);
    Ref real = op_select(b, r, by_real, op2(b, OP_FADD, r, xr, xi_ratio), op2(b, OP_FADD, r, xr_ratio, xi));
    Ref imag = op_select(b, r, by_real, op2(b, OP_FSUB, r, xi, xr_ratio), op2(b, OP_FSUB, r, xi_ratio, xr));
    real = op_select(b, r, by_zero, op2(b, OP_FDIV, r, xr, abs_r), op2(b, OP_FMUL, r, real, scale));
    imag = op_select(b, r, by_zero, op2(b, OP_FDIV, r, xi, abs_r), op2(b, OP_FMUL, r, imag, scale));
    return pair(b, t, real, imag);
}

static Ref complex_arith(Builder *b, UfuncId u, const Type *t, const Ref *x) {
    const Type *real = hl_type_real_of(t);
    switch (u) {
    case UFUNC_add: return complex_add(b, OP_FADD, t, x[0], x[1]);
    case UFUNC_subtract: return complex_add(b, OP_FSUB, t, x[0], x[1]);
    case UFUNC_multiply: return complex_multiply(b, t, x[0], x[1]);
    case UFUNC_square: return complex_multiply(b, t, x[0], x[0]);
    case UFUNC_divide: return complex_divide(b, t, x[0], x[1]);
    case UFUNC_power:
    case UFUNC_float_power: return complex_rt(b, RT_npy_complex_pow, t, x, 2);
    case UFUNC_negative:
        return pair(b, t, op1(b, OP_FNEG, real, re(b, t, x[0])), op1(b, OP_FNEG, real, im(b, t, x[0])));
    case UFUNC_conjugate: return pair(b, t, re(b, t, x[0]), op1(b, OP_FNEG, real, im(b, t, x[0])));
    case UFUNC_absolute: return math(b, MATH_hypot, real, (Ref[]){re(b, t, x[0]), im(b, t, x[0])}, 2);
    case UFUNC_reciprocal: {
        Ref one = pair(b, t, const_float(b, real, 1), const_float(b, real, 0));
        return complex_divide(b, t, one, x[0]);
    }
    default: return x[0];
    }
}

/* ---- floats and all else ------------------------------------------------------------------------------------------------ */

static Ref float_arith(Builder *b, UfuncId u, const Type *t, const Ref *x) {
    bool single = t->kind == TY_F32;
    switch (u) {
    case UFUNC_add: return op2(b, OP_FADD, t, x[0], x[1]);
    case UFUNC_subtract: return op2(b, OP_FSUB, t, x[0], x[1]);
    case UFUNC_multiply: return op2(b, OP_FMUL, t, x[0], x[1]);
    case UFUNC_square: return op2(b, OP_FMUL, t, x[0], x[0]);
    case UFUNC_divide: return op2(b, OP_FDIV, t, x[0], x[1]);
    case UFUNC_reciprocal: return op2(b, OP_FDIV, t, const_float(b, t, 1), x[0]);
    case UFUNC_floor_divide: return rt(b, single ? RT_npy_floordivf : RT_npy_floordiv, t, x, 2);
    case UFUNC_remainder: return rt(b, single ? RT_npy_modf : RT_npy_mod, t, x, 2);
    case UFUNC_fmod: return math(b, MATH_fmod, t, x, 2);
    case UFUNC_power:
    case UFUNC_float_power: return silent_power(b, t, x);
    case UFUNC_negative: return op1(b, OP_FNEG, t, x[0]);
    case UFUNC_absolute: return op1(b, OP_FABS, t, x[0]);
    default: return x[0];
    }
}

static Ref bool_arith(Builder *b, UfuncId u, const Type *t, const Ref *x) {
    if (u == UFUNC_add) return op2(b, OP_OR, t, x[0], x[1]);
    return u == UFUNC_multiply ? op2(b, OP_AND, t, x[0], x[1]) : x[0];
}

static Ref int_arith(Builder *b, UfuncId u, const Type *t, const Ref *x) {
    switch (u) {
    case UFUNC_add: return op2(b, OP_ADD, t, x[0], x[1]);
    case UFUNC_subtract: return op2(b, OP_SUB, t, x[0], x[1]);
    case UFUNC_multiply: return op2(b, OP_MUL, t, x[0], x[1]);
    case UFUNC_square: return op2(b, OP_MUL, t, x[0], x[0]);
    case UFUNC_floor_divide:
    case UFUNC_remainder:
    case UFUNC_fmod: return integer_divide(b, u, t, x[0], x[1]);
    case UFUNC_power: return integer_power(b, t, x[0], x[1]);
    case UFUNC_negative: return op2(b, OP_SUB, t, const_int(b, t, 0), x[0]);
    case UFUNC_absolute:
        return hl_type_is_signed(t) ? negate_if(b, t, compare(b, OP_SLT, x[0], const_int(b, t, 0)), x[0])
                                    : x[0];
    case UFUNC_reciprocal: {
        const Type *f64 = np(TY_F64);
        return cast_ref(b, op2(b, OP_FDIV, f64, const_float(b, f64, 1), cast_ref(b, x[0], t, f64)), f64, t);
    }
    default: return x[0];
    }
}

/* The larger or smaller in lexicographic order; a NaN in the operand that may not lose it decides. */
static Ref pick_complex(Builder *b, UfuncId u, const Type *t, Ref x, Ref y) {
    bool larger = picks_larger(u);
    Ref wins = compare_numpy(b, larger ? CMP_GE : CMP_LE, scalar(t, x), scalar(t, y)).ref;
    Ref nan_wins = u == UFUNC_fmax || u == UFUNC_fmin ? y : x;
    Ref keep = either(b, wins, test_complex_nan(b, t, nan_wins)), parts[2];
    for (int i = 0; i < 2; i++) {
        const Type *real = hl_type_real_of(t);
        parts[i] = op_select(b, real, keep, i ? im(b, t, x) : re(b, t, x), i ? im(b, t, y) : re(b, t, y));
    }
    return pair(b, t, parts[0], parts[1]);
}

/* z / |z|, and 0 for 0. */
static Ref complex_sign(Builder *b, const Type *t, Ref z) {
    const Type *r = hl_type_real_of(t);
    Ref length = math(b, MATH_hypot, r, (Ref[]){re(b, t, z), im(b, t, z)}, 2), none = const_float(b, r, 0);
    Ref divisor = op_select(b, r, compare(b, OP_FEQ, length, none), const_float(b, r, 1), length);
    return pair(b, t, op2(b, OP_FDIV, r, re(b, t, z), divisor), op2(b, OP_FDIV, r, im(b, t, z), divisor));
}

static Ref arith_kernel(Builder *b, UfuncId u, const Type *t, const Ref *x) {
    if (u == UFUNC_maximum || u == UFUNC_minimum || u == UFUNC_fmax || u == UFUNC_fmin || is_clip(u))
        return hl_type_is_complex(t) ? pick_complex(b, u, t, x[0], x[1]) : pick(b, u, t, x[0], x[1]);
    if (u == UFUNC_sign) return hl_type_is_complex(t) ? complex_sign(b, t, x[0]) : sign_of(b, t, x[0]);
    if (hl_type_is_complex(t)) return complex_arith(b, u, t, x);
    if (hl_type_is_float(t)) return float_arith(b, u, t, x);
    return t->kind == TY_B1 ? bool_arith(b, u, t, x) : int_arith(b, u, t, x);
}

/* The bits set in the magnitude. */
static Ref bit_count(Builder *b, const Type *t, Ref x) {
    const Type *u8 = np(TY_U8);
    if (is_bool(t)) return op1(b, OP_ZEXT, u8, x);
    if (hl_type_is_signed(t)) x = negate_if(b, t, compare(b, OP_SLT, x, const_int(b, t, 0)), x);
    return cast_ref(b, op1(b, OP_CTPOP, t, x), t, u8);
}

static Ref integer_kernel(Builder *b, UfuncId u, const Type *t, const Ref *x) {
    switch (u) {
    case UFUNC_gcd: return integer_gcd(b, t, x[0], x[1]);
    case UFUNC_lcm: return integer_lcm(b, t, x[0], x[1]);
    case UFUNC_bitwise_and: return op2(b, OP_AND, t, x[0], x[1]);
    case UFUNC_bitwise_or: return op2(b, OP_OR, t, x[0], x[1]);
    case UFUNC_bitwise_xor: return op2(b, OP_XOR, t, x[0], x[1]);
    case UFUNC_invert: return op2(b, OP_XOR, t, x[0], const_int(b, t, t->kind == TY_B1 ? 1 : -1));
    default: return integer_shift(b, u, t, x[0], x[1]);
    }
}

typedef struct MathRow {
    uint8_t ufunc;
    uint8_t math;
    uint8_t complex; /* RtId */
} MathRow;
static const MathRow math_rows[] = {{UFUNC_exp, MATH_exp, RT_complex_exp},
                                    {UFUNC_log, MATH_log, RT_complex_log},
                                    {UFUNC_log10, MATH_log10, RT_complex_log10},
                                    {UFUNC_sin, MATH_sin, RT_complex_sin},
                                    {UFUNC_cos, MATH_cos, RT_complex_cos},
                                    {UFUNC_tan, MATH_tan, RT_complex_tan},
                                    {UFUNC_sinh, MATH_sinh, RT_complex_sinh},
                                    {UFUNC_cosh, MATH_cosh, RT_complex_cosh},
                                    {UFUNC_tanh, MATH_tanh, RT_complex_tanh},
                                    {UFUNC_arcsin, MATH_asin, RT_complex_asin},
                                    {UFUNC_arccos, MATH_acos, RT_complex_acos},
                                    {UFUNC_arctan, MATH_atan, RT_complex_atan},
                                    {UFUNC_arcsinh, MATH_asinh, RT_complex_asinh},
                                    {UFUNC_arccosh, MATH_acosh, RT_complex_acosh},
                                    {UFUNC_arctanh, MATH_atanh, RT_complex_atanh},
                                    {UFUNC_sqrt, MATH_COUNT, RT_complex_sqrt},
                                    {UFUNC_exp2, MATH_exp2, 0},
                                    {UFUNC_expm1, MATH_expm1, 0},
                                    {UFUNC_log2, MATH_log2, 0},
                                    {UFUNC_log1p, MATH_log1p, 0},
                                    {UFUNC_cbrt, MATH_cbrt, 0},
                                    {UFUNC_arctan2, MATH_atan2, 0},
                                    {UFUNC_hypot, MATH_hypot, 0},
                                    {UFUNC_nextafter, MATH_nextafter, 0}};

static const MathRow *math_row(UfuncId u) {
    for (size_t i = 0; i < sizeof math_rows / sizeof *math_rows; i++)
        if (math_rows[i].ufunc == u) return &math_rows[i];
    return NULL;
}

/* A float64 function of the runtime; float32 goes through it. */
static Ref double_rt(Builder *b, RtId id, const Type *t, const Ref *x, uint32_t n) {
    const Type *f64 = np(TY_F64);
    Ref wide[2] = {cast_ref(b, x[0], t, f64), n > 1 ? x[1] : 0};
    if (n > 1 && id != RT_float_ldexp) wide[1] = cast_ref(b, x[1], t, f64);
    return cast_ref(b, rt(b, id, f64, wide, n), f64, t);
}

static Ref scale_complex(Builder *b, const Type *t, Ref z, double factor) {
    const Type *r = hl_type_real_of(t);
    Ref scale = const_float(b, r, factor);
    return pair(b, t, op2(b, OP_FMUL, r, re(b, t, z), scale), op2(b, OP_FMUL, r, im(b, t, z), scale));
}

/* Complex functions that NumPy makes of others: exp2, log2, log1p, expm1. */
static Ref complex_by_parts(Builder *b, UfuncId u, const Type *t, Ref z) {
    const Type *r = hl_type_real_of(t);
    if (u == UFUNC_exp2) {
        Ref scaled = scale_complex(b, t, z, M_LN2);
        return complex_rt(b, RT_complex_exp, t, &scaled, 1);
    }
    if (u == UFUNC_log2) return scale_complex(b, t, complex_rt(b, RT_complex_log, t, &z, 1), M_LOG2E);
    Ref x = re(b, t, z), y = im(b, t, z);
    if (u == UFUNC_log1p) {
        Ref above[2] = {op2(b, OP_FADD, r, x, const_float(b, r, 1)), y}, swapped[2] = {y, above[0]};
        Ref length = math(b, MATH_hypot, r, above, 2);
        return pair(b, t, math(b, MATH_log, r, &length, 1), math(b, MATH_atan2, r, swapped, 2));
    }
    Ref half = op2(b, OP_FMUL, r, y, const_float(b, r, 0.5)), sine = math(b, MATH_sin, r, &half, 1);
    Ref correction = op2(b, OP_FMUL, r, const_float(b, r, 2), op2(b, OP_FMUL, r, sine, sine));
    Ref real =
        op2(b, OP_FSUB, r, op2(b, OP_FMUL, r, math(b, MATH_expm1, r, &x, 1), math(b, MATH_cos, r, &y, 1)),
            correction);
    return pair(b, t, real, op2(b, OP_FMUL, r, math(b, MATH_exp, r, &x, 1), math(b, MATH_sin, r, &y, 1)));
}

static Ref heaviside(Builder *b, const Type *t, Ref x, Ref at_zero) {
    Ref none = const_float(b, t, 0), one = const_float(b, t, 1);
    Ref rest = op_select(b, t, compare(b, OP_FLT, x, none), none,
                         op_select(b, t, compare(b, OP_FGT, x, none), one, x));
    return op_select(b, t, compare(b, OP_FEQ, x, none), at_zero, rest);
}

static Ref math_kernel(Builder *b, UfuncId u, const Type *t, const Ref *x) {
    switch (u) {
    case UFUNC_sqrt:
        return hl_type_is_complex(t) ? complex_rt(b, RT_complex_sqrt, t, x, 1) : op1(b, OP_FSQRT, t, x[0]);
    case UFUNC_fabs: return op1(b, OP_FABS, t, x[0]);
    case UFUNC_rint:
        if (!hl_type_is_complex(t)) return op1(b, OP_FRINT, t, x[0]);
        return pair(b, t, op1(b, OP_FRINT, hl_type_real_of(t), re(b, t, x[0])),
                    op1(b, OP_FRINT, hl_type_real_of(t), im(b, t, x[0])));
    case UFUNC_floor: return hl_type_is_float(t) ? op1(b, OP_FFLOOR, t, x[0]) : x[0];
    case UFUNC_ceil: return hl_type_is_float(t) ? op1(b, OP_FCEIL, t, x[0]) : x[0];
    case UFUNC_trunc: return hl_type_is_float(t) ? op1(b, OP_FTRUNC, t, x[0]) : x[0];
    case UFUNC_deg2rad: return op2(b, OP_FMUL, t, x[0], const_float(b, t, M_PI / 180.0));
    case UFUNC_rad2deg: return op2(b, OP_FMUL, t, x[0], const_float(b, t, 180.0 / M_PI));
    case UFUNC_heaviside: return heaviside(b, t, x[0], x[1]);
    case UFUNC_copysign: return op2(b, OP_FCOPYSIGN, t, x[0], x[1]);
    case UFUNC_logaddexp: return double_rt(b, RT_npy_logaddexp, t, x, 2);
    case UFUNC_logaddexp2: return double_rt(b, RT_npy_logaddexp2, t, x, 2);
    case UFUNC_ldexp: return double_rt(b, RT_float_ldexp, t, x, 2);
    case UFUNC_spacing: return rt(b, t->kind == TY_F32 ? RT_npy_spacingf : RT_npy_spacing, t, x, 1);
    default: break;
    }
    const MathRow *row = math_row(u);
    if (hl_type_is_complex(t) && !row->complex) return complex_by_parts(b, u, t, x[0]);
    if (hl_type_is_complex(t)) return complex_rt(b, (RtId)row->complex, t, x, 1);
    return math(b, (MathId)row->math, t, x, ufunc_rows[u].nin);
}

static Ref test_float(Builder *b, UfuncId u, const Type *t, Ref x) {
    if (u == UFUNC_isnan) return compare(b, OP_FNE, x, x);
    if (u == UFUNC_signbit) {
        const Type *bits = np(t->kind == TY_F32 ? TY_I32 : TY_I64);
        return compare(b, OP_SLT, op1(b, OP_RECAST, bits, x), const_int(b, bits, 0));
    }
    Ref magnitude = op1(b, OP_FABS, t, x), infinity = const_float(b, t, INFINITY);
    return compare(b, u == UFUNC_isinf ? OP_FEQ : OP_FLT, magnitude, infinity);
}

static Ref test_kernel(Builder *b, UfuncId u, const Type *t, Ref x) {
    if (hl_type_is_float(t)) return test_float(b, u, t, x);
    if (u == UFUNC_signbit && hl_type_is_signed(t)) return compare(b, OP_SLT, x, const_int(b, t, 0));
    if (!hl_type_is_complex(t)) return const_bool(b, u == UFUNC_isfinite);
    const Type *real = hl_type_real_of(t);
    Ref first = test_float(b, u, real, re(b, t, x)), second = test_float(b, u, real, im(b, t, x));
    return u == UFUNC_isfinite ? both(b, first, second) : either(b, first, second);
}

static Ref logic_kernel(Builder *b, UfuncId u, const Type *const *in, const Ref *x) {
    const Type *b1 = np(TY_B1);
    Ref first = cast_ref(b, x[0], in[0], b1);
    if (u == UFUNC_logical_not) return op2(b, OP_XOR, b1, first, const_bool(b, true));
    return op2(b,
               u == UFUNC_logical_and  ? OP_AND
               : u == UFUNC_logical_or ? OP_OR
                                       : OP_XOR,
               b1, first, cast_ref(b, x[1], in[1], b1));
}

static Ref compare_kernel(Builder *b, UfuncId u, const Type *const *in, const Ref *x) {
    CompareOp o = u == UFUNC_less         ? CMP_LT
                  : u == UFUNC_less_equal ? CMP_LE
                  : u == UFUNC_equal      ? CMP_EQ
                  : u == UFUNC_not_equal  ? CMP_NE
                  : u == UFUNC_greater    ? CMP_GT
                                          : CMP_GE;
    return compare_numpy(b, o, scalar(in[0], x[0]), scalar(in[1], x[1])).ref;
}

static Ref wide_kernel(Builder *b, UfuncId u, const Type *const *in, const Ref *x) {
    switch (ufunc_rows[u].family) {
    case FAMILY_arith: return arith_kernel(b, u, in[0], x);
    case FAMILY_math: return math_kernel(b, u, in[0], x);
    case FAMILY_integer: return integer_kernel(b, u, in[0], x);
    case FAMILY_count: return bit_count(b, in[0], x[0]);
    case FAMILY_test: return test_kernel(b, u, in[0], x[0]);
    case FAMILY_logic: return logic_kernel(b, u, in, x);
    case FAMILY_compare: return compare_kernel(b, u, in, x);
    case FAMILY_where: return op_select(b, in[1], cast_ref(b, x[0], in[0], np(TY_B1)), x[1], x[2]);
    case FAMILY_cast: break;
    }
    return x[0];
}

/* The next float16 from x in the direction of y: its bits, counted up or down. */
static Ref half_after(Builder *b, Ref x, Ref y) {
    const Type *f16 = np(TY_F16), *i16 = np(TY_I16);
    Ref none = const_float(b, f16, 0), bits = op1(b, OP_RECAST, i16, x), one = const_int(b, i16, 1);
    Ref up = compare(b, OP_FLT, x, y), positive = compare(b, OP_FGT, x, none);
    Ref outwards = compare(b, OP_EQ, up, positive);
    Ref next = op_select(b, i16, outwards, op2(b, OP_ADD, i16, bits, one), op2(b, OP_SUB, i16, bits, one));
    Ref smallest = op_select(b, i16, up, one, const_int(b, i16, INT16_MIN + 1));
    next = op_select(b, i16, compare(b, OP_FEQ, x, none), smallest, next);
    Ref moved = op_select(b, f16, compare(b, OP_FEQ, x, y), y, op1(b, OP_RECAST, f16, next));
    Ref sum = op2(b, OP_FADD, np(TY_F32), cast_ref(b, x, f16, np(TY_F32)), cast_ref(b, y, f16, np(TY_F32)));
    Ref nan = either(b, compare(b, OP_FNE, x, x), compare(b, OP_FNE, y, y));
    return op_select(b, f16, nan, cast_ref(b, sum, np(TY_F32), f16), moved);
}

/* What lies between x and the next float16 above it. */
static Ref half_spacing(Builder *b, Ref x) {
    const Type *f16 = np(TY_F16), *f32 = np(TY_F32);
    Ref above = half_after(b, x, const_float(b, f16, INFINITY));
    Ref gap = op2(b, OP_FSUB, f32, cast_ref(b, above, f16, f32), cast_ref(b, x, f16, f32));
    return cast_ref(b, gap, f32, f16);
}

/* float16 is computed in float32 and rounded, as NumPy does it. */
Ref ufunc_element(Builder *b, UfuncId u, const Type *const *in, const Ref *x) {
    const Type *f16 = np(TY_F16), *wide[3];
    Ref args[3];
    uint32_t n = ufunc_rows[u].nin;
    if (in[0] == f16 && u == UFUNC_nextafter) return half_after(b, x[0], x[1]);
    if (in[0] == f16 && u == UFUNC_spacing) return half_spacing(b, x[0]);
    for (uint32_t i = 0; i < n; i++) {
        wide[i] = in[i] == f16 ? np(TY_F32) : in[i];
        args[i] = cast_ref(b, x[i], in[i], wide[i]);
    }
    Ref r = wide_kernel(b, u, wide, args);
    if (ufunc_rows[u].family == FAMILY_where) return in[1] == f16 ? cast_ref(b, r, np(TY_F32), f16) : r;
    bool keeps =
        in[0] == f16 && (ufunc_rows[u].family == FAMILY_arith || ufunc_rows[u].family == FAMILY_math);
    return keeps ? cast_ref(b, r, np(TY_F32), f16) : r;
}
