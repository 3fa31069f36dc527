"""Functions of math and cmath that are programs: what is one call of libm stands in infer/known.def.

Answers beyond 64 bits have no compiled form: `must_fit` leaves the call to the interpreter then.
"""

import math

import numpy as np

from .. import implements

HIGHEST = 2**63 - 1
HIGHEST_ROOT = 3037000499  # of HIGHEST


def must_fit(condition):
    """Go on where the answer fits 64 bits: an intrinsic, which the interpreter has no use for."""


def whole(x):
    """Return an integer argument; floats are refused as in CPython."""
    if isinstance(x, float):
        raise TypeError("'float' object cannot be interpreted as an integer")
    return int(x)


# ---- integers


@implements("math.factorial")
def factorial(x):
    """Return x!."""
    n = whole(x)
    if n < 0:
        raise ValueError("factorial() not defined for negative values")
    must_fit(n <= 20)
    result = 1
    for k in range(2, n + 1):
        result *= k
    return result


def counts(n, k):
    """Return two integers, none below zero."""
    n, k = whole(n), whole(k)
    if n < 0:
        raise ValueError("n must be a non-negative integer")
    if k < 0:
        raise ValueError("k must be a non-negative integer")
    return n, k


@implements("math.perm")
def perm(n, k=None):
    """Return in how many ways k of n things can be put in a row."""
    if k is None:
        return factorial(n)
    n, k = counts(n, k)
    result = 1 if k <= n else 0
    for i in range(min(k, n)):
        must_fit(result <= HIGHEST // (n - i))
        result *= n - i
    return result


@implements("math.comb")
def comb(n, k):
    """Return in how many ways k of n things can be chosen; the partial products are whole and no larger."""
    n, k = counts(n, k)
    result = 1 if k <= n else 0
    for i in range(min(k, n - k)):
        common = math.gcd(result, i + 1)
        factor = (n - i) // ((i + 1) // common)
        must_fit(result // common <= HIGHEST // factor)
        result = result // common * factor
    return result


@implements("math.isqrt")
def isqrt(n):
    """Return the square root, cut to an integer: that of the float is at most one away."""
    n = whole(n)
    if n < 0:
        raise ValueError("isqrt() argument must be nonnegative")
    root = min(int(math.sqrt(n)), HIGHEST_ROOT)
    if root * root > n:
        return root - 1
    return root + 1 if root < HIGHEST_ROOT and (root + 1) * (root + 1) <= n else root


# ---- floats


@implements("math.modf")
def modf(x):
    """Return the fractional and the integer part."""
    x = float(x)
    if math.isinf(x):
        return math.copysign(0.0, x), x
    integer = float(np.trunc(x))
    return math.copysign(x - integer, x), integer


@implements("math.remainder")
def remainder(x, y):
    """Return what IEEE 754 calls the remainder: x less the nearest multiple of y, exactly."""
    x, y = float(x), float(y)
    if math.isnan(x) or math.isnan(y):
        return x + y
    if math.isinf(x) or y == 0.0:
        raise ValueError("math domain error")
    if math.isinf(y):
        return x
    size, step = abs(x), abs(y)
    below = math.fmod(size, step)
    above = step - below
    if below < above:
        rest = below
    elif below > above:
        rest = -above
    else:
        rest = below - 2.0 * math.fmod(0.5 * (size - below), step)
    return math.copysign(1.0, x) * rest


@implements("math.ulp")
def ulp(x):
    """Return the distance to the next float away from zero."""
    x = abs(float(x))
    if math.isnan(x) or math.isinf(x):
        return x
    following = math.nextafter(x, math.inf)
    return x - math.nextafter(x, -math.inf) if math.isinf(following) else following - x


@implements("math.isclose")
def isclose(a, b, *, rel_tol=1e-09, abs_tol=0.0):
    """Tell whether two numbers are close to each other."""
    return near(float(a), float(b), rel_tol, abs_tol)


@implements("cmath.isclose")
def complex_isclose(a, b, *, rel_tol=1e-09, abs_tol=0.0):
    """Tell whether two complex numbers are close to each other."""
    return near(complex(a), complex(b), rel_tol, abs_tol)


def near(a, b, rel_tol, abs_tol):
    """Tell whether the distance is within either tolerance; infinities are close to themselves alone."""
    if rel_tol < 0.0 or abs_tol < 0.0:
        raise ValueError("tolerances must be non-negative")
    if a == b:
        return True
    if math.isinf(abs(a)) or math.isinf(abs(b)):
        return False
    distance = abs(b - a)
    return distance <= abs(rel_tol * b) or distance <= abs(rel_tol * a) or distance <= abs_tol


# ---- of several numbers


@implements("math.prod")
def prod(iterable, *, start=1):
    """Return the start times all items, one after another."""
    result = start
    for x in iterable:
        result = result * x
    return result


@implements("math.dist")
def dist(p, q):
    """Return the distance between two points."""
    if len(p) != len(q):
        raise ValueError("both points must have the same number of dimensions")
    total = 0.0
    for x, y in zip(p, q):  # noqa: B905
        total = math.hypot(total, float(x) - float(y))
    return total


@implements("math.fsum")
def fsum(seq):
    """Return the sum, rounded once: partial sums that do not overlap are kept (Shewchuk, 1997).

    They are no more than the items, nor than half of the bits between the largest and the smallest float.
    """
    partials = np.empty(min(len(seq), 1100) + 1)
    n = 0
    special = infinities = 0.0
    for item in seq:
        x = float(item)
        kept = 0
        for j in range(n):
            y = partials[j].item()
            if abs(x) < abs(y):
                x, y = y, x
            high = x + y
            low = y - (high - x)
            if low != 0.0:
                partials[kept] = low
                kept += 1
            x = high
        if x == 0.0:
            n = kept
        elif math.isfinite(x):
            partials[kept] = x
            n = kept + 1
        else:
            if math.isfinite(float(item)):
                raise OverflowError("intermediate overflow in fsum")
            if math.isinf(float(item)):
                infinities += float(item)
            special += float(item)
            n = 0
    if special != 0.0:
        if math.isnan(infinities):
            raise ValueError("-inf + inf in fsum")
        return special
    return sum_of_partials(partials, n)


def sum_of_partials(partials, n):
    """Return the sum of the partial sums, smallest first: ties between two floats go to the even one."""
    if n == 0:
        return 0.0
    high, low = partials[n - 1].item(), 0.0
    n -= 1
    while n > 0 and low == 0.0:
        x, y = high, partials[n - 1].item()
        high = x + y
        low = y - (high - x)
        n -= 1
    if n > 0 and (low < 0.0 and partials[n - 1] < 0.0 or low > 0.0 and partials[n - 1] > 0.0):
        y = low * 2.0
        x = high + y
        if y == x - high:
            high = x
    return high
