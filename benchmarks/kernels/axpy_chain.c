/* Chained axpy as one array expression, as in axpy_chain.py: the loop in C. */
#include "bench.h"

ALLOCATING_KERNEL(double *, axpy_chain_c,
                  (double a, const double *restrict x, double b, const double *restrict y,
                   const double *restrict z, int64_t n),
                  (a, x, b, y, z, n)) {
    double *restrict out = malloc((size_t)n * sizeof *out);
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i] + z[i];
    return out;
}
