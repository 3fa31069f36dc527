"""cumsum, cumprod, diff."""

import numpy as np

from .. import implements
from .axes import normal_axis
from .reduce import sum_kind


def running(a, out, axis, combine, kind):
    """Fill `out` with the results so far along one axis."""
    if axis > 0:
        for i in range(a.shape[0]):
            running(a[i], out[i], axis - 1, combine, kind)
    elif a.shape[0] > 0:
        out[0] = a[0]
        for i in range(1, a.shape[0]):
            out[i] = combine(out[i - 1], a[i].astype(kind))


def accumulate(a, axis, combine, kind):
    """Return np.<ufunc>.accumulate; without an axis, over all elements in C order."""
    if axis is None:
        return accumulate(a.ravel(), 0, combine, kind)
    axis = normal_axis(axis, a.ndim)
    out = np.empty(a.shape, kind)
    running(a, out, axis, combine, kind)
    return out


@implements("numpy.cumsum", "ndarray.cumsum")
def cumsum(a, axis=None, dtype=None):
    """np.cumsum of an array."""
    return accumulate(a, axis, np.add, sum_kind(a.dtype, dtype))


@implements("numpy.cumprod", "ndarray.cumprod")
def cumprod(a, axis=None, dtype=None):
    """np.cumprod of an array."""
    return accumulate(a, axis, np.multiply, sum_kind(a.dtype, dtype))


@implements("numpy.diff")
def diff(a, n=1, axis=-1):
    """np.diff along an axis."""
    if n == 0:
        return a
    if n < 0:
        raise ValueError("order must be non-negative but got %s" % n)
    front = (slice(None),) * normal_axis(axis, a.ndim)
    upper, lower = a[front + (slice(1, None),)], a[front + (slice(None, -1),)]
    return diff(np.not_equal(upper, lower) if a.dtype.kind == "b" else upper - lower, n - 1, axis)


@implements("numpy.ediff1d")
def ediff1d(ary):
    """np.ediff1d: differences of all elements in C order."""
    return diff(ary.ravel())
