"""debug=True in the real GDB: breakpoints on lines of the Python source, arguments, locals, stack, steps."""

import re
import shutil
import subprocess
import sys

import pytest

PROGRAM = """\
import numpy as np
from hotloop import njit

@njit(debug=True)
def helper(v, k):
    w = v * k
    return w + 1

@njit(debug=True)
def work(a, scale, flag):
    total = 0
    count = 0
    z = 1 + 2j
    pair = (count, scale)
    for i in range(len(a)):
        x = a[i] * scale
        if x > 3:
            count += 1
        total += helper(x, 2)
    b = a * 2
    kind = flag
    kind = (i, flag)
    return total, count, z, b, pair, kind

print(work(np.arange(5.0), 1.5, True))
"""

ANSWER = "(35.0, 2, (1+2j), array([0., 2., 4., 6., 8.]), (0, 1.5), (4, True))"


@pytest.fixture(scope="module")
def gdb(tmp_path_factory):
    """Run a program under GDB with these commands; what was printed."""
    if not shutil.which("gdb"):
        pytest.skip("no gdb here")
    folder = tmp_path_factory.mktemp("gdb")
    script, commands = folder / "program.py", folder / "commands"
    script.write_text(PROGRAM)

    def run(*lines):
        commands.write_text("set pagination off\nset breakpoint pending on\n" + "\n".join(lines) + "\n")
        command = ["gdb", "-nx", "-q", "-batch", "-x", commands, "--args", sys.executable, script]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        if "ptrace" in done.stderr and "not permitted" in done.stderr:
            pytest.skip("no process may be traced here")
        return done.stdout

    return run


def values(text, names):
    """The last `name = value` line of each name."""
    found = dict(re.findall(r"^(\w+) = (.*)$", text, re.MULTILINE))
    return {name: found.get(name) for name in names.split()}


def has(pattern, text):
    """Does a whole line match?"""
    return re.search(f"^{pattern}$", text, re.MULTILINE) is not None


def test_breakpoint_on_a_line(gdb):
    where = "break program.py:19", "run", "ignore 1 2", "continue"
    text = gdb(*where, "info args", "info locals", "bt 2", "continue")
    assert has(r"a = \{data = 0x[0-9a-f]+, shape = \{5\}, strides = \{8\}\}", text)
    assert values(text, "scale flag") == {"scale": "1.5", "flag": "true"}
    assert values(text, "total count z pair i x") == {
        "total": "12",
        "count": "1",
        "z": "{real = 1, imag = 2}",
        "pair": "{_0 = 0, _1 = 1.5}",
        "i": "3",
        "x": "4.5",
    }
    assert has(r"#0  work \(a=\.\.\., scale=1\.5, flag=true\) at .*program\.py:19", text)
    assert has(r"19\t        total \+= helper\(x, 2\)", text)


def test_breakpoint_on_a_function_and_its_caller(gdb):
    text = gdb("break helper", "run", "continue", "info args", "up", "info locals", "delete", "continue")
    assert values(text, "v k i x") == {"v": "1.5", "k": "2", "i": "1", "x": "1.5"}
    assert has(r"#1 .* in work \(.*\) at .*program\.py:19", text)
    assert ANSWER in text


def test_every_line_is_stepped_on(gdb):
    text = gdb("break work", "run", *["next"] * 8)
    lines = [int(number) for number in re.findall(r"^(\d+)\t", text, re.MULTILINE)]
    assert lines == [11, 12, 13, 14, 15, 16, 17, 19, 16]


def test_step_into_a_function_and_out(gdb):
    text = gdb("break program.py:19", "run", "step", "info args", "finish")
    assert values(text, "v k") == {"v": "0", "k": "2"}
    assert has(r"helper \(v=0, k=2\) at .*program\.py:6", text)


def test_elements_of_an_array(gdb):
    text = gdb(
        "break program.py:21", "run", "print a.data[3]", "print *b.data@5", "print b.shape[0]", "ptype b"
    )
    assert has(r"\$1 = 3", text) and has(r"\$2 = \{0, 2, 4, 6, 8\}", text) and has(r"\$3 = 5", text)
    assert has(r"type = struct array\(float64, 1d, C\) \{", text)


def test_a_local_that_begins_as_another_type(gdb):
    """A sum that begins as the int 0 is a float from the start; what has no common type is shown twice."""
    text = gdb("break program.py:12", "run", "ptype total", "break program.py:23", "continue", "info locals")
    assert has("type = float64", text)
    assert sorted(re.findall(r"^kind = (.*)$", text, re.MULTILINE)) == ["true", "{_0 = 4, _1 = true}"]
