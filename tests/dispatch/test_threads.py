"""Several threads: compiling at once, running while one compiles, running without the GIL."""

import os
import resource
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from hotloop import _hotloop, njit


def run_threads(n, target):
    errors = []

    def guarded(i):
        try:
            target(i)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(i,)) for i in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors, errors


def test_one_function_is_compiled_once():
    @njit(strict=True)
    def total(a):
        result = 0.0
        for x in a:
            result += x * 2
        return result

    array, barrier, results = np.arange(100.0), threading.Barrier(8), [None] * 8

    def work(i):
        barrier.wait()
        results[i] = total(array)

    run_threads(8, work)
    assert results == [9900.0] * 8 and len(total._specialisations()) == 1


def test_many_functions_and_types_at_once():
    @njit(strict=True)
    def callee(x, y):
        return x * y + x

    functions = [njit(strict=True)(lambda x, y, k=k: callee(x, y) + k) for k in range(4)]
    values = [2, 1.5, 1j, np.float32(3)]

    def work(i):
        for k, function in enumerate(functions):
            x = values[(i + k) % 4]
            assert function(x, 2) == x * 2 + x + k

    run_threads(8, work)
    assert all(len(function._specialisations()) == 4 for function in functions)


def test_other_threads_run_while_one_compiles():
    lines = ["def big(x):", "    y = x"]
    lines += [f"    y = y * {k}.5 + (y if y > {k} else x / {k + 1})" for k in range(200)]
    names = {}
    exec("\n".join([*lines, "    return y"]), names)
    big = njit(strict=True)(names["big"])
    started, done = threading.Event(), threading.Event()

    def compile_it():
        started.set()
        big(1.5)
        done.set()

    thread = threading.Thread(target=compile_it)
    longest, last = 0.0, None
    thread.start()
    started.wait()
    begin = last = time.perf_counter()
    while not done.is_set():
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
    whole = time.perf_counter() - begin
    thread.join()
    assert longest < 0.8 * whole, f"this thread stood still for {longest:.3f} of {whole:.3f} s"


def test_nogil_lets_other_threads_run():
    @njit(strict=True, nogil=True)
    def spin(n):
        x = 1
        for i in range(n):
            x = x * 6364136223846793005 + i
        return x

    spin(1)
    n = 1000
    while True:
        begin = time.perf_counter()
        spin(n)
        if time.perf_counter() - begin > 0.2:
            break
        n *= 2
    thread = threading.Thread(target=spin, args=(n,))
    thread.start()
    steps = 0
    while thread.is_alive():
        steps += 1
        time.sleep(0.001)
    assert steps > 10


def test_errors_of_threads_do_not_mix():
    @njit(strict=True, nogil=True)
    def get(a, i):
        return a[i]

    array = np.arange(4.0)

    def work(i):
        for _ in range(200):
            try:
                get(array, 100 + i)
            except IndexError as error:
                assert str(error) == f"index {100 + i} is out of bounds for axis 0 with size 4"
            else:
                raise AssertionError("no error")

    run_threads(6, work)


def test_recursion_has_each_threads_own_limit():
    @njit(strict=True)
    def depth(n):
        return 0 if n == 0 else 1 + depth(n - 1)

    def work(i):
        assert depth(100) == 100
        try:
            depth(10**9)
        except RecursionError as error:
            assert str(error) == "maximum recursion depth exceeded"
        else:
            raise AssertionError("no error")

    before = threading.stack_size(1 << 20)
    try:
        run_threads(3, work)
    finally:
        threading.stack_size(before)
    work(0)


def test_counters_are_exact():
    @njit(strict=True)
    def one(x):
        return x

    one(1)
    before = _hotloop._conformance_counters()["native"]
    run_threads(4, lambda i: [one(k) for k in range(1000)])
    assert _hotloop._conformance_counters()["native"] == before + 4000


FORKS = """
import faulthandler, os, sys, threading
import numpy as np
import pytest
from hotloop import njit

source = "def f(a):\\n    s = {}.0\\n    for i in range(a.size):\\n        s += a[i] * {}\\n    return s"

def make(k):
    names = {"np": np}
    exec(source.format(k, k), names)
    return njit(strict=True)(names["f"])

array = np.arange(10.0)
newest, done = [make(0)], False

def compile_on():
    k = 1
    while not done:
        newest[0] = make(k)
        newest[0](array)
        k += 1

def child():
    faulthandler.enable()
    faulthandler.dump_traceback_later(60, exit=True)
    try:
        k = int(newest[0].py_func.__code__.co_consts[1])
        assert newest[0](array) == k + 45.0 * k
        assert make(7)(array) == 7 + 45.0 * 7 and make(8)(array.astype(np.int8)) == 8 + 45.0 * 8
        os._exit(0)
    except BaseException as error:
        print(repr(error), file=sys.stderr, flush=True)
        os._exit(1)

thread = threading.Thread(target=compile_on)
thread.start()
bad = 0
for _ in range(20):
    pid = os.fork() or child()
    bad += os.waitpid(pid, 0)[1] != 0
done = True
thread.join()
sys.exit(bad)
"""


def test_fork_while_another_thread_compiles():
    """The child finds no lock taken: neither the compiler's, nor LLVM's, nor that of the function in work.

    LLVM initialises itself in the first compilations, so several processes begin anew.
    """
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", FORKS], capture_output=True, text=True, timeout=280)
        assert done.returncode == 0, f"{done.returncode} of 20 children failed\n{done.stderr[-2000:]}"


CHECKED_LOOP = """
import os, sys
import numpy as np
import pytest
from hotloop import njit

@njit(strict=True)
def total(a, b):
    result = 0.0
    for i in range(a.size):
        result += a[i] * b[i]
    return result

def raises(*arrays):
    try:
        total(*arrays)
    except IndexError as error:
        return str(error)

assert total(np.ones(9), np.ones(9)) == 9
print(raises(np.ones(9), np.ones(8)))
"""


def unlimited_stacks():
    """Ask for stacks of a size that no address space has: then the system gives no thread."""
    resource.setrlimit(resource.RLIMIT_STACK, (1 << 62, resource.RLIM_INFINITY))


@pytest.mark.parametrize("limit", [None, unlimited_stacks])
def test_what_hardly_ever_runs_is_compiled_with_or_without_a_thread(limit):
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", CHECKED_LOOP]
    done = subprocess.run(
        command, env=environment, preexec_fn=limit, capture_output=True, text=True, timeout=100
    )
    assert done.stdout == "index 8 is out of bounds for axis 0 with size 8\n", done.stderr
