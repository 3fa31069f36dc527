/* n-body, as in n_body.py: the loops in C. */
#include "bench.h"

KERNEL(void, n_body_c,
       (double (*restrict position)[3], double (*restrict velocity)[3], const double (*restrict start)[3],
        const double *restrict mass, int64_t steps, double dt, int64_t n),
       (position, velocity, start, mass, steps, dt, n)) {
    for (int64_t i = 0; i < n; i++)
        for (int64_t k = 0; k < 3; k++) {
            position[i][k] = start[i][k];
            velocity[i][k] = 0.0;
        }
    for (int64_t step = 0; step < steps; step++) {
        for (int64_t i = 0; i < n; i++)
            for (int64_t j = i + 1; j < n; j++) {
                double dx = position[i][0] - position[j][0];
                double dy = position[i][1] - position[j][1];
                double dz = position[i][2] - position[j][2];
                double squared = dx * dx + dy * dy + dz * dz + 0.01;
                double scale = dt / (squared * sqrt(squared));
                velocity[i][0] -= dx * mass[j] * scale;
                velocity[i][1] -= dy * mass[j] * scale;
                velocity[i][2] -= dz * mass[j] * scale;
                velocity[j][0] += dx * mass[i] * scale;
                velocity[j][1] += dy * mass[i] * scale;
                velocity[j][2] += dz * mass[i] * scale;
            }
        for (int64_t i = 0; i < n; i++)
            for (int64_t k = 0; k < 3; k++)
                position[i][k] += dt * velocity[i][k];
    }
}
