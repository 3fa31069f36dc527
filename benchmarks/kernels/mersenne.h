/* The Mersenne twister MT19937 (Matsumoto and Nishimura 1998), seeded by one number as NumPy's legacy generator is,
 * and doubles of 53 bits from it. */
#ifndef MERSENNE_H
#define MERSENNE_H

#include <stdint.h>

enum { MT_N = 624, MT_M = 397 };
typedef struct Mersenne {
    uint32_t key[MT_N];
    int next;
} Mersenne;

static inline void mersenne_seed(Mersenne *mt, uint32_t seed) {
    mt->key[0] = seed;
    for (uint32_t i = 1; i < MT_N; i++)
        mt->key[i] = 1812433253u * (mt->key[i - 1] ^ mt->key[i - 1] >> 30) + i;
    mt->next = MT_N;
}

static inline uint32_t mersenne_mix(uint32_t upper, uint32_t lower, uint32_t far) {
    uint32_t y = (upper & 0x80000000u) | (lower & 0x7fffffffu);
    return far ^ y >> 1 ^ (-(y & 1) & 0x9908b0dfu);
}

static void mersenne_refill(Mersenne *mt) {
    uint32_t *key = mt->key;
    int i = 0;
    for (; i < MT_N - MT_M; i++)
        key[i] = mersenne_mix(key[i], key[i + 1], key[i + MT_M]);
    for (; i < MT_N - 1; i++)
        key[i] = mersenne_mix(key[i], key[i + 1], key[i + MT_M - MT_N]);
    key[i] = mersenne_mix(key[i], key[0], key[MT_M - 1]);
    mt->next = 0;
}

static inline uint32_t mersenne_next(Mersenne *mt) {
    if (mt->next == MT_N) mersenne_refill(mt);
    uint32_t y = mt->key[mt->next++];
    y ^= y >> 11;
    y ^= y << 7 & 0x9d2c5680u;
    y ^= y << 15 & 0xefc60000u;
    return y ^ y >> 18;
}

static inline double mersenne_double(Mersenne *mt) {
    uint32_t high = mersenne_next(mt) >> 5, low = mersenne_next(mt) >> 6;
    return (high * 67108864.0 + low) / 9007199254740992.0;
}

#endif
