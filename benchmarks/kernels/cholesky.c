/* Cholesky factorisation by rows, as in cholesky.py: the loop in C. */
#include "bench.h"

KERNEL(void, cholesky_c, (double *restrict lower, const double *restrict a, int64_t n), (lower, a, n)) {
    for (int64_t i = 0; i < n; i++) {
        for (int64_t j = 0; j <= i; j++) {
            double s = a[i * n + j];
            for (int64_t k = 0; k < j; k++)
                s -= lower[i * n + k] * lower[j * n + k];
            if (i == j)
                lower[i * n + j] = sqrt(s);
            else
                lower[i * n + j] = s / lower[j * n + j];
        }
    }
}
