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
    """Each pair of zeros, infinities, NaNs and finite parts of both signs: signs and NaNs are CPython's."""
    parts = [0.0, -0.0, 1.5, -1.5, 2.3, INF, -INF, NAN]
    rows = [(complex(x, y),) for x in parts for y in parts if not math.isfinite(x + y)]
    check_all(function_of(name, "z", "cmath"), rows, ulp=8)


def test_cmath_rect_special_values():
    parts = [0.0, -0.0, 1.5, -1.5, INF, -INF, NAN]
    check_all(lambda r, phi: cmath.rect(r, phi), [(r, phi) for r in parts for phi in parts], ulp=3)


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


# ---- Functions that are programs

SOME = [0.0, -0.0, 1.0, -1.0, 0.1, 2.5, -7.25, 1e300, -1e-300, 5e-324, 1.7976931348623157e308, INF, -INF, NAN]


def test_whole_number_functions():
    check_all(lambda n: math.factorial(n), [(n,) for n in (-1, 0, 1, 5, 20, True)])
    check_all(
        lambda n: math.isqrt(n),
        [(n,) for n in (-1, 0, 1, 15, 16, 17, 2**52 - 1, 10**18 - 1, 10**18, 2**63 - 1)],
    )
    check_all(
        lambda n: math.isqrt(n), [(r * r + d,) for r in (94906265, 94906267, 3037000499) for d in (-1, 0, 1)]
    )
    pairs = [(n, k) for n in (-1, 0, 1, 5, 20, 40) for k in (-1, 0, 1, 2, 5, 7)] + [
        (62, 31),
        (66, 33),
        (20, 20),
    ]
    check_all(lambda n, k: math.comb(n, k), pairs)
    check_all(lambda n, k: math.perm(n, k), [(n, k) for n, k in pairs if n < 60])
    check_all(lambda n: math.perm(n), [(0,), (7,), (-3,)])
    check_all(lambda n: math.factorial(n), [(2.0,)])


def test_whole_numbers_beyond_64_bits():
    check_all(lambda n: math.factorial(n), [(21,), (30,)], strict=False)
    check_all(lambda n, k: math.comb(n, k), [(67, 33), (70, 35)], strict=False)
    check_all(lambda n, k: math.perm(n, k), [(21, 21), (2**40, 2)], strict=False)


def test_parts_of_floats():
    check_all(lambda x: (math.modf(x), math.ulp(x)), [(x,) for x in SOME])
    check_all(
        lambda x, y: math.remainder(x, y), [(x, y) for x in [*SOME, 7, 3.5, 10.5] for y in [*SOME, 7, 2]]
    )


def test_isclose():
    near = [1.0, 1.0 + 1e-10, 1.0 + 1e-8, 1.001, 0.0, 1e-12, INF, -INF, NAN, 3]
    check_all(lambda x, y: math.isclose(x, y), [(x, y) for x in near for y in near])
    check_all(lambda x, y: math.isclose(x, y, rel_tol=0.01), [(x, y) for x in near for y in near])
    check_all(
        lambda x, y, t: math.isclose(x, y, abs_tol=t),
        [(0.0, 1e-9, 1e-6), (0.0, 1e-3, 1e-6), (1.0, 1.0, -1.0)],
    )
    check_all(lambda x, y: cmath.isclose(x, y), [(x * 1j, y + 1j) for x in near for y in near])


def test_over_several_numbers():
    check_all(lambda t: math.prod(t), [((2, 3, 4),), ((2, 3.5),), ((1j, 2),), (np.arange(1.0, 5.0),)])
    check_all(lambda t: math.prod(t, start=2), [((2, 3),), ((2.5,),)])
    check_all(lambda p, q: math.dist(p, q), [((1.0, 2.0), (4.0, 6.0)), ((1, 2, 3), (1.5, 0, 9))], ulp=2)
    check_all(lambda p, q: math.dist(p, q), [((1.0, 2.0), (4.0,))])


def test_fsum():
    random = np.random.default_rng(5)
    rows = [np.array(row) for row in (
        [0.1] * 10, [1e16, 1.0, 1e-16, -1e16], [1e308, 1e308, -1e308], [2.0**53, 1.0, 2.0**-60], [INF, 1.0],
        [INF, -INF], [NAN, 1.0], [2.0**-1074] * 3, [1e30, 1.0, -1e30, 0.5])]  # fmt: skip
    rows += [random.normal(size=200) * 10.0 ** random.integers(-300, 300, 200) for _ in range(5)]
    check_all(lambda a: math.fsum(a), [(row,) for row in [*rows, np.zeros(0), np.arange(5)]])
    check(lambda t: math.fsum(t), (0.1, 0.2, 3))
