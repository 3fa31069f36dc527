"""math and cmath: every function that compiles, with CPython's errors outside its domain."""

import cmath
import math
from math import cos as cosine

import numpy as np
import pytest

import hotloop
from harness import check, check_all

INF, NAN = math.inf, math.nan
SPREAD = [0.0, -0.0, 0.1, -0.5, 0.999, 1.0, -1.0, 1.5, -2.7, 10.0, -31.4, 171.0, 300.0, 709.7, 1e6]
EXTREME = [1e-300, -5e-324, 1e15 + 0.5, 1e300, -1e300, 710.0, -746.0, 1e19, INF, -INF, NAN]
POINTS = [(x,) for x in SPREAD + EXTREME]
INTS = [(0,), (1,), (-1,), (2,), (7,), (True,), (2**53 + 1,), (-(2**62),)]

ULP_OF_ONE_ARGUMENT = {
    "acos": 3, "acosh": 3, "asin": 3, "asinh": 3, "atan": 3, "atanh": 3, "cos": 3, "cosh": 3, "degrees": 0,
    "erf": 4, "erfc": 4, "exp": 3, "exp2": 3, "expm1": 3, "gamma": 16, "lgamma": 16, "log": 3, "log10": 3,
    "log1p": 3, "log2": 3, "radians": 0, "sin": 3, "sinh": 3, "sqrt": 0, "tan": 3, "tanh": 3, "fabs": 0,
    "ceil": 0, "floor": 0, "trunc": 0, "isfinite": 0, "isinf": 0, "isnan": 0, "frexp": 0,
}  # fmt: skip


def function_of(name, arguments="x", module="math"):
    """`lambda x: math.name(x)`, with the name in the source as a user writes it."""
    return eval(f"lambda {arguments}: {module}.{name}({arguments})", {"math": math, "cmath": cmath})


@pytest.mark.parametrize("name", ULP_OF_ONE_ARGUMENT)
def test_of_float(name):
    rows = (
        POINTS
        if name not in ("ceil", "floor", "trunc")
        else [(x,) for (x,) in POINTS if not 2**63 <= abs(x) < INF]
    )
    check_all(
        function_of(name), rows, ulp=ULP_OF_ONE_ARGUMENT[name], rtol=1e-11 if name == "lgamma" else 0.0
    )  # zeros between the points


@pytest.mark.parametrize("name", ["ceil", "floor", "trunc"])
@pytest.mark.parametrize("x", [1e19, -1e300])
def test_integers_beyond_64_bits_are_refused(name, x):
    """A documented difference: CPython gives a long integer, compiled code says that it has none."""
    with pytest.raises(OverflowError, match="too large for a 64-bit integer"):
        hotloop.njit(strict=True)(function_of(name))(x)


@pytest.mark.parametrize("name", ULP_OF_ONE_ARGUMENT)
def test_of_int(name):
    rows = INTS if name not in ("gamma", "lgamma") else INTS[:6]
    check_all(function_of(name), rows, ulp=ULP_OF_ONE_ARGUMENT[name])


@pytest.mark.parametrize("name", ["sqrt", "floor", "isnan", "exp", "tanh", "frexp"])
def test_of_numpy_scalar(name):
    values = [np.float32(0.3), np.float64(2.5), np.int16(3), np.uint64(7), np.bool_(True), np.float32("nan")]
    check_all(function_of(name), [(v,) for v in values], ulp=ULP_OF_ONE_ARGUMENT[name])


TWO = [
    (a, b)
    for a in (0.0, -0.0, 1.0, -2.5, 3.0, 1e200, INF, -INF, NAN)
    for b in (0.0, -0.0, 1.0, -3.0, 0.5, INF, NAN)
]
ULP_OF_TWO_ARGUMENTS = {"atan2": 3, "copysign": 0, "hypot": 1, "nextafter": 0, "pow": 2}


@pytest.mark.parametrize("name", ULP_OF_TWO_ARGUMENTS)
def test_of_two(name):
    check_all(function_of(name, "a, b"), TWO, ulp=ULP_OF_TWO_ARGUMENTS[name])
    check_all(
        function_of(name, "a, b"), [(2, 3), (0, -1), (True, 2.5), (1.5, 2)], ulp=ULP_OF_TWO_ARGUMENTS[name]
    )


def test_pow_errors():
    check_all(
        lambda a, b: math.pow(a, b),
        [(-8.0, 1 / 3), (0.0, -2.0), (10.0, 400.0), (-INF, 0.5), (1.0, NAN)],
        ulp=2,
    )


def test_log_with_base():
    rows = [
        (8.0, 2.0),
        (100, 10),
        (2.0, 0.5),
        (0.0, 2.0),
        (2.0, 0.0),
        (2.0, 1.0),
        (-1.0, 2.0),
        (8, -2),
        (INF, 2.0),
    ]
    check_all(lambda x, b: math.log(x, b), rows, ulp=4)


def test_ldexp():
    check_all(
        lambda x, n: math.ldexp(x, n),
        [(0.5, 3), (1.0, -1074), (1.0, 1024), (-3.0, 10), (0.0, 10**6), (1.0, -(10**12)), (INF, 2**40)],
    )


def test_gcd():
    rows = [(a, b) for a in (0, 12, -18, 7, 2**40, True) for b in (0, 6, -27, 35)]
    check_all(lambda a, b: math.gcd(a, b), rows)
    check_all(lambda a, b: (math.gcd(), math.gcd(a), math.gcd(a, b, 6)), [(12, 18), (0, 0), (-8, 4)])


def test_hypot_of_many():
    check_all(
        lambda a, b, c: (math.hypot(a), math.hypot(a, b, c)),
        [(3.0, 4.0, 12.0), (1, 2, 2), (-INF, NAN, 0.0)],
        ulp=1,
    )


def test_constants():
    check(lambda: (math.pi, math.e, math.tau, math.inf, math.nan, -math.inf))


def test_imported_by_name():
    check_all(lambda x: cosine(x) + math.sqrt(abs(x)), [(0.5,), (-4.0,)], ulp=3)


def test_errors_carry_on_from_the_right_place():
    def roots(a):
        for i in range(a.size):
            a[i] = math.sqrt(a[i])
        return a

    check(roots, np.array([4.0, 9.0, 1.0, -1.0, 16.0]))
    check(roots, np.array([4.0, 9.0, -0.0, INF, NAN]))


@pytest.mark.parametrize("name", ["log", "acos", "exp", "gamma", "atanh"])
def test_domain_error_inside_a_long_loop(name):
    """The values before the bad one are stored, whatever block of lanes it is in."""
    scope = {"math": math}
    body = f"    for i in range(x.size):\n        out[i] = math.{name}(x[i])\n    return out[0]\n"
    exec("def each(x, out):\n" + body, scope)
    good = np.linspace(0.1, 0.9, 301)
    for bad_at in (0, 5, 150, 299, 300):
        x = good.copy()
        x[bad_at] = {"exp": 1000.0, "gamma": -1.0}.get(name, -2.0)
        check(scope["each"], x, np.zeros(301), ulp=16)
    check(scope["each"], good, np.zeros(301), ulp=16)
    check(scope["each"], good, np.zeros(300), ulp=16)


# ---- cmath

COMPLEX = [
    0j,
    1 + 0j,
    -1 + 0j,
    0.5 + 0.5j,
    -2 - 3j,
    1j,
    -2j,
    1e-10 + 1e-10j,
    3.0 - 0.1j,
    complex(-0.0, -0.0),
    100 + 2j,
]
SPECIAL = [
    complex(INF, 0),
    complex(-INF, 1),
    complex(0, INF),
    complex(NAN, 0),
    complex(1, NAN),
    complex(INF, NAN),
]
CMATH = [
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atanh",
    "cos",
    "cosh",
    "exp",
    "log",
    "log10",
    "sin",
    "sinh",
    "sqrt",
    "tan",
    "tanh",
]


@pytest.mark.parametrize("name", CMATH)
def test_cmath(name):
    check_all(function_of(name, "z", "cmath"), [(z,) for z in COMPLEX], ulp=8)


@pytest.mark.parametrize("name", CMATH)
def test_cmath_special_values(name):
    """Where C leaves the sign of an infinity or zero beside a NaN open, so do we."""
    open_in_c = {"acos": (complex(INF, NAN),), "asin": (complex(INF, NAN),), "tan": (complex(NAN, 0.0),)}.get(
        name, ()
    )
    rows = [(z,) for z in SPECIAL if repr(z) not in map(repr, open_in_c)]
    check_all(function_of(name, "z", "cmath"), rows, ulp=8)


@pytest.mark.parametrize("name", ["sqrt", "exp", "log"])
def test_cmath_of_real(name):
    check_all(function_of(name, "z", "cmath"), [(-2.0,), (3,), (0.5,), (True,)], ulp=8)


def test_cmath_errors():
    check_all(lambda z: cmath.log(z), [(0j,)])
    check_all(lambda z: cmath.exp(z), [(complex(1000, 1),), (complex(-1000, 1),)])
    check_all(lambda z: cmath.atanh(z), [(1 + 0j,), (-1 + 0j,)])
    check_all(lambda z: cmath.atan(z), [(1j,)])


def test_cmath_predicates_and_polar():
    check_all(
        lambda z: (cmath.isfinite(z), cmath.isinf(z), cmath.isnan(z)), [(z,) for z in COMPLEX + SPECIAL]
    )
    check_all(lambda z: (cmath.phase(z), cmath.polar(z)), [(z,) for z in COMPLEX + SPECIAL], ulp=3)
    check_all(
        lambda r, phi: cmath.rect(r, phi),
        [(1.0, 0.5), (2.0, -3.0), (0.0, 1.0), (INF, 1.0), (NAN, 0.0), (1.0, INF)],
        ulp=3,
    )
    check_all(lambda z, b: cmath.log(z, b), [(1 + 2j, 2.0), (4 + 0j, 2j)], ulp=16)
    check(lambda: (cmath.pi, cmath.e, cmath.tau, cmath.inf, cmath.nan, cmath.infj, cmath.nanj))
