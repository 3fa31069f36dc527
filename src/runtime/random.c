/* Random numbers in the streams of NumPy and CPython, whose own state is drawn from: a seed set outside counts here, and
 * what is drawn here is gone outside. Drawing from a Mersenne twister is also bitcode; everything rarer is not.
 *
 * Both keep the twister of Matsumoto and Nishimura (1998) as 624 words and the index of the next one, and both make a
 * double of the upper 27 and 26 bits of two words; they differ in seeding and in how normal numbers are made. The
 * distributions over these draws are in the prelude, where libm_* pins the elementary functions to libm's.
 */
#include "runtime/runtime.h"
#include <math.h>

/* ---- drawing ----------------------------------------------------------------------------------------- */

/* The twister's output function, on one word or on two words side by side. */
static inline uint64_t temper(uint64_t y) {
    y ^= y >> 11 & UINT64_C(0x001fffff001fffff);
    y ^= y << 7 & UINT64_C(0x9d2c56809d2c5680);
    y ^= y << 15 & UINT64_C(0xefc60000efc60000);
    return y ^ (y >> 18 & UINT64_C(0x00003fff00003fff));
}

/* Two words that follow each other, the first in the lower half. */
static inline uint64_t next_two(const HlStream *s, int32_t i) {
    return temper(s->words[i] | (uint64_t)s->words[i + 1] << 32);
}

static inline double double_of(uint32_t first, uint32_t second) {
    return (double)((int64_t)(first >> 5) << 26 | second >> 6) * 0x1p-53;
}

static inline HlStream *stream_of(HlContext *ctx, int64_t which) {
    return &ctx->streams->of[which];
}

uint32_t hlrt_random_u32(HlContext *ctx, int64_t which) {
    HlStream *s = stream_of(ctx, which);
    int32_t i = *s->next;
    if (__builtin_expect(i >= HL_TWISTER_WORDS, 0)) return hlrt_random_u32_slow(ctx, which);
    *s->next = i + 1;
    return (uint32_t)temper(s->words[i]);
}

uint64_t hlrt_random_u64(HlContext *ctx, int64_t which) {
    HlStream *s = stream_of(ctx, which);
    int32_t i = *s->next;
    if (__builtin_expect(i >= HL_TWISTER_WORDS - 1, 0)) return hlrt_random_u64_slow(ctx, which);
    *s->next = i + 2;
    uint64_t both = next_two(s, i);
    return both << 32 | both >> 32;
}

double hlrt_random_double(HlContext *ctx, int64_t which) {
    HlStream *s = stream_of(ctx, which);
    int32_t i = *s->next;
    if (__builtin_expect(i >= HL_TWISTER_WORDS - 1, 0)) return hlrt_random_double_slow(ctx, which);
    *s->next = i + 2;
    uint64_t both = next_two(s, i);
    return double_of((uint32_t)both, (uint32_t)(both >> 32));
}

double hlrt_random_gauss(HlContext *ctx, int64_t which) {
    HlGauss *kept = stream_of(ctx, which)->gauss;
    if (!kept || !kept->is_there) return hlrt_random_gauss_slow(ctx, which);
    double value = kept->value;
    *kept = (HlGauss){0, 0};
    return value;
}

#ifndef HL_BITCODE
#include <sys/random.h>

/* ---- opening ----------------------------------------------------------------------------------------- */

int32_t hlrt_no_words = HL_TWISTER_WORDS;
HlStreams hlrt_closed_streams = {.of = {{.next = &hlrt_no_words}, {.next = &hlrt_no_words}}};
static HlOpenStream open_stream;

void hlrt_set_open_stream(HlOpenStream open) {
    open_stream = open;
}

/* The stream, opened when it is not; NULL after an error. */
static HlStream *opened(HlContext *ctx, int64_t which) {
    static const HlErrorSite closed = {"RuntimeError", -1, "random numbers need Python's generators", NULL,
                                       0};
    if (stream_of(ctx, which)->gauss) return stream_of(ctx, which);
    bool can_open = open_stream && !ctx->region; /* a part draws from streams of its own */
    if (!can_open) hlrt_raise(ctx, &closed, NULL, 0);
    return can_open && open_stream(ctx, (int)which) ? stream_of(ctx, which) : NULL;
}

/* ---- new words --------------------------------------------------------------------------------------- */

enum { N = HL_TWISTER_WORDS, M = 397 };

static inline uint32_t twisted(uint32_t high, uint32_t low, uint32_t other) {
    uint32_t y = (high & 0x80000000u) | (low & 0x7fffffffu);
    return other ^ y >> 1 ^ (-(y & 1) & 0x9908b0dfu);
}

static void twist(uint32_t *w) {
    for (int i = 0; i < N - M; i++)
        w[i] = twisted(w[i], w[i + 1], w[i + M]);
    for (int i = N - M; i < N - 1; i++)
        w[i] = twisted(w[i], w[i + 1], w[i + M - N]);
    w[N - 1] = twisted(w[N - 1], w[0], w[M - 1]);
}

static uint32_t next_word(HlStream *s) {
    if (s->bitgen) return s->bitgen->next_uint32(s->bitgen->state);
    if (*s->next >= N) {
        twist(s->words);
        *s->next = 0;
    }
    return (uint32_t)temper(s->words[(*s->next)++]);
}

static double next_double(HlStream *s) {
    if (s->bitgen) return s->bitgen->next_double(s->bitgen->state);
    uint32_t first = next_word(s);
    return double_of(first, next_word(s));
}

uint32_t hlrt_random_u32_slow(HlContext *ctx, int64_t which) {
    HlStream *s = opened(ctx, which);
    return s ? next_word(s) : 0;
}

uint64_t hlrt_random_u64_slow(HlContext *ctx, int64_t which) {
    HlStream *s = opened(ctx, which);
    if (!s) return 0;
    if (s->bitgen) return s->bitgen->next_uint64(s->bitgen->state);
    uint64_t high = next_word(s);
    return high << 32 | next_word(s);
}

double hlrt_random_double_slow(HlContext *ctx, int64_t which) {
    HlStream *s = opened(ctx, which);
    return s ? next_double(s) : 0;
}

/* ---- normal numbers ---------------------------------------------------------------------------------- */

/* Marsaglia's polar method, as RandomState does it. */
static double numpy_gauss(HlStream *s) {
    double x, y, r2;
    do {
        x = 2 * next_double(s) - 1;
        y = 2 * next_double(s) - 1;
        r2 = x * x + y * y;
    } while (r2 >= 1 || r2 == 0);
    double factor = sqrt(-2 * log(r2) / r2);
    *s->gauss = (HlGauss){1, factor * x};
    return factor * y;
}

/* Box and Muller's, as random.gauss does it. */
static double python_gauss(HlStream *s) {
    double angle = next_double(s) * (2 * M_PI), radius = sqrt(-2 * log(1 - next_double(s)));
    *s->gauss = (HlGauss){1, sin(angle) * radius};
    return cos(angle) * radius;
}

double hlrt_random_gauss_slow(HlContext *ctx, int64_t which) {
    HlStream *s = opened(ctx, which);
    if (!s) return 0;
    if (s->gauss->is_there) return hlrt_random_gauss(ctx, which);
    return which == HL_STREAM_NUMPY ? numpy_gauss(s) : python_gauss(s);
}

/* ---- seeding ----------------------------------------------------------------------------------------- */

static void seed_by_number(uint32_t *w, uint32_t seed) {
    w[0] = seed;
    for (uint32_t i = 1; i < N; i++)
        w[i] = 1812433253u * (w[i - 1] ^ w[i - 1] >> 30) + i;
}

static inline uint32_t mixed(uint32_t word, uint32_t before, uint32_t factor) {
    return word ^ (before ^ before >> 30) * factor;
}

static uint32_t step(uint32_t *w, uint32_t i) {
    if (++i < N) return i;
    w[0] = w[N - 1];
    return 1;
}

static void seed_by_array(uint32_t *w, const uint32_t *key, uint32_t length) {
    uint32_t i = 1, j = 0;
    seed_by_number(w, 19650218);
    for (uint32_t k = N > length ? N : length; k; k--, i = step(w, i), j = (j + 1) % length)
        w[i] = mixed(w[i], w[i - 1], 1664525) + key[j] + j;
    for (uint32_t k = N - 1; k; k--, i = step(w, i))
        w[i] = mixed(w[i], w[i - 1], 1566083941) - i;
    w[0] = 0x80000000u;
}

/* The stream of a twister to seed; NULL after an error. */
static HlStream *seedable(HlContext *ctx, int64_t which) {
    static const HlErrorSite other = {"?TypeError", -1, "can only re-seed a MT19937 BitGenerator", NULL, 0};
    HlStream *s = opened(ctx, which);
    if (s && s->bitgen) hlrt_raise(ctx, &other, NULL, 0);
    if (!s || s->bitgen) return NULL;
    *s->gauss = (HlGauss){0, 0};
    *s->next = N;
    return s;
}

/* NumPy takes 32 bits (the prelude has checked that they are enough), Python the absolute value. */
void hlrt_random_seed(HlContext *ctx, int64_t which, int64_t seed) {
    HlStream *s = seedable(ctx, which);
    if (!s) return;
    if (which == HL_STREAM_NUMPY) {
        seed_by_number(s->words, (uint32_t)seed);
        return;
    }
    uint64_t size = seed < 0 ? -(uint64_t)seed : (uint64_t)seed;
    uint32_t key[2] = {(uint32_t)size, (uint32_t)(size >> 32)};
    seed_by_array(s->words, key, key[1] ? 2 : 1);
}

void hlrt_random_seed_entropy(HlContext *ctx, int64_t which) {
    static const HlErrorSite none = {"OSError", -1, "the system gives no random bits", NULL, 0};
    HlStream *s = seedable(ctx, which);
    if (!s) return;
    char *at = (char *)s->words;
    for (size_t i = 0; i < N * sizeof *s->words;
         i += 208) /* a part of at most 256 bytes is never cut short */
        if (getrandom(at + i, 208, 0) != 208) hlrt_raise(ctx, &none, NULL, 0);
    s->words[0] |= 0x80000000u; /* not all of them 0 */
}

/* ---- parallel regions -------------------------------------------------------------------------------- */

enum { MOST_PARTS = 128 };

/* The number of parts depends on that of rounds alone, so what is drawn does not depend on the threads. Each stream
 * gives a seed, which also moves it on: the next region draws others. */
int64_t hlrt_random_parts(HlContext *ctx, int64_t count, int64_t streams) {
    if (ctx->region || count <= 1) return 1;
    for (int64_t which = 0; which < HL_NSTREAMS; which++) {
        if (!(streams >> which & 1)) continue;
        uint64_t seed = hlrt_random_u64(ctx, which);
        if (ctx->status) return 1;
        ctx->streams->seed[which] = seed;
    }
    ctx->streams->in_parts = (uint32_t)streams;
    return count < MOST_PARTS ? count : MOST_PARTS;
}

/* Steele, Lea and Flood's SplitMix: well mixed numbers of consecutive ones. */
static uint64_t split_mix(uint64_t x) {
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static void fill_words(uint32_t *words, uint64_t seed, uint64_t part) {
    uint64_t start = split_mix(seed ^ split_mix(part + 1));
    for (uint64_t i = 0; i < N / 2; i++) {
        uint64_t two = split_mix(start + (i + 1) * UINT64_C(0x9e3779b97f4a7c15));
        words[2 * i] = (uint32_t)two;
        words[2 * i + 1] = (uint32_t)(two >> 32);
    }
}

void hlrt_random_part(HlPartStreams *own, const HlStreams *region, int64_t part) {
    own->streams = hlrt_closed_streams;
    for (int which = 0; which < HL_NSTREAMS; which++) {
        if (!(region->in_parts >> which & 1)) continue;
        fill_words(own->of[which].words, region->seed[which], (uint64_t)part);
        own->of[which].next = 0;
        own->of[which].gauss = (HlGauss){0, 0};
        own->streams.of[which] =
            (HlStream){own->of[which].words, &own->of[which].next, &own->of[which].gauss, NULL};
    }
}

/* ---- libm, for the distributions --------------------------------------------------------------------- */

double hlrt_libm_exp(double x) {
    return exp(x);
}
double hlrt_libm_log(double x) {
    return log(x);
}
double hlrt_libm_log1p(double x) {
    return log1p(x);
}
double hlrt_libm_pow(double x, double y) {
    return pow(x, y);
}
double hlrt_libm_cos(double x) {
    return cos(x);
}
double hlrt_libm_acos(double x) {
    return acos(x);
}
double hlrt_libm_fmod(double x, double y) {
    return fmod(x, y);
}
#endif
