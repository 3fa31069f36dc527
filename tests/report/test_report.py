"""The report: what it says of each line is what the compiler did, and the page shows it."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import hotloop
from hotloop import _hotloop, njit, prange, report
from hotloop.report import facts, page

SITE = str(Path(hotloop.__file__).parents[1])
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")

KERNELS = """
import numpy as np
from hotloop import njit

@njit
def scale(a, b):
    for i in range(len(a)):
        b[i] = 3.0 * a[i] + 1.0

@njit
def chain(n, seed):
    state = seed
    for i in range(n):
        state = (state * 5) ^ (state >> 3)
    return state

@njit
def follow(table, n):
    at = 0
    for _ in range(n):
        at = table[at]
    return at

@njit
def pick(source, table):
    total = 0.0
    for at in table:
        total += source[at]
    return total


@njit
def quotient(n):
    out = 0
    for i in range(n):
        out += n // (n - i * i)
    return out

@njit
def inner(x):
    return x * x

@njit
def outer(a):
    return np.sqrt(a) + inner(2.0)

@njit(strict=False)
def refused(x):
    names = {"a": 1}
    return names["a"] + x

@njit(strict=False)
def looks(x):
    y = x + 1
    return len(locals())
"""


@pytest.fixture(scope="module")
def kernels(tmp_path_factory):
    """The functions above as a module of their own, so that their lines are those of a file."""
    file = tmp_path_factory.mktemp("report") / "kernels.py"
    file.write_text(KERNELS)
    spec = importlib.util.spec_from_file_location("kernels", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def line_of(text):
    """Return the number of the first line of KERNELS that holds *text*."""
    return next(number for number, line in enumerate(KERNELS.split("\n"), 1) if text in line)


def explain(function, *args):
    """Call a function for the first time; return its record and what is known of its lines."""
    records = []
    _hotloop.observe(lambda *told: records.append(report.Record(*told)))
    try:
        function(*args)
    finally:
        _hotloop.observe(None)
    (record,) = records
    found = facts.of_module(record.stages["opt"], record.remarks) if record.reason is None else {}
    return record, {
        line: fact
        for key, (_, lines) in found.items()
        if key[0] == record.file
        for line, fact in lines.items()
    }


def assembly_of(record, line):
    """Return the instructions that come from a source line."""
    return [
        text for file, number, text in page._codes(record)["asm"] if (file, number) == (record.file, line)
    ]


PACKED = re.compile(r"v(?:add|mul|fm\w+)p[ds]\s.*[xyz]mm")


@pytest.mark.parametrize("dtype, letter", [(np.float64, "d"), (np.float32, "s")])
def test_vectorised_lines_are_vectors_in_the_assembly(kernels, dtype, letter):
    record, lines = explain(njit(kernels.scale.py_func), np.ones(99, dtype), np.ones(99, dtype))
    line = line_of("3.0 * a[i]")
    assert lines[line].state == lines[line - 1].state == "vectorised"
    (badge,) = lines[line].badges
    width = int(badge.removeprefix("vectorised × "))
    assert any(f"vectorization width: {width}," in note for note in lines[line].notes)
    packed = [text for text in assembly_of(record, line) if re.match(rf"\s+v\w+p{letter}\s", text)]
    bits = max({"x": 128, "y": 256, "z": 512}[text[text.index("mm") - 1]] for text in packed)
    assert width >= bits // (8 * np.dtype(dtype).itemsize) >= 2


def test_lines_that_are_not_vectorised_are_scalar_in_the_assembly(kernels):
    record, lines = explain(kernels.chain, 10, 12345)
    line = line_of("state * 5")
    assert lines[line].state == "native" and lines[line].badges == []
    assert any(note.startswith("LLVM: loop not vectorized: ") for note in lines[line].notes)
    assert assembly_of(record, line) and not any("mm" in text for text in assembly_of(record, line))


def test_vectors_of_the_checks_alone_are_not_the_loops(kernels):
    """The indices are checked in vectors in front, but what the user wrote is added up one by one."""
    _, lines = explain(kernels.pick, np.ones(200), np.arange(200))
    line = lines[line_of("total += source[at]")]
    assert line.state == "native" and line.badges == []
    assert any("cannot prove it is safe to reorder" in note for note in line.notes)


def test_index_check_that_stays(kernels):
    _, lines = explain(kernels.follow, np.zeros(9, np.int64), 3)
    assert lines[line_of("table[at]")].badges == ["index check"]
    assert "changes from round to round" in " ".join(lines[line_of("table[at]")].notes)
    _, lines = explain(njit(kernels.scale.py_func), np.ones(9), np.ones(9))
    assert not any("check" in badge for fact in lines.values() for badge in fact.badges)


def test_error_that_stays_possible(kernels):
    _, lines = explain(kernels.quotient, 7)
    assert "may raise ZeroDivisionError" in lines[line_of("n // (n")].badges


def test_array_expression(kernels):
    _, lines = explain(kernels.outer, np.ones(9))
    fact = lines[line_of("np.sqrt(a)")]
    assert fact.state == "vectorised" and "Allocates an array." in fact.notes
    assert lines[line_of("x * x")].state == "native"


def test_interpreted(kernels):
    with pytest.warns(hotloop.HotloopPerformanceWarning):
        record, _ = explain(kernels.looks, 1)
    assert record.reason[1] == line_of("locals()")
    ((version,),) = page._collect([record]).values()
    assert {fact.state for fact in version.lines.values()} == {"interpreted"}
    assert version.lines[line_of("locals()")].badges == [
        "interpreted: builtins.locals cannot be called from compiled code"
    ]


NESTED = """
func @f.0(n: i64) -> none {
  .source "x.py" 1 "f"
b1:
  jump b2 !2:0-2:1
b2 <- b1, b4:
  jump b3 !2:0-2:1
b3 <- b2, b3:
  branch %1, b3, b4 !3:4-3:9
b4 <- b3:
  branch %1, b2, b5 !2:0-2:1
b5 <- b4:
  return %1 !4:0-4:1
}
"""


def test_only_the_innermost_loop_is_vectorised():
    remark = "3:5:x.py: vectorized loop (vectorization width: 4, interleaved count: 2)"
    ((_, lines),) = facts.of_module(NESTED, remark).values()
    assert {number: fact.state for number, fact in lines.items()} == {
        2: "native",
        3: "vectorised",
        4: "native",
    }
    elsewhere = facts.of_module(NESTED, remark.replace("x.py", "y.py"))
    assert {fact.state for _, lines in elsewhere.values() for fact in lines.values()} == {"native"}


def test_body_of_a_parallel_loop():
    text = """
func @f.0(n: i64) -> none {
  .source "x.py" 1 "f"
b1:
  parallel @f.0.body1 %1, %2 !2:0-2:1
  return %1 !4:0-4:1
}

func @f.0.body1(n: i64) -> none {
  .source "x.py" 1 "f"
b1:
  %1 = const.float 0.0 : f64 !1:0-1:1
  return %1 !3:0-3:1
}
"""
    ((_, lines),) = facts.of_module(text, "").values()
    states = {number: fact.state for number, fact in lines.items()}
    assert states == {1: "native", 2: "native", 3: "parallel", 4: "native"}


@njit(parallel=True)
def squares(x):
    total = 0.0
    for i in prange(len(x)):
        total += x[i] * x[i]
    return total


def test_parallel_loop():
    _, lines = explain(njit(parallel=True)(squares.py_func), np.ones(99))
    first = squares.py_func.__code__.co_firstlineno
    states = {number - first: fact.state for number, fact in lines.items()}
    assert states == {2: "native", 3: "parallel", 4: "parallel", 5: "native"}
    assert "parallel" in lines[first + 4].badges


def test_without_an_observer_nothing_is_kept(kernels):
    """A report leaves no trace in what is compiled afterwards: no source lines in the assembly."""
    function = njit(kernels.chain.py_func)
    function(3, 4)
    assert ".loc" not in function.inspect("asm")


def run(arguments, cwd, **environ):
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": SITE, **environ},
        timeout=120,
    )


def rows(text):
    """Return {line: (state, badges)} of a page."""
    found = {}
    for state, number, rest in re.findall(r'<tr class="(\w+)" data-line="(\d+)"(.*?)</tr>', text, re.S):
        found[int(number)] = state, re.findall(r'<span class="badge \w+">(.*?)</span>', rest)
    return found


def test_report_of_a_script(tmp_path):
    """What a script prints and how it ends stays as it is; cached functions are on the page too."""
    (tmp_path / "program.py").write_text(
        KERNELS.replace("@njit\ndef scale", "@njit(cache=True)\ndef scale")
        + "scale(np.ones(9), np.ones(9))\nprint('done')\n"
    )
    for _ in range(2):
        done = run(
            ["-m", "hotloop", "--report", "program.py"], tmp_path, HOTLOOP_CACHE_DIR=str(tmp_path / "cache")
        )
        assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr
        assert done.stderr == f"hotloop: wrote {tmp_path}/program.hotloop.html\n"
        text = (tmp_path / "program.hotloop.html").read_text()
        assert rows(text)[line_of("3.0 * a[i]")] == ("vectorised", ["vectorised × 8"]) or "AVX512" not in text
        (tmp_path / "program.hotloop.html").unlink()


def test_report_of_a_script_that_fails(tmp_path):
    """The error, as Python shows it, and the page of what was compiled before it."""
    (tmp_path / "program.py").write_text(KERNELS + "chain(3, 4)\nrefused(1)\nraise KeyError('end')\n")
    done = run(["-m", "hotloop", "--report=out.html", "program.py"], tmp_path, PYTHONWARNINGS="ignore")
    assert done.returncode == 1
    plain = run(["program.py"], tmp_path, PYTHONWARNINGS="ignore")
    assert done.stderr == plain.stderr + f"hotloop: wrote {tmp_path}/out.html\n"
    found = rows((tmp_path / "out.html").read_text())
    assert found[line_of("state * 5")] == ("native", [])
    assert found[line_of('{"a": 1}')] == ("interpreted", ["interpreted: a dict display is not compiled"])
    assert line_of("3.0 * a[i]") not in found


def test_report_from_the_environment(tmp_path):
    (tmp_path / "program.py").write_text(KERNELS + "chain(3, 4)\n")
    done = run(["program.py"], tmp_path, HOTLOOP_REPORT="out.html")
    assert done.returncode == 0, done.stderr
    assert rows((tmp_path / "out.html").read_text())[line_of("state * 5")] == ("native", [])


def test_report_of_nothing(tmp_path):
    (tmp_path / "program.py").write_text("print(1)\n")
    run(["-m", "hotloop", "--report=out.html", "program.py"], tmp_path)
    assert "No function was compiled" in (tmp_path / "out.html").read_text()


def test_report_of_a_function(kernels, tmp_path):
    function = njit(kernels.scale.py_func)
    function(np.ones(9), np.ones(9))
    function(np.ones(9, np.float32), np.ones(9, np.float32))
    file = function.report(tmp_path / "scale.html")
    text = Path(file).read_text()
    assert text.count('class="pick"') == 2
    assert rows(text)[line_of("3.0 * a[i]")][0] == "vectorised"
    codes = json.loads(re.search(r'<script type="application/json" id="codes">(.*?)</script>', text)[1])
    assert set(codes[0]) == {"typed", "opt", "llvm_opt", "asm"}
    assert all(any(number == line_of("3.0 * a[i]") for _, number, _ in code) for code in codes[0].values())


def test_text_in_sources_stays_text(tmp_path):
    (tmp_path / "program.py").write_text(
        "from hotloop import njit\n@njit\ndef f(x):\n    return x + 1  # </script><b>&amp;\nf(1)\n"
    )
    run(["-m", "hotloop", "--report=out.html", "program.py"], tmp_path)
    text = (tmp_path / "out.html").read_text()
    assert "&lt;/script&gt;&lt;b&gt;&amp;amp;" in text and "</script><b>" not in text


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine: apt-get install chromium")
def test_page_in_a_browser(kernels, tmp_path):
    """The script of the page runs: the first telling line is chosen, its reasons and its code are shown."""
    function = njit(kernels.follow.py_func)
    function(np.zeros(9, np.int64), 3)
    file = function.report(tmp_path / "follow.html")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    done = subprocess.run(
        [CHROMIUM, *flags, "--enable-logging=stderr", "--dump-dom", f"file://{file}"],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "CONSOLE" not in done.stderr
    dom = done.stdout
    chosen = line_of("table[at]")
    assert f'<tr class="native on" data-line="{chosen}"' in dom
    assert "An index is checked in every round" in dom[dom.index('<div class="why">') :]
    shown = re.search(r'<pre class="lit">(.*?)</pre>', dom, re.S)[1]
    lit = re.findall(r'<span class="on">(.*?)</span>', shown)
    assert any("check.index" in line for line in lit) and len(lit) < shown.count("<span")

    picture = tmp_path / "page.png"
    subprocess.run(
        [CHROMIUM, *flags, "--window-size=1400,600", f"--screenshot={picture}", f"file://{file}"],
        capture_output=True,
        timeout=120,
        check=True,
    )
    assert picture.stat().st_size > 10_000


OVERLAPS = """<script>
const boxes = e => [...e.getClientRects()];
const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
const rows = [...document.querySelectorAll("tr:has(.badge)")], covered = rows.filter(row => {
  const range = document.createRange();
  range.selectNodeContents(row.querySelector("code"));
  const text = boxes(range);
  return [...row.querySelectorAll(".badge")].some(badge => text.some(box => meet(box, boxes(badge)[0])));
});
document.title = `${covered.length} of ${rows.length} lines covered`;
</script>"""


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine: apt-get install chromium")
def test_badges_leave_the_source_readable(tmp_path):
    """In a window of any width no badge lies on the text of its line."""
    long_name = "a_name_that_makes_the_line_about_as_wide_as_the_column"
    (tmp_path / "program.py").write_text(
        f"from hotloop import njit\n@njit\ndef f({long_name}, table):\n    for i in range(len(table)):\n"
        f"        table[table[i]] = {long_name} // table[i] + {long_name} % 7 + 1\n"
        "import numpy as np\nf(3, np.ones(5, np.int64))\n"
    )
    run(["-m", "hotloop", "--report=out.html", "program.py"], tmp_path)
    page = tmp_path / "out.html"
    page.write_text(page.read_text().replace("</body>", OVERLAPS + "</body>"))
    flags = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    for width in (800, 1100, 1900):
        command = [CHROMIUM, *flags, f"--window-size={width},700", "--dump-dom", f"file://{page}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        covered, shown = map(
            int, re.search(r"<title>(\d+) of (\d+) lines covered</title>", done.stdout).groups()
        )
        assert covered == 0 and shown >= 1
