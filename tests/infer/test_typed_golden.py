"""Golden text of inference: golden/<idea>.txt is source, `--- typed SIGNATURE [option=value]`, typed SSA.

The function is the last one the source defines. HOTLOOP_BLESS=1 rewrites what is behind the line. The text
is that of Python 3.11's bytecode, as in tests/bytecode.
"""

import linecache
import os
import pathlib
import sys
import types

import numpy as np
import pytest

GOLDEN = sorted((pathlib.Path(__file__).parent / "golden").glob("*.txt"))
pytestmark = pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="text of Python 3.11's bytecode")


def last_function(source, filename):
    """Run the source; return the function it defines last."""
    linecache.cache[filename] = len(source), None, source.splitlines(True), filename
    namespace = {"__name__": "golden", "np": np}
    exec(compile(source, filename, "exec"), namespace)
    return [value for value in namespace.values() if isinstance(value, types.FunctionType)][-1]


def output(source, command, filename):
    """Return the typed SSA for a command line such as `typed (float32, int64) semantics=numba`."""
    from hotloop import njit

    signature, _, options = command.removeprefix("typed ").partition(") ")
    options = dict(option.split("=") for option in options.split())
    function = njit(last_function(source, filename), strict=True, **options)
    function.compile(signature.removesuffix(")") + ")")
    return function.inspect("typed")


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_golden(path, oracle_only):
    if oracle_only:
        pytest.skip("no compiler takes part")
    source, _, rest = path.read_text().partition("--- ")
    command, _, expected = rest.partition("\n")
    got = output(source, command, f"{path.stem}.py")
    if os.environ.get("HOTLOOP_BLESS") == "1":
        path.write_text(f"{source}--- {command}\n{got}")
        return
    assert got == expected
