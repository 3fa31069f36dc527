"""Reading by index: integers, slices with any step, ellipsis, newaxis, tuples; views share memory."""

import numpy as np
import pytest
from layouts import DTYPES, INT_DTYPES, layouts, name_of, numbers, vectors

from harness import check, check_all

POSITIONS = [0, 1, 6, -1, -7, 7, -8, 100, -100, 2**40, -(2**62)]


def item(a, i):
    return a[i]


def item_2d(a, i, j):
    return a[i, j], a[i][j], a[(i, j)]


@pytest.mark.parametrize("dtype", DTYPES, ids=name_of)
def test_item_of_dtype(dtype):
    a = numbers(7, dtype)
    check_all(item, [(a, 0), (a, 2), (a, -3), (a, 7), (a, -8)])


@pytest.mark.parametrize("name", vectors())
def test_item_of_layout(name):
    check_all(item, [(vectors()[name], i) for i in POSITIONS])


@pytest.mark.parametrize("name", layouts())
def test_item_of_two(name):
    a = layouts()[name]
    check_all(item_2d, [(a, i, j) for i in (0, 2, -1, -3, 3, -4) for j in (0, 3, -4, 4, -5)])


@pytest.mark.parametrize("dtype", INT_DTYPES, ids=name_of)
def test_index_of_dtype(dtype):
    a = numbers(7)
    indices = [dtype(3), dtype(6), dtype(7), dtype(100)] + (
        [dtype(-1), dtype(-8)] if np.dtype(dtype).kind == "i" else []
    )
    check_all(item, [(a, i) for i in indices])


def test_index_beyond_int64():
    check_all(item, [(numbers(7), np.uint64(2**63 + 1)), (numbers(7), np.uint64(2**64 - 1))], strict=False)


def test_slice_beyond_int64():
    big = np.uint64(2**63 + 1)
    check_all(
        lambda a, i, j: a[i:j],
        [(numbers(7), 2, big), (numbers(7), big, big), (numbers(7), np.uint64(3), big)],
    )


def test_index_from_array():
    def gather(a, where):
        total = 0.0
        for i in where:
            total += a[i]
        return total

    a = numbers(7)
    for dtype in INT_DTYPES:
        check_all(gather, [(a, np.array([0, 6, 3], dtype)), (a, np.array([0, 7, 3], dtype))])
    check(gather, a, np.array([0, -1, -7, -8]))


def test_three_dimensions():
    def corners(a, i, j, k):
        return a[i, j, k], a[i][j][k], a[i, j][k], a[-1, -1, -1], a[i, -1].shape

    a = numbers((2, 3, 4))
    check_all(
        corners,
        [
            (x, i, j, k)
            for x in (a, a.copy("F"), a[:, ::-1])
            for i, j, k in ((0, 0, 0), (1, 2, 3), (-1, 5, 0), (0, 0, 4))
        ],
    )


def test_zero_dimensions():
    check_all(lambda a: (a[()], a[...]), [(np.array(2.5),), (np.array(3, np.int8),), (np.array(1j),)])


SLICES = [
    ("[i:j]", lambda a, i, j: a[i:j]),
    ("[i:]", lambda a, i, j: a[i:]),
    ("[:j]", lambda a, i, j: a[:j]),
    ("[i:j:2]", lambda a, i, j: a[i:j:2]),
    ("[i:j:-1]", lambda a, i, j: a[i:j:-1]),
    ("[i::-2]", lambda a, i, j: a[i::-2]),
    ("[:j:-1]", lambda a, i, j: a[:j:-1]),
    ("[i::j]", lambda a, i, j: a[i::j]),
]
BOUNDS = [
    (0, 7),
    (2, 5),
    (5, 2),
    (-3, -1),
    (-100, 100),
    (100, -100),
    (7, 0),
    (-1, 3),
    (3, 3),
    (0, -7),
    (1, 2**62),
]


@pytest.mark.parametrize("text, func", SLICES, ids=[text for text, _ in SLICES])
def test_slice(text, func):
    check_all(func, [(numbers(7), i, j) for i, j in BOUNDS])


def test_slice_by_step():
    steps = [1, 2, 3, 7, 100, -1, -2, -7, -100, 2**62, -(2**62), 0]
    check_all(
        lambda a, i, j, s: a[i:j:s],
        [(numbers(7), i, j, s) for i, j in ((0, 7), (6, 0), (-2, 1)) for s in steps],
    )


@pytest.mark.parametrize("name", vectors())
def test_slice_of_layout(name):
    a = vectors()[name]
    check(lambda a: (a[:], a[1:], a[:-1], a[::2], a[::-1], a[1:5:3], a[-2:], a[3:3]), a)


VIEWS = {
    "rows": lambda a: (a[1], a[-1], a[1:], a[::2], a[::-1], a[1:2], a[5:], a[:]),
    "columns": lambda a: (a[:, 1], a[:, -1], a[:, 1:3], a[:, ::2], a[:, ::-1], a[:, 9:], a[:, :]),
    "both": lambda a: (a[1:, 1], a[0, 1:], a[1:, :2], a[::-1, ::-1], a[::2, 1::2], a[-2:, -1:], a[1, :]),
    "ellipsis": lambda a: (
        a[...],
        a[..., 1],
        a[1, ...],
        a[..., 1:],
        a[..., None],
        a[0, 1, ...],
        a[..., 0, 1:],
    ),
    "newaxis": lambda a: (
        a[None],
        a[:, None],
        a[None, :, None],
        a[np.newaxis, 1],
        a[1, None, 2:],
        a[:, :, None],
        a[None, ..., None],
    ),
    "repeated": lambda a: (a[1:][1:], a[::2][0], a[1][::-1], a.T[1:, 0], a[:, 1][1:], a[1:, 1:].T),
}


@pytest.mark.parametrize("layout", layouts())
@pytest.mark.parametrize("view", VIEWS)
def test_view(view, layout):
    check(VIEWS[view], layouts()[layout])


@pytest.mark.parametrize("dtype", DTYPES, ids=name_of)
def test_view_of_dtype(dtype):
    check(lambda a: (a[1], a[:, 1], a[::-1, 1:], a[..., 0], a[None, 1:2]), numbers((3, 4), dtype))


def test_views_of_three_dimensions():
    check_all(
        lambda a, i: (
            a[i],
            a[:, i],
            a[..., i],
            a[i, :, 1:],
            a[i:, ..., ::-1],
            a[:, None, i],
            a[0, 0],
            a[1, ..., None, i],
        ),
        [(numbers((2, 3, 4)), 1), (numbers((2, 3, 4)).T, -1), (numbers((2, 3, 4)), 3)],
    )


def test_views_of_empty():
    check_all(
        lambda a: (a[:, 1:], a[::-1], a[1:], a.T, a[..., None]),
        [(np.zeros((0, 3)),), (np.zeros((3, 0)),), (np.zeros((0, 0)),)],
    )


def test_view_keeps_memory_alive():
    def inner(n):
        a = np.arange(n)
        b = a[2:]
        c = b[::2]
        a = np.zeros(3, np.int64)
        return c, a

    check(inner, 9)


def test_write_through_a_view():
    def write(a):
        row = a[1]
        row[0] = 100.0
        a[:, 1][2] = 200.0
        a[::-1][0, 3] = 300.0
        a.T[0, 0] = 400.0
        part = a[1:, 1:]
        part[...] = part * 2.0
        return row, part

    check_all(
        write, [(a,) for name, a in layouts().items() if "readonly" not in name and name != "broadcast"]
    )


def test_view_in_loop():
    def swap_rows(a, n):
        top = a[0]
        for i in range(1, n):
            other = a[i]
            for j in range(top.shape[0]):
                top[j], other[j] = other[j], top[j]
            top = other
        return top

    check_all(swap_rows, [(numbers((3, 4)), 3), (numbers((3, 4)).T, 4), (numbers((3, 4)), 4)])


def test_index_error_of_a_view():
    check_all(lambda a, i: a[1:4][i], [(numbers(7), 2), (numbers(7), 3), (numbers(7), -4)])
    check_all(lambda a, i: a[i, 1:], [(numbers((3, 4)), 3), (numbers((3, 4)), -3)])
    check_all(lambda a, i: a[1:, i], [(numbers((3, 4)), 4), (numbers((3, 4)), -5)])


def test_constant_index_out_of_bounds():
    check_all(lambda a: a[5], [(numbers(7),), (numbers(3),)])
    check_all(lambda a: a[-4], [(numbers(7),), (numbers(3),)])
    check_all(lambda a: a[2, 9], [(numbers((3, 4)),), (numbers((3, 10)),)])
