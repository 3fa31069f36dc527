/* SHA-256 as FIPS 180-4 defines it; by the processor's own instructions where it has them, six times as fast. */
#include "base/sha256.h"

#include <immintrin.h>
#include <stdbool.h>
#include <string.h>
#include <sys/platform/x86.h>

static const uint32_t initial[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t turn(uint32_t x, int n) {
    return x >> n | x << (32 - n);
}

static void expand(const unsigned char *block, uint32_t w[64]) {
    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
               (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
    for (int i = 16; i < 64; i++) {
        uint32_t s0 = turn(w[i - 15], 7) ^ turn(w[i - 15], 18) ^ w[i - 15] >> 3;
        uint32_t s1 = turn(w[i - 2], 17) ^ turn(w[i - 2], 19) ^ w[i - 2] >> 10;
        w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
}

static void add_block_plainly(uint32_t state[8], const unsigned char *block) {
    uint32_t w[64], v[8];
    expand(block, w);
    memcpy(v, state, sizeof v);
    for (int i = 0; i < 64; i++) {
        uint32_t s1 = turn(v[4], 6) ^ turn(v[4], 11) ^ turn(v[4], 25);
        uint32_t t1 = v[7] + s1 + ((v[4] & v[5]) ^ (~v[4] & v[6])) + constants[i] + w[i];
        uint32_t s0 = turn(v[0], 2) ^ turn(v[0], 13) ^ turn(v[0], 22);
        uint32_t t2 = s0 + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
        memmove(v + 1, v, 7 * sizeof *v);
        v[4] += t1;
        v[0] = t1 + t2;
    }
    for (int i = 0; i < 8; i++)
        state[i] += v[i];
}

#define SHA_TARGET __attribute__((target("sha,sse4.1")))

/* The next four words of the schedule from the last sixteen, oldest first. */
SHA_TARGET static __m128i next_words(__m128i w0, __m128i w1, __m128i w2, __m128i w3) {
    __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(w0, w1), _mm_alignr_epi8(w3, w2, 4));
    return _mm_sha256msg2_epu32(sum, w3);
}

SHA_TARGET static void add_lanes(uint32_t state[8], const int at[4], __m128i lanes) {
    uint32_t v[4];
    memcpy(v, &lanes, sizeof v);
    for (int i = 0; i < 4; i++)
        state[at[i]] += v[i];
}

/* The instructions take the eight variables as two vectors, (f e b a) and (h g d c), do two rounds and give the new
 * first one; the old first one is then the second. */
SHA_TARGET static void add_block_fast(uint32_t state[8], const unsigned char *block) {
    static const int at_first[4] = {5, 4, 1, 0}, at_second[4] = {7, 6, 3, 2};
    const uint32_t *s = state;
    const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    __m128i first = _mm_set_epi32((int)s[0], (int)s[1], (int)s[4], (int)s[5]),
            second = _mm_set_epi32((int)s[2], (int)s[3], (int)s[6], (int)s[7]), w[4];
    for (int i = 0; i < 4; i++)
        w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)block + i), big_endian);
    for (int i = 0; i < 16; i++) {
        __m128i k = _mm_add_epi32(w[i % 4], _mm_loadu_si128((const __m128i *)constants + i));
        second = _mm_sha256rnds2_epu32(second, first, k);
        first = _mm_sha256rnds2_epu32(first, second, _mm_srli_si128(k, 8));
        w[i % 4] = next_words(w[i % 4], w[(i + 1) % 4], w[(i + 2) % 4], w[(i + 3) % 4]);
    }
    add_lanes(state, at_first, first);
    add_lanes(state, at_second, second);
}

static bool is_fast(void) {
    return CPU_FEATURE_ACTIVE(SHA) && CPU_FEATURE_ACTIVE(SSE4_1);
}

static void add_block(uint32_t state[8], const unsigned char *block) {
    if (is_fast())
        add_block_fast(state, block);
    else
        add_block_plainly(state, block);
}

void hl_sha256_init(Sha256 *s) {
    memcpy(s->state, initial, sizeof initial);
    s->nbytes = 0;
}

void hl_sha256_add(Sha256 *s, const void *data, size_t nbytes) {
    const unsigned char *p = data;
    while (nbytes) {
        size_t at = s->nbytes % 64, take = nbytes < 64 - at ? nbytes : 64 - at;
        memcpy(s->block + at, p, take);
        s->nbytes += take;
        p += take;
        nbytes -= take;
        if (at + take == 64) add_block(s->state, s->block);
    }
}

void hl_sha256_end(Sha256 *s, unsigned char digest[SHA256_NBYTES]) {
    static const unsigned char padding[64] = {0x80};
    unsigned char len[8];
    uint64_t nbits = s->nbytes * 8;
    for (int i = 0; i < 8; i++)
        len[i] = (unsigned char)(nbits >> (56 - 8 * i));
    hl_sha256_add(s, padding, 1 + (119 - s->nbytes % 64) % 64);
    hl_sha256_add(s, len, 8);
    for (int i = 0; i < 32; i++)
        digest[i] = (unsigned char)(s->state[i / 4] >> (24 - 8 * (i % 4)));
}
