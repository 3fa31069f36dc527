"""Quicksort with a stack of its own: branches and swaps that depend on the data, no two rounds alike."""

import numpy as np

SIZES = (1_000, 100_000)
C_RESULT = None
OUTPUT = 0


def quicksort(out, x, stack):
    for i in range(x.size):
        out[i] = x[i]
    top = 2
    stack[0] = 0
    stack[1] = x.size - 1
    while top > 0:
        top -= 2
        low = stack[top]
        high = stack[top + 1]
        while low < high:
            pivot = out[(low + high) // 2]
            i = low
            j = high
            while i <= j:
                while out[i] < pivot:
                    i += 1
                while pivot < out[j]:
                    j -= 1
                if i <= j:
                    out[i], out[j] = out[j], out[i]
                    i += 1
                    j -= 1
            if j - low < high - i:
                stack[top] = i
                stack[top + 1] = high
                high = j
            else:
                stack[top] = low
                stack[top + 1] = j
                low = i
            top += 2


def arguments(size):
    return np.zeros(size), np.random.default_rng(14).random(size), np.zeros(128, dtype=np.int64)


def c_arguments(out, x, stack):
    return out, x, stack, x.size
