"""Products of matrices of bools and integers; floating-point ones go to BLAS.

Inference has compared the shapes: both arrays have one or two axes, and the inner ones are equally long.
"""

import numpy as np

from .. import implements


def inner(x, y, kind):
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
        return inner(a, b, kind)
    if b.ndim == 1:
        out = np.empty(a.shape[0], kind)
        for i in range(a.shape[0]):
            out[i] = inner(a[i], b, kind)
        return out
    if a.ndim == 1:
        return integer_product(a.reshape(1, a.shape[0]), b).reshape(-1)
    out = np.zeros((a.shape[0], b.shape[1]), kind)
    for i in range(a.shape[0]):
        for k in range(a.shape[1]):
            add_row(out[i], kind(a[i, k]), b[k], kind)
    return out
