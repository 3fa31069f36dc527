"""Further compiled functions of NumPy: any, var, cumsum, where, concatenate and the like."""

import numpy as np
import pytest
from layouts import DTYPES, FLOAT_DTYPES, INT_DTYPES, layouts, name_of, numbers

from harness import check, check_all

REAL = [*INT_DTYPES, *FLOAT_DTYPES]
X = np.random.default_rng(2).standard_normal(1000)


@pytest.mark.parametrize("dtype", DTYPES, ids=name_of)
def test_logic(dtype):
    rows = [
        (numbers((3, 4), dtype),),
        (np.zeros((3, 2), dtype),),
        (np.ones(40, dtype),),
        (np.zeros(0, dtype),),
    ]
    check_all(lambda a: (a.any(), a.all(), np.any(a), np.all(a), np.count_nonzero(a)), rows)
    check_all(lambda a: (a.any(0), np.all(a, axis=1)), rows[:2])


def test_array_equal():
    a, b = numbers((3, 4)), numbers((3, 4))
    b[2, 3] += 1
    rows = [
        (a, a),
        (a, b),
        (a, a[:2]),
        (a, a[0]),
        (np.zeros(0), np.zeros(0)),
        (np.array([np.nan]), np.array([np.nan])),
    ]
    check_all(lambda a, b: np.array_equal(a, b), rows)


def test_allclose():
    a = X[:20]
    b = np.array([1.0, np.nan, np.inf, -np.inf])
    rows = [(a, a * (1 + 1e-9)), (a, a + 1e-3), (b, b), (b, b[::-1]), (1.0, 1.0 + 1e-9), (a, 0.5)]
    check_all(
        lambda a, b: (np.isclose(a, b), np.allclose(a, b), np.allclose(a, b, rtol=1e-2, atol=0.1)), rows
    )
    check_all(lambda a, b: (np.isclose(a, b, equal_nan=True), np.allclose(a, b, equal_nan=True)), rows)
    check(lambda a, b: np.isclose(a, b), np.array([1, 2], np.uint8), np.array([2, 2], np.uint8))


@pytest.mark.parametrize("dtype", [np.bool_, *REAL], ids=name_of)
def test_variance(dtype):
    rows = [(numbers((3, 4), dtype),), ((X * 9).astype(dtype),)]
    check_all(lambda a: (a.var(), np.std(a), a.var(ddof=1)), rows)
    check_all(
        lambda a: (a.var(0), np.std(a, axis=1, ddof=1)), rows[:1], rtol=1e-7 if dtype is np.float32 else 1e-15
    )


def test_variance_of_complex_and_of_nothing():
    check(lambda a: (a.var(), a.std()), X.view(np.complex128), rtol=1e-14)
    check_all(lambda a: a.var(), [(np.zeros(0),), (np.ones(1),)])


@pytest.mark.parametrize("dtype", REAL, ids=name_of)
def test_ptp(dtype):
    check(lambda a: (np.ptp(a), np.ptp(a, 0), np.ptp(a, axis=1)), numbers((3, 4), dtype))


@pytest.mark.parametrize("dtype", DTYPES, ids=name_of)
def test_cumulative(dtype):
    rows = [(numbers((3, 4), dtype),), (numbers((2, 0), dtype),)]
    check_all(lambda a: (a.cumsum(), np.cumsum(a, 0), np.cumsum(a, axis=1), a.cumsum(-2)), rows)
    check_all(lambda a: (a.cumprod(), np.cumprod(a, axis=1)), [(numbers((2, 2), dtype),)])
    check_all(lambda a: np.cumsum(a, dtype=np.complex128), rows)


@pytest.mark.parametrize("dtype", DTYPES, ids=name_of)
def test_diff(dtype):
    check_all(
        lambda a: (np.diff(a), np.diff(a, 2)),
        [(numbers(7, dtype),), (numbers((3, 4), dtype),), (numbers(1, dtype),)],
    )
    check(lambda a: np.diff(a, 0), numbers(3, dtype))


def test_diff_of_negative_order():
    check(lambda a: np.diff(a, -1), numbers(3))


@pytest.mark.parametrize("dtype", [np.bool_, *REAL], ids=name_of)
def test_argmin_and_argmax(dtype):
    rows = [(a.astype(dtype),) for a in (numbers((3, 4)), numbers((3, 4)).T, X * 9, np.zeros(5))]
    check_all(lambda a: (a.argmin(), a.argmax(), np.argmin(a), np.argmax(a)), rows)


def test_argmin_of_nan_and_of_nothing():
    check_all(
        lambda a: (a.argmin(), a.argmax()), [(np.array([3, np.nan, 1, np.nan]),), (np.array([np.nan, 1]),)]
    )
    check_all(lambda a: a.argmin(), [(np.zeros(0),), (np.ones(1),)])
    check_all(lambda a: np.argmax(a), [(np.zeros((2, 0)),), (np.ones(1),)])


def test_searchsorted():
    a = np.sort(np.round(X[:50], 1))
    values = np.array([[-9, a[0], a[7]], [a[49], 9.0, np.nan]])
    check_all(
        lambda a, v: (np.searchsorted(a, v), np.searchsorted(a, v, side="right")),
        [(a, values), (a, 0.1), (a[:0], values)],
    )
    check(lambda a, v: np.searchsorted(a, v), np.arange(0, 20, 2), 7)


@pytest.mark.parametrize("name", layouts())
def test_clip(name):
    check(
        lambda a: (np.clip(a, -1, 1.5), a.clip(0.0, None), np.clip(a, None, 0), a.clip(max=0.5)),
        layouts()[name],
    )


def test_clip_into_an_array():
    check(lambda a, out: (np.clip(a, -1, 2, out), a.clip(0, 1, out=out) is out), numbers(6), np.zeros(6))


def test_clip_of_numbers():
    check_all(lambda x: np.clip(x, 0, 10), [(5,), (-3,), (2.5,), (np.int8(11),)])
    check(lambda x, low: np.clip(x, low, 1), 0.5, np.float32(0))


def test_clip_leaves_the_sign_of_a_zero():
    """Between two numbers; beside an array, and with one bound, NumPy takes the bound."""
    zeros = np.array([-0.0, 0.0, np.nan, 2.0, -2.0])
    bounds = [0, 0.0, -0.0, np.nan, -1.5, 1]
    rows = [
        (a, low, high) for a in (zeros, zeros.astype(np.float32), -0.0) for low in bounds for high in bounds
    ]
    check_all(lambda a, low, high: np.clip(a, low, high), rows)
    check(lambda a, low: (np.clip(a, low, 1.0), np.clip(a, 0.0, None)), zeros, np.zeros(5))


def test_where():
    a, b = numbers((3, 4)), numbers((3, 4), np.float32)
    rows = [
        (a > 0, a, b),
        (a > 0, a, 0),
        (a[0] > 0, 1, b),
        (a > 0, a[:, :1], b[0]),
        (a[:, :1] > 0, a[0], 2.5),
        (a > 0, 1, 2),
    ]
    check_all(lambda c, x, y: np.where(c, x, y), rows)
    check_all(
        lambda c, x, y: np.where(c, x, y), [(True, 1, 2.5), (a > 0, True, False), (a, a.astype(np.int8), 3)]
    )


def test_where_of_wrong_shapes():
    check(lambda c, x, y: np.where(c, x, y), np.ones(3), np.ones(4), np.ones((2, 3)))
    check(lambda c, x, y: np.where(c, x, y), np.ones(3), np.ones(4), 1)


def test_concatenate():
    a, b = numbers((2, 3)), numbers((2, 3), np.int32)
    check(
        lambda a, b: (np.concatenate((a, b)), np.concatenate((a, b, a), axis=1), np.concatenate((b,), -1)),
        a,
        b,
    )
    check(lambda a, b: np.concatenate((a, b), axis=2), numbers((1, 2, 2, 2)), numbers((1, 2, 1, 2)))
    check(lambda a, b: np.concatenate((a, b)), numbers(3), numbers(0))


def test_concatenate_of_wrong_shapes():
    check(lambda a, b: np.concatenate((a, b)), numbers((2, 3)), numbers((2, 4)))
    check(lambda a, b: np.concatenate((a, b)), numbers((2, 3)), numbers(3))
    check(lambda a, b: np.concatenate((a, b), axis=2), numbers((2, 3)), numbers((2, 3)))


def test_flip():
    check(lambda a: (np.flip(a), np.flip(a, 0), np.flip(a, -1), np.flipud(a), np.fliplr(a)), numbers((3, 4)))
    check(lambda a: (np.flip(a), np.flip(a, axis=1)), numbers((2, 3, 4)))


def test_roll():
    rows = [(numbers(5), 2), (numbers(5), -7), (numbers((2, 3)), 1), (numbers(0), 3)]
    check_all(lambda a, n: np.roll(a, n), rows)


@pytest.mark.parametrize("dtype", DTYPES, ids=name_of)
def test_diag_and_trace(dtype):
    check(lambda v: (np.diag(v), np.diag(v, 1), np.diag(v, k=-2)), numbers(3, dtype))
    check_all(
        lambda a: (np.trace(a), a.trace(1), a.trace(offset=-2), np.trace(a, 9)),
        [(numbers((3, 4), dtype),), (numbers((4, 3), dtype),)],
    )


@pytest.mark.parametrize("dtype", [d for d in DTYPES if d is not np.bool_], ids=name_of)
def test_products(dtype):
    a, b = numbers(4, dtype), numbers(4, dtype)[::-1]
    check(lambda a, b: (np.outer(a, b), np.inner(a, b), np.vdot(a, b)), a, b, rtol=1e-6)
    c = numbers((3, 4), dtype)
    check(
        lambda a, c: (np.inner(a, c), np.inner(c, a), np.inner(c, c), np.outer(c, a), np.vdot(c, c)),
        a,
        c,
        rtol=1e-6,
    )


@pytest.mark.parametrize("dtype", DTYPES, ids=name_of)
def test_norm(dtype):
    check(lambda a: (np.linalg.norm(a), np.linalg.norm(a[0])), numbers((3, 4), dtype), rtol=1e-6)
