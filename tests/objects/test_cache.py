"""cache=True for functions that leave operations to the interpreter: a second process, an edited callee."""

import os
import pathlib
import subprocess
import sys
import textwrap

import pytest

import hotloop

PROGRAM = """
import json, sys
import numpy as np
from hotloop import njit
from callee import helper

class Model:
    k = 2
    def predict(self, x):
        return x * 2.5

SETTINGS = {"n": 3}

def make():
    count = 0
    @njit(cache=True)
    def counts(thing):
        nonlocal count
        count += thing.k
        return count
    return counts

@njit(cache=True)
def f(model, a):
    y = model.predict(a[0])
    total = 0.0
    for i in range(a.shape[0]):
        total += a[i] * y + helper(a[i])
    add = lambda v: v + total
    first = [float(add(q)) for q in sorted([3, 1, 2], key=lambda z: -z)]
    return float(total), first, json.dumps({"n": SETTINGS["n"]}), float(np.fft.rfft(a).real[0])

counts = make()
for _ in range(3):
    result = f(Model(), np.arange(1.0, 5.0)), counts(Model())
print(result)
print(sum(f.stats.cache_hits.values()), sum(counts.stats.cache_hits.values()))
"""


def run(folder):
    site = pathlib.Path(hotloop.__file__).resolve().parents[1]
    environment = {
        **os.environ,
        "HOTLOOP_CACHE_DIR": str(folder / "cache"),
        "PYTHONPATH": str(site),
        "PYTHONWARNINGS": "ignore",
    }
    command = [sys.executable, str(folder / "program.py")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=folder, timeout=120)
    assert done.returncode == 0, done.stderr
    result, hits = done.stdout.splitlines()
    return result, [int(n) for n in hits.split()]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "program.py").write_text(textwrap.dedent(PROGRAM))
    (tmp_path / "callee.py").write_text("def helper(x): return x + 1\n")
    return tmp_path


def test_the_next_process_compiles_nothing(folder):
    first, hits = run(folder)
    assert hits == [0, 0]
    assert first == "((39.0, [42.0, 41.0, 40.0], '{\"n\": 3}', 10.0), 6)"
    again, hits = run(folder)
    assert again == first and hits == [1, 1]


def test_an_edited_callee_is_compiled_anew(folder):
    run(folder)
    (folder / "callee.py").write_text("def helper(x): return x + 100\n")
    result, hits = run(folder)
    assert hits == [0, 1]
    assert result.startswith("((435.0, [438.0, 437.0, 436.0]")


def test_what_the_cached_code_did_not_see_is_right(folder):
    """The cached code tests for the types of its process; another one leaves it."""
    run(folder)
    program = (folder / "program.py").read_text()
    other = "Model.predict = lambda self, x: np.float32(2.5)\ncounts = make()"
    (folder / "program.py").write_text(program.replace("counts = make()", other))
    result, _ = run(folder)
    assert result == "((39.0, [42.0, 41.0, 40.0], '{\"n\": 3}', 10.0), 6)"
