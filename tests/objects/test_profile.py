"""What the warning and the report say of lines that are left to Python's objects, and of their time."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import hotloop

SITE = str(Path(hotloop.__file__).parents[1])
SCRIPT = """
import time
from hotloop import njit

class Thing:
    def slow(self, x):
        time.sleep(0.02)
        return x

    def quick(self, x):
        return x

@njit
def f(thing, n):
    total = 0.0
    for i in range(n):
        total += thing.slow(i)
    y = thing.quick(total)
    for i in range(1000):
        total += i * 0.5
    return total + y

for _ in range(2):
    f(Thing(), 3)
"""


def run(tmp_path, *options, **variables):
    """Run the script; what it wrote on stderr."""
    file = tmp_path / "script.py"
    file.write_text(SCRIPT)
    environment = os.environ | {"PYTHONPATH": SITE} | variables
    done = subprocess.run(
        [sys.executable, *options, str(file)], capture_output=True, text=True, env=environment, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def line_of(words):
    return next(n for n, line in enumerate(SCRIPT.splitlines(), 1) if words in line)


def test_a_profile_gives_each_line_its_share_of_the_time(tmp_path):
    text = run(tmp_path, HOTLOOP_PROFILE="1")
    shares = dict(re.findall(r"line (\d+): works on an object: (\d+) % of the time", text))
    slow, quick = str(line_of("thing.slow(i)")), str(line_of("thing.quick(total)"))
    assert set(shares) == {slow, quick}
    assert int(shares[slow]) > 80 and int(shares[quick]) < 10
    assert text.count("HotloopPerformanceWarning") == 1


def test_without_a_profile_the_lines_are_named(tmp_path):
    text = run(tmp_path)
    assert text.count("HotloopPerformanceWarning") == 1
    assert f"lines {line_of('thing.slow(i)')}, {line_of('thing.quick(total)')} work on objects" in text
    assert "%" not in text


def test_the_report_shows_what_is_interpreted_and_its_share(tmp_path):
    run(tmp_path, "-m", "hotloop", "--report", HOTLOOP_PROFILE="1")
    text = (tmp_path / "script.hotloop.html").read_text()
    states = {int(line): state for state, line in re.findall(r'<tr class="(\w+)" data-line="(\d+)"', text)}
    interpreted = {line for line, state in states.items() if state == "interpreted"}
    assert interpreted == {line_of("thing.slow(i)"), line_of("thing.quick(total)")}
    assert states[line_of("i * 0.5")] != "interpreted"
    assert re.search(r"interpreted: \d+ %", text)


def test_stages_of_code_with_objects_are_shown():
    @hotloop.njit
    def f(thing):
        return thing[0] * 2

    assert f({0: 1.5}) == 3.0
    ((types, _),) = f._specialisations()
    assert "operate getitem" in f._inspect(tuple(types), "typed")


def test_a_function_is_told_of_when_it_dies(tmp_path):
    script = "import gc\n" + SCRIPT + "del f\ngc.collect()\nprint('later', file=__import__('sys').stderr)\n"
    file = tmp_path / "dying.py"
    file.write_text(script)
    environment = os.environ | {"PYTHONPATH": SITE, "HOTLOOP_PROFILE": "1"}
    done = subprocess.run([sys.executable, str(file)], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    before, _, after = done.stderr.partition("later")
    assert "% of the time" in before and not after.strip()


def told(function, *args):
    """The text of the warning that a call gives."""
    with pytest.warns(hotloop.errors.NumbaPerformanceWarning) as seen:
        hotloop.njit(function)(*args)
    (warning,) = seen
    return str(warning.message)


def test_objects_are_no_reason_for_the_type_of_a_result():
    def f(table, n):
        if n > 2:
            return None
        return table["a"]

    text = told(f, {"a": 1}, 1)
    assert "has no compiled form" in text
    assert "returns" not in text and "any object" not in text


def test_results_of_several_types_are_told_once():
    def f(n):
        if n > 5:
            return "yes"
        return "no"

    assert told(f, 3).count("a result that is one string or another is not compiled") == 1


def test_no_line_before_the_first():
    def f(n):
        k = n

        def inner():
            nonlocal k
            k += 1
            return k

        return [inner, inner()]

    text = told(f, 3)
    assert re.search(r"line[s ]", text)
    assert not re.search(r"lines? 0\b|, 0\b", text), text
