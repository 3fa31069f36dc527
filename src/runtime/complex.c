/* Complex functions compiled code calls. Division is also bitcode; the rest stands in the library only.
 *
 * complex_* are Python's: errors are raised (pow, abs) or checked before the call (division by zero, cmath's
 * domains); npy_* are NumPy's, which give inf and nan. The elementary functions are libm's, which follow
 * C99's Annex G as cmath and NumPy do; cmath_* adds what that leaves open.
 */
#include "runtime/runtime.h"
#include <complex.h>
#include <math.h>

/* ---- division (Smith's method) ------------------------------------------------------------------------- */

HlComplex hlrt_complex_div(double ar, double ai, double br, double bi) {
    if (fabs(br) >= fabs(bi)) {
        double ratio = bi / br, scale = br + bi * ratio;
        return (HlComplex){(ar + ai * ratio) / scale, (ai - ar * ratio) / scale};
    }
    if (isnan(br)) return (HlComplex){NAN, NAN};
    double ratio = br / bi, scale = br * ratio + bi;
    return (HlComplex){(ar * ratio + ai) / scale, (ai * ratio - ar) / scale};
}

#ifndef HL_BITCODE

static HlComplex multiply(HlComplex a, HlComplex b) {
    return (HlComplex){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

/* ---- power
 * ------------------------------------------------------------------------------------------------------------
 */

/* a ** n, n > 0, by repeated squaring from the lowest bit (the order both CPython and NumPy use). */
static HlComplex integer_power(HlComplex a, int64_t n) {
    HlComplex result = {1, 0};
    for (;;) {
        if (n & 1) result = multiply(result, a);
        n >>= 1;
        if (!n) return result;
        a = multiply(a, a);
    }
}

enum PowerError { POWER_OK, POWER_OF_ZERO, POWER_OVERFLOW };

static HlComplex python_integer_power(HlComplex a, int64_t n, enum PowerError *error) {
    if (n > 0) return integer_power(a, n);
    HlComplex below = n ? integer_power(a, -n) : (HlComplex){1, 0};
    if (below.re == 0 && below.im == 0) {
        *error = POWER_OF_ZERO;
        return below;
    }
    return hlrt_complex_div(1, 0, below.re, below.im);
}

/* Through modulus and phase. An infinite phase counts as CPython counts it (its cos sets EDOM). */
static HlComplex python_polar_power(HlComplex a, HlComplex b, enum PowerError *error) {
    if (b.re == 0 && b.im == 0) return (HlComplex){1, 0};
    if (a.re == 0 && a.im == 0) {
        if (b.im != 0 || b.re < 0) *error = POWER_OF_ZERO;
        return (HlComplex){0, 0};
    }
    double modulus = hypot(a.re, a.im), angle = atan2(a.im, a.re);
    double length = pow(modulus, b.re), phase = angle * b.re;
    if (b.im != 0) {
        length /= exp(angle * b.im);
        phase += b.im * log(modulus);
    }
    if (isinf(phase)) *error = POWER_OF_ZERO;
    return (HlComplex){length * cos(phase), length * sin(phase)};
}

HlComplex hlrt_complex_pow(HlContext *ctx, double ar, double ai, double br, double bi) {
    static const HlErrorSite of_zero = {"ZeroDivisionError", -1, "0.0 to a negative or complex power", NULL,
                                        0};
    static const HlErrorSite overflow = {"OverflowError", -1, "complex exponentiation", NULL, 0};
    enum PowerError error = POWER_OK;
    HlComplex a = {ar, ai}, b = {br, bi};
    bool is_integer = bi == 0 && br == floor(br) && fabs(br) <= 100;
    HlComplex result =
        is_integer ? python_integer_power(a, (int64_t)br, &error) : python_polar_power(a, b, &error);
    if (error == POWER_OK && (isinf(result.re) || isinf(result.im))) error = POWER_OVERFLOW;
    if (error != POWER_OK) hlrt_raise(ctx, error == POWER_OF_ZERO ? &of_zero : &overflow, NULL, 0);
    return result;
}

static HlComplex from_c(double complex z) {
    return (HlComplex){creal(z), cimag(z)};
}

/* As NumPy divides: it differs from hlrt_complex_div in how the scaling is applied, so in the last bit. */
static HlComplex npy_divide(HlComplex a, HlComplex b) {
    if (b.re == 0 && b.im == 0) return (HlComplex){a.re / fabs(b.re), a.im / fabs(b.re)};
    if (fabs(b.re) >= fabs(b.im)) {
        double ratio = b.im / b.re, scale = 1.0 / (b.re + b.im * ratio);
        return (HlComplex){(a.re + a.im * ratio) * scale, (a.im - a.re * ratio) * scale};
    }
    double ratio = b.re / b.im, scale = 1.0 / (b.im + b.re * ratio);
    return (HlComplex){(a.re * ratio + a.im) * scale, (a.im * ratio - a.re) * scale};
}

HlComplex hlrt_npy_complex_pow(double ar, double ai, double br, double bi) {
    HlComplex a = {ar, ai};
    if (br == 0 && bi == 0) return (HlComplex){1, 0};
    if (ar == 0 && ai == 0) return br > 0 ? (HlComplex){0, 0} : (HlComplex){NAN, NAN};
    if (bi != 0 || br != floor(br) || fabs(br) >= 100) return from_c(cpow(CMPLX(ar, ai), CMPLX(br, bi)));
    if (br == 1) return a;
    if (br == 2) return multiply(a, a);
    if (br == 3) return multiply(a, multiply(a, a));
    HlComplex result = integer_power(a, (int64_t)fabs(br));
    return br < 0 ? npy_divide((HlComplex){1, 0}, result) : result;
}

/* ---- abs, elementary functions ----------------------------------------------------------------------- */

double hlrt_complex_abs(HlContext *ctx, double re, double im) {
    static const HlErrorSite overflow = {"OverflowError", -1, "absolute value too large", NULL, 0};
    double result = hypot(re, im);
    if (isinf(result) && isfinite(re) && isfinite(im)) hlrt_raise(ctx, &overflow, NULL, 0);
    return result;
}

#define DEFINE_ELEMENTARY(name)                                                                              \
    HlComplex hlrt_complex_##name(double re, double im) {                                                    \
        return from_c(c##name(CMPLX(re, im)));                                                               \
    }
DEFINE_ELEMENTARY(sqrt)
DEFINE_ELEMENTARY(exp)
DEFINE_ELEMENTARY(log)
DEFINE_ELEMENTARY(sin)
DEFINE_ELEMENTARY(cos)
DEFINE_ELEMENTARY(tan)
DEFINE_ELEMENTARY(sinh)
DEFINE_ELEMENTARY(cosh)
DEFINE_ELEMENTARY(tanh)
DEFINE_ELEMENTARY(asin)
DEFINE_ELEMENTARY(acos)
DEFINE_ELEMENTARY(atan)
DEFINE_ELEMENTARY(asinh)
DEFINE_ELEMENTARY(acosh)
DEFINE_ELEMENTARY(atanh)

HlComplex hlrt_complex_log10(double re, double im) {
    HlComplex natural = hlrt_complex_log(re, im);
    return (HlComplex){natural.re / M_LN10, natural.im / M_LN10};
}

/* ---- cmath ------------------------------------------------------------------------------------------- */

enum { ZERO = 1, INFINITE = 2, NOT_A_NUMBER = 4, NEGATIVE = 8 };
enum { KEPT = 2 }; /* in a result: the part that C gives */

/* What CPython gives for arguments of these kinds, where C leaves a sign or a NaN open. */
typedef struct SpecialCase {
    int re, im;
    HlComplex result;
} SpecialCase;

static bool is_of_kind(double x, int kind) {
    if ((kind & NEGATIVE) && !signbit(x)) return false;
    return ((kind & ZERO) && x == 0) || ((kind & INFINITE) && isinf(x)) ||
           ((kind & NOT_A_NUMBER) && isnan(x));
}

static HlComplex with_cases(const SpecialCase *cases, size_t n, double re, double im, HlComplex result) {
    if (isfinite(re) && isfinite(im)) return result;
    for (size_t i = 0; i < n; i++) {
        if (!is_of_kind(re, cases[i].re) || !is_of_kind(im, cases[i].im)) continue;
        if (cases[i].result.re != KEPT) result.re = cases[i].result.re;
        if (cases[i].result.im != KEPT) result.im = cases[i].result.im;
    }
    return result;
}

#define DEFINE_CMATH(name, ...)                                                                              \
    HlComplex hlrt_cmath_##name(double re, double im) {                                                      \
        static const SpecialCase cases[] = {__VA_ARGS__};                                                    \
        return with_cases(cases, sizeof cases / sizeof *cases, re, im, hlrt_complex_##name(re, im));         \
    }
DEFINE_CMATH(acos, {INFINITE, NOT_A_NUMBER, {KEPT, INFINITY}})
DEFINE_CMATH(acosh, {ZERO, NOT_A_NUMBER, {NAN, NAN}})
DEFINE_CMATH(asin, {INFINITE, NOT_A_NUMBER, {KEPT, -INFINITY}})
DEFINE_CMATH(asinh, {NOT_A_NUMBER, INFINITE, {INFINITY, KEPT}})
DEFINE_CMATH(atan, {INFINITE, NOT_A_NUMBER, {KEPT, -0.0}})
DEFINE_CMATH(atanh, {NOT_A_NUMBER, INFINITE, {0.0, KEPT}})
DEFINE_CMATH(cos, {ZERO, NOT_A_NUMBER, {KEPT, 0.0}})
DEFINE_CMATH(cosh, {NOT_A_NUMBER, ZERO, {KEPT, 0.0}})
DEFINE_CMATH(exp, {INFINITE | NEGATIVE, INFINITE | NOT_A_NUMBER, {0.0, 0.0}})
DEFINE_CMATH(sin, {NOT_A_NUMBER, ZERO, {KEPT, -0.0}}, {NOT_A_NUMBER, INFINITE, {KEPT, -INFINITY}})
DEFINE_CMATH(sinh, {ZERO, NOT_A_NUMBER, {0.0, KEPT}})
DEFINE_CMATH(sqrt, {INFINITE | NEGATIVE, NOT_A_NUMBER, {KEPT, INFINITY}})
DEFINE_CMATH(tan, {INFINITE, INFINITE, {0.0, KEPT}}, {NOT_A_NUMBER, ZERO, {NAN, NAN}},
             {NOT_A_NUMBER, INFINITE, {0.0, KEPT}})
DEFINE_CMATH(tanh, {INFINITE, INFINITE | NOT_A_NUMBER, {KEPT, 0.0}}, {ZERO, NOT_A_NUMBER, {NAN, NAN}})
#endif
