/* Sum of squares of an array, added in order, as in sum_of_squares.py: the loop in C. */
#include "bench.h"

KERNEL(double, sum_of_squares_c, (const double *restrict a, int64_t n), (a, n)) {
    double total = 0.0;
    for (int64_t i = 0; i < n; i++)
        total += a[i] * a[i];
    return total;
}
