/* Sum of squares over all cores, as in parallel_sum.py: the loop in C with OpenMP. */
#include "bench.h"

KERNEL(double, parallel_sum_c, (const double *restrict a, int64_t n), (a, n)) {
    double total = 0.0;
#pragma omp parallel for reduction(+ : total)
    for (int64_t i = 0; i < n; i++)
        total += a[i] * a[i];
    return total;
}
