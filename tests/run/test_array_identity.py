"""Which arrays are one object: arguments come back as themselves, a view is another one, `is` agrees."""

import numpy as np
import pytest

import hotloop


def argument(a, b):
    c = b if a[0, 0] == 0 else a
    return a, (b, c), c


def views(a, b):
    v = a[:]
    return v, v, a[:], a[0], a[0], a.T, a.ravel(), a.reshape(-1), a.flatten()


def views_of_fresh(a, b):
    t = a + 1
    return t[1:], t, t, t[:], t[0], t.T.ravel(), t.T.flatten()


def only_a_view_of_fresh(a, b):
    t = a + 1
    return t[1:]


def vectors(a, b):
    row = a[0]
    return row.T, row.ravel(), row.real, np.asarray(row), np.ascontiguousarray(row), row


def rows(a, b):
    last = a[0]
    for row in a:
        last = row
    return last, last, b


def identity(a, b):
    t = a + 1
    u = t[:] if a[0, 0] == 0 else t
    return a is b, a is not b, a is a, a[:] is a, a[:] is a[:], t is u, u is u, t is not a, a[0] is a


@pytest.mark.parametrize(
    "func",
    [argument, views, views_of_fresh, only_a_view_of_fresh, vectors, rows, identity],
    ids=lambda f: f.__name__,
)
@pytest.mark.parametrize("kind", ["two", "same", "view", "fortran"])
def test_identity(func, kind):
    a = np.arange(6.0).reshape(2, 3)
    if kind == "fortran":
        a = np.asfortranarray(a)
    b = {"two": a + 1, "same": a, "view": a[:], "fortran": a.T}[kind]
    assert describe(hotloop.njit(strict=True)(func)(a, b), (a, b)) == describe(func(a, b), (a, b))


def describe(result, args):
    """What each array of a result is: an argument, another result, a view of one, the owner of its data."""
    parts = list(leaves(result))
    return [
        (
            [part is other for other in parts],
            [part is arg for arg in args],
            part.flags.owndata,
            [part.base is other for other in parts],
            part.tolist(),
        )
        if isinstance(part, np.ndarray)
        else part
        for part in parts
    ]


def leaves(value):
    if isinstance(value, tuple):
        for item in value:
            yield from leaves(item)
    else:
        yield value
