"""Arrays of another size: pad, resize, trim_zeros."""

import numpy as np

from .. import implements
from ..core.arrays import refuse


def widths(pad_width, ndim):
    """Return (before, after) for each axis."""
    if not isinstance(pad_width, tuple):
        return ((pad_width, pad_width),) * ndim
    if len(pad_width) == 1 and not isinstance(pad_width[0], tuple):
        return ((pad_width[0], pad_width[0]),) * ndim
    if not isinstance(pad_width[0], tuple):
        return ((pad_width[0], pad_width[1]),) * ndim
    return pad_width * ndim if len(pad_width) == 1 else pad_width


def check_widths(each):
    """Raise where less than nothing is to be added."""
    for before, after in each:
        if before < 0 or after < 0:
            raise ValueError("index can't contain negative values")


def padded_shape(shape, each):
    """Return the shape with what is added."""
    if len(shape) == 0:
        return ()
    return (shape[0] + each[0][0] + each[0][1],) + padded_shape(shape[1:], each[1:])


def inner(shape, each):
    """Return where the array itself lies in the padded one."""
    if len(shape) == 0:
        return ()
    return (slice(each[0][0], each[0][0] + shape[0]),) + inner(shape[1:], each[1:])


def source(i, n, mode):
    """Return the index inside of 0..n-1 that an index outside shows."""
    if mode == "edge":
        return min(max(i, 0), n - 1)
    if mode == "wrap":
        return i % n
    if mode == "symmetric":
        k = i % (2 * n)
        return k if k < n else 2 * n - 1 - k
    if n == 1:
        return 0
    k = i % (2 * n - 2)
    return k if k < n else 2 * n - 2 - k


def sources(n, before, after, mode):
    """Return, for each place of a padded axis, whose element it shows."""
    out = np.empty(before + n + after, np.int64)
    for i in range(out.shape[0]):
        out[i] = source(i - before, n, mode)
    return out


def padded_rows(a, each, mode):
    """Pad the last axis, the one before it, and so on: by taking rows."""
    if a.ndim == 1:
        return a[sources(a.shape[0], each[0][0], each[0][1], mode)]
    if a.ndim == 2:
        rows = sources(a.shape[0], each[0][0], each[0][1], mode)
        columns = sources(a.shape[1], each[1][0], each[1][1], mode)
        return a[rows[:, None], columns[None, :]]
    refuse("np.pad in this mode is compiled for vectors and matrices")


@implements("numpy.pad")
def pad(array, pad_width, mode="constant", constant_values=0):
    """np.pad by a number, or by the array's own elements: "edge", "wrap", "reflect", "symmetric"."""
    each = widths(pad_width, array.ndim)
    check_widths(each)
    if mode == "constant":
        if isinstance(constant_values, (tuple, np.ndarray)):
            refuse("np.pad is compiled for one constant value")
        out = np.full(padded_shape(array.shape, each), constant_values, array.dtype)
        out[inner(array.shape, each)] = array
        return out
    if not (mode == "edge" or mode == "wrap" or mode == "reflect" or mode == "symmetric"):
        refuse("np.pad is compiled for the modes constant, edge, wrap, reflect and symmetric")
    if array.size == 0:
        raise ValueError("can't extend empty axis 0 using modes other than 'constant' or 'empty'")
    return padded_rows(array, each, mode)


@implements("numpy.resize")
def resize(a, new_shape):
    """np.resize: the elements in C order, as often as they are needed."""
    out = np.zeros(new_shape, a.dtype)
    values, places = a.ravel(), out.reshape(-1)
    if values.shape[0] > 0:
        k = 0
        for i in range(places.shape[0]):
            places[i] = values[k]
            k = k + 1 if k + 1 < values.shape[0] else 0
    return out


@implements("numpy.trim_zeros")
def trim_zeros(filt, trim="fb"):
    """np.trim_zeros: the view of a vector without zeros at its ends."""
    if filt.ndim != 1:
        refuse("np.trim_zeros is compiled for vectors")
    first, end = 0, filt.shape[0]
    if trim == "fb" or trim == "f":
        while first < end and filt[first] == 0:
            first += 1
    if trim == "fb" or trim == "b":
        while end > first and filt[end - 1] == 0:
            end -= 1
    return filt[first:end]
