"""Compiled arange, linspace and eye beyond tests/run: NumPy scalars as ends, further arguments."""

import numpy as np
import pytest
from layouts import DTYPES, name_of

from harness import check, check_all


def test_arange_of_numpy_scalars():
    check_all(lambda n: np.arange(n), [(np.uint64(4),), (np.float32(3.5),), (np.uint8(3),), (True,)])
    rows = [
        (np.float32(0), np.float32(1), np.float32(0.1)),
        (np.int64(1), np.uint64(5), np.int8(2)),
        (0, 1, np.float32(0.3)),
    ]
    check_all(lambda a, b, s: np.arange(a, b, s), rows)


@pytest.mark.parametrize("dtype", [d for d in DTYPES if d is not np.bool_], ids=name_of)
def test_arange_of_dtype(dtype):
    check_all(lambda n: np.arange(n, dtype=dtype), [(0,), (1,), (2,), (3,), (40,)])


def test_arange_wraps_in_memory():
    check(lambda: np.arange(300, dtype=np.int8))


def test_arange_of_bools():
    check_all(lambda n: np.arange(n, dtype=bool), [(0,), (1,), (2,), (3,)])


def test_arange_of_no_length():
    check_all(lambda b: np.arange(0.0, b), [(float("nan"),), (float("inf"),), (1e300,)])


def test_arange_that_underflows():
    check_all(lambda a, b, s: np.arange(a, b, s), [(0.0, 1e-320, 1e308), (0.0, -1e-320, 1e308)])


def test_arange_keywords():
    check(lambda: (np.arange(5, step=2), np.arange(1, stop=4), np.arange(1, None, 2)))


def test_linspace_of_numpy_scalars():
    rows = [(np.float32(0), np.float32(1)), (0, np.float32(1)), (np.int8(1), 3), (np.int64(1), np.float32(3))]
    check_all(lambda a, b: np.linspace(a, b, 7), rows)


def test_linspace_of_complex():
    check(lambda a, b: np.linspace(a, b, 4), 0, 3 + 1j)


def test_linspace_arguments():
    check_all(lambda a, b, n: np.linspace(a, b, n, endpoint=False), [(0.0, 1.0, 5), (0, 1, 1), (3, 4, 0)])
    check_all(lambda a, b, n: np.linspace(a, b, n, retstep=True), [(0.0, 1.0, 5), (0, 1, 1), (3, 4, 0)])
    check_all(lambda a, b, n: np.linspace(a, b, n, dtype=np.int64), [(0, 10, 7), (-3, 3, 7)])
    check_all(lambda a, b, n: np.linspace(a, b, n, dtype=np.float32), [(0, 10, 7)])


def test_eye_of_negative_size():
    check_all(lambda n: np.eye(n), [(-1,), (2,)])


@pytest.mark.parametrize("dtype", DTYPES, ids=name_of)
def test_identity(dtype):
    check_all(lambda n: (np.identity(n, dtype), np.eye(n, n + 1, 1, dtype)), [(0,), (3,)])
