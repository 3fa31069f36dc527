"""Built-in functions and isinstance on scalars and tuples."""

import collections.abc
import enum
import math
import numbers

import numpy as np
import pytest

from harness import check, check_all

NUMBERS = [(0,), (-3,), (7,), (2.5,), (-0.0,), (True,), (1e300,)]


def kinds(x):
    return (
        isinstance(x, int),
        isinstance(x, float),
        isinstance(x, (int, float)),
        isinstance(x, bool),
        isinstance(x, complex),
        isinstance(x, tuple),
    )


def by_kind(x):
    if isinstance(x, tuple):
        return len(x)
    if isinstance(x, bool):
        return 100
    if isinstance(x, (int, float)):
        return 200
    return 300


def cascade(a, b, c, d):
    return min(a, b, c, d), max(a, b, c, d), sum((a, b, c, d)), len((a, b, c)), abs(a - b), round(a / 3 + b)


ROWS = {
    "abs": (lambda x: abs(x), [*NUMBERS, (3 - 4j,)]),
    "kinds": (kinds, [*NUMBERS, (1j,), ((1, 2),), (None,)]),
    "by kind": (by_kind, [*NUMBERS, (1j,), ((1, 2),), (None,)]),
    "int": (lambda x: (int(x), int()), NUMBERS[:-1]),
    "float": (lambda x: (float(x), float()), NUMBERS),
    "bool": (lambda x: (bool(x), bool()), [*NUMBERS, (0j,), (1j,), (None,)]),
    "complex": (lambda x: complex(x), [*NUMBERS, (1j,)]),
    "min and max of two": (
        lambda a, b: (min(a, b), max(a, b)),
        [(1, 2), (2.0, 1.5), (True, False), (-0.0, 0.0)],
    ),
    "min and max of tuples": (lambda a, b: (min(a, b), max(a, b)), [((1, 2), (1, 3)), ((2.0, 0), (1.0, 9))]),
    "cascade": (cascade, [(1, 2, 3, 4), (4.5, -1.0, 2.0, 0.0)]),
    "sum": (
        lambda t, s: (sum(t), sum(t, s)),
        [((1, 2), 3), ((1.5, 2.5), 1.0), ((1j, 2j), 3j), ((True, True), 0)],
    ),
    "sum with start keyword": (lambda t: sum(t, start=5), [((1, 2),), ((0.5,),)]),
    "sum of range": (lambda a, b, c: sum(range(a, b, c)), [(0, 10, 3), (5, 0, -1), (0, 0, 1)]),
    "sum of nothing": (lambda: sum(()), [()]),
    "min max of range": (lambda n: (min(range(n)), max(range(n))), [(5,), (1,)]),
    "divmod": (lambda a, b: divmod(a, b), [(7, 2), (-7, 2), (7.5, -2), (7, 0), (1.0, 0)]),
    "pow": (lambda a, b: pow(a, b), [(2, 10), (-3, 3), (2.0, 3)]),
    "len": (lambda t: (len(t), len(()), len(range(7))), [((1, 2),), ((),)]),
    "round": (lambda x: (round(x), round(x, 1)), [(2.55,), (0.5,), (-1.5,), (7,)]),
    "nested": (lambda a, b: int(abs(float(min(a, max(b, -a))))), [(3, -9), (-2, 5)]),
    "numbers in text": (
        lambda x: (
            min(float("inf"), x),
            max(float(" -Infinity"), x),
            int("12"),
            int("ff", 16),
            complex("1-2j"),
        ),
        [(1.5,), (-2.0,)],
    ),
    "functions of text": (
        lambda: (
            ord("a"),
            chr(233),
            bin(5),
            oct(-8),
            hex(255),
            ascii("é"),
            "Spam".upper(),
            "a,b".find(","),
            "x".isdigit(),
        ),
        [()],
    ),
    "truth of everything": (
        lambda a, b, c: (not a, not b, bool(c), bool(a and b)),
        [(0, 0.0, 0j), (1, float("nan"), 1j)],
    ),
    "operators of kinds": (
        lambda a, b: (a + b, a * b, a - b, a == b),
        [(True, 1.5), (2, 1j), (1.5, 1j), (True, True), (True, 2)],
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_builtin(name):
    func, rows = ROWS[name]
    check_all(func, rows)


def test_text_that_is_no_number():
    check(lambda: float("spam"), strict=False, native=False)
    check(lambda: chr(-1), strict=False, native=False)


def test_methods_of_text_that_make_lists():
    """Python makes them: a list made when compiling would be the same one in each call."""
    check(lambda: "a b".split(), strict=False, native=False)


def test_min_of_empty():
    check_all(lambda n: min(range(n)), [(0,), (2,)])
    check_all(lambda n: max(range(n)), [(0,), (2,)])


def test_is():
    check_all(
        lambda a, b: (a is None, b is not None, a is True, b is False),
        [(None, True), (True, False), (False, None)],
    )


def test_bool_is_int():
    check_all(
        lambda a: (a + 1, a * 2.5, -a, a / 2, a // 1, a % 2, a**2, a << 3, a & True, a | False, a ^ True),
        [(True,), (False,)],
    )
    check(lambda a, b: (a & b, a | b, a ^ b, a + b, a - b, a * b), True, False)


ABSTRACT = """
numbers.Number numbers.Integral numbers.Real numbers.Complex abc.Sequence abc.Iterable abc.Sized abc.Hashable
abc.Callable Exception bytes dict enum.Enum
""".split()


@pytest.mark.parametrize("name", ABSTRACT)
def test_isinstance_of_other_classes(name):
    """Classes that the compiler has no rule for are asked."""
    scope = {"numbers": numbers, "abc": collections.abc, "enum": enum}
    exec(f"def f(x): return isinstance(x, {name}), isinstance(x, (bytes, {name}))", scope)
    values = 1, 2.5, True, None, (1, 2), 1j, np.ones(2), np.float32(1), np.int64(1), np.uint8(1)
    check_all(scope["f"], [(value,) for value in values])
    check(scope["f"], [1, 2])


class Answering(type):
    """A class whose instances are what it says."""

    def __instancecheck__(cls, value):
        return value == 3


Three = Answering("Three", (), {})


def of_python(x):
    return (
        isinstance(math.sin, Three),
        isinstance(x, Three),
        isinstance(zip((x,)), zip),
        isinstance(int, type),
    )


def test_isinstance_that_only_python_can_answer():
    check_all(of_python, [(3,), (4,)], strict=False)


STRINGS = (
    """
str(x) == "3"; "3" != f"{x}"; str(x) in ("3", "4"); (str(x), 1) == ("3", 1); "%d" % x == "3"; str(x) in ["3"]
isinstance(f"{x}", str); str(x) == 3; f"{x}" is None
""".replace("\n", ";")
    .strip(";")
    .split(";")
)


@pytest.mark.parametrize("text", STRINGS)
def test_strings_made_at_run_time(text):
    """They have no compiled comparison: Python compares them."""
    scope = {}
    exec(f"def f(x): return {text.strip()}", scope)
    check_all(scope["f"], [(3,), (4,)], strict=False)


class Colour(enum.IntEnum):
    RED = 1


class Equal:
    """Equal to everything."""

    def __eq__(self, other):
        return True

    __hash__ = None


EQUAL = Equal()


def objects_that_compare(x):
    return Colour.RED == x, x in (Colour.RED, 5), EQUAL == None, EQUAL == "a", math.sin == None, x == "a"  # noqa: E711


def test_objects_that_compare():
    check_all(objects_that_compare, [(1,), (2,)], strict=False)
