"""`while` loops: what is asked in front of them and at the end of each round holds in every round.

Starts, ends and steps are arguments on both sides of what lets checks go, near the ends of int64 too.
"""

import numpy as np
import pytest
from harness import check_all

import hotloop

EDGES = [0, 1, 5, 8, 9, -1, -8, -9, -10, 2**63 - 1, -(2**63), 2**62]


def insertion(a):
    for i in range(1, len(a)):
        value = a[i]
        j = i - 1
        while j >= 0 and a[j] > value:
            a[j + 1] = a[j]
            j -= 1
        a[j + 1] = value


def insertion_above_zero(a):
    for i in range(1, len(a)):
        value = a[i]
        j = i
        while j > 0 and a[j - 1] > value:
            a[j] = a[j - 1]
            j -= 1
        a[j] = value


def merge(out, a, b):
    i = j = k = 0
    while i < len(a) and j < len(b):
        if a[i] <= b[j]:
            out[k] = a[i]
            i += 1
        else:
            out[k] = b[j]
            j += 1
        k += 1
    while i < len(a):
        out[k] = a[i]
        i += 1
        k += 1
    while j < len(b):
        out[k] = b[j]
        j += 1
        k += 1


def common(a, b):
    """Both counters go up, at times, by steps that differ."""
    i = j = found = 0
    while i < a.size and j < b.size:
        if a[i] == b[j]:
            found += 1
            i += 1
            j += 1
        elif a[i] < b[j]:
            i += 1
        else:
            j += 2
    return found


def partition(a, low, high, pivot):
    while low < high:
        if a[low] < pivot:
            low += 1
        elif a[high] >= pivot:
            high -= 1
        else:
            a[low], a[high] = a[high], a[low]
    return low


def up(a, i, end):
    total = 0.0
    while i < end and total < 1000.0:
        total += a[i]
        a[i] = total
        i += 1
    return total


def down(a, i, end):
    total = 0.0
    while i >= end and total < 1000.0:
        total += a[i]
        a[i] = total
        i -= 2
    return total


def at_times(a, i, end, step):
    """The counter may pass the end of int64 before it is asked again."""
    total = 0.0
    rounds = 0
    while i < end and rounds < 50:
        if rounds % 2:
            i += 3
        total += a[i]
        i += step
        rounds += 1
    return total


def far_steps(a, i, end):
    total = 0.0
    rounds = 0
    while i < end and rounds < 20:
        total += a[i % 7]
        if rounds % 3 == 1:
            i += 4611686018427387905
        if i >= 0:
            total += a[i & 3]
        else:
            total -= 1.0
        rounds += 1
    return total


def never_tested_first(a, i, end):
    """Only the end of a round asks."""
    total = 0.0
    while True:
        total += a[i]
        i += 1
        if i >= end:
            return total


@pytest.mark.parametrize("function", [insertion, insertion_above_zero])
@pytest.mark.parametrize("dtype", [np.float64, np.int32, np.uint8])
def test_insertion(function, dtype):
    rng = np.random.default_rng(5)
    check_all(function, [((rng.random(n) * 100).astype(dtype),) for n in (0, 1, 2, 3, 30)])


def test_merge():
    rng = np.random.default_rng(6)
    halves = [
        (np.sort(rng.random(n)), np.sort(rng.random(m))) for n, m in [(0, 0), (0, 3), (3, 0), (1, 9), (9, 7)]
    ]
    check_all(merge, [(np.zeros(a.size + b.size), a, b) for a, b in halves])
    check_all(merge, [(np.zeros(max(a.size + b.size - 2, 0)), a, b) for a, b in halves])
    check_all(common, halves)
    check_all(common, [(np.arange(9), np.arange(0, 18, 2)), (np.arange(5, 9), np.arange(7))])


def test_partition():
    a = np.random.default_rng(7).random(9)
    check_all(partition, [(a.copy(), i, j, 0.5) for i in EDGES for j in EDGES if max(abs(i), abs(j)) < 20])


def test_starts_and_ends():
    a = np.arange(9.0)
    pairs = [(i, end) for i in EDGES for end in EDGES]
    check_all(up, [(a.copy(), i, end) for i, end in pairs])
    check_all(down, [(a.copy(), i, end) for i, end in pairs if i != -(2**63)])
    check_all(never_tested_first, [(a, i, end) for i, end in pairs if i != 2**63 - 1])
    check_all(at_times, [(a, i, end, step) for i, end in pairs for step in (1, -1) if abs(i) < 2**62])


def test_counters_that_wrap():
    """CPython's do not, so it is asked of compiled code alone."""
    compiled = hotloop.njit(far_steps)
    a = np.arange(7.0) + 1.0
    for start in (0, 5, -3):
        i, total, rounds = start, 0.0, 0
        while i < 2**62 and rounds < 20:
            total += a[i % 7]
            if rounds % 3 == 1:
                i = (i + 4611686018427387905 + 2**63) % 2**64 - 2**63
            total = total + a[i & 3] if i >= 0 else total - 1.0
            rounds += 1
        assert compiled(a, start, 2**62) == total


@pytest.mark.parametrize(
    ("function", "arguments", "stay"),
    [
        (insertion, (np.arange(5.0),), 1),
        (insertion_above_zero, (np.arange(5.0),), 1),
        (common, (np.arange(5), np.arange(5)), 0),
    ],
)
def test_checks_that_go(function, arguments, stay):
    """What stays is behind the loop, where its phi is neither of the two that are known."""
    compiled = hotloop.njit(function)
    compiled(*arguments)
    hot = compiled.inspect("opt").split("\nfunc @")[0]
    assert hot.count("check.index") == stay
