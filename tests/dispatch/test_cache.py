"""The cache on disk, seen by processes that come after each other or at once, and by hostile files."""

import os
import pathlib
import subprocess
import sys
import textwrap

import pytest

MAIN = """
import json, sys, warnings
import numpy as np
import hotloop
from hotloop import _hotloop, njit
{body}
has_llvm = any("libhotloop-llvm" in line for line in open("/proc/self/maps"))
stats = function.stats
print(json.dumps({{"result": repr(result), "hits": sum(stats.cache_hits.values()),
                   "misses": sum(stats.cache_misses.values()), "llvm": has_llvm,
                   "native": _hotloop._conformance_counters()["native"]}}))
"""

SIMPLE = """
@njit(cache=True, strict=True)
def function(a):
    total = 0.0
    for x in a:
        total += x * 2
    return total

result = function(np.arange(5.0))
"""


class Project:
    """A folder of sources whose main.py is run in new processes."""

    def __init__(self, folder):
        self.folder = folder
        self.env = dict(os.environ)
        for name in ("HOTLOOP_CACHE_DIR", "NUMBA_CACHE_DIR", "XDG_CACHE_HOME"):
            self.env.pop(name, None)

    def write(self, name, text):
        path = self.folder / name
        path.write_text(textwrap.dedent(text))
        return path

    def start(self, body=None):
        if body is not None:
            self.write("main.py", MAIN.format(body=textwrap.dedent(body)))
        return subprocess.Popen(
            [sys.executable, "-B", "main.py"],
            cwd=self.folder,
            env=self.env,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def finish(self, process):
        import json

        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        return json.loads(out.splitlines()[-1])

    def run(self, body=None):
        return self.finish(self.start(body))

    def files(self):
        return sorted(self.folder.rglob("*.hlc"))


@pytest.fixture
def project(tmp_path, oracle_only):
    if oracle_only:
        pytest.skip("no compiler takes part")
    return Project(tmp_path)


def test_the_second_process_loads_without_llvm(project):
    first = project.run(SIMPLE)
    assert first == {"result": "20.0", "hits": 0, "misses": 1, "llvm": True, "native": 1}
    (file,) = project.files()
    assert file.parent == project.folder / "__pycache__" and file.name.startswith("main.function-")
    assert file.stat().st_mode & 0o777 == 0o644
    assert project.run() == {"result": "20.0", "hits": 1, "misses": 0, "llvm": False, "native": 1}


def test_cache_dir(project):
    project.env["HOTLOOP_CACHE_DIR"] = str(project.folder / "elsewhere" / "deep")
    project.run(SIMPLE)
    (file,) = project.files()
    assert file.parent.parent == project.folder / "elsewhere" / "deep"
    assert project.run()["hits"] == 1


def test_a_folder_that_cannot_be_written_means_the_users_cache(project):
    (project.folder / "__pycache__").write_text("a file where the folder should be")
    project.env["XDG_CACHE_HOME"] = str(project.folder / "cache")
    project.run(SIMPLE)
    (file,) = project.files()
    assert file.is_relative_to(project.folder / "cache" / "hotloop")
    assert project.run()["hits"] == 1


def test_the_folder_is_shown(project):
    body = SIMPLE + "result = function.stats.cache_path, njit(function.py_func).stats.cache_path\n"
    assert project.run(body)["result"] == repr((str(project.folder / "__pycache__"), None))


def test_nowhere_to_write_is_no_error(project):
    (project.folder / "__pycache__").write_text("")
    project.env["XDG_CACHE_HOME"] = "/proc/nothing"
    assert project.run(SIMPLE)["misses"] == 1 and project.files() == []


CALLEE = """
from hotloop import njit
@njit
def scaled(x):
    return x * {factor}
"""
CALLER = """
import helper
from helper import scaled

@njit(cache=True, strict=True)
def function(x):
    return {call}(x) + 1

result = function(4)
"""


@pytest.mark.parametrize("call", ["scaled", "helper.scaled"])
def test_an_edited_callee_in_another_file_within_the_same_second(project, call):
    path = project.write("helper.py", CALLEE.format(factor=2))
    assert project.run(CALLER.format(call=call))["result"] == "9"
    assert project.run()["hits"] == 1
    stamp = path.stat()
    project.write("helper.py", CALLEE.format(factor=3))
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert project.run() == {"result": "13", "hits": 0, "misses": 1, "llvm": True, "native": 1}
    assert project.run()["hits"] == 1


CHANGES = {
    "body": ("x * k", "x - k"),
    "constant in the body": ("+ 1", "+ 2"),
    "global": ("k = 3", "k = 4"),
    "global tuple": ("t = (1, 2)", "t = (1, 3)"),
    "global array": ("a = np.arange(3)", "a = np.arange(1, 4)"),
    "closure": ("make(5)", "make(6)"),
    "class constant": ("limit = 7", "limit = 8"),
    "option": ("fastmath=False", "fastmath=True"),
    "type of a local": ("x=types.int64", "x=types.int32"),
    "line": ("# here", "\n"),
    "plain callee": ("return y - 1", "return y - 2"),
    "default of a callee": ("z=2", "z=3"),
}
CHANGING = """
from hotloop import types
k = 3
t = (1, 2)
a = np.arange(3)
class Settings:
    limit = 7
def plain(y, z=2):
    return y - 1
# here
def make(c):
    @njit(cache=True, strict=True, fastmath=False, locals=dict(x=types.int64))
    def function(x):
        return x * k + 1 + t[1] + a[1] + c + Settings.limit + plain(x)
    return function
function = make(5)
result = function(2)
"""


@pytest.mark.parametrize("what", CHANGES)
def test_every_change_is_seen(project, what):
    before, after = CHANGES[what]
    assert CHANGING.count(before) == 1
    assert project.run(CHANGING)["misses"] == 1
    assert project.run()["hits"] == 1
    assert project.run(CHANGING.replace(before, after))["misses"] == 1


def test_types_and_signatures_have_files_of_their_own(project):
    body = """
    @njit(cache=True, strict=True)
    def function(x):
        return x
    result = function(1), function(1.5), function((1, 2))
    """
    assert project.run(body)["misses"] == 3 and len(project.files()) == 3
    assert project.run()["hits"] == 3
    body = body.replace("cache=True", "['float64(int64)', 'int64(int64)'], cache=True").replace(
        ", function(1.5), function((1, 2))", ""
    )
    assert project.run(body)["result"] == "1.0"
    assert project.run()["result"] == "1.0"


def test_a_frozen_array_that_is_returned_is_the_global_one(project):
    body = """
    table, other = np.arange(6.0), np.arange(6.0)

    def callee():
        return table

    @njit(cache=True, strict=True)
    def function(n):
        return callee(), table[n]

    array, item = function(2)
    result = array is table, array is other, item
    """
    first = project.run(body)
    assert first["result"] == "(True, False, 2.0)" and first["misses"] == 1
    assert project.run() == {**first, "hits": 1, "misses": 0, "llvm": False}


def test_exceptions_and_their_lines_come_from_the_cache(project):
    body = """
    import traceback
    class Wrong(ValueError):
        pass

    @njit(cache=True, strict=True)
    def function(a, i):
        if i < 0:
            raise Wrong("negative", i)
        return a[i]

    result = []
    for i in (-1, 9):
        try:
            function(np.arange(3), i)
        except (Wrong, IndexError) as error:
            frame = traceback.extract_tb(error.__traceback__)[-1]
            result.append((type(error).__name__, error.args, frame.name, frame.line))
    """
    first = project.run(body)
    assert "('Wrong', ('negative', -1), 'function', 'raise Wrong(\"negative\", i)')" in first["result"]
    assert "index 9 is out of bounds for axis 0 with size 3" in first["result"]
    assert project.run() == {**first, "hits": 1, "misses": 0, "llvm": False}


def test_two_processes_at_once(project):
    processes = [project.start(SIMPLE if i == 0 else None) for i in range(4)]
    assert {project.finish(process)["result"] for process in processes} == {"20.0"}
    assert len(project.files()) == 1 and not list(project.folder.rglob("*.tmp"))
    assert project.run()["hits"] == 1


def truncate(path):
    os.truncate(path, path.stat().st_size // 2)


def empty(path):
    os.truncate(path, 0)


def alter(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def alter_header(path):
    path.write_bytes(b"X" + path.read_bytes()[1:])


def lengthen(path):
    path.write_bytes(path.read_bytes() + b"more")


def world_writable(path):
    path.chmod(0o666)


def group_writable(path):
    path.chmod(0o664)


def link(path):
    elsewhere = path.with_suffix(".moved")
    path.rename(elsewhere)
    path.symlink_to(elsewhere)


def fifo(path):
    path.unlink()
    os.mkfifo(path)


def other_key(path):
    other = next(p for p in path.parent.glob("*.hlc") if p != path)
    path.write_bytes(other.read_bytes())


def foreign(path):
    if os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    os.chown(path, 12345, 12345)


HARM = [
    truncate,
    empty,
    alter,
    alter_header,
    lengthen,
    world_writable,
    group_writable,
    link,
    fifo,
    other_key,
    foreign,
]
TWO = SIMPLE.replace("np.arange(5.0)", "np.arange(5.0)) + function(np.arange(5)")


@pytest.mark.parametrize("harm", HARM, ids=lambda f: f.__name__)
def test_a_file_that_is_not_ours_or_not_whole_is_rebuilt(project, harm):
    assert project.run(TWO)["misses"] == 2
    harm(project.files()[0])
    assert project.run() == {"result": "40.0", "hits": 1, "misses": 1, "llvm": True, "native": 2}
    assert project.run()["hits"] == 2


def test_a_folder_in_the_place_of_a_file(project):
    project.run(SIMPLE)
    (file,) = project.files()
    file.unlink()
    file.mkdir()
    assert project.run()["misses"] == 1
    assert not list(project.folder.rglob("*.tmp"))


def test_old_files_of_a_function_go(project):
    body = """
    result = 0
    for k in range(70):
        @njit(cache=True, strict=True)
        def function(x):
            return x + k
        result += function(1)
    """
    project.run(body)
    assert len(project.files()) == 64


def test_code_without_a_file(project):
    project.env["XDG_CACHE_HOME"] = str(project.folder / "cache")
    body = """
    names = {"njit": njit}
    exec("@njit(cache=True)\\ndef function(x):\\n    return x * 2", names)
    function = names["function"]
    result = function(4)
    """
    assert project.run(body)["misses"] == 1
    assert project.run() == {"result": "8", "hits": 1, "misses": 0, "llvm": False, "native": 1}


def test_no_pickle_no_python_in_a_file(project):
    project.run(SIMPLE)
    data = pathlib.Path(project.files()[0]).read_bytes()
    assert data.startswith(b"hotloop1") and b"\x7fELF" in data
