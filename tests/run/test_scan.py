"""Loops whose indices stay checked: they end where the data says, run out of the array, or wrap."""

import numpy as np
import pytest
from layouts import layouts, vectors

from harness import check, check_all

DTYPES = [np.float64, np.float32, np.int64, np.int8, np.uint16, np.bool_, np.complex128]


def up_to(a, value, i):
    while a[i] != value:
        i += 1
    return i


def down_to(a, value, i):
    while a[i] != value:
        i -= 1
    return i


def shift_down(a, i, rounds):
    """Stores at one index what it loads at another; each may wrap, and each may fail."""
    for _ in range(rounds):
        a[i] = a[i - 1]
        i -= 1
    return i


def sum_and_clear(a, i, value):
    total = a[0]
    while i < 100:
        total = total + a[i]
        a[i] = value
        i += 1
    return total


def rows_below(a, i, j, rounds):
    total = 0.0
    for _ in range(rounds):
        total += a[i, j]
        a[i, j] = total
        i -= 1
        j += 1
    return total


def partition(a, low, high, pivot):
    i = low
    j = high
    while i <= j:
        while a[i] < pivot:
            i += 1
        while pivot < a[j]:
            j -= 1
        if i <= j:
            a[i], a[j] = a[j], a[i]
            i += 1
            j -= 1
    return i, j


def scan_inside_try(a, value, i):
    steps = 0
    try:
        while a[i] != value:
            steps += 1
            i += 1
    except IndexError:
        return -steps
    return steps


def insertion(a):
    for i in range(1, len(a)):
        value = a[i]
        j = i - 1
        while j >= 0 and a[j] > value:
            a[j + 1] = a[j]
            j -= 1
        a[j + 1] = value


@pytest.mark.parametrize("dtype", DTYPES, ids=lambda dtype: dtype.__name__)
def test_scan_of_dtype(dtype):
    a = np.array([0, 0, 1, 0, 0, 0, 0]).astype(dtype)
    one, other = dtype(1), dtype(0)
    for scan in (up_to, down_to):
        check_all(scan, [(a, one, i) for i in (0, 6, -1, -7, -3, 3, 7, -8, 2**62, -(2**62))])
        check_all(scan, [(np.full(7, other), one, i) for i in (0, 6, -1, -7)])


@pytest.mark.parametrize("name", vectors())
def test_scan_of_layout(name):
    a = vectors()[name]
    last = a[-1] if a.size else 0.0
    for scan in (up_to, down_to):
        check_all(scan, [(a, last, i) for i in (0, -1, -a.size, a.size)])


@pytest.mark.parametrize("dtype", DTYPES, ids=lambda dtype: dtype.__name__)
def test_stores_before_the_failure_are_kept(dtype):
    a = np.arange(9).astype(dtype)
    check_all(shift_down, [(a.copy(), i, rounds) for i in (0, 8, -1, -8, 9) for rounds in (0, 1, 7, 9, 30)])
    check_all(sum_and_clear, [(a.copy(), i, dtype(1)) for i in (0, 3, -9, -4, 99, 100, -10)])


@pytest.mark.parametrize("name", layouts())
def test_two_indices(name):
    a = layouts()[name]
    check_all(
        rows_below, [(a.copy(order="K"), i, j, n) for i in (2, 0, -1) for j in (0, -4, -2) for n in (1, 4, 9)]
    )


def test_partition():
    a = np.random.default_rng(3).random(40)
    check_all(
        partition,
        [(a.copy(), low, high, 0.5) for low, high in [(0, 39), (-40, -1), (-40, 39), (0, -1), (5, 20)]],
    )
    check_all(partition, [(a.copy(), 0, 39, pivot) for pivot in (-1.0, 2.0, float("nan"))])


def test_scan_inside_try():
    a = np.arange(5)
    check_all(scan_inside_try, [(a, value, i) for value in (3, 9) for i in (0, -2, -5, -6, 5)])


@pytest.mark.parametrize(
    "dtype", [np.float64, np.float32, np.int64, np.uint8], ids=lambda dtype: dtype.__name__
)
def test_insertion(dtype):
    for n in (0, 1, 2, 50):
        check(insertion, (np.random.default_rng(n).random(n) * 100).astype(dtype))
