"""Large functions of the prelude are compiled once for each types, whichever functions call them."""

import importlib.machinery
import importlib.util
import os
import pathlib
import shutil
import subprocess
import sys
import textwrap
import threading

import numpy as np
import pytest

from hotloop import _hotloop, njit
from tests.harness import check

VALUES = np.random.default_rng(5).permutation(200).astype(float)


def units_of(function, *args):
    """Call the function for the first time; return how many units were compiled, and how many were there."""
    before = _hotloop.prelude_units()
    function(*args)
    after = _hotloop.prelude_units()
    compiled, kept, shipped = (after[word] - before[word] for word in ("compiled", "kept", "shipped"))
    return compiled, kept + shipped


def fresh(text, **options):
    """Return the function of one argument `a` with this result, compiled with the options."""
    names = {"np": np}
    exec(f"def function(a):\n    return {text}", names)
    return njit(strict=True, **options)(names["function"])


def test_second_function_compiles_nothing_again():
    values, own = VALUES.astype(np.float32), {"fastmath": {"nsz", "arcp"}}  # what no other test asks for
    compiled, kept = units_of(fresh("np.sort(a)", **own), values)
    assert compiled and not kept
    assert units_of(fresh("np.sort(a)[0] + 1", **own), values) == (0, compiled)
    more, kept = units_of(fresh("np.sort(a)[0] + np.median(a)", **own), values)
    assert more and kept == compiled, "median is new, its sorting is not"


OPTIONS = ({"fastmath": True}, {"boundscheck": False}, {"error_model": "numpy"}, {"nogil": True})


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_options_are_part_of_what_is_kept(options):
    values = VALUES.astype(np.int16)
    fresh("np.sort(a)")(values)
    compiled, kept = units_of(fresh("np.sort(a)", **options), values)
    assert units_of(fresh("np.sort(a) + 1", **options), values) == (0, compiled + kept)
    np.testing.assert_array_equal(fresh("np.sort(a)", **options)(values), np.sort(values))


CALLS = (
    "np.sort(a), np.argsort(a), np.median(a), np.unique(a)",
    "np.sort(a)[::-1], np.percentile(a, 30.0), np.partition(a, 7)[7]",
    "np.concatenate((a, a)), np.sum(a), np.std(a), np.histogram(a, 10)",
)


@pytest.mark.parametrize("text", CALLS)
def test_each_caller_gets_the_same_answer(text):
    names = {"np": np}
    exec(f"def function(a):\n    return {text}", names)
    for _ in range(2):
        check(names["function"], VALUES)


def test_an_error_inside_names_the_function():
    def joined(a, b):
        return np.concatenate((a, b)), np.median(a)

    for _ in range(2):
        check(joined, np.ones((2, 3)), np.ones((2, 4)))


def test_what_is_looked_at_is_whole():
    function = fresh("np.sort(a)")
    function(VALUES)
    assert "sort_vector" in function.inspect("asm") and "sort_vector" in function.inspect("llvm_opt")
    compiled, kept = units_of(fresh("np.sort(a)"), VALUES)
    assert not compiled and kept


def test_threads_compile_the_same_unit_at_once():
    values, answers = VALUES.astype(np.uint16), []
    functions = [fresh("np.sort(a)") for _ in range(4)]
    threads = [threading.Thread(target=lambda f=f: answers.append(f(values))) for f in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 4 and all((answer == np.sort(values)).all() for answer in answers)


def run(folder, text):
    """Run a program in a new process; return what it prints."""
    (folder / "main.py").write_text(textwrap.dedent(text))
    done = subprocess.run(
        [sys.executable, "main.py"], cwd=folder, text=True, capture_output=True, check=False, env=os.environ
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_a_cached_function_holds_what_it_calls(tmp_path):
    """The second process loads it without LLVM, and without the compilation that made the unit."""
    program = """
        import numpy as np
        from hotloop import _hotloop, njit

        @njit
        def first(a):
            return np.sort(a)

        @njit(cache=True)
        def second(a):
            return np.sort(a)[0]

        if not __import__("os").path.exists("__pycache__"):
            first(np.array([3.0, 1.0, 2.0]))
        print(second(np.array([3.0, 1.0, 2.0])), sum(second.stats.cache_hits.values()))
        print(any("libhotloop-llvm" in line for line in open("/proc/self/maps")))
        """
    assert run(tmp_path, program) == ["1.0", "0", "True"]
    assert run(tmp_path, program) == ["1.0", "1", "False"]


def test_a_traceback_shows_the_preludes_file():
    joined = njit(strict=True)(lambda a, b: np.concatenate((a, b)))
    with pytest.raises(ValueError) as caught:
        joined(np.ones((2, 3)), np.ones((2, 4)))
    file = caught.traceback[-1].path
    assert file.is_file() and file.match("hotloop/prelude/numpy/arrange.py")


def tool():
    """Return tools/prelude_objects.py as a module."""
    path = str(pathlib.Path(__file__).parents[2] / "tools/prelude_objects.py")
    spec = importlib.util.spec_from_loader("tool", importlib.machinery.SourceFileLoader("tool", path))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SORTING = """
    import numpy as np
    from hotloop import _hotloop, njit

    print(njit(lambda a: np.sort(a))(np.array([3.0, 1.0, 2.0]))[0])
    print(*(_hotloop.prelude_units()[word] for word in ("compiled", "kept", "shipped")))
    """


@pytest.mark.skipif("avx2" not in pathlib.Path("/proc/cpuinfo").read_text(), reason="shipped for AVX2")
def test_what_comes_with_the_package_is_not_compiled(tmp_path, monkeypatch):
    package = tmp_path / "site" / "hotloop"
    shutil.copytree(pathlib.Path(_hotloop.__file__).parent, package)
    monkeypatch.setenv("PYTHONPATH", str(package.parent))
    archive = package / "prelude.objects"
    archive.unlink(missing_ok=True)
    value, compiled, *others = run(tmp_path, SORTING)
    assert (value, others) == ("1.0", ["0", "0"]) and compiled > "0", "there is none yet"
    writer, objects = tool(), {}
    for level in writer.LEVELS:
        objects |= writer.compiled_by(sys.executable, package, level, "np.sort(a)")
    writer.write(archive, objects)
    assert run(tmp_path, SORTING) == ["1.0", "0", "0", compiled]

    whole = archive.read_bytes()
    for damaged in (whole[:10], whole[:100], b"x" + whole[1:], whole[:16] + b"\xff" * 8 + whole[24:]):
        archive.write_bytes(damaged)
        assert run(tmp_path, SORTING) == ["1.0", compiled, "0", "0"]
    archive.write_bytes(whole)
    source = package / "prelude/numpy/sort.py"
    source.write_text(source.read_text().replace("def insertion(", "# an edit\ndef insertion("))
    value, compiled, *others = run(tmp_path, SORTING)
    assert value == "1.0" and compiled > "0", "the edited prelude is another"
