"""Jacobi in two dimensions: every inner point becomes the mean of its neighbours, from u to v and back."""

import numpy as np

SIZES = (200, 1_000)
C_RESULT = None
OUTPUT = 0


def jacobi(u, v, rounds):
    rows, columns = u.shape
    for _ in range(rounds):
        for i in range(1, rows - 1):
            for j in range(1, columns - 1):
                v[i, j] = 0.25 * (u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1])
        for i in range(1, rows - 1):
            for j in range(1, columns - 1):
                u[i, j] = 0.25 * (v[i - 1, j] + v[i + 1, j] + v[i, j - 1] + v[i, j + 1])


def arguments(size):
    u = np.random.default_rng(2).random((size, size))
    return u, u.copy(), 1


def c_arguments(u, v, rounds):
    return u, v, rounds, *u.shape
