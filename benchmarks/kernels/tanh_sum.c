/* Sum of tanh, added in order, as in tanh_sum.py: with the C library and over SLEEF. */
#include "bench.h"
#include "simd.h"

KERNEL(double, tanh_sum_c, (const double *restrict x, int64_t n), (x, n)) {
    double total = 0.0;
    for (int64_t i = 0; i < n; i++)
        total += tanh(x[i]);
    return total;
}

KERNEL(double, tanh_sum_sleef, (const double *restrict x, int64_t n), (x, n)) {
    return add_tanh(0.0, x, 1, n);
}
