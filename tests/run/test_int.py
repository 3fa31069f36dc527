"""Python's int and bool: every operator with Python's rules, for signs, zero and the edges of 64 bits."""

import pytest

from harness import check, check_all

SMALL = [0, 1, -1, 2, -2, 3, -3, 7, -7, 8, 10, -10, 255, -256]
LARGE = [2**31, -(2**31) - 1, 10**12 + 7, -(10**15), 2**62 - 1, -(2**62)]
EDGE = [2**63 - 1, -(2**63), -(2**63) + 1]
BOOLS = [False, True]
PAIRS = [(a, b) for a in SMALL for b in SMALL]
LARGE_PAIRS = [(a, b) for a in LARGE for b in SMALL + [2**31 - 1]] + [(a, b) for a in SMALL for b in LARGE]

CLOSED = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "floor_divide": lambda a, b: a // b,
    "modulo": lambda a, b: a % b,
    "divmod": lambda a, b: divmod(a, b),
    "divide": lambda a, b: a / b,
    "and": lambda a, b: a & b,
    "or": lambda a, b: a | b,
    "xor": lambda a, b: a ^ b,
    "minimum": lambda a, b: min(a, b),
    "maximum": lambda a, b: max(a, b),
}
COMPARE = {
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
    "invert": lambda a: ~a,
    "not": lambda a: not a,
    "abs": lambda a: abs(a),
    "int": lambda a: int(a),
    "float": lambda a: float(a),
    "complex": lambda a: complex(a),
    "bool": lambda a: bool(a),
    "round": lambda a: round(a),
    "real": lambda a: (a.real, a.imag, a.conjugate()),
}


@pytest.mark.parametrize("name", CLOSED)
def test_binary(name):
    check_all(CLOSED[name], PAIRS + LARGE_PAIRS)


@pytest.mark.parametrize("name", COMPARE)
def test_compare(name):
    edges = [(a, b) for a in EDGE for b in EDGE + [0, -1]]
    check_all(COMPARE[name], PAIRS + LARGE_PAIRS + edges)


@pytest.mark.parametrize("name", UNARY)
def test_unary(name):
    check_all(UNARY[name], [(a,) for a in SMALL + LARGE + [2**63 - 1]])


@pytest.mark.parametrize("name", sorted(CLOSED | COMPARE))
def test_bool_binary(name):
    check_all((CLOSED | COMPARE)[name], [(a, b) for a in BOOLS for b in BOOLS])


@pytest.mark.parametrize("name", sorted(set(CLOSED | COMPARE) - {"minimum", "maximum"}))
def test_bool_with_int(name):
    check_all(
        (CLOSED | COMPARE)[name],
        [(a, b) for a in BOOLS for b in (0, 1, -3)] + [(b, a) for a in BOOLS for b in (0, 1, -3)],
    )


@pytest.mark.parametrize("name", UNARY)
def test_bool_unary(name):
    check_all(UNARY[name], [(False,), (True,)])


def test_multiply():
    check_all(
        lambda a, b: a * b, PAIRS + [(2**31, 2**31), (-(2**31), 2**31 - 1), (10**9, -(10**9)), (3, 2**61)]
    )


def test_multiply_bools():
    check_all(lambda a, b: a * b, [(a, b) for a in (True, False, 3) for b in (True, False)])


EDGE_DIVISION = [
    (2**63 - 1, -1),
    (2**63 - 1, 2),
    (-(2**63), 1),
    (-(2**63), 2),
    (-(2**63), 3),
    (-(2**63), -(2**63)),
    (1, -(2**63)),
]


@pytest.mark.parametrize("name", ["floor_divide", "modulo", "divmod", "divide"])
def test_division_at_the_edge(name):
    check_all(CLOSED[name], EDGE_DIVISION)


def test_smallest_modulo_minus_one():
    """x86's division instruction traps here; the remainder is plainly 0."""
    check(lambda a, b: a % b, -(2**63), -1)


def test_true_division_rounds_once():
    """Beyond 2**53, converting both operands first would round twice."""
    check_all(
        lambda a, b: a / b,
        [(2**62 + 1, 3), (2**53 + 1, 1), (2**63 - 1, 2**62 + 1), (10**18 + 9, 10**17 + 3), (-(2**61) - 3, 7)],
    )


def test_compare_with_float_is_exact():
    rows = [
        (2**53 + 1, 2.0**53),
        (2**53, 2.0**53),
        (2**63 - 1, 2.0**63),
        (-(2**63), -(2.0**63)),
        (3, 3.5),
        (0, -0.0),
        (1, float("nan")),
        (2**62, float("inf")),
        (2**62, float("-inf")),
        (9007199254740993, 9007199254740992.0),
    ]
    for compare in COMPARE.values():
        check_all(compare, rows + [(b, a) for a, b in rows])


def shift_both(a, n):
    return a << n, a >> n


def test_shifts():
    check_all(shift_both, [(a, n) for a in SMALL + BOOLS for n in (0, 1, 5, 31, 50)])


def test_right_shift_beyond_the_width():
    check_all(lambda a, n: a >> n, [(a, n) for a in SMALL + EDGE for n in (62, 63, 64, 65, 127, 1000, 2**40)])


def test_left_shift_of_zero():
    check_all(lambda a, n: a << n, [(0, n) for n in (0, 63, 64, 200)])


def test_shift_by_negative_count():
    check_all(lambda a, n: a << n, [(1, -1), (0, -5)])
    check_all(lambda a, n: a >> n, [(1, -1), (-7, -64)])


def test_power():
    rows = [(b, e) for b in (0, 1, -1, 2, -2, 3, -3, 10) for e in (0, 1, 2, 3, 5, 18)] + [
        (2, 62),
        (-2, 62),
        (-1, 2**40),
        (7, 22),
    ]
    check_all(lambda a, b: a**b, rows)
    check_all(lambda a, b: pow(a, b), rows)


def test_power_of_constants():
    check_all(lambda a: (a**0, a**1, a**2, a**3, a**10, 2**3, (-2) ** 3), [(a,) for a in (0, 1, -1, 5, -7)])


def test_power_with_negative_constant_exponent():
    check_all(lambda a: a**-1, [(1,), (2,), (-4,), (10,), (0,)])
    check_all(lambda a: (a**-2, 2**-1), [(3,), (-10,)])


def test_power_with_modulus():
    check_all(
        lambda a, b, m: pow(a, b, m),
        [(3, 200, 13), (2, 10, 1000), (-5, 3, 7), (5, 0, 1), (7, 3, -10), (10**9, 10**9, 10**9 + 7)],
    )
    check_all(lambda a, b, m: pow(a, b, m), [(3, 2, 0)])
    check_all(lambda a, b, m: pow(a, b, m), [(3, -1, 7), (2, -1, 4)], strict=False)


def test_wraps_at_64_bits():
    """The one documented difference from CPython."""
    check(lambda a, b: a + b, 2**63 - 1, 1, expect=-(2**63))
    check(lambda a, b: a - b, -(2**63), 1, expect=2**63 - 1)
    check(lambda a, b: a * b, 2**62, 4, expect=0)
    check(lambda a, b: a * b, 3037000500, 3037000500, expect=3037000500**2 - 2**64)
    check(lambda a, n: a << n, 1, 63, expect=-(2**63))
    check(lambda a: -a, -(2**63), expect=-(2**63))
    check(lambda a, b: a**b, 3, 41, expect=(3**41 + 2**63) % 2**64 - 2**63)


def factorial_modulo(n, m):
    product = 1
    for i in range(1, n + 1):
        product = product * i % m
    return product


def collatz(n):
    steps = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return steps


def gcd(a, b):
    while b:
        a, b = b, a % b
    return a


def count_bits(n):
    count = 0
    while n:
        n &= n - 1
        count += 1
    return count


def reverse_digits(n):
    sign = -1 if n < 0 else 1
    n = abs(n)
    out = 0
    while n > 0:
        n, digit = divmod(n, 10)
        out = out * 10 + digit
    return sign * out


def integer_sqrt(n):
    low, high = 0, n + 1
    while high - low > 1:
        middle = (low + high) >> 1
        if middle * middle <= n:
            low = middle
        else:
            high = middle
    return low


ALGORITHMS = [
    (factorial_modulo, [(10, 10**9 + 7), (100, 97), (0, 5)]),
    (collatz, [(1,), (27,), (97,)]),
    (gcd, [(1071, 462), (0, 5), (-12, 18), (7, 0)]),
    (count_bits, [(0,), (255,), (2**62 + 1,)]),
    (reverse_digits, [(12345,), (-900,), (0,)]),
    (integer_sqrt, [(0,), (99,), (10**9,)]),
]


@pytest.mark.parametrize("func, rows", ALGORITHMS, ids=lambda x: getattr(x, "__name__", ""))
def test_algorithm(func, rows):
    check_all(func, rows)


def augmented(a, b):
    x = a
    x += b
    x -= 3
    x *= b
    x //= 2
    x %= 1000
    x <<= 3
    x >>= 1
    x |= 5
    x &= 0xFF
    x ^= b
    x **= 2
    return x


def test_augmented_assignment():
    check_all(augmented, [(5, 7), (-5, 7), (100, -3), (0, 0)])


def long_expression(a, b, c):
    return (a + b * c - (a ^ b)) % 97 + (-a) // 3 - (b & ~c) + (a << 2 | b >> 1) - +c


def test_long_expression():
    check_all(long_expression, [(1, 2, 3), (-9, 14, 5), (1000, -1, -77)])


def test_large_constants():
    check(lambda: (9223372036854775807, -9223372036854775808, 0x7FFF_FFFF_FFFF_FFFF, 0b1010, 0o17))
    check(lambda a: (a == 9223372036854775807, a & 0xFFFFFFFF, a > -9223372036854775808), 2**63 - 1)


def test_conversions():
    check_all(
        lambda a: (int(a), float(a), bool(a), int(float(a)), int(bool(a))),
        [(0,), (5,), (-3,), (2**53 + 1,), (True,), (False,)],
    )
