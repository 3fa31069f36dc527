"""NumPy 2's promotion: Python's numbers are weak, NumPy's scalars are not; integers wrap in their width."""

import numpy as np
import pytest
from layouts import COMPLEX_DTYPES, DTYPES, FLOAT_DTYPES, INT_DTYPES, name_of, numbers

from harness import check, check_all

NUMBERS = [t for t in DTYPES if t is not np.bool_]
REALS = [*INT_DTYPES, *FLOAT_DTYPES]


@pytest.mark.parametrize("dtype", NUMBERS, ids=name_of)
def test_with_python_int(dtype):
    check_all(
        lambda x: (x + 2, 2 + x, x * 3, x - 1, 5 - x, x / 2, 7 / x, x == 3, 3 != x),
        [(dtype(3),), (dtype(100),)],
    )
    if np.dtype(dtype).kind != "c":
        check_all(
            lambda x: (x // 2, x % 2, 17 // x, 17 % x, x < 4, 4 >= x, divmod(x, 3)),
            [(dtype(3),), (dtype(100),)],
        )
        check_all(lambda x: (x**2, 2**x, x**1), [(dtype(3),), (dtype(5),)], ulp=2)


@pytest.mark.parametrize("dtype", DTYPES, ids=name_of)
def test_with_python_float(dtype):
    check_all(
        lambda x: (x + 2.5, 2.5 + x, x * 0.1, x - 1.0, x / 2.0, 0.5 / x, x == 1.0), [(dtype(1),), (dtype(3),)]
    )


@pytest.mark.parametrize("dtype", DTYPES, ids=name_of)
def test_with_python_complex_and_bool(dtype):
    check_all(lambda x: (x + 2j, x * 1j, 1j - x, x == 1j), [(dtype(1),), (dtype(3),)])
    check_all(lambda x: (x + True, x * True, x == True), [(dtype(1),), (dtype(3),)])


@pytest.mark.parametrize("dtype", NUMBERS, ids=name_of)
def test_unary(dtype):
    check_all(lambda x: (+x, -x, abs(x), not x, bool(x)), [(dtype(3),), (dtype(0),)])
    if np.dtype(dtype).kind in "iu":
        check_all(
            lambda x: (~x, int(x), float(x), complex(x), -x), [(dtype(3),), (dtype(np.iinfo(dtype).min),)]
        )
    if np.dtype(dtype).kind == "f":
        check_all(lambda x: (int(x), float(x), complex(x), round(x)), [(dtype(3.5),), (dtype(-2.5),)])


def test_bool():
    check_all(
        lambda x, y: (x & y, x | y, x ^ y, x + y, x * y, ~x, x == y, x < y),
        [(np.bool_(a), np.bool_(b)) for a in (0, 1) for b in (0, 1)],
    )
    check_all(
        lambda x: (x + 1, x * 2.0, 3 - x, x / 2, x & True, x + np.int8(1), x * np.float32(2)),
        [(np.bool_(True),), (np.bool_(False),)],
    )


@pytest.mark.parametrize("first", DTYPES, ids=name_of)
def test_numpy_with_numpy(first):
    check_all(lambda x, y: (x + y, x * y), [(first(1), b(2)) for b in DTYPES])


@pytest.mark.parametrize("first", REALS, ids=name_of)
def test_numpy_with_numpy_of_numbers(first):
    check_all(lambda x, y: (x - y, x / y, x // y, x % y, x < y, x == y), [(first(7), b(2)) for b in REALS])


@pytest.mark.parametrize("first", INT_DTYPES, ids=name_of)
def test_bits(first):
    rows = [(first(6), b(3)) for b in INT_DTYPES]
    rows = [(x, y) for x, y in rows if np.result_type(x, y).kind != "f"]
    check_all(lambda x, y: (x & y, x | y, x ^ y, x << y, x >> y), rows)
    check_all(lambda x: (x & 5, x | 8, 9 ^ x, x << 2, x >> 1), [(first(100),)])


@pytest.mark.parametrize("dtype", INT_DTYPES, ids=name_of)
def test_shift_beyond_the_width(dtype):
    counts = [0, 7, 8, 31, 32, 63, 64, 100]
    check_all(lambda x, n: (x << n, x >> n), [(dtype(77), dtype(n)) for n in counts])
    if np.dtype(dtype).kind == "i":
        check_all(lambda x, n: (x << n, x >> n), [(dtype(-77), dtype(n)) for n in [*counts, -1]])


@pytest.mark.parametrize("dtype", INT_DTYPES, ids=name_of)
def test_wraps_in_its_width(dtype):
    limits = np.iinfo(dtype)
    high, low = dtype(limits.max), dtype(limits.min)
    check_all(
        lambda x, y: (x + y, x - y, x * y, -x),
        [(high, dtype(1)), (low, dtype(1)), (high, high), (low, low), (low, high)],
    )


@pytest.mark.parametrize("dtype", INT_DTYPES, ids=name_of)
def test_division_by_zero_is_numpys(dtype):
    check_all(
        lambda x, y: (x // y, x % y, x / y, divmod(x, y)),
        [(dtype(7), dtype(0)), (dtype(0), dtype(0)), (dtype(np.iinfo(dtype).min), dtype(0))],
    )
    if np.dtype(dtype).kind == "i":
        check_all(
            lambda x, y: (x // y, x % y),
            [(dtype(np.iinfo(dtype).min), dtype(-1)), (dtype(-7), dtype(2)), (dtype(7), dtype(-2))],
        )


@pytest.mark.parametrize("dtype", FLOAT_DTYPES, ids=name_of)
def test_float_division_by_zero_is_numpys(dtype):
    rows = [(dtype(x), dtype(y)) for x in (1.0, -1.0, 0.0) for y in (0.0, -0.0)]
    check_all(lambda x, y: (x / y, x // y, x % y), rows)
    check_all(lambda x: (x / 0, x / 0.0, 1 / x, x // 0, 5.0 % x), [(dtype(0),), (dtype(2),)])


@pytest.mark.parametrize("dtype", FLOAT_DTYPES, ids=name_of)
def test_float_floor_division(dtype):
    rows = [
        (dtype(x), dtype(y))
        for x in (7.5, -7.5, 0.3, np.inf, np.nan)
        for y in (2.0, -2.0, 0.1, np.inf, -np.inf)
    ]
    check_all(lambda x, y: (x // y, x % y, divmod(x, y)), rows)


def test_integer_power():
    check_all(
        lambda x, y: x**y,
        [(dtype(3), dtype(4)) for dtype in INT_DTYPES]
        + [(np.int8(7), np.int8(7)), (np.uint8(2), np.uint8(8))],
    )
    check_all(
        lambda x, y: x**y,
        [(np.int64(2), np.int64(-1)), (np.int8(-2), np.int8(-3)), (np.int64(0), np.int64(0))],
    )


OUT_OF_RANGE = [
    (np.uint8, 256), (np.uint8, -1), (np.int8, 128), (np.int8, -129), (np.uint16, 65536), (np.int16, 40000),
    (np.uint32, -5), (np.int32, 2**31), (np.uint32, 2**32), (np.uint64, -1),
]  # fmt: skip


@pytest.mark.parametrize("dtype, number", OUT_OF_RANGE)
def test_python_int_out_of_range(dtype, number):
    for func in (lambda x, n: x + n, lambda x, n: n * x, lambda x, n: x - n, lambda x, n: x // n):
        check_all(func, [(dtype(1), number), (dtype(1), 100)])


@pytest.mark.parametrize("dtype, number", OUT_OF_RANGE)
def test_python_int_out_of_range_compares(dtype, number):
    check_all(
        lambda x, n: (x < n, x <= n, x == n, x != n, n < x, x >= n), [(dtype(1), number), (dtype(1), 1)]
    )


def test_constant_out_of_range():
    check_all(lambda x: x + 300, [(np.uint8(1),), (np.int16(1),), (np.float32(1),)])
    check_all(lambda x: x < 300, [(np.uint8(1),), (np.int8(-1),)])


def test_signed_with_unsigned_compares_exactly():
    rows = [
        (np.uint64(2**63), np.int64(-1)),
        (np.uint64(2**63 + 1), np.int64(2**63 - 1)),
        (np.uint64(5), np.int64(5)),
        (np.uint8(255), np.int8(-1)),
    ]
    check_all(lambda x, y: (x < y, x > y, x == y, y <= x, y != x), rows)
    check_all(lambda x: (x > -1, x == -1, x < 2**62), [(np.uint64(2**63),), (np.uint64(0),)])


def test_weak_numbers_keep_single_precision():
    def scaled(a, k):
        out = a[0] * 0
        for i in range(a.size):
            out += a[i] * 0.1 + k
        return out

    check_all(scaled, [(numbers(9, np.float32), 2), (numbers(9, np.float32), 0.7), (numbers(9), 2)])


def test_join_of_python_and_numpy():
    """CPython has NumPy's type after the first iteration."""

    def total(a):
        out = 0
        for x in a:
            out += x
        return out

    check_all(total, [(numbers(5, dtype),) for dtype in (*INT_DTYPES, *FLOAT_DTYPES, *COMPLEX_DTYPES)])


def test_large_python_float_with_single():
    check_all(
        lambda x, y: (x + y, x * y),
        [(np.float32(1), 1e300), (np.float32(1), 1e-300), (np.float32(0), float("nan"))],
    )
    check_all(lambda x, y: (x < y, x == y), [(np.float32(0.1), 0.1), (np.float32(1), 1e300)])


def test_elements_behave_as_scalars():
    check_all(
        lambda a, b: (a[0] + b[0], a[1] * 2, a[0] / b[1], a[1] // b[0], 1 - a[0]),
        [
            (numbers(3, x) + x(9), numbers(3, y) + y(11))
            for x, y in (
                (np.uint8, np.uint8),
                (np.int8, np.uint8),
                (np.float32, np.int16),
                (np.float32, np.int64),
                (np.uint64, np.int64),
            )
        ],
    )


def test_python_results_are_python_numbers(oracle_only):
    from harness import compiled_copy

    if not oracle_only:
        assert [
            type(v)
            for v in compiled_copy(lambda a, b, c, d: (a, b, c, d), {})(
                np.int64(1), np.float64(2), np.bool_(1), np.float32(1)
            )
        ] == [int, float, bool, np.float32]


def test_check_is_strict_about_dtype():
    check(lambda x: x + 1, np.uint8(7))


@pytest.mark.parametrize(
    "name", ["arctan2", "hypot", "copysign", "nextafter", "logaddexp", "logaddexp2", "ldexp"]
)
def test_floats_of_two_integers(name):
    """The smallest float that holds each of them, not what the two promote to; Python's int has no say."""
    scope = {"np": np}
    exec(f"def f(x, y): return np.{name}(x, y)", scope)
    small = [np.bool_, np.int8, np.uint8, np.int16, np.uint16, np.int32]
    check_all(scope["f"], [(a(1), b(2)) for a in small for b in small], ulp=4)
    check_all(scope["f"], [(3, b(2)) for b in small] + [(a(1), 3) for a in small] + [(3, 4)], ulp=4)
    check_all(scope["f"], [(np.ones(2, a), np.ones(2, b)) for a in small for b in small], ulp=4)


def test_powers_of_booleans():
    mask = np.array([True, False])
    check_all(lambda x: (x**2, x**3, x**1, x**2.0), [(mask,), (mask.reshape(1, 2),), (np.bool_(True),)])
