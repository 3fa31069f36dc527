"""Elementwise functions of complex and real numbers."""

import numpy as np

from .. import implements


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
