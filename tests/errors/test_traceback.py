"""Exceptions of compiled code: Python's classes, with each compiled function and line in the traceback.

PYTEST_DONT_REWRITE: pytest would put other code in place of the assert statements under test.
"""

import subprocess
import sys
import textwrap
import threading
import traceback

import numpy as np
import pytest

from harness import check, check_all, compiled_copy


# Expressions over several lines show on which of them an exception is placed.
# fmt: off
def index(a, i):
    n = a.shape[0]
    return n, a[
        i
    ]


def divide(a, b):
    if b > 100:
        return 0
    return a // b


def calls_divide(a, b):
    x = a + 1

    return divide(x, b)


def loops(a, n):
    total = 0.0
    for i in range(n):
        total += (
            index(a, i)[1]
        )
    return total


def asserts(n):
    assert n > 0, "too small"
    assert (
        n < 10
    )
    return n


def raises(n):
    if n > 3:
        raise ValueError(
            "too large", n
        )
    return calls_divide(n, 0)


def descends(n):
    if n == 0:
        return 1 // n
    return descends(n - 1) + 1


def unbound(n):
    if n > 5:
        x = n
    return (1 +
            x)


def shapes(a, b):
    c = a * 2
    return c + b
# fmt: on


PLACES = [
    (index, (np.arange(3.0), 3)), (divide, (1, 0)), (calls_divide, (1, 0)), (loops, (np.arange(3.0), 5)),
    (asserts, (0,)), (asserts, (10,)), (raises, (5,)), (raises, (1,)), (descends, (4,)), (unbound, (1,)),
    (shapes, (np.zeros(2), np.zeros(3))),
]  # fmt: skip


def frames(func, args):
    """(function, line) of each frame in this file that the exception went through, and the exception."""
    with pytest.raises(Exception) as caught:
        func(*args)
    found = traceback.extract_tb(caught.value.__traceback__)
    return [(f.name, f.lineno) for f in found if f.filename == __file__][1:], caught.value


@pytest.mark.parametrize("func, args", PLACES)
def test_traceback_is_cpythons(func, args):
    expected, error = frames(func, args)
    got, compiled_error = frames(compiled_copy(func, {"strict": True}), args)
    assert got == expected
    assert type(compiled_error) is type(error) and compiled_error.args == error.args


def test_messages():
    for func, args in PLACES:
        check(func, *args)


def test_traceback_names_the_source_line():
    with pytest.raises(ZeroDivisionError) as caught:
        compiled_copy(divide, {"strict": True})(1, 0)
    assert "return a // b" in "".join(traceback.format_exception(caught.value))


def test_exception_can_be_raised_again_and_again():
    func = compiled_copy(divide, {"strict": True})
    for _ in range(1000):
        with pytest.raises(ZeroDivisionError):
            func(1, 0)
    assert func(7, 2) == 3


# ---- Memory


def allocate(n):
    return np.empty(n)


def allocate_after(a, n):
    a[0] = 42.0
    b = a * 2
    c = np.zeros((n, 4))
    return b[0] + c[0, 0]


def test_memory_error():
    """Half a petabyte is more than a process can address; the exception is NumPy's, with shape and dtype."""
    check(allocate, 2**46)
    check(allocate_after, np.zeros(4), 2**44)
    check(lambda n: np.ones((n, 2, n), np.int8).shape, 2**24)
    check(lambda n: np.arange(n).shape, 2**46)
    a = np.zeros(4)
    with pytest.raises(MemoryError):
        compiled_copy(allocate_after, {"strict": True})(a, 2**44)
    assert a[0] == 42.0
    check(allocate_after, np.zeros(4), 4)


# ---- Recursion


def endless(n):
    return endless(n + 1) + 1


def endless_tail(n):
    if n < 0:
        return 0
    return endless_tail(n + 1)


def left(n):
    return right(n + 1) if n >= 0 else 0


def right(n):
    return left(n) + 1


def endless_with_array(n):
    a = np.full(4, n)
    if n < 0:
        return a[0]
    return endless_with_array(n + 1) + a[1]


@pytest.mark.parametrize("func", [endless_tail, left, endless_with_array], ids=lambda f: f.__name__)
def test_endless_recursion(func):
    with pytest.raises(RecursionError, match="maximum recursion depth exceeded"):
        compiled_copy(func, {"strict": True})(0)


def depth(n):
    return 0 if n == 0 else 1 + depth(n - 1)


def test_recursion_below_the_limit():
    check_all(depth, [(0,), (10,), (500,)])


def run_program(source):
    """The exit status and the output of a program of its own."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(source)], capture_output=True, text=True, timeout=120
    )
    return done.returncode, done.stdout.strip(), done.stderr


DEEP = """
    import sys, threading, hotloop

    @hotloop.njit(strict=True)
    def depth(n):
        if n == 0:
            return 0
        return 1 + depth(n - 1)

    def attempt(n):
        try:
            print(depth(n))
        except RecursionError:
            print("RecursionError")

    sys.setrecursionlimit({limit})
    depth(3)
    {call}
"""


@pytest.mark.parametrize("n", [10**5, 10**7])
def test_deep_recursion_never_crashes(n, oracle_only):
    if oracle_only:
        pytest.skip("CPython's own stack")
    status, out, err = run_program(DEEP.format(limit=10**8, call=f"attempt({n})"))
    assert status == 0 and out in (str(n), "RecursionError"), err


def test_deep_recursion_on_a_small_stack(oracle_only):
    if oracle_only:
        pytest.skip("CPython's own stack")
    call = "threading.stack_size(2**18); t = threading.Thread(target=attempt, args=(10**6,))"
    call += "; t.start(); t.join()"
    status, out, err = run_program(DEEP.format(limit=10**8, call=call))
    assert status == 0 and out == "RecursionError", err


def test_recursion_in_threads():
    func, results = compiled_copy(depth, {"strict": True}), []
    threads = [threading.Thread(target=lambda: results.append(func(300))) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert results == [300] * 4
