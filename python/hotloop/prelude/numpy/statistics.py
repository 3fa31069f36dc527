"""var, std, ptp: as NumPy computes them, through the array of deviations."""

import numpy as np

from .. import implements
from ..core.arrays import is_integer, kind_of
from .reduce import count_of, finished, max_of, min_of, sum_of


def squares(a, mean):
    """Return the squared distances from the mean."""
    deviations = a - mean
    if a.dtype.kind == "c":
        return (deviations * np.conj(deviations)).real
    return deviations * deviations


def deviation_kind(have, dtype):
    """Return the kind np.var computes in."""
    if dtype is not None:
        return kind_of(dtype)
    return np.float64 if is_integer(have.type) else have.type


@implements("numpy.var", "ndarray.var")
def var_of(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False):
    """np.var of an array."""
    if not isinstance(a, np.ndarray):
        return var_of(np.asarray(a), axis, dtype, out, ddof, keepdims)
    n = count_of(a, axis)
    mean = sum_of(a, axis, deviation_kind(a.dtype, dtype), None, axis is not None) / n
    result = sum_of(squares(a, mean), axis) / max(n - ddof, 0)
    return finished(result, a, axis, out, keepdims)


@implements("numpy.std", "ndarray.std")
def std_of(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False):
    """np.std of an array."""
    result = np.sqrt(var_of(a, axis, dtype, None, ddof, keepdims))
    return finished(result, a, axis, out, False)


@implements("numpy.ptp")
def ptp(a, axis=None, keepdims=False):
    """np.ptp: the largest minus the smallest."""
    return max_of(a, axis, None, keepdims) - min_of(a, axis, None, keepdims)
