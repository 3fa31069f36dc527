/* Integer functions compiled code calls: powers (wrapping) and greatest common divisors, int / int. Also
 * bitcode. */
#include "runtime/runtime.h"

#include <math.h>

uint64_t hlrt_uint_pow(uint64_t x, uint64_t n) {
    uint64_t result = 1;
    for (; n; n >>= 1, x *= x)
        if (n & 1) result *= x;
    return result;
}

int64_t hlrt_int_pow(int64_t x, int64_t n) {
    return (int64_t)hlrt_uint_pow((uint64_t)x, (uint64_t)n);
}

int64_t hlrt_int_pow_cut(int64_t x, int64_t n) {
    if (n >= 0) return hlrt_int_pow(x, n);
    return x == 1 || (x == -1 && n % 2 == 0) ? 1 : x == -1 ? -1 : 0;
}

int64_t hlrt_int_powmod(int64_t x, int64_t n, int64_t m) {
    __int128 modulus = m < 0 ? -(__int128)m : m, base = x % modulus, result = 1 % modulus;
    for (; n; n >>= 1, base = base * base % modulus)
        if (n & 1) result = result * base % modulus;
    if (result != 0 && (result < 0) != (m < 0)) result += m;
    return (int64_t)result;
}

int64_t hlrt_int_round(int64_t x, int64_t ndigits) {
    if (ndigits >= 0) return x;
    if (ndigits < -19) return 0;
    __int128 unit = 1;
    for (; ndigits < 0; ndigits++)
        unit *= 10;
    __int128 below = x % unit < 0 ? x % unit + unit : x % unit, base = x - below, twice = 2 * below;
    bool up = twice > unit || (twice == unit && base / unit % 2 != 0);
    return (int64_t)(base + (up ? unit : 0));
}

/* Binary gcd: shifts and subtractions only. */
uint64_t hlrt_uint_gcd(uint64_t a, uint64_t b) {
    if (!a || !b) return a | b;
    int shift = __builtin_ctzll(a | b);
    a >>= __builtin_ctzll(a);
    while (b) {
        b >>= __builtin_ctzll(b);
        uint64_t low = a < b ? a : b;
        b = a < b ? b - a : a - b;
        a = low;
    }
    return a << shift;
}

static uint64_t magnitude(int64_t x) {
    return x < 0 ? 0 - (uint64_t)x : (uint64_t)x;
}

int64_t hlrt_int_gcd(int64_t a, int64_t b) {
    return (int64_t)hlrt_uint_gcd(magnitude(a), magnitude(b));
}

/* ---- int / int ---------------------------------------------------------------------------------------- */

enum { EXACT_INT_BITS = 53 };

/* Quotient rounded once: the integer quotient to 63 bits or more, with what is left as a sticky bit. */
HL_COLD static double divide_large(int64_t x, int64_t y) {
    bool negative = (x < 0) != (y < 0);
    unsigned __int128 n = x < 0 ? 0 - (uint64_t)x : (uint64_t)x, d = y < 0 ? 0 - (uint64_t)y : (uint64_t)y;
    if (n == 0) return negative ? -0.0 : 0.0;
    int shift = __builtin_clzll((uint64_t)n) - __builtin_clzll((uint64_t)d) + 60;
    if (shift > 0)
        n <<= shift;
    else
        shift = 0;
    unsigned __int128 q = n / d;
    uint64_t sticky = n % d != 0, bits = (uint64_t)q | sticky;
    double result = ldexp((double)bits, -shift);
    return negative ? -result : result;
}

static bool is_exact_double(int64_t x) {
    return x <= (INT64_C(1) << EXACT_INT_BITS) && x >= -(INT64_C(1) << EXACT_INT_BITS);
}

double hlrt_int_truediv(int64_t x, int64_t y) {
    if (__builtin_expect(is_exact_double(x) && is_exact_double(y), 1)) return (double)x / (double)y;
    return divide_large(x, y);
}
