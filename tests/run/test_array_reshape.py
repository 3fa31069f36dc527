"""reshape and ravel of every memory layout: a view wherever NumPy has one, else a copy."""

import itertools

import numpy as np
import pytest

from harness import check, check_all


def flat(a):
    return a.reshape(-1), a.ravel()


def three(a, n, m, k):
    return a.reshape(n, m, k)


def sources():
    base = np.arange(24.0)
    cube, long = base.reshape(2, 3, 4), np.arange(48.0)
    return {
        "c": cube,
        "f": np.asfortranarray(cube),
        "permuted": cube.transpose(1, 0, 2),
        "reversed": cube[::-1],
        "inner reversed": cube[:, :, ::-1],
        "every other": long.reshape(4, 3, 4)[::2],
        "inner step": long.reshape(2, 3, 8)[:, :, ::2],
        "all steps": long[::2].reshape(2, 3, 4),
        "broadcast": np.broadcast_to(np.arange(4.0), (2, 3, 4)),
        "with axis of one": np.asfortranarray(base.reshape(4, 1, 6)),
        "row of f": np.asfortranarray(base.reshape(1, 24)),
        "column": base.reshape(24, 1).T,
    }


@pytest.mark.parametrize("name", sources())
def test_flat(name):
    check(flat, sources()[name])


@pytest.mark.parametrize("name", sources())
def test_every_factorisation(name):
    shapes = [s for s in itertools.product((1, 2, 3, 4, 6, 8, 12, 24), repeat=3) if np.prod(s) == 24]
    check_all(three, [(sources()[name], *shape) for shape in shapes])


@pytest.mark.parametrize(
    "a", [np.zeros((0, 3)).T, np.zeros((4, 0, 2))[::2], np.array(2.5)], ids=["f", "a", "0d"]
)
def test_few_elements(a):
    check(flat, a)
    check_all(three, [(a, 0, 2, -1), (a, 1, 1, 1), (a, -1, 1, 1), (a, 1, -1, 0)])


def test_unknown_sizes_in_the_message():
    a = np.zeros((3, 4)).T
    check_all(
        three, [(a, -1, 5, 1), (a, 5, -1, 1), (a, 5, 1, -1), (a, -2, 6, 1), (a, -1, -1, 2), (a, 5, 5, 5)]
    )
    check_all(lambda a, n: a.reshape(n), [(a, 5), (a, -1), (a, 12)])
    check(lambda a: a.reshape(5, -1), a)
    check(lambda a: a.reshape((-1, 5)), a)


# ---- other orders


def by_columns(a):
    return (
        a.ravel("F"),
        a.flatten("F"),
        a.reshape((2, 6), order="F"),
        np.reshape(a, (4, -1), order="F"),
        a.ravel(order="C"),
    )


@pytest.mark.parametrize("name", sources())
def test_by_columns(name):
    check(by_columns, sources()[name], layout=False)


def test_order_of_the_array_itself():
    a = np.arange(12.0).reshape(3, 4)
    check_all(
        lambda a: (a.ravel("A"), a.flatten("A"), a.reshape(6, 2, order="A")), [(a,), (a.T,)], layout=False
    )
    check(lambda a: a.ravel("K"), a, strict=False, native=False)


def test_by_columns_that_do_not_fit():
    check(lambda a: a.reshape((5, 3), order="F"), np.arange(12.0).reshape(3, 4))
