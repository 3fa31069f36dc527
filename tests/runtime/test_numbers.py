"""Numbers of the runtime against CPython's and NumPy's own operators: bits, special values, errors."""

import cmath
import itertools
import math
import operator
import random
import struct

import numpy as np
import pytest

from .conftest import Raised

INF, NAN = math.inf, math.nan
SPECIAL = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -0.5,
    1.5,
    2.0,
    -2.0,
    3.0,
    -3.0,
    0.1,
    7.3,
    -7.3,
    1e-300,
    1e300,
    -1e300,
    5e-324,
    2.2250738585072014e-308,
    1.7976931348623157e308,
    2.0**53,
    INF,
    -INF,
    NAN,
]
MIN, MAX = -(2**63), 2**63 - 1
INTS = [0, 1, -1, 2, -2, 3, 7, 12, -18, 1000003, 2**31, -(2**40), MAX, MIN, MIN + 1]


def random_floats(n, seed=1):
    rng = random.Random(seed)
    return [struct.unpack("d", rng.randbytes(8))[0] for _ in range(n)] + [
        rng.uniform(-100, 100) for _ in range(n)
    ]


def random_pairs(n, seed=1):
    values = random_floats(n, seed)
    return list(zip(values, values[n:] + values[:n]))


def bits(x):
    """The float's bits, all NaNs alike."""
    return "nan" if math.isnan(x) else struct.pack("d", x)


def same(a, b):
    if isinstance(a, complex) or isinstance(b, complex):
        return bits(a.real) == bits(b.real) and bits(a.imag) == bits(b.imag)
    return bits(float(a)) == bits(float(b))


def outcome(function, *args):
    """The value, or (class name, text) of what was raised."""
    try:
        with np.errstate(all="ignore"):
            return function(*args)
    except Raised as error:
        return error.args
    except (ArithmeticError, ValueError) as error:
        if error.args[:1] == (34,):
            return type(error).__name__, 'lit<34> str<"Numerical result out of range">'
        return type(error).__name__, str(error)


def agree(got, expected):
    if isinstance(got, tuple) or isinstance(expected, tuple):
        return got == expected
    return same(got, expected)


def wrap(x):
    return (x + 2**63) % 2**64 - 2**63


@pytest.mark.parametrize("x", INTS)
def test_int_pow_wraps(rt, x):
    for n in (0, 1, 2, 3, 5, 63, 64, 100):
        assert rt("int_pow", x, n) == wrap(x**n)
        assert rt("uint_pow", x % 2**64, n) == (x % 2**64) ** n % 2**64


@pytest.mark.parametrize("a,b", list(itertools.product(INTS, INTS)))
def test_gcd(rt, a, b):
    assert rt("int_gcd", a, b) == wrap(math.gcd(a, b))
    assert rt("uint_gcd", a % 2**64, b % 2**64) == math.gcd(a % 2**64, b % 2**64)


def test_python_division(rt):
    for x, y in itertools.chain(itertools.product(SPECIAL, SPECIAL), random_pairs(3000)):
        if y != 0:
            assert same(rt("float_floordiv", x, y), x // y), (x, y)
            assert same(rt("float_mod", x, y), x % y), (x, y)


@pytest.mark.parametrize("scalar,suffix", [(np.float64, ""), (np.float32, "f")])
def test_numpy_division(rt, scalar, suffix):
    with np.errstate(all="ignore"):
        for x, y in itertools.chain(itertools.product(SPECIAL, SPECIAL), random_pairs(3000)):
            x, y = scalar(x), scalar(y)
            assert same(rt("npy_floordiv" + suffix, x, y), np.floor_divide(x, y)), (x, y)
            assert same(rt("npy_mod" + suffix, x, y), np.remainder(x, y)), (x, y)


def test_numpy_unary_and_logarithmic_sums(rt):
    with np.errstate(all="ignore"):
        for x in SPECIAL + random_floats(1000):
            assert same(rt("npy_spacing", x), np.spacing(x)), x
            assert same(rt("npy_spacingf", np.float32(x)), np.spacing(np.float32(x))), x
        for x, y in itertools.product(SPECIAL, SPECIAL):
            for name in ("logaddexp", "logaddexp2"):
                got, expected = rt("npy_" + name, x, y), getattr(np, name)(x, y)
                assert same(got, expected) or got == pytest.approx(expected, rel=1e-15), (name, x, y)


def test_frexp_and_ldexp(rt):
    for x in SPECIAL + random_floats(1000):
        mantissa, exponent = math.frexp(x)
        assert same(rt("float_frexp_m", x), mantissa) and rt("float_frexp_e", x) == exponent
    for n in (0, 1, -1, 1100, -1100, 10**15, -(10**15)):
        for x in SPECIAL:
            expected = outcome(math.ldexp, x, n)
            assert same(
                rt("float_ldexp", x, n), math.copysign(INF, x) if isinstance(expected, tuple) else expected
            )


def test_float_pow(rt):
    for x, y in itertools.chain(itertools.product(SPECIAL, SPECIAL), random_pairs(2000)):
        got, expected = outcome(rt, "float_pow", x, y), outcome(operator.pow, x, y)
        has_complex_result = isinstance(expected, complex) or expected == (
            "OverflowError",
            "complex exponentiation",
        )
        if has_complex_result:
            assert got == ("?ValueError", "negative number cannot be raised to a fractional power"), (x, y)
        else:
            assert agree(got, expected), (x, y, got, expected)


def test_float_round(rt):
    near_ties = [k / 8 for k in range(-50, 50)] + [
        2.675,
        1.005,
        0.125,
        5015.0,
        2.5e15 + 0.5,
        4503599627370495.5,
    ]
    digits = [*range(-20, 26), 100, 300, 323, 324, -300, -308, -309, -400, 10**12, -(10**12)]
    for x in SPECIAL + near_ties + random_floats(300):
        for n in digits:
            got, expected = outcome(rt, "float_round", x, n), outcome(round, x, n)
            assert agree(got, expected), (x, n, got, expected)


def test_round_decimals_near_ties(rt):
    rng = random.Random(3)
    for _ in range(20000):
        n = rng.randrange(0, 18)
        x = rng.choice([rng.randrange(10**6) + 0.5, rng.uniform(0, 1000)]) / 10**n
        for value in (x, math.nextafter(x, 0), math.nextafter(x, INF)):
            assert same(rt("float_round", value, n), round(value, n)), (value, n)


COMPLEX = [complex(a, b) for a in SPECIAL[:9] + SPECIAL[-3:] for b in SPECIAL[:9] + SPECIAL[-3:]]


def test_complex_division(rt):
    for a, b in itertools.product(COMPLEX, COMPLEX):
        if b != 0:
            assert same(rt("complex_div", a, b), a / b), (a, b)


def test_complex_pow(rt):
    exponents = [complex(n) for n in (0, 1, 2, 3, 4, -1, -2, 7, 99, 100, 101, -100, 0.5, -0.5, 1e10)] + [
        1j,
        2 - 3j,
        1 + 1e10j,
    ]
    bases = COMPLEX + [complex(x, y) for x, y in random_pairs(50)] + [1.5 - 0.25j, 1e200 + 1e200j]
    for a, b in itertools.product(bases, exponents):
        got, expected = outcome(rt, "complex_pow", a, b), outcome(operator.pow, a, b)
        assert agree(got, expected), (a, b, got, expected)
        with np.errstate(all="ignore"):
            expected = complex(np.float_power(np.complex128(a), np.complex128(b)))
        assert same(rt("npy_complex_pow", a, b), expected), (a, b)


def test_complex_abs(rt):
    for z in COMPLEX + [complex(1e308, 1e308), complex(3, 4)]:
        got, expected = outcome(rt, "complex_abs", z), outcome(abs, z)
        assert agree(got, expected), z


def close(got, expected):
    return same(got, expected) or abs(got - expected) <= 4e-15 * abs(expected)


NUMPY_NAMES = {
    "asin": "arcsin",
    "acos": "arccos",
    "atan": "arctan",
    "asinh": "arcsinh",
    "acosh": "arccosh",
    "atanh": "arctanh",
}


@pytest.mark.parametrize(
    "name",
    [
        "sqrt",
        "exp",
        "log",
        "log10",
        "sin",
        "cos",
        "tan",
        "sinh",
        "cosh",
        "tanh",
        "asin",
        "acos",
        "atan",
        "asinh",
        "acosh",
        "atanh",
    ],
)
def test_complex_functions(rt, name):
    """NumPy's values everywhere; cmath's too, except for the signs it gives to results of a NaN."""
    rng = random.Random(5)
    points = [complex(rng.uniform(-3, 3), rng.uniform(-3, 3)) for _ in range(500)]
    edges = (0.0, -0.0, 0.5, -2.0, 800.0, INF, -INF, NAN)
    for z in points + [complex(a, b) for a in edges for b in edges]:
        got = rt("complex_" + name, z)
        with np.errstate(all="ignore"):
            assert close(got, complex(getattr(np, NUMPY_NAMES.get(name, name))(np.complex128(z)))), z
        expected = outcome(getattr(cmath, name), z) if not cmath.isnan(z) else got
        assert isinstance(expected, tuple) or close(got, expected), (z, got, expected)
