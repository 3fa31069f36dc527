"""Cholesky factorisation by rows: short inner sums in order, bounds that depend on the outer loops."""

import numpy as np

SIZES = (64, 300)
C_RESULT = None
OUTPUT = 0


def cholesky(lower, a):
    n = a.shape[0]
    for i in range(n):
        for j in range(i + 1):
            s = a[i, j]
            for k in range(j):
                s -= lower[i, k] * lower[j, k]
            if i == j:
                lower[i, j] = np.sqrt(s)
            else:
                lower[i, j] = s / lower[j, j]


def arguments(size):
    a = np.random.default_rng(4).standard_normal((size, size))
    return np.zeros((size, size)), a @ a.T + size * np.eye(size)


def c_arguments(lower, a):
    return lower, a, a.shape[0]
