"""Every ufunc that compiles, on scalars of every dtype and on Python's numbers, compared with NumPy.

Which dtypes a ufunc has a loop for is asked of NumPy itself; results of float16 (sin of an int8) are
left out.
"""

import numpy as np
import pytest
from layouts import DTYPES

from harness import check_all

EXACT_UNARY = [
    "absolute", "negative", "positive", "sign", "fabs", "square", "sqrt", "rint", "reciprocal", "conjugate",
    "invert", "logical_not", "isfinite", "isinf", "isnan", "signbit", "floor", "ceil", "trunc", "spacing",
]  # fmt: skip
CLOSE_UNARY = [
    "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "arcsin", "arccos",
    "arctan", "sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh", "cbrt", "deg2rad", "rad2deg",
]  # fmt: skip
UNARY_ALIASES = [
    "abs", "conj", "bitwise_not", "bitwise_invert", "asin", "acos", "atan", "asinh", "acosh", "atanh",
    "degrees", "radians",
]  # fmt: skip
EXACT_BINARY = [
    "add", "subtract", "multiply", "divide", "floor_divide", "remainder", "fmod", "divmod", "gcd", "lcm",
    "bitwise_and", "bitwise_or", "bitwise_xor", "left_shift", "right_shift", "greater", "greater_equal",
    "less", "less_equal", "equal", "not_equal", "logical_and", "logical_or", "logical_xor", "maximum",
    "minimum", "fmax", "fmin", "copysign", "nextafter",
]  # fmt: skip
CLOSE_BINARY = ["power", "float_power", "arctan2", "hypot", "logaddexp", "logaddexp2"]
BINARY_ALIASES = ["true_divide", "mod", "pow", "atan2", "bitwise_left_shift", "bitwise_right_shift"]

PYTHON_TYPES = [bool, int, float, complex]
MIXED = [
    (np.int8, np.uint8), (np.uint8, np.int64), (np.uint64, np.int64), (np.int32, np.float32),
    (np.float32, np.float64), (np.float32, np.complex64), (np.int64, np.complex64), (np.bool_, np.int8),
    (np.uint16, np.float32), (np.uint32, np.int32), (int, int), (float, float), (complex, complex),
    (bool, bool), (int, float), (int, np.float32), (np.int8, int), (np.uint8, float), (np.float32, float),
    (np.complex64, float), (np.float64, int), (bool, np.int16), (np.float32, complex),
]  # fmt: skip


def values_of(kind):
    """A few telling values of a type."""
    char = np.dtype(kind).kind
    if char == "b":
        return [kind(False), kind(True)]
    if char in "iu":
        limits = np.iinfo(np.int64 if kind is int else kind)
        few = [0, 1, 3, 7] if char == "u" else [0, 1, -1, 7, -6]
        return [kind(v) for v in (few if kind is int else [*few, limits.max, limits.min])]
    if char == "c":
        return [kind(v) for v in (0.5 + 0.25j, -1.5 + 2j, 3 - 0.5j, 1 + 0j)]
    return [kind(v) for v in (0.0, -0.0, 0.3, -0.9, 1.0, 2.5, -3.0, 40.0, float("inf"), float("nan"))]


def has_loop(ufunc, *samples):
    """Whether NumPy computes `ufunc` of such arguments, in a type that compiles."""
    try:
        with np.errstate(all="ignore"):
            results = ufunc(*samples)
    except TypeError:
        return False
    return all(
        np.asarray(r).dtype != np.float16 for r in (results if isinstance(results, tuple) else (results,))
    )


def suits(name, *values):
    """False for the few arguments at which NumPy's own answer is an accident."""
    whole = all(np.asarray(v).dtype.kind in "iu" for v in values)
    extreme = any(np.asarray(v).dtype.kind in "iu" and abs(int(v)) > 100 for v in values)
    if name == "reciprocal" and whole:
        return values[0] != 0
    if name in ("gcd", "lcm"):
        return not extreme
    return True


def called(name, arguments):
    """`lambda x: np.name(x)`, with the name in the source as a user writes it."""
    return eval(f"lambda {arguments}: np.{name}({arguments})", {"np": np})


def tolerance(name, exact):
    return 0 if name in exact else 8


def check_unary(name, kinds, ulp):
    ufunc, rows = getattr(np, name), []
    for kind in kinds:
        values = values_of(kind)
        if has_loop(ufunc, values[1]):
            rows += [(v,) for v in values if suits(name, v)]
    check_all(called(name, "x"), rows, ulp=ulp)


def check_binary(name, pairs, ulp):
    ufunc, rows = getattr(np, name), []
    for first, second in pairs:
        a, b = values_of(first), values_of(second)
        if has_loop(ufunc, a[1], b[1]):
            rows += [(x, y) for x in a for y in b[:6] if suits(name, x, y)]
    check_all(called(name, "x, y"), rows, ulp=ulp)


COMPLEX_EXACT = [name for name in EXACT_UNARY if name not in ("absolute", "sqrt", "reciprocal")]


@pytest.mark.parametrize("name", EXACT_UNARY + CLOSE_UNARY)
def test_unary(name):
    check_unary(name, [t for t in DTYPES if np.dtype(t).kind != "c"], tolerance(name, EXACT_UNARY))


@pytest.mark.parametrize("name", [n for n in EXACT_UNARY + CLOSE_UNARY if has_loop(getattr(np, n), 1j)])
def test_unary_complex(name):
    check_unary(name, [np.complex64, np.complex128], tolerance(name, COMPLEX_EXACT))


@pytest.mark.parametrize("name", EXACT_UNARY + CLOSE_UNARY)
def test_unary_python(name):
    check_unary(name, PYTHON_TYPES, 0 if name in COMPLEX_EXACT else 8)


@pytest.mark.parametrize("name", UNARY_ALIASES)
def test_unary_alias(name):
    check_unary(name, [np.int64, np.float64, np.float32, float], 0 if name in ("abs", "conj") else 8)


@pytest.mark.parametrize("name", EXACT_BINARY + CLOSE_BINARY)
def test_binary(name):
    check_binary(name, [(t, t) for t in DTYPES if np.dtype(t).kind != "c"], tolerance(name, EXACT_BINARY))


COMPLEX_BINARY = [
    "add",
    "subtract",
    "multiply",
    "divide",
    "equal",
    "not_equal",
    "less",
    "logical_and",
    "maximum",
    "fmin",
    "power",
]


@pytest.mark.parametrize("name", COMPLEX_BINARY)
def test_binary_complex(name):
    check_binary(
        name,
        [(np.complex64, np.complex64), (np.complex128, np.complex128)],
        {"divide": 2, "power": 64}.get(name, 0),
    )


@pytest.mark.parametrize("name", EXACT_BINARY + CLOSE_BINARY)
def test_binary_mixed(name):
    ulp = {"divide": 2, "power": 64, "float_power": 64, "logaddexp2": 64}.get(
        name, tolerance(name, EXACT_BINARY)
    )
    check_binary(name, MIXED, ulp)


@pytest.mark.parametrize("name", BINARY_ALIASES)
def test_binary_alias(name):
    check_binary(name, [(np.int64, np.int64), (np.float64, np.float64), (float, int)], 8)


def test_ldexp():
    rows = [
        (kind(x), n)
        for kind in (np.float32, np.float64, float)
        for x in (0.5, -3.0, 0.0)
        for n in (3, -2000, 2000, 0)
    ]
    rows += [
        (np.float64(1.5), np.int32(4)),
        (np.float32(1.5), np.int8(-3)),
        (np.float64(1.5), np.int64(1023)),
    ]
    check_all(lambda x, n: np.ldexp(x, n), rows)


def test_modules_and_names():
    from numpy import sqrt as root

    check_all(lambda x: root(x) + np.abs(x) * np.pi - np.e + np.inf * 0.0, [(2.0,), (np.float32(3.0),)])


def test_scalar_types_as_conversions():
    for kind in DTYPES:
        sources = [3, 2.5, True, np.int16(7), np.float32(1.5)]
        check_all(eval(f"lambda x: np.{kind.__name__}(x)", {"np": np}), [(x,) for x in sources])
    check_all(lambda x: (np.int8(x), np.uint8(x)), [(100,), (np.int64(300),), (300,), (-1,)])
    check_all(lambda x: (np.complex64(x), np.complex128(x)), [(1 + 2j,), (np.complex64(3j),)])
    check_all(lambda x: (np.int32(x), np.int64(x)), [(-2.9,), (2.9,), (np.float32(-7.5),)])


def test_in_a_loop():
    def total(a):
        out = 0.0
        for i in range(a.shape[0]):
            out += np.tanh(a[i]) * np.sqrt(np.abs(a[i])) - np.floor(a[i])
        return out

    check_all(total, [(np.linspace(-3, 3, 101),), (np.linspace(-3, 3, 11, dtype=np.float32),)], rtol=1e-6)
