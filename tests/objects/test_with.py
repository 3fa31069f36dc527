"""with, try and raise around objects: each __exit__ runs once, exceptions are the interpreter's own."""

import contextlib
import sys
import traceback
import warnings

import hotloop
import numpy as np
import pytest


class Manager:
    """Writes down what happens to it."""

    def __init__(self, log, swallow=False, fail=None):
        self.log, self.swallow, self.fail = log, swallow, fail

    def __enter__(self):
        self.log.append("enter")
        if self.fail == "enter":
            raise LookupError("enter")
        return 2.5

    def __exit__(self, kind, error, tb):
        self.log.append(("exit", kind, error and error.args, tb is not None))
        if self.fail == "exit":
            raise LookupError("exit")
        return self.swallow


class NoManager:
    def __enter__(self):
        return self


def story(function, args, log):
    """How a call ends, with the chain of exceptions and their lines, and what was written down."""
    told = []
    try:
        told.append(function(*args))
    except BaseException as error:
        while error is not None:
            frames = [(f.name, f.lineno) for f in traceback.extract_tb(error.__traceback__)][1:]
            told.append((type(error), error.args, frames, error.__suppress_context__))
            error = error.__context__
    assert sys.exc_info() == (None, None, None)
    return told, list(log)


def check_story(function, make, native=True):
    """The same story three times over by compiled code, which is made anew in between."""
    expected = story(function, *make())
    compiled = hotloop.njit(function)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(3):
            before = hotloop._conformance_counters()["native"]
            assert story(compiled, *make()) == expected
            assert hotloop._conformance_counters()["native"] > before or not native


def entered(manager, a, i):
    total = 0.0
    with manager as x:
        total += x * a[i]
    return total


def returns(manager, a, i):
    for k in range(3):
        with manager:
            if k == i:
                return a[k]
    return -1.0


def two(first, second, a, i):
    with first as x, second as y:
        return x + y + a[i]
    return 0.0


@pytest.mark.parametrize("fail", [None, "enter", "exit"])
@pytest.mark.parametrize("swallow", [False, True])
@pytest.mark.parametrize("i", [1, 9])
def test_with(fail, swallow, i):
    def make():
        log = []
        return (Manager(log, swallow, fail), np.arange(3.0), i), log

    check_story(entered, make)
    check_story(returns, make)


def test_two_managers():
    for i in (1, 9):
        for fail in (None, "enter"):

            def make(i=i, fail=fail):
                log = []
                return (Manager(log), Manager(log, fail=fail), np.arange(3.0), i), log

            check_story(two, make)


def test_no_manager():
    check_story(entered, lambda: ((NoManager(), np.arange(3.0), 1), []))
    check_story(entered, lambda: ((5, np.arange(3.0), 1), []))


def suppressed(a, i):
    with contextlib.suppress(IndexError):
        return a[i]
    return -1.0


def test_suppress():
    check_story(suppressed, lambda: ((np.arange(3.0), 1), []))
    check_story(suppressed, lambda: ((np.arange(3.0), 7), []))


def tries(call, a, n):
    done = 0
    missed = 0
    for i in range(n):
        try:
            done += call(a[i])
        except ValueError as e:
            missed += len(e.args)
        except IndexError:
            missed += 100
            break
        finally:
            done += 1
    return done, missed


def picky(x):
    if x == 2:
        raise ValueError("two", 2)
    return int(x)


def test_try_around_calls():
    for n in (0, 2, 4, 9):
        check_story(tries, lambda n=n: ((picky, np.arange(5.0), n), []))


def chained(call, x):
    try:
        return call(x)
    except ValueError as e:
        raise KeyError(str(e)) from e


def reraised(call, x):
    try:
        return call(x)
    except Exception:
        call(x - 1)
        raise


def message(call, x):
    text = ""
    try:
        text = "got " + str(call(x))
    except (TypeError, ValueError) as e:
        text = f"{type(e).__name__}: {e}"
    return text


def test_exceptions_as_objects():
    for x in (1, 2, 3, "x"):
        check_story(message, lambda x=x: ((picky, x), []), native=False)  # for its f-string
        if x != "x":
            check_story(chained, lambda x=x: ((picky, x), []))
            check_story(reraised, lambda x=x: ((picky, x), []))


def observed(call, x, a):
    total = 0.0
    try:
        y = call(x)
        total = y * 2 + a[int(y)]
    except ValueError:
        z = call(x + 1)
        total = z * 3 + a[0]
    return total


def test_types_are_seen_in_try_and_handler():
    for x in (1, 2, 3):
        check_story(observed, lambda x=x: ((picky, x, np.arange(4.0)), []))


def not_a_class(call, x, kind):
    try:
        return call(x)
    except kind:
        return -1


def test_what_is_no_class():
    for kind in (ValueError, (KeyError, ValueError), 5, (ValueError, "x")):
        for x in (1, 2):
            check_story(not_a_class, lambda x=x, kind=kind: ((picky, x, kind), []))
