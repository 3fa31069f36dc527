/* Float functions compiled code calls, with CPython's (float_*) and NumPy's (npy_*) answers in every special
 * case.
 *
 * Also bitcode, except float_pow. The two families differ where the divisor is 0: CPython raises (checked
 * before the call), NumPy gives x / 0 for floor_divide and fmod's NaN for remainder.
 */
#include "runtime/runtime.h"
#include <math.h>

/* ---- floor division and remainder -------------------------------------------------------------------- */

/* The quotient rounded down, given the remainder of truncated division; exact where a plain floor(x / y) is
 * not. */
#define DEFINE_DIVISION(T, SUFFIX, fmod_, floor_, copysign_)                                                 \
    static inline T floor_quotient##SUFFIX(T x, T y, T rest) {                                               \
        T quotient = (x - rest) / y;                                                                         \
        if (rest != 0 && (y < 0) != (rest < 0)) quotient -= 1;                                               \
        if (quotient == 0) return copysign_((T)0, x / y);                                                    \
        T down = floor_(quotient);                                                                           \
        return quotient - down > (T)0.5 ? down + 1 : down;                                                   \
    }                                                                                                        \
    static inline T floor_rest##SUFFIX(T y, T rest) {                                                        \
        if (rest == 0) return copysign_((T)0, y);                                                            \
        return (y < 0) != (rest < 0) ? rest + y : rest;                                                      \
    }                                                                                                        \
    T hlrt_npy_floordiv##SUFFIX(T x, T y) {                                                                  \
        return y == 0 ? x / y : floor_quotient##SUFFIX(x, y, fmod_(x, y));                                   \
    }                                                                                                        \
    T hlrt_npy_mod##SUFFIX(T x, T y) {                                                                       \
        T rest = fmod_(x, y);                                                                                \
        return y == 0 ? rest : floor_rest##SUFFIX(y, rest);                                                  \
    }
DEFINE_DIVISION(double, , fmod, floor, copysign)
DEFINE_DIVISION(float, f, fmodf, floorf, copysignf)

double hlrt_float_floordiv(double x, double y) {
    return floor_quotient(x, y, fmod(x, y));
}
double hlrt_float_mod(double x, double y) {
    return floor_rest(y, fmod(x, y));
}

/* ---- neighbours, scaling ----------------------------------------------------------------------------- */

double hlrt_npy_spacing(double x) {
    if (isinf(x)) return NAN;
    return x == 0 ? 0x1p-1074 : nextafter(x, copysign(INFINITY, x)) - x;
}

float hlrt_npy_spacingf(float x) {
    if (isinf(x)) return NAN;
    return x == 0 ? 0x1p-149f : nextafterf(x, copysignf(INFINITY, x)) - x;
}

double hlrt_float_ldexp(double x, int64_t n) {
    return ldexp(x, n > 5000 ? 5000 : n < -5000 ? -5000 : (int)n);
}

double hlrt_float_frexp_m(double x) {
    int exponent;
    return frexp(x, &exponent);
}

int64_t hlrt_float_frexp_e(double x) {
    int exponent = 0;
    if (isfinite(x)) frexp(x, &exponent);
    return exponent;
}

/* ---- sums in the logarithmic domain ------------------------------------------------------------------ */

double hlrt_npy_logaddexp(double x, double y) {
    if (x == y) return x + 0.693147180559945309417232121458176568; /* infinities of one sign too */
    double difference = x - y;
    if (difference > 0) return x + log1p(exp(-difference));
    return difference <= 0 ? y + log1p(exp(difference)) : difference;
}

static double log2_1p(double x) {
    return 1.442695040888963407359924681001892137 * log1p(x);
}

double hlrt_npy_logaddexp2(double x, double y) {
    if (x == y) return x + 1;
    double difference = x - y;
    if (difference > 0) return x + log2_1p(exp2(-difference));
    return difference <= 0 ? y + log2_1p(exp2(difference)) : difference;
}

/* ---- power
 * ------------------------------------------------------------------------------------------------------------
 */

#ifndef HL_BITCODE
static const HlErrorSite zero_to_negative = {"ZeroDivisionError", -1,
                                             "0.0 cannot be raised to a negative power", NULL, 0};
static const HlErrorSite power_overflow = {"OverflowError", -1, NULL,
                                           "lit<34> str<\"Numerical result out of range\">", 2};
static const HlErrorSite complex_result = {"?ValueError", -1,
                                           "negative number cannot be raised to a fractional power", NULL, 0};

static double power_raise(HlContext *ctx, const HlErrorSite *site) {
    hlrt_raise(ctx, site, NULL, 0);
    return 0;
}

/* C's pow already gives CPython's value in every special case; what is left are CPython's errors. The base
 * may be negative with a fractional exponent only here: a complex result has no place in code typed for a
 * float. */
double hlrt_float_pow(HlContext *ctx, double x, double y) {
    if (isfinite(x) && isfinite(y)) {
        if (x == 0 && y < 0) return power_raise(ctx, &zero_to_negative);
        if (x < 0 && y != floor(y)) return power_raise(ctx, &complex_result);
        double result = pow(x, y);
        return isinf(result) ? power_raise(ctx, &power_overflow) : result;
    }
    return pow(x, y);
}
#endif
