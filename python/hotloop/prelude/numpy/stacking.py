"""Arrays put together and taken apart: stack and its kin, repeat, tile, append, insert, delete, rot90."""

import numpy as np

from .. import implements
from ..core.arrays import refuse
from .arrange import concatenate
from .axes import all_of, expand_dims, normal_axis, one_axis, three_axes, two_axes

# ---- stack


def check_shapes(first, others):
    """Raise unless all arrays have one shape."""
    if len(others) > 0:
        if first.ndim != others[0].ndim or first.shape != others[0].shape:
            raise ValueError("all input arrays must have the same shape")
        check_shapes(first, others[1:])


def check_list_shapes(arrays):
    """Raise unless all arrays of a list have one shape."""
    for a in arrays:
        if a.shape != arrays[0].shape:
            raise ValueError("all input arrays must have the same shape")


def expanded(arrays, axis):
    """Return arrays with one more axis."""
    if isinstance(arrays, list):
        values = []
        for a in arrays:
            values.append(expand_dims(a, axis))
        return values
    if len(arrays) == 0:
        return ()
    return (expand_dims(arrays[0], axis),) + expanded(arrays[1:], axis)


@implements("numpy.stack")
def stack(arrays, axis=0):
    """np.stack: arrays of one shape along a new axis."""
    if not isinstance(arrays, (tuple, list)):
        refuse("several arrays are a tuple or a list of them")
    if len(arrays) == 0:
        raise ValueError("need at least one array to stack")
    axis = normal_axis(axis, arrays[0].ndim + 1)
    if isinstance(arrays, list):
        check_list_shapes(arrays)
    else:
        check_shapes(arrays[0], arrays[1:])
    return concatenate(expanded(arrays, axis), axis)


@implements("numpy.vstack")
def vstack(tup):
    """np.vstack: arrays one below the other."""
    return concatenate(all_of(tup, two_axes), 0)


@implements("numpy.hstack")
def hstack(tup):
    """np.hstack: arrays side by side."""
    columns = all_of(tup, one_axis)
    return concatenate(columns, 0 if columns[0].ndim == 1 else 1)


@implements("numpy.dstack")
def dstack(tup):
    """np.dstack: arrays behind each other."""
    return concatenate(all_of(tup, three_axes), 2)


def as_column(a):
    """Return a vector as a matrix of one column."""
    return a[:, None] if a.ndim == 1 else a


@implements("numpy.column_stack")
def column_stack(tup):
    """np.column_stack: vectors as columns beside each other, or beside matrices."""
    return concatenate(all_of(tup, as_column), 1)


@implements("numpy.append")
def append(arr, values, axis=None):
    """np.append: values behind an array."""
    values = np.asarray(values)
    if axis is None:
        return concatenate((arr.ravel(), values.ravel()), 0)
    return concatenate((arr, values), axis)


# ---- repeat, tile


@implements("numpy.repeat", "ndarray.repeat")
def repeat(a, repeats, axis=None):
    """np.repeat: each element, or what lies along an axis, so many times."""
    if not isinstance(a, np.ndarray):
        return repeat(np.asarray(a), repeats, axis)
    if axis is None:
        return repeat(a.ravel(), repeats, 0)
    axis = normal_axis(axis, a.ndim)
    if isinstance(repeats, tuple):
        return repeat(a, np.asarray(repeats), axis)
    return np.take(a, repeated(a.shape[axis], repeats), axis)


def repeated(n, repeats):
    """Return the index of each element as often as it is repeated."""
    if isinstance(repeats, np.ndarray):
        return repeated_each(n, repeats)
    if repeats < 0:
        raise ValueError("negative dimensions are not allowed")
    out = np.empty(n * repeats, np.int64)
    for i in range(n):
        for k in range(repeats):
            out[i * repeats + k] = i
    return out


def repeated_each(n, repeats):
    """Do it where each element has its own number; a single number counts for all."""
    if repeats.shape[0] != n and repeats.shape[0] != 1:
        values = n, repeats.shape[0]
        raise ValueError("operands could not be broadcast together with shape (%s,) (%s,)" % values)
    total = 0
    for i in range(n):
        count = int(repeats[i if repeats.shape[0] > 1 else 0])
        if count < 0:
            raise ValueError("repeats may not contain negative values.")
        total += count
    out, at = np.empty(total, np.int64), 0
    for i in range(n):
        for _ in range(int(repeats[i if repeats.shape[0] > 1 else 0])):
            out[at] = i
            at += 1
    return out


def tile_shape(shape, reps):
    """Return the sizes of an array that is repeated so often on each axis, both lists right-aligned."""
    if len(shape) < len(reps):
        return tile_shape((1,) + shape, reps)
    if len(reps) < len(shape):
        return tile_shape(shape, (1,) + reps)
    if len(shape) == 0:
        return ()
    return (shape[0] * reps[0],) + tile_shape(shape[1:], reps[1:])


def put_tiles(out, a):
    """Fill an array with copies of another of as many axes."""
    if a.shape[0] > 0:
        for i in range(out.shape[0]):
            if a.ndim == 1:
                out[i] = a[i % a.shape[0]]
            else:
                put_tiles(out[i], a[i % a.shape[0]])


@implements("numpy.tile")
def tile(A, reps):
    """np.tile: an array repeated on each axis."""
    if not isinstance(A, np.ndarray):
        return tile(np.asarray(A), reps)
    if not isinstance(reps, tuple):
        return tile(A, (reps,))
    out = np.empty(tile_shape(A.shape, reps), A.dtype)
    put_tiles(out, A[(None,) * (out.ndim - A.ndim)])
    return out


# ---- insert, delete

OTHER_MASK = "boolean array argument obj to delete must be one dimensional and match the axis length of %s"


def check_place(i, n, axis):
    """Return a place among n of an axis, counted from the first."""
    if i < -n or i >= n:
        values = i, axis, n
        raise IndexError("index %s is out of bounds for axis %s with size %s" % values)
    return i + n if i < 0 else i


@implements("numpy.delete")
def delete(arr, obj, axis=None):
    """np.delete: an array without what lies at one place, at several, or where a mask is true."""
    if axis is None:
        return delete(arr.ravel(), obj, 0)
    axis = normal_axis(axis, arr.ndim)
    n = arr.shape[axis]
    keep = np.ones(n, np.bool_)
    if isinstance(obj, slice):
        keep[obj] = False
    elif not isinstance(obj, (np.ndarray, tuple)):
        keep[check_place(int(obj), n, axis)] = False
    else:
        drop_all(keep, np.asarray(obj))
    return np.take(arr, np.flatnonzero(keep), axis)


def drop_all(keep, places):
    """Mark what goes."""
    n = keep.shape[0]
    if places.dtype.kind == "b":
        if places.shape[0] != n:
            raise ValueError(OTHER_MASK % n)
        for i in range(n):
            keep[i] = not places[i]
    else:
        for x in places.ravel():
            keep[check_place(int(x), n, 0)] = False


@implements("numpy.insert")
def insert(arr, obj, values, axis=None):
    """np.insert: values before one place."""
    if axis is None:
        return insert(arr.ravel(), obj, values, 0)
    axis = normal_axis(axis, arr.ndim)
    if isinstance(obj, (np.ndarray, tuple, slice)):
        refuse("np.insert is compiled for one place")
    n = arr.shape[axis]
    at = int(obj)
    if at < -n or at > n:
        shown = at, axis, n
        raise IndexError("index %s is out of bounds for axis %s with size %s" % shown)
    at = at + n if at < 0 else at
    new = leading(np.asarray(values), arr.ndim)
    if new.ndim > 1:
        new = np.moveaxis(new, 0, axis)
    count = new.shape[axis]
    out = np.empty(arr.shape[:axis] + (n + count,) + arr.shape[axis + 1 :], arr.dtype)
    front = (slice(None),) * axis
    out[front + (slice(None, at),)] = arr[front + (slice(None, at),)]
    out[front + (slice(at, at + count),)] = new
    out[front + (slice(at + count, None),)] = arr[front + (slice(at, None),)]
    return out


def leading(a, ndim):
    """Return an array with axes of length one in front, so that there are so many."""
    return a[(None,) * (ndim - a.ndim) + (Ellipsis,)]


# ---- turned


@implements("numpy.rot90")
def rot90(m, k=1):
    """np.rot90: turned by quarters in the first two axes."""
    k = k % 4
    if k == 0:
        return m[:]
    if k == 2:
        return m[::-1, ::-1]
    turned = np.swapaxes(m, 0, 1)
    return turned[::-1] if k == 1 else turned[:, ::-1]


# ---- taken apart


def split_at(ary, places, axis):
    """Return what lies between places of an axis, as views."""
    parts, front, start = [], (slice(None),) * axis, 0
    for i in range(places.shape[0]):
        stop = int(places[i])
        parts.append(ary[front + (slice(start, stop),)])
        start = stop
    parts.append(ary[front + (slice(start, None),)])
    return parts


def even_places(n, count):
    """Return where an axis is cut into parts as even as can be, the longer ones first."""
    places = np.empty(count - 1, np.int64)
    size, longer, at = n // count, n % count, 0
    for i in range(count - 1):
        at += size + (1 if i < longer else 0)
        places[i] = at
    return places


@implements("numpy.array_split")
def array_split(ary, indices_or_sections, axis=0):
    """np.array_split: a list of views, at places or of nearly equal length."""
    axis = normal_axis(axis, ary.ndim)
    if isinstance(indices_or_sections, (np.ndarray, tuple, list)):
        return split_at(ary, np.asarray(indices_or_sections), axis)
    if indices_or_sections <= 0:
        raise ValueError("number sections must be larger than 0.")
    return split_at(ary, even_places(ary.shape[axis], indices_or_sections), axis)


@implements("numpy.split")
def split(ary, indices_or_sections, axis=0):
    """np.split: a list of views, at places or of equal length."""
    axis = normal_axis(axis, ary.ndim)
    if isinstance(indices_or_sections, (np.ndarray, tuple, list)):
        return array_split(ary, indices_or_sections, axis)
    if ary.shape[axis] % indices_or_sections != 0:
        raise ValueError("array split does not result in an equal division")
    return array_split(ary, indices_or_sections, axis)


@implements("numpy.dsplit")
def dsplit(ary, indices_or_sections):
    """np.dsplit: along the third axis."""
    if ary.ndim < 3:
        raise ValueError("dsplit only works on arrays of 3 or more dimensions")
    return split(ary, indices_or_sections, 2)


@implements("numpy.hsplit")
def hsplit(ary, indices_or_sections):
    """np.hsplit: along columns, or a vector."""
    return split(ary, indices_or_sections, 1 if ary.ndim > 1 else 0)


@implements("numpy.vsplit")
def vsplit(ary, indices_or_sections):
    """np.vsplit: along rows."""
    return split(ary, indices_or_sections, 0)
