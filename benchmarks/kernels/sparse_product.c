/* Sparse matrix times vector, as in sparse_product.py: the loops in C. */
#include "bench.h"

KERNEL(void, sparse_product_c,
       (double *restrict y, const double *restrict values, const int64_t *restrict columns,
        const int64_t *restrict starts, const double *restrict x, int64_t rows),
       (y, values, columns, starts, x, rows)) {
    for (int64_t row = 0; row < rows; row++) {
        double s = 0.0;
        for (int64_t k = starts[row]; k < starts[row + 1]; k++)
            s += values[k] * x[columns[k]];
        y[row] = s;
    }
}
