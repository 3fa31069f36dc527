"""Sum of tanh, added in order: the function can be vectorised, the additions cannot."""

import numpy as np

SIZES = (2_000, 200_000)
C_RESULT = "f8"
TOLERANCE = (1e-12, 1e-12)
SLEEF = True


def tanh_sum(x):
    total = 0.0
    for i in range(x.size):
        total += np.tanh(x[i])
    return total


def arguments(size):
    return (np.random.default_rng(9).uniform(-3.0, 5.0, size),)


def c_arguments(x):
    return x, x.size
