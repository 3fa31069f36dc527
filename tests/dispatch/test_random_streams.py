"""NumPy's and Python's generators lent to compiled calls: locks, threads, signals, errors."""

import random
import signal
import sys
import threading
import warnings

import numpy as np
import pytest

from hotloop import njit


@njit
def both(n):
    total = 0.0
    for _ in range(n):
        total += np.random.rand() + np.random.standard_normal() + random.random() + random.gauss(0.0, 1.0)
    return total


@njit(nogil=True)
def both_without_gil(n):
    total = 0.0
    for _ in range(n):
        total += np.random.rand() + np.random.standard_normal() + random.random() + random.gauss(0.0, 1.0)
    return total


@njit(nogil=True)
def numpy_without_gil(n):
    total = 0.0
    for _ in range(n):
        total += np.random.rand()
    return total


@njit
def fails(n):
    for i in range(n):
        if np.random.rand() + random.random() > 1.9:
            raise ValueError("enough")
    return n


def is_free(lock):
    """Whether another thread can take the lock now."""
    taken = []
    thread = threading.Thread(
        target=lambda: taken.append(lock.acquire(blocking=False) and lock.release() is None)
    )
    thread.start()
    thread.join()
    return taken[0]


def test_nothing_is_kept_after_a_call():
    generator = np.random.get_bit_generator()
    both(10)
    before = sys.getrefcount(generator), sys.getrefcount(generator.lock)
    for _ in range(50):
        both(10)
        both_without_gil(10)
        with pytest.raises(ValueError, match="enough"):
            fails(10**6)
    assert is_free(generator.lock)
    assert (sys.getrefcount(generator), sys.getrefcount(generator.lock)) == before


def test_the_lock_is_held_by_a_caller_that_draws():
    with np.random.get_bit_generator().lock:
        assert both(10) != both(10)


@pytest.mark.parametrize("function", [both, both_without_gil, numpy_without_gil])
def test_threads_draw_each_number_once(function):
    """Four threads draw beside NumPy's own draws; the state moves on by exactly what was drawn."""
    calls, n = 40, 500
    np.random.seed(9)
    random.seed(9)
    results = []

    def work():
        for _ in range(calls):
            results.append(function(n))
            results.append(np.random.random(1000).sum())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(results) == 8 * calls and len(set(results)) == 8 * calls
    if function is numpy_without_gil:
        np_state = np.random.get_state()
        np.random.seed(9)
        np.random.random(4 * calls * (n + 1000))
        assert np.random.get_state()[2] == np_state[2] and (np.random.get_state()[1] == np_state[1]).all()


@pytest.mark.skipif(
    threading.current_thread() is not threading.main_thread(), reason="signals go to the main thread"
)
def test_a_signal_handler_may_draw():
    drawn = []

    def handler(*_):
        drawn.append((np.random.rand(), np.random.standard_normal(), random.gauss(0.0, 1.0)))

    previous = signal.signal(signal.SIGALRM, handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.02, 0.02)
        for _ in range(50):
            both(10**5)
            if len(drawn) > 3:
                break
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
    assert len(drawn) > 3 and len(set(drawn)) == len(drawn)


def test_a_call_that_has_drawn_is_not_done_again():
    """`int(1e30)` has no compiled form: the interpreter may take the call over only before the first draw."""

    def large(x, first):
        if first:
            np.random.rand()
        return int(x)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        function = njit(large)
        assert function(1e30, False) == int(1e30)
        np.random.seed(4)
        with pytest.raises(OverflowError):
            function(1e30, True)
    after = np.random.get_state()[2]
    np.random.seed(4)
    np.random.rand()
    assert np.random.get_state()[2] == after


def test_the_cache_keeps_no_address(tmp_path):
    """Code from the disk cache draws from the generators of the process that runs it."""
    import subprocess

    script = tmp_path / "cached.py"
    script.write_text(
        "import numpy as np, random\nfrom hotloop import njit\n"
        "@njit(cache=True)\ndef f():\n    return np.random.rand(), random.random()\n"
        "np.random.seed(1); random.seed(1)\nprint(*f(), sum(f.stats.cache_hits.values()))\n"
    )
    outputs = [
        subprocess.run([sys.executable, script], capture_output=True, text=True, check=True) for _ in range(2)
    ]
    first, second = (output.stdout.split() for output in outputs)
    random.seed(1)
    assert first[:2] == second[:2] == [repr(np.random.RandomState(1).random_sample()), repr(random.random())]
    assert (first[2], second[2]) == ("0", "1")
