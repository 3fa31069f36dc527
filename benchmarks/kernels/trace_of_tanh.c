/* Trace of tanh, added to the array, as in trace_of_tanh.py: with the C library and over SLEEF. */
#include "bench.h"
#include "simd.h"

static double *add(const double *restrict a, double x, int64_t n) {
    double *restrict out = malloc((size_t)n * sizeof *out);
    for (int64_t i = 0; i < n; i++)
        out[i] = a[i] + x;
    return out;
}

ALLOCATING_KERNEL(double *, trace_of_tanh_c, (const double *restrict a, int64_t rows, int64_t columns),
                  (a, rows, columns)) {
    double trace = 0.0;
    for (int64_t i = 0; i < rows; i++)
        trace += tanh(a[i * columns + i]);
    return add(a, trace, rows * columns);
}

/* The same sum in the same order, tanh taken for WIDTH elements at a time. */
ALLOCATING_KERNEL(double *, trace_of_tanh_sleef, (const double *restrict a, int64_t rows, int64_t columns),
                  (a, rows, columns)) {
    return add(a, add_tanh(0.0, a, columns + 1, rows), rows * columns);
}
