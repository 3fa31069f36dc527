"""Each example runs, under strict, as machine code, and its answers agree with plain Python's."""

import os
import pathlib
import re
import subprocess
import sys

import pytest

EXAMPLES = pathlib.Path(__file__).resolve().parent.parent / "examples"
SCRIPTS = sorted(
    path.name for path in EXAMPLES.glob("*.py") if path.name[0] != "_" and path.name != "run_all.py"
)

LIBRARIES = "libraries.py"  # leaves operations to the interpreter: that is what it shows

# Runs a script as __main__, then says how its calls ran.
RUNNER = """
import runpy, sys
sys.path.insert(0, sys.argv[1].rpartition("/")[0])
runpy.run_path(sys.argv[1], run_name="__main__")
import hotloop
print("counters", *hotloop._conformance_counters().values())
"""


def run(*command, **environment):
    """Run Python; return the finished process with its output as text."""
    env = {**os.environ, "HOTLOOP_STRICT": "1", **environment}
    return subprocess.run([sys.executable, *command], env=env, capture_output=True, text=True, timeout=300)


def test_there_are_examples():
    assert len(SCRIPTS) >= 5


@pytest.mark.parametrize("script", SCRIPTS)
def test_example(script, oracle_only):
    if oracle_only:
        pytest.skip("runs compiled code")
    if script in ("svm.py", LIBRARIES):
        pytest.importorskip("sklearn")
    done = run("-c", RUNNER, str(EXAMPLES / script), HOTLOOP_STRICT="0" if script == LIBRARIES else "1")
    assert done.returncode == 0, done.stdout + done.stderr
    native, fallback = map(int, re.search(r"^counters (\d+) (\d+)$", done.stdout, re.MULTILINE).groups())
    assert native > 0, "no machine code ran"
    assert (fallback == 0) == (script != LIBRARIES), f"{fallback} calls or operations ran in the interpreter"
    assert "agree" in done.stdout, "no answers were compared"
    assert "Warning" not in done.stderr, done.stderr


NUMBAS = ["monte_carlo.py", "tanh_table.py", "optimisation.py", "kmeans.py", "heat.py"]


@pytest.mark.parametrize("script", NUMBAS)
def test_example_that_imports_numba(script, oracle_only, tmp_path):
    """The same script with `numba` in its imports runs unchanged under `python -m hotloop`."""
    if oracle_only:
        pytest.skip("runs compiled code")
    text = (EXAMPLES / script).read_text()
    assert "\nfrom hotloop import" in text
    (tmp_path / script).write_text(text.replace("\nfrom hotloop import", "\nfrom numba import"))
    (tmp_path / "_compare.py").write_text((EXAMPLES / "_compare.py").read_text())
    done = run("-m", "hotloop", str(tmp_path / script))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "agree" in done.stdout and "DIFFER" not in done.stdout


def test_run_all_lists_every_example():
    """`make demo` forgets none."""
    listed = re.search(r"SCRIPTS = \((.*?)\)", (EXAMPLES / "run_all.py").read_text(), re.DOTALL).group(1)
    assert sorted(re.findall(r'"(\w+\.py)"', listed)) == SCRIPTS
