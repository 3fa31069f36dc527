"""argmin, argmax, searchsorted."""

import numpy as np

from .. import implements


def first_smallest(a):
    """Return the index of the first smallest element, or of the first NaN."""
    best, at = a[0], 0
    for i in range(a.shape[0]):
        x = a[i]
        if x != x:
            return np.int64(i)
        if x < best:
            best, at = x, i
    return np.int64(at)


def first_largest(a):
    """Return the index of the first largest element, or of the first NaN."""
    best, at = a[0], 0
    for i in range(a.shape[0]):
        x = a[i]
        if x != x:
            return np.int64(i)
        if x > best:
            best, at = x, i
    return np.int64(at)


@implements("numpy.argmin", "ndarray.argmin")
def argmin(a):
    """np.argmin over all elements, in C order."""
    if a.size == 0:
        raise ValueError("attempt to get argmin of an empty sequence")
    return first_smallest(a.ravel())


@implements("numpy.argmax", "ndarray.argmax")
def argmax(a):
    """np.argmax over all elements, in C order."""
    if a.size == 0:
        raise ValueError("attempt to get argmax of an empty sequence")
    return first_largest(a.ravel())


def position(a, v, right):
    """Return where `v` belongs in a sorted vector: before its equals, or behind them."""
    low, high = 0, a.shape[0]
    while low < high:
        middle = (low + high) // 2
        below = not_after(a[middle], v) if right else before(a[middle], v)
        if below:
            low = middle + 1
        else:
            high = middle
    return np.int64(low)


def before(x, y):
    """Tell whether x sorts before y; NaNs come last."""
    return x < y or (y != y and x == x)


def not_after(x, y):
    """Tell whether x sorts before y or is its equal."""
    return x <= y or y != y


@implements("numpy.searchsorted")
def searchsorted(a, v, side="left"):
    """np.searchsorted in a vector: of one number, or of every element of an array."""
    if not isinstance(v, np.ndarray):
        return position(a, v, side == "right")
    flat = v.ravel()
    out = np.empty(flat.shape[0], np.int64)
    for i in range(flat.shape[0]):
        out[i] = position(a, flat[i], side == "right")
    return out.reshape(v.shape)
