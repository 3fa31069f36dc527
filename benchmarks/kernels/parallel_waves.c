/* exp + sin - cos over all cores, as in parallel_waves.py: with the C library and over SLEEF, with OpenMP. */
#include "bench.h"
#include "simd.h"

KERNEL(void, parallel_waves_c, (double *restrict out, const double *restrict x, int64_t n), (out, x, n)) {
#pragma omp parallel for
    for (int64_t i = 0; i < n; i++)
        out[i] = exp(x[i]) + sin(x[i]) - cos(x[i]);
}

static inline void waves(double *restrict out, const double *restrict x, int64_t lanes) {
    Vec v = load(x, lanes);
    store(out, SLEEF(exp)(v) + SLEEF(sin)(v) - SLEEF(cos)(v), lanes);
}

KERNEL(void, parallel_waves_sleef, (double *restrict out, const double *restrict x, int64_t n), (out, x, n)) {
#pragma omp parallel for
    for (int64_t block = 0; block < n / WIDTH; block++)
        waves(out + block * WIDTH, x + block * WIDTH, WIDTH);
    int64_t rest = n % WIDTH;
    if (rest) waves(out + n - rest, x + n - rest, rest);
}
