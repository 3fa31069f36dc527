"""Compiling in several threads while others run: compiled code without the GIL, prelude functions that are
loaded at their first use, the same functions and different ones, objects that come and go."""

import gc
import sys
import threading

import numpy as np
import pytest
from hotloop import njit

THREADS = 6


def run_at_once(*targets):
    """Run each in its own thread, all released together; raise what the first of them raised."""
    barrier, errors = threading.Barrier(len(targets)), []

    def guarded(target):
        barrier.wait()
        try:
            target()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(target,)) for target in targets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive(), "a thread hangs"
    if errors:
        raise errors[0]


@pytest.fixture
def eager_switching():
    """Threads give up the GIL as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def define(body, number):
    """A new function `f(a)` with a code object of its own."""
    names = {"np": np}
    exec(f"def f(a):\n    k = {number}\n" + body, names)
    return names["f"]


def assert_same(got, expected):
    np.testing.assert_allclose(got, expected, rtol=1e-13)


BODIES = [
    "    t = 0.0\n    for x in a:\n        t += x * k\n    return t\n",
    "    return np.sum(a) + k\n",
    "    return (a * k + a)[2]\n",
    "    b = np.zeros(len(a))\n    for i in range(len(a)):\n        b[i] = a[i] + k\n    return np.tanh(b)\n",
    "    return np.cumsum(a)[-1] * k + np.mean(a)\n",
    "    return a.min(), a[k], k\n",
]


def test_different_functions(eager_switching):
    array = np.linspace(-1.0, 2.0, 50)

    def work(thread):
        for number, body in enumerate(BODIES):
            function = define(body, (thread + number) % 5)
            assert_same(njit(strict=True)(function)(array), function(array))

    run_at_once(*(lambda thread=thread: work(thread) for thread in range(THREADS)))


def test_same_function_with_different_types(eager_switching):
    function = define(BODIES[0], 3)
    compiled = njit(strict=True)(function)
    arrays = [np.arange(9).astype(dtype) for dtype in "i1 u2 i4 i8 f4 f8 c8 c16".split()]

    def work(thread):
        for array in arrays[thread:] + arrays[:thread]:
            assert compiled(array) == function(array)

    run_at_once(*(lambda thread=thread: work(thread) for thread in range(THREADS)))
    assert len(compiled.signatures) == len(arrays)


def test_beside_python_code_that_collects(eager_switching):
    done = threading.Event()
    array = np.arange(20.0)

    def collect():
        rounds = 0
        while not done.is_set():
            cycle = [rounds]
            cycle.append(cycle)
            gc.collect(0)
            rounds += 1
        assert rounds > 1

    def compile_and_drop():
        try:
            for number in range(30):
                function = define(BODIES[number % len(BODIES)], number % 5)
                assert_same(njit(strict=True)(function)(array), function(array))
        finally:
            done.set()

    run_at_once(collect, compile_and_drop)


def test_during_a_nogil_run():
    @njit(strict=True, nogil=True)
    def spin(flag, n):
        steps = 0
        for _ in range(n):
            steps += 1
            if flag[0] != 0:
                break
        return steps

    flag, limit, steps = np.zeros(1, np.int64), 2**62, []  # the flag is read once in a block of rounds
    spin(flag, 1)

    def compile_others():
        try:
            for number, body in enumerate(BODIES):
                function, array = define(body, number % 5), np.arange(8.0)
                assert_same(njit(strict=True)(function)(array), function(array))
        finally:
            flag[0] = 1

    run_at_once(lambda: steps.append(spin(flag, limit)), compile_others)
    assert 0 < steps[0] < limit


def test_functions_that_call_each_other(eager_switching):
    """Two threads compile callers of one callee that neither has compiled yet."""
    for _ in range(10):
        callee = njit(strict=True)(lambda x: x * 2 + 1)
        first = njit(strict=True)(lambda x: callee(x) + 1)
        second = njit(strict=True)(lambda x: callee(x) - 1)
        answers = {}
        run_at_once(
            lambda: answers.update(first=first(5)),
            lambda: answers.update(second=second(5)),
            lambda: answers.update(callee=callee(5)),
        )
        assert answers == {"first": 12, "second": 10, "callee": 11}
