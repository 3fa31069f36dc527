"""Elementwise functions that are no ufuncs, and small functions of one array."""

import math

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


@implements("numpy.iscomplexobj")
def iscomplexobj(x):
    """Tell whether the type is complex."""
    return is_complex_number(x)


@implements("numpy.isrealobj")
def isrealobj(x):
    """Tell whether the type is not complex."""
    return not is_complex_number(x)


@implements("numpy.isscalar")
def isscalar(element):
    """Tell whether it is a number or a text."""
    return isinstance(element, (bool, int, float, complex, str, np.generic))


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


@implements("numpy.frexp")
def frexp(x):
    """np.frexp: x as mantissa * 2**exponent, the mantissa below 1."""
    if not isinstance(x, np.ndarray):
        mantissa, exponent = math.frexp(x)
        return np.float64(mantissa), np.int32(exponent)
    if x.dtype != np.float64:
        refuse("np.frexp is compiled for float64")
    mantissas, exponents = np.empty(x.shape, np.float64), np.empty(x.shape, np.int32)
    values, m, e = x.ravel(), mantissas.reshape(-1), exponents.reshape(-1)
    for i in range(values.shape[0]):
        m[i], e[i] = math.frexp(values[i])
    return mantissas, exponents


@implements("numpy.modf")
def modf(x):
    """np.modf: the part behind the point and the whole part, both of the sign of x."""
    if not (isinstance(x, np.ndarray) and x.dtype.kind == "f"):
        refuse("np.modf is compiled for arrays of floats")
    whole = np.trunc(x)
    return np.copysign(np.where(np.isinf(x), x.dtype.type(0), x - whole), x), whole


@implements("numpy.unwrap")
def unwrap(p, discont=None):
    """np.unwrap of a vector: jumps of more than pi become their complement to 2 pi."""
    if p.ndim != 1 or p.dtype != np.float64:
        refuse("np.unwrap is compiled for vectors of float64")
    out, period, high = p.copy(), 2 * np.pi, np.pi
    jump = high if discont is None else max(discont, high)
    correction = 0.0
    for i in range(1, p.shape[0]):
        step = p[i] - p[i - 1]
        kept = (step + high) % period - high
        if kept == -high and step > 0:
            kept = high
        correction += 0.0 if abs(step) < jump else kept - step
        out[i] = p[i] + correction
    return out
