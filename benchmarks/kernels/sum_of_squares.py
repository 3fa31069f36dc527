"""Sum of squares of an array, added in order: bounded by the latency of one addition per element."""

import numpy as np

SIZES = (10_000, 1_000_000)
C_RESULT = "f8"


def sum_of_squares(a):
    total = 0.0
    for i in range(a.size):
        total += a[i] * a[i]
    return total


def arguments(size):
    return (np.random.default_rng(1).standard_normal(size),)


def c_arguments(a):
    return a, a.size
