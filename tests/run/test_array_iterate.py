"""Loops over arrays: elements of one dimension, views of the first axis of more."""

import numpy as np
import pytest
from layouts import DTYPES, layouts, name_of, numbers, vectors

from harness import check_all


def last_and_count(a):
    count = 0
    x = a[0]
    for x in a:
        count += 1
    return x, count


def total(a):
    out = 0.0
    for row in a:
        for x in row:
            out = out * 1.5 + x
    return out


def scale_rows(a):
    for i, row in enumerate(a):
        row *= i + 1
        row[0] = -1.0
    return row


def running(a):
    for i, x in enumerate(a):
        if i + 1 < a.size:
            a[i + 1] += x
    return a


def paired(a, b):
    out = 0.0
    for x, (i, row) in zip(a, enumerate(b)):
        out += x * row[0] + i
    return out


def largest(a):
    best, where = a[0], 0
    for i in range(1, len(a)):
        if a[i] > best:
            best, where = a[i], i
    return best, where


@pytest.mark.parametrize("dtype", DTYPES, ids=name_of)
def test_elements(dtype):
    check_all(last_and_count, [(numbers(6, dtype),), (numbers(6, dtype)[::-2],), (numbers((3, 2), dtype),)])


def test_layouts():
    check_all(last_and_count, [(a,) for a in vectors().values() if a.size])
    check_all(total, [(a,) for a in layouts().values()])
    check_all(
        scale_rows, [(a,) for name, a in layouts().items() if "readonly" not in name and name != "broadcast"]
    )


def test_nothing_to_iterate():
    def count(a):
        n = 0
        for _ in a:
            n += 1
        return n

    check_all(count, [(np.zeros(0),), (np.zeros((0, 3)),), (np.zeros((3, 0)),), (np.zeros((2, 0, 2)),)])


def test_written_while_iterated():
    check_all(running, [(numbers(8),), (numbers(8, np.int16),), (numbers(8)[::-1],)])


def test_zip_and_enumerate():
    check_all(
        paired, [(numbers(3), numbers((4, 2))), (numbers(5), numbers((2, 2))), (numbers(5), numbers((2, 0)))]
    )


def test_three_dimensions():
    def planes(a):
        out = 0.0
        for plane in a:
            out += plane[-1, 0] * plane.shape[1]
            for row in plane:
                out -= row[0]
        return out

    check_all(planes, [(numbers((2, 3, 4)),), (numbers((2, 3, 4)).T,)])


def test_search():
    check_all(
        largest,
        [
            (numbers(9),),
            (numbers(9, np.uint8),),
            (numbers(1),),
            (np.array([1.0, np.nan, 3.0]),),
            (numbers(0),),
        ],
    )


def test_unpacked():
    def corners(a):
        first, second = a
        (x, y), _ = a
        return first, second, x, y

    check_all(corners, [(numbers((2, 2)),), (numbers((2, 2), np.int8).T,)])


def test_unpacked_with_wrong_length():
    def two(a):
        x, y = a
        return x, y

    check_all(two, [(numbers(2),), (numbers(3),), (numbers(1),), (numbers((4, 2)),)])


def test_iterating_a_fresh_array():
    def squares(n):
        out = 0
        for x in np.arange(n) * 2:
            out += x * x
        return out

    check_all(squares, [(0,), (6,)])
