/* Distances between all pairs of points, as in pairwise_distances.py: the loops in C. */
#include "bench.h"

KERNEL(void, pairwise_distances_c,
       (double *restrict out, const double *restrict points, int64_t n, int64_t dimensions),
       (out, points, n, dimensions)) {
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++) {
            double s = 0.0;
            for (int64_t d = 0; d < dimensions; d++) {
                double difference = points[i * dimensions + d] - points[j * dimensions + d];
                s += difference * difference;
            }
            out[i * n + j] = sqrt(s);
        }
}
