"""What the functions of np.random share: parameters, their checks, and arrays filled with draws.

A distribution is a function of its parameters, NumPy scalars, that draws one number (numpy/distributions.py).
`sample` calls it once or for each element of a new array.
"""

import numpy as np

from ..core.arrays import flat


def sample(kind, draw, parameters, size):
    """Return one draw as a Python number, or an array of this shape and kind filled with draws."""
    if size is None:
        value = draw(*parameters)
        return float(value) if np.dtype(kind).kind == "f" else int(value)
    out = np.empty(size, kind)
    items = flat(out)
    for i in range(items.shape[0]):
        items[i] = draw(*parameters)
    return out


def count_of(size):
    """Return how many numbers a size asks for."""
    if size is None:
        return 1
    if not isinstance(size, tuple):
        return size
    n = 1
    for k in size:
        n = n * k
    return n


# ---- parameters: numbers as NumPy takes them, checked in its words


def at_least_0(value, name):
    """Return a parameter that must not be negative; NaN passes, -0.0 does not."""
    x = np.float64(value)
    if np.signbit(x) and x == x:
        raise ValueError(name + " < 0")
    return x


def above_0(value, name):
    """Return a parameter that must be positive; NaN passes."""
    x = np.float64(value)
    if x <= 0:
        raise ValueError(name + " <= 0")
    return x


def above_1(value, name):
    """Return a parameter above 1."""
    x = np.float64(value)
    if not x > 1:
        raise ValueError(name + " <= 1 or " + name + " is NaN")
    return x


def from_0_to_1(value, name):
    """Return a probability."""
    x = np.float64(value)
    if not (x >= 0 and x <= 1):
        raise ValueError(name + " < 0, " + name + " > 1 or " + name + " is NaN")
    return x


def above_0_to_1(value, name):
    """Return a probability that is not 0."""
    x = np.float64(value)
    if not (x > 0 and x <= 1):
        raise ValueError(name + " <= 0, " + name + " > 1 or " + name + " contains NaNs")
    return x


def from_0_below_1(value, name):
    """Return a probability that is not 1."""
    x = np.float64(value)
    if not (x >= 0 and x < 1):
        raise ValueError(name + " < 0, " + name + " >= 1 or " + name + " is NaN")
    return x


def whole(value):
    """Return an integer parameter; a float has no bits to combine, so it is refused while compiling."""
    return np.int64(value | 0)


def whole_at_least_0(value, name):
    """Return an integer parameter that must not be negative."""
    n = whole(value)
    if n < 0:
        raise ValueError(name + " < 0")
    return n


def careful_sum(values, n):
    """Return the sum of the first n values with Kahan's correction."""
    if n <= 0:
        return np.float64(0)
    total, correction = np.float64(values[0]), np.float64(0)
    for i in range(1, n):
        y = np.float64(values[i]) - correction
        t = total + y
        correction = (t - total) - y
        total = t
    return total
