"""One measurement of one engine in a fresh process: budgets.py runs it many times and keeps the smallest
figure.

    python probe.py hotloop|numba NAME

prints the figure as JSON. Each probe is a function of the engine's name below. Times in seconds are CPU
times of the process unless the probe says otherwise; memory is in bytes.
"""

import importlib
import json
import sys
import time
import timeit
from pathlib import Path

import numpy as np


def plus_one(x):
    return x + 1


def go_fast(a):
    trace = 0.0
    for i in range(a.shape[0]):
        trace += np.tanh(a[i, i])
    return a + trace


def add(x, y):
    return x + y


def size(a):
    return a.size


def add_default(x, y=3):
    return x + y


def length(values):
    return len(values)


def eight(a):
    for i in prange(a.size):
        a[i] = i


def go_fast_input():
    """Return the array of the five-minute script."""
    return np.arange(10000).reshape(100, 100)


def cpu_seconds(function, *args):
    """Return the CPU seconds of one call in this thread: BLAS's spin for a while after NumPy's import."""
    start = time.thread_time()
    function(*args)
    return time.thread_time() - start


def resident():
    """Return the bytes of memory this process has in use now."""
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * 4096


def import_time(name):
    return cpu_seconds(importlib.import_module, name)


def first_plus_one(name):
    engine = importlib.import_module(name)
    return cpu_seconds(lambda: engine.njit(plus_one)(1))


def first_go_fast(name):
    engine, a = importlib.import_module(name), go_fast_input()
    return cpu_seconds(lambda: engine.njit(go_fast)(a))


def second_go_fast(name):
    engine, a = importlib.import_module(name), go_fast_input()
    engine.njit(plus_one)(1)
    return cpu_seconds(lambda: engine.njit(go_fast)(a))


def compile_kernels(name, repeats=5):
    """Return, compiler warm, the fewest seconds of a first call less a later one for each kernel."""
    import kernels

    engine = importlib.import_module(name)
    engine.njit(plus_one)(1)
    fewest = {}
    for kernel in map(kernels.load, kernels.NAMES):
        arguments = kernel.arguments(kernel.sizes[0])
        seconds = []
        for _ in range(repeats):
            compiled = engine.njit(kernel.function)
            first = cpu_seconds(compiled, *arguments)
            seconds.append(first - cpu_seconds(compiled, *arguments))
        fewest[kernel.name] = min(seconds)
    return fewest


def cached_go_fast(name):
    """Return the seconds to decorate and call a function in the disk cache, and whether LLVM was opened."""
    engine, a = importlib.import_module(name), go_fast_input()
    seconds = cpu_seconds(lambda: engine.njit(cache=True)(go_fast)(a))
    maps = Path("/proc/self/maps").read_text().lower()
    return {"seconds": seconds, "llvm": "llvm" in maps}


def list_argument(name):
    """Return the seconds of a call with a list of 1,000 ints."""
    compiled, values = importlib.import_module(name).njit(length), list(range(1000))
    compiled(values)
    timer = timeit.Timer("f(x)", globals={"f": compiled, "x": values}, timer=time.thread_time)
    return min(timer.repeat(15, 200)) / 200


def parallel_region(name):
    """Return the seconds, by the clock, that a parallel loop over 8 elements takes more than a serial one."""
    global prange
    engine, a = importlib.import_module(name), np.zeros(8)
    prange = engine.prange
    seconds = {}
    for parallel in (False, True):
        compiled = engine.njit(parallel=parallel)(eight)
        compiled(a)
        timer = timeit.Timer("f(a)", globals={"f": compiled, "a": a})
        seconds[parallel] = min(timer.repeat(15, 2000)) / 2000
    return seconds[True] - seconds[False]


def call_overheads(name):
    """Return the seconds of a call, by timeit: two scalars, one array, a default left out. Fastest of 15."""
    engine = importlib.import_module(name)
    statements = {
        "two scalars": ("f(x, y)", add),
        "one array": ("f(a)", size),
        "default left out": ("f(x)", add_default),
    }
    found = {}
    for title, (statement, function) in statements.items():
        compiled = engine.njit(function)
        scope = {"f": compiled, "x": 1, "y": 2, "a": np.zeros(10)}
        eval(statement, scope)  # compiles it
        timer = timeit.Timer(statement, globals=scope, timer=time.thread_time)
        number = max(1, timer.autorange()[0] // 10)
        found[title] = min(timer.repeat(15, number)) / number
    return found


def memory(name):
    """Return the bytes that importing the engine, then compiling one function, add to those of NumPy."""
    a = go_fast_input()
    before = resident()
    engine = importlib.import_module(name)
    imported = resident()
    engine.njit(go_fast)(a)
    return {"import": imported - before, "compiled": resident() - before}


PROBES = {
    probe.__name__: probe
    for probe in (
        import_time,
        first_plus_one,
        first_go_fast,
        second_go_fast,
        compile_kernels,
        cached_go_fast,
        call_overheads,
        list_argument,
        parallel_region,
        memory,
    )
}

if __name__ == "__main__":
    print(json.dumps(PROBES[sys.argv[2]](sys.argv[1])))
