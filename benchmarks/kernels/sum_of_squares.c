#include "bench.h"

KERNEL(double, sum_of_squares_c, (const double *restrict a, int64_t n), (a, n)) {
    double total = 0.0;
    for (int64_t i = 0; i < n; i++)
        total += a[i] * a[i];
    return total;
}
