"""type(x): a class that is called and compared."""

# ruff: noqa: E721 -- comparing types is what is tested

import numpy as np
import pytest
from harness import check

NUMBERS = [1.5, 3, True, 2j, np.float32(2), np.float64(3), np.int8(3), np.uint64(3), np.complex64(1j)]


def makes_a_number(x):
    return type(x)(1)


def keeps_the_kind(x):
    T = type(x)
    return T(2) * (T(1) + x)


def compared(x):
    same = type(x) is float, type(x) == int, type(x) is np.float32, type(x) != bool, type(x) == np.ndarray
    return same, type(x) is type(1.0), type(x) is tuple, isinstance(1.5, type(x))


@pytest.mark.parametrize("f", [makes_a_number, keeps_the_kind, compared])
@pytest.mark.parametrize("x", NUMBERS, ids=repr)
def test_numbers(f, x):
    check(f, x)


def branches(x):
    if type(x) is list:
        return len(x)
    if type(x) == np.ndarray:
        return x.sum()
    return x[0] + x[1] if type(x) is tuple else -1.0


@pytest.mark.parametrize("x", [[1, 2], np.ones(3), (1, 2.5), 4], ids=["list", "array", "tuple", "int"])
def test_branches_fall_away(x):
    check(branches, x)
