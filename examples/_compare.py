"""Times a function in plain Python and compiled, checks that the answers agree, prints one line of a table.

Used by every example. `Comparison.row` is the whole interface: it runs both functions on the same
arguments, stops the script with exit status 1 if the answers differ, and gives the compiled function's
answer back.
"""

import sys
import time

import numpy as np

TIMES = ("plain Python", "first call", "later calls")
COLUMNS = f"{'':24}" + "".join(f"{name:>14}" for name in TIMES) + f"{'ratio':>11}{'speed-up':>11}  answers"


def pretty_time(seconds):
    """Return `seconds` as text with three digits and a unit a reader can compare at a glance."""
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= scale:
            return f"{seconds / scale:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def timed(function, *args):
    """Call the function once; return its answer and the seconds it took."""
    start = time.perf_counter()
    answer = function(*args)
    return answer, time.perf_counter() - start


def best_time(function, *args, total=0.15, most=2000):
    """Return the fewest seconds of one call, calling until `total` seconds or `most` calls are spent."""
    best, spent, calls = float("inf"), 0.0, 0
    while calls == 0 or (spent < total and calls < most):
        _, seconds = timed(function, *args)
        best, spent, calls = min(best, seconds), spent + seconds, calls + 1
    return best


def same(left, right):
    """Tell whether two answers (numbers, arrays, tuples of them) are equal bit for bit, NaN equal to NaN."""
    if isinstance(left, tuple):
        return len(left) == len(right) and all(map(same, left, right))
    return np.array_equal(np.asarray(left), np.asarray(right), equal_nan=np.asarray(left).dtype.kind in "fc")


def close(left, right):
    """Tell whether two answers agree to twelve digits: tanh, BLAS and fastmath differ by far less."""
    return np.allclose(left, right, rtol=1e-12, atol=1e-12)


class Comparison:
    """A table of timings, printed line by line as it is measured."""

    def __init__(self, title):
        print(f"\n{title}\n{COLUMNS}")

    def row(self, label, plain, compiled, *args, agree=same):
        """Time `plain` and `compiled` on `args`, print the line, and return the compiled function's answer.

        The first call of `compiled` includes its compilation, so hand it in fresh. `agree` decides whether
        the two answers are the same; if they are not, the script ends with exit status 1.
        """
        expected, plain_time = timed(plain, *args)
        if plain_time < 0.3:
            plain_time = min(plain_time, best_time(plain, *args))
        answer, first_time = timed(compiled, *args)
        later_time = best_time(compiled, *args)
        equal = agree(expected, answer) and agree(expected, compiled(*args))
        times = "".join(f"{pretty_time(t):>14}" for t in (plain_time, first_time, later_time))
        speed = f"{later_time / plain_time:>11.2g}{f'{plain_time / later_time:.3g} x':>11}"
        print(f"{label:24}{times}{speed}  {'agree' if equal else 'DIFFER'}", flush=True)
        if not equal:
            sys.exit(f"{label}: plain Python says\n{expected}\nthe compiled function says\n{answer}")
        return answer
