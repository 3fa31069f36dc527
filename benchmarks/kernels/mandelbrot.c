/* Mandelbrot, as in mandelbrot.py: the loop in C. */
#include "bench.h"

KERNEL(void, mandelbrot_c, (int64_t *restrict steps, int64_t height, int64_t width, int64_t limit),
       (steps, height, width, limit)) {
    for (int64_t row = 0; row < height; row++) {
        double y0 = -1.0 + 2.0 * row / height;
        for (int64_t column = 0; column < width; column++) {
            double x0 = -2.0 + 3.0 * column / width;
            double x = 0.0, y = 0.0;
            int64_t n = 0;
            while (n < limit && x * x + y * y <= 4.0) {
                double next = x * x - y * y + x0;
                y = 2.0 * x * y + y0;
                x = next;
                n++;
            }
            steps[row * width + column] = n;
        }
    }
}
