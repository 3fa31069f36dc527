"""try, except, else, finally and raise in compiled functions: what CPython does, as machine code."""

import os
import signal
import sys
import threading
import time
import traceback

import harness
import hotloop
import numpy as np
import pytest
from harness import check, check_all


class Own(Exception):
    """An exception of a user's own."""


class Other(Own):
    pass


# ---- catching what operations raise


def divided(a, b):
    try:
        return a // b
    except ZeroDivisionError:
        return -1


def taken(a, i):
    try:
        return a[i]
    except IndexError:
        return -1.0


def stored(a, i, x):
    try:
        a[i] = x
        a[i + 1] = 2 * x
    except IndexError:
        return i
    return -1


def by_group(a, i, b):
    try:
        return a[i] / b
    except (IndexError, ZeroDivisionError):
        return -2.0


def by_base(a, i, b):
    try:
        return a[i] // b
    except ArithmeticError:
        return 1
    except LookupError:
        return 2


def by_nothing(a, i):
    try:
        return a[i]
    except:  # noqa: E722
        return -1.0


def uncaught(a, i):
    try:
        return a[i]
    except ZeroDivisionError:
        return -1


@pytest.mark.parametrize("b", [0, 3])
def test_division(b):
    check(divided, 7, b)


@pytest.mark.parametrize("i", [0, 3, -4, 4, -5, 10**12])
def test_indices(i):
    a = np.arange(4.0)
    for f in (taken, uncaught):
        check(f, a, i)
    check(stored, a, i, 5.0)


def test_several_classes():
    rows = [(i, b) for i in (1, 9) for b in (2, 0)]
    check_all(by_group, [([1.5, 2.5], i, b) for i, b in rows])
    check_all(by_base, [([3, 4], i, b) for i, b in rows])


def test_everything_is_caught():
    for i in (1, 9):
        harness.check(by_nothing, np.arange(4.0), i)


# ---- raise


def raised(x):
    try:
        if x == 1:
            raise ValueError
        if x == 2:
            raise ValueError("two", x, 2.5)
        if x == 3:
            raise Own(x)
        if x == 4:
            raise Other
        if x == 5:
            raise AssertionError
        if x == 6:
            raise AssertionError("six")
    except ValueError:
        return 10
    except Other:
        return 20
    except Own:
        return 30
    except AssertionError:
        return 40
    return 0


def again(x):
    try:
        return 1 // x
    except ZeroDivisionError:
        raise


def other(x):
    try:
        return 1 // x
    except ZeroDivisionError:
        raise KeyError(x)  # noqa: B904


def caused(x):
    try:
        return 1 // x
    except ZeroDivisionError as e:
        raise Own("cause", x) from e


def caused_by_none(x):
    try:
        return 1 // x
    except ZeroDivisionError:
        raise Own from None


def caused_by_class(x):
    if x:
        return x
    raise Own(x, (x, 1)) from KeyError


def raise_outside(x):
    try:
        y = 1 // x
    except ValueError as e:
        raise e
    raise


def name_reused(x):
    e = 5
    try:
        e = 1 // x
    except ZeroDivisionError as e:
        pass
    return e


def caught_again(x):
    try:
        try:
            return 1 // x
        except ZeroDivisionError as e:
            raise e
    except ArithmeticError:
        return -3


def in_handler(a, i):
    try:
        return a[i]
    except IndexError:
        return a[i - 1]


def in_else(a, i):
    try:
        j = i + 1
    except IndexError:
        return -1.0
    else:
        return a[j]


CHAINED = [again, other, caused, caused_by_none, caused_by_class, raise_outside, name_reused, caught_again]


def story(function, args):
    """How a call ends: the value, or each exception of the chain, what it says and where it was raised."""
    told = []
    try:
        return function(*args)
    except BaseException as error:
        while error is not None:
            lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__)][1:]
            told.append((type(error), error.args, lines, error.__suppress_context__, repr(error.__cause__)))
            error = error.__context__
    assert sys.exc_info() == (None, None, None)
    return told


def check_story(function, *args):
    compiled = harness.compiled_copy(function, {"strict": True})
    expected, got = story(function, args), story(compiled, args)
    assert got == expected
    if isinstance(expected, list):
        assert expected[0][2]


def test_raised():
    check_all(raised, [(x,) for x in range(8)])


@pytest.mark.parametrize("function", CHAINED, ids=lambda f: f.__name__)
@pytest.mark.parametrize("x", [0, 2])
def test_chains(function, x):
    check(function, x)
    check_story(function, x)


def test_in_handler_and_else():
    a = np.arange(4.0)
    for i in (0, 3, 4, 5, -6):
        check(in_handler, a, i)
        check(in_else, a, i)
        check_story(in_handler, a, i)
        check_story(in_else, a, i)


def test_context_of_the_caller():
    """What is raised while the caller handles an exception has that as its context."""
    compiled = harness.compiled_copy(other, {"strict": True})
    for f in (other, compiled):
        try:
            raise ValueError("outer")
        except ValueError as outer:
            with pytest.raises(KeyError) as caught:
                f(0)
            assert sys.exc_info()[1] is outer
            assert type(caught.value.__context__) is ZeroDivisionError
            assert caught.value.__context__.__context__ is outer


# ---- finally


def cleaned(a, i):
    try:
        return a[i]
    finally:
        a[0] += 1


def return_in_finally(x):
    try:
        return 1 // x
    finally:
        return 5  # noqa: B012


def all_of_it(x, out):
    try:
        out[0] = 10 // x
        out[x] = 1
    except ZeroDivisionError:
        out[1] = 3
    except IndexError:
        out[1] = 4
        raise
    else:
        out[2] = 7
    finally:
        out[3] += 100
    return out[0] + x


def loop_out(n):
    total = 0
    for i in range(n):
        try:
            if i % 3 == 0:
                continue
            if i == 7:
                break
            total += 10 // (i % 2)
        except ZeroDivisionError:
            total += 1000
            continue
        finally:
            total += 1
        total += 100
    return total


def nested(a, i, b):
    log = 0
    try:
        try:
            try:
                log += a[i] // b
            finally:
                log = log * 10 + 1
        except IndexError:
            log = log * 10 + 2
            log += 1 // b
        finally:
            log = log * 10 + 3
    except ZeroDivisionError:
        log = log * 10 + 4
    return log


def raised_in_finally(x):
    try:
        return 1 // x
    finally:
        if x == 0:
            raise KeyError(1)


def test_finally():
    """By the harness itself: tests/entry stops a call by an exception, which `finally` would see."""
    for i in (0, 3, 9):
        harness.check(cleaned, np.arange(4.0), i)
    for x in (0, 1):
        harness.check(return_in_finally, x)
        check_story(raised_in_finally, x)
    for x in (0, 1, 2, 9, -1):
        harness.check(all_of_it, x, np.zeros(4, np.int64))
        check_story(all_of_it, x, np.zeros(4, np.int64))
    for n in (0, 1, 5, 12):
        harness.check(loop_out, n)


def test_nested():
    check_all(nested, [(np.array([5, 6]), i, b) for i in (0, 2) for b in (0, 2)])


# ---- loops, calls, arrays


def count_bad(a, index):
    bad = 0
    total = 0.0
    for i in range(len(index)):
        try:
            total += a[index[i]]
        except IndexError:
            bad += 1
    return total, bad


def loop_inside(a, n):
    i = 0
    try:
        while i < n:
            a[i] = i * 2.0
            i += 1
    except IndexError:
        return i
    return -i


def for_inside(a, b):
    last = -1
    try:
        for i in range(len(a)):
            last = i
            b[i] = a[i] + 1
    except IndexError:
        return last, b.sum()
    return -1, b.sum()


def quotient(a, b):
    if b == 7:
        raise Own(b)
    return a // b


def recursive(n):
    if n == 0:
        return 1 // n
    try:
        return recursive(n - 1)
    except ZeroDivisionError:
        return n
    finally:
        n += 1


def calls(a, b):
    try:
        return quotient(a, b)
    except ZeroDivisionError:
        return -1
    except Own:
        return -2


def helper_catches(n):
    total = 0
    for i in range(n):
        total += calls(100, i)
    return total


def arrays(a, b):
    x = a * 2
    try:
        x = x + b
        x += a
        y = x[1:] * b[:-1]
    except ValueError:
        return x
    return y


def views(a, n):
    row = a[0]
    try:
        for i in range(n):
            row = a[i]
        other = row + 1
    except IndexError:
        other = row * 2
    return other


def lists(n, i):
    items = [1.0]
    try:
        for k in range(n):
            items.append(k * 1.5)
        items[i] = 7.0
        return items.pop(i)
    except IndexError:
        return -items[-1]


def bound_or_not(x):
    try:
        y = 1 // x
        z = 2
    except ZeroDivisionError:
        pass
    return y + z


def comprehension(n, x):
    try:
        return [n // (k - x) for k in range(n)]
    except ZeroDivisionError:
        return [x]


def restored(x):
    k = 7
    try:
        [1 // (k - x) for k in range(4)]
    except ZeroDivisionError:
        return k
    return -k


def reshaped(a, n):
    try:
        return a.reshape(n, 2)
    except ValueError:
        return a.reshape(1, -1)


def test_loops():
    a = np.arange(5.0)
    check(count_bad, a, np.array([1, 2, 9, -5, -6, 4]))
    check(count_bad, a, np.arange(5))
    for n in (0, 3, 5, 9):
        check(loop_inside, np.zeros(5), n)
    for n in (0, 3, 5, 9):
        check(for_inside, np.arange(float(n)), np.zeros(5))


def test_calls():
    check_all(calls, [(10, b) for b in (0, 2, 7)])
    check(helper_catches, 12)
    check_all(recursive, [(n,) for n in (0, 1, 5)])
    check_story(recursive, 0)


def test_arrays():
    for n in (1, 4, 3):
        check(arrays, np.arange(4.0), np.ones(n))
    for n in (0, 2, 3):
        check(views, np.arange(6.0).reshape(2, 3), n)
    for n in (3, 4):
        check(reshaped, np.arange(6.0), n)


def test_lists():
    check_all(lists, [(n, i) for n in (0, 3) for i in (0, 3, -1, 4, -9)])
    check_all(comprehension, [(4, 2), (4, 9), (0, 0)])
    check_all(restored, [(2,), (9,)])


def test_unbound():
    check_all(bound_or_not, [(0,), (1,)])
    check_story(bound_or_not, 0)


# ---- references, nogil, parallel loops


def keeps(a, n):
    held = a + 1
    for i in range(n):
        try:
            held = np.ones(i % 3) + a[: 1 + i % 2]
        except ValueError:
            held = a * i
    return held


def test_references():
    """Nothing is left over: the harness sees arrays, this sees exceptions."""
    check(keeps, np.arange(2.0), 20)
    compiled = harness.compiled_copy(caused, {"strict": True})
    errors = []
    for _ in range(3):
        with pytest.raises(Own) as caught:
            compiled(0)
        errors.append(sys.getrefcount(caught.value.__cause__))
    assert len(set(errors)) == 1


def deep(n):
    try:
        return 1 + deep(n + 1)
    except RecursionError:
        return n - n


def in_parallel(a, out):
    for i in hotloop.prange(len(a)):
        try:
            out[i] = 10 // a[i]
        except ZeroDivisionError:
            out[i] = calls(i, 7)
    for i in hotloop.prange(len(a)):
        out[i] += calls(10, a[i])


def test_recursion_error():
    compiled = harness.compiled_copy(deep, {"strict": True})
    assert compiled(0) > 100


def test_parallel_loops():
    a = np.arange(40) % 8
    check(in_parallel, a, np.zeros(40, np.int64), options={"parallel": True})


@pytest.mark.parametrize("option", ["nogil", "fastmath", "parallel", "cache", "debug"])
def test_options(option, tmp_path, monkeypatch):
    monkeypatch.setenv("HOTLOOP_CACHE_DIR", str(tmp_path))
    check(count_bad, np.arange(3.0), np.array([2, 3]), options={option: True})
    check(nested, np.array([5, 6]), 2, 0, options={option: True})


def test_memory_error():
    def huge(n):
        try:
            return np.zeros(n).sum()
        except MemoryError:
            return -1.0

    check(huge, 3)
    check(huge, 1 << 58)


# ---- interruption


def sum_up(n, state):
    total = 0
    i = -1
    try:
        for i in range(n):
            total += i ^ 3
    except KeyboardInterrupt:
        state[0] = 1
        return total, i
    finally:
        state[1] = 1
    return total, -2


def wait(n, state):
    i = 0
    try:
        while i < n:
            i += 1 + state[3]
            state[3] = 0
    except BaseException:
        state[0] = 1
        raise
    finally:
        state[1] = i
    return i


def interrupt_after(seconds):
    def interrupt():
        time.sleep(seconds)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    return thread


def test_a_handled_interruption():
    """The variables are as they are between two rounds."""
    compiled = harness.compiled_copy(sum_up, {"strict": True})
    state = np.zeros(4, np.int64)
    assert compiled(1000, state) == sum_up(1000, np.zeros(4, np.int64))
    assert list(state[:2]) == [0, 1]
    thread = interrupt_after(0.1)
    total, i = compiled(1 << 62, state)
    thread.join()
    assert list(state[:2]) == [1, 1]
    assert i > 1000
    whole = (i + 1) & ~3  # of a group of four, x ^ 3 is the group in another order
    expected = whole * (whole - 1) // 2 + sum(k ^ 3 for k in range(whole, i + 1))
    assert total == (expected + (1 << 63)) % (1 << 64) - (1 << 63)


def test_an_interruption_that_goes_on():
    compiled = harness.compiled_copy(wait, {"strict": True})
    assert compiled(1, np.zeros(4, np.int64)) == 1  # compiling takes time too
    state = np.zeros(4, np.int64)
    thread = interrupt_after(0.1)
    with pytest.raises(KeyboardInterrupt):
        compiled(1 << 62, state)
    thread.join()
    assert state[0] == 1
    assert state[1] > 1000
