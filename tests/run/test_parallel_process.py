"""Parallel loops and what else happens in a process: signals, forks, threads, OpenMP libraries."""

import ctypes.util
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
import time

import numpy as np
import pytest

from hotloop import get_num_threads, njit, prange, set_num_threads

NUMBERS = np.random.default_rng(5).random(20000)
LONG = 10**10


@njit(parallel=True, strict=True)
def sum_of_squares(a):
    s = 0.0
    for i in prange(len(a)):
        s += a[i] * a[i]
    return s


@pytest.fixture(autouse=True)
def _needs_compiler(oracle_only):
    if oracle_only:
        pytest.skip("looks at compiled code")
    before = get_num_threads()
    yield
    set_num_threads(before)


def is_right():
    return abs(sum_of_squares(NUMBERS) - (NUMBERS**2).sum()) < 1e-9


# ---- Ctrl-C


def count(out, n):
    for i in prange(len(out)):
        s = 0.0
        for j in range(n):
            s = s * 0.5 + j
        out[i] = s


def count_without_first(out, n):
    for i in prange(len(out)):
        if i > 0:
            s = 0.0
            for j in range(n):
                s = s * 0.5 + j
            out[i] = s


@pytest.mark.parametrize("func", [count, count_without_first], ids=lambda f: f.__name__)
@pytest.mark.parametrize("nogil", [False, True])
@pytest.mark.parametrize("threads", [1, 2, 8])
def test_interrupt(func, nogil, threads):
    compiled = njit(parallel=True, strict=True, nogil=nogil)(func)
    compiled(np.zeros(2), 2)
    set_num_threads(threads)
    timer = threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        compiled(np.zeros(2), LONG)
    timer.join()
    assert is_right()


# ---- Threads of Python


def test_regions_of_several_python_threads():
    for nogil in (False, True):
        compiled = njit(parallel=True, strict=True, nogil=nogil)(sum_of_squares.py_func)
        right = compiled(NUMBERS)
        results = []

        def work(function=compiled, into=results):
            for _ in range(20):
                into.append(function(NUMBERS))

        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert results == [right] * 60


def test_number_of_threads_is_each_python_threads_own():
    set_num_threads(3)
    seen = []
    thread = threading.Thread(target=lambda: (set_num_threads(2), seen.append(get_num_threads())))
    thread.start()
    thread.join()
    assert seen == [2] and get_num_threads() == 3


def test_other_python_threads_go_on():
    compiled = njit(parallel=True, strict=True)(count)
    ticks = []
    done = threading.Event()

    def tick():
        while not done.is_set():
            ticks.append(1)
            time.sleep(0.001)

    thread = threading.Thread(target=tick)
    thread.start()
    compiled(np.zeros(4), 20_000_000)
    done.set()
    thread.join()
    assert len(ticks) > 2


# ---- Processes


def run(program, *arguments, **environment):
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.split()


SUM = """
    import sys, ctypes
    import numpy as np
    from hotloop import njit, prange, threading_layer, get_num_threads

    @njit(parallel=True, strict=True)
    def f(a):
        s = 0
        for i in prange(len(a)):
            s += a[i]
        return s

    def other():
        ctypes.CDLL(sys.argv[1]).omp_get_max_threads()

    numbers = np.arange(1000)
"""


FORKS = """
    import os
    assert f(numbers) == 499500
    for _ in range(3):
        pid = os.fork()
        if pid == 0:
            os._exit(0 if f(numbers) == 499500 and f(numbers) == 499500 else 1)
        assert os.waitpid(pid, 0)[1] == 0
    print(f(numbers))
"""


@pytest.mark.parametrize("handlers", ["TRUE", "FALSE"])
def test_fork(handlers):
    """In a process of its own: other tests' libraries bring OpenMP runtimes that do not survive one.

    scikit-learn sets this variable to FALSE, which keeps the library from what a child needs.
    """
    program = textwrap.dedent(SUM) + textwrap.dedent(FORKS)
    assert run(program, KMP_INIT_AT_FORK=handlers) == ["499500"]


@pytest.fixture
def intel_openmp(tmp_path):
    """A second library with LLVM's runtime in it, as PyPI's intel-openmp has it."""
    for name in ("/usr/lib/llvm-19/lib/libomp.so.5", ctypes.util.find_library("omp5")):
        if name and os.path.exists(name):
            return shutil.copy(name, tmp_path / "libiomp5.so")
    pytest.skip("there is no OpenMP library to copy")


def test_fork_with_a_library_that_does_not_survive_it(intel_openmp):
    program = textwrap.dedent(SUM) + "other()\n" + textwrap.dedent(FORKS)
    assert run(program, str(intel_openmp), KMP_INIT_AT_FORK="FALSE") == ["499500"]


@pytest.mark.parametrize("order", ["other(); f(numbers)", "f(numbers); other()"])
def test_another_openmp_library(intel_openmp, order):
    """Two of them in one process end it (OMP: Error #15) unless it was prepared."""
    program = SUM + f"    {order}\n    print(f(numbers), threading_layer())\n"
    assert run(program, str(intel_openmp)) == ["499500", "omp"]


def test_the_library_that_is_loaded_is_used(intel_openmp):
    libraries = "{l.split('/')[-1].strip() for l in open('/proc/self/maps') if 'omp' in l}"
    program = SUM + f"    other(); f(numbers)\n    print(*sorted({libraries}))\n"
    assert "libiomp5.so" in run(program, str(intel_openmp))
    assert "libomp.so.5" not in run(program, str(intel_openmp))


def test_more_threads_than_processors():
    program = SUM + "    print(f(numbers), get_num_threads())\n"
    assert run(program, HOTLOOP_NUM_THREADS="50") == ["499500", "50"]
    del os.environ["HOTLOOP_NUM_THREADS"]
    try:
        assert run(program, NUMBA_NUM_THREADS="3") == ["499500", "3"]
    finally:
        os.environ["HOTLOOP_NUM_THREADS"] = "8"


def test_layer_before_the_first_loop():
    program = SUM + "    try: threading_layer()\n    except ValueError as error: print(error)\n"
    assert run(program) == "Threading layer is not initialized.".split()


def test_cached(tmp_path):
    program = SUM.replace("strict=True", "strict=True, cache=True")
    (tmp_path / "program.py").write_text(
        textwrap.dedent(program) + "print(f(numbers), f._stats()[0] != {})\n"
    )
    for hit in ("False", "True"):
        done = subprocess.run(
            [sys.executable, tmp_path / "program.py"], capture_output=True, text=True, timeout=100
        )
        assert done.stdout.split() == ["499500", hit], done.stderr
