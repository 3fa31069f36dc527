/* Histogram, as in histogram.py: the loops in C. */
#include "bench.h"

KERNEL(void, histogram_c,
       (int64_t *restrict counts, const double *restrict x, double low, double scale, int64_t bins,
        int64_t n),
       (counts, x, low, scale, bins, n)) {
    for (int64_t b = 0; b < bins; b++)
        counts[b] = 0;
    for (int64_t i = 0; i < n; i++)
        counts[(int64_t)((x[i] - low) * scale)]++;
}
