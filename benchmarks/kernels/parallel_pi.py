"""Monte Carlo pi over all cores: each thread draws from a stream of its own."""

import numpy as np

prange = range  # every engine puts its own here
PARALLEL = True
SIZES = (100_000, 4_000_000)
C_RESULT = "f8"
DRAWS = True
TOLERANCE = (0.02, 0.0)


def parallel_pi(n):
    inside = 0
    for _ in prange(n):
        x = np.random.random()
        y = np.random.random()
        if x * x + y * y < 1.0:
            inside += 1
    return 4.0 * inside / n


def arguments(size):
    return (size,)


def c_arguments(n):
    return (n,)
