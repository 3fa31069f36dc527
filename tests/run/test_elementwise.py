"""Expressions of whole arrays and scalars: operators, comparisons, broadcasting, dtypes, wrong shapes."""

import numpy as np
import pytest
from layouts import (
    COMPLEX_DTYPES,
    DTYPES,
    FLOAT_DTYPES,
    INT_DTYPES,
    IN_K_ORDER,
    layouts,
    name_of,
    numbers,
    vectors,
)

from harness import check, check_all

NUMBERS = [t for t in DTYPES if t is not np.bool_]


def positive(shape, dtype=np.float64):
    """Values that may divide."""
    return (np.abs(numbers(shape, dtype)) + 1).astype(dtype)


@pytest.mark.parametrize("dtype", NUMBERS, ids=name_of)
def test_arithmetic(dtype):
    a, b = numbers((3, 4), dtype), positive((3, 4), dtype)
    check(lambda a, b: (a + b, a - b, a * b), a, b)
    check(lambda a, b: a / b, a, b, ulp=2 if np.dtype(dtype).kind == "c" else 0)
    if np.dtype(dtype).kind != "c":
        check(lambda a, b: (a // b, a % b), a, b)
    check_all(lambda a: (-a, +a, abs(a)), [(a,), (a[0],), (a[:0],)], ulp=2)


@pytest.mark.parametrize("dtype", DTYPES, ids=name_of)
def test_comparison(dtype):
    a, b = numbers((3, 4), dtype), numbers((4, 3), dtype).reshape(3, 4)[::-1]
    check(lambda a, b: (a == b, a != b), a, b)
    if np.dtype(dtype).kind != "c":
        check(lambda a, b: (a < b, a <= b, a > b, a >= b), a, b)


@pytest.mark.parametrize("dtype", INT_DTYPES, ids=name_of)
def test_bits(dtype):
    a, b = numbers(9, dtype), positive(9, dtype) % 5
    check(lambda a, b: (a & b, a | b, a ^ b, a << b, a >> b, ~a), a, b.astype(dtype))


def test_bool_arrays():
    a, b = numbers(9, np.bool_), numbers(9, np.bool_)[::-1]
    check(lambda a, b: (a & b, a | b, a ^ b, ~a, a == b, a + b, a * b, a < b), a, b)
    check(lambda a, x: ((a > x) & (a < 2.0), (a < x) | ~(a == 1.0)), numbers(9), 0.5)


@pytest.mark.parametrize("dtype", DTYPES, ids=name_of)
def test_with_python_number(dtype):
    a = numbers((2, 3), dtype)
    check(lambda a: (a + 1, 2 * a, a / 2, a * 0.5, 1.5 - a, a == 1, a + 1j), a)
    if np.dtype(dtype).kind != "b":
        check(lambda a: (a - 3, 3 - a, a**2), a, ulp=2)


@pytest.mark.parametrize("dtype", NUMBERS, ids=name_of)
def test_with_numpy_scalar(dtype):
    a = numbers(5, dtype)
    check_all(
        lambda a, x: (a + x, x * a, a == x),
        [(a, kind(2)) for kind in (np.int8, np.uint16, np.int64, np.float32, np.float64, np.complex64)],
    )


@pytest.mark.parametrize(
    "first", [np.bool_, np.int8, np.uint8, np.int32, np.uint64, np.int64, np.float32, np.float64], ids=name_of
)
def test_mixed_dtypes(first):
    others = [np.bool_, np.int16, np.uint8, np.int64, np.uint64, np.float32, np.float64, np.complex64]
    check_all(lambda a, b: (a + b, a * b, a == b), [(numbers(5, first), numbers(5, b)) for b in others])


def test_division_by_zero_is_numpys():
    a, zero = np.array([1.0, -1.0, 0.0, np.nan]), np.array([0.0, -0.0, 0.0, 0.0])
    check(lambda a, b: (a / b, a // b, a % b), a, zero)
    check(lambda a, b: (a // b, a % b), np.array([7, -7, 0]), np.array([0, 0, 0]))
    check(lambda a: (a / 0, a // 0, 1 / a, 1 // (a - a)), np.array([1, 2, 0]))
    check(lambda a, b: (a // b, a % b), np.array([-(2**63), 5]), np.array([-1, -1]))


def test_special_values():
    a = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 5e-324, 1e308])
    check_all(
        lambda a, b: (a + b, a - b, a * b, a / b, a // b, a % b, a < b, a == b, a != b),
        [(a, x) for x in (a, a[::-1], 0.0, -1.5, np.inf)],
    )


# ---- Layouts and broadcasting


@pytest.mark.parametrize("name", layouts())
def test_layout(name):
    a = layouts()[name]
    own = name not in IN_K_ORDER
    check_all(lambda a, b: a * 2.0 + b, [(a, a), (a, 3.0)], layout=own)
    check_all(lambda a, b: a * 2.0 + b, [(a, numbers(4)), (a, numbers((3, 1)))], layout=own and name != "f")
    check(lambda a: (a + 1, a > 0, -a, a.T * a.T), a, layout=own)


def test_layouts_together():
    names = ("c", "f", "strided", "negative", "readonly", "unaligned")
    arrays = [layouts()[name] for name in names]
    check_all(lambda a, b: (a + b).sum(), [(a, b) for a in arrays for b in arrays], rtol=1e-14)


SHAPES = [
    ((4,), (4,)), ((3, 4), (4,)), ((4,), (3, 4)), ((3, 1), (4,)), ((3, 1), (1, 4)), ((2, 3, 4), (3, 4)),
    ((2, 1, 4), (3, 1)), ((1,), (5,)), ((5,), (1,)), ((1, 1), (3, 4)), ((0,), (1,)), ((0, 4), (4,)),
    ((3, 0), (3, 1)), ((2, 3), (1,)), ((), (3,)), ((), ()),
]  # fmt: skip


@pytest.mark.parametrize("first, second", SHAPES)
def test_broadcast(first, second):
    check(lambda a, b: (a + b, a < b), numbers((*first, 1))[..., 0], numbers((*second, 1))[..., 0])


WRONG_SHAPES = [
    ((3,), (4,)),
    ((3, 4), (3,)),
    ((2, 3), (3, 2)),
    ((0,), (2,)),
    ((2, 1, 3), (2, 2)),
    ((3, 4), (2, 1, 1, 5)),
]


@pytest.mark.parametrize("first, second", WRONG_SHAPES)
def test_shapes_that_do_not_fit(first, second):
    check(lambda a, b: a + b, numbers(first), numbers(second))
    check(lambda a, b: a * 2 + b > 1, numbers(first), numbers(second))


def test_three_shapes_that_do_not_fit():
    check_all(
        lambda a, b, c: a + b + c,
        [
            (numbers(3), numbers(3), numbers(4)),
            (numbers(3), numbers(4), numbers(3)),
            (numbers(2), numbers(1), numbers(3)),
        ],
    )


# ---- Longer expressions

EXPRESSIONS = {
    "axpy": lambda a, b, c: a * 2.0 + b - c / 3.0,
    "polynomial": lambda a, b, c: ((a * b + c) * a - 1.0) * b + 0.5,
    "ternary masks": lambda a, b, c: (a > b) * c + (a <= b) * 2.0,
    "used twice": lambda a, b, c: (a + b) * (a + b) - (a + b),
    "negated": lambda a, b, c: -(-a - -b) * -c,
    "scalars apart": lambda a, b, c: a * (2.0 * 3.0) + (1.0 - 4.0) * b + c * a[0] + b[-1],
    "compare sums": lambda a, b, c: (a + b > c - b) & (a * a < 4.0),
    "reversed": lambda a, b, c: a[::-1] + b[::2].sum() * c,
    "slices": lambda a, b, c: a[1:] * b[:-1] + c[1:] * 0.5,
    "powers": lambda a, b, c: a**2 + b**3 - c * c,
}


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_expression(name):
    a, b, c = numbers(10), numbers(10)[::-1].copy(), positive(10)
    check(EXPRESSIONS[name], a, b, c, ulp=4)
    check(EXPRESSIONS[name], a[::2], b[::2], c[1::2], ulp=4)
    check(EXPRESSIONS[name], a.astype(np.float32), b.astype(np.float32), c.astype(np.float32), ulp=8)


@pytest.mark.parametrize("n", [0, 1, 3, 4, 5, 15, 16, 17, 63, 64, 65, 1000])
def test_lengths(n):
    def mixed(a, b):
        c = a * 2.0 + b
        c[:] = c - a / 3.0
        return c, c > b

    check(mixed, numbers(n), numbers(n)[::-1])
    check(mixed, numbers(n, np.float32), numbers(n))


def test_into_slices():
    def into(a, b):
        a[1:-1] = a[:-2] * 0.5 + b[2:] * 0.25
        a[::2] = -a[::2]
        a[...] = a + b
        return a

    check_all(
        into,
        [
            (numbers(9), numbers(9)),
            (numbers(9)[::-1], numbers(9, np.int16)),
            (numbers(9, np.float32), numbers(9)),
        ],
    )


def test_in_loops():
    def relax(u, steps):
        for _ in range(steps):
            u[1:-1, 1:-1] = (u[:-2, 1:-1] + u[2:, 1:-1] + u[1:-1, :-2] + u[1:-1, 2:]) * 0.25
        return u.sum()

    check_all(relax, [(numbers((6, 7)), 3), (numbers((6, 7)).T, 3), (numbers((2, 2)), 1)], rtol=1e-14)


def test_intermediates_are_arrays():
    def steps(a, b):
        t = a + b
        u = t * t
        t[0] = 100.0
        v = u - t
        return t, u, v, u is t

    check(steps, numbers(5), numbers(5))


def test_name_bound_to_either():
    def either(flag, a):
        x = a + 1 if flag else a
        x[0] = 50.0
        return x, a

    check_all(either, [(True, numbers(4)), (False, numbers(4))])


@pytest.mark.parametrize("dtype", [*FLOAT_DTYPES, *COMPLEX_DTYPES], ids=name_of)
def test_rows_of_a_matrix(dtype):
    def orthogonal(a):
        for i in range(a.shape[0]):
            for j in range(i):
                a[i] = a[i] - (a[i] * a[j]).sum() * a[j]
            a[i] = a[i] * 0.5
        return a

    check(orthogonal, numbers((3, 4), dtype) / 8, rtol=1e-5)


def test_elements_of_an_expression():
    check_all(
        lambda a, b, i: ((a + b)[i], (a * 2)[1:][i], (a > b)[i], (a + b).shape),
        [(numbers(5), numbers(5), 2), (numbers(5), numbers(5), 5)],
    )


def test_reductions_of_an_expression():
    check_all(
        lambda a, b: ((a * b).sum(), (a - b).max(), (a > b).sum(), (a + b).mean(), (a * a).prod()),
        [(numbers(9), numbers(9)[::-1])],
        rtol=1e-14,
    )


def test_vectors_of_each_layout():
    for a in vectors().values():
        check(lambda a: (a * a + 1.0, a > 0.5, 2.0 / (a * a + 1.0)), a)


def test_python_int_out_of_range():
    check_all(
        lambda a, n: a + n,
        [
            (numbers(3, np.uint8), 256),
            (numbers(3, np.int8), -129),
            (numbers(3, np.uint8), 7),
            (numbers(3, np.int64), 2**40),
        ],
    )
    check_all(lambda a, n: a < n, [(numbers(3, np.uint8), 256), (numbers(3, np.uint8), -1)])


def test_integer_power():
    check_all(
        lambda a, n: a**n, [(numbers(5, np.int64), 3), (numbers(5, np.int16), 2), (numbers(5, np.int64), -1)]
    )
