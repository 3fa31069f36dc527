"""exp + sin - cos of every element over all cores."""

import numpy as np

prange = range  # every engine puts its own here
PARALLEL = True
SIZES = (100_000, 2_000_000)
C_RESULT = None
OUTPUT = 0
TOLERANCE = (1e-13, 1e-13)
SLEEF = True


def parallel_waves(out, x):
    for i in prange(x.size):
        out[i] = np.exp(x[i]) + np.sin(x[i]) - np.cos(x[i])


def arguments(size):
    return np.zeros(size), np.random.default_rng(20).uniform(-3.0, 3.0, size)


def c_arguments(out, x):
    return out, x, x.size
