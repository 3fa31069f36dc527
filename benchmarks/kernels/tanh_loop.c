/* Tanh of every element, written to another array, as in tanh_loop.py: with the C library and over SLEEF. */
#include "bench.h"
#include "simd.h"

KERNEL(void, tanh_loop_c, (double *restrict out, const double *restrict x, int64_t n), (out, x, n)) {
    for (int64_t i = 0; i < n; i++)
        out[i] = tanh(x[i]);
}

KERNEL(void, tanh_loop_sleef, (double *restrict out, const double *restrict x, int64_t n), (out, x, n)) {
    tanh_vectors(out, x, n);
}
