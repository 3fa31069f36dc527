/* Monte Carlo pi over all cores, as in parallel_pi.py: the loop in C with OpenMP, a Mersenne twister for each thread. */
#include <omp.h>

#include "bench.h"
#include "mersenne.h"

static Mersenne *own(void) {
    static _Thread_local Mersenne mt;
    static _Thread_local int seeded;
    if (!seeded) mersenne_seed(&mt, (uint32_t)omp_get_thread_num() + 1);
    seeded = 1;
    return &mt;
}

KERNEL(double, parallel_pi_c, (int64_t n), (n)) {
    int64_t inside = 0;
#pragma omp parallel reduction(+ : inside)
    {
        Mersenne *mt = own();
#pragma omp for
        for (int64_t i = 0; i < n; i++) {
            double x = mersenne_double(mt), y = mersenne_double(mt);
            if (x * x + y * y < 1.0) inside++;
        }
    }
    return 4.0 * (double)inside / (double)n;
}
