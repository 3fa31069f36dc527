"""var, std, ptp: as NumPy computes them, through the array of deviations."""

import numpy as np

from .. import implements
from .reduce import max_of, mean_kind, mean_of, min_of, normal_axis, sum_of


def squares(a, mean):
    """Return the squared distances from the mean."""
    deviations = a - mean
    if a.dtype.kind == "c":
        return (deviations * np.conj(deviations)).real
    return deviations * deviations


def along(mean, axis):
    """Return means along an axis with that axis put back, of length one."""
    return mean.reshape(mean.shape[:axis] + (1,) + mean.shape[axis:])


@implements("numpy.var", "ndarray.var")
def var_of(a, axis=None, dtype=None, *, ddof=0):
    """np.var of an array."""
    kind = mean_kind(a.dtype, dtype)
    if axis is None:
        total = sum_of(squares(a, mean_of(a, None, kind)))
        return total / max(a.size - ddof, 0)
    axis = normal_axis(axis, a.ndim)
    if a.ndim == 1:
        return var_of(a, None, dtype, ddof=ddof)
    total = sum_of(squares(a, along(mean_of(a, axis, kind), axis)), axis)
    return total / max(a.shape[axis] - ddof, 0)


@implements("numpy.std", "ndarray.std")
def std_of(a, axis=None, dtype=None, *, ddof=0):
    """np.std of an array."""
    return np.sqrt(var_of(a, axis, dtype, ddof=ddof))


@implements("numpy.ptp")
def ptp(a, axis=None):
    """np.ptp: the largest minus the smallest."""
    return max_of(a, axis) - min_of(a, axis)
