/* Matrix product as three loops, as in matrix_product.py: the loop in C. */
#include "bench.h"

KERNEL(void, matrix_product_c,
       (double *restrict c, const double *restrict a, const double *restrict b, int64_t rows, int64_t inner,
        int64_t columns),
       (c, a, b, rows, inner, columns)) {
    for (int64_t i = 0; i < rows; i++) {
        for (int64_t j = 0; j < columns; j++)
            c[i * columns + j] = 0.0;
        for (int64_t k = 0; k < inner; k++)
            for (int64_t j = 0; j < columns; j++)
                c[i * columns + j] += a[i * inner + k] * b[k * columns + j];
    }
}
