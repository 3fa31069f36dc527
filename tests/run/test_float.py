"""Python's float: operators, conversions and rounding with Python's rules, special values, errors."""

import math

import pytest

from harness import check, check_all

INF, NAN = math.inf, math.nan
VALUES = [0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 3.75, 1e300, -1e-300, 5e-324, INF, -INF, NAN]
PAIRS = [(a, b) for a in VALUES for b in VALUES]
MIXED = [
    (2, 0.5),
    (-3, 2.0),
    (0, -0.0),
    (2**53 + 1, 1.0),
    (0.1, 3),
    (-7.5, 2),
    (INF, -1),
    (1.5, True),
    (False, 2.5),
    (7, 0.0),
    (0.0, 7),
]

BINARY = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "floor_divide": lambda a, b: a // b,
    "modulo": lambda a, b: a % b,
    "divmod": lambda a, b: divmod(a, b),
    "less": lambda a, b: a < b,
    "less_equal": lambda a, b: a <= b,
    "equal": lambda a, b: a == b,
    "not_equal": lambda a, b: a != b,
    "greater": lambda a, b: a > b,
    "greater_equal": lambda a, b: a >= b,
}
UNARY = {
    "positive": lambda a: +a,
    "negative": lambda a: -a,
    "abs": lambda a: abs(a),
    "not": lambda a: not a,
    "bool": lambda a: bool(a),
    "float": lambda a: float(a),
    "complex": lambda a: complex(a),
    "parts": lambda a: (a.real, a.imag, a.conjugate()),
}


@pytest.mark.parametrize("name", BINARY)
def test_binary(name):
    check_all(BINARY[name], PAIRS)


@pytest.mark.parametrize("name", BINARY)
def test_mixed_with_int_and_bool(name):
    check_all(BINARY[name], MIXED)


@pytest.mark.parametrize("name", UNARY)
def test_unary(name):
    check_all(UNARY[name], [(a,) for a in VALUES])


def test_min_max_keep_the_first_of_equals():
    check_all(lambda a, b: (min(a, b), max(a, b)), PAIRS)
    check_all(
        lambda a, b, c: (min(a, b, c), max(a, b, c), min((a, b, c)), max((c, b, a))),
        [(1.0, NAN, 2.0), (NAN, 1.0, 2.0), (0.0, -0.0, 0.0)],
    )


def test_floor_division_and_modulo_signs():
    rows = [(a, b) for a in (7.5, -7.5, 0.3, -0.3, 1e17, 6.0) for b in (2.0, -2.0, 0.1, -0.1, 3.0, INF, -INF)]
    check_all(lambda a, b: (a // b, a % b, divmod(a, b)), rows)


def test_power():
    bases, exponents = (
        [0.0, 1.0, 2.0, 10.0, 0.1, 1e-200, 1e200, INF],
        [0.0, 1.0, -1.0, 2.0, 0.5, -2.5, 3.0, 400.0, INF, -INF, NAN],
    )
    check_all(lambda a, b: a**b, [(a, b) for a in bases for b in exponents] + [(NAN, 0.0), (NAN, 1.0)], ulp=2)


def test_power_of_negative_base():
    check_all(
        lambda a, b: a**b,
        [(a, b) for a in (-1.0, -2.0, -0.0, -INF) for b in (0.0, 1.0, 2.0, 3.0, -1.0, -3.0, INF)],
        ulp=2,
    )


def test_power_with_int():
    check_all(
        lambda a, b: a**b,
        [(a, b) for a in (0.0, 1.5, -2.0, 1e10, INF) for b in (0, 1, 2, 3, -1, -2, 31)],
        ulp=2,
    )
    check_all(lambda a, b: a**b, [(2, 0.5), (10, -2.0), (0, 0.0), (0, -1.0), (1, INF)], ulp=2)


def test_power_of_constants():
    check_all(
        lambda a: (a**2, a**3, a**0.5, a**-1, a**-2, a**1, a**0), [(2.0,), (0.3,), (1e5,), (INF,)], ulp=2
    )


def test_power_overflow():
    check_all(
        lambda a, b: a**b,
        [(10.0, 400.0), (-10.0, 401.0), (1e300, 2.0), (0.0, -1.0), (-0.0, -3.0), (1e-300, -2.0)],
    )


def test_int_conversion():
    check_all(
        lambda a: int(a),
        [(0.0,), (-0.0,), (2.9,), (-2.9,), (1e15,), (-(2.0**63),), (2.0**62,), (INF,), (-INF,), (NAN,)],
    )


def test_round():
    rows = [0.5, 1.5, 2.5, -0.5, -1.5, 0.49999999999999994, 2.675, 1e15 + 0.5, 4503599627370497.5, -7.0]
    check_all(lambda a: round(a), [(a,) for a in rows] + [(INF,), (NAN,), (2.0**62,)])


def test_round_to_digits():
    values = [
        2.675,
        1.005,
        0.125,
        0.375,
        -2.5,
        123.456,
        1e22,
        5e-324,
        1e300,
        INF,
        -INF,
        NAN,
        -0.0,
        0.05,
        25.0,
        35.0,
        1234567.891,
    ]
    check_all(
        lambda a, n: round(a, n), [(a, n) for a in values for n in (0, 1, 2, 3, -1, -2, 15, 20, 400, -400)]
    )


def test_round_int_to_digits():
    check_all(
        lambda a, n: round(a, n),
        [
            (a, n)
            for a in (0, 5, 15, 25, 1249, 1250, 1350, -15, -25, 12345678)
            for n in (0, 1, 3, -1, -2, -3, -9, -30)
        ],
    )


def test_overflow_at_conversion():
    check_all(lambda a: round(a, -308), [(1.7e308,)])


def test_nan_is_not_itself():
    check_all(lambda a: (a == a, a != a, a < a, not a == a), [(NAN,), (1.0,), (INF,)])


def test_truth():
    check_all(lambda a: 1 if a else 2, [(0.0,), (-0.0,), (NAN,), (5e-324,), (-1.0,)])


def test_float_constants():
    check(lambda: (1e400, -1e400, 1e-400, 0.1, 1.7976931348623157e308, 5e-324, -0.0))


def test_no_contraction():
    """a * b + c rounds twice unless fastmath allows otherwise."""
    check_all(
        lambda a, b, c: a * b + c,
        [(1 + 2.0**-30, 1 - 2.0**-30, -1.0), (0.1, 10.0, -1.0), (1e16 + 2, 1.0000001, -1e16)],
    )


def test_no_reordering():
    check_all(
        lambda a, b, c: (a + b + c, a + (b + c), a - b + c, a * b / c, (a / c) * b),
        [(1e16, 1.0, -1e16), (0.1, 0.2, 0.3), (1e308, 10.0, 1e308)],
    )


def kahan(n):
    total, lost = 0.0, 0.0
    for i in range(1, n):
        term = 1.0 / i - lost
        new = total + term
        lost = (new - total) - term
        total = new
    return total, lost


def newton(x):
    y = x
    for _ in range(40):
        y = 0.5 * (y + x / y)
    return y


def logistic(r, x, n):
    for _ in range(n):
        x = r * x * (1.0 - x)
    return x


def trapezoid(a, b, n):
    h = (b - a) / n
    total = 0.5 * (a * a + b * b)
    for i in range(1, n):
        x = a + i * h
        total += x * x
    return total * h


def machine_epsilon():
    eps = 1.0
    while 1.0 + eps / 2 > 1.0:
        eps /= 2
    return eps


ALGORITHMS = [
    (kahan, [(1000,), (1,)]),
    (newton, [(2.0,), (1e10,)]),
    (logistic, [(3.9, 0.3, 500), (2.0, 0.1, 0)]),
    (trapezoid, [(0.0, 1.0, 100), (1.0, -1.0, 7), (0.0, 1.0, 0)]),
    (machine_epsilon, [()]),
]


@pytest.mark.parametrize("func, rows", ALGORITHMS, ids=lambda x: getattr(x, "__name__", ""))
def test_algorithm(func, rows):
    check_all(func, rows)


def test_augmented_assignment():
    def augmented(x, y):
        x += y
        x -= 0.1
        x *= 3
        x /= y
        x //= 0.25
        x %= 7
        x **= 2
        return x

    check_all(augmented, [(1.0, 2.0), (-3.5, 0.5), (1.0, 0.0)])
