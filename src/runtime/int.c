/* Integer functions compiled code calls: powers (wrapping) and greatest common divisors. Also bitcode. */
#include "runtime/runtime.h"

uint64_t hlrt_uint_pow(uint64_t x, uint64_t n) {
    uint64_t result = 1;
    for (; n; n >>= 1, x *= x)
        if (n & 1) result *= x;
    return result;
}

int64_t hlrt_int_pow(int64_t x, int64_t n) {
    return (int64_t)hlrt_uint_pow((uint64_t)x, (uint64_t)n);
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
