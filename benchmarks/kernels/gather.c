/* Gather, as in gather.py: the loop in C. */
#include "bench.h"

KERNEL(void, gather_c,
       (double *restrict out, const double *restrict x, const int64_t *restrict positions, int64_t n),
       (out, x, positions, n)) {
    for (int64_t i = 0; i < n; i++)
        out[i] = x[positions[i]];
}
