"""The first five minutes: a loop and an array expression, made fast by one line.

The function adds the trace of tanh(a) to every element of a. Put `@njit` on it (here `njit(function)`, so
that the plain one stays at hand to compare with), call it, and from the second call on it runs as machine
code.
"""

import numpy as np
from _compare import Comparison, best_time, close, pretty_time, timed

from hotloop import njit


def go_slow(a):
    """Add the sum of tanh over the diagonal of `a` to every element."""
    trace = 0.0
    for i in range(a.shape[0]):
        trace += np.tanh(a[i, i])
    return a + trace


def main():
    x = np.arange(10000).reshape(100, 100)

    go_fast = njit(go_slow)
    _, with_compilation = timed(go_fast, x)
    after_compilation = best_time(go_fast, x)
    without = best_time(go_slow, x)
    print(f"Elapsed (with compilation)  = {pretty_time(with_compilation)}")
    print(f"Elapsed (after compilation) = {pretty_time(after_compilation)}")
    print(f"Elapsed (without hotloop)   = {pretty_time(without)}")
    print(f"Ratio (without / after)     = {without / after_compilation:.1f}")

    table = Comparison("Trace of tanh, 100 x 100 integers")
    table.row("go_fast", go_slow, njit(go_slow), x, agree=close)


if __name__ == "__main__":
    main()
