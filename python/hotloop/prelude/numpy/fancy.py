"""Indexing by arrays and masks, and the functions that find elements: nonzero and its kin.

Inference hands over a view whose axes stand in this order: those in front of the indexed ones in the result,
the indexed ones, the rest; one array of integers for each indexed axis; and the numbers those axes have in
the whole array, for messages.  Masks have been made arrays of integers, but for one that covers all axes.
As in NumPy all indices are checked before the first element is touched; what overlaps the target is copied.
"""

import numpy as np

from .. import implements
from ..core.arrays import flat, layout, refuse
from .axes import moved_last, normal_axis
from .broadcast import broadcast, fits_into, part, shape_text, stretched

# ---- indices


def check_range(index, size, axis):
    """Raise unless every index points into an axis of this size."""
    low, high = 0, -1
    for x in index.ravel():
        i = int(x)
        low, high = min(low, i), max(high, i)
    if low < -size or high >= size:
        for x in index.ravel():
            if x < -size or x >= size:
                values = x, axis, size
                raise IndexError("index %s is out of bounds for axis %s with size %s" % values)


def check_ranges(indices, sizes, axes):
    """Raise unless all indices point into their axes."""
    if len(indices) > 0:
        check_range(indices[0], sizes[0], axes[0])
        check_ranges(indices[1:], sizes[1:], axes[1:])


def common_shape(indices):
    """Return the shape the indices broadcast to; a size of -1 where they do not fit."""
    shape = indices[0].shape
    return shape if len(indices) == 1 else broadcast(shape, common_shape(indices[1:]))


def shapes_text(indices):
    """Return the text of the shapes of all indices, with a %s for each size."""
    return shape_text(indices[0].ndim) + " " + (shapes_text(indices[1:]) if len(indices) > 1 else "")


def all_sizes(indices):
    """Return the sizes of all indices, one after another."""
    return indices[0].shape + (all_sizes(indices[1:]) if len(indices) > 1 else ())


def indexed_shape(indices):
    """Return the shape the indices broadcast to, which they must."""
    shape = common_shape(indices)
    for size in shape:
        if size < 0:
            text = "shape mismatch: indexing arrays could not be broadcast together with shapes "
            raise IndexError((text + shapes_text(indices)) % all_sizes(indices))
    return shape


def rows(indices, i, ndim):
    """Return what belongs to the i-th row of `ndim` axes of each index."""
    return (part(indices[0], i, ndim),) + (rows(indices[1:], i, ndim) if len(indices) > 1 else ())


def position(indices, sizes, i):
    """Return the i-th place the indices, now of one axis or none, point to."""
    x = indices[0]
    j = int(x[()] if x.ndim == 0 else x[i if x.shape[0] > 1 else 0])
    here = (j + sizes[0] if j < 0 else j,)
    return here + (position(indices[1:], sizes[1:], i) if len(indices) > 1 else ())


# ---- reading


def item_of(value, i):
    """Return the i-th item of an array as an array; a number belongs to all places."""
    if not isinstance(value, np.ndarray):
        return value
    return value[i] if value.ndim > 1 else value[i : i + 1].reshape(())


def copy_item(out, a):
    """Copy the elements of an array of at least one axis."""
    for i in range(out.shape[0]):
        if out.ndim == 1:
            out[i] = a[i]
        else:
            copy_item(out[i], a[i])


def gather(out, a, indices, before, ndim):
    """Fill `out` with the elements that the indices, of `ndim` axes, point to behind the first axes."""
    if before == 0 and ndim <= 1:
        gather_items(out, a, indices, ndim)
    else:
        for i in range(out.shape[0]):
            if before > 0:
                gather(item_of(out, i), a[i], indices, before - 1, ndim)
            else:
                gather(out[i], a, rows(indices, i, ndim), 0, ndim - 1)


def gather_items(out, a, indices, ndim):
    """Do it where the indices have one axis, or none."""
    if ndim == 0:
        place = position(indices, a.shape, 0)
        if out.ndim == 0:
            out[()] = a[place]
        else:
            copy_item(out, a[place])
    else:
        for i in range(out.shape[0]):
            place = position(indices, a.shape, i)
            if out.ndim == 1:
                out[i] = a[place]
            else:
                copy_item(out[i], a[place])


@implements("ndarray.__getitem__.arrays")
def take_items(a, indices, axes, before):
    """a[..., indices, ...]"""
    n = len(indices)
    shape = indexed_shape(indices)
    check_ranges(indices, a.shape[before : before + n], axes)
    out = np.empty(a.shape[:before] + shape + a.shape[before + n :], a.dtype)
    if out.size > 0:
        gather(out, a, indices, before, len(shape))
    return out[()] if out.ndim == 0 else out


# ---- writing


def put_item(a, place, value):
    """Store a number, or an array of the right shape, at one place."""
    if isinstance(value, np.ndarray):
        if value.ndim == 0:
            a[place] = value[()].astype(a.dtype.type)
        else:
            store_item(a[place], value)
    elif len(place) == a.ndim:
        a[place] = value
    else:
        fill_item(a[place], value)


def store_item(a, value):
    """Store an array of the same shape."""
    for i in range(a.shape[0]):
        if a.ndim == 1:
            a[i] = value[i].astype(a.dtype.type)
        else:
            store_item(a[i], value[i])


def fill_item(a, value):
    """Store a number everywhere."""
    for i in range(a.shape[0]):
        if a.ndim == 1:
            a[i] = value
        else:
            fill_item(a[i], value)


def scatter(a, indices, value, before, shape):
    """Store to the places the indices, of this shape, point to behind the first axes."""
    if before > 0:
        for i in range(a.shape[0]):
            scatter(a[i], indices, item_of(value, i), before - 1, shape)
    elif len(shape) == 0:
        put_item(a, position(indices, a.shape, 0), value)
    elif len(shape) == 1:
        for i in range(shape[0]):
            put_item(a, position(indices, a.shape, i), item_of(value, i))
    else:
        for i in range(shape[0]):
            scatter(a, rows(indices, i, len(shape)), item_of(value, i), 0, shape[1:])


def apart(a, index):
    """Return an index that writes to `a` do not change."""
    return index.copy() if np.may_share_memory(a, index) else index


def all_apart(a, indices):
    """Return indices that writes to `a` do not change."""
    return (apart(a, indices[0]),) + (all_apart(a, indices[1:]) if len(indices) > 1 else ())


def squeezed(value, ndim):
    """Return a value without the axes of size 1 in front that the target does not have."""
    if value.ndim > ndim and value.shape[0] == 1:
        return squeezed(value[0], ndim)
    return value


def fitted(value, a, shape):
    """Return a value in the shape of what it is assigned to, apart from `a`."""
    if not isinstance(value, np.ndarray):
        return value
    if value.ndim > len(shape):
        if value.shape[0] == 1:
            return fitted(value[0], a, shape)
    elif fits_into(value.shape, shape):
        return stretched(value.copy() if np.may_share_memory(a, value) else value, shape)
    text = "shape mismatch: value array of shape " + shape_text(value.ndim)
    text_of_both = text + " could not be broadcast to indexing result of shape " + shape_text(len(shape))
    raise ValueError(text_of_both % (value.shape + shape))


@implements("ndarray.__setitem__.arrays")
def put_items(a, indices, axes, before, value):
    """a[..., indices, ...] = value"""
    n = len(indices)
    shape = indexed_shape(indices)
    value = fitted(value, a, a.shape[:before] + shape + a.shape[before + n :])
    check_ranges(indices, a.shape[before : before + n], axes)
    scatter(a, all_apart(a, indices), value, before, shape)


# ---- masks of all axes

TOO_MANY_AXES = (
    "NumPy boolean array indexing assignment requires a 0 or 1-dimensional input, input has %s dimensions"
)
OTHER_COUNT = (
    "NumPy boolean array indexing assignment cannot assign %s input values to the %s output values "
    "where the mask is true"
)


def count_true(mask):
    """Count the elements that count as true."""
    if layout(mask) != "A":
        return count_leaf(flat(mask))
    if mask.ndim == 1:
        return count_leaf(mask)
    count = 0
    for i in range(mask.shape[0]):
        count += count_true(mask[i])
    return count


def count_leaf(mask):
    """Count along one axis."""
    count = 0
    for x in mask:
        count += 1 if x else 0
    return count


def pick(out, at, a, mask):
    """Append the elements the mask picks from place `at` on; returns where they end."""
    if a.ndim > 1:
        for i in range(a.shape[0]):
            at = pick(out, at, a[i], mask[i])
        return at
    n, i = out.shape[0], 0
    while at < n and i < a.shape[0]:
        out[at] = a[i]  # written over by the next one unless picked
        at += 1 if mask[i] else 0
        i += 1
    return at


@implements("ndarray.__getitem__.mask")
def pick_items(a, mask):
    """a[mask]"""
    out = np.empty(count_true(mask), a.dtype)
    if layout(a) == "C" and layout(mask) == "C":
        pick(out, 0, flat(a), flat(mask))
    else:
        pick(out, 0, a, mask)
    return out


def fill_where(a, mask, value):
    """Store a number where the mask is true."""
    for i in range(a.shape[0]):
        if a.ndim > 1:
            fill_where(a[i], mask[i], value)
        elif mask[i]:
            a[i] = value


def spread_out(a, mask, values, at):
    """Store the values from place `at` on where the mask is true; returns how many are used up."""
    for i in range(a.shape[0]):
        if a.ndim > 1:
            at = spread_out(a[i], mask[i], values, at)
        elif mask[i]:
            a[i] = values[at].astype(a.dtype.type)
            at += 1
    return at


@implements("ndarray.__setitem__.mask")
def put_where(a, mask, value):
    """a[mask] = value"""
    mask = apart(a, mask)
    if not isinstance(value, np.ndarray):
        if layout(a) == layout(mask) and layout(a) != "A":
            fill_where(flat(a), flat(mask), value)
        else:
            fill_where(a, mask, value)
    elif value.ndim > 1:
        raise TypeError(TOO_MANY_AXES % value.ndim)
    else:
        n = count_true(mask)
        if value.shape[0] == 1:
            fill_where(a, mask, value[0].astype(a.dtype.type))
        elif value.shape[0] == n:
            spread_out(a, mask, apart(a, value), 0)
        else:
            values = value.shape[0], n
            raise ValueError(OTHER_COUNT % values)


# ---- where elements are


def vectors(n, count):
    """Return `count` fresh vectors of n integers."""
    return (np.empty(n, np.int64),) + (vectors(n, count - 1) if count > 1 else ())


def store_all(vectors_, at, values):
    """Store a value at place `at` of each vector."""
    vectors_[0][at] = values[0]
    if len(values) > 1:
        store_all(vectors_[1:], at, values[1:])


def find(found, at, a, outer):
    """Store the indices of true elements from place `at` on; returns where they end."""
    for i in range(a.shape[0]):
        here = outer + (i,)
        if a.ndim > 1:
            at = find(found, at, a[i], here)
        elif a[i]:
            store_all(found, at, here)
            at += 1
    return at


@implements("numpy.nonzero", "ndarray.nonzero")
def nonzero(a):
    """np.nonzero: the indices of the elements that count as true, a vector for each axis."""
    found = vectors(count_true(a), a.ndim)
    find(found, 0, a, ())
    return found


@implements("numpy.flatnonzero")
def flatnonzero(a):
    """np.flatnonzero: the indices of true elements among all in C order."""
    return nonzero(a.ravel())[0]


@implements("numpy.argwhere")
def argwhere(a):
    """np.argwhere: the indices of each true element as a row."""
    found = nonzero(a)
    out = np.empty((a.ndim, found[0].shape[0]), np.int64)
    put_rows(out, found, 0)
    return out.T


def put_rows(out, found, row):
    """Store vectors as rows."""
    for i in range(out.shape[1]):
        out[row, i] = found[0][i]
    if len(found) > 1:
        put_rows(out, found[1:], row + 1)


# ---- functions of indexing


@implements("numpy.take", "ndarray.take")
def take(a, indices, axis=None):
    """np.take: the elements at these places of all, or along an axis."""
    if not isinstance(a, np.ndarray):
        return take(np.asarray(a), indices, axis)
    if not isinstance(indices, np.ndarray):
        return take(a, np.asarray(indices), axis)
    if axis is None:
        return a.ravel()[indices]
    return a[(slice(None),) * normal_axis(axis, a.ndim) + (indices,)]


@implements("numpy.compress")
def compress(condition, a, axis=None):
    """np.compress: the elements, or what lies along an axis, where a vector is true."""
    if condition.ndim != 1:
        raise ValueError("condition must be a 1-d array")
    return take(a, flatnonzero(condition), axis)


@implements("numpy.extract")
def extract(condition, arr):
    """np.extract: the elements where the condition holds, both in C order."""
    return take(arr.ravel(), flatnonzero(condition), None)


def chosen(conditions, choices, default):
    """Return what the first condition that holds chooses."""
    rest = default if len(conditions) == 1 else chosen(conditions[1:], choices[1:], default)
    return np.where(conditions[0], choices[0], rest)


@implements("numpy.select")
def select(condlist, choicelist, default=0):
    """np.select: of each element the choice of the first condition that holds."""
    if not (isinstance(condlist, tuple) and isinstance(choicelist, tuple)):
        refuse("np.select is compiled for conditions and choices that are written out")
    if len(condlist) != len(choicelist):
        raise ValueError("list of cases must be same length as list of conditions")
    if len(condlist) == 0:
        raise ValueError("select with an empty condition list is not possible")
    return chosen(condlist, choicelist, default)


def take_rows(arr, places, out):
    """Store the elements at these places along the last axis."""
    if out.ndim > 1:
        for i in range(out.shape[0]):
            take_rows(arr[i if arr.shape[0] > 1 else 0], places[i if places.shape[0] > 1 else 0], out[i])
    else:
        out[...] = arr[places]


def shape_of_both(a, b):
    """Return the shape that two arrays have together, the last axis being that of the second."""
    if len(a) == 1:
        return b
    return (b[0] if a[0] == 1 else a[0],) + shape_of_both(a[1:], b[1:])


@implements("numpy.take_along_axis")
def take_along_axis(arr, indices, axis=-1):
    """np.take_along_axis: of each row along the axis, the elements at the places in the same row."""
    if axis is None:
        return take_along_axis(arr.ravel(), indices, 0)
    if arr.ndim != indices.ndim:
        raise ValueError("`indices` and `arr` must have the same number of dimensions")
    axis = normal_axis(axis, arr.ndim)
    rows, places = moved_last(arr, axis), moved_last(indices, axis)
    found = np.empty(shape_of_both(rows.shape, places.shape), arr.dtype)
    take_rows(rows, places, found)
    if axis == arr.ndim - 1:
        return found
    return np.moveaxis(found, -1, axis).copy()
