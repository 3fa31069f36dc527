"""np.linalg of one matrix, through LAPACK; results of several arrays are plain tuples."""

import numpy as np

from .. import implements
from ..core.arrays import is_complex, is_integer, refuse
from ..core.lapack import geqrf, gelsd, gesdd, gesv, getrf, number_of, orgqr, potrf, syevd
from .axes import normal_axis
from .reduce import finished, max_of, min_of, sum_of

# ---- arguments and results


def factor_kind(a):
    """Return the kind a matrix is worked on in."""
    if is_integer(a.dtype.type):
        return np.float64
    if a.dtype == np.float16:
        refuse("float16 is unsupported in linalg")
    return a.dtype.type


def real_kind(kind):
    """Return the kind of the magnitudes of numbers."""
    if np.dtype(kind) == np.complex64:
        return np.float32
    return np.float64 if np.dtype(kind) == np.complex128 else kind


def check_matrix(a):
    """Refuse stacks of matrices."""
    if a.ndim != 2:
        refuse("np.linalg is compiled for one matrix")


def check_square(a):
    """Raise unless a matrix is square."""
    check_matrix(a)
    if a.shape[0] != a.shape[1]:
        raise np.linalg.LinAlgError("Last 2 dimensions of the array must be square")


def by_columns(a, kind):
    """Return a fresh copy in Fortran's order."""
    out = np.empty(a.shape, kind, "F")
    for j in range(a.shape[1]):
        for i in range(a.shape[0]):
            out[i, j] = kind(a[i, j])
    return out


def by_rows(a):
    """Return a fresh copy in C's order."""
    out = np.empty(a.shape, a.dtype)
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            out[i, j] = a[i, j]
    return out


# ---- equations

OTHER_ROWS = (
    "solve: Input operand 1 has a mismatch in its core dimension 0, with gufunc signature (m,m),(m,n)->(m,n) "
    "(size %s is different from %s)"
)
OTHER_LENGTH = (
    "solve1: Input operand 1 has a mismatch in its core dimension 0, with gufunc signature (m,m),(m)->(m) "
    "(size %s is different from %s)"
)


def solve_by_columns(a, x, kind):
    """Solve equations in place."""
    n = a.shape[0]
    if n > 0 and x.shape[1] > 0:
        if gesv(number_of(kind), n, x.shape[1], by_columns(a, kind), x) > 0:
            raise np.linalg.LinAlgError("Singular matrix")


@implements("numpy.linalg.solve")
def solve(a, b):
    """np.linalg.solve of one matrix and a vector or a matrix."""
    check_square(a)
    kind = np.result_type(factor_kind(a), factor_kind(b)).type
    if b.shape[0] != a.shape[0]:
        values = b.shape[0], a.shape[0]
        raise ValueError((OTHER_LENGTH if b.ndim == 1 else OTHER_ROWS) % values)
    if b.ndim == 1:
        x = by_columns(b[:, None], kind)
        solve_by_columns(a, x, kind)
        return x[:, 0].copy()
    check_matrix(b)
    x = by_columns(b, kind)
    solve_by_columns(a, x, kind)
    return by_rows(x)


@implements("numpy.linalg.inv")
def inv(a):
    """np.linalg.inv of one matrix."""
    check_square(a)
    kind = factor_kind(a)
    x = by_columns(np.eye(a.shape[0]), kind)
    solve_by_columns(a, x, kind)
    return by_rows(x)


def sign_and_log(a, kind):
    """Return the sign of a determinant and the logarithm of its magnitude."""
    check_square(a)
    real = real_kind(kind)
    lu, order = by_columns(a, kind), np.empty(1, np.int64)
    order[0] = 1
    if a.shape[0] > 0 and getrf(number_of(kind), a.shape[0], lu, order) > 0:
        return kind(0), real(-np.inf)
    sign, total = kind(order[0]), real(0)
    for i in range(a.shape[0]):
        size = np.abs(lu[i, i])
        sign = sign * (lu[i, i] / size)
        total = total + np.log(size)
    return sign, total


@implements("numpy.linalg.slogdet")
def slogdet(a):
    """np.linalg.slogdet of one matrix, as a plain tuple."""
    return sign_and_log(a, factor_kind(a))


@implements("numpy.linalg.det")
def det(a):
    """np.linalg.det of one matrix."""
    sign, log = sign_and_log(a, factor_kind(a))
    return sign * np.exp(log)


@implements("numpy.linalg.cholesky")
def cholesky(a):
    """np.linalg.cholesky of one matrix: the lower factor."""
    check_square(a)
    kind = factor_kind(a)
    x = by_columns(a, kind)
    if a.shape[0] > 0 and potrf(number_of(kind), a.shape[0], x) > 0:
        raise np.linalg.LinAlgError("Matrix is not positive definite")
    return np.tril(by_rows(x))


@implements("numpy.linalg.qr")
def qr(a, mode="reduced"):
    """np.linalg.qr of one matrix: reduced, or the triangle alone."""
    check_matrix(a)
    kind = factor_kind(a)
    m, n = a.shape
    k = min(m, n)
    x, tau = by_columns(a, kind), np.zeros(k, kind)
    if k > 0:
        geqrf(number_of(kind), m, n, x, tau)
    r = np.triu(by_rows(x[:k]))
    if mode == "r":
        return r
    if mode != "reduced":
        refuse("np.linalg.qr is compiled for the modes reduced and r")
    q = by_columns(x[:, :k], kind)
    if k > 0:
        orgqr(number_of(kind), m, k, k, q, tau)
    return by_rows(q), r


# ---- eigenvalues and singular values


def symmetric(a, vectors):
    """Return the eigenvalues, and the matrix whose columns are the vectors when they are asked for."""
    check_square(a)
    kind = factor_kind(a)
    x, w = by_columns(a, kind), np.empty(a.shape[0], real_kind(kind))
    if a.shape[0] > 0 and syevd(number_of(kind), vectors, a.shape[0], x, w) > 0:
        raise np.linalg.LinAlgError("Eigenvalues did not converge")
    return w, x


@implements("numpy.linalg.eigh")
def eigh(a):
    """np.linalg.eigh of one matrix, by its lower triangle."""
    w, x = symmetric(a, 1)
    return w, by_rows(x)


@implements("numpy.linalg.eigvalsh")
def eigvalsh(a):
    """np.linalg.eigvalsh of one matrix, by its lower triangle."""
    return symmetric(a, 0)[0]


def singular(a, job, rows, columns):
    """Return singular vectors and values."""
    check_matrix(a)
    kind = factor_kind(a)
    m, n = a.shape
    s = np.empty(min(m, n), real_kind(kind))
    u, vt = np.empty((m, columns), kind, "F"), np.empty((rows, n), kind, "F")
    if min(m, n) > 0:
        if gesdd(number_of(kind), job, m, n, by_columns(a, kind), s, u, vt) > 0:
            raise np.linalg.LinAlgError("SVD did not converge")
    elif job == 2:
        u[...], vt[...] = np.eye(m, columns), np.eye(rows, n)
    return u, s, vt


@implements("numpy.linalg.svd")
def svd(a, full_matrices=True, compute_uv=True):
    """np.linalg.svd of one matrix."""
    k = min(a.shape[0], a.shape[1])
    if not compute_uv:
        return singular(a, 0, 1, 1)[1]
    if full_matrices:
        u, s, vt = singular(a, 2, a.shape[1], a.shape[0])
    else:
        u, s, vt = singular(a, 1, k, k)
    return by_rows(u), s, by_rows(vt)


@implements("numpy.linalg.svdvals")
def svdvals(x):
    """np.linalg.svdvals of one matrix."""
    return svd(x, True, False)


def smallest_gap(kind):
    """Return the distance from 1 to the next number."""
    return np.spacing(real_kind(kind)(1))


@implements("numpy.linalg.matrix_rank")
def matrix_rank(A, tol=None):
    """np.linalg.matrix_rank of one matrix."""
    s = svd(A, True, False)
    limit = max_of(s) * (max(A.shape[0], A.shape[1]) * smallest_gap(factor_kind(A))) if tol is None else tol
    return np.count_nonzero(s > limit)


@implements("numpy.linalg.cond")
def cond(x):
    """np.linalg.cond of one matrix: its largest over its smallest singular value."""
    if x.size == 0:
        raise np.linalg.LinAlgError("cond is not defined on empty arrays")
    s = svd(x, True, False)
    return s[0] / s[s.shape[0] - 1]


@implements("numpy.linalg.pinv")
def pinv(a, rcond=1e-15):
    """np.linalg.pinv of one matrix."""
    u, s, vt = svd(np.conj(a) if is_complex(a.dtype.type) else a, False)
    limit = rcond * max_of(s)
    for i in range(s.shape[0]):
        s[i] = 1 / s[i] if s[i] > limit else 0
    return np.dot(vt.T, s[:, None] * u.T)


@implements("numpy.linalg.lstsq")
def lstsq(a, b, rcond=None):
    """np.linalg.lstsq: the solution, what is left over, the rank, the singular values."""
    check_matrix(a)
    if b.ndim == 1:
        x, left, rank, s = lstsq(a, b[:, None], rcond)
        return x[:, 0].copy(), left, rank, s
    m, n = a.shape
    if m != b.shape[0]:
        raise np.linalg.LinAlgError("Incompatible dimensions")
    kind = np.result_type(factor_kind(a), factor_kind(b)).type
    real = real_kind(kind)
    x = np.zeros((max(m, n), b.shape[1]), kind, "F")
    x[:m] = b
    s, rank = np.empty(min(m, n), real), np.zeros(1, np.int64)
    limit = smallest_gap(kind) * max(m, n) if rcond is None else real(rcond)
    some = min(m, n) > 0 and b.shape[1] > 0
    if some and gelsd(number_of(kind), m, n, b.shape[1], by_columns(a, kind), x, s, float(limit), rank) > 0:
        raise np.linalg.LinAlgError("SVD did not converge in Linear Least Squares")
    left = np.empty(b.shape[1] if rank[0] == n and m > n else 0, real)
    for j in range(left.shape[0]):
        left[j] = sum_of(np.abs(x[n:, j]) ** 2)
    return by_rows(x[:n]), left, np.int32(rank[0]), s


@implements("numpy.linalg.matrix_power")
def matrix_power(a, n):
    """np.linalg.matrix_power of one matrix."""
    check_square(a)
    if n < 0:
        return matrix_power_of(inv(a), -n)
    return a if n == 1 else matrix_power_of(a, n)


def matrix_power_of(a, n):
    """Multiply a matrix with itself by repeated squaring."""
    result, square = np.eye(a.shape[0], dtype=a.dtype), a.copy()
    while n > 0:
        if n % 2 == 1:
            result = np.dot(result, square)
        square = np.dot(square, square)
        n = n // 2
    return result


# ---- norms


def magnitudes(x):
    """Return magnitudes, of integers as float64."""
    return np.abs(x.astype(np.float64) if is_integer(x.dtype.type) else x)


def vector_norms(x, order, axis):
    """Return the norms of vectors along an axis."""
    size = magnitudes(x)
    if order is None or order == 2:
        return np.sqrt(sum_of(size * size, axis))
    if order == np.inf:
        return max_of(size, axis)
    if order == -np.inf:
        return min_of(size, axis)
    if order == 1:
        return sum_of(size, axis)
    if order == 0:
        return sum_of((size != 0).astype(size.dtype), axis)
    return sum_of(size**order, axis) ** (1.0 / order)


def matrix_norm(x, order):
    """Return the norm of one matrix."""
    if isinstance(order, str):
        if order == "nuc":
            return sum_of(svd(x, True, False))
        if order != "fro":
            raise ValueError("Invalid norm order for matrices.")
        return np.sqrt(sum_of(magnitudes(x) ** 2))
    if order == 1:
        return max_of(sum_of(magnitudes(x), 0))
    if order == -1:
        return min_of(sum_of(magnitudes(x), 0))
    if order == np.inf:
        return max_of(sum_of(magnitudes(x), 1))
    if order == -np.inf:
        return min_of(sum_of(magnitudes(x), 1))
    s = svd(x, True, False)
    if order == 2:
        return max_of(s)
    if order == -2:
        return min_of(s)
    raise ValueError("Invalid norm order for matrices.")


def euclidean(x):
    """Return the length of a vector."""
    if is_integer(x.dtype.type):
        return euclidean(x.astype(np.float64))
    if is_complex(x.dtype.type):
        re, im = x.real.copy(), x.imag.copy()
        return np.sqrt(np.dot(re, re) + np.dot(im, im))
    return np.sqrt(np.dot(x, x))


@implements("numpy.linalg.norm")
def norm(x, ord=None, axis=None, keepdims=False):
    """np.linalg.norm: of all elements, of a vector or a matrix, or of vectors along an axis."""
    if isinstance(axis, tuple):
        refuse("np.linalg.norm is compiled for vectors along one axis")
    if axis is not None:
        return finished(vector_norms(x, ord, normal_axis(axis, x.ndim)), x, axis, None, keepdims)
    if ord is None:
        return finished(euclidean(x.ravel()), x, None, None, keepdims)
    if x.ndim > 2:
        raise ValueError("Improper number of dimensions to norm.")
    return finished(vector_norms(x, ord, 0) if x.ndim == 1 else matrix_norm(x, ord), x, None, None, keepdims)
