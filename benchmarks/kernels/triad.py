"""Triad of the STREAM benchmark: two operations per three memory accesses, from the L1 cache or from memory.

The small arrays are gone through a hundred times a call, so that the cost of the call does not count.
"""

import numpy as np

SIZES = (1_000, 1_000_000)
C_RESULT = None
OUTPUT = 0


def triad(a, b, c, s, rounds):
    for _ in range(rounds):
        for i in range(a.size):
            a[i] = b[i] + s * c[i]


def arguments(size):
    b, c = np.random.default_rng(5).random((2, size))
    return np.zeros(size), b, c, 3.0, max(1, 100_000 // size)


def c_arguments(a, b, c, s, rounds):
    return a, b, c, s, rounds, a.size
