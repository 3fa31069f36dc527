"""`compare`, the magic for IPython, and ``--sysinfo``."""

import os
import re
import subprocess
import sys
from pathlib import Path

import hotloop
import pytest
from hotloop import njit
from hotloop.comparison import agreement, pretty_time

import numpy as np

pytestmark = pytest.mark.core
SITE = str(Path(hotloop.__file__).parents[1])


@njit
def total(a):
    s = 0.0
    for i in range(len(a)):
        s += a[i] * a[i]
    return s


def test_compare(capsys):
    times = hotloop.compare(total, np.arange(1000.0))
    header, line = capsys.readouterr().out.splitlines()
    assert header.split() == "plain Python first call later calls ratio speed-up answers".split()
    assert (
        line.startswith("total ")
        and line.endswith("  agree")
        and len(header) - len("  answers") == line.rindex("  ")
    )
    assert times.agree and times.first > times.later and times.plain > 2 * times.later


def test_compare_compiles_afresh():
    """The first call includes the compilation, even where the function is compiled already."""
    function = njit(total.py_func)
    function(np.ones(3))
    times = hotloop.compare(function, np.ones(3))
    assert times.first > 20 * times.later
    assert len(function.signatures) == 1


def test_compare_of_a_function_that_changes_its_argument():
    @njit
    def shift(a):
        for i in range(len(a)):
            a[i] += 1

    a = np.zeros(3)
    assert hotloop.compare(shift, a).agree
    assert a.tolist() == [0, 0, 0]


def test_compare_sees_a_difference(capsys):
    def wrap(n):
        return n * n  # beyond 64 bits Python's int goes on

    assert not hotloop.compare(njit(wrap), 2**40).agree
    out = capsys.readouterr().out
    assert f"plain Python says\n{2**80}\nthe compiled function says\n0\n" in out and "DIFFER" in out


def test_compare_takes_a_python_function_and_keywords(capsys):
    def scaled(x, by=1):
        return x * by

    assert hotloop.compare(scaled, 2.0, by=3).agree
    assert "scaled" in capsys.readouterr().out


AGREEMENTS = [
    (1.0, 1.0, "agree"),
    (float("nan"), float("nan"), "agree"),
    (1.0, 1.0 + 1e-15, "agree closely"),
    (1.0, 1.0 + 1e-9, "DIFFER"),
    (np.float32(1), np.float32(1.0000001), "agree closely"),
    (1, 2, "DIFFER"),
    (np.ones(3), np.ones(4), "DIFFER"),
    ((1, np.ones(2)), (1, np.ones(2)), "agree"),
    ((1, 2.0), (1, 2.0 + 1e-15), "agree closely"),
    ((1, 2), (1, 2, 3), "DIFFER"),
    ({"a": 1}, {"a": 1}, "agree"),
    ({"a": 1}, {"b": 1}, "DIFFER"),
    (None, None, "agree"),
    ("a", "b", "DIFFER"),
]


@pytest.mark.parametrize("left, right, verdict", AGREEMENTS)
def test_agreement(left, right, verdict):
    assert agreement(left, right) == verdict


def test_pretty_time():
    assert [pretty_time(t) for t in (2.5, 0.0123, 4.5e-6, 7e-9)] == ["2.5 s", "12.3 ms", "4.5 µs", "7 ns"]


def test_sysinfo():
    done = subprocess.run(
        [sys.executable, "-m", "hotloop", "-s"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": SITE, "HOTLOOP_CACHE_DIR": "/nowhere/at/all"},
    )
    assert done.returncode == 0, done.stderr
    rows = dict(re.findall(r"^  (\S.*?)  +(.+)$", done.stdout, re.M))
    assert rows["LLVM"].startswith("19.") and rows["NumPy"] == np.__version__
    assert "/nowhere/at/all" in done.stdout and "HOTLOOP_CACHE_DIR=/nowhere/at/all" in done.stdout
    for heading in ("hotloop", "Machine", "Compiler", "Libraries", "Settings", "Missing"):
        assert f"\n{heading}\n" in "\n" + done.stdout


def test_sysinfo_names_what_is_missing(monkeypatch):
    from hotloop import sysinfo

    def no_backend():
        raise ImportError("libLLVM-19.so.1: cannot open shared object file")

    monkeypatch.setattr(sysinfo._hotloop, "describe_backend", no_backend)
    monkeypatch.setattr(sysinfo, "_LIBRARIES", (("vector math (SLEEF)", "libnowhere.so.3", "libsleef3"),))
    text = sysinfo.text()
    missing = text[text.index("\nMissing\n") :]
    assert (
        "libLLVM-19.so.1: cannot open shared object file" in missing
        and "apt-get install libllvm19" in missing
    )
    assert "vector math (SLEEF): apt-get install libsleef3" in missing


CELL = """\
import numpy as np
from hotloop import njit

@njit
def triple(a):
    for i in range(len(a)):
        a[i] *= 3.0

triple(np.ones(1000))
"""


@pytest.fixture
def shell():
    """A fresh IPython shell with the extension."""
    interactiveshell = pytest.importorskip("IPython.core.interactiveshell", reason="pip install ipython")
    shell = interactiveshell.InteractiveShell.instance()
    shell.run_line_magic("load_ext", "hotloop")
    yield shell
    interactiveshell.InteractiveShell.clear_instance()


def test_magic(shell, capsys):
    page = shell.run_cell_magic("hotloop", "", CELL)
    out = capsys.readouterr().out
    assert "triple " in out and "later calls" in out and " agree" in out
    html = page._repr_html_()
    assert html.startswith("<iframe srcdoc=") and "vectorised × " in html and "triple" in html
    assert repr(page) == "hotloop: compiled triple"
    assert "triple" in shell.user_ns and "__hotloop_compare" not in shell.user_ns


def test_magic_on_a_cell_without_compiled_functions(shell, capsys):
    assert shell.run_cell_magic("hotloop", "", "x = 3\nprint(x)\n") is None
    assert capsys.readouterr().out == "3\n"
    assert shell.user_ns["x"] == 3


def test_magic_on_a_cell_that_fails(shell):
    with pytest.raises(ZeroDivisionError):
        shell.run_cell_magic("hotloop", "", "1 / 0\n")
    assert not hotloop._hotloop.observe(None)


def test_magic_shows_the_users_own_frames(shell, capsys):
    shell.run_cell("%%hotloop\n" + CELL.replace("triple(np", "triple(1, np"))
    out = capsys.readouterr().out
    assert "TypeError" in out and "skipping hidden" in out and "magic.py" not in out


def test_other_magic_in_the_cell_and_none_on_its_line(shell):
    shell.run_cell_magic("hotloop", "", "y = !echo 3\n")
    assert list(shell.user_ns["y"]) == ["3"]
    with pytest.raises(ValueError, match="takes nothing on its line, and got '--fast'"):
        shell.run_cell_magic("hotloop", "--fast", "x = 3\n")
