"""Who owns an array: results, views, loops that reassign, errors that leave with arrays alive.

The fixture of conftest.py compares the number of live native blocks before and after each test, so each of
these functions fails when a path forgets a release (or frees too early: then the values differ). The asserts
under test stay as they are written: PYTEST_DONT_REWRITE
"""

import numpy as np
import pytest

from harness import check, check_all

A = np.arange(6.0)
M = np.arange(12.0).reshape(3, 4)


def reassigned(a, n):
    for i in range(n):
        a = a + i
    return a


def reassigned_after_use(a, n):
    total = 0.0
    b = a * 2.0
    for i in range(n):
        total += b[0]
        b = b + a
    return total


def previous_and_next(a, n):
    old = a
    new = a + 1.0
    for i in range(n):
        old, new = new, old + new
    return old, new


def swapped(a, n):
    b = a + 1.0
    c = a * 3.0
    for i in range(n):
        b, c = c, b
        b[0] += 1.0
    return b[0] + c[0]


def one_of_two(a, c):
    if c:
        x = a + 1.0
    else:
        x = a
    return x


def used_on_one_way(a, c):
    x = a + 1.0
    if c:
        return x[0]
    return 0.0


def view_outlives_its_base(a):
    b = a * 2.0
    v = b[1:4]
    b = a + 1.0
    return v, b


def rows(m):
    copy = m + 1.0
    total = 0.0
    for i in range(copy.shape[0]):
        row = copy[i]
        for j in range(row.shape[0]):
            total += row[j]
    return total


def same_twice(a):
    b = a + 1.0
    return b, b


def argument_and_view(a):
    return a, a[1:], a


def nested(a):
    b = a + 1.0
    return (b, (a * 2.0, 3)), b[2:]


def never_used(a):
    b = a + 1.0
    c = b * 2.0
    return 1


@pytest.mark.parametrize("n", [0, 1, 2, 5])
@pytest.mark.parametrize(
    "func", [reassigned, reassigned_after_use, previous_and_next, swapped], ids=lambda f: f.__name__
)
def test_loop(func, n):
    check(func, A, n)


@pytest.mark.parametrize("c", [False, True])
@pytest.mark.parametrize("func", [one_of_two, used_on_one_way], ids=lambda f: f.__name__)
def test_branch(func, c):
    check(func, A, c)


@pytest.mark.parametrize(
    "func",
    [view_outlives_its_base, same_twice, argument_and_view, nested, never_used],
    ids=lambda f: f.__name__,
)
def test_result(func):
    check(func, A)


def test_rows():
    check(rows, M)


def index_between(a, i):
    b = a + 1.0
    x = b[i]
    c = b * x
    y = c[i + 1]
    d = c + y
    return d, a[i + 2]


def raise_in_loop(a, n, stop):
    total = a
    for i in range(n):
        total = total + a
        if i == stop:
            raise ValueError("stop")
    return total


def shapes_in_loop(a, b, n):
    c = a * 2.0
    for i in range(n):
        c = c + b
    return c


def assert_between(a, c):
    b = a + 1.0
    v = b[1:]
    assert c, "no"
    return v


def test_every_index_error():
    """Each check fails once, with more arrays alive each time."""
    check_all(index_between, [(A, i) for i in range(-9, 9)])


def test_raise_in_loop():
    check_all(raise_in_loop, [(A, 4, stop) for stop in range(-1, 5)])


def test_shape_error_in_loop():
    check_all(shapes_in_loop, [(A, np.ones(k), n) for k in (1, 5, 6) for n in (0, 1, 3)])


def test_assert():
    check_all(assert_between, [(A, True), (A, False)])


def test_callee():
    """What a callee returned is the caller's, also when the caller fails."""
    import hotloop

    pair = hotloop.njit(lambda a: (a + 1.0, a))

    @hotloop.njit
    def caller(a, i):
        x, y = pair(a)
        z, _ = pair(x)
        return x[i] + y[i] + z[i]

    assert caller(A, 2) == 3.0 + 2.0 + 4.0
    for i in (6, -7):
        with pytest.raises(IndexError):
            caller(A, i)


def test_too_large():
    """The second allocation fails while the first array is alive."""

    def large(a, n):
        b = a + 1.0
        c = np.empty(n)
        return b[0] + c.shape[0]

    check_all(large, [(A, 3), (A, -1)])
    with pytest.raises((MemoryError, ValueError)):
        __import__("hotloop").njit(large)(A, 2**60)
