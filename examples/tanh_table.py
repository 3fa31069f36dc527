"""One loop, three ways: the sum of tanh over 10,000 elements in plain Python, with @njit and with fastmath.

Without `fastmath` the numbers are added in the order of the loop, so the sum is the one Python gives, while
tanh itself is computed for several elements at a time. `fastmath=True` allows the additions to be reordered
as well: the last digits may then differ, which is why the comparison asks for twelve digits only.
"""

import numpy as np
from _compare import Comparison, close

from hotloop import njit, prange


def tanh_sum(x):
    """Add up tanh of every element, in order."""
    total = 0.0
    for i in range(x.size):
        total += np.tanh(x[i])
    return total


def tanh_sum_on_all_cores(x):
    """Add up tanh of every element; the cores add their shares, so the last digits may differ."""
    total = 0.0
    for i in prange(x.size):
        total += np.tanh(x[i])
    return total


def main():
    x = np.linspace(-3.0, 5.0, 10_000)
    table = Comparison("Sum of tanh over 10,000 elements")
    table.row("@njit", tanh_sum, njit(tanh_sum), x, agree=close)
    table.row("@njit(fastmath=True)", tanh_sum, njit(fastmath=True)(tanh_sum), x, agree=close)
    on_all = tanh_sum_on_all_cores
    table.row("@njit(parallel=True)", on_all, njit(parallel=True)(on_all), x, agree=close)


if __name__ == "__main__":
    main()
