"""Trace of tanh, added to the array: a strided sum through a function, then an array expression with a new
array.
"""

import numpy as np

SIZES = (200, 1_000)
C_RESULT = "array"
TOLERANCE = (1e-13, 0.0)
SLEEF = True


def trace_of_tanh(a):
    trace = 0.0
    for i in range(a.shape[0]):
        trace += np.tanh(a[i, i])
    return a + trace


def arguments(size):
    return (np.linspace(-2.0, 3.0, size * size).reshape(size, size),)


def c_arguments(a):
    return a, *a.shape
