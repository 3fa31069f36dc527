/* Python's hashes of numbers and tuples, bit for bit. Equal numbers of different types have equal hashes: the value modulo
 * the prime 2**61 - 1, a fraction by its inverse. -1 is no hash. Also bitcode. */
#include "runtime/runtime.h"

#include <math.h>

#define BITS 61
#define PRIME ((UINT64_C(1) << BITS) - 1)
#define HASH_OF_INF 314159
#define IMAGINARY UINT64_C(1000003)

static int64_t not_minus_one(uint64_t hash) {
    return hash == UINT64_MAX ? -2 : (int64_t)hash;
}

int64_t hlrt_hash_uint(uint64_t x) {
    return (int64_t)(x % PRIME);
}

int64_t hlrt_hash_int(int64_t x) {
    return x >= 0 ? (int64_t)((uint64_t)x % PRIME) : not_minus_one(0 - (0 - (uint64_t)x) % PRIME);
}

/* m * 2**e modulo the prime, m below 2**53, is m rotated within 61 bits. */
int64_t hlrt_hash_float(double x) {
    if (isnan(x)) return 0;
    if (isinf(x)) return x > 0 ? HASH_OF_INF : -HASH_OF_INF;
    int exponent;
    uint64_t m = (uint64_t)ldexp(frexp(fabs(x), &exponent), 53);
    int turn = (exponent - 53) % BITS;
    if (turn < 0) turn += BITS;
    uint64_t hash = ((m << turn) & PRIME) | m >> (BITS - turn);
    return not_minus_one(x < 0 ? 0 - hash : hash);
}

int64_t hlrt_hash_complex(double re, double im) {
    return not_minus_one((uint64_t)hlrt_hash_float(re) + IMAGINARY * (uint64_t)hlrt_hash_float(im));
}

/* Tuples: xxHash's primes. */
#define PRIME_1 UINT64_C(11400714785074694791)
#define PRIME_2 UINT64_C(14029467366897019727)
#define PRIME_5 UINT64_C(2870177450012600261)

int64_t hlrt_hash_item(int64_t so_far, int64_t hash) {
    uint64_t sum = (uint64_t)so_far + PRIME_5 + (uint64_t)hash * PRIME_2;
    return (int64_t)((sum << 31 | sum >> 33) * PRIME_1 - PRIME_5);
}

int64_t hlrt_hash_tuple(int64_t so_far, int64_t n) {
    uint64_t hash = (uint64_t)so_far + PRIME_5 + ((uint64_t)n ^ (PRIME_5 ^ UINT64_C(3527539)));
    return hash == UINT64_MAX ? 1546275796 : (int64_t)hash;
}
