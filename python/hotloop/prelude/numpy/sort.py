"""sort, argsort, unique and the functions of sets: NaNs last, as in NumPy.

Runs of a few elements are sorted by insertion, then merged pairwise; a merge decides without branches, since
which side is next cannot be foretold, and goes from both ends at once, so that one end need not wait for the
other.  NaNs are put aside first: a comparison is then one instruction.  `argsort` is always stable, which
NumPy's unstable sort of equal elements need not be.
"""

import numpy as np

from .. import implements
from ..core.arrays import is_complex, refuse
from .axes import moved_last, normal_axis
from .reduce import finished, max_of

RUN = 12


def holds_nan(a):
    """Tell whether a vector has a NaN."""
    count = 0
    for x in a:
        count += 1 if x != x else 0
    return count > 0


def nans_last(a):
    """Move NaNs behind all else, both in the order they had; return how many elements are none."""
    n = a.shape[0]
    if a.dtype.kind != "f":
        return n
    if not holds_nan(a):
        return n
    old, at = a.copy(), 0
    for i in range(n):
        if old[i] == old[i]:
            a[at] = old[i]
            at += 1
    numbers = at
    for i in range(n):
        if old[i] != old[i]:
            a[at] = old[i]
            at += 1
    return numbers


def itself(a, x):
    """Elements are compared by themselves."""
    return x


def element(a, i):
    """Indices are compared by the elements they point to."""
    return a[i]


def insertion(items, low, high, key, a):
    """Sort a short run in place."""
    for i in range(low + 1, high):
        item, k = items[i], i
        x = key(a, item)
        while k > low and x < key(a, items[k - 1]):
            items[k] = items[k - 1]
            k -= 1
        items[k] = item


def merge(items, out, low, middle, high, key, a):
    """Merge two sorted runs of `items` into `out`, the left one first among equals."""
    i, k, at = low, middle, low
    while i < middle and k < high:
        x, y = items[i], items[k]
        right = key(a, y) < key(a, x)
        out[at] = y if right else x
        k += 1 if right else 0
        i += 0 if right else 1
        at += 1
    for j in range(i, middle):
        out[at] = items[j]
        at += 1
    for j in range(k, high):
        out[at] = items[j]
        at += 1


def merge_evenly(items, out, low, width, key, a):
    """Do the same for runs of `width` items each: the smaller half forwards, the larger half backwards.

    Neither can leave its runs, whatever is in them.
    """
    i, k = low, low + width
    p, q = k - 1, k + width - 1
    for j in range(width):
        x, y, u, v = items[i], items[k], items[p], items[q]
        right, left = key(a, y) < key(a, x), key(a, v) < key(a, u)
        out[low + j] = y if right else x
        out[low + 2 * width - 1 - j] = u if left else v
        k += 1 if right else 0
        i += 0 if right else 1
        p -= 1 if left else 0
        q -= 0 if left else 1


def merge_sort(x, y, n, key, a):
    """Sort the first n items of x with y for room; return the one of the two that they are in."""
    width = RUN
    for low in range(0, n, RUN):
        insertion(x, low, min(low + RUN, n), key, a)
    while width < n:
        even = n // (2 * width) * (2 * width)
        for low in range(0, even, 2 * width):
            merge_evenly(x, y, low, width, key, a)
        merge(x, y, even, min(even + width, n), n, key, a)
        x, y = y, x
        width = 2 * width
    return x


def is_sorted(a, n):
    """Tell whether the first n elements of a vector are in order already."""
    for i in range(1, n):
        if a[i] < a[i - 1]:
            return False
    return True


def sort_vector(a):
    """Sort a vector in place."""
    n = nans_last(a)
    if is_sorted(a, n):
        return
    if n <= RUN:
        insertion(a, 0, n, itself, a)
        return
    x = merge_sort(a.copy(), np.empty(a.shape[0], a.dtype), n, itself, a)
    for i in range(n):
        a[i] = x[i]


def numbers_first(a, order):
    """Store the indices of a vector's elements, those of NaNs last; return how many elements are none."""
    n, at = a.shape[0], 0
    for i in range(n):
        order[i] = i
    if a.dtype.kind != "f":
        return n
    if not holds_nan(a):
        return n
    for i in range(n):
        if a[i] == a[i]:
            order[at] = i
            at += 1
    numbers = at
    for i in range(n):
        if a[i] != a[i]:
            order[at] = i
            at += 1
    return numbers


def order_of(a):
    """Return the indices that sort a vector."""
    x, y = np.empty(a.shape[0], np.int64), np.empty(a.shape[0], np.int64)
    n = numbers_first(a, x)
    for i in range(n, a.shape[0]):
        y[i] = x[i]
    return merge_sort(x, y, n, element, a)


# ---- along an axis


def sort_rows(a):
    """Sort in place what lies along the last axis."""
    if a.ndim == 1:
        sort_vector(a)
    else:
        for i in range(a.shape[0]):
            sort_rows(a[i])


def order_rows(a, out):
    """Store the indices that sort what lies along the last axis."""
    if a.ndim == 1:
        found = order_of(a)
        for i in range(out.shape[0]):
            out[i] = found[i]
    else:
        for i in range(a.shape[0]):
            order_rows(a[i], out[i])


def check_sortable(a, kind):
    """Refuse what is not compiled."""
    if is_complex(a.dtype.type):
        refuse("complex numbers are not sorted in compiled code")
    if not (kind is None or isinstance(kind, str)):
        refuse("kind must be a constant")


@implements("numpy.sort")
def sort(a, axis=-1, kind=None, *, stable=None):
    """np.sort: a sorted copy."""
    check_sortable(a, kind)
    if axis is None:
        out = a.flatten()
        sort_vector(out)
        return out
    out = a.copy()
    sort_rows(moved_last(out, normal_axis(axis, a.ndim)))
    return out


@implements("ndarray.sort")
def sort_method(a, axis=-1, kind=None, *, stable=None):
    """Sort an array in place."""
    check_sortable(a, kind)
    sort_rows(moved_last(a, normal_axis(axis, a.ndim)))


@implements("numpy.argsort", "ndarray.argsort")
def argsort(a, axis=-1, kind=None, *, stable=None):
    """np.argsort: the indices that sort."""
    check_sortable(a, kind)
    if axis is None:
        return order_of(a.ravel())
    axis = normal_axis(axis, a.ndim)
    out = np.empty(a.shape, np.int64)
    order_rows(moved_last(a, axis), moved_last(out, axis))
    return out


# ---- sets


def is_first(a):
    """Tell of each element of a sorted vector whether it begins a run of equals; NaNs count as equal."""
    out = np.empty(a.shape[0], np.bool_)
    for i in range(a.shape[0]):
        out[i] = i == 0 or (a[i] != a[i - 1] and not (a[i] != a[i] and a[i - 1] != a[i - 1]))
    return out


def runs(first, n):
    """Return how many elements each run of equals has."""
    starts = np.flatnonzero(first)
    out = np.empty(starts.shape[0], np.int64)
    for i in range(starts.shape[0]):
        out[i] = (starts[i + 1] if i + 1 < starts.shape[0] else n) - starts[i]
    return out


def places(order, first, shape):
    """Return which distinct value each element is."""
    out = np.empty(order.shape[0], np.int64)
    at = -1
    for i in range(order.shape[0]):
        at += 1 if first[i] else 0
        out[order[i]] = at
    return out.reshape(shape)


@implements("numpy.unique")
def unique(ar, return_index=False, return_inverse=False, return_counts=False):
    """np.unique of all elements."""
    flat = ar.ravel()
    check_sortable(flat, None)
    if not (return_index or return_inverse):
        values = sort(flat)
        first = is_first(values)
        return (values[first], runs(first, flat.shape[0])) if return_counts else values[first]
    order = order_of(flat)
    values = flat[order]
    first = is_first(values)
    index = (order[first],) if return_index else ()
    inverse = (places(order, first, ar.shape),) if return_inverse else ()
    counts = (runs(first, flat.shape[0]),) if return_counts else ()
    return (values[first],) + index + inverse + counts


@implements("numpy.union1d")
def union1d(ar1, ar2):
    """np.union1d: the sorted elements of either."""
    return unique(np.concatenate((ar1.ravel(), ar2.ravel())))


def found_in(x, values):
    """Tell whether a sorted vector has this element."""
    low, high = 0, values.shape[0]
    while low < high:
        middle = (low + high) // 2
        if values[middle] < x:
            low = middle + 1
        else:
            high = middle
    return low < values.shape[0] and values[low] == x


@implements("numpy.isin")
def isin(element, test_elements, assume_unique=False, invert=False):
    """np.isin: of each element, whether it is among others."""
    kind = np.result_type(element, test_elements)
    flat, values = element.ravel(), sort(test_elements.ravel().astype(kind))
    out = np.empty(flat.shape[0], np.bool_)
    for i in range(flat.shape[0]):
        out[i] = found_in(flat[i].astype(kind), values) != invert
    return out.reshape(element.shape)


@implements("numpy.intersect1d")
def intersect1d(ar1, ar2, assume_unique=False):
    """np.intersect1d: the sorted elements of both."""
    x, y = unique(ar1), unique(ar2)
    both = sort(np.concatenate((x, y)))
    return both[:-1][both[1:] == both[:-1]]


@implements("numpy.setdiff1d")
def setdiff1d(ar1, ar2, assume_unique=False):
    """np.setdiff1d: the sorted elements of the first that are not in the second."""
    x = unique(ar1)
    return x[isin(x, ar2, False, True)]


@implements("numpy.setxor1d")
def setxor1d(ar1, ar2, assume_unique=False):
    """np.setxor1d: the sorted elements of one but not both."""
    both = sort(np.concatenate((unique(ar1), unique(ar2))))
    keep = np.empty(both.shape[0], np.bool_)
    for i in range(both.shape[0]):
        left = i > 0 and both[i] == both[i - 1]
        keep[i] = not (left or (i + 1 < both.shape[0] and both[i] == both[i + 1]))
    return both[keep]


# ---- order statistics


def has_nan(a):
    """Tell whether a sorted vector ends in a NaN."""
    return a.shape[0] > 0 and a[a.shape[0] - 1] != a[a.shape[0] - 1]


def middle_kind(have):
    """Return the kind of medians and quantiles."""
    return np.float64 if have.kind == "b" or have.kind == "i" or have.kind == "u" else have.type


def pivot_of(a, low, high):
    """Return the middle one of the first, the middle and the last element."""
    x, y, z = a[low], a[(low + high) // 2], a[high]
    x, y = min(x, y), max(x, y)
    return max(x, min(y, z))


def place(a, k):
    """Bring the k-th smallest element of a vector to place k, no larger ones before it; there are no NaNs.

    Hoare's selection; where pivots turn out badly too often, what is left is sorted.
    """
    low, high, rounds = 0, a.shape[0] - 1, 0
    while high - low > RUN:
        pivot, i, j = pivot_of(a, low, high), low, high
        rounds += 1
        if rounds > 64:
            sort_vector(a[low : high + 1])
            return
        while i <= j:
            while a[i] < pivot:
                i += 1
            while pivot < a[j]:
                j -= 1
            if i <= j:
                a[i], a[j] = a[j], a[i]
                i, j = i + 1, j - 1
        if k <= j:
            high = j
        elif k >= i:
            low = i
        else:
            return
    insertion(a, low, high + 1, itself, a)


def median_of(a):
    """Return the median of a vector, whose elements are moved."""
    kind = middle_kind(a.dtype)
    n = a.shape[0]
    if n == 0 or holds_nan(a):
        return kind(np.nan)
    place(a, n // 2)
    upper = a[n // 2]
    if n % 2 == 1:
        return kind(upper)
    lower = max_of(a[: n // 2])
    if np.dtype(kind) == np.float16:
        return kind((np.float32(lower) + np.float32(upper)) / np.float32(2))
    return (kind(lower) + kind(upper)) / kind(2)


def median_rows(a, out):
    """Store the medians of what lies along the last axis."""
    for i in range(out.shape[0]):
        if out.ndim == 1:
            out[i] = median_of(a[i])
        else:
            median_rows(a[i], out[i])


@implements("numpy.median")
def median(a, axis=None, out=None, overwrite_input=False, keepdims=False):
    """np.median of all elements, or along an axis."""
    check_sortable(a, None)
    if axis is None:
        return finished(median_of(a.flatten()), a, axis, out, keepdims)
    axis = normal_axis(axis, a.ndim)
    if a.ndim == 1:
        return finished(median_of(a.copy()), a, axis, out, keepdims)
    rows = moved_last(a, axis).copy()
    found = np.empty(rows.shape[:-1], middle_kind(a.dtype))
    median_rows(rows, found)
    return finished(found, a, axis, out, keepdims)


def between(low, high, t):
    """Return the point a part of the way from one number to another, from the nearer end."""
    gap = high - low
    return high - gap * (1 - t) if t >= 0.5 else low + gap * t


def quantile_of(a, q, kind):
    """Return a quantile of a sorted vector."""
    n = a.shape[0]
    if n == 0:
        raise IndexError("index -1 is out of bounds for axis 0 with size 0")
    if has_nan(a):
        return kind(np.nan)
    at = q * (n - 1)
    low = min(max(int(np.floor(at)), 0), n - 1)
    high = min(low + 1, n - 1)
    return kind(between(a[low], a[high], kind(at - np.floor(at))))


def check_quantiles(q, text):
    """Raise unless every quantile lies between 0 and 1."""
    for x in q.ravel():
        if not (x >= 0 and x <= 1):
            raise ValueError(text)


def quantiles(a, q, axis, keepdims, text):
    """Return the quantiles of all elements, or along an axis: those of one q, or of each q in a vector."""
    check_sortable(a, None)
    check_quantiles(np.asarray(q), text)
    if not (a.dtype == np.float64 or a.dtype.kind == "i" or a.dtype.kind == "u"):
        refuse("quantiles are compiled for float64 and integers")
    kind = np.float64
    if axis is None:
        flat = a.flatten()
        sort_vector(flat)
        return quantiles_of(flat, q, kind, a, axis, keepdims)
    axis = normal_axis(axis, a.ndim)
    if a.ndim == 1:
        return quantiles(a, q, None, keepdims, text)
    if isinstance(q, np.ndarray):
        refuse("quantiles along an axis are compiled for one q")
    rows = moved_last(a, axis).copy()
    sort_rows(rows)
    found = np.empty(rows.shape[:-1], kind)
    quantile_rows(rows, found, q, kind)
    return finished(found, a, axis, None, keepdims)


def quantile_rows(a, out, q, kind):
    """Store a quantile of what lies, sorted, along the last axis."""
    for i in range(out.shape[0]):
        if out.ndim == 1:
            out[i] = quantile_of(a[i], q, kind)
        else:
            quantile_rows(a[i], out[i], q, kind)


def quantiles_of(flat, q, kind, a, axis, keepdims):
    """Return one quantile of a sorted vector, or an array of them."""
    if not isinstance(q, np.ndarray):
        return finished(quantile_of(flat, q, kind), a, axis, None, keepdims)
    if keepdims:
        refuse("keepdims is compiled for one q")
    out = np.empty(q.shape, kind)
    ones, places_ = q.ravel(), out.reshape(-1)
    for i in range(ones.shape[0]):
        places_[i] = quantile_of(flat, ones[i], kind)
    return out


@implements("numpy.quantile")
def quantile(a, q, axis=None, *, keepdims=False):
    """np.quantile, interpolated linearly."""
    q = np.asarray(q) if isinstance(q, tuple) else q
    return quantiles(a, q, axis, keepdims, "Quantiles must be in the range [0, 1]")


@implements("numpy.percentile")
def percentile(a, q, axis=None, *, keepdims=False):
    """np.percentile, interpolated linearly."""
    q = np.asarray(q) if isinstance(q, tuple) else q
    return quantiles(a, q / 100, axis, keepdims, "Percentiles must be in the range [0, 100]")
