"""One step of k-means: the nearest centre of each point, and the mean of each centre's points."""

import numpy as np

SIZES = (1_000, 100_000)
C_RESULT = None
OUTPUT = 0
GATHER = True


def kmeans_step(means, counts, points, centres):
    k, dimensions = centres.shape
    for c in range(k):
        counts[c] = 0
        for d in range(dimensions):
            means[c, d] = 0.0
    for i in range(points.shape[0]):
        nearest = 0
        smallest = np.inf
        for c in range(k):
            distance = 0.0
            for d in range(dimensions):
                difference = points[i, d] - centres[c, d]
                distance += difference * difference
            if distance < smallest:
                smallest = distance
                nearest = c
        counts[nearest] += 1
        for d in range(dimensions):
            means[nearest, d] += points[i, d]
    for c in range(k):
        for d in range(dimensions):
            means[c, d] /= max(counts[c], 1)


def arguments(size):
    rng = np.random.default_rng(17)
    points = rng.random((size, 4))
    return np.zeros((8, 4)), np.zeros(8, dtype=np.int64), points, points[:8].copy()


def c_arguments(means, counts, points, centres):
    return means, counts, points, centres, *centres.shape, points.shape[0]
