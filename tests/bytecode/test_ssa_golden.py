"""Golden text of the front end: golden/<idea>.txt is source, `--- stage [arguments]`, and what comes out.

The function is the last one the source defines. HOTLOOP_BLESS=1 rewrites what stands behind the line. The
text is that of Python 3.11; other versions compile the same source to other bytecode, and are held to the
same answers by test_ssa_answers.
"""

import linecache
import os
import pathlib
import sys
import types

import pytest
from hotloop._hotloop import dump_ssa

GOLDEN = sorted((pathlib.Path(__file__).parent / "golden").glob("*.txt"))
pytestmark = pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="text of Python 3.11's bytecode")


def last_function(source, filename):
    """Run the source; return the function it defines last."""
    linecache.cache[filename] = len(source), None, source.splitlines(True), filename
    namespace = {"__name__": "golden"}
    exec(compile(source, filename, "exec"), namespace)
    return [value for value in namespace.values() if isinstance(value, types.FunctionType)][-1]


def output(source, command, filename):
    """Return what a command line such as `ssa offset=12 bound=a,b stack=1` gives for the source."""
    stage, *settings = command.split()
    options = dict(setting.split("=") for setting in settings)
    for name in {"offset", "stack"} & options.keys():
        options[name] = int(options[name])
    if "bound" in options:
        options["bound"] = [name for name in options["bound"].split(",") if name]
    return dump_ssa(last_function(source, filename), stage=stage, **options)


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_golden(path):
    source, _, rest = path.read_text().partition("--- ")
    command, _, expected = rest.partition("\n")
    found = output(source, command, path.name)
    if os.environ.get("HOTLOOP_BLESS"):
        path.write_text(f"{source}--- {command}\n{found}")
    else:
        assert found == expected


def test_there_are_golden_files():
    assert len(GOLDEN) >= 30
