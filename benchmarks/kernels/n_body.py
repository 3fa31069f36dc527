"""n-body: bodies that attract each other, stepped in time; a loop over pairs with a root and a division."""

import numpy as np

SIZES = (20, 200)
C_RESULT = None
OUTPUT = 0


def n_body(position, velocity, start, mass, steps, dt):
    n = mass.size
    for i in range(n):
        for k in range(3):
            position[i, k] = start[i, k]
            velocity[i, k] = 0.0
    for _ in range(steps):
        for i in range(n):
            for j in range(i + 1, n):
                dx = position[i, 0] - position[j, 0]
                dy = position[i, 1] - position[j, 1]
                dz = position[i, 2] - position[j, 2]
                squared = dx * dx + dy * dy + dz * dz + 0.01
                scale = dt / (squared * np.sqrt(squared))
                velocity[i, 0] -= dx * mass[j] * scale
                velocity[i, 1] -= dy * mass[j] * scale
                velocity[i, 2] -= dz * mass[j] * scale
                velocity[j, 0] += dx * mass[i] * scale
                velocity[j, 1] += dy * mass[i] * scale
                velocity[j, 2] += dz * mass[i] * scale
        for i in range(n):
            for k in range(3):
                position[i, k] += dt * velocity[i, k]


def arguments(size):
    rng = np.random.default_rng(13)
    start = rng.random((size, 3))
    return np.zeros((size, 3)), np.zeros((size, 3)), start, rng.random(size) / size, 10, 0.001


def c_arguments(position, velocity, start, mass, steps, dt):
    return position, velocity, start, mass, steps, dt, mass.size
