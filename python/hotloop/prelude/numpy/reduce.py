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
from ..core.arrays import flat, is_complex, is_integer, kind_of, layout, refuse
from .axes import axes_of, behind, has, kept, normal_axes, normal_axis

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


def add_up(a, axis, leaf, combine, kind, start):
    """Return a reduction that gives `start` for nothing."""
    if axis is None:
        return combine(kind(start), reduce_all(a, leaf, combine, kind)) if a.size > 0 else kind(start)
    if isinstance(axis, tuple):
        return add_up_axes(a, normal_axes(axis, a.ndim), leaf, combine, kind, start)
    axis = normal_axis(axis, a.ndim)
    if a.ndim == 1:
        return add_up(a, None, leaf, combine, kind, start)
    out = np.full(a.shape[:axis] + a.shape[axis + 1 :], start, kind)
    if a.size > 0:
        reduce_axis(a, out, axis, leaf, combine, kind)
    return out


def add_up_axes(a, axes, leaf, combine, kind, start):
    """Do it along several axes, one after another."""
    if len(axes) == a.ndim:
        return add_up(a, None, leaf, combine, kind, start)
    if len(axes) == 0:
        return a.astype(kind)
    rest = add_up(a, axes[0], leaf, combine, kind, start)
    return add_up_axes(rest, behind(axes[1:], axes[0]), leaf, combine, kind, start)


def finished(result, a, axis, out, keepdims):
    """Return a reduction as the arguments out and keepdims ask for it."""
    if keepdims:
        return finished(kept(result, a, axis), a, axis, out, False)
    if out is None:
        return result
    if out.dtype != result.dtype or np.ndim(result) != out.ndim:
        refuse("out must be an array of the result's type and number of axes")
    out[...] = result
    return out


def masked(a, where, otherwise):
    """Return an array with what a reduction may ignore where a condition does not hold."""
    return a if where is None or where is True else np.where(where, a, a.dtype.type(otherwise))


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
    if np.dtype(kind) == np.float16:  # NumPy adds these in float32
        return kind(pairwise(a, np.float32))
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
def sum_of(a, axis=None, dtype=None, out=None, keepdims=False, initial=None, where=None):
    """np.sum of an array."""
    if not isinstance(a, np.ndarray):
        return sum_of(np.asarray(a), axis, dtype, out, keepdims, initial, where)
    kind = sum_kind(a.dtype, dtype)
    result = add_up(masked(a, where, 0), axis, sum_leaf, np.add, kind, 0)
    result = result if initial is None else np.add(kind(initial), result)
    return finished(result, a, axis, out, keepdims)


@implements("numpy.sum.whole")
def sum_of_all(a):
    """np.sum of all elements."""
    return add_up(a, None, sum_leaf, np.add, sum_kind(a.dtype, None), 0)


# ---- prod


def prod_leaf(a, kind):
    """Return the product of one axis, multiplied in order."""
    result = kind(1)
    for x in a:
        result = result * kind(x)
    return result


@implements("numpy.prod", "ndarray.prod")
def prod_of(a, axis=None, dtype=None, out=None, keepdims=False, initial=None, where=None):
    """np.prod of an array."""
    if not isinstance(a, np.ndarray):
        return prod_of(np.asarray(a), axis, dtype, out, keepdims, initial, where)
    kind = sum_kind(a.dtype, dtype)
    result = add_up(masked(a, where, 1), axis, prod_leaf, np.multiply, kind, 1)
    result = result if initial is None else np.multiply(kind(initial), result)
    return finished(result, a, axis, out, keepdims)


# ---- mean


def mean_kind(have, dtype):
    """Return the kind np.mean adds in."""
    if dtype is not None:
        return kind_of(dtype)
    return np.float64 if is_integer(have.type) else np.float32 if have == np.float16 else have.type


def count_of(a, axis):
    """Return how many elements are reduced to one."""
    if axis is None:
        return a.size
    count = 1
    for k in axes_of(axis, a.ndim):
        count = count * a.shape[k]
    return count


@implements("numpy.mean", "ndarray.mean")
def mean_of(a, axis=None, dtype=None, out=None, keepdims=False, where=None):
    """np.mean of an array."""
    if not isinstance(a, np.ndarray):
        return mean_of(np.asarray(a), axis, dtype, out, keepdims, where)
    total = sum_of(a, axis, mean_kind(a.dtype, dtype), None, False, None, where)
    if where is None:
        result = total / count_of(a, axis)
    else:
        result = total / sum_of(np.broadcast_to(where, a.shape), axis)
    if dtype is None and a.dtype == np.float16:
        return finished(result.astype(np.float16), a, axis, out, keepdims)
    return finished(result, a, axis, out, keepdims)


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
    if isinstance(axis, tuple):
        return extreme_axes(a, normal_axes(axis, a.ndim), pick, nothing)
    axis = normal_axis(axis, a.ndim)
    if a.ndim == 1:
        return extreme(a, None, pick, nothing)
    out = np.empty(a.shape[:axis] + a.shape[axis + 1 :], a.dtype)
    if a.shape[axis] == 0 and out.size > 0:
        raise ValueError(nothing)
    if a.size > 0:
        reduce_axis(a, out, axis, extreme_leaf, pick, pick)
    return out


def extreme_axes(a, axes, pick, nothing):
    """Do it along several axes, one after another."""
    if len(axes) == a.ndim:
        return extreme(a, None, pick, nothing)
    if len(axes) == 0:
        return a.copy()
    return extreme_axes(extreme(a, axes[0], pick, nothing), behind(axes[1:], axes[0]), pick, nothing)


def extreme_from(a, axis, pick, kind, initial):
    """Return np.min or np.max that begins with a value."""
    first = kind(initial)
    if count_of(a, axis) > 0:
        return pick(first, extreme(a, axis, pick, ""))
    if axis is None:
        return first
    return np.full(dropped_shape(a.shape, axes_of(axis, a.ndim), 0), first, kind)


def dropped_shape(shape, axes, at):
    """Return the shape without some axes."""
    if at == len(shape):
        return ()
    return (() if has(axes, at) else (shape[at],)) + dropped_shape(shape, axes, at + 1)


def extreme_of(a, axis, out, keepdims, initial, pick, nothing):
    """Return np.min or np.max as the arguments ask for it."""
    if not isinstance(a, np.ndarray):
        return extreme_of(np.asarray(a), axis, out, keepdims, initial, pick, nothing)
    if initial is None:
        return finished(extreme(a, axis, pick, nothing), a, axis, out, keepdims)
    return finished(extreme_from(a, axis, pick, a.dtype.type, initial), a, axis, out, keepdims)


NO_MINIMUM = "zero-size array to reduction operation minimum which has no identity"
NO_MAXIMUM = "zero-size array to reduction operation maximum which has no identity"


@implements("numpy.min", "ndarray.min", "numpy.amin")
def min_of(a, axis=None, out=None, keepdims=False, initial=None):
    """np.min of an array."""
    return extreme_of(a, axis, out, keepdims, initial, np.minimum, NO_MINIMUM)


@implements("numpy.max", "ndarray.max", "numpy.amax")
def max_of(a, axis=None, out=None, keepdims=False, initial=None):
    """np.max of an array."""
    return extreme_of(a, axis, out, keepdims, initial, np.maximum, NO_MAXIMUM)


@implements("numpy.min.whole")
def min_of_all(a):
    """np.min of all elements."""
    return extreme(a, None, np.minimum, NO_MINIMUM)


@implements("numpy.max.whole")
def max_of_all(a):
    """np.max of all elements."""
    return extreme(a, None, np.maximum, NO_MAXIMUM)
