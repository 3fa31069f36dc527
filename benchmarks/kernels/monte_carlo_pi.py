"""Monte Carlo pi: random points in a square, counted inside the circle.

NumPy's generator, the Mersenne twister, seeded in the kernel: hotloop and C draw the very numbers NumPy
draws. Numba's generator is the same, with a state of its own.
"""

import numpy as np

SIZES = (10_000, 1_000_000)
C_RESULT = "f8"
DRAWS = True


def monte_carlo_pi(n, seed):
    np.random.seed(seed)
    inside = 0
    for _ in range(n):
        x = np.random.random()
        y = np.random.random()
        if x * x + y * y < 1.0:
            inside += 1
    return 4.0 * inside / n


def arguments(size):
    return size, 7


def c_arguments(n, seed):
    return n, seed
