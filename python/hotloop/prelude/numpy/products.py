"""Products and sums of vectors and matrices. Floating-point products of matrices go to BLAS, not here."""

import numpy as np

from .. import implements
from ..core.arrays import is_integer
from .reduce import sum_of

# ---- products of bools and integers; inference has compared the shapes


def inner_product(x, y, kind):
    """Return the inner product of two vectors."""
    result = kind(0)
    for k in range(x.shape[0]):
        result = result + kind(x[k]) * kind(y[k])
    return result


def add_row(out, x, row, kind):
    """Add x times the row to a row of the result."""
    for j in range(out.shape[0]):
        out[j] = out[j] + x * kind(row[j])


@implements("numpy.dot.integers", "numpy.matmul.integers")
def integer_product(a, b):
    """a @ b, in the type NumPy promotes the element types to."""
    kind = (a.dtype.type(0) * b.dtype.type(0)).dtype.type
    if a.ndim == 1 and b.ndim == 1:
        return inner_product(a, b, kind)
    if b.ndim == 1:
        out = np.empty(a.shape[0], kind)
        for i in range(a.shape[0]):
            out[i] = inner_product(a[i], b, kind)
        return out
    if a.ndim == 1:
        return integer_product(a.reshape(1, a.shape[0]), b).reshape(-1)
    out = np.zeros((a.shape[0], b.shape[1]), kind)
    for i in range(a.shape[0]):
        for k in range(a.shape[1]):
            add_row(out[i], kind(a[i, k]), b[k], kind)
    return out


# ---- others


@implements("numpy.inner")
def inner(a, b):
    """np.inner: products summed over the last axis of both."""
    return np.dot(a, b.T)


@implements("numpy.vdot")
def vdot(a, b):
    """np.vdot: the inner product of all elements, those of `a` conjugated."""
    return np.dot(np.conj(a.ravel()) if a.dtype.kind == "c" else a.ravel(), b.ravel())


@implements("numpy.outer")
def outer(a, b):
    """np.outer: every element of `a` times every element of `b`."""
    return a.ravel()[:, None] * b.ravel()[None, :]


@implements("numpy.trace", "ndarray.trace")
def trace(a, offset=0):
    """np.trace of a matrix."""
    row, column = max(0, -offset), max(0, offset)
    n = max(0, min(a.shape[0] - row, a.shape[1] - column))
    diagonal = np.empty(n, a.dtype)
    for i in range(n):
        diagonal[i] = a[row + i, column + i]
    return sum_of(diagonal)


def euclidean(x):
    """Return the length of a vector."""
    if is_integer(x.dtype.type):
        return euclidean(x.astype(np.float64))
    if x.dtype.kind == "c":
        re, im = x.real.copy(), x.imag.copy()
        return np.sqrt(np.dot(re, re) + np.dot(im, im))
    return np.sqrt(np.dot(x, x))


@implements("numpy.linalg.norm")
def norm(x):
    """np.linalg.norm of all elements: their Euclidean length."""
    return euclidean(x.ravel())
