"""Elementwise functions that are no ufuncs, and small functions of one array."""

import numpy as np

from .. import implements
from ..core.arrays import is_integer, layout, refuse


def is_complex_number(z):
    """Tell whether an array or a number is complex."""
    if isinstance(z, np.ndarray):
        return z.dtype.kind == "c"
    return isinstance(z, (complex, np.complexfloating))


@implements("numpy.angle")
def angle(z, deg=False):
    """np.angle of complex or real numbers."""
    a = np.arctan2(z.imag, z.real) if is_complex_number(z) else np.arctan2(0, z)
    return a * (180 / np.pi) if deg else a


@implements("numpy.isreal")
def isreal(x):
    """np.isreal of an array or a number."""
    return x.imag == 0 if is_complex_number(x) else np.equal(x, x) | True


@implements("numpy.iscomplex")
def iscomplex(x):
    """np.iscomplex of an array or a number."""
    return x.imag != 0 if is_complex_number(x) else np.not_equal(x, x) & False


@implements("numpy.round", "numpy.around", "ndarray.round")
def rounded(a, decimals=0):
    """np.round of an array or a NumPy number, by way of a power of ten."""
    if isinstance(a, np.ndarray) and is_integer(a.dtype.type):
        if decimals < 0:
            refuse("integers are rounded to decimals >= 0")
        return a.copy()
    if isinstance(a, (int, np.integer, np.bool_)):
        refuse("np.round of an int")
    if is_complex_number(a):
        if not isinstance(a, np.ndarray):
            refuse("np.round of a complex number")
        out = np.empty(a.shape, a.dtype)
        out.real[...], out.imag[...] = rounded(a.real, decimals), rounded(a.imag, decimals)
        return out
    if decimals == 0:
        return np.rint(a)
    if decimals > 0:
        return np.rint(a * 10.0**decimals) / 10.0**decimals
    return np.rint(a / 10.0**-decimals) * 10.0**-decimals


@implements("numpy.polyval")
def polyval(p, x):
    """np.polyval by Horner's scheme, the highest power first."""
    y = x * p.dtype.type(0) if isinstance(x, np.ndarray) else p.dtype.type(0)
    for i in range(p.shape[0]):
        y = y * x + p[i]
    return y


@implements("numpy.ix_")
def ix_(rows, columns):
    """np.ix_ of two vectors of integers."""
    if rows.dtype.kind == "b" or columns.dtype.kind == "b":
        refuse("np.ix_ is compiled for integers")
    return rows[:, None], columns[None, :]


@implements("numpy.asfortranarray")
def asfortranarray(a):
    """np.asfortranarray of an array."""
    return a if layout(a) == "F" or (a.ndim == 1 and layout(a) == "C") else a.copy("F")


@implements("numpy.copyto")
def copyto(dst, src):
    """np.copyto of an array."""
    dst[...] = src
