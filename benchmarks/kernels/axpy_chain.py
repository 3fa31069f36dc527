"""Chained axpy as one array expression: five operations, one loop and one new array if nothing is kept
between.
"""

import numpy as np

SIZES = (20_000, 1_000_000)
C_RESULT = "array"


def axpy_chain(a, x, b, y, z):
    return a * x + b * y + z


def arguments(size):
    x, y, z = np.random.default_rng(6).random((3, size))
    return 2.5, x, -1.5, y, z


def c_arguments(a, x, b, y, z):
    return a, x, b, y, z, x.size
