"""Programs that once went wrong, each reduced to what it took; most were found by tests/fuzz."""

import numpy as np

from harness import check


def loop_with_cold_copy_changes_array(n, a, b):
    for i in range(n):
        if a.size > 2 and a[2 * i] > 0:
            raise KeyError(n)
        b = np.ones(2)
    for _ in range(3):
        a += b
    return b


def test_array_made_in_a_loop_with_a_cold_copy():
    """The array's parts, used behind the loop, came out of the copy without the array."""
    check(loop_with_cold_copy_changes_array, 2, np.zeros(2), np.zeros(2))
    check(loop_with_cold_copy_changes_array, 0, np.zeros(2), np.full(2, 3.0))
    check(loop_with_cold_copy_changes_array, 5, np.zeros(3), np.zeros(2))


def small_powers(x):
    return x**2 + x**3


def test_arguments_of_a_power_that_overflows():
    """The exception has two arguments, not one that looks like two."""
    check(small_powers, 1e300)
    check(small_powers, -3.0)
