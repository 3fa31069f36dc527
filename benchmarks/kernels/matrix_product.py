"""Matrix product as three loops, in the order that goes along the rows: vectorises if a, b and c are
distinct.
"""

import numpy as np

SIZES = (64, 300)
C_RESULT = None
OUTPUT = 0


def matrix_product(c, a, b):
    rows, inner = a.shape
    columns = b.shape[1]
    for i in range(rows):
        for j in range(columns):
            c[i, j] = 0.0
        for k in range(inner):
            for j in range(columns):
                c[i, j] += a[i, k] * b[k, j]


def arguments(size):
    a, b = np.random.default_rng(3).standard_normal((2, size, size))
    return np.zeros((size, size)), a, b


def c_arguments(c, a, b):
    return c, a, b, *a.shape, b.shape[1]
