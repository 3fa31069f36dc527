"""Products and sums of vectors and matrices. Products of two floating-point matrices go to BLAS, not here."""

import numpy as np

from .. import implements
from .broadcast import broadcast, part
from .reduce import sum_of

# ---- products of bools, integers and float16; inference has compared the shapes


def product_kind(kind):
    """Return the kind products are added in: NumPy adds those of float16 in float32."""
    return np.float32 if np.dtype(kind) == np.float16 else kind


def inner_product(x, y, kind):
    """Return the inner product of two vectors."""
    wide = product_kind(kind)
    result = wide(0)
    for k in range(x.shape[0]):
        result = result + wide(x[k]) * wide(y[k])
    return kind(result)


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
    wide = product_kind(kind)
    out = np.zeros((a.shape[0], b.shape[1]), wide)
    for i in range(a.shape[0]):
        for k in range(a.shape[1]):
            add_row(out[i], wide(a[i, k]), b[k], wide)
    return out if kind == wide else out.astype(kind)


# ---- products of more than two axes

OTHER_CORE = (
    "matmul: Input operand 1 has a mismatch in its core dimension 0, with gufunc signature "
    "(n?,k),(k,m?)->(n?,m?) (size %s is different from %s)"
)


def multiply_stacks(out, a, b):
    """Fill a stack of matrices with the products of those of two stacks, which broadcast."""
    if out.ndim == 2:
        out[...] = np.matmul(a, b)
    else:
        for i in range(out.shape[0]):
            multiply_stacks(out[i], part(a, i, out.ndim), part(b, i, out.ndim))


@implements("numpy.matmul.stacked")
def stacked_product(a, b):
    """a @ b where one has more than two axes."""
    if a.ndim == 1:
        return stacked_product(a[None], b)[..., 0, :]
    if b.ndim == 1:
        return stacked_product(a, b[:, None])[..., 0]
    if a.shape[-1] != b.shape[-2]:
        values = b.shape[-2], a.shape[-1]
        raise ValueError(OTHER_CORE % values)
    outer = broadcast(a.shape[:-2], b.shape[:-2])
    for size in outer:
        if size < 0:
            refuse_stacks()
    kind = (a.dtype.type(0) * b.dtype.type(0)).dtype.type
    out = np.empty(outer + (a.shape[-2], b.shape[-1]), kind)
    multiply_stacks(out, a, b)
    return out


def refuse_stacks():
    """Raise for stacks that do not broadcast."""
    raise ValueError("operands could not be broadcast together")


@implements("numpy.dot.stacked")
def dot_of_stacks(a, b):
    """np.dot where one has more than two axes: summed over the last of `a` and the last but one of `b`."""
    if b.ndim == 1:
        return np.dot(a.reshape(-1, a.shape[-1]), b).reshape(a.shape[:-1])
    if a.ndim == 1:
        return dot_of_stacks(a[None], b)[0]
    columns = np.moveaxis(b, -2, 0)
    n = rows_of(columns.shape + (1,)) // max(1, columns.shape[0])
    flat = np.dot(a.reshape(rows_of(a.shape), a.shape[-1]), columns.reshape(columns.shape[0], n))
    return flat.reshape(a.shape[:-1] + columns.shape[1:])


def rows_of(shape):
    """Return how many rows of the last axis an array has."""
    n = 1
    for size in shape[:-1]:
        n = n * size
    return n


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
