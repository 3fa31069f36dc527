"""any, all, count_nonzero, and comparisons of whole arrays."""

import numpy as np

from .. import implements
from ..core.arrays import is_integer
from .reduce import add_up, finished, sum_of


def any_leaf(a, kind):
    """Tell whether an element counts as true."""
    for x in a:
        if x:
            return kind(True)
    return kind(False)


def all_leaf(a, kind):
    """Tell whether every element counts as true."""
    for x in a:
        if not x:
            return kind(False)
    return kind(True)


@implements("ndarray.__contains__")
def contains(a, value):
    """Tell whether an element equals the value."""
    if a.ndim != 1:
        return contains(a.ravel(), value)
    for x in a:
        if x == value:
            return True
    return False


@implements("numpy.any", "ndarray.any")
def any_of(a, axis=None, out=None, keepdims=False):
    """np.any of an array."""
    if not isinstance(a, np.ndarray):
        return any_of(np.asarray(a), axis, out, keepdims)
    return finished(add_up(a, axis, any_leaf, np.logical_or, np.bool_, False), a, axis, out, keepdims)


@implements("numpy.all", "ndarray.all")
def all_of(a, axis=None, out=None, keepdims=False):
    """np.all of an array."""
    if not isinstance(a, np.ndarray):
        return all_of(np.asarray(a), axis, out, keepdims)
    return finished(add_up(a, axis, all_leaf, np.logical_and, np.bool_, True), a, axis, out, keepdims)


@implements("numpy.any.whole")
def any_of_all(a):
    """np.any of all elements."""
    return add_up(a, None, any_leaf, np.logical_or, np.bool_, False)


@implements("numpy.all.whole")
def all_of_all(a):
    """np.all of all elements."""
    return add_up(a, None, all_leaf, np.logical_and, np.bool_, True)


def count_leaf(a, kind):
    """Count the elements that count as true."""
    count = kind(0)
    for x in a:
        if x:
            count = count + kind(1)
    return count


@implements("numpy.count_nonzero")
def count_nonzero(a, axis=None, *, keepdims=False):
    """np.count_nonzero of an array."""
    if axis is None and not keepdims:
        return int(add_up(a, None, count_leaf, np.add, np.int64, 0))
    return sum_of(a != 0, axis, np.int64, None, keepdims)


@implements("numpy.array_equal")
def array_equal(a1, a2):
    """np.array_equal: the same shape and equal elements."""
    if a1.ndim != a2.ndim:
        return False
    if a1.shape != a2.shape:
        return False
    return bool(all_of(a1 == a2))


def inexact(x):
    """Return integers as float64, anything else as it is."""
    if isinstance(x, np.ndarray):
        return x.astype(np.float64) if is_integer(x.dtype.type) else x
    return np.float64(x) if isinstance(x, (int, np.integer, np.bool_)) else x


@implements("numpy.isclose")
def isclose(a, b, rtol=1e-05, atol=1e-08, equal_nan=False):
    """np.isclose, element by element."""
    b = inexact(b)
    near = (np.abs(a - b) <= atol + rtol * np.abs(b)) & np.isfinite(b) | (a == b)
    return near | (np.isnan(a) & np.isnan(b)) if equal_nan else near


@implements("numpy.allclose")
def allclose(a, b, rtol=1e-05, atol=1e-08, equal_nan=False):
    """np.allclose: whether every pair of elements is close."""
    near = isclose(a, b, rtol, atol, equal_nan)
    return bool(all_of(near)) if isinstance(near, np.ndarray) else bool(near)
