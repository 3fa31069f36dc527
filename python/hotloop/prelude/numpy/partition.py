"""partition, argpartition and lexsort."""

import numpy as np

from .. import implements
from ..core.arrays import refuse
from .axes import moved_last, normal_axis
from .sort import check_sortable, holds_nan, order_of, place, sort_vector


def normal_place(kth, n):
    """Return the place counted from the first."""
    if isinstance(kth, (tuple, list, np.ndarray)):
        refuse("partitions are compiled for one place")
    k = kth + n if kth < 0 else kth
    if k < 0 or k >= n:
        raise ValueError("kth(=%d) out of bounds (%d)" % (k, n))
    return k


def partition_rows(a, k):
    """Partition what lies along the last axis, in place."""
    if a.ndim > 1:
        for i in range(a.shape[0]):
            partition_rows(a[i], k)
    elif holds_nan(a):
        sort_vector(a)
    else:
        place(a, k)


@implements("ndarray.partition")
def partition_in_place(a, kth, axis=-1):
    """Do a.partition(kth): what is before the k-th smallest is not larger, what is behind is not smaller."""
    check_sortable(a, None)
    axis = normal_axis(axis, a.ndim)
    partition_rows(moved_last(a, axis), normal_place(kth, a.shape[axis]))


@implements("numpy.partition")
def partition(a, kth, axis=-1):
    """np.partition of an array; in which order the other elements are, is not NumPy's."""
    if axis is None:
        return partition(a.flatten(), kth)
    out = a.copy()
    partition_in_place(out, kth, axis)
    return out


@implements("numpy.argpartition", "ndarray.argpartition")
def argpartition(a, kth, axis=-1):
    """np.argpartition of an array: the indices that sort it, which is one of the answers."""
    if axis is None:
        return argpartition(a.ravel(), kth)
    axis = normal_axis(axis, a.ndim)
    normal_place(kth, a.shape[axis])
    return np.argsort(a, axis)


def ordered(order, keys):
    """Return the order sorted by one key after another; equal ones stay as they are."""
    return order if len(keys) == 0 else ordered(order[order_of(keys[0][order])], keys[1:])


@implements("numpy.lexsort")
def lexsort(keys):
    """np.lexsort of vectors, the last one first in rank."""
    if not isinstance(keys, tuple):
        refuse("np.lexsort is compiled for a tuple of vectors")
    return ordered(order_of(keys[0]), keys[1:])
