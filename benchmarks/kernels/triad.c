/* Triad of the STREAM benchmark, as in triad.py: the loop in C. */
#include "bench.h"

KERNEL(void, triad_c,
       (double *restrict a, const double *restrict b, const double *restrict c, double s, int64_t rounds,
        int64_t n),
       (a, b, c, s, rounds, n)) {
    for (int64_t round = 0; round < rounds; round++)
        for (int64_t i = 0; i < n; i++)
            a[i] = b[i] + s * c[i];
}
