"""The package itself: its names, what importing it costs, names it lacks, the command line."""

import subprocess
import sys

import hotloop
import pytest
from hotloop import _cli

PREPARE = f"import sys; sys.path[:] = {[path for path in sys.path if path]!r}\n"
if "fake_core" in sys.modules:
    PREPARE += "import fake_core; fake_core.install()\n"


def run(code):
    """Return what a new process prints."""
    done = subprocess.run([sys.executable, "-c", PREPARE + code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_public_names():
    for name in hotloop.__all__ + hotloop.types.__all__ + hotloop.errors.__all__:
        assert getattr(hotloop, name) is not None
        assert name in dir(hotloop)
    assert hotloop.float64 is hotloop.types.float64
    assert hotloop.from_dtype.__name__ == "from_dtype" and hotloop.typeof(1) is hotloop.int64


def test_star_import():
    shown = "print(njit.__name__, typeof(1.5), f8(i4), prange.__name__, TypingError.__name__, bool)"
    assert run(f"from hotloop import *; {shown}") == (
        "njit float64 (int32,) -> float64 prange TypingError <class 'bool'>\n"
    )


def test_version():
    assert hotloop.__version__ == "0.1.0" and hotloop.numba_version.startswith("0.68")
    assert hotloop.version_info.full == (0, 1, 0) and hotloop.version_info.string == hotloop.__version__


def test_conformance_counters():
    assert set(hotloop._conformance_counters()) >= {"native", "fallback"}


LATER = """
stencil cfunc pndindex experimental typed pycc literally
carray farray gdb gdb_init gdb_breakpoint
""".split()


@pytest.mark.parametrize("name", LATER)
def test_names_that_come_later(name):
    with pytest.raises(AttributeError, match=f"^hotloop does not offer '{name}' yet: .+[.]$"):
        getattr(hotloop, name)
    with pytest.raises(ImportError, match=f"^hotloop does not offer '{name}' yet: .+[.]$"):
        exec(f"from hotloop import {name}")
    assert not hasattr(hotloop, name)


def test_unknown_name():
    with pytest.raises(AttributeError, match="^module 'hotloop' has no attribute 'foo'$"):
        hotloop.foo  # noqa: B018
    with pytest.raises(ImportError, match="cannot import name 'foo' from 'hotloop'"):
        exec("from hotloop import foo")


HEAVY = "ast dataclasses dis inspect linecache logging re tokenize typing"


def test_importing_loads_nothing_heavy():
    """Beside the C part's own needs, `from hotloop import njit` loads a few of the package's modules."""
    code = f"""
for name in {HEAVY.split()!r}:
    sys.modules.setdefault(name, None)
before = set(sys.modules)
from hotloop import njit
print(*sorted(set(sys.modules) - before))
"""
    loaded = run("import numpy\n" + code).split()
    assert set(loaded) <= {
        "hotloop",
        "hotloop._hotloop",
        "hotloop._version",
        "hotloop.core",
        "hotloop.core.config",
        "hotloop.core.decorators",
        "hotloop.core.dispatcher",
        "hotloop.core.errors",
        "hotloop.core.options",
    }


def test_calling_loads_no_types():
    code = """
from hotloop import njit
@njit
def f(x): return x + 1
f(1); f(1.5)
print(*[name for name in sys.modules if name.startswith("hotloop.core.typ")])
"""
    assert run(code).split() == []


def test_importing_costs_little():
    """5 ms of CPU time beyond NumPy is the budget; the best of five runs, doubled for slow machines."""
    code = """
import numpy, time
start = time.process_time()
from hotloop import njit
print(time.process_time() - start)
"""
    assert min(float(run(code)) for _ in range(5)) < 0.010


def test_command_line(capsys):
    assert _cli.main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("hotloop 0.1.0 ")
    assert _cli.main([]) == 0
    assert "--version" in capsys.readouterr().out


def test_library_names():
    """Names that libraries use to recognise compiled functions."""
    from hotloop.core.dispatcher import Dispatcher
    from hotloop.core.registry import CPUDispatcher
    from hotloop.extending import is_jitted

    compiled = hotloop.njit(lambda x: x)
    assert isinstance(compiled, CPUDispatcher) and CPUDispatcher is Dispatcher
    assert is_jitted(compiled) and not is_jitted(compiled.py_func)


def stub_names():
    """Return the names that the stub of the package gives type checkers."""
    import ast
    from pathlib import Path

    names = set()
    for node in ast.parse((Path(hotloop.__file__).with_suffix(".pyi")).read_text()).body:
        if isinstance(node, ast.ImportFrom):
            names |= {alias.asname for alias in node.names if alias.asname}
        elif isinstance(node, ast.AnnAssign):
            names.add(node.target.id)
    return names


def test_stub_is_complete():
    """The stub names what `dir` shows but for packages that were imported, and nothing that is not there."""
    modules = {"comparison", "core", "magic", "misc", "np", "prelude", "sysinfo"}
    shown = {name for name in hotloop.__dir__() if not name.startswith("_")} - modules
    assert shown <= stub_names()
    assert all(getattr(hotloop, name) is not None for name in stub_names())


def test_stub_of_compiled_functions():
    """What the stub says of a compiled function is what it has."""
    import ast
    from pathlib import Path

    import hotloop.core.dispatcher as dispatcher

    stub = ast.parse(Path(dispatcher.__file__).with_suffix(".pyi").read_text())
    members = next(n.body for n in stub.body if isinstance(n, ast.ClassDef) and n.name == "Dispatcher")
    names = {
        n.name if isinstance(n, ast.FunctionDef) else n.target.id
        for n in members
        if not isinstance(n, ast.Expr)
    }
    compiled = hotloop.njit(lambda x: x)
    shown = {name for name in dir(compiled) if not name.startswith("_")}
    assert {name for name in names if not name.startswith("_")} == shown
    assert all(hasattr(compiled, name) for name in names)


MODULES = """
_version core.errors core.options core.sigutils core.typetext core.types.misc core.typing.templates
core.typing.typeof np.numpy_support
""".split()


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings(name):
    import doctest
    from importlib import import_module

    result = doctest.testmod(import_module("hotloop." + name))
    assert result.failed == 0
    assert result.attempted > 0


@pytest.mark.core
def test_module_as_program():
    done = subprocess.run(
        [sys.executable, "-m", "hotloop", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("hotloop 0.1.0 ")
