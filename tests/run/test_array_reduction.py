"""Reductions of array expressions in one pass: NumPy's bits where elements lie in one order; its errors."""

import numpy as np
import pytest
from layouts import DTYPES, name_of, numbers

from harness import check, check_all

RANDOM = np.random.default_rng(5)
LENGTHS = [0, 1, 5, 8, 100, 127, 128, 129, 1000, 10007]
A = RANDOM.standard_normal((30, 40))

ROWS = {
    "squares": lambda a, b: np.sum((a - b) ** 2),
    "mean": lambda a, b: ((a * b).mean(), np.mean(a + 1)),
    "counts": lambda a, b: ((a > 0).sum(), np.any(a > b), np.all(a < 9), (a > b).any()),
    "complex": lambda a, b: (np.sum(a * 1j), (a * (1 + 1j)).mean()),
    "float32": lambda a, b: (a.astype(np.float32) + np.float32(1)).sum(),
    "backwards": lambda a, b: np.sum(a[::-1] * b),
    "stretched": lambda a, b: np.sum(a * b[:1]),
    "where": lambda a, b: np.mean(np.where(a > b, a, b)),
    "clip": lambda a, b: np.sum(np.clip(a * 2, -1, b)),
    "with its length": lambda a, b: len(a + b) + np.sum(a + b),
}


@pytest.mark.parametrize("name", ROWS)
def test_of_vectors(name):
    rows = [(RANDOM.standard_normal(n), RANDOM.standard_normal(n)) for n in LENGTHS]
    check_all(ROWS[name], rows)


@pytest.mark.parametrize("n", LENGTHS)
def test_extremes(n):
    a, b = RANDOM.standard_normal(n), RANDOM.standard_normal(n)
    check(lambda a, b: (np.max(a - b), (a * b).min(), np.max(np.abs(a))), a, b)


@pytest.mark.parametrize("dtype", DTYPES, ids=name_of)
def test_dtypes(dtype):
    check_all(
        lambda a, b: (np.sum(a * b), (a == b).sum()), [(numbers((300,), dtype), numbers((300,), dtype)[::-1])]
    )


def test_of_matrices():
    rows = [(A, A + 1), (A.T, A.T), (np.asfortranarray(A), np.asfortranarray(A)), (A[:0], A[:0])]
    check_all(lambda a, b: ((a * b).sum(), np.mean(a - b)), rows)
    rows = [(A, A[0]), (A, A[:1]), (A, A[:, :1]), (A, A[:, ::2]), (A, A[:7])]
    check_all(lambda a, b: (a * b).sum(), rows, rtol=1e-13)


def test_the_array_is_used_as_well():
    def both(a, b):
        d = a - b
        s = d.sum()
        a[0] = 7
        return s, d, (d * d).sum(), np.sum(a * 2)

    check(both, A[0], A[1])


def test_in_a_loop():
    def rounds(a, b):
        s = 0.0
        for i in range(3):
            s += np.sum((a - b) * i)
            a[i] += s
        return s

    check(rounds, A[0], A[1])


def test_shapes_that_do_not_fit():
    check_all(lambda a, b: np.sum(a * b), [(A[0], A[1, :7]), (A, A[:, :7]), (A[0], A[1, :1])])


def test_shape_of_an_operation():
    check(lambda a, b: ((a + b).shape, (a * b).size, len(a - b)), A, A[:1])


FROZEN = np.arange(10.0)


def test_frozen_array():
    check(lambda: (np.sum(FROZEN), FROZEN.reshape(2, 5).sum(), np.sum(FROZEN * 2), FROZEN[::2].mean()))


def test_powers_by_constants():
    check(lambda a: (a**2, a**3, a**-1, a**0), A, ulp=2)
    check(lambda a: (a[0] ** 2, np.float32(a[0]) ** 2, 2 ** a[0]), A[0], ulp=2)
