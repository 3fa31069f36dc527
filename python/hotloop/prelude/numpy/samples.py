"""Functions of samples: along a curve, of counts, of averages and covariances."""

import numpy as np

from .. import implements
from ..core.arrays import is_complex, is_integer, refuse
from .axes import moved_last, normal_axis
from .creation import linspace
from .reduce import max_of, mean_of, min_of, sum_of
from .search import searchsorted
from .sort import sort

# ---- along a curve


@implements("numpy.trapezoid")
def trapezoid(y, x=None, dx=1.0, axis=-1):
    """np.trapezoid along an axis; x is a vector."""
    axis = normal_axis(axis, y.ndim)
    rows = moved_last(y, axis)
    if x is not None and x.ndim != 1:
        refuse("np.trapezoid is compiled for a vector x")
    width = dx if x is None else x[1:] - x[:-1]
    return sum_of(width * (rows[..., 1:] + rows[..., :-1]) / 2.0, -1)


def interval(xp, x, guess):
    """Return the place of the last of sorted points that is not above x; -1 before the first."""
    n = xp.shape[0]
    if guess >= 0 and guess + 1 < n and xp[guess] <= x < xp[guess + 1]:
        return guess
    low, high = 0, n
    while low < high:
        middle = (low + high) // 2
        if xp[middle] <= x:
            low = middle + 1
        else:
            high = middle
    return low - 1


def interpolated(x, xp, fp, at, left, right):
    """Return the value at x, which lies in this interval of the points."""
    n = xp.shape[0]
    if x != x:
        return x
    if at < 0:
        return left
    if at == n - 1:
        return right if x > xp[n - 1] else fp[n - 1]
    if xp[at] == x:
        return fp[at]
    slope = (fp[at + 1] - fp[at]) / (xp[at + 1] - xp[at])
    y = slope * (x - xp[at]) + fp[at]
    if y != y:
        y = slope * (x - xp[at + 1]) + fp[at + 1]
        if y != y and fp[at] == fp[at + 1]:
            y = fp[at]
    return y


@implements("numpy.interp")
def interp(x, xp, fp, left=None, right=None):
    """np.interp: linear between points."""
    if is_complex(fp.dtype.type):
        refuse("np.interp is compiled for real values")
    points, values = xp.astype(np.float64), fp.astype(np.float64)
    n = points.shape[0]
    if n == 0:
        raise ValueError("array of sample points is empty")
    if n != values.shape[0]:
        raise ValueError("fp and xp are not of the same length.")
    low = values[0] if left is None else np.float64(left)
    high = values[n - 1] if right is None else np.float64(right)
    if not isinstance(x, np.ndarray):
        at = np.float64(x)
        return interpolated(at, points, values, interval(points, at, -1), low, high)
    flat = x.ravel()
    out = np.empty(flat.shape[0], np.float64)
    place = -1
    for i in range(flat.shape[0]):
        at = np.float64(flat[i])
        place = interval(points, at, place)
        out[i] = interpolated(at, points, values, place, low, high)
    return out.reshape(x.shape)


def sliding(a, v, kind, first, count):
    """Return sums of products of v with what lies under it, for `count` places from the first on."""
    out = np.zeros(count, kind)
    n, m = a.shape[0], v.shape[0]
    for k in range(m):
        w = kind(v[k])
        for i in range(max(0, -first - k), min(count, n - first - k)):
            out[i] += kind(a[i + first + k]) * w
    return out


def overlap(n, m, mode):
    """Return from where on, and how often, a short vector lies over a long one in this mode."""
    if mode == "full":
        return 1 - m, n + m - 1
    if mode == "same":
        return -(m // 2), n
    if mode != "valid":
        raise ValueError("mode must be one of 'valid', 'same', or 'full'")
    return 0, n - m + 1


@implements("numpy.convolve")
def convolve(a, v, mode="full"):
    """np.convolve of two vectors."""
    if a.shape[0] == 0:
        raise ValueError("a cannot be empty")
    if v.shape[0] == 0:
        raise ValueError("v cannot be empty")
    kind = (a.dtype.type(0) * v.dtype.type(0)).dtype.type
    if v.shape[0] > a.shape[0]:
        first, count = overlap(v.shape[0], a.shape[0], mode)
        return sliding(v, a[::-1], kind, first, count)
    first, count = overlap(a.shape[0], v.shape[0], mode)
    return sliding(a, v[::-1], kind, first, count)


def conjugated(v):
    """Return a vector with its elements conjugated."""
    return np.conj(v) if is_complex(v.dtype.type) else v


@implements("numpy.correlate")
def correlate(a, v, mode="valid"):
    """np.correlate of two vectors."""
    if a.shape[0] == 0:
        raise ValueError("first array argument cannot be empty")
    if v.shape[0] == 0:
        raise ValueError("second array argument cannot be empty")
    kind = (a.dtype.type(0) * v.dtype.type(0)).dtype.type
    if v.shape[0] > a.shape[0]:
        first, count = overlap(v.shape[0], a.shape[0], mode)
        return sliding(conjugated(v), a, kind, first, count)[::-1]
    first, count = overlap(a.shape[0], v.shape[0], mode)
    return sliding(a, conjugated(v), kind, first, count)


def slope_rows(f, out, dx):
    """Store differences quotients of what lies along the last axis."""
    if f.ndim > 1:
        for i in range(f.shape[0]):
            slope_rows(f[i], out[i], dx)
    else:
        n = f.shape[0]
        for i in range(1, n - 1):
            out[i] = (f[i + 1] - f[i - 1]) / (2.0 * dx)
        out[0] = (f[1] - f[0]) / dx
        out[n - 1] = (f[n - 1] - f[n - 2]) / dx


@implements("numpy.gradient")
def gradient(f, dx=1.0, axis=None):
    """np.gradient with one spacing: of a vector, or along one axis."""
    if axis is None and f.ndim > 1:
        refuse("np.gradient of several axes is compiled with `axis`")
    if isinstance(dx, np.ndarray):
        refuse("np.gradient is compiled for equal spacing")
    along = normal_axis(-1 if axis is None else axis, f.ndim)
    if f.shape[along] < 2:
        raise ValueError(TOO_FEW)
    whole = f.astype(np.float64) if is_integer(f.dtype.type) else f
    out = np.empty(f.shape, whole.dtype)
    slope_rows(moved_last(whole, along), moved_last(out, along), dx)
    return out


TOO_FEW = (
    "Shape of array too small to calculate a numerical gradient, "
    "at least (edge_order + 1) elements are required."
)


# ---- counts


@implements("numpy.bincount")
def bincount(x, weights=None, minlength=0):
    """np.bincount: how often each number occurs, or the sum of its weights."""
    if minlength < 0:
        raise ValueError("'minlength' must not be negative")
    if not is_integer(x.dtype.type) or x.dtype == np.uint64:
        refuse("np.bincount is compiled for integers")
    top = -1
    for v in x:
        i = int(v)
        if i < 0:
            raise ValueError("'list' argument must have no negative elements")
        top = max(top, i)
    size = max(top + 1, minlength)
    if weights is None:
        out = np.zeros(size, np.int64)
        for v in x:
            out[int(v)] += 1
        return out
    if weights.shape[0] != x.shape[0]:
        raise ValueError("The weights and list don't have the same length.")
    sums = np.zeros(size, np.float64)
    for i in range(x.shape[0]):
        sums[int(x[i])] += np.float64(weights[i])
    return sums


def is_increasing(bins):
    """Tell whether a vector never goes down."""
    for i in range(1, bins.shape[0]):
        if not bins[i - 1] <= bins[i]:
            return False
    return True


@implements("numpy.digitize")
def digitize(x, bins, right=False):
    """np.digitize: in which bin each number lies."""
    if is_increasing(bins):
        return searchsorted(bins, x, "left") if right else searchsorted(bins, x, "right")
    if not is_increasing(bins[::-1]):
        raise ValueError("bins must be monotonically increasing or decreasing")
    n = bins.shape[0]
    found = searchsorted(bins[::-1], x, "right") if right else searchsorted(bins[::-1], x, "left")
    return n - found


def bin_range(a, given):
    """Return the ends of the bins."""
    if given is not None:
        low, high = np.float64(given[0]), np.float64(given[1])
        if low > high:
            raise ValueError("max must be larger than min in range parameter.")
    elif a.size == 0:
        low, high = np.float64(0), np.float64(1)
    else:
        low, high = np.float64(min_of(a)), np.float64(max_of(a))
    if not (np.isfinite(low) and np.isfinite(high)):
        values = low, high
        if given is not None:
            raise ValueError("supplied range of [%s, %s] is not finite" % values)
        raise ValueError("autodetected range of [%s, %s] is not finite" % values)
    if low == high:
        return low - 0.5, high + 0.5
    return low, high


def count_even(a, bins, given):
    """Count in bins of one width."""
    if bins < 1:
        raise ValueError("`bins` must be positive, when an integer")
    low, high = bin_range(a, given)
    edges = linspace(low, high, bins + 1)
    counts = np.zeros(bins, np.int64)
    for v in a.ravel():
        x = np.float64(v)
        if low <= x <= high:
            i = min(int((x - low) / (high - low) * bins), bins - 1)
            if x < edges[i]:
                i -= 1
            elif x >= edges[i + 1] and i != bins - 1:
                i += 1
            counts[i] += 1
    return counts, edges


def count_between(a, edges):
    """Count between given edges."""
    if not is_increasing(edges):
        raise ValueError("`bins` must increase monotonically, when an array")
    values, n = sort(a.ravel()), edges.shape[0] - 1
    starts = searchsorted(values, edges[:-1], "left")
    counts = np.empty(n, np.int64)
    for i in range(n):
        stop = starts[i + 1] if i + 1 < n else searchsorted(values, edges[n], "right")
        counts[i] = stop - starts[i]
    return counts, edges


@implements("numpy.histogram")
def histogram(a, bins=10, range=None, density=None):
    """np.histogram: counts in bins of one width, or between given edges, and the edges."""
    if a.dtype.kind == "b" or a.dtype == np.float16 or a.dtype == np.float32 or is_complex(a.dtype.type):
        refuse("np.histogram is compiled for float64 and integers")
    edges = np.asarray(bins)
    counts, edges = count_even(a, bins, range) if edges.ndim == 0 else count_between(a, edges)
    if density:
        return counts / (edges[1:] - edges[:-1]) / sum_of(counts), edges
    return counts, edges


# ---- averages


@implements("numpy.average")
def average(a, axis=None, weights=None):
    """np.average, also with weights of the array's shape or, along an axis, a vector of them."""
    if weights is None:
        return mean_of(a, axis)
    if axis is None:
        if a.shape != weights.shape:
            raise TypeError("Axis must be specified when shapes of a and weights differ.")
        w = weights
    else:
        axis = normal_axis(axis, a.ndim)
        w = weights if weights.ndim == a.ndim else along_axis(a, weights, axis)
    kind = np.result_type(a.dtype, w.dtype, np.float64) if is_integer(a.dtype.type) else np.result_type(a, w)
    total = sum_of(w, axis, kind)
    if np.any(total == 0.0):
        raise ZeroDivisionError("Weights sum to zero, can't be normalized")
    return sum_of(np.multiply(a, w), axis, kind) / total


def along_axis(a, weights, axis):
    """Return a vector of weights as an array that broadcasts along an axis."""
    if weights.shape[0] != a.shape[axis]:
        raise ValueError("Shape of weights must be consistent with shape of a along specified axis.")
    return np.broadcast_to(weights[(slice(None),) + (None,) * (a.ndim - 1 - axis)], a.shape)


def as_rows(m, rowvar):
    """Return observations as rows of variables, in a floating-point type."""
    if m.ndim > 2 or m.ndim == 0:
        refuse("variables are compiled as vectors or the rows of a matrix")
    x = m[None] if m.ndim == 1 else m if rowvar else m.T
    return x.astype(np.float64) if is_integer(x.dtype.type) else x


def covariance(x, ddof):
    """Return the matrix of covariances of rows."""
    centred = x - mean_of(x, 1, None, None, True)
    products = np.dot(centred, np.conj(centred.T) if is_complex(x.dtype.type) else centred.T)
    return products * (1 / np.float64(x.shape[1] - ddof)).astype(np.real(x[:0, :0]).dtype.type)


@implements("numpy.cov")
def cov(m, y=None, rowvar=True, bias=False, ddof=None):
    """np.cov of variables in rows."""
    x = as_rows(m, rowvar)
    lost = (0 if bias else 1) if ddof is None else ddof
    if y is not None:
        return covariance(np.concatenate((x, as_rows(y, rowvar)), axis=0), lost)
    c = covariance(x, lost)
    return c[:1, :1].reshape(()) if m.ndim == 1 else c


@implements("numpy.corrcoef")
def corrcoef(x, y=None, rowvar=True):
    """np.corrcoef of variables in rows."""
    rows = as_rows(x, rowvar)
    if y is not None:
        return normalised(covariance(np.concatenate((rows, as_rows(y, rowvar)), axis=0), 1))
    if x.ndim == 1:
        refuse("np.corrcoef of one vector")
    return normalised(covariance(rows, 1))


def normalised(c):
    """Return covariances divided by the standard deviations, between -1 and 1."""
    n = c.shape[0]
    deviation = np.empty(n, np.real(c).dtype)
    for i in range(n):
        deviation[i] = np.sqrt(np.real(c[i, i]))
    r = c / deviation[:, None] / deviation[None, :]
    if is_complex(c.dtype.type):
        refuse("np.corrcoef is compiled for real numbers")
    return np.clip(r, -1, 1)
