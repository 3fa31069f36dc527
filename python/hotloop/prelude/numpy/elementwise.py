"""clip and where: elementwise functions of three operands that are no ufuncs."""

import numpy as np

from .. import implements
from .broadcast import broadcast, part, shape_of, shape_text


@implements("numpy.clip")
def clip(a, a_min, a_max):
    """np.clip of an array or a number; one of the bounds may be None."""
    if a_min is None:
        return np.minimum(a, a_max)
    return np.maximum(a, a_min) if a_max is None else np.minimum(np.maximum(a, a_min), a_max)


@implements("ndarray.clip")
def clip_method(a, min=None, max=None):
    """The method clip of an array."""
    return clip(a, min, max)


# ---- where


def zero_like(x):
    """Return a zero that promotes as an operand does: weak for Python's numbers."""
    if isinstance(x, (np.ndarray, np.generic)):
        return x.dtype.type(0)
    if isinstance(x, bool):
        return False
    return 0 if isinstance(x, int) else 0.0 if isinstance(x, float) else 0j


def common_kind(x, y):
    """Return the kind two operands promote to."""
    zero = zero_like(x) + zero_like(y)
    if isinstance(x, bool) and isinstance(y, bool):
        return np.bool_
    if isinstance(zero, np.generic):
        return zero.dtype.type
    return np.int64 if isinstance(zero, int) else np.float64 if isinstance(zero, float) else np.complex128


def no_broadcast(s, t, u):
    """Return what is said of three shapes that do not fit, with a %s for each size."""
    shapes = shape_text(len(s)) + " " + shape_text(len(t)) + " " + shape_text(len(u))
    return "operands could not be broadcast together with shapes " + shapes + " "


def choose(out, condition, x, y):
    """Fill `out` from x where the condition holds, else from y."""
    for i in range(out.shape[0]):
        c, p, q = part(condition, i, out.ndim), part(x, i, out.ndim), part(y, i, out.ndim)
        if out.ndim > 1:
            choose(out[i], c, p, q)
        elif c:
            out[i] = p
        else:
            out[i] = q


@implements("numpy.where")
def where(condition, x, y):
    """np.where of three operands."""
    s, t, u = shape_of(condition), shape_of(x), shape_of(y)
    shape = broadcast(broadcast(s, t), u)
    for size in shape:
        if size < 0:
            raise ValueError(no_broadcast(s, t, u) % (s + t + u))
    out = np.empty(shape, common_kind(x, y))
    if out.ndim == 0:
        out[()] = x if condition else y  # numbers
    else:
        choose(out, condition, x, y)
    return out
