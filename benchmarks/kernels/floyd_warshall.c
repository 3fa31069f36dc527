/* Floyd-Warshall, as in floyd_warshall.py: the loops in C. */
#include "bench.h"

KERNEL(void, floyd_warshall_c, (double *restrict d, const double *restrict edges, int64_t n), (d, edges, n)) {
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++)
            d[i * n + j] = edges[i * n + j];
    for (int64_t k = 0; k < n; k++)
        for (int64_t i = 0; i < n; i++) {
            double first = d[i * n + k];
            for (int64_t j = 0; j < n; j++) {
                double through = first + d[k * n + j];
                if (through < d[i * n + j]) d[i * n + j] = through;
            }
        }
}
