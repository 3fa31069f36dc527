"""Times a function in plain Python and compiled, checks that the answers agree, prints one line of a table.

Used by every example. `Comparison.row` is the whole interface: it runs both functions on the same
arguments, stops the script with exit status 1 if the answers differ, and gives the compiled function's
answer back.
"""

import sys

import numpy as np

from hotloop.comparison import HEADER, best_time, pretty_time, row, timed  # noqa: F401


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
        print(f"\n{title}\n{HEADER}")

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
        print(row(label, plain_time, first_time, later_time, "agree" if equal else "DIFFER"), flush=True)
        if not equal:
            sys.exit(f"{label}: plain Python says\n{expected}\nthe compiled function says\n{answer}")
        return answer
