"""Sparse matrix times vector, compressed rows: short loops with bounds from an array, and a gather."""

import numpy as np

SIZES = (1_000, 100_000)
C_RESULT = None
OUTPUT = 0
GATHER = True


def sparse_product(y, values, columns, starts, x):
    for row in range(y.size):
        s = 0.0
        for k in range(starts[row], starts[row + 1]):
            s += values[k] * x[columns[k]]
        y[row] = s


def arguments(size):
    rng = np.random.default_rng(16)
    starts = np.concatenate(([0], np.cumsum(rng.integers(5, 20, size))))
    columns = rng.integers(0, size, starts[-1])
    return np.zeros(size), rng.random(starts[-1]), columns, starts, rng.random(size)


def c_arguments(y, values, columns, starts, x):
    return y, values, columns, starts, x, y.size
