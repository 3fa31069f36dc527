"""Methods and reductions: reshape, ravel, astype, fill, sum, prod, min, max, mean, dot and @."""

import numpy as np
import pytest
from layouts import DTYPES, FLOAT_DTYPES, INT_DTYPES, IN_K_ORDER, layouts, name_of, numbers, vectors

from harness import check, check_all

REAL_DTYPES = [np.bool_, *INT_DTYPES, *FLOAT_DTYPES]

# ---- Shape


def reshaped(a):
    return (
        a.reshape(12),
        a.reshape((2, 6)),
        a.reshape(3, 4),
        a.reshape(-1),
        a.reshape(2, -1),
        a.reshape((-1, 2, 3)),
        np.reshape(a, (4, 3)),
    )


@pytest.mark.parametrize("name", layouts())
def test_reshape(name):
    check(reshaped, layouts()[name])


def test_reshape_to_run_time_shape():
    rows = [(6, 2), (2, 6), (12, 1), (5, 2), (-1, 3), (4, -1), (-1, 5), (-1, -1), (0, 5), (-1, 0)]
    check_all(lambda a, n, m: a.reshape(n, m), [(numbers((3, 4)), n, m) for n, m in rows])
    check_all(lambda a, n: a.reshape(n, 2).shape, [(np.zeros(0), 0), (np.zeros(0), -1), (np.zeros(0), 3)])
    check_all(lambda a: (a.reshape(1), a.reshape((1, 1)), a.reshape(1)[0]), [(np.array(2.5),)])


def test_reshape_shares_memory():
    def write(a):
        b = a.reshape(-1)
        b[3] = 99.0
        return b

    check_all(write, [(a,) for name, a in layouts().items() if name in ("c", "f", "strided", "unaligned")])


@pytest.mark.parametrize("name", layouts())
def test_ravel(name):
    check(lambda a: (a.ravel(), np.ravel(a), a[1:].ravel(), a.T.ravel()), layouts()[name])


def test_ravel_of_dimensions():
    check_all(
        lambda a: a.ravel(),
        [(numbers(5),), (numbers(5)[::2],), (np.array(1.5),), (numbers((2, 3, 4)),), (np.zeros((3, 0)),)],
    )


# ---- Conversion


@pytest.mark.parametrize("target", DTYPES, ids=name_of)
def test_astype(target):
    sources = [numbers((2, 5), dtype) for dtype in DTYPES]
    if np.dtype(target).kind == "u":
        sources = [np.abs(a) for a in sources]
    if np.dtype(target).kind != "c":
        sources = [a for a in sources if a.dtype.kind != "c"]
    check_all(lambda a: a.astype(target), [(a,) for a in sources])


def test_astype_of_layouts():
    for name, a in layouts().items():
        check(lambda a: (a.astype(np.float32), a.astype(np.float64)), a, layout=name not in IN_K_ORDER)
    check_all(lambda a: a.astype(np.int64), [(numbers(5)[::-1],), (np.array(2.9),), (np.zeros((0, 2)),)])


def test_astype_wraps_and_truncates():
    a = np.array([0, 1, 127, 128, 255, 256, -1, -129, 2**31, -(2**40) - 3, 2**62 + 1])
    check(
        lambda a: (
            a.astype(np.int8),
            a.astype(np.uint8),
            a.astype(np.int16),
            a.astype(np.int32),
            a.astype(np.uint64),
        ),
        a,
    )
    check(
        lambda a: (a.astype(np.float32), a.astype(np.float64), a.astype(np.bool_), a.astype(np.complex64)), a
    )
    check(
        lambda a: (a.astype(np.int64), a.astype(np.int32), a.astype(np.bool_)),
        np.array([0.0, -0.9, 2.5, -2.5, 1e9, 0.1]),
    )


@pytest.mark.parametrize("dtype", DTYPES, ids=name_of)
def test_fill(dtype):
    check_all(
        lambda a, x: a.fill(x),
        [(numbers((2, 3), dtype), 1), (numbers(7, dtype)[::2], 1), (np.zeros(0, dtype), 1)],
    )


def test_fill_converts():
    check_all(
        lambda a, x: a.fill(x),
        [(numbers(3, np.int8), 300), (numbers(3, np.int8), 2.7), (numbers(3), 2), (numbers(3, np.uint8), -1)],
    )


# ---- Reductions


@pytest.mark.parametrize("dtype", DTYPES, ids=name_of)
def test_sum_and_prod(dtype):
    arrays = [
        numbers((3, 4), dtype),
        numbers(1, dtype),
        numbers(0, dtype),
        np.array(1, dtype),
        numbers(37, dtype),
    ]
    check_all(lambda a: (a.sum(), np.sum(a)), [(a,) for a in arrays])
    check_all(lambda a: (a.prod(), np.prod(a)), [(a.ravel()[:3],) for a in arrays])


@pytest.mark.parametrize("dtype", REAL_DTYPES, ids=name_of)
def test_min_and_max(dtype):
    arrays = [
        numbers((3, 4), dtype),
        numbers(1, dtype),
        np.array(1, dtype),
        numbers(100, dtype),
        numbers(9, dtype)[::-2],
    ]
    check_all(lambda a: (a.min(), a.max(), np.min(a), np.max(a)), [(a,) for a in arrays])


def test_min_and_max_of_nothing():
    check_all(lambda a: a.min(), [(np.zeros(0),), (np.zeros((0, 3), np.int8),)])
    check_all(lambda a: np.max(a), [(np.zeros(0),), (np.zeros((2, 0), np.int8),)])


@pytest.mark.parametrize("dtype", FLOAT_DTYPES, ids=name_of)
def test_min_and_max_of_special_values(dtype):
    rows = [
        [1, np.nan, 2],
        [np.nan],
        [np.inf, -np.inf],
        [-0.0, 0.0],
        [0.0, -0.0],
        [3, 2, 1, np.nan],
        [1.0] * 40 + [np.nan],
    ]
    check_all(
        lambda a: (np.isnan(a.min()), np.isnan(a.max()), a.min() == a.min()),
        [(np.array(r, dtype),) for r in rows],
    )
    check_all(lambda a: (a.min(), a.max()), [(np.array(r, dtype),) for r in rows if not {0.0} >= set(r)])


@pytest.mark.parametrize("dtype", DTYPES, ids=name_of)
def test_mean(dtype):
    check_all(
        lambda a: (a.mean(), np.mean(a)),
        [(numbers((3, 4), dtype),), (numbers(1, dtype),), (numbers(0, dtype),), (numbers(200, dtype),)],
    )


NUMBERS_TO_SUM = np.random.default_rng(5).standard_normal(3001)


@pytest.mark.parametrize("n", [1, 7, 8, 9, 127, 128, 129, 256, 1000, 3001])
def test_contiguous_sum_adds_in_numpys_order(n):
    check_all(
        lambda a: (a.sum(), a.mean()), [(NUMBERS_TO_SUM[:n],), (NUMBERS_TO_SUM[:n].astype(np.float32),)]
    )


def test_sum_of_layouts():
    check_all(
        lambda a: a.sum(),
        [(NUMBERS_TO_SUM[:3000].reshape(50, 60).T,), (NUMBERS_TO_SUM[::3],), (NUMBERS_TO_SUM[::-1],)],
        rtol=1e-10,
    )
    check_all(
        lambda a: (a.sum(), a.prod(), a.mean(), a.min(), a.max()),
        [(a,) for a in [*layouts().values(), *vectors().values()] if a.size],
        rtol=1e-13,
    )


def test_sum_of_complex():
    z = NUMBERS_TO_SUM[:3000].view(np.complex128)
    check_all(lambda a: (a.sum(), a.mean()), [(z,), (z[:5],), (z.astype(np.complex64),)], rtol=1e-5)
    check_all(lambda a: a.prod(), [(z[:6],)], rtol=1e-13)


def test_sum_of_small_ints_does_not_wrap():
    check_all(
        lambda a: (a.sum(), a.prod(), a.mean()),
        [(np.full(9, 100, np.int8),), (np.full(4, 255, np.uint8),), (np.full(7, True),)],
    )


# ---- Products

PRODUCTS = [
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((2,), (2, 3)),
    ((2, 3), (3, 4)),
    ((1, 5), (5, 1)),
    ((0,), (0,)),
    ((2, 0), (0, 3)),
    ((0, 3), (3, 2)),
]


def small(shape, dtype):
    """Small whole numbers, so that any order of additions gives the same sum."""
    values = (np.arange(int(np.prod(shape))) * 5 % 7 - 3).reshape(shape)
    return np.abs(values).astype(dtype) if np.dtype(dtype).kind in "ub" else values.astype(dtype)


@pytest.mark.parametrize(
    "dtype", [np.int16, np.uint8, np.float16, np.float32, np.complex64, np.bool_], ids=name_of
)
def test_dot_of_numbers(dtype):
    """A Python number is made an array of its own there, so it is not weak."""
    rows = [(np.ones(2, dtype), n) for n in (2, 2.5, 1j, True)]
    check_all(lambda a, n: (np.dot(a, n), np.dot(n, a), a.dot(n), np.dot(a[0], n), np.dot(n, n)), rows)


@pytest.mark.parametrize(
    "dtype", [np.float64, np.float32, np.complex128, np.complex64, np.int64, np.int32, np.uint8], ids=name_of
)
def test_dot_and_matmul(dtype):
    rows = [(small(a, dtype), small(b, dtype)) for a, b in PRODUCTS]
    check_all(lambda a, b: (np.dot(a, b), a @ b, a.dot(b)), rows)


def test_products_of_layouts():
    arrays = [numbers((6, 6)), numbers((6, 6)).T, numbers((12, 12))[::2, ::-2], numbers((6, 12))[:, ::2]]
    check_all(
        lambda a, b: (a @ b, a @ b[0], a[0] @ b, a[:, 1] @ b[2]),
        [(a, b) for a in arrays for b in arrays],
        rtol=1e-13,
    )


def test_products_of_larger():
    random = np.random.default_rng(3)
    a, b = random.standard_normal((40, 70)), random.standard_normal((70, 30))
    check(lambda a, b: (a @ b, np.dot(a, b), a @ b[:, 0], np.dot(a[0], b)), a, b, rtol=1e-13)
    check(lambda a, b: (a @ b, np.dot(a, b)), a.astype(np.float32), b.astype(np.float32), rtol=1e-5)


def test_products_of_mixed_dtypes():
    check_all(
        lambda a, b: (a @ b, np.dot(a, b)),
        [(small((2, 3), np.float32), small(3, np.float64)), (small(3, np.int32), small((3, 2), np.float64))],
    )


def dot_into(a, b, out):
    return np.dot(a, b, out) is out, np.dot(a, b, out=None)


def matmul_into(a, b, out):
    return np.matmul(a, b, out=out) is out


def test_products_into_an_array():
    a = numbers((3, 3))
    check_all(
        dot_into, [(a, a, np.zeros((3, 3))), (a, a[0], np.zeros(3)), (a, a, a), (a, a, np.zeros((3, 4)))]
    )
    check_all(
        matmul_into, [(a, a, np.zeros((3, 3))), (a, a[0], np.zeros(6)[::2]), (a, a, np.zeros((3, 3), "f4"))]
    )


def test_products_of_wrong_shapes():
    rows = [
        (numbers(3), numbers(4)),
        (numbers((2, 3)), numbers(2)),
        (numbers(3), numbers((2, 3))),
        (numbers((2, 3)), numbers((2, 3))),
    ]
    check_all(lambda a, b: np.dot(a, b), rows)
    check_all(lambda a, b: a @ b, rows)


def test_product_into_slices():
    def step(a, x, n):
        for _ in range(n):
            x[1:] = a @ x[1:]
            x[0] = x[1:] @ x[1:]
        return x

    check(step, small((3, 3), np.float64) / 4, small(4, np.float64), 5)
