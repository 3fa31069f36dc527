/* Jacobi in two dimensions, as in jacobi.py: the loop in C. */
#include "bench.h"

KERNEL(void, jacobi_c,
       (double *restrict u, double *restrict v, int64_t rounds, int64_t rows, int64_t columns),
       (u, v, rounds, rows, columns)) {
    for (int64_t round = 0; round < rounds; round++) {
        for (int64_t i = 1; i < rows - 1; i++)
            for (int64_t j = 1; j < columns - 1; j++)
                v[i * columns + j] = 0.25 * (u[(i - 1) * columns + j] + u[(i + 1) * columns + j] +
                                             u[i * columns + j - 1] + u[i * columns + j + 1]);
        for (int64_t i = 1; i < rows - 1; i++)
            for (int64_t j = 1; j < columns - 1; j++)
                u[i * columns + j] = 0.25 * (v[(i - 1) * columns + j] + v[(i + 1) * columns + j] +
                                             v[i * columns + j - 1] + v[i * columns + j + 1]);
    }
}
