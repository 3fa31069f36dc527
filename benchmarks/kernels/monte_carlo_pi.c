/* Monte Carlo pi, as in monte_carlo_pi.py: the loop in C with the same generator. */
#include "bench.h"
#include "mersenne.h"

KERNEL(double, monte_carlo_pi_c, (int64_t n, int64_t seed), (n, seed)) {
    static Mersenne mt;
    mersenne_seed(&mt, (uint32_t)seed);
    int64_t inside = 0;
    for (int64_t i = 0; i < n; i++) {
        double x = mersenne_double(&mt), y = mersenne_double(&mt);
        if (x * x + y * y < 1.0) inside++;
    }
    return 4.0 * (double)inside / (double)n;
}
