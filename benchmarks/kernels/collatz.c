/* Collatz, as in collatz.py: the loop in C. */
#include "bench.h"

KERNEL(int64_t, collatz_c, (int64_t limit), (limit)) {
    int64_t total = 0;
    for (int64_t start = 1; start < limit; start++) {
        int64_t n = start;
        while (n != 1) {
            if (n % 2 == 0)
                n /= 2;
            else
                n = 3 * n + 1;
            total++;
        }
    }
    return total;
}
