"""`compare`: a function in plain Python beside the compiled one, timed, with their answers compared."""

import copy
import time
from collections import namedtuple

Times = namedtuple("Times", "plain first later agree")
Times.__doc__ = (
    """Seconds of a call in plain Python, of the first compiled call, of later ones; how answers agree."""
)

COLUMNS = ("plain Python", "first call", "later calls")
HEADER = f"{'':24}" + "".join(f"{name:>14}" for name in COLUMNS) + f"{'ratio':>11}{'speed-up':>11}  answers"


def pretty_time(seconds):
    """Return `seconds` as text with three digits and a unit a reader can compare at a glance."""
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= scale:
            return f"{seconds / scale:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def timed(function, *args, **kwargs):
    """Call the function once; return its answer and the seconds it took."""
    __tracebackhide__ = True
    start = time.perf_counter()
    answer = function(*args, **kwargs)
    return answer, time.perf_counter() - start


def best_time(function, *args, total=0.15, most=2000, **kwargs):
    """Return the fewest seconds of one call, calling until `total` seconds or `most` calls are spent."""
    best, spent, calls = float("inf"), 0.0, 0
    while calls == 0 or (spent < total and calls < most):
        _, seconds = timed(function, *args, **kwargs)
        best, spent, calls = min(best, seconds), spent + seconds, calls + 1
    return best


def row(label, plain, first, later, verdict):
    """Return a line of the table under `HEADER`."""
    times = "".join(f"{pretty_time(seconds):>14}" for seconds in (plain, first, later))
    return f"{label:24}{times}{later / plain:>11.2g}{f'{plain / later:.3g} x':>11}  {verdict}"


def agreement(left, right):
    """Return how two answers (numbers, arrays, tuples of them, any objects) agree.

    Returns
    -------
    {'agree', 'agree closely', 'DIFFER'}
        Bit for bit, NaN equal to NaN; to twelve digits (six in single precision); or not.
    """
    import numpy as np

    if isinstance(left, tuple | list | dict):
        if type(left) is not type(right) or len(left) != len(right):
            return "DIFFER"
        keys = left if isinstance(left, dict) else range(len(left))
        if isinstance(left, dict) and left.keys() != right.keys():
            return "DIFFER"
        verdicts = {agreement(left[key], right[key]) for key in keys}
        return next((word for word in ("DIFFER", "agree closely") if word in verdicts), "agree")
    if not isinstance(left, int | float | complex | np.generic | np.ndarray):
        return "agree" if left is right or left == right else "DIFFER"
    left, right = np.asarray(left), np.asarray(right)
    if left.shape != right.shape or right.dtype.kind == "O":
        return "DIFFER"
    inexact = left.dtype.kind in "fc" and right.dtype.kind in "fc"
    if np.array_equal(left, right, equal_nan=inexact):
        return "agree"
    digits = 1e-12 if inexact and min(np.finfo(left.dtype).bits, np.finfo(right.dtype).bits) >= 64 else 1e-6
    close = inexact and np.allclose(left, right, rtol=digits, atol=digits, equal_nan=True)
    return "agree closely" if close else "DIFFER"


def compare(function, *args, **kwargs):
    """Time a function in plain Python and compiled, check that the answers agree, and print a table.

    Parameters
    ----------
    function : compiled or Python function
        What to time; a Python function is compiled with `njit`.  It is compiled afresh, so that the first
        call tells what compiling costs.  Compiled functions that it calls stay compiled in both.
    *args, **kwargs
        Its arguments; copies are passed, so that a function which changes them can be timed.

    Returns
    -------
    Times
        plain, first, later (seconds), and agree: whether answers and changed arguments agree.

    Examples
    --------
    >>> hotloop.compare(go_fast, x)  # doctest: +SKIP
                              plain Python    first call   later calls      ratio   speed-up  answers
    go_fast                        99.8 µs       36.2 ms       1.93 µs      0.019     51.7 x  agree
    """
    __tracebackhide__ = True  # an error in the function is shown without these frames in IPython
    plain, compiled = _both(function)
    expected, plain_time, plain_args = _first(plain, args, kwargs)
    answer, first_time, compiled_args = _first(compiled, args, kwargs)
    verdict = agreement((expected, plain_args), (answer, compiled_args))
    args, kwargs = copy.deepcopy((args, kwargs))
    if plain_time < 0.3:
        plain_time = min(plain_time, best_time(plain, *args, **kwargs))
    later_time = best_time(compiled, *args, **kwargs)
    print(HEADER)
    print(row(plain.__name__, plain_time, first_time, later_time, verdict))
    if verdict == "DIFFER":
        print(f"plain Python says\n{expected}\nthe compiled function says\n{answer}")
    return Times(plain_time, first_time, later_time, verdict != "DIFFER")


def _both(function):
    """Return the Python function and a compiled one without specialisations."""
    from .core.decorators import njit
    from .core.dispatcher import Dispatcher

    if not isinstance(function, Dispatcher):
        return function, njit(function)
    return function.py_func, Dispatcher(function.py_func, {**function._options, "cache": False})


def _first(function, args, kwargs):
    """Call the function on copies of its arguments; return its answer, the seconds, and those copies."""
    __tracebackhide__ = True
    args, kwargs = copy.deepcopy((args, kwargs))
    answer, seconds = timed(function, *args, **kwargs)
    return answer, seconds, (args, kwargs)
