"""Frames that are left where an object's type is wanted: each kind of value goes on as it was.

The oracle is CPython; a function is left in its first calls, and again when an object of another type comes.
"""

import numpy as np
import pytest

from hotloop import _hotloop, njit

pytestmark = pytest.mark.filterwarnings("ignore::hotloop.core.errors.HotloopPerformanceWarning")

LOCALS = 28


def many_locals():
    """A function with more numbers in its frame than have a place on the stack."""
    lines = ["def f(get, n):"]
    lines += [f"    v{k} = n + {k}" if k % 2 else f"    v{k} = n * {k}.5" for k in range(LOCALS)]
    lines += ["    total = get(0) + 1", "    for i in range(n):", "        total = total + get(i)"]
    lines += [f"    return total, {', '.join(f'v{k}' for k in range(LOCALS))}"]
    namespace = {}
    exec("\n".join(lines), namespace)
    return namespace["f"]


def kinds_of_values(get, n):
    flag, small, nothing, text = n > 2, np.int8(n), None, "text"
    z, pair, array = complex(n, 1), (n, 2.5), np.arange(3.0)
    total = get(n) + 1
    return flag, small, nothing, text, z, pair, array, total, type(flag).__name__


def nested_iterators(get, n):
    total = 0
    for i in range(n):
        for j, k in zip(range(i, n), range(10, 0, -2)):  # noqa: B905
            for m, x in enumerate((i, j, k)):
                total = total + get(m) * x
    return total


def iterator_over_an_array(get, n):
    total = 0.0
    for x in np.arange(float(n)):
        total = total + get(0) * x
    return total


def unbound(get, n):
    for i in range(n):
        last = i * 2
    if n > 1:
        mark = n * 0.5
    total = get(n) + 1
    return (total, mark, last) if n > 1 else (total, last) if n else total


def values_on_the_stack(get, n):
    return n * 3 + (n * 0.5 - (get(n) + 1)), [n, n * 0.25, get(n) * 2][n % 3]


def handled(get, n):
    total = 0
    for i in range(n):
        try:
            total = total + get(i) * (6 // (i % 3))
        except ZeroDivisionError:
            total = total - 1
        finally:
            total = total + 1
    return total


FUNCTIONS = [
    many_locals(),
    kinds_of_values,
    nested_iterators,
    iterator_over_an_array,
    unbound,
    values_on_the_stack,
    handled,
]


def alternating(*values):
    """A function that gives one of the values after the other, whatever it is asked for."""
    state = [0]

    def get(_):
        state[0] += 1
        return values[state[0] % len(values)]

    return get


def plain(value):
    """Where an int and a float meet, compiled code has a float: values are compared, not their types."""
    if isinstance(value, tuple):
        return tuple(plain(item) for item in value)
    return value.tolist() if isinstance(value, np.ndarray) else value


@pytest.mark.parametrize("values", [(1,), (1, 2.5), (1, 2.5, True, 1 + 2j, np.float32(3))], ids=len)
@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_values_of_a_frame(function, values):
    compiled = njit(function)
    for n in (0, 1, 2, 7, 3):
        ours, theirs = compiled(alternating(*values), n), function(alternating(*values), n)
        assert plain(ours) == plain(theirs)


def test_a_frame_keeps_nothing_alive():
    class Thing:
        alive = 0

        def __init__(self):
            Thing.alive += 1

        def __del__(self):
            Thing.alive -= 1

    @njit
    def f(make, get, n):
        total = 0
        for i in range(n):
            thing = make()
            total = total + get(i)
            if thing is None:
                break
        return total

    blocks = _hotloop.live_blocks()
    for _ in range(5):
        assert f(Thing, alternating(1, 2.5), 9) == f.py_func(Thing, alternating(1, 2.5), 9)
        assert Thing.alive == 0
    assert blocks == _hotloop.live_blocks()


def test_an_exception_while_a_frame_goes_on():
    class BadError(Exception):
        pass

    class Bad:
        def __radd__(self, other):
            raise BadError(other)

    @njit
    def f(get, n):
        total = n
        for i in range(n):
            total = total + get(i)
        return total

    for _ in range(3):
        with pytest.raises(BadError) as caught:
            f(alternating(1, 2.5, Bad()), 5)
        with pytest.raises(BadError) as expected:
            f.py_func(alternating(1, 2.5, Bad()), 5)
        assert caught.value.args == expected.value.args
