"""Histogram: counts in bins, so that what is written next depends on the data."""

import numpy as np

SIZES = (10_000, 1_000_000)
C_RESULT = None
OUTPUT = 0
GATHER = True


def histogram(counts, x, low, scale):
    for b in range(counts.size):
        counts[b] = 0
    for i in range(x.size):
        counts[int((x[i] - low) * scale)] += 1


def arguments(size):
    return np.zeros(100, dtype=np.int64), np.random.default_rng(15).random(size), 0.0, 100.0


def c_arguments(counts, x, low, scale):
    return counts, x, low, scale, counts.size, x.size
