"""Matrices made and taken apart; products of vectors; sets of indices; windows."""

import numpy as np

from .. import implements
from ..core.arrays import readonly_view, refuse, strided_view

# ---- triangles


@implements("numpy.tri")
def tri(N, M=None, k=0, dtype=float):
    """np.tri: ones on and below a diagonal."""
    if M is None:
        return tri(N, N, k, dtype)
    out = np.zeros((N, M), dtype)
    for i in range(N):
        for j in range(max(0, min(M, i + k + 1))):
            out[i, j] = 1
    return out


def keep_triangle(a, k, lower):
    """Set to zero what lies beyond a diagonal of the last two axes."""
    if a.ndim > 2:
        for i in range(a.shape[0]):
            keep_triangle(a[i], k, lower)
    else:
        n = a.shape[1]
        for i in range(a.shape[0]):
            cut = max(0, min(n, i + k + 1 if lower else i + k))
            for j in range(cut if lower else 0, n if lower else cut):
                a[i, j] = 0


@implements("numpy.tril")
def tril(m, k=0):
    """np.tril: the lower triangle."""
    out = (np.broadcast_to(m, m.shape * 2) if m.ndim == 1 else m).copy()
    keep_triangle(out, k, True)
    return out


@implements("numpy.triu")
def triu(m, k=0):
    """np.triu: the upper triangle."""
    out = (np.broadcast_to(m, m.shape * 2) if m.ndim == 1 else m).copy()
    keep_triangle(out, k, False)
    return out


@implements("numpy.tril_indices")
def tril_indices(n, k=0, m=None):
    """np.tril_indices of a matrix."""
    return np.nonzero(tri(n, n if m is None else m, k, np.bool_))


@implements("numpy.triu_indices")
def triu_indices(n, k=0, m=None):
    """np.triu_indices of a matrix."""
    return np.nonzero(~tri(n, n if m is None else m, k - 1, np.bool_))


@implements("numpy.tril_indices_from")
def tril_indices_from(arr, k=0):
    """np.tril_indices_from of a matrix."""
    if arr.ndim != 2:
        raise ValueError("input array must be 2-d")
    return tril_indices(arr.shape[0], k, arr.shape[1])


@implements("numpy.triu_indices_from")
def triu_indices_from(arr, k=0):
    """np.triu_indices_from of a matrix."""
    if arr.ndim != 2:
        raise ValueError("input array must be 2-d")
    return triu_indices(arr.shape[0], k, arr.shape[1])


# ---- diagonals


@implements("numpy.diagonal", "ndarray.diagonal")
def diagonal(a, offset=0):
    """np.diagonal of a matrix: a view that refuses writes."""
    if a.ndim != 2:
        refuse("np.diagonal is compiled for matrices")
    rest = a[max(0, -offset) :, max(0, offset) :]
    n = min(rest.shape[0], rest.shape[1])
    return readonly_view(strided_view(rest, (n,), (a.strides[0] + a.strides[1],)))


@implements("numpy.diagflat")
def diagflat(v, k=0):
    """np.diagflat: all elements on a diagonal."""
    return np.diag(v.ravel(), k)


@implements("numpy.fill_diagonal")
def fill_diagonal(a, val):
    """np.fill_diagonal of a matrix, with a number."""
    if a.ndim != 2 or isinstance(val, (np.ndarray, tuple)):
        refuse("np.fill_diagonal is compiled for matrices and numbers")
    for i in range(min(a.shape[0], a.shape[1])):
        a[i, i] = val


# ---- products


@implements("numpy.vander")
def vander(x, N=None, increasing=False):
    """np.vander: powers in columns."""
    n = x.shape[0] if N is None else N
    kind = np.result_type(x.dtype, np.int64).type
    out = np.empty((x.shape[0], n), kind)
    for i in range(x.shape[0]):
        power = kind(1)
        for k in range(n):
            out[i, k if increasing else n - 1 - k] = power
            power = power * kind(x[i])
    return out


def cross_rows(a, b, out):
    """Store products of the vectors that lie along the last axis."""
    if out.ndim > 1:
        for i in range(out.shape[0]):
            cross_rows(a[i] if a.ndim == out.ndim else a, b[i] if b.ndim == out.ndim else b, out[i])
    else:
        out[0] = a[1] * b[2] - a[2] * b[1]
        out[1] = a[2] * b[0] - a[0] * b[2]
        out[2] = a[0] * b[1] - a[1] * b[0]


@implements("numpy.cross")
def cross(a, b):
    """np.cross of vectors of three numbers, which lie along the last axis."""
    if not isinstance(a, np.ndarray):
        return cross(np.asarray(a), b)
    if not isinstance(b, np.ndarray):
        return cross(a, np.asarray(b))
    if a.ndim != b.ndim and a.ndim > 1 and b.ndim > 1:
        refuse("np.cross is compiled for arrays of as many axes, or a vector and an array")
    longer = a if a.ndim >= b.ndim else b
    if a.shape[-1] != 3 or b.shape[-1] != 3 or (a.ndim == b.ndim and a.shape != b.shape):
        raise ValueError(NOT_THREE)
    out = np.empty(longer.shape, (a.dtype.type(0) * b.dtype.type(0)).dtype)
    cross_rows(a, b, out)
    return out


NOT_THREE = "incompatible dimensions for cross product\n(dimension must be 2 or 3)"


@implements("numpy.kron")
def kron(a, b):
    """np.kron of two vectors or two matrices."""
    if a.ndim != b.ndim or a.ndim > 2 or a.ndim == 0:
        refuse("np.kron is compiled for two vectors or two matrices")
    if a.ndim == 1:
        return (a[:, None] * b[None, :]).reshape(a.shape[0] * b.shape[0])
    blocks = a[:, None, :, None] * b[None, :, None, :]
    return blocks.reshape(a.shape[0] * b.shape[0], a.shape[1] * b.shape[1])


# ---- sets of indices


@implements("numpy.meshgrid")
def meshgrid(x, y, indexing="xy"):
    """np.meshgrid of two vectors."""
    n, m = x.shape[0], y.shape[0]
    if indexing == "xy":
        return np.broadcast_to(x, (m, n)).copy(), np.broadcast_to(y[:, None], (m, n)).copy()
    return np.broadcast_to(x[:, None], (n, m)).copy(), np.broadcast_to(y, (n, m)).copy()


def put_indices(grid, axis):
    """Store the number along this axis of each element of a grid."""
    for i in range(grid.shape[0]):
        if axis == 0:
            grid[i] = i
        else:
            put_indices(grid[i], axis - 1)


def put_grids(out, axis, ndim):
    """Store the grids of this axis and those behind it."""
    if axis < ndim:
        put_indices(out[axis], axis)
        put_grids(out, axis + 1, ndim)


@implements("numpy.indices")
def indices(dimensions, dtype=np.int64):
    """np.indices: for each axis, a grid with the number along it of each element."""
    out = np.empty((len(dimensions),) + dimensions, dtype)
    put_grids(out, 0, len(dimensions))
    return out


@implements("numpy.ravel_multi_index")
def ravel_multi_index(multi_index, dims):
    """np.ravel_multi_index of numbers, or of arrays of them, one for each axis."""
    if len(multi_index) != len(dims):
        raise ValueError("parameter multi_index must be a sequence of length %d" % len(dims))
    total = multi_index[0] * 0
    for i in range(len(dims)):
        if np.any(multi_index[i] < 0) or np.any(multi_index[i] >= dims[i]):
            raise ValueError("invalid entry in coordinates array")
        total = total * dims[i] + multi_index[i]
    return total


@implements("numpy.unravel_index")
def unravel_index(indices, shape):
    """np.unravel_index of one number or an array of them."""
    total = 1
    for n in shape:
        total = total * n
    if isinstance(indices, np.ndarray):
        for i in indices.ravel():
            check_flat(int(i), total)
    else:
        check_flat(int(indices), total)
    return digits(indices, shape, total)


def check_flat(i, total):
    """Raise unless a number counts an element."""
    if i < 0 or i >= total:
        values = i, total
        raise ValueError("index %s is out of bounds for array with size %s" % values)


def digits(i, shape, total):
    """Return the index that a number of an element stands for."""
    if len(shape) == 0:
        return ()
    rest = total // shape[0] if shape[0] > 0 else 1
    return (i // rest,) + digits(i % rest, shape[1:], rest)


# ---- windows


def window(M, weights):
    """Return the weights of M points at -(M - 1) to M - 1, in steps of 2."""
    if M < 1:
        return np.empty(0)
    if M == 1:
        return np.ones(1)
    return weights(np.arange(1.0 - M, float(M), 2.0), M - 1)


@implements("numpy.hanning")
def hanning(M):
    """np.hanning: a raised cosine."""
    return window(M, lambda n, end: 0.5 + 0.5 * np.cos(np.pi * n / end))


@implements("numpy.hamming")
def hamming(M):
    """np.hamming: a raised cosine on a platform."""
    return window(M, lambda n, end: 0.54 + 0.46 * np.cos(np.pi * n / end))


@implements("numpy.blackman")
def blackman(M):
    """np.blackman: two cosines."""
    return window(
        M, lambda n, end: 0.42 + 0.5 * np.cos(np.pi * n / end) + 0.08 * np.cos(2.0 * np.pi * n / end)
    )


@implements("numpy.bartlett")
def bartlett(M):
    """np.bartlett: a triangle."""
    return window(M, lambda n, end: np.where(n <= 0, 1 + n / end, 1 - n / end))


@implements("numpy.sinc")
def sinc(x):
    """np.sinc: sin(pi x) / (pi x), and 1 at 0."""
    if not isinstance(x, np.ndarray):
        return sinc(np.asarray((x,)))[0]
    y = np.pi * x
    y = np.where(y == 0, np.spacing(y.dtype.type(1)), y)
    return np.sin(y) / y
