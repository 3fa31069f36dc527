/* Products of 3 x 3 matrices, as in small_matrices.py: the loops in C. */
#include "bench.h"

KERNEL(void, small_matrices_c,
       (double (*restrict out)[3][3], const double (*restrict a)[3][3], const double (*restrict b)[3][3],
        int64_t n),
       (out, a, b, n)) {
    for (int64_t m = 0; m < n; m++)
        for (int64_t i = 0; i < 3; i++)
            for (int64_t j = 0; j < 3; j++) {
                double s = 0.0;
                for (int64_t k = 0; k < 3; k++)
                    s += a[m][i][k] * b[m][k][j];
                out[m][i][j] = s;
            }
}
