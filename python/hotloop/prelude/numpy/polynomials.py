"""Polynomials, the highest power first."""

import numpy as np

from .. import implements
from ..core.arrays import refuse
from .linalg import lstsq


@implements("numpy.polyval")
def polyval(p, x):
    """np.polyval by Horner's scheme."""
    y = x * p.dtype.type(0) if isinstance(x, np.ndarray) else p.dtype.type(0)
    for i in range(p.shape[0]):
        y = y * x + p[i]
    return y


@implements("numpy.polyfit")
def polyfit(x, y, deg, rcond=None):
    """np.polyfit of a vector, or of each column: least squares over columns of equal length."""
    if x.ndim != 1:
        raise TypeError("expected 1D vector for x")
    if deg < 0:
        raise ValueError("expected deg >= 0")
    if x.shape[0] != y.shape[0]:
        raise TypeError("expected x and y to have same length")
    if x.dtype.kind == "f" and x.dtype != np.float64:
        refuse("np.polyfit is compiled for float64 and integers")
    powers = np.vander(x + 0.0, deg + 1)
    scale = np.sqrt((powers * powers).sum(axis=0))
    limit = x.shape[0] * 2.0**-52 if rcond is None else rcond
    found = lstsq(powers / scale, y + 0.0, limit)[0]
    return (found.T / scale).T
