"""Inner functions and lambdas: called where they are made, passed on, recursive; what they close over."""

import math

import numpy as np
import pytest

from tests.harness import check, check_all


def test_captured_values():
    def scaled(n):
        factor = n + 1

        def times(x):
            return x * factor

        return times(3) + times(n)

    check_all(scaled, [(2,), (2.5,), (1j,)])


def test_captured_array_is_the_same_memory():
    def fill(a):
        def put(i, x):
            a[i] = x * a.shape[0]

        for i in range(len(a)):
            put(i, i)
        return a

    check(fill, np.zeros(5))


def test_defaults_and_keywords():
    def calls(n):
        f = lambda x, y=2, *, z=n: x + 10 * y + 100 * z  # noqa: E731
        return f(1), f(1, 3), f(y=5, x=2), f(1, z=7)

    check(calls, 4)


def test_keyword_only_defaults_of_constants():
    def calls(n):
        def f(x, *, scale=3, shift=0.5):
            return x * scale + shift

        return f(n), f(n, shift=1), f(n, scale=2.0)

    check(calls, 4)


def test_star_arguments():
    check(lambda n: (lambda *a: len(a) + a[0])(n, 2, 3), 5)


def test_recursion():
    def factorial(n):
        def fact(m):
            return 1 if m <= 1 else m * fact(m - 1)

        return fact(n)

    check_all(factorial, [(0,), (5,), (20,)])


def test_functions_that_call_each_other():
    def parity(n):
        sign = n * 2

        def even(m):
            return sign if m == 0 else odd(m - 1)

        def odd(m):
            return -sign if m == 0 else even(m - 1)

        return even(n), odd(n)

    check_all(parity, [(0,), (7,), (8,)])


def test_three_levels():
    def outer(n):
        def middle(a):
            def inner(b, *, c=4):
                return a + b * n + c

            return inner(2) + inner(3, c=a)

        return middle(5) + middle(1.5)

    check(outer, 6)


def test_same_name_on_two_levels():
    def outer(n):
        x = n

        def use():
            return x

        def middle():
            x = 2.5

            def inner():
                return x * use()

            return inner()

        return middle(), use()

    check(outer, 3)


def apply(f, x):
    return f(x)


def make_adder(k):
    return lambda x: x + k


def compose(f, g):
    return lambda x: f(g(x))


def test_passed_to_a_function():
    def total(n):
        s = 0
        for i in range(n):
            s += apply(lambda x: x * x + i, 3)
        return s

    check(total, 5)


def test_returned_by_a_compiled_function():
    def adders(n):
        add_three, add_n = make_adder(3), make_adder(n)
        return add_three(1) + add_n(10), compose(add_n, lambda x: x * 2)(5)

    check(adders, 4)


def test_captured_in_a_loop():
    def sums(a):
        total = 0.0
        for i in range(len(a)):
            row = lambda j: a[i] * a[j]  # noqa: E731
            for j in range(len(a)):
                total += row(j)
        return float(total)

    check(sums, np.arange(5.0))


def test_kept_while_its_variable_changes():
    import hotloop

    def kept(n):
        x = n
        f = compose(lambda y: x + y, lambda y: y)
        x = 10
        return f(1)

    with pytest.warns(hotloop.HotloopPerformanceWarning, match="keeping a function"):
        assert hotloop.njit(kept)(3) == 11


def test_captured_from_two_paths():
    def either(n):
        if n > 3:
            step = 2.5
        else:
            step = 1.0

        def shifted(x):
            return x + step

        return shifted(n), shifted(2)

    check_all(either, [(2,), (5,)])


def test_one_function_or_none():
    def maybe(n):
        f = None
        if n > 2:
            f = lambda x: x + n  # noqa: E731
        return 0 if f is None else f(2)

    check_all(maybe, [(1,), (3,)])


def test_none_called():
    def called(n):
        f = None
        if n > 2:
            f = lambda x: x + n  # noqa: E731
        return f(2)

    check_all(called, [(1,), (3,)])


def test_checks_of_a_function_the_prelude_calls():
    def out_of_range(a):
        f = lambda i: a[i]  # noqa: E731
        return apply(f, 7)

    check(out_of_range, np.zeros(3))


def test_global_lambda():
    check(lambda n: apply(DOUBLE, n), 3)


DOUBLE = lambda x: x * 2  # noqa: E731


@pytest.mark.parametrize("function", [DOUBLE, math.sqrt, np.sin, np.float32, abs])
def test_function_as_argument(function):
    check(apply, function, 2.25)


def test_equal_lambdas_are_one_specialisation():
    import hotloop

    compiled = hotloop.njit(strict=True)(apply)
    native = hotloop._conformance_counters()["native"]
    for i in range(5):
        assert compiled(lambda x: x * 2, i) == 2 * i
        assert compiled(make_adder(3), i) == i + 3
    assert hotloop._conformance_counters()["native"] == native + 10
    assert compiled(make_adder(4), 1) == 5


def test_function_returned_to_python():
    """It is a function of Python's, which strict does not make."""
    import hotloop

    assert hotloop.njit(make_adder)(3)(4) == 7
    with pytest.raises(hotloop.TypingError, match="returning function"):
        hotloop.njit(strict=True)(make_adder)(3)
