"""Compiled reductions beyond tests/run: axes, result types, sizes around the blocks of the pairwise sum."""

import numpy as np
import pytest
from layouts import DTYPES, FLOAT_DTYPES, INT_DTYPES, layouts, name_of, numbers

from harness import check, check_all

RANDOM = np.random.default_rng(11).standard_normal(20000)


@pytest.mark.parametrize("name", layouts())
def test_along_each_axis(name):
    a = layouts()[name]
    check(lambda a: (a.sum(0), a.sum(1), np.sum(a, axis=-1), a.sum(axis=-2)), a, rtol=1e-14)
    check(lambda a: (a.prod(0), np.prod(a, 1), a.mean(0), np.mean(a, axis=1)), a, rtol=1e-14)
    check(lambda a: (a.min(0), a.max(1), np.min(a, axis=-1), np.amax(a, 0), np.amin(a, 1)), a)


@pytest.mark.parametrize("dtype", DTYPES, ids=name_of)
def test_along_an_axis_of_dtype(dtype):
    rows = [(numbers((3, 4), dtype),), (numbers((0, 4), dtype),), (numbers((3, 0), dtype),)]
    check_all(lambda a: (a.sum(0), a.sum(1)), rows)
    check_all(lambda a: (a.prod(0), a.prod(1)), [(numbers((3, 2), dtype),)])
    check_all(lambda a: (a.mean(0), a.mean(1)), rows, rtol=1e-7 if dtype is np.complex64 else 0)


def test_along_an_axis_of_three():
    a = numbers((2, 3, 5))
    check(lambda a: (a.sum(0), a.sum(1), a.sum(2), a.min(1), a.max(2), a.mean(-2)), a)
    check(lambda a: a.sum(1).copy(), a.transpose(2, 0, 1), rtol=1e-14)  # NumPy keeps the order of the axes
    check(lambda a: (a.sum(0), a.max(-1)), numbers(7))


def test_axis_out_of_range():
    check(lambda a: a.sum(2), numbers((3, 4)))
    check(lambda a: a.min(axis=-3), numbers((3, 4)))


def test_min_of_nothing_along_an_axis():
    check_all(lambda a: a.min(0), [(np.zeros((0, 3)),), (np.zeros((3, 0)),)])
    check_all(lambda a: np.max(a, axis=1), [(np.zeros((0, 3)),), (np.zeros((3, 0)),)])


@pytest.mark.parametrize("n", [7, 8, 9, 128, 129, 8191, 8192, 8193, 20000])
def test_sum_in_another_type(n):
    x = RANDOM[:n]
    check(lambda a: (a.sum(dtype=np.float32), np.sum(a, dtype=np.float64)), x)
    check(lambda a: (a.sum(dtype=np.float64), a.mean(dtype=np.float64)), x.astype(np.float32))
    check(lambda a: (a.mean(), a.sum(dtype=float)), (x * 1e15).astype(np.int64))


@pytest.mark.parametrize("n", [3, 4, 5, 63, 64, 65, 127, 128, 1000])
def test_complex_sum_adds_in_numpys_order(n):
    z = RANDOM[: 2 * n].view(np.complex128)
    check_all(lambda a: a.sum(), [(z,), (z.astype(np.complex64),), (z[::-1],)])


@pytest.mark.parametrize("dtype", FLOAT_DTYPES, ids=name_of)
def test_sum_of_contiguous_matrices(dtype):
    a = RANDOM[:6000].astype(dtype).reshape(60, 100)
    check_all(lambda a: (a.sum(), a.mean()), [(a,), (a.T,), (a.reshape(6, 10, 100),)])


@pytest.mark.parametrize("dtype", [*INT_DTYPES, *FLOAT_DTYPES], ids=name_of)
def test_min_and_max_of_many(dtype):
    a = (RANDOM * 40).astype(dtype)
    check_all(lambda a: (a.min(), a.max()), [(a[:n],) for n in (1, 7, 8, 9, 15, 16, 17, 100, 20000)])


def test_sum_of_strided_rows():
    a = RANDOM[:10000].reshape(100, 100)
    check_all(lambda a: a.sum(), [(a[:, ::2],), (a[::2].T,), (a[::-1, ::-3],)], rtol=1e-13)
