"""Python's min, max and sum over what is iterated: ranges, one-dimensional arrays, generator expressions.

Tuples are unrolled by inference and never come here. Into a generator expression goes the step that takes
its next value; of min and max it begins with None.
"""

import sys

from .. import implements

if sys.version_info >= (3, 12):
    NO_MIN, NO_MAX = "min() iterable argument is empty", "max() iterable argument is empty"
else:
    NO_MIN, NO_MAX = "min() arg is an empty sequence", "max() arg is an empty sequence"


@implements("builtins.min")
def smallest(values):
    """Return the first of the smallest values."""
    if len(values) == 0:
        raise ValueError(NO_MIN)
    best = values[0]
    for x in values:
        if x < best:
            best = x
    return best


@implements("builtins.min.step")
def smaller(best, x):
    """Return a tuple of the smaller of the value in a tuple and another, the first if they are equal."""
    return (x,) if best is None or x < best[0] else best


@implements("builtins.min.found")
def smallest_found(best):
    """Return the last step's value, if there was one."""
    if best is None:
        raise ValueError(NO_MIN)
    return best[0]


@implements("builtins.max")
def largest(values):
    """Return the first of the largest values."""
    if len(values) == 0:
        raise ValueError(NO_MAX)
    best = values[0]
    for x in values:
        if x > best:
            best = x
    return best


@implements("builtins.max.step")
def larger(best, x):
    """Return a tuple of the larger of the value in a tuple and another, the first if they are equal."""
    return (x,) if best is None or x > best[0] else best


@implements("builtins.max.found")
def largest_found(best):
    """Return the last step's value, if there was one."""
    if best is None:
        raise ValueError(NO_MAX)
    return best[0]


@implements("builtins.sum")
def total(values, start):
    """Return `start` plus the values, added one after another."""
    result = start
    for x in values:
        result = result + x
    return result


@implements("builtins.sum.step")
def added(result, x):
    """Return the sum of two values."""
    return result + x
