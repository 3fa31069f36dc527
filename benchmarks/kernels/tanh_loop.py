"""Tanh of every element, written to another array: as fast as the vector function it calls."""

import numpy as np

SIZES = (2_000, 200_000)
C_RESULT = None
OUTPUT = 0
TOLERANCE = (1e-15, 0.0)
SLEEF = True


def tanh_loop(out, x):
    for i in range(x.size):
        out[i] = np.tanh(x[i])


def arguments(size):
    return np.zeros(size), np.random.default_rng(8).uniform(-4.0, 4.0, size)


def c_arguments(out, x):
    return out, x, x.size
