"""Sum of squares over all cores: each adds its share in order, then the shares."""

import numpy as np

prange = range  # every engine puts its own here
PARALLEL = True
SIZES = (100_000, 4_000_000)
C_RESULT = "f8"
TOLERANCE = (1e-11, 0.0)


def parallel_sum(a):
    total = 0.0
    for i in prange(a.size):
        total += a[i] * a[i]
    return total


def arguments(size):
    return (np.random.default_rng(19).standard_normal(size),)


def c_arguments(a):
    return a, a.size
