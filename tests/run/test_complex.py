"""Python's complex: operators, parts, absolute value, powers and their errors."""

import math

import pytest

from harness import check, check_all

INF, NAN = math.inf, math.nan
VALUES = [
    0j,
    complex(-0.0, 0.0),
    1 + 2j,
    -3 + 0.5j,
    1e200 - 1e200j,
    complex(INF, 1.0),
    complex(0.0, NAN),
    4 + 0j,
    -1j,
]
PAIRS = [(a, b) for a in VALUES for b in VALUES]
FINITE = [1 + 2j, -3 + 0.5j, 0.1 - 7j, 4 + 0j, -1j, -2 + 0j]

EXACT = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "equal": lambda a, b: a == b,
    "not_equal": lambda a, b: a != b,
}
UNARY = {
    "positive": lambda a: +a,
    "negative": lambda a: -a,
    "not": lambda a: not a,
    "bool": lambda a: bool(a),
    "parts": lambda a: (a.real, a.imag),
    "conjugate": lambda a: a.conjugate(),
    "complex": lambda a: complex(a),
    "rebuilt": lambda a: complex(a.imag, a.real),
}


@pytest.mark.parametrize("name", EXACT)
def test_binary(name):
    check_all(EXACT[name], PAIRS)


def test_divide():
    check_all(lambda a, b: a / b, PAIRS)


@pytest.mark.parametrize("name", UNARY)
def test_unary(name):
    check_all(UNARY[name], [(a,) for a in VALUES])


MIXED = [
    (1 + 2j, 3),
    (3, 1 + 2j),
    (1 + 2j, 0.5),
    (0.5, 1 - 2j),
    (True, 2j),
    (2j, False),
    (1 + 0j, 1),
    (1.5, 1.5 + 0j),
    (complex(INF, 1), 2.0),
]


@pytest.mark.parametrize("name", EXACT)
def test_mixed_with_real(name):
    check_all(EXACT[name], MIXED)


def test_divide_mixed():
    check_all(lambda a, b: a / b, MIXED)


def test_division_by_zero():
    check_all(lambda a, b: a / b, [(1 + 2j, 0j), (0j, 0j), (1j, 0.0), (1j, 0), (1.0, 0j)])


def test_abs():
    check_all(
        lambda a: abs(a), [(a,) for a in VALUES + [3 + 4j, complex(-INF, NAN), complex(5e-324, 0)]], ulp=1
    )
    check_all(lambda a: abs(a), [(complex(1.7e308, 1.7e308),)])


def test_power():
    check_all(
        lambda a, b: a**b, [(a, b) for a in FINITE for b in (0j, 1 + 0j, 2 + 0j, 0.5 + 0.5j, -1 + 1j)], ulp=16
    )


def test_power_with_real():
    check_all(lambda a, b: a**b, [(a, b) for a in FINITE for b in (0, 1, 2, 3, -1, -2, 10)], ulp=16)
    check_all(lambda a, b: a**b, [(a, b) for a in FINITE for b in (0.5, -1.5, 2.0)], ulp=16)
    check_all(lambda a, b: a**b, [(2.0, 1j), (2, 1 + 1j)], ulp=16)


def test_power_errors():
    check_all(lambda a, b: a**b, [(0j, -1 + 0j), (0j, 1j), (0j, 0j), (0j, 2 + 0j)])
    check_all(lambda a, b: a**b, [(0j, -1)])


def test_constructor():
    check_all(lambda a, b: (complex(a, b), complex(a), complex()), [(1, 2), (-0.0, 1.5), (True, 2)])
    check_all(lambda a, b: complex(a, b), [(1 + 2j, 3 + 4j), (1j, 2.0), (2.0, 1j)])


def test_constants():
    check(lambda: (1j, -2.5j, 3 + 4j, 0j * -1))


def mandelbrot(c, limit):
    z = 0j
    for i in range(limit):
        if z.real * z.real + z.imag * z.imag > 4.0:
            return i
        z = z * z + c
    return limit


def dft_of_ramp(n, k):
    total = 0j
    for i in range(n):
        angle = -2.0 * 3.141592653589793 * k * i / n
        total += i * complex(1.0 - angle * angle / 2.0, angle)
    return total


def horner(z):
    p = 1 + 0j
    for c in (2.0, -1.0, 0.5, 3.0):
        p = p * z + c
    return p


def test_algorithms():
    check_all(mandelbrot, [(-0.75 + 0.1j, 200), (0.3 + 0.5j, 50), (2 + 2j, 10)])
    check_all(dft_of_ramp, [(16, 1), (16, 5), (0, 0)])
    check_all(horner, [(1 + 1j,), (-0.5j,), (2 + 0j,)])


def test_truth_and_choice():
    check_all(lambda a, b: a or b, [(0j, 1j), (2j, 1j)])
    check_all(lambda a, b: a if a == b else b, [(1j, 1j), (2j, 1j)])
