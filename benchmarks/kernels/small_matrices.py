"""Products of many 3 x 3 matrices: three loops of three rounds each, inside one long loop."""

import numpy as np

SIZES = (1_000, 100_000)
C_RESULT = None
OUTPUT = 0


def small_matrices(out, a, b):
    for m in range(a.shape[0]):
        for i in range(3):
            for j in range(3):
                s = 0.0
                for k in range(3):
                    s += a[m, i, k] * b[m, k, j]
                out[m, i, j] = s


def arguments(size):
    rng = np.random.default_rng(12)
    return np.zeros((size, 3, 3)), rng.random((size, 3, 3)), rng.random((size, 3, 3))


def c_arguments(out, a, b):
    return out, a, b, a.shape[0]
