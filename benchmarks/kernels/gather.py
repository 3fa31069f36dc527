"""Gather: elements at positions that another array holds, so that no bound is known before the loop runs."""

import numpy as np

SIZES = (20_000, 1_000_000)
C_RESULT = None
OUTPUT = 0
GATHER = True


def gather(out, x, positions):
    for i in range(out.size):
        out[i] = x[positions[i]]


def arguments(size):
    rng = np.random.default_rng(10)
    return np.zeros(size), rng.random(size), rng.integers(0, size, size)


def c_arguments(out, x, positions):
    return out, x, positions, out.size
