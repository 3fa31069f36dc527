"""Shapes that broadcast: broadcast_to, and what others need of it."""

import numpy as np

from .. import implements
from ..core.arrays import readonly_view, strided_view


def shape_of(x):
    """Return the shape an operand broadcasts from."""
    return x.shape if isinstance(x, np.ndarray) else ()


def broadcast(s, t):
    """Return the shape two shapes broadcast to; a size of -1 where they do not fit."""
    if len(s) < len(t):
        return broadcast(t, s)
    if len(t) == 0:
        return s
    n, m = s[-1], t[-1]
    size = n if n == m or m == 1 else m if n == 1 else -1
    return broadcast(s[:-1], t[:-1]) + (size,)


def shape_text(n):
    """Return the text of a shape of n sizes, with a %s for each."""
    if n < 2:
        return "(%s,)" if n == 1 else "()"
    return "(%s" + sizes_text(n - 1) + ")"


def sizes_text(n):
    """Return the text of n more sizes."""
    return ",%s" + sizes_text(n - 1) if n > 0 else ""


def part(x, i, ndim):
    """Return what belongs to the i-th row of a result with `ndim` axes."""
    if not isinstance(x, np.ndarray):
        return x
    if x.ndim < ndim:
        return x
    return x[i if x.shape[0] > 1 else 0]


def stretched_strides(a, ndim):
    """Return the strides that walk `a` as an array of `ndim` axes: 0 along those it is stretched on."""
    if ndim > a.ndim:
        return (0,) + stretched_strides(a, ndim - 1)
    return own_strides(a.shape, a.strides)


def own_strides(shape, strides):
    """Return the strides of an array, 0 for axes of size 1."""
    if len(shape) == 0:
        return ()
    return (0 if shape[0] == 1 else strides[0],) + own_strides(shape[1:], strides[1:])


def stretched(a, shape):
    """Return the view of an array that has this shape, which it is known to broadcast to."""
    return strided_view(a, shape, stretched_strides(a, len(shape)))


def fits_into(s, t):
    """Tell whether shape s broadcasts to shape t without changing it."""
    if len(s) == 0:
        return True
    if len(s) > len(t):
        return False
    return (s[-1] == t[-1] or s[-1] == 1) and fits_into(s[:-1], t[:-1])


@implements("numpy.broadcast_to")
def broadcast_to(array, shape):
    """np.broadcast_to: a view that refuses writes."""
    if not isinstance(shape, tuple):
        return broadcast_to(array, (shape,))
    if not isinstance(array, np.ndarray):
        return broadcast_to(np.asarray(array), shape)
    if len(array.shape) > len(shape):
        raise ValueError("input operand has more dimensions than allowed by the axis remapping")
    if not fits_into(array.shape, shape):
        given = shape_text(len(array.shape)) + "  and requested shape " + shape_text(len(shape))
        text = "operands could not be broadcast together with remapped shapes [original->remapped]: " + given
        raise ValueError(text % (array.shape + shape))
    return readonly_view(stretched(array, shape))


def joined(arrays):
    """Return the shape arrays broadcast to; a size of -1 where they do not fit."""
    shape = np.asarray(arrays[0]).shape
    return shape if len(arrays) == 1 else broadcast(shape, joined(arrays[1:]))


def in_shape(a, shape):
    """Return an array in this shape: itself if it has it."""
    if a.ndim == len(shape):
        if a.shape == shape:
            return a
    return stretched(a, shape)


def all_stretched(arrays, shape):
    """Return views of this shape."""
    if len(arrays) == 0:
        return ()
    return (in_shape(np.asarray(arrays[0]), shape),) + all_stretched(arrays[1:], shape)


@implements("numpy.broadcast_arrays")
def broadcast_arrays(*args):
    """np.broadcast_arrays: views of all arrays in one shape."""
    shape = joined(args)
    for size in shape:
        if size < 0:
            raise ValueError("shape mismatch: objects cannot be broadcast to a single shape.")
    return all_stretched(args, shape)
