"""Failing allocations, rehearsed: the 1st, 2nd, ... request for memory of a task fails, until none does.

Each time the task must end with its result or with a MemoryError, and work when it is done again with memory.
"""

import os
import pathlib
import subprocess
import sys

import pytest

TASKS = {
    "compile": """
def make():
    def f(a, n):
        total = 0.0
        for i in range(n):
            total += a[i] if i else float(len((a, i)))
        return a + total, (total, helper(n))
    return f
def helper(n):
    if n < 0:
        raise ValueError("negative", n)
    return n * 2
args = np.ones(4), 3
""",
    "raise": """
def make():
    def f(n):
        if n > 0:
            raise RuntimeError("text", n, 2.5)
        return n
    return f
args = (3,)
""",
    "call": """
def make():
    return kept
def kept(a, b, t):
    c = a @ b.T
    return (c, c.ravel(), (c[0], c[::2]), t), a.T.copy(), np.linspace(0, 1, 5)
kept = hotloop.njit(kept)
args = np.ones((3, 4)), np.ones((3, 4)), (1, 2.5)
kept(*args)
""",
    "cached": """
def make():
    def f(x):
        return np.sqrt(x) + 1
    return f
options = {"cache": True}
args = (np.ones(3),)
""",
    "signature": """
def make():
    return lambda x, y: x + y
signature = ["float64(float64, int64)"]
args = (1.5, 2)
""",
}

SCRIPT = """
import ctypes, os, sys
import numpy as np
import hotloop

failing = ctypes.CDLL(os.environ["LD_PRELOAD"])
options, signature = {}, []
%s

def run(f):
    try:
        compiled = f if hasattr(f, "py_func") else hotloop.njit(*signature, **options)(f)
        return repr(compiled(*args))
    except RuntimeError as error:
        return repr(error)

expected = run(make())
count, refused = 0, 0
for n in range(1, 2000):
    for all in (0, 1) if n %% 8 == 1 else (0,):
        f = make()
        failing.failing_malloc_arm(n, all)
        try:
            result = run(f)
        except MemoryError:
            result = "MemoryError"
        count = failing.failing_malloc_count()
        failing.failing_malloc_arm(0, 0)
        assert result in (expected, "MemoryError"), (n, all, result)
        refused += result == "MemoryError"
        assert run(f) == expected, (n, all)
    if count < n:
        break
assert hotloop._hotloop.live_blocks() == 0
print(n, refused)
"""


@pytest.mark.parametrize("task", TASKS)
def test_each_request_fails_once(task, tmp_path):
    folder = os.environ.get("HOTLOOP_TEST_BIN")
    if not folder:
        pytest.skip("HOTLOOP_TEST_BIN is not set (tools/dev-build DIR builds into DIR/build/tests)")
    script = tmp_path / "task.py"
    script.write_text(SCRIPT % TASKS[task])
    environment = os.environ | {
        "LD_PRELOAD": str(pathlib.Path(folder) / "failing_malloc.so"),
        "HOTLOOP_STRICT": "1",
        "HOTLOOP_CACHE_DIR": str(tmp_path / "cache"),
    }
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, timeout=280, env=environment
    )
    assert done.returncode == 0, f"ended with {done.returncode}\n{done.stdout}{done.stderr[-3000:]}"
    requests, refused = map(int, done.stdout.split())
    assert requests > 2 and refused > 0, "nothing failed: this test would not show anything"
