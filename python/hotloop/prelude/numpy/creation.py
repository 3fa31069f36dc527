"""arange, linspace, eye, identity: arrays made from numbers, element for element as NumPy computes them."""

import math

import numpy as np

from .. import implements
from ..core.arrays import is_integer, kind_of, refuse

# ---- arange


def arange_kind(start, stop, step):
    """Return the element type of an arange without a dtype: at least int64."""
    kind = type_with(np.int64(0), start)
    kind = type_with(kind(0), stop)
    return type_with(kind(0), step)


def type_with(have, x):
    """Return the type of a NumPy scalar beside one more number, which counts as an array of its type."""
    if isinstance(x, (int, np.bool_)):
        return have.dtype.type
    if isinstance(x, float):
        return (have + np.float64(0)).dtype.type
    if isinstance(x, complex):
        return (have + np.complex128(0)).dtype.type
    return (have + x).dtype.type


def arange_length(start, stop, step):
    """Return how many elements arange(start, stop, step) has."""
    span = stop - start
    count = float(span / step)
    if isinstance(span, int) and (span > 0) != (stop > start):  # it has wrapped around
        count = (float(stop) - float(start)) / float(step)
    if count == 0 and span != 0:  # underflow
        return 0 if math.copysign(1.0, count) < 0 else 1
    if count != count:
        raise ValueError("arange: cannot compute length")
    if abs(count) >= 2.0**63:
        raise ValueError("Maximum allowed size exceeded")
    return max(0, math.ceil(count))


def fill_steps(out):
    """Continue `out` from its first two elements with equal steps."""
    first = out[0]
    delta = out[1] - first
    for i in range(2, out.shape[0]):
        out[i] = first + i * delta


def fill_integer_steps(out):
    """Do the same for integers, wrapping as they do in memory."""
    kind = out.dtype.type
    first = out[0].astype(np.int64)
    delta = out[1].astype(np.int64) - first
    for i in range(2, out.shape[0]):
        out[i] = (first + i * delta).astype(kind)


@implements("numpy.arange")
def arange(start, stop=None, step=None, dtype=None):
    """np.arange: numbers from start up to stop, step apart."""
    if stop is None:
        return arange(0, start, step, dtype)
    if step is None:
        return arange(start, stop, 1, dtype)
    kind = arange_kind(start, stop, step) if dtype is None else kind_of(dtype)
    n = arange_length(start, stop, step)
    out = np.empty(n, kind)
    if n > 0:
        out[0] = start
    if n > 1:
        out[1] = start + step
    if n > 2:
        if out.dtype.kind == "b":
            raise TypeError("arange() is only supported for booleans when the result has at most length 2.")
        if is_integer(out.dtype.type):
            fill_integer_steps(out)
        else:
            fill_steps(out)
    return out


# ---- linspace


def inexact(x):
    """Return an end of a linspace as a number with a fraction; Python's numbers stay weak."""
    if isinstance(x, (np.integer, np.bool_)):
        return np.float64(x)
    return float(x) if isinstance(x, int) else x


def as_numpy(x):
    """Return a float or complex number as a NumPy scalar."""
    if isinstance(x, np.generic):
        return x
    return np.complex128(x) if isinstance(x, complex) else np.float64(x)


def fill_line(out, start, delta, div):
    """Fill `out` with points on a line and return the step, in NumPy's order of operations."""
    kind = delta.dtype.type
    step = delta / div if div > 0 else kind(np.nan)
    floors = is_integer(out.dtype.type)
    for i in range(out.shape[0]):
        if div <= 0:
            value = kind(i) * delta + start
        elif step == 0:  # delta / div underflowed
            value = kind(i) / div * delta + start
        else:
            value = kind(i) * step + start
        out[i] = store_as(out, np.floor(value) if floors else value)
    return step


def store_as(out, value):
    """Return a value as an element of `out`."""
    return value.astype(out.dtype.type)


@implements("numpy.linspace")
def linspace(start, stop, num=50, endpoint=True, retstep=False, dtype=None):
    """np.linspace: num evenly spaced numbers over an interval."""
    if num < 0:
        raise ValueError("Number of samples, %s, must be non-negative." % num)
    first, last = inexact(start), inexact(stop)
    delta = as_numpy(last - first)
    kind = delta.dtype.type
    out = np.empty(num, kind if dtype is None else kind_of(dtype))
    step = fill_line(out, kind(first), delta, num - 1 if endpoint else num)
    if endpoint and num > 1:
        end = kind(last)
        out[num - 1] = store_as(out, np.floor(end) if is_integer(out.dtype.type) else end)
    return (out, step) if retstep else out


# ---- eye


@implements("numpy.eye")
def eye(N, M=None, k=0, dtype=float):
    """np.eye: ones on the k-th diagonal of an N by M matrix of zeros."""
    if M is None:
        return eye(N, N, k, dtype)
    out = np.zeros((N, M), dtype)
    for i in range(max(0, -k), min(N, M - k)):
        out[i, i + k] = 1
    return out


@implements("numpy.identity")
def identity(n, dtype=float):
    """np.identity: the n by n matrix with ones on the diagonal."""
    return eye(n, n, 0, float if dtype is None else dtype)


# ---- logspace, geomspace


@implements("numpy.logspace")
def logspace(start, stop, num=50, endpoint=True, base=10.0, dtype=None):
    """np.logspace: numbers evenly spaced by their logarithms."""
    y = np.power(base, linspace(start, stop, num, endpoint))
    return y if dtype is None else y.astype(dtype)


@implements("numpy.geomspace")
def geomspace(start, stop, num=50, endpoint=True):
    """np.geomspace of real numbers: each a constant multiple of the one before."""
    if isinstance(start, complex) or isinstance(stop, complex):
        refuse("np.geomspace is compiled for real ends")
    first, last = np.float64(start), np.float64(stop)
    if first == 0 or last == 0:
        raise ValueError("Geometric sequence cannot include zero")
    sign = np.sign(first)
    out = logspace(np.log10(first / sign), np.log10(last / sign), num, endpoint)
    if num > 0:
        out[0] = first / sign
        if num > 1 and endpoint:
            out[num - 1] = last / sign
    return out * sign
