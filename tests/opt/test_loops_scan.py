"""Loops that go on until an element says stop: they end with the array at the latest, so they need no poll.

Their starts are arguments, so that nothing is known of the index: it may be below zero and wrap, pass
zero, or leave the array at either end.
"""

import numpy as np
import pytest
from harness import check_all

import hotloop


def first_above(a, i, limit, times):
    found = 0
    for _ in range(times):
        k = i
        while a[k] < limit:
            k += 1
        found += k
    return found


def last_below(a, i, limit, times):
    found = 0
    for _ in range(times):
        k = i
        while not a[k] < limit:
            k -= 3
        found += k
    return found


def mark_until(a, i, limit):
    """Writes stay where the index leaves the array."""
    for _ in range(2):
        k = i
        while a[2 * k + 1] != limit:
            a[2 * k + 1] += 100.0
            k += 1
    return k


def stays(a, i, limit, times):
    """The index changes only sometimes: such a loop may run for ever."""
    rounds = 0
    for _ in range(times):
        k = i
        while a[k] < limit:
            rounds += 1
            if rounds % 3 == 0:
                k += 1
    return rounds


@pytest.mark.parametrize("n", [1, 2, 9])
@pytest.mark.parametrize("start", [-10, -9, -3, -1, 0, 1, 8, 9, 2**63 - 1, -(2**63)])
def test_scans(n, start):
    a = np.arange(n, dtype=np.float64)
    for limit in (-1.0, 0.5, 4.0, 1e9):
        check_all(first_above, [(a, start, limit, 2)])
        check_all(last_below, [(a, start, limit, 2)])
        check_all(stays, [(a, start, limit, 2)])
    if abs(start) < 2**62:
        check_all(mark_until, [(a, start, 7.0)])


@pytest.mark.parametrize(("function", "polls"), [(first_above, 1), (last_below, 1), (stays, 2)])
def test_scans_do_not_poll(function, polls):
    """Only the loop around them does, once for each time."""
    compiled = hotloop.njit(function)
    compiled(np.arange(3.0), 0, 1.0, 1)
    hot = compiled.inspect("opt").split("\nfunc @")[0]
    assert hot.count("  poll") == polls
