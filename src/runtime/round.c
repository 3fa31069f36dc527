/* round(x, ndigits) of a float, correctly rounded as CPython's: the nearest decimal, ties to even, then the
 * nearest float.
 *
 * Two ways to the same answer. The quick one holds for 0 to 22 digits and values whose product with
 * 10**ndigits stays below 2**52: the product's rounding error is known exactly (fma), so unless the product
 * lies within it of a tie, the nearest integer is certain, and integer / 10**ndigits is one correctly rounded
 * division of two exact numbers. The other way goes through decimal digits: glibc prints and reads them
 * exactly.
 */
#include "runtime/runtime.h"

#ifndef HL_BITCODE
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_QUICK = 22, MAX_DIGITS = 323, MIN_DIGITS = -308 };

static const double powers[MAX_QUICK + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                             1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                             1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static bool round_quick(double x, double power, double *result) {
    double product = x * power;
    if (!(fabs(product) < 0x1p52)) return false;
    double nearest = rint(product), error = fma(x, power, -product);
    if (fabs(product - nearest) + fabs(error) >= 0.5) return false;
    *result = nearest / power;
    return true;
}

/* Adds one to a number of decimal digits; digits[-1] is room for the carry. Returns its first digit. */
static char *add_one(char *digits, char *last) {
    while (last >= digits && *last == '9')
        *last-- = '0';
    if (last >= digits) {
        ++*last;
        return digits;
    }
    digits[-1] = '1';
    return digits - 1;
}

/* Is the part cut off (digits of the integer, then a fraction or none) more than half, given that the kept
 * part is odd? */
static bool rounds_up(const char *cut, bool has_fraction, bool odd) {
    if (*cut != '5') return *cut > '5';
    return odd || has_fraction || strspn(cut + 1, "0") != strlen(cut + 1);
}

/* Rounds to a multiple of 10**places, places > 0. */
static double round_tens(double x, int places) {
    char text[1 + MAX_DIGITS + 2];
    char *digits = text + 1;
    double whole = trunc(fabs(x));
    int len = snprintf(digits, sizeof text - 1, "%.0f", whole);
    if (places > len) return copysign(0, x);
    char *cut = digits + len - places;
    bool odd = cut > digits && (cut[-1] - '0') % 2;
    if (rounds_up(cut, whole != fabs(x), odd)) digits = add_one(digits, cut - 1);
    memset(cut, '0', (size_t)places);
    return copysign(strtod(digits, NULL), x);
}

static double round_places(double x, int places) {
    char text[MAX_DIGITS + MAX_DIGITS + 8];
    snprintf(text, sizeof text, "%.*f", places, x);
    return strtod(text, NULL);
}

double hlrt_float_round(HlContext *ctx, double x, int64_t ndigits) {
    static const HlErrorSite too_large = {"OverflowError", -1, "rounded value too large to represent", NULL,
                                          0};
    double result;
    if (!isfinite(x) || ndigits > MAX_DIGITS) return x;
    if (ndigits < MIN_DIGITS) return 0.0 * x;
    if (ndigits >= 0 && ndigits <= MAX_QUICK && round_quick(x, powers[ndigits], &result)) return result;
    result = ndigits < 0 ? round_tens(x, (int)-ndigits) : round_places(x, (int)ndigits);
    if (isinf(result)) hlrt_raise(ctx, &too_large, NULL, 0);
    return result;
}
#endif
