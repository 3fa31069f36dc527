"""Loops that add to elements of an array: fast where the arrays overlap nowhere, right where they do."""

import re

import numpy as np
import pytest
from harness import check

from hotloop import njit


def product(y, a, x):
    for i in range(y.size):
        for j in range(x.size):
            y[i] += a[i, j] * x[j]


def product_by_columns(y, a, x):
    for i in range(a.shape[0]):
        for j in range(x.size):
            y[0] += a[i, j] * x[j]
            y[1] -= a[i, 0] * x[j]


def complex_sums(y, a, x):
    for i in range(y.size):
        for j in range(x.size):
            y[i] = y[i] + a[i, j] * x[j]


def three_outputs(y, a, x):
    for i in range(y.size):
        for j in range(x.size):
            y[i] += a[i, j]
            x[j] += y[i]
            a[i, 0] += x[0]


FUNCTIONS = [product, product_by_columns, complex_sums, three_outputs]
every_function = pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)


def numbers(*shape):
    return np.random.default_rng(3).standard_normal(shape)


@every_function
def test_asks(function):
    """The test is there, else nothing below shows anything."""
    function = njit(strict=True)(function)
    function(numbers(3), numbers(3, 4), numbers(4))
    assert "array.apart" in function.inspect("opt")


@every_function
@pytest.mark.parametrize("dtype", ["f8", "f4", "i4", "c16"])
def test_apart(function, dtype):
    y, a, x = (numbers(*shape).astype(dtype) for shape in [(5,), (5, 9), (9,)])
    check(function, y, a, x)
    check(function, y[::-1], np.asfortranarray(a), x[::-2])
    check(function, y, a[:, 1:8], x[:7])


@every_function
def test_empty(function):
    check(function, numbers(0), numbers(0, 3), numbers(0))
    check(function, numbers(2), numbers(2, 3)[:, :0], numbers(0))


@every_function
def test_too_long(function):
    """IndexError in the middle, what was added before stays."""
    check(function, numbers(5), numbers(4, 9), numbers(9))
    check(function, numbers(5), numbers(5, 8), numbers(9))


def places(memory):
    """Arguments in one memory: x in y, y in a, backwards, side by side."""
    a = memory[:36].reshape(6, 6)
    return [
        (memory[40:46], a, memory[43:49]),
        (memory[43:49], a, memory[40:46]),
        (memory[40:46], a, memory[40:46]),
        (memory[40:46], a, memory[45:39:-1]),
        (a[2], a, memory[40:46]),
        (a[:, 1], a, memory[40:46]),
        (memory[35:41], a, memory[50:56]),
        (memory[36:42], a, memory[42:48]),
        (memory[36:48:2], a, memory[37:49:2]),
    ]


@every_function
@pytest.mark.parametrize("place", range(9))
def test_overlap(function, place):
    function = njit(strict=True)(function)
    plain = numbers(60)
    compiled = plain.copy()
    function.py_func(*places(plain)[place])
    function(*places(compiled)[place])
    assert plain.tobytes() == compiled.tobytes()


def test_sum_stays_in_a_register():
    """No store between the multiplications of the inner loop."""
    function = njit(strict=True)(product)
    function(numbers(3), numbers(3, 4), numbers(4))
    blocks = function.inspect("llvm_opt").split("\n\n")
    loops = [block for block in blocks if re.search(r"fmul.*fadd", block, re.DOTALL) and "br i1" in block]
    assert loops
    assert not any("store double" in block for block in loops if "phi double" in block)
