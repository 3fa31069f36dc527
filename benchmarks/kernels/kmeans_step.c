/* One step of k-means, as in kmeans_step.py: the loops in C. */
#include "bench.h"

KERNEL(void, kmeans_step_c,
       (double *restrict means, int64_t *restrict counts, const double *restrict points,
        const double *restrict centres, int64_t k, int64_t dimensions, int64_t n),
       (means, counts, points, centres, k, dimensions, n)) {
    for (int64_t c = 0; c < k; c++) {
        counts[c] = 0;
        for (int64_t d = 0; d < dimensions; d++)
            means[c * dimensions + d] = 0.0;
    }
    for (int64_t i = 0; i < n; i++) {
        int64_t nearest = 0;
        double smallest = INFINITY;
        for (int64_t c = 0; c < k; c++) {
            double distance = 0.0;
            for (int64_t d = 0; d < dimensions; d++) {
                double difference = points[i * dimensions + d] - centres[c * dimensions + d];
                distance += difference * difference;
            }
            if (distance < smallest) {
                smallest = distance;
                nearest = c;
            }
        }
        counts[nearest]++;
        for (int64_t d = 0; d < dimensions; d++)
            means[nearest * dimensions + d] += points[i * dimensions + d];
    }
    for (int64_t c = 0; c < k; c++)
        for (int64_t d = 0; d < dimensions; d++)
            means[c * dimensions + d] /= (double)(counts[c] > 1 ? counts[c] : 1);
}
