"""sum, prod, mean, min and max of an array: over all elements, or along one axis.

Floating-point sums are NumPy's bit for bit where the elements are contiguous: pairwise, halves rounded down
to a multiple of eight, blocks of at most 128 numbers with eight accumulators (a complex element counts as
two).  Where elements are converted on the way, NumPy does so through a buffer, and the sum is the sum of the
buffers' sums.  Other layouts are added row by row, which stays within NumPy's bound.

Begin reading at `reduce_all`: a leaf reduces what lies along one axis, rows are combined in order.  `how` is
what the leaf needs to know: the kind it adds in, or the ufunc it picks with.
"""

import numpy as np

from .. import implements
from ..core.arrays import flat, is_complex, is_integer, kind_of, layout

BUFFER = 8192  # elements
BLOCK = 128  # numbers

# ---- all elements, one axis


def reduce_all(a, leaf, combine, how):
    """Return the reduction of all elements of an array that has some."""
    if layout(a) != "A":
        return leaf(flat(a), how)
    if a.ndim == 1:
        return leaf(a, how)
    if abs(a.strides[0]) < abs(a.strides[a.ndim - 1]):
        a = a.T
    result = reduce_all(a[0], leaf, combine, how)
    for i in range(1, a.shape[0]):
        result = combine(result, reduce_all(a[i], leaf, combine, how))
    return result


def reduce_axis(a, out, axis, leaf, combine, how):
    """Store the reduction along one axis that has elements; `out` has the shape of `a` without that axis."""
    if axis == 0:
        out[...] = a[0].astype(out.dtype)
        for i in range(1, a.shape[0]):
            out[...] = combine(out, a[i])
    elif a.ndim == 2:
        for i in range(a.shape[0]):
            out[i] = leaf(a[i], how)
    else:
        for i in range(a.shape[0]):
            reduce_axis(a[i], out[i], axis - 1, leaf, combine, how)


def normal_axis(axis, ndim):
    """Return the axis counted from the first."""
    if axis < -ndim or axis >= ndim:
        raise np.exceptions.AxisError(axis, ndim, None)
    return axis + ndim if axis < 0 else axis


def add_up(a, axis, leaf, combine, kind, start):
    """Return a reduction that gives `start` for nothing."""
    if axis is None:
        return combine(kind(start), reduce_all(a, leaf, combine, kind)) if a.size > 0 else kind(start)
    axis = normal_axis(axis, a.ndim)
    if a.ndim == 1:
        return add_up(a, None, leaf, combine, kind, start)
    out = np.full(a.shape[:axis] + a.shape[axis + 1 :], start, kind)
    if a.size > 0:
        reduce_axis(a, out, axis, leaf, combine, kind)
    return out


# ---- sum


def sum_kind(have, dtype):
    """Return the kind np.sum and np.prod compute in."""
    if dtype is not None:
        return kind_of(dtype)
    if have.kind == "b" or have.kind == "i":
        return np.int64
    return np.uint64 if have.kind == "u" else have.type


def sum_leaf(a, kind):
    """Return the sum of one axis as NumPy adds it."""
    if is_integer(kind):
        return sum_in_order(a, kind)
    if a.dtype == np.dtype(kind):
        return pairwise(a, kind)
    result = kind(0)
    for i in range(0, a.shape[0], BUFFER):
        result = result + pairwise(a[i : i + BUFFER], kind)
    return result


def sum_in_order(a, kind):
    """Add one after another."""
    result = kind(0)
    for x in a:
        result = result + kind(x)
    return result


def pairwise(a, kind):
    """Return the sum of halves, down to blocks of at most BLOCK numbers."""
    numbers = 2 if is_complex(kind) else 1
    n = a.shape[0]
    if n * numbers < 8:
        return sum_in_order(a, kind)
    if n * numbers <= BLOCK:
        return complex_block(a, kind) if is_complex(kind) else block(a, kind)
    half = n * numbers // 2
    half = (half - half % 8) // numbers
    return pairwise(a[:half], kind) + pairwise(a[half:], kind)


def block(a, kind):
    """Add with eight accumulators."""
    r0, r1, r2, r3 = kind(a[0]), kind(a[1]), kind(a[2]), kind(a[3])
    r4, r5, r6, r7 = kind(a[4]), kind(a[5]), kind(a[6]), kind(a[7])
    n = a.shape[0]
    whole = n - n % 8
    for i in range(8, whole, 8):
        r0 = r0 + kind(a[i])
        r1 = r1 + kind(a[i + 1])
        r2 = r2 + kind(a[i + 2])
        r3 = r3 + kind(a[i + 3])
        r4 = r4 + kind(a[i + 4])
        r5 = r5 + kind(a[i + 5])
        r6 = r6 + kind(a[i + 6])
        r7 = r7 + kind(a[i + 7])
    result = ((r0 + r1) + (r2 + r3)) + ((r4 + r5) + (r6 + r7))
    for i in range(whole, n):
        result = result + kind(a[i])
    return result


def complex_block(a, kind):
    """Add with four complex accumulators."""
    r0, r1, r2, r3 = kind(a[0]), kind(a[1]), kind(a[2]), kind(a[3])
    n = a.shape[0]
    whole = n - n % 4
    for i in range(4, whole, 4):
        r0 = r0 + kind(a[i])
        r1 = r1 + kind(a[i + 1])
        r2 = r2 + kind(a[i + 2])
        r3 = r3 + kind(a[i + 3])
    result = (r0 + r1) + (r2 + r3)
    for i in range(whole, n):
        result = result + kind(a[i])
    return result


@implements("numpy.sum", "ndarray.sum")
def sum_of(a, axis=None, dtype=None):
    """np.sum of an array."""
    return add_up(a, axis, sum_leaf, np.add, sum_kind(a.dtype, dtype), 0)


# ---- prod


def prod_leaf(a, kind):
    """Return the product of one axis, multiplied in order."""
    result = kind(1)
    for x in a:
        result = result * kind(x)
    return result


@implements("numpy.prod", "ndarray.prod")
def prod_of(a, axis=None, dtype=None):
    """np.prod of an array."""
    return add_up(a, axis, prod_leaf, np.multiply, sum_kind(a.dtype, dtype), 1)


# ---- mean


def mean_kind(have, dtype):
    """Return the kind np.mean adds in."""
    if dtype is not None:
        return kind_of(dtype)
    return np.float64 if is_integer(have.type) else have.type


@implements("numpy.mean", "ndarray.mean")
def mean_of(a, axis=None, dtype=None):
    """np.mean of an array."""
    total = sum_of(a, axis, mean_kind(a.dtype, dtype))
    return total / (a.size if axis is None else a.shape[axis])


# ---- min and max


def extreme_leaf(a, pick):
    """Return the smallest or largest of one axis with elements; a NaN wins over every number."""
    n = a.shape[0]
    if n < 16:
        return extreme_in_order(a, pick, a[0], 1)
    r0, r1, r2, r3, r4, r5, r6, r7 = a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]
    whole = n - n % 8
    for i in range(8, whole, 8):
        r0 = pick(r0, a[i])
        r1 = pick(r1, a[i + 1])
        r2 = pick(r2, a[i + 2])
        r3 = pick(r3, a[i + 3])
        r4 = pick(r4, a[i + 4])
        r5 = pick(r5, a[i + 5])
        r6 = pick(r6, a[i + 6])
        r7 = pick(r7, a[i + 7])
    best = pick(pick(pick(r0, r1), pick(r2, r3)), pick(pick(r4, r5), pick(r6, r7)))
    return extreme_in_order(a, pick, best, whole)


def extreme_in_order(a, pick, best, first):
    """Go on from an element with the best so far."""
    for i in range(first, a.shape[0]):
        best = pick(best, a[i])
    return best


def extreme(a, axis, pick, nothing):
    """Return np.min or np.max; `nothing` is what is said of an empty array."""
    if axis is None:
        if a.size == 0:
            raise ValueError(nothing)
        return reduce_all(a, extreme_leaf, pick, pick)
    axis = normal_axis(axis, a.ndim)
    if a.ndim == 1:
        return extreme(a, None, pick, nothing)
    out = np.empty(a.shape[:axis] + a.shape[axis + 1 :], a.dtype)
    if a.shape[axis] == 0 and out.size > 0:
        raise ValueError(nothing)
    if a.size > 0:
        reduce_axis(a, out, axis, extreme_leaf, pick, pick)
    return out


@implements("numpy.min", "ndarray.min", "numpy.amin")
def min_of(a, axis=None):
    """np.min of an array."""
    nothing = "zero-size array to reduction operation minimum which has no identity"
    return extreme(a, axis, np.minimum, nothing)


@implements("numpy.max", "ndarray.max", "numpy.amax")
def max_of(a, axis=None):
    """np.max of an array."""
    nothing = "zero-size array to reduction operation maximum which has no identity"
    return extreme(a, axis, np.maximum, nothing)
