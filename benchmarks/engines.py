"""Starts the engines' processes, and finds or creates the virtual environment that Numba has for itself."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NUMBA_VENV = ROOT / ".venv-numba"
NAMES = ("hotloop", "numba", "c")


class EngineError(Exception):
    """An engine could not do what was asked; the text is its traceback."""


class Engine:
    """A worker process (worker.py) that is asked over a pipe."""

    def __init__(self, name, python=sys.executable):
        self.name = name
        self.python = python
        self.process = subprocess.Popen(
            [python, str(Path(__file__).with_name("worker.py")), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment() | {"OPENBLAS_NUM_THREADS": "1"},  # it is used for arguments only
        )

    def ask(self, do, **details):
        """Send one command and return its value."""
        try:
            self.process.stdin.write(json.dumps({"do": do} | details) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        line = self.process.stdout.readline()
        if not line:
            raise EngineError(f"{self.name}: the process ended with status {self.process.wait()}")
        reply = json.loads(line)
        if "error" in reply:
            raise EngineError(reply["error"])
        return reply["value"]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def environment():
    """Return the environment of every measured process: what cannot be compiled is an error, not a detour."""
    return os.environ | {"HOTLOOP_STRICT": "1", "PYTHONPATH": os.environ.get("PYTHONPATH", "")}


def can_import(python, name):
    """Tell whether that Python can import that module."""
    check = subprocess.run([str(python), "-c", f"import {name}"], capture_output=True, env=environment())
    return check.returncode == 0


def numba_python(given=None):
    """Return the Python that has Numba: the given one, or .venv-numba's, or None if it cannot be had."""
    python = Path(given) if given else NUMBA_VENV / "bin" / "python"
    if python.exists() and can_import(python, "numba"):
        return str(python)
    if given:
        raise SystemExit(f"benchmarks: {given} cannot import numba")
    print(
        f"benchmarks: installing Numba into {NUMBA_VENV.name}, a virtual environment of its own", flush=True
    )
    try:
        subprocess.run([sys.executable, "-m", "venv", str(NUMBA_VENV)], check=True)
        install = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "numba", "scipy")
        subprocess.run([str(python), *install], check=True)
    except subprocess.CalledProcessError as error:
        print(f"benchmarks: Numba could not be installed ({error}); going on without it")
        return None
    return str(python)


def start(name, python=None):
    """Start an engine and return it, or None (with a line that says why) if it does not answer."""
    engine = Engine(name, python or sys.executable)
    try:
        engine.version = engine.ask("version")
    except EngineError as error:
        print(f"benchmarks: {name} does not start: {error}")
        return None
    return engine
