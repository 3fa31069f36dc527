/* Vectors of WIDTH doubles and SLEEF's functions on them, for the variants that are vectorised by hand.
 *
 * WIDTH (2, 4 or 8) comes from the command line. The functions are those of at most 1 ULP in the form whose
 * results do not depend on the vector's width (`finz` with FMA, `cinz` without). Arithmetic uses the
 * compiler's own vectors. A kernel's body is an inline function of the first element and the number of lanes:
 * called with WIDTH for whole vectors, with less for the remainder, so that the loop itself has no case for a
 * partial vector.
 */
#ifndef SIMD_H
#define SIMD_H

#include <immintrin.h>
#include <sleef.h>
#include <stdint.h>
#include <string.h>

typedef double Vec __attribute__((vector_size(8 * WIDTH)));

#if WIDTH == 8
#define SLEEF(name) Sleef_finz_##name##d8_u10avx512f
#elif WIDTH == 4
#define SLEEF(name) Sleef_finz_##name##d4_u10avx2
#elif WIDTH == 2
#define SLEEF(name) Sleef_cinz_##name##d2_u10sse2
#else
#error "WIDTH must be 2, 4 or 8"
#endif

/* The next `lanes` elements; lanes beyond them are 1.0, where every function used here is defined. */
static inline Vec load(const double *p, int64_t lanes) {
    Vec v = (Vec){0} + 1.0;
    if (lanes == WIDTH)
        memcpy(&v, p, sizeof v);
    else
        memcpy(&v, p, (size_t)lanes * sizeof *p);
    return v;
}

static inline void store(double *p, Vec v, int64_t lanes) {
    if (lanes == WIDTH)
        memcpy(p, &v, sizeof v);
    else
        memcpy(p, &v, (size_t)lanes * sizeof *p);
}

/* out[i] = tanh(x[i]). */
static inline void tanh_vectors(double *restrict out, const double *restrict x, int64_t n) {
    int64_t i = 0;
    for (; i + WIDTH <= n; i += WIDTH)
        store(out + i, SLEEF(tanh)(load(x + i, WIDTH)), WIDTH);
    if (i < n) store(out + i, SLEEF(tanh)(load(x + i, n - i)), n - i);
}

/* total + tanh(x[0]) + tanh(x[step]) + ..., added in this order: blocks of 256 values, then the sum. */
static inline double add_tanh(double total, const double *restrict x, int64_t step, int64_t n) {
    double gathered[256], block[256];
    for (int64_t start = 0; start < n; start += 256) {
        int64_t length = n - start < 256 ? n - start : 256;
        const double *from = x + start * step;
        for (int64_t i = 0; step != 1 && i < length; i++)
            gathered[i] = from[i * step];
        tanh_vectors(block, step == 1 ? from : gathered, length);
        for (int64_t i = 0; i < length; i++)
            total += block[i];
    }
    return total;
}

#endif
