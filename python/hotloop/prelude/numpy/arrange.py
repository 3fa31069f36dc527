"""Elements put elsewhere: concatenate, flip, roll, diag."""

import numpy as np

from .. import implements
from ..core.arrays import refuse
from .axes import normal_axis

# ---- concatenate

OTHER_NDIM = (
    "all the input arrays must have same number of dimensions, but the array at index 0 has %s dimension(s) "
    "and the array at index %s has %s dimension(s)"
)
OTHER_SIZE = (
    "all the input array dimensions except for the concatenation axis must match exactly, but along "
    "dimension %s, the array at index 0 has size %s and the array at index %s has size %s"
)


def joined_zero(arrays):
    """Return a zero of the type all arrays promote to."""
    zero = arrays[0].dtype.type(0)
    return zero if len(arrays) == 1 else zero + joined_zero(arrays[1:])


def joined_length(arrays, axis):
    """Return the sum of the lengths along an axis; the other axes must fit the first array's."""
    n = arrays[0].shape[axis]
    return n if len(arrays) == 1 else n + joined_length(arrays[1:], axis)


def put(out, arrays, axis, start):
    """Copy the arrays one behind the other."""
    stop = start + arrays[0].shape[axis]
    out[(slice(None),) * axis + (slice(start, stop),)] = arrays[0]
    if len(arrays) > 1:
        put(out, arrays[1:], axis, stop)


def check_fit(first, others, axis, number):
    """Raise unless the other arrays have the first one's shape, but for the axis."""
    if len(others) > 0:
        if first.ndim != others[0].ndim:
            values = first.ndim, number, others[0].ndim
            raise ValueError(OTHER_NDIM % values)
        check_axes(first.shape, others[0].shape, axis, 0, number)
        check_fit(first, others[1:], axis, number + 1)


def check_axes(s, t, axis, at, number):
    """Compare two shapes from axis `at` on."""
    if at < len(s):
        if at != axis and s[at] != t[at]:
            values = at, s[at], number, t[at]
            raise ValueError(OTHER_SIZE % values)
        check_axes(s, t, axis, at + 1, number)


def check_list(arrays, axis):
    """Return the total length of the arrays of a list, which must have one shape but for the axis."""
    if len(arrays) == 0:
        raise ValueError("need at least one array to concatenate")
    total = 0
    for i, a in enumerate(arrays):
        check_axes(arrays[0].shape, a.shape, axis, 0, i)
        total += a.shape[axis]
    return total


def concatenate_list(arrays, axis):
    """np.concatenate of a list of arrays, which are of one type."""
    first = arrays[0]
    axis = normal_axis(axis, first.ndim)
    n = check_list(arrays, axis)
    out = np.empty(first.shape[:axis] + (n,) + first.shape[axis + 1 :], first.dtype)
    start = 0
    for a in arrays:
        stop = start + a.shape[axis]
        out[(slice(None),) * axis + (slice(start, stop),)] = a
        start = stop
    return out


@implements("numpy.concatenate", "numpy.concat")
def concatenate(arrays, axis=0):
    """np.concatenate of a tuple or a list of arrays."""
    if isinstance(arrays, list):
        return concatenate_list(arrays, axis)
    if not isinstance(arrays, tuple):
        refuse("several arrays are a tuple or a list of them")
    first = arrays[0]
    axis = normal_axis(axis, first.ndim)
    check_fit(first, arrays[1:], axis, 1)
    shape = first.shape[:axis] + (joined_length(arrays, axis),) + first.shape[axis + 1 :]
    out = np.empty(shape, joined_zero(arrays).dtype)
    put(out, arrays, axis, 0)
    return out


# ---- flip, roll


@implements("numpy.flipud")
def flipud(m):
    """np.flipud: the rows backwards."""
    return m[::-1]


@implements("numpy.fliplr")
def fliplr(m):
    """np.fliplr: the columns backwards."""
    return m[:, ::-1]


@implements("numpy.flip")
def flip(m, axis=None):
    """np.flip: backwards along one axis, or along all."""
    if axis is None:
        return m[(slice(None, None, -1),) * m.ndim]
    return m[(slice(None),) * normal_axis(axis, m.ndim) + (slice(None, None, -1),)]


@implements("numpy.roll")
def roll(a, shift, axis=None):
    """np.roll over all elements in C order, or along an axis."""
    if axis is None:
        return roll(a.ravel(), shift, 0).reshape(a.shape)
    front = (slice(None),) * normal_axis(axis, a.ndim)
    n = a.shape[axis]
    out = np.empty(a.shape, a.dtype)
    if n > 0:
        first = shift % n
        out[front + (slice(first, None),)] = a[front + (slice(None, n - first),)]
        out[front + (slice(None, first),)] = a[front + (slice(n - first, None),)]
    return out


@implements("numpy.diag")
def diag(v, k=0):
    """np.diag: of a vector, the matrix with it on the k-th diagonal; of a matrix, that diagonal."""
    if v.ndim == 2:
        return np.diagonal(v, k)
    n = v.shape[0] + abs(k)
    out = np.zeros((n, n), v.dtype)
    for i in range(v.shape[0]):
        out[i + max(0, -k), i + max(0, k)] = v[i]
    return out
