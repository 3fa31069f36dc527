"""Reductions that pass over NaNs, and functions that put other numbers in their place."""

import numpy as np

from .. import implements
from ..core.arrays import is_complex, is_integer, refuse
from .reduce import extreme, finished, mean_of, prod_of, sum_of
from .search import argmax, argmin
from .sort import median, percentile, quantile
from .statistics import std_of, var_of


def is_exact(a):
    """Tell whether an array cannot hold a NaN."""
    return is_integer(a.dtype.type)


def filled(a, value):
    """Return an array with a number in place of NaNs."""
    return np.where(np.isnan(a), a.dtype.type(value), a)


def numbers(a, axis, keepdims):
    """Count the elements that are not NaN."""
    return sum_of(~np.isnan(a), axis, None, None, keepdims)


@implements("numpy.nansum")
def nansum(a, axis=None, dtype=None, out=None, keepdims=False):
    """np.nansum of an array."""
    return sum_of(a if is_exact(a) else filled(a, 0), axis, dtype, out, keepdims)


@implements("numpy.nanprod")
def nanprod(a, axis=None, dtype=None, out=None, keepdims=False):
    """np.nanprod of an array."""
    return prod_of(a if is_exact(a) else filled(a, 1), axis, dtype, out, keepdims)


@implements("numpy.nancumsum")
def nancumsum(a, axis=None, dtype=None):
    """np.nancumsum of an array."""
    return np.cumsum(a if is_exact(a) else filled(a, 0), axis, dtype)


@implements("numpy.nancumprod")
def nancumprod(a, axis=None, dtype=None):
    """np.nancumprod of an array."""
    return np.cumprod(a if is_exact(a) else filled(a, 1), axis, dtype)


@implements("numpy.nanmean")
def nanmean(a, axis=None, dtype=None, out=None, keepdims=False):
    """np.nanmean of an array."""
    if is_exact(a):
        return mean_of(a, axis, dtype, out, keepdims)
    if a.dtype == np.float16:
        refuse("np.nanmean of float16")
    total = sum_of(filled(a, 0), axis, dtype, None, keepdims)
    return finished((total / numbers(a, axis, keepdims)).astype(total.dtype), a, axis, out, False)


def squared(a):
    """Return squared magnitudes."""
    return np.real(a * np.conj(a)) if is_complex(a.dtype.type) else a * a


def without_freedom(result, free):
    """Return variances, NaN where there are too few numbers for one."""
    if isinstance(result, np.ndarray):
        return np.where(free > 0, result, result.dtype.type(np.nan))
    return result if free > 0 else result.dtype.type(np.nan)


@implements("numpy.nanvar")
def nanvar(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False):
    """np.nanvar of an array."""
    if is_exact(a):
        return var_of(a, axis, dtype, out, ddof, keepdims)
    if dtype is not None or a.dtype == np.float16:
        refuse("np.nanvar is compiled without dtype and not for float16")
    count = numbers(a, axis, True)
    mean = sum_of(filled(a, 0), axis, None, None, True) / count
    total = sum_of(
        squared(np.where(np.isnan(a), a.dtype.type(0), a - mean.astype(a.dtype))), axis, None, None, keepdims
    )
    free = numbers(a, axis, keepdims) - ddof
    result = (total / np.maximum(free, 0)).astype(total.dtype)
    return finished(without_freedom(result, free), a, axis, out, False)


@implements("numpy.nanstd")
def nanstd(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False):
    """np.nanstd of an array."""
    if is_exact(a):
        return std_of(a, axis, dtype, out, ddof, keepdims)
    return finished(np.sqrt(nanvar(a, axis, dtype, None, ddof, keepdims)), a, axis, out, False)


NO_MINIMUM = "zero-size array to reduction operation fmin which has no identity"
NO_MAXIMUM = "zero-size array to reduction operation fmax which has no identity"


@implements("numpy.nanmin")
def nanmin(a, axis=None, out=None, keepdims=False):
    """np.nanmin of an array."""
    return finished(extreme(a, axis, np.fmin, NO_MINIMUM), a, axis, out, keepdims)


@implements("numpy.nanmax")
def nanmax(a, axis=None, out=None, keepdims=False):
    """np.nanmax of an array."""
    return finished(extreme(a, axis, np.fmax, NO_MAXIMUM), a, axis, out, keepdims)


def check_numbers(a, axis):
    """Raise unless there is a number wherever one is looked for."""
    if np.any(np.all(np.isnan(a), axis)):
        raise ValueError("All-NaN slice encountered")


@implements("numpy.nanargmin")
def nanargmin(a, axis=None, out=None, *, keepdims=False):
    """np.nanargmin of an array."""
    if is_exact(a):
        return argmin(a, axis, out, keepdims=keepdims)
    check_numbers(a, axis)
    return argmin(filled(a, np.inf), axis, out, keepdims=keepdims)


@implements("numpy.nanargmax")
def nanargmax(a, axis=None, out=None, *, keepdims=False):
    """np.nanargmax of an array."""
    if is_exact(a):
        return argmax(a, axis, out, keepdims=keepdims)
    check_numbers(a, axis)
    return argmax(filled(a, -np.inf), axis, out, keepdims=keepdims)


@implements("numpy.nanmedian")
def nanmedian(a):
    """np.nanmedian of all elements."""
    return median(a) if is_exact(a) else median(a[~np.isnan(a)])


@implements("numpy.nanquantile")
def nanquantile(a, q):
    """np.nanquantile of all elements."""
    return quantile(a if is_exact(a) else some_number(a[~np.isnan(a)]), q)


@implements("numpy.nanpercentile")
def nanpercentile(a, q):
    """np.nanpercentile of all elements."""
    return percentile(a if is_exact(a) else some_number(a[~np.isnan(a)]), q)


def some_number(a):
    """Return a vector that is not empty: a NaN where there is nothing."""
    return a if a.shape[0] > 0 else np.full(1, a.dtype.type(np.nan))


# ---- other numbers in their place


@implements("numpy.nan_to_num")
def nan_to_num(x, copy=True, nan=0.0, posinf=None, neginf=None):
    """np.nan_to_num: numbers for NaNs and infinities."""
    if not copy:
        refuse("np.nan_to_num is compiled for copy=True")
    if not isinstance(x, np.ndarray):
        return nan_to_num(np.asarray((x,)), True, nan, posinf, neginf)[0]
    if is_exact(x):
        return x.copy()
    if is_complex(x.dtype.type):
        out = np.empty(x.shape, x.dtype)
        out.real[...] = replaced(x.real, nan, posinf, neginf)
        out.imag[...] = replaced(x.imag, nan, posinf, neginf)
        return out
    return replaced(x, nan, posinf, neginf)


def largest(kind):
    """Return the largest number of a floating-point type."""
    return np.nextafter(kind(np.inf), kind(0))


def replaced(x, nan, posinf, neginf):
    """Return an array of real numbers without NaNs and infinities."""
    kind = x.dtype.type
    above = largest(kind) if posinf is None else kind(posinf)
    below = -largest(kind) if neginf is None else kind(neginf)
    finite = np.where(x == np.inf, above, np.where(x == -np.inf, below, x))
    return np.where(np.isnan(x), kind(nan), finite)


@implements("numpy.isposinf")
def isposinf(x):
    """np.isposinf of an array or a number."""
    return np.isinf(x) & ~np.signbit(x)


@implements("numpy.isneginf")
def isneginf(x):
    """np.isneginf of an array or a number."""
    return np.isinf(x) & np.signbit(x)
