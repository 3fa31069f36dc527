"""Calls: arguments, calls between compiled functions, recursion, frozen names, raise and assert.

PYTEST_DONT_REWRITE: pytest would put other code in place of the assert statements under test.
"""

import math

import numpy as np
import pytest

from harness import check, check_all, compiled_copy

# ---- Arguments


def defaults(a, b=2, c=3.5, d=True, e=None):
    return a, b, c, d, e is None


def keyword_only(a, *, b, c=10):
    return a * 100 + b * 10 + c


def positional_only(a, b=5, /, c=7):
    return a, b, c


def star(a, *rest):
    total = a
    for x in rest:
        total += x
    return total, len(rest)


def all_kinds(a, /, b=1, *rest, c, d=4):
    return a, b, rest, c, d


CALLS = [
    (defaults, (1,), {}),
    (defaults, (1, 9), {}),
    (defaults, (1,), {"c": 2.0}),
    (defaults, (1,), {"d": 5, "b": 1.5}),
    (defaults, (), {"b": 1, "a": 0}),
    (defaults, (1, 2, 3, 4, 5), {}),
    (keyword_only, (1,), {"b": 2}),
    (keyword_only, (1,), {"c": 3, "b": 2}),
    (keyword_only, (), {"b": 2, "a": 3}),
    (positional_only, (1,), {}),
    (positional_only, (1, 2), {"c": 3}),
    (positional_only, (1, 2, 3), {}),
    (star, (1,), {}),
    (star, (1, 2, 3), {}),
    (star, (1.5, 2.5), {}),
    (all_kinds, (1,), {"c": 3}),
    (all_kinds, (1, 2, 3.5, 4), {"c": 3, "d": 0}),
]


@pytest.mark.parametrize("func, args, kw", CALLS)
def test_arguments(func, args, kw):
    check(func, *args, **kw)


WRONG_CALLS = [
    (defaults, (), {}),
    (defaults, (1, 2, 3, 4, 5, 6), {}),
    (defaults, (1,), {"a": 2}),
    (defaults, (1,), {"z": 2}),
    (keyword_only, (1,), {}),
    (keyword_only, (1, 2), {"b": 1}),
    (positional_only, (), {"a": 1}),
    (star, (), {}),
    (all_kinds, (1,), {}),
    (keyword_only, (), {}),
]


@pytest.mark.parametrize("func, args, kw", WRONG_CALLS)
def test_wrong_arguments(func, args, kw):
    """CPython's sentence is in the message; the message may say more."""
    with pytest.raises(TypeError) as expected:
        func(*args, **kw)
    with pytest.raises(TypeError) as got:
        compiled_copy(func, {"strict": True})(*args, **kw)
    assert str(expected.value) in str(got.value), str(got.value)


def calls_with_everything(x):
    t = (x, 2)
    return (
        defaults(x),
        defaults(x, c=1.0),
        defaults(b=x, a=1),
        keyword_only(x, b=1),
        keyword_only(a=x, c=2, b=3),
        positional_only(x, c=x),
        star(x),
        star(x, x, x),
        star(*t),
        all_kinds(x, c=x),
        all_kinds(x, 2, 3, 4, c=5, d=6),
        positional_only(*t),
    )


def test_arguments_between_compiled():
    check_all(calls_with_everything, [(3,), (0.5,)])


# ---- Calls between compiled functions


def square(x):
    return x * x


def hypotenuse(a, b):
    return math.sqrt(square(a) + square(b))


def divide(a, b):
    return a // b


def through(a, b):
    return divide(a, b) + divide(b, a)


def nothing(x):
    x + 1


def uses_nothing(x):
    return nothing(x), nothing(x) is None


def pair(a, b):
    return b, (a, a + b)


def uses_pair(n):
    a, b = 0, 1
    for _ in range(n):
        b, (a, c) = pair(a, b)
        b = c % 1000
    return a, b


def fill(out, value):
    for i in range(out.shape[0]):
        out[i] = value + i
    return out


def fill_twice(n):
    a = fill(np.empty(n), 1.0)
    b = fill(a[1:], 10.0)
    return a, b[0]


def at(a, i):
    return a[i]


def sums_at(a, n):
    total = 0.0
    for i in range(n):
        total += at(a, i)
    return total


def test_calls():
    check_all(hypotenuse, [(3, 4), (1.5, 2.0)], ulp=1)
    check_all(through, [(7, 2), (2, 7), (3, 0), (0, 3)])
    check_all(uses_nothing, [(1,), (2.5,)])
    check_all(uses_pair, [(0,), (10,)])
    check_all(fill_twice, [(2,), (5,), (0,)])
    check_all(sums_at, [(np.arange(4.0), 4), (np.arange(4.0), 5), (np.arange(4.0)[::2], 2)])


def function_as_argument(f, x):
    return f(x) + f(x + 1)


def test_local_functions():
    def outer(x, y):
        def inner(a, b=y):
            return a * b + x

        return inner(2) + inner(3, 4) + (lambda a: a - y)(x)

    check_all(outer, [(1, 2), (0.5, 3.0)], strict=False)


# ---- Recursion


def factorial(n):
    return 1 if n < 2 else n * factorial(n - 1)


def fibonacci(n):
    if n < 2:
        return n
    return fibonacci(n - 1) + fibonacci(n - 2)


def is_even(n):
    return True if n == 0 else is_odd(n - 1)


def is_odd(n):
    if n == 0:
        return False
    return is_even(n - 1)


def ackermann(m, n):
    if m == 0:
        return n + 1
    if n == 0:
        return ackermann(m - 1, 1)
    return ackermann(m - 1, ackermann(m, n - 1))


def power(x, n):
    if n == 0:
        return 1.0
    half = power(x, n // 2)
    return half * half * x if n % 2 else half * half


def hanoi(n, a, b, c):
    if n == 0:
        return 0
    return hanoi(n - 1, a, c, b) + 1 + hanoi(n - 1, c, b, a)


def sum_halves(a):
    n = a.shape[0]
    if n == 0:
        return 0.0
    if n == 1:
        return a[0]
    return sum_halves(a[: n // 2]) + sum_halves(a[n // 2 :])


def three(n):
    return n if n <= 0 else four(n - 1) + 1


def four(n):
    return n if n <= 0 else five(n - 2) + 2


def five(n):
    return n if n <= 0 else three(n - 3) + 3


RECURSIVE = [
    (factorial, [(0,), (5,), (20,)]),
    (fibonacci, [(0,), (1,), (12,)]),
    (is_even, [(0,), (7,), (10,)]),
    (ackermann, [(2, 3)]),
    (power, [(2.0, 10), (1.5, 0), (3.0, 7)]),
    (hanoi, [(5, 0, 1, 2)]),
    (sum_halves, [(np.arange(7.0),), (np.zeros(0),)]),
    (three, [(20,), (0,)]),
]


@pytest.mark.parametrize("func, rows", RECURSIVE, ids=lambda x: getattr(x, "__name__", ""))
def test_recursion(func, rows):
    check_all(func, rows)


# ---- Frozen names

WIDTH = 7
RATE = 0.25
PHASE = 1 + 2j
TABLE = (1, 2.5, (3, True))
WEIGHTS = np.array([1.0, 2.0, 4.0])
MASKS = np.arange(6, dtype=np.uint8).reshape(2, 3)
NOTHING = None
FLAG = True
SCALAR = np.float32(0.5)


def uses_globals(x):
    return x * WIDTH + RATE, PHASE * x, TABLE[2][0] + x, FLAG and x > 0, NOTHING is None, SCALAR


def weighted(a):
    total = 0.0
    for i in range(len(WEIGHTS)):
        total += WEIGHTS[i] * a[i] + MASKS[1, i]
    return total, math.pi, np.pi, math.inf


def test_globals():
    check_all(uses_globals, [(3,), (-1.5,)])
    check(weighted, np.arange(3.0))
    check(lambda i: WEIGHTS[i], 3)
    check(lambda: (WIDTH, TABLE))


def test_global_array_is_returned_as_itself(oracle_only):
    def get(_):
        return WEIGHTS

    assert compiled_copy(get, {})(1) is WEIGHTS


def test_closure_values():
    scale, shift, table, weights = 3, 0.5, (1, 2), np.arange(3.0)

    def applied(x):
        return scale * x + shift, table[1], weights[1] * x, len(weights)

    check_all(applied, [(2,), (0.25,)])


def make_step(k):
    def step(x):
        return x * k + 1

    return step


def test_closures_do_not_share_code():
    for k in (2, 3, 0.5):
        check(make_step(k), 10)


def test_closure_calls_itself_and_others():
    one = make_step(4)

    def countdown(n):
        return 0 if n == 0 else one(n) + countdown(n - 1)

    check(countdown, 5)


# ---- raise and assert


class Refused(ValueError):
    """An exception class of the program's own."""


def raises(kind, n):
    if kind == 0:
        raise ValueError("bad value")
    if kind == 1:
        raise ValueError
    if kind == 2:
        raise ValueError("bad", n, 1.5)
    if kind == 3:
        raise IndexError(n)
    if kind == 4:
        raise Refused("refused", n * 2)
    if kind == 5:
        raise ZeroDivisionError("by hand")
    if kind == 6:
        raise OverflowError((n, 2), None, True)
    if kind == 7:
        raise StopIteration
    if kind == 8:
        raise RuntimeError()
    if kind == 9:
        raise KeyError("key")
    return n


def test_raise():
    check_all(raises, [(kind, 5) for kind in range(11)])
    check_all(raises, [(kind, 2.5) for kind in (2, 3, 4)])


def asserts(n, a):
    assert n > 0
    assert n < 100, "n must stay below 100"
    assert len(a) == 3, ("length", n)
    assert a[0] != a[1], n
    return a[n]


def test_assert():
    a = np.array([1.0, 2.0, 3.0])
    check_all(asserts, [(0, a), (100, a), (1, a), (5, a), (2, a[:2]), (2, np.zeros(3))])


def raises_in_loop(a, limit):
    for i in range(a.size):
        if a[i] > limit:
            raise ValueError("above the limit", i, a[i])
        a[i] = -a[i]
    return a.size


def raises_below(a, limit):
    a[0] += 100
    return raises_in_loop(a[1:], limit) + 1


def test_raise_keeps_earlier_writes():
    check_all(raises_in_loop, [(np.arange(6.0), 3.0), (np.arange(6), 9)])
    check_all(raises_below, [(np.arange(6.0), 3.0), (np.arange(6.0), 30.0), (np.zeros(0), 1.0)])


def test_raise_in_callee_of_comparison():
    def guarded(n):
        total = 0
        for i in range(n):
            total += divide(100, 3 - i)
        return total

    check_all(guarded, [(3,), (4,), (10,)])


def test_arguments_too_large_for_machine_code():
    """A tuple has only so many components; beside others it may be too large where it is not alone."""
    check(lambda t, n: len(t) + n, tuple(range(4095)), 7)
    check(lambda t, n: len(t) + n, tuple(range(4096)), 7, strict=False)
    check(lambda t, u: len(t) + len(u), tuple(range(3000)), tuple(range(3000)), strict=False)
