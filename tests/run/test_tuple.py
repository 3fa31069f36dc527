"""Tuples: built, nested, mixed, unpacked, indexed, compared, joined, passed and returned."""

import numpy as np
import pytest

from harness import check, check_all


def swap(a, b):
    a, b = b, a
    return a, b


def rotate(a, b, c):
    a, b, c = c, a, b
    return (a, (b, c)), ()


def unpack_nested(t):
    (a, b), c = t
    return c, b, a


def indexed(t):
    return t[0], t[-1], t[1], len(t)


def sliced(t):
    return t[1:], t[:2], t[::-1], t[-2:], t[:], t[5:]


def by_number(t, i):
    return t[i]


def sum_of(t):
    total = 0
    for x in t:
        total += x
    return total


def nested_loop(t):
    total = 0
    for a, b in t:
        total += a * b
    return total


def grow(a):
    t = (a,)
    t += (a + 1, a + 2)
    return t + t


def chosen(flag, a, b):
    return (a, b) if flag else (b, a)


def running(n):
    state = (0, 1)
    for _ in range(n):
        state = (state[1], state[0] + state[1])
    return state


def fold(t):
    return min(t), max(t), sum(t), sum(t, 10)


def has(x, t):
    return x in t, x not in t


ROWS = [
    (swap, [(1, 2), (1.5, True), (None, 3j)]),
    (rotate, [(1, 2, 3), (1, 2.0, False)]),
    (unpack_nested, [(((1, 2), 3),), (((1.0, True), (4, 5)),)]),
    (indexed, [((1, 2, 3),), ((1, 2.0, True),), ((0, (1, 2), None, 4j),)]),
    (sliced, [((1, 2, 3),), ((1, 2.5, True, None),)]),
    (by_number, [((1, 2, 3), i) for i in (0, 2, -1, -3, 3, -4, 100)] + [((1.5,), 0)]),
    (sum_of, [((1, 2, 3),), ((1.5, 2.5),), ((True, False, True),), ((1,),)]),
    (nested_loop, [(((1, 2), (3, 4)),), (((1.0, 2.0),),)]),
    (grow, [(1,), (2.5,)]),
    (chosen, [(True, 1, 2), (False, 1, 2), (True, (1, 2.0), (3, 4.0))]),
    (running, [(0,), (1,), (20,)]),
    (fold, [((3, 1, 2),), ((1.5,),), ((2.0, -1.0),)]),
    (has, [(2, (1, 2, 3)), (5, (1, 2, 3)), (1.0, (1, 2)), (1, (1.0, True)), (0, ())]),
]


@pytest.mark.parametrize("func, rows", ROWS, ids=lambda x: getattr(x, "__name__", ""))
def test_tuple(func, rows):
    check_all(func, rows)


COMPARE = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
COMPARED = [
    ((1, 2), (1, 2)),
    ((1, 2), (1, 3)),
    ((2, 0), (1, 9)),
    ((1, 2), (1, 2, 0)),
    ((), (1,)),
    ((), ()),
    ((1, (2, 3)), (1, (2, 4))),
    ((1, 2.0), (1.0, 2)),
    ((float("nan"),), (1.0,)),
    ((1, float("nan"), 2), (1, 1.0, 1)),
    ((True, 5), (1, 5)),
]


@pytest.mark.parametrize("name", COMPARE)
def test_compare(name):
    check_all(COMPARE[name], COMPARED)


def test_mixed_index_by_constant():
    check(lambda t: (t[0] + 1, t[1] * 0.5, t[2], t[3][1]), (1, 2.0, True, (4, 5j)))


def test_mixed_iteration():
    def total(t):
        out = 0.0
        for x in t:
            out += x
        return out

    check_all(total, [((1, 2.5, True),), ((1.0, 2),)])


def test_deep_nesting():
    check_all(lambda a, b: ((a, (b, (a, (b, (a,))))), ((), ((),))), [(1, 2.0), (True, None)])


def test_long():
    t = tuple(range(30))
    check(lambda t: (t[29], sum(t), len(t), t + t), t)


def test_unpack_argument_with_arrays():
    def both(t):
        a, (b, k) = t
        a[0] = b[1] * k
        return b, a

    check(both, (np.arange(3.0), (np.arange(4), 2)))


def test_index_out_of_range():
    check_all(lambda t, i: t[i], [((1.0, 2.0), 2), ((1.0, 2.0), -3)])


def test_star_in_display():
    check_all(lambda t, a: (*t, a, *t), [((1, 2), 3), ((), 1)])


def test_return_of_argument():
    check_all(lambda t: t, [((),), ((1,),), ((1, (2.0, (None, True))),), (((), 3j),)])


def test_truth():
    check_all(lambda t: (bool(t), not t, 1 if t else 2), [((),), ((0,),), ((1, 2),)])


def test_constant_tuple():
    check(lambda: (1, 2.5, True, None, (3, 4)))
    check(lambda i: (10, 20, 30)[i], 1)
