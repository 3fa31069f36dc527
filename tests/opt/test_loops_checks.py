"""Loops whose bounds checks leave them: the same answers, errors and partial writes as CPython.

Each function is run over sizes and arguments on both sides of what the test in front of its loop asks, so
that the unchecked loop, its cold copy and checks that stay in the loop are all taken.
"""

import numpy as np
import pytest
from harness import check_all


def arrays(*sizes):
    """Fresh arrays of these sizes, elements all different."""
    return [np.arange(np.prod(size), dtype=np.float64).reshape(size) + 0.5 for size in sizes]


def forwards(a, b, n):
    for i in range(n):
        a[i] = b[i] + 1.0


def from_to(a, start, stop):
    for i in range(start, stop):
        a[i] += i


def stepped_by_3(a, start, stop):
    for i in range(start, stop, 3):
        a[i] += i


def downwards(a, start):
    for i in range(start, -1, -1):
        a[i] += i


def downwards_by_2(a, start, stop):
    for i in range(start, stop, -2):
        a[i] += i


def any_step(a, start, stop, step):
    for i in range(start, stop, step):
        a[i] += i


def neighbours(a, b):
    for i in range(1, a.size - 1):
        b[i] = a[i - 1] + a[i + 1]


def left_of_zero(a):
    for i in range(a.size):
        a[i] += a[i - 1]


def from_the_end(a, n):
    total = 0.0
    for i in range(n):
        total += a[-i - 1]
    return total


def last_element(a, n):
    for _ in range(n):
        a[-1] += 1.0
    return a[-1]


def reversed_index(a, b):
    n = a.size
    for i in range(n):
        b[n - 1 - i] = a[i]


def guarded(a, n):
    for i in range(n):
        if i > 0:
            a[i] += a[i - 1]
        if i + 1 < a.size:
            a[i] += a[i + 1]


def flat(a, rows, columns):
    for i in range(rows):
        for j in range(columns):
            a[i * columns + j] += i - j


def flat_with_gap(a, rows, columns, width):
    for i in range(rows):
        for j in range(columns):
            a[i * width + j] += i - j


def own_counter(a, n, step):
    k = 0
    for i in range(n):
        a[k] += i
        k += step
    return k


def while_less(a, n):
    i = 0
    while i < n:
        a[i] += i
        i += 1
    return i


def while_by_2(a, n):
    i = 1
    while i < n:
        a[i] += i
        i += 2
    return i


def while_down(a, n):
    while n > 0:
        n -= 1
        a[n] += n
    return n


def with_break(a, limit):
    for i in range(limit):
        if a[i] > 3.0:
            break
        a[i] = -a[i]
    return i


def with_break_and_else(a, limit, stop):
    found = -1
    for i in range(limit):
        if a[i] == stop:
            found = i
            break
        a[i] += 10.0
    else:
        found = -2
    return found


def with_continue(a, n):
    total = 0.0
    for i in range(n):
        if a[i] < 2.0:
            continue
        total += a[i]
        a[i] = 0.0
    return total


def with_return(a, b, n):
    for i in range(n):
        for j in range(n):
            if a[i] + b[j] > 7.0:
                return i, j
            a[i] += 1.0
    return n, n


def two_exits_two_values(a, n):
    last, count = 0.0, 0
    for i in range(n):
        last = a[i]
        if last > 4.0:
            return last, count
        count += 2
        if last < 0.0:
            break
    return last + 100.0, count


def triangle(a, n):
    total = 0.0
    for i in range(n):
        for j in range(i + 1):
            total += a[i, j]
            for k in range(j):
                total -= a[i, k] * a[j, k]
    return total


def upper_triangle(a, n):
    total = 0.0
    for i in range(n):
        for j in range(i + 1, n):
            a[i, j] += 1.0
            a[j, i] -= a[i, j]
    return total


def bounds_from_memory(indptr, data, out):
    for row in range(out.size):
        for k in range(indptr[row], indptr[row + 1]):
            out[row] += data[k]


def sparse_product(y, values, columns, starts, x):
    """Two arrays bound the inner loop: asked at once; that its bounds are small is asked of one of them."""
    for row in range(y.size):
        s = 0.0
        for k in range(starts[row], starts[row + 1]):
            s += values[k] * x[columns[k]]
        y[row] = s


def gathered(out, x, positions):
    for i in range(out.size):
        out[i] = x[positions[i]]


def sieve(flags, n):
    for i in range(2, n):
        if flags[i]:
            for k in range(i * i, n, i):
                flags[k] = False


def multiples(flags, n, step):
    """A range whose step is computed: the last index is asked, with the direction."""
    for i in range(step, n):
        for j in range(i * step, n, i):
            flags[j] += i


def swapped(a, b, n):
    for i in range(n):
        a, b = b, a
        a[i] += 1.0
    return a


def grown(a, n):
    for i in range(n):
        a = a + 1.0
        a[i] = -1.0
    return a


def one_check_stays(a, b, n, k):
    for i in range(n):
        a[i] += 1.0
        b[(i * 7 + k) % 5] += a[i]


def matrix_vector(a, x, y):
    for i in range(a.shape[0]):
        s = 0.0
        for j in range(a.shape[1]):
            s += a[i, j] * x[j]
        y[i] = s


def several_loops(a, b, n, m):
    for i in range(n):
        a[i] += 1.0
        for j in range(m):
            b[j] += a[i]
        for j in range(m):
            b[j + 1] -= 1.0


def after_the_loop(a, n):
    i = -1
    for i in range(n):
        a[i] += 1.0
    return a[i]


SIZES = [0, 1, 2, 5, 6]
FAR = [2**31, 2**62, 2**63 - 1, -(2**63)]


def rows_of_one(counts):
    return [(*arrays(size), n) for size in SIZES for n in counts]


ROWS = {
    forwards: [(*arrays(s, t), n) for s in SIZES for t in (4, 5, 7) for n in (-1, 0, 4, 5, 6, *FAR)],
    from_to: [
        (*arrays(5), *ends)
        for ends in [(0, 5), (1, 5), (-2, 3), (-5, 5), (-6, 2), (2, 6), (4, -4), (3, 2**63 - 1)]
    ]
    + [(*arrays(5), far, near) for far in FAR[:-1] for near in (-(2**63), -3, 0, 5, 2**63 - 1)]
    + [(*arrays(5), -(2**63), near) for near in (-(2**63) + 2, -2)],
    stepped_by_3: [
        (*arrays(7), a, b) for a in (-4, -1, 0, 1, 6, 8) for b in (-1, 0, 6, 7, 8, 9, 10, 2**63 - 1)
    ],
    downwards: rows_of_one([-1, 0, 4, 5]),
    downwards_by_2: [(*arrays(6), a, b) for a in (-1, 4, 5, 6, 9) for b in (-9, -3, -1, 0, 4)],
    any_step: [
        (*arrays(6), a, b, s)
        for a in (-3, 0, 5, 6)
        for b in (-4, -1, 5, 6, 7)
        for s in (-5, -2, -1, 1, 2, 7, 0)
    ]
    + [(*arrays(6), 0, 5, s) for s in FAR],
    neighbours: [tuple(arrays(s, t)) for s in SIZES for t in SIZES],
    left_of_zero: [tuple(arrays(s)) for s in SIZES],
    from_the_end: rows_of_one([0, 1, 5, 6, 7]),
    last_element: rows_of_one([0, 1, 3]),
    reversed_index: [tuple(arrays(s, t)) for s in SIZES for t in SIZES],
    guarded: rows_of_one([0, 1, 4, 5, 6]),
    flat: [(*arrays(12), r, c) for r in (-1, 0, 3, 4, 5) for c in (-4, 0, 1, 3, 4, 2**62, 2**63 - 1)],
    flat_with_gap: [(*arrays(12), 3, 3, w) for w in (-3, 0, 3, 4, 5, 6, 2**62, -(2**63))],
    own_counter: [(*arrays(9), n, s) for n in (0, 3, 4, 5) for s in (-3, -2, 0, 2, 3, 2**62, -(2**62))],
    while_less: rows_of_one([-3, 0, 4, 5, 6, 7]),
    while_by_2: rows_of_one([-3, 0, 4, 5, 6, 7]),
    while_down: rows_of_one([-3, 0, 4, 5, 6, 7]),
    with_break: rows_of_one([1, 4, 5, 6]),
    with_break_and_else: [
        (*arrays(s), n, stop) for s in SIZES for n in (0, 4, 6) for stop in (-1.0, 0.5, 3.5)
    ],
    with_continue: rows_of_one([0, 4, 5, 6]),
    with_return: [(*arrays(s, t), n) for s in SIZES for t in SIZES for n in (0, 2, 5, 6)],
    two_exits_two_values: rows_of_one([0, 1, 4, 5, 6]),
    triangle: [(*arrays(shape), n) for shape in [(4, 4), (3, 4), (4, 3), (1, 1)] for n in (0, 1, 3, 4, 5)],
    upper_triangle: [
        (*arrays(shape), n) for shape in [(4, 4), (3, 4), (4, 3), (1, 1)] for n in (0, 1, 3, 4, 5)
    ],
    bounds_from_memory: [
        (np.array(ends), *arrays(6, 3))
        for ends in [(0, 2, 4, 6), (0, 0, 6, 6), (0, 3, 2, 7), (-2, 1, 4, 6), (0, 6), (0, 2**62, 3, 4)]
    ],
    sparse_product: [
        (np.zeros(3), *arrays(nvalues), np.arange(ncolumns) % 4, np.array(ends), *arrays(4))
        for nvalues, ncolumns in [(6, 6), (5, 6), (6, 5)]
        for first in (0, -2, 5, *FAR)
        for last in (6, 5, 0, -1, *FAR[-1:])
        for ends in [(first, 5, 2, last), (5, first, last, last)]
        if all(stop - start < 99 for start, stop in zip(ends, ends[1:], strict=False))
    ],
    gathered: [(*arrays(3, 5), np.array(p)) for p in [(0, 4, 2), (0, -5, -1), (0, 5, 1), (1, -6, 1), (1, 2)]],
    sieve: [(np.ones(s, dtype=bool), n) for s in (0, 2, 10, 30, 31) for n in (0, 2, 3, 10, 30, 31)],
    multiples: [
        (np.zeros(size), n, step)
        for size in (0, 12, 40)
        for n in (0, 12, 40, 41)
        for step in (-3, -1, 1, 2, 3)
    ],
    swapped: [(*arrays(s, t), n) for s in SIZES for t in SIZES for n in (0, 1, 4, 5, 6)],
    grown: rows_of_one([0, 1, 4, 5, 6]),
    one_check_stays: [
        (*arrays(s, t), n, k) for s in SIZES for t in (4, 5) for n in (0, 5, 6) for k in (0, -3)
    ],
    matrix_vector: [tuple(arrays((3, 4), s, t)) for s in (3, 4, 5) for t in (2, 3, 4)],
    several_loops: [
        (*arrays(s, t), n, m) for s in (2, 3) for t in (3, 4, 5) for n in (0, 2, 3) for m in (0, 3, 4)
    ],
    after_the_loop: rows_of_one([0, 1, 4, 5, 6]),
}


@pytest.mark.parametrize("func", ROWS, ids=lambda func: func.__name__)
def test_loop(func):
    check_all(func, ROWS[func])


@pytest.mark.parametrize(
    "func", [forwards, guarded, reversed_index, triangle], ids=lambda func: func.__name__
)
def test_without_checks(func):
    """Without bounds checks the same loops, where all indices are in range."""
    rows = {
        forwards: [(*arrays(6, 6), 6)],
        guarded: [(*arrays(6), 6)],
        reversed_index: [tuple(arrays(6, 6))],
        triangle: [(*arrays((4, 4)), 4)],
    }
    check_all(func, rows[func], options={"boundscheck": False})
