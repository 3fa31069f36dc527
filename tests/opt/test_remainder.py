"""Remainders: an index around a period needs no division and no check; others of a size need no check."""

import itertools

import numpy as np
import pytest
from harness import check

from hotloop import njit

EDGES = [-(2**63), -(2**63) + 1, -7, -2, -1, 1, 2, 3, 7, 2**63 - 1]


def laplacian(a):
    n, m = a.shape
    out = np.empty_like(a)
    for i in range(n):
        for j in range(m):
            around = a[(i + 1) % n, j] + a[(i - 1) % n, j] + a[i, (j + 1) % m] + a[i, (j - 1) % m]
            out[i, j] = around - 4 * a[i, j]
    return out


def neighbours(a):
    total = 0
    n = len(a)
    for i in range(n):
        for step in (-1, 0, 1):
            total += i * a[(i + step) % n]
    return total


def buckets(keys, n):
    counts = np.zeros(n, np.int64)
    for key in keys:
        counts[int(key) % n] += 1
    return counts


def ring(a, steps):
    """Indices of NumPy's own int64, where % 0 is 0."""
    total = 0
    for i in range(len(a)):
        total += i * a[steps[i] % len(a)]
    return total


def two_further(a):
    total = 0
    for i in range(len(a)):
        total += i * a[(i + 2) % len(a)]
    return total


def by_decades(n):
    total = 0
    for i in range(10):
        total += (i + n) % 10 * i + (i + 5) % 10 * i
    return total


def living_neighbours(a, out):
    """Offsets from a constant range, whose length must be one number: the loops over it are short then."""
    n, m = a.shape
    for i in range(n):
        for j in range(m):
            for di in range(-1, 2):
                for dj in range(-1, 2):
                    if di != 0 or dj != 0:
                        out[i, j] += a[(i + di) % n, (j + dj) % m]


def opt_text(func, *args):
    compiled = njit(strict=True)(func)
    compiled(*args)
    text = compiled.inspect("opt")
    hot = text.split("func @")[1]  # not the cold copies
    return "\n".join(line for line in hot.splitlines() if ".source" not in line)  # a path may hold any word


@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (2, 2), (7, 3)])
def test_period(shape):
    check(laplacian, np.arange(shape[0] * shape[1], dtype=np.float64).reshape(shape) ** 2)
    check(neighbours, np.arange(shape[0]) ** 2)
    check(two_further, np.arange(shape[0]) ** 2)
    check(neighbours, np.arange(0))


@pytest.mark.parametrize("func", [laplacian, neighbours])
def test_period_needs_no_division(func):
    text = opt_text(func, np.ones((4,) * (2 if func is laplacian else 1)))
    assert " wrap " in text
    assert "floormod" not in text and "check" not in text


def test_period_from_offsets():
    check(living_neighbours, np.arange(12).reshape(3, 4) ** 2, np.zeros((3, 4), np.int64))
    text = opt_text(living_neighbours, np.ones((2, 3), np.int64), np.zeros((2, 3), np.int64))
    assert "floormod" not in text and "check" not in text
    assert text.count("poll") == 2  # of the loops over i and j


def test_what_may_lie_further_is_divided():
    """With one element i + 2 is two periods away."""
    text = opt_text(two_further, np.arange(5))
    assert "floormod" in text and " wrap " not in text


def test_constant_period():
    for n in (-13, 0, 4):
        check(by_decades, n)
    assert opt_text(by_decades, 4).count(" wrap ") == 1


def test_remainder_of_a_size_is_an_index():
    keys = np.array([5, -1, 12, 2**62, -(2**63), 0, 7])
    check(buckets, keys, 5)
    check(buckets, keys, 1)
    check(buckets, keys, 0)
    check(buckets, keys, -3)
    assert "check.index" not in opt_text(buckets, keys, 5)
    check(ring, np.arange(7), keys)
    assert "check.index 0 %" not in opt_text(ring, np.arange(7), keys)


def test_edges():
    for x, n in itertools.product(EDGES, EDGES):
        check(lambda x, n: x % n, x, n)
    check(lambda x, n: x % n, 5, 0)
    for x in EDGES:
        check(lambda x: (x % 7, x % 8, x % 1), x)


def test_in_a_range():
    def around(n, low, high):
        out = np.zeros((2, high - low), np.int64)
        for k in range(low, high):
            out[0, k - low] = k % n
            if -n <= k < 2 * n:
                out[1, k - low] = k % n
        return out

    for n in (1, 2, 5, -4):
        check(around, n, -12, 12)


def common_divisor(a, b):
    while b != 0:
        a, b = b, a % b
    return a


def common_divisors(x, y):
    """Of NumPy's own int64, where % 0 is 0."""
    out = np.zeros_like(x)
    for i in range(x.size):
        a = x[i]
        b = y[i]
        for _ in range(100):
            a, b = b, a % b
            if a == 0:
                break
            out[i] = a
    return out


def test_divisor_of_the_round_before():
    """The remainder of two that are not negative goes another way than that of others."""
    for x, n in itertools.product([*EDGES, 0, 12, 18, 2**40, 3 * 2**40], repeat=2):
        check(common_divisor, x, n)
    x = np.array([12, -12, 12, -12, 0, 5, -(2**63), 2**63 - 1, 7])
    with np.errstate(all="ignore"):
        check(common_divisors, x, np.array([18, 18, -18, -18, 4, 0, -1, -(2**63), -1]))
        check(common_divisors, x, x[::-1].copy())


@pytest.mark.parametrize("dtype", [np.int64, np.int32, np.int8, np.uint8])
def test_powers_of_two(dtype):
    x = np.array([0, 1, -1, 5, -5, 8, -8, 127, -128]).astype(dtype)

    def of_arrays(x):
        return x // 1, x % 1, x // 4, x % 4, x // 64, x % 64, np.fmod(x, 4)

    def of_elements(x):
        total = 0
        for i in range(x.size):
            total = 3 * total + x[i] // 2 + x[i] % 8 + np.fmod(x[i], 8)
        return total

    check(of_arrays, x)
    with np.errstate(over="ignore"):
        check(of_elements, x)
    assert "div" not in opt_text(lambda x: x[1] // 8 + x[2] % 8, x)
