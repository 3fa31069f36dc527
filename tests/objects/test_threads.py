"""Operations left to the interpreter in parallel loops and without the GIL."""

import sys
import threading
import warnings

import numpy as np
import pytest

from hotloop import get_num_threads, njit, prange

pytestmark = pytest.mark.filterwarnings("ignore::hotloop.core.errors.HotloopPerformanceWarning")


class Log:
    def __init__(self, worst=None):
        self.seen, self.threads, self.worst = [], set(), worst

    def info(self, text, i):
        self.seen.append(text % i)
        self.threads.add(threading.get_ident())
        if self.worst is not None and i >= self.worst:
            raise ValueError("at", i)


def waves(a, log):
    out = np.empty_like(a)
    for i in prange(a.shape[0]):
        x = a[i]
        for _ in range(200):
            x = np.sin(x) + 0.5
        out[i] = x
        if i % 1000 == 0:
            log.info("%d", i)
    return out


def texts_of(function, *args):
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        function(*args)
    return [str(w.message) for w in seen]


def test_a_parallel_loop_that_logs_runs_in_parallel():
    a = np.linspace(0.0, 1.0, 20000)
    compiled, expected = njit(parallel=True)(waves), waves(a, Log())
    threads = set()
    for _ in range(5):
        log = Log()
        assert np.allclose(compiled(a, log), expected, rtol=1e-14)
        assert sorted(map(int, log.seen)) == list(range(0, 20000, 1000))
        threads |= log.threads
    assert len(threads) >= min(2, get_num_threads())


def test_it_is_warned_of():
    texts = texts_of(njit(parallel=True)(waves), np.ones(2000), Log())
    (text,) = [text for text in texts if "HL0307" in text]
    line = waves.__code__.co_firstlineno + 8
    assert text.startswith(
        "this prange loop stops for the GIL at operations that are left to the interpreter [HL0307]"
    )
    assert f"line {line}\n" in text and 'log.info("%d", i)' in text


def test_the_exception_of_the_lowest_round_arrives():
    a = np.ones(20000)
    compiled = njit(parallel=True)(waves)
    for _ in range(5):
        with pytest.raises(ValueError) as caught:
            compiled(a, Log(worst=3000))
        assert caught.value.args == ("at", 3000)
        assert [entry.name for entry in caught.traceback][-2:] == ["waves", "info"]


def test_exceptions_that_are_not_raised_are_released():
    errors = []

    class Failing:
        def info(self, text, i):
            errors.append(KeyError(i))
            raise errors[-1]

    compiled = njit(parallel=True)(waves)
    for _ in range(5):
        with pytest.raises(KeyError):
            compiled(np.ones(20000), Failing())
    for error in errors:
        error.__traceback__ = None
    del error
    plain = [KeyError(1)]
    assert [sys.getrefcount(each) for each in errors] == [sys.getrefcount(each) for each in plain] * len(
        errors
    )


def test_a_result_that_native_code_goes_on_with_makes_the_loop_serial():
    class Twice:
        def __call__(self, x):
            return x * 2

    def f(a, twice):
        total = 0.0
        for i in prange(a.shape[0]):
            total += twice(a[i])
        return total

    compiled, a = njit(parallel=True)(f), np.arange(5000.0)
    texts = texts_of(compiled, a, Twice())
    assert any("this prange loop runs serially" in text for text in texts)
    for _ in range(3):
        assert compiled(a, Twice()) == f(a, Twice())


def test_a_loop_with_a_handler_is_right():
    class Odd:
        def check(self, i):
            if i % 100 == 1:
                raise ValueError(i)

    def f(a, odd):
        out = np.zeros(a.shape[0])
        for i in prange(a.shape[0]):
            try:
                odd.check(i)
                out[i] = a[i]
            except ValueError:
                out[i] = -1.0
        return out

    compiled, a = njit(parallel=True)(f), np.arange(5000.0)
    for _ in range(3):
        assert np.array_equal(compiled(a, Odd()), f(a, Odd()))


def test_nogil_takes_the_gil_for_objects():
    def f(a, log):
        total = 0.0
        for i in range(a.shape[0]):
            total += a[i]
            if i % 5000 == 0:
                log.info("%d", i)
        return total, len(log.seen)

    compiled, a = njit(nogil=True)(f), np.ones(20000)
    for _ in range(3):
        assert compiled(a, Log()) == f(a, Log())
    with pytest.raises(ValueError, match="15000"):
        compiled(a, Log(worst=15000))


def test_threads_of_python_without_the_gil():
    @njit(nogil=True)
    def f(a, log):
        total = 0.0
        for k in range(50):
            for i in range(a.shape[0]):
                total += a[i]
            log.info("%d", k)
        return total

    a, log, results = np.ones(20000), Log(), []
    threads = [threading.Thread(target=lambda: results.append(f(a, log))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [1e6] * 4 and len(log.seen) == 200
