"""Axes by numbers, which are known while compiling: moved, added and dropped in views."""

import numpy as np

from .. import implements
from ..core.arrays import refuse


def normal_axis(axis, ndim):
    """Return the axis counted from the first."""
    if axis < -ndim or axis >= ndim:
        raise np.exceptions.AxisError(axis, ndim, None)
    return axis + ndim if axis < 0 else axis


def has(axes, axis):
    """Tell whether an axis is among others."""
    if len(axes) == 0:
        return False
    return True if axes[0] == axis else has(axes[1:], axis)


def normal_axes(axes, ndim):
    """Return axes counted from the first; none may stand twice."""
    if len(axes) == 0:
        return ()
    axis, others = normal_axis(axes[0], ndim), normal_axes(axes[1:], ndim)
    if has(others, axis):
        raise ValueError("duplicate value in 'axis'")
    return (axis,) + others


def counted(first, ndim):
    """Return the axes from the first to the last."""
    return () if first == ndim else (first,) + counted(first + 1, ndim)


def without(axes, dropped):
    """Return those of the first axes that are not dropped."""
    if len(axes) == 0:
        return ()
    return (() if has(dropped, axes[0]) else (axes[0],)) + without(axes[1:], dropped)


def behind(axes, axis):
    """Return the numbers axes have once one is dropped."""
    if len(axes) == 0:
        return ()
    return (axes[0] - 1 if axes[0] > axis else axes[0],) + behind(axes[1:], axis)


def axes_of(axis, ndim):
    """Return the axes an argument means: all for None, one, or a tuple."""
    if axis is None:
        return counted(0, ndim)
    return normal_axes(axis, ndim) if isinstance(axis, tuple) else (normal_axis(axis, ndim),)


def shape_with(shape, axes, at):
    """Return the shape of which some axes have been made 1."""
    if at == len(shape):
        return ()
    return (1 if has(axes, at) else shape[at],) + shape_with(shape, axes, at + 1)


def kept(result, a, axis):
    """Return a reduction of `a` with its axes put back, of length one."""
    shape = shape_with(a.shape, axes_of(axis, a.ndim), 0)
    if isinstance(result, np.ndarray):
        return result.reshape(shape)
    out = np.empty(shape, result.dtype)
    out[...] = result
    return out


def moved_last(a, axis):
    """Return a view whose last axis is this one."""
    if axis == a.ndim - 1:
        return a
    return a.transpose(without(counted(0, a.ndim), (axis,)) + (axis,))


# ---- NumPy's functions


@implements("numpy.swapaxes", "ndarray.swapaxes")
def swapaxes(a, axis1, axis2):
    """np.swapaxes of an array."""
    first, second = normal_axis(axis1, a.ndim), normal_axis(axis2, a.ndim)
    return a.transpose(swapped(first, second, 0, a.ndim))


def swapped(first, second, at, ndim):
    """Return the axes in order, two of them swapped."""
    if at == ndim:
        return ()
    return (second if at == first else first if at == second else at,) + swapped(first, second, at + 1, ndim)


@implements("numpy.moveaxis")
def moveaxis(a, source, destination):
    """np.moveaxis of one axis or several."""
    if not isinstance(source, tuple):
        return moveaxis(a, (source,), destination)
    if not isinstance(destination, tuple):
        return moveaxis(a, source, (destination,))
    if len(source) != len(destination):
        raise ValueError("`source` and `destination` arguments must have the same number of elements")
    froms, tos = normal_axes(source, a.ndim), normal_axes(destination, a.ndim)
    return a.transpose(placed(froms, tos, without(counted(0, a.ndim), froms), 0, a.ndim))


def placed(froms, tos, others, at, ndim):
    """Return the order that puts each axis of `froms` at its place in `tos`, the others between."""
    if at == ndim:
        return ()
    if has(tos, at):
        return (partner(froms, tos, at),) + placed(froms, tos, others, at + 1, ndim)
    return (others[0],) + placed(froms, tos, others[1:], at + 1, ndim)


def partner(froms, tos, at):
    """Return which axis goes to this place."""
    return froms[0] if tos[0] == at else partner(froms[1:], tos[1:], at)


@implements("numpy.expand_dims")
def expand_dims(a, axis):
    """np.expand_dims: with new axes of length one at these places of the result."""
    if not isinstance(axis, tuple):
        return expand_dims(a, (axis,))
    ndim = a.ndim + len(axis)
    return a[expanding(normal_axes(axis, ndim), 0, ndim)]


def expanding(axes, at, ndim):
    """Return the index that adds axes at these places."""
    if at == ndim:
        return ()
    return (None if has(axes, at) else slice(None),) + expanding(axes, at + 1, ndim)


@implements("numpy.squeeze", "ndarray.squeeze")
def squeeze(a, axis):
    """np.squeeze of given axes: how many there are else is not known while compiling."""
    axes = axes_of(axis, a.ndim)
    for k in axes:
        if a.shape[k] != 1:
            raise ValueError("cannot select an axis to squeeze out which has size not equal to one")
    return dropped(a, axes)


def dropped(a, axes):
    """Return the view of what lies at 0 on these axes, without them."""
    if len(axes) == 0:
        return a
    axis = axes[0]
    return dropped(a[(slice(None),) * axis + (0, Ellipsis)], behind(axes[1:], axis))


@implements("numpy.permute_dims")
def permute_dims(a, axes=None):
    """np.permute_dims, which is np.transpose."""
    return a.T if axes is None else a.transpose(axes)


@implements("numpy.matrix_transpose")
def matrix_transpose(x):
    """np.matrix_transpose: the last two axes swapped."""
    if x.ndim < 2:
        raise ValueError("Input array must be at least 2-dimensional, but it is %s" % x.ndim)
    return swapaxes(x, -1, -2)


# ---- at least so many axes


def all_of(arrays, function):
    """Return a function's values of each of several arrays, in a tuple or a list."""
    if isinstance(arrays, list):
        values = []
        for a in arrays:
            values.append(function(a))
        return values
    if not isinstance(arrays, tuple):
        refuse("several arrays are a tuple or a list of them")
    if len(arrays) == 0:
        return ()
    return (function(arrays[0]),) + all_of(arrays[1:], function)


def one_axis(a):
    """Return an array with at least one axis."""
    a = np.asarray(a)
    return a.reshape(1) if a.ndim == 0 else a


def two_axes(a):
    """Return an array with at least two axes."""
    a = np.asarray(a)
    return a.reshape(1, 1) if a.ndim == 0 else a[None] if a.ndim == 1 else a


def three_axes(a):
    """Return an array with at least three axes."""
    a = np.asarray(a)
    if a.ndim == 0:
        return a.reshape(1, 1, 1)
    return a[None, :, None] if a.ndim == 1 else a[:, :, None] if a.ndim == 2 else a


@implements("numpy.atleast_1d")
def atleast_1d(*arys):
    """np.atleast_1d of one array or several."""
    return one_axis(arys[0]) if len(arys) == 1 else all_of(arys, one_axis)


@implements("numpy.atleast_2d")
def atleast_2d(*arys):
    """np.atleast_2d of one array or several."""
    return two_axes(arys[0]) if len(arys) == 1 else all_of(arys, two_axes)


@implements("numpy.atleast_3d")
def atleast_3d(*arys):
    """np.atleast_3d of one array or several."""
    return three_axes(arys[0]) if len(arys) == 1 else all_of(arys, three_axes)
