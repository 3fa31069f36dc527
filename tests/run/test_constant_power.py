"""Powers with a constant exponent, which are products and roots instead of calls of pow."""

import numpy as np
import pytest
from harness import check

from hotloop import njit

SPECIAL = [0.0, -0.0, 1.0, 2.5, 1e-310, 5e-324, 1e200, float("inf"), float("-inf"), float("nan")]


def root(x):
    return x**0.5


@pytest.mark.parametrize("x", SPECIAL)
def test_root_of_a_number(x):
    check(root, x)


def test_root_of_a_negative_number_is_left_to_python():
    assert njit(root)(-4.0) == (-4.0) ** 0.5


def roots(a):
    return a**0.5


@pytest.mark.parametrize("dtype", ["f8", "f4"])
def test_root_of_an_array(dtype):
    check(roots, np.array([0.0, 1.0, 2.5, 7.0, np.inf, np.nan], dtype))


def cubes(a):
    return a**3


def fourths(a):
    return a**4


def inverses(a):
    return a**-1


@pytest.mark.parametrize("power", [cubes, fourths, inverses])
def test_small_exponents_of_an_array(power):
    check(power, np.array(SPECIAL[2:]), ulp=2)
    check(power, np.linspace(-3, 3, 100).reshape(4, 25), ulp=2)


def integers(i):
    return i**1, i**5, i**13, i**31, i**64


@pytest.mark.parametrize("i", [0, 1, -1, 3, -2])
def test_integers_wrap(i):
    wide = [i**1, i**5, i**13, i**31, i**64]
    check(integers, i, expect=tuple((n + 2**63) % 2**64 - 2**63 for n in wide))


def by_numbas_rules(x):
    return x**6, x**12, x**-3, x**0.5


@pytest.mark.parametrize("x", [1.7, -0.3, 1e60, 0.0, float("-inf")])
def test_numbas_rules_multiply_out(x):
    """Numba's own bits: the squares of squares that the exponent's bits ask for."""
    square = x * x
    fourth = square * square
    cube = x * square
    expected = square * fourth, fourth * (fourth * fourth), 1 / cube if x else float("inf"), x**0.5
    found = njit(by_numbas_rules, semantics="numba", strict=True)(x)
    np.testing.assert_array_equal(found[:3], expected[:3])
    if x >= 0:
        assert found[3] == expected[3]


def test_numbas_rules_in_arrays():
    a = np.linspace(0.1, 4, 37)
    square = a * a
    found = njit(lambda a: a**6, semantics="numba", strict=True)(a)
    np.testing.assert_array_equal(found, square * (square * square))
