"""Distances between all pairs of points: a short sum and a root for each."""

import numpy as np

SIZES = (100, 1_000)
C_RESULT = None
OUTPUT = 0


def pairwise_distances(out, points):
    n, dimensions = points.shape
    for i in range(n):
        for j in range(n):
            s = 0.0
            for d in range(dimensions):
                difference = points[i, d] - points[j, d]
                s += difference * difference
            out[i, j] = np.sqrt(s)


def arguments(size):
    return np.zeros((size, size)), np.random.default_rng(18).random((size, 3))


def c_arguments(out, points):
    return out, points, *points.shape
