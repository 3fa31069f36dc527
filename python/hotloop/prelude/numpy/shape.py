"""Other shapes for arrays that are not known to be C contiguous: a view where there is one, else a copy."""

import numpy as np

from .. import implements
from ..core.arrays import contiguous_view, strided_view


def is_contiguous(a):
    """Tell whether the elements lie in C order without gaps."""
    expected = a.itemsize
    for axis in range(a.ndim - 1, -1, -1):
        if a.shape[axis] != 1 and a.strides[axis] != expected:
            return a.size == 0
        expected = expected * a.shape[axis]
    return True


def strides_of_split(sizes, first, end, inner, strides):
    """Set the strides of new axes that lie in one run of old ones, whose fastest stride is `inner`."""
    for axis in range(end - 1, first - 1, -1):
        strides[axis] = inner
        inner = inner * sizes[axis]


def is_one_run(old, old_strides, first, end):
    """Tell whether these axes, all longer than 1, can be walked with one stride."""
    for axis in range(first, end - 1):
        if old_strides[axis] != old[axis + 1] * old_strides[axis + 1]:
            return False
    return True


def find_strides(old, old_strides, n, new, strides):
    """Set the strides by which the new shape shows the same elements in C order; False when there are none.

    Old and new axes are cut into the shortest runs of equal size; each run of old axes must be walked with
    one stride, which its new axes then share out.
    """
    i, k = 0, 0
    while i < n and k < new.shape[0]:
        first_old, first_new = i, k
        size, wanted = old[i], new[k]
        i, k = i + 1, k + 1
        while size != wanted:
            if size < wanted:
                size, i = size * old[i], i + 1
            else:
                wanted, k = wanted * new[k], k + 1
        if not is_one_run(old, old_strides, first_old, i):
            return False
        strides_of_split(new, first_new, k, old_strides[i - 1], strides)
    last = strides[k - 1] if k > 0 else 1
    for axis in range(k, new.shape[0]):
        strides[axis] = last
    return True


def keeps_shape(a, shape):
    """Tell whether this is the array's own shape."""
    if len(shape) != a.ndim:
        return False
    same = True
    for axis in range(a.ndim):
        same = same and a.shape[axis] == shape[axis]
    return same


def long_axes(a, sizes, strides):
    """List the axes longer than 1; returns how many."""
    n = 0
    for axis in range(a.ndim):
        if a.shape[axis] != 1:
            sizes[n], strides[n] = a.shape[axis], a.strides[axis]
            n += 1
    return n


@implements("ndarray.reshape.strided")
def reshape(a, shape):
    """a.reshape(shape); inference has found what -1 stands for and compared the sizes."""
    if is_contiguous(a):
        return contiguous_view(a, shape)
    new, strides = np.empty(len(shape), np.int64), np.empty(len(shape), np.int64)
    for axis, size in enumerate(shape):
        new[axis] = size
    if keeps_shape(a, shape):
        for axis, stride in enumerate(a.strides):
            strides[axis] = stride
        return strided_view(a, shape, strides)
    old, old_strides = np.empty(a.ndim, np.int64), np.empty(a.ndim, np.int64)
    n = long_axes(a, old, old_strides)
    if find_strides(old, old_strides, n, new, strides):
        return strided_view(a, shape, strides)
    return contiguous_view(a.copy(), shape)


@implements("ndarray.ravel.strided")
def ravel(a):
    """a.ravel()"""
    if is_contiguous(a):
        return contiguous_view(a, (a.size,))
    out = np.empty(a.size, a.dtype)
    contiguous_view(out, a.shape)[...] = a
    return out
