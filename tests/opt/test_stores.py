"""Stores under a condition that happen always: the same answers as CPython, with NaNs and overlaps too."""

import numpy as np
import pytest
from harness import check

from hotloop import njit

VALUES = np.array([0.0, -0.0, np.nan, 1.0, -1.0, np.inf, -np.inf, 2.5])


def smaller(a, b):
    for i in range(a.size):
        if b[i] < a[i]:
            a[i] = b[i]


def unless_positive(a, b):
    for i in range(a.size):
        if a[i] > 0:
            pass
        else:
            a[i] = 2 * b[i] + a[i]


def behind(a, b):
    for i in range(1, a.size):
        if a[i - 1] < a[i]:
            a[i] = a[i - 1]


def other_element(a, b):
    for i in range(a.size - 1):
        if b[i] < a[i + 1]:
            a[i] = b[i]


def divided(a, b):
    for i in range(a.size):
        if b[i] != 0:
            a[i] = a[i] // b[i]


def shortest(a, b):
    n = a.shape[0]
    for k in range(n):
        for i in range(n):
            for j in range(n):
                through = a[i, k] + b[k, j]
                if through < a[i, j]:
                    a[i, j] = through


FUNCTIONS = [smaller, unless_positive, behind, other_element]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_answers(function, dtype):
    a, b = (x.ravel().astype(dtype) for x in np.meshgrid(VALUES, VALUES))
    check(function, a, b)
    check(function, b, a)


@pytest.mark.parametrize("function", [*FUNCTIONS, divided])
def test_integers(function):
    rng = np.random.default_rng(1)
    check(function, rng.integers(-9, 9, 50), rng.integers(-9, 9, 50))


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("shift", [-1, 0, 1, 3])
def test_overlap(function, shift):
    """Both arguments in one memory: an element written is read later."""
    function = njit(strict=True)(function)
    plain = np.random.default_rng(2).standard_normal(30)
    compiled = plain.copy()
    function.py_func(plain[4:24], plain[4 + shift : 24 + shift])
    function(compiled[4:24], compiled[4 + shift : 24 + shift])
    assert plain.tobytes() == compiled.tobytes()


def test_nest():
    rng = np.random.default_rng(3)
    check(shortest, rng.random((9, 9)), rng.random((9, 9)))


def test_becomes_vectors():
    """A store under a condition would be a masked one."""
    function = njit(strict=True)(smaller)
    function(np.zeros(8), np.ones(8))
    assembly = function.inspect("asm")
    assert "vminpd" in assembly or "minpd" in assembly
    assert "{%k1}" not in assembly


def test_without_the_gil():
    """Another thread may write between: what the program does not write is not written."""
    function = njit(strict=True, nogil=True)(smaller)
    function(np.zeros(8), np.ones(8))
    loop = function.inspect("opt").partition("func @smaller.0.cold")[0]
    assert "select" not in loop
