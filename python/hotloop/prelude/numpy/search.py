"""argmin, argmax, searchsorted."""

import numpy as np

from .. import implements
from .axes import moved_last, normal_axis
from .reduce import finished


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


def arg_rows(a, out, leaf):
    """Store the index found in what lies along the last axis."""
    for i in range(out.shape[0]):
        if out.ndim == 1:
            out[i] = leaf(a[i])
        else:
            arg_rows(a[i], out[i], leaf)


def arg_extreme(a, axis, out, keepdims, leaf, nothing):
    """Return np.argmin or np.argmax."""
    if axis is None:
        if a.size == 0:
            raise ValueError(nothing)
        return finished(leaf(a.ravel()), a, axis, out, keepdims)
    axis = normal_axis(axis, a.ndim)
    if a.shape[axis] == 0:
        raise ValueError(nothing)
    if a.ndim == 1:
        return finished(leaf(a), a, axis, out, keepdims)
    rows = moved_last(a, axis)
    found = np.empty(rows.shape[:-1], np.int64)
    arg_rows(rows, found, leaf)
    return finished(found, a, axis, out, keepdims)


@implements("numpy.argmin", "ndarray.argmin")
def argmin(a, axis=None, out=None, *, keepdims=False):
    """np.argmin over all elements in C order, or along an axis."""
    nothing = "attempt to get argmin of an empty sequence"
    return arg_extreme(a, axis, out, keepdims, first_smallest, nothing)


@implements("numpy.argmax", "ndarray.argmax")
def argmax(a, axis=None, out=None, *, keepdims=False):
    """np.argmax over all elements in C order, or along an axis."""
    nothing = "attempt to get argmax of an empty sequence"
    return arg_extreme(a, axis, out, keepdims, first_largest, nothing)


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


@implements("numpy.searchsorted", "ndarray.searchsorted")
def searchsorted(a, v, side="left"):
    """np.searchsorted in a vector: of one number, or of every element of an array."""
    if not isinstance(v, np.ndarray):
        return position(a, v, side == "right")
    flat = v.ravel()
    out = np.empty(flat.shape[0], np.int64)
    for i in range(flat.shape[0]):
        out[i] = position(a, flat[i], side == "right")
    return out.reshape(v.shape)
