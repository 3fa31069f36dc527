"""Named tuples in compiled code: arguments, results, calls of their classes, items by name."""

import collections
import typing

import numpy as np
import pytest

from tests.harness import check, check_all

Rect = collections.namedtuple("Rect", "width height")
Defaults = collections.namedtuple("Defaults", ["a", "b", "c"], defaults=(2, 3.5))


class Point(typing.NamedTuple):
    x: float
    y: int = 3


class Shifted(typing.NamedTuple):
    """Adds as numbers do: not a tuple to compiled code."""

    x: int

    def __add__(self, other):
        return Shifted(self.x + other)


class Methods(typing.NamedTuple):
    x: int

    def double(self):
        return 2 * self.x


class Lying(tuple):
    """Looks like a class of named tuples."""

    __slots__ = ()
    _fields = ("x",)
    x = property(lambda self: 42)


class Derived(Rect):
    """Its instances may have attributes of their own."""


ORIGIN = Point(0.5, 7)


def test_items_by_name_and_by_number():
    check_all(
        lambda r: (r.width * r.height, r[0], r[-1], len(r), r[1:], bool(r)),
        [(Rect(2, 3),), (Rect(2.5, 4),), (Rect(np.float32(1.5), True),), (Rect(1j, 2j),)],
    )


def test_unpacked_and_iterated():
    def unpacked(r):
        w, h = r
        total = 0.0
        for x in r:
            total += x
        return w - h, total, 2 in r, max(r)

    check(unpacked, Rect(2.0, 5.0))


def test_arrays_and_tuples_inside():
    def inside(r):
        r.width[0] = 5.0
        return r.width.sum() + r.height[1], r.width

    check(inside, Rect(np.arange(4.0), (1, 2.5)))
    check(lambda r: (r.height.x, r.height, Rect(r.height, r)), Rect(1, Point(2.5)))


def test_made_in_compiled_code():
    def made(a, b):
        return (
            Rect(a, b),
            Rect(height=a, width=b),
            Point(a),
            Point(1.5, y=b),
            Defaults(a),
            Defaults(a, c=b),
            Rect(*(a, b)),
        )

    check_all(made, [(1, 2), (1.5, 2), (True, 2.5)])


def test_the_argument_comes_back_as_an_equal_one():
    check_all(lambda p: (p, (p, 1), [p, p]), [(Point(1.5, 2),), (Rect(1, 2.5),)])


def test_operators():
    def operators(a, b):
        return a == b, a != b, a < b, a >= b, a + b, a + (1,), a * 2, hash(a) == hash((a[0], a[1]))

    check_all(operators, [(Rect(1, 2), Rect(1, 2)), (Rect(1, 2), (1, 3)), (Rect(1, 2), Point(0.5, 4))])


def test_classes():
    def classes(p):
        return isinstance(p, Point), isinstance(p, Rect), isinstance(p, tuple), isinstance(p, (int, Point))

    check_all(classes, [(Point(1.0),), (Rect(1, 2),), ((1.0, 3),)])


def test_classes_with_equal_items_have_their_own_code():
    import hotloop

    same = hotloop.njit(strict=True)(lambda p: p)
    assert [type(same(p)) for p in (Rect(1.5, 3), Point(1.5, 3), (1.5, 3))] == [Rect, Point, tuple]
    assert len(same.signatures) == 3
    assert same.signatures[0][0] == hotloop.typeof(Rect(1.5, 3))


def test_constants():
    local = Rect(4, 5)
    check(lambda a: (ORIGIN.x + a, local.height, ORIGIN, local), 2)


def test_one_type_where_paths_meet():
    def meet(c, p):
        q = p if c else Point(9.5, 1)
        for _ in range(3):
            q = Point(q.x + 1, q.y)
        return q

    check_all(meet, [(True, Point(1.5, 2)), (False, Point(1.5, 2))])


def area(r):
    return r.width * r.height


def swapped(r):
    return Rect(r.height, r.width)


def test_passed_on():
    check(lambda r: (area(r), area(swapped(r)), swapped(r)), Rect(3, 4.5))


def test_in_lists_sets_and_text():
    check(lambda a: ([Rect(i, a) for i in range(3)], {Rect(i, a) for i in range(5)}), 2)
    check(lambda r: f"{r}", Rect(1, 2.5))


def test_wrong_calls_are_errors_as_in_python():
    import hotloop

    for wrong in (lambda: Rect(1), lambda: Rect(1, 2, 3), lambda: Rect(1, 2, depth=3)):
        with pytest.raises(hotloop.errors.TypingError):
            hotloop.njit(strict=True)(wrong)()
        check(wrong, strict=False, native=False)


@pytest.mark.parametrize("value", [Shifted(1), Derived(1, 2)])
def test_classes_that_are_more_than_tuples_run_in_the_interpreter(value):
    check(lambda p: p + p[0] if isinstance(p, Shifted) else p[0], value, strict=False, native=False)


def test_a_class_that_only_looks_like_one_is_left_alone():
    import hotloop

    with pytest.warns(hotloop.errors.HotloopPerformanceWarning):
        assert hotloop.njit(lambda p: p.x)(Lying((1,))) == 42


def test_methods_run_in_the_interpreter():
    check(lambda m: m.x + 1, Methods(4))
    check(lambda m: m.double(), Methods(4), strict=False)


def test_cached_functions_do_not_keep_classes(tmp_path, monkeypatch):
    import hotloop

    monkeypatch.setenv("HOTLOOP_CACHE_DIR", str(tmp_path))
    made = hotloop.njit(lambda a: Rect(a, a + 1), cache=True)
    assert made(1) == (1, 2)
    assert type(made(1)) is Rect
    assert not made.stats.cache_hits
