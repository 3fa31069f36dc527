/* Quicksort, as in quicksort.py: the loops in C. */
#include "bench.h"

KERNEL(void, quicksort_c,
       (double *restrict out, const double *restrict x, int64_t *restrict stack, int64_t n),
       (out, x, stack, n)) {
    for (int64_t i = 0; i < n; i++)
        out[i] = x[i];
    int64_t top = 2;
    stack[0] = 0;
    stack[1] = n - 1;
    while (top > 0) {
        top -= 2;
        int64_t low = stack[top], high = stack[top + 1];
        while (low < high) {
            double pivot = out[(low + high) / 2];
            int64_t i = low, j = high;
            while (i <= j) {
                while (out[i] < pivot)
                    i++;
                while (pivot < out[j])
                    j--;
                if (i <= j) {
                    double swapped = out[i];
                    out[i++] = out[j];
                    out[j--] = swapped;
                }
            }
            if (j - low < high - i) {
                stack[top] = i;
                stack[top + 1] = high;
                high = j;
            } else {
                stack[top] = low;
                stack[top + 1] = j;
                low = i;
            }
            top += 2;
        }
    }
}
