"""``python -m hotloop`` runs programs as ``python`` itself does, with hotloop in Numba's place."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import hotloop
import pytest
from hotloop import _cli

SITE = str(Path(hotloop.__file__).parents[1])
pytestmark = pytest.mark.core

FACTS = """
import sys
print(__name__, __file__ if "__file__" in globals() else None, __package__)
print(__spec__ and __spec__.name, sys.argv, sys.path[0])
print(sorted(name for name in globals() if name not in ("__loader__", "__builtins__", "__annotations__")))
print(sys.modules["__main__"].__dict__ is globals(), sys.stdin.read())
"""

PROGRAMS = {
    "facts": FACTS,
    "raises": "def inner():\n    return {}[1]\n\ndef outer():\n    inner()\n\nouter()\n",
    "chained": "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    raise KeyError('k') from error\n",
    "syntax": "x = 1\nif x\n    pass\n",
    "text": "import sys\nsys.exit('over')\n",
    "status": "import sys\nprint('out'); sys.exit(3)\n",
    "hook": "import sys\nsys.excepthook = lambda *a: print('hook', a[0].__name__, a[2].tb_lineno)\n1 / 0\n",
    "atexit": "import atexit\natexit.register(print, 'left')\nraise ValueError('é')\n",
    "thread": "from threading import Timer\nTimer(0.1, print, ['late']).start()\n",
    "stdin": "print([input(), input()])\nprint(input())\n",
    "cookie": "# -*- coding: latin-1 -*-\nprint('\\xe9')\n",
    "pickle": "import pickle\nclass A: pass\nprint(type(pickle.loads(pickle.dumps(A()))) is A)\n",
}


def run(arguments, cwd, stdin="one\ntwo\n", **environ):
    """Return status, output and errors of a Python process."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": SITE, **environ},
        timeout=120,
    )
    return done.returncode, done.stdout, done.stderr


def assert_as_python(arguments, cwd):
    assert run(["-m", "hotloop", *arguments], cwd) == run(arguments, cwd)


@pytest.mark.parametrize("name", PROGRAMS)
def test_script(name, tmp_path):
    (tmp_path / "program.py").write_text(PROGRAMS[name], "latin-1" if name == "cookie" else "utf-8")
    assert_as_python(["program.py", "a", "-m", "--report"], tmp_path)


@pytest.mark.parametrize("name", ["facts", "raises", "syntax", "status"])
def test_code(name, tmp_path):
    assert_as_python(["-c", PROGRAMS[name], "a", "-x"], tmp_path)


@pytest.mark.parametrize("name", ["facts", "raises"])
def test_module(name, tmp_path):
    (tmp_path / "part").mkdir()
    for file in ("__init__.py", "__main__.py", "program.py"):
        (tmp_path / "part" / file).write_text(PROGRAMS[name] if file != "__init__.py" else "")
    for module in ("part", "part.program"):
        status, out, errors = run(["-m", module, "a"], tmp_path)
        errors = "\n".join(line for line in errors.split("\n") if "<frozen runpy>" not in line)
        assert run(["-m", "hotloop", "-m", module, "a"], tmp_path) == (status, out, errors)


def test_standard_input(tmp_path):
    for source in (PROGRAMS["facts"], PROGRAMS["raises"]):
        assert run(["-m", "hotloop", "-", "a"], tmp_path, source) == run(["-", "a"], tmp_path, source)


def test_folder(tmp_path):
    (tmp_path / "part").mkdir()
    (tmp_path / "part" / "__main__.py").write_text(
        "import helper, sys; print(__file__, sys.argv, sys.path[0])"
    )
    (tmp_path / "part" / "helper.py").write_text("")
    status, out, _ = run(["-m", "hotloop", "part", "a"], tmp_path)
    assert (status, out) == run(["part", "a"], tmp_path)[:2]


def test_missing(tmp_path):
    assert_as_python(["nowhere.py"], tmp_path)
    assert_as_python(["-m", "nowhere"], tmp_path)


def test_interrupt(tmp_path):
    """Ctrl-C ends the process as it ends Python: with its traceback, then by the signal."""
    (tmp_path / "program.py").write_text("import signal\nsignal.raise_signal(signal.SIGINT)\n")
    assert_as_python(["program.py"], tmp_path)
    assert run(["-m", "hotloop", "program.py"], tmp_path)[0] == -signal.SIGINT


NUMBA_SCRIPT = """
import numba
import numba as nb
import numba.core.types as deep
from numba import njit, types
from numba.core import types as core_types
from numba.core.errors import TypingError
from numba.np.numpy_support import from_dtype

@njit(nb.float64(nb.float64))
def half(x):
    return x / 2

print(numba.__version__, numba.version_info.short, half(3), half.nopython_signatures, numba.config.SEMANTICS)
print(deep is types is core_types is numba.types, numba.errors.TypingError is TypingError)
"""
NUMBA_ANSWER = "0.68.1 (0, 68) 1.5 [(float64,) -> float64] numba\nTrue True\n"


def test_numba_script(tmp_path):
    (tmp_path / "program.py").write_text(NUMBA_SCRIPT)
    assert run(["-m", "hotloop", "program.py"], tmp_path) == (0, NUMBA_ANSWER, "")
    assert run(["-m", "hotloop", "program.py"], tmp_path, HOTLOOP_SEMANTICS="python")[
        1
    ] == NUMBA_ANSWER.replace("] numba", "] python")


def test_install_as_numba(tmp_path):
    before = "import hotloop\nhotloop.install_as_numba()\nhotloop.install_as_numba()\n"
    assert run(["-c", before + NUMBA_SCRIPT], tmp_path) == (0, NUMBA_ANSWER, "")


def test_names_of_the_module_in_compiled_code(tmp_path):
    """``nb.prange`` and ``nb.float32`` are looked up when the function is compiled, loaded by then or not."""
    code = """
import numba as nb, numpy as np
@nb.njit(parallel=True, strict=True)
def f(a):
    for i in nb.prange(len(a)):
        a[i] = nb.int32(a[i]) + i
    return a
print(f(np.full(4, 0.5)), len(f.nopython_signatures))
"""
    assert run(["-m", "hotloop", "-c", code], tmp_path) == (0, "[0. 1. 2. 3.] 1\n", "")


def test_third_party_package(tmp_path):
    """A package that imports Numba gets hotloop, even where another module numba is to be had."""
    (tmp_path / "numba.py").write_text("raise SystemExit('the wrong one')")
    (tmp_path / "library.py").write_text("from numba import njit\n@njit\ndef double(x): return 2 * x\n")
    (tmp_path / "program.py").write_text(
        "import library; print(library.double(4), library.double.signatures)"
    )
    assert run(["-m", "hotloop", "program.py"], tmp_path) == (0, "8 [(int64,)]\n", "")


@pytest.mark.parametrize("name", ["five_minutes.py", "tanh_table.py"])
def test_examples_written_for_numba(name, tmp_path):
    """The examples say ``import numba`` here; they check their answers themselves."""
    examples = Path(__file__).parents[2] / "examples"
    (tmp_path / "_compare.py").write_text((examples / "_compare.py").read_text())
    source = (examples / name).read_text()
    assert "from hotloop import" in source
    (tmp_path / name).write_text(source.replace("from hotloop import", "from numba import"))
    status, out, errors = run(["-m", "hotloop", name], tmp_path)
    assert (status, errors) == (0, "") and out


def test_numba_that_came_first(tmp_path):
    (tmp_path / "numba.py").write_text("")
    code = "import numba, hotloop\nhotloop.install_as_numba()"
    status, _, errors = run(["-c", code], tmp_path)
    assert status == 1
    assert "call hotloop.install_as_numba() before `import numba`" in errors


REFUSED = [
    ("from numba import stencil", "ImportError", "hotloop does not offer 'stencil' yet: write the loop"),
    ("from numba import nonsense", "ImportError", "no attribute 'nonsense': hotloop, which stands for Numba"),
    ("import numba; numba.nonsense", "AttributeError", "no attribute 'nonsense': hotloop, which stands for"),
    ("import numba.nonsense", "ModuleNotFoundError", "No module named 'numba.nonsense': hotloop, which"),
    ("import numba.core.nonsense", "ModuleNotFoundError", "No module named 'numba.core.nonsense': hotloop"),
    ("from numba.experimental import jitclass", "ImportError", "jitclass"),
    (
        "from numba.core import nonsense",
        "ImportError",
        "module 'numba.core' has no attribute 'nonsense': hotloop",
    ),
    ("from numba.core.types import nonsense", "ImportError", "module 'numba.core.types' has no attribute"),
    (
        "from numba.extending import intrinsic",
        "ImportError",
        "hotloop does not offer 'intrinsic' yet: use overload",
    ),
    (
        "import numba.extending as e; e.box",
        "AttributeError",
        "module 'numba.extending' has no attribute 'box'",
    ),
    ("from numba import jitclass", "ImportError", "hotloop does not offer 'jitclass' yet: use arrays"),
]


@pytest.mark.parametrize("statement, error, text", REFUSED)
def test_names_that_hotloop_lacks(statement, error, text, tmp_path):
    program = f"""
    try:
        exec({statement!r})
    except {error} as error:
        print(error)
    """
    _, out, errors = run(["-m", "hotloop", "-c", textwrap.dedent(program)], tmp_path)
    assert text in out, errors


def test_processes_that_a_script_starts(tmp_path):
    (tmp_path / "program.py").write_text("""
import multiprocessing, subprocess, sys
import numba
@numba.njit
def double(x): return 2 * x
def work(x): return double(x), numba.__version__
if __name__ == "__main__":
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        print(pool.map(work, [1]))
    code = "import numba; print(numba.__version__, numba.config.SEMANTICS)"
    print(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout)
""")
    status, out, errors = run(["-m", "hotloop", "program.py"], tmp_path)
    assert (status, out) == (0, "[(2, '0.68.1')]\n0.68.1 numba\n\n"), errors


def test_console_script(tmp_path):
    """The entry point's function, started from another folder's file, imports from the script's folder."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "hotloop").write_text(
        "import sys; from hotloop.__main__ import main; sys.exit(main())"
    )
    (tmp_path / "program.py").write_text(PROGRAMS["facts"])
    assert run(["bin/hotloop", "program.py"], tmp_path) == run(["program.py"], tmp_path)


def test_options(capsys):
    assert _cli.main(["--nonsense"]) == 2
    assert capsys.readouterr().err.startswith("hotloop: unknown option --nonsense; see")
    assert _cli.main(["-c"]) == 2
    assert _cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"hotloop {hotloop.__version__} (speaks Numba 0.68.1's API)\n"
