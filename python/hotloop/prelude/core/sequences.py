"""Python's min, max and sum over what is iterated: ranges and one-dimensional arrays.

Tuples are unrolled by inference and never come here.
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


@implements("builtins.sum")
def total(values, start):
    """Return `start` plus the values, added one after another."""
    result = start
    for x in values:
        result = result + x
    return result
