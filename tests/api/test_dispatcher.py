"""What compiled functions offer: attributes, inspection, methods, pickling."""

import copy
import functools
import html
import inspect
import io
import multiprocessing
import pickle
import subprocess
import sys

import programs
import pytest
from hotloop import errors, njit, prange, typeof, types
from hotloop.core.dispatcher import STAGES

import numpy as np


@pytest.fixture
def compiled():
    """A function with two specialisations."""

    @njit
    def half(x):
        """Return half of x."""
        return x * 0.5

    half(1.0)
    half(np.zeros(3))
    return half


INT, FLOAT, ARRAY = (types.int64,), (types.float64,), (types.float64[::1],)


def test_signatures(compiled):
    assert compiled.signatures == [FLOAT, ARRAY]
    assert compiled.nopython_signatures == [
        types.float64(types.float64),
        types.float64[::1](types.float64[::1]),
    ]


def test_overloads(compiled):
    overloads = compiled.overloads
    assert list(overloads) == [FLOAT, ARRAY]
    one = overloads[FLOAT]
    assert one.signature == types.float64(types.float64)
    assert one.objectmode is False and one.lifted == ()
    assert one.entry_point(3.0) == 1.5
    assert one.library.get_llvm_str() == compiled.inspect("llvm_opt", FLOAT)
    assert one.library.get_asm_str() == compiled.inspect("asm", FLOAT)
    assert "(float64,) -> float64" in repr(one)


def test_what_runs_in_the_interpreter():
    """A type the compiler has no form for is an object; Numba calls that object mode."""
    function = njit("(pyobject,)", strict=False)(lambda x: x)
    (overload,) = function.overloads.values()
    assert overload.objectmode is True and overload.signature == types.pyobject(types.pyobject)
    assert function.signatures == [(types.pyobject,)] and function.nopython_signatures == []


def test_strict_refuses_what_would_run_in_the_interpreter():
    with pytest.raises(errors.TypingError):
        njit("(pyobject,)", strict=True)(lambda x: x)


def test_python_and_numpy_scalars_are_one_overload():
    @njit
    def same(x):
        return x

    same(1.5)
    same(np.float64(1.5))
    assert same.signatures == [FLOAT]


def test_stats(compiled):
    stats = compiled.stats
    assert stats._fields == ("cache_path", "cache_hits", "cache_misses")
    assert stats.cache_hits == {} and stats.cache_misses == {FLOAT: 1, ARRAY: 1}
    assert stats.cache_misses[INT] == 0


@pytest.mark.parametrize("stage", STAGES)
def test_inspect(compiled, stage):
    text = compiled.inspect(stage)
    assert text.strip() or stage == "parallel"
    assert compiled.inspect(stage, FLOAT) in text
    assert compiled.inspect(stage, "float64(float64)") == compiled.inspect(stage, FLOAT)


@pytest.mark.fake
def test_inspect_texts(compiled):
    assert compiled.inspect("ssa") == "; ssa of half(float)"
    assert compiled.inspect("typed") == "; typed of half(float)\n; typed of half(array<f64,1,C>)"
    assert njit(lambda x: x).inspect("cfg") == "; cfg of <lambda>()"


def test_inspect_refuses(compiled):
    with pytest.raises(ValueError, match="stage must be one of bytecode, cfg, .*; got 'foo'"):
        compiled.inspect("foo")
    with pytest.raises(KeyError):
        compiled.inspect("asm", (types.int8,))


@pytest.mark.parametrize(
    "name, stage", [("inspect_llvm", "llvm_opt"), ("inspect_asm", "asm"), ("inspect_cfg", "cfg")]
)
def test_inspectors(compiled, name, stage):
    method = getattr(compiled, name)
    assert method.__name__ == name
    assert method() == {args: compiled.inspect(stage, args) for args in (FLOAT, ARRAY)}
    assert method(FLOAT) == compiled.inspect(stage, FLOAT)


def test_inspect_types(compiled, capsys):
    compiled.inspect_types(signature=FLOAT)
    shown = capsys.readouterr().out
    assert shown == f"half (float64,)\n{'-' * 80}\n{compiled.inspect('typed', FLOAT)}\n{'=' * 80}\n"
    file = io.StringIO()
    compiled.inspect_types(file)
    assert file.getvalue().startswith(shown) and len(file.getvalue()) > len(shown)
    page = compiled.inspect_types(pretty=True, signature=FLOAT)
    shown = html.unescape(page._repr_html_())
    assert shown.startswith("<iframe") and "half" in shown and "half" in repr(page)
    with pytest.raises(ValueError, match="`file` must be None if `pretty=True`"):
        compiled.inspect_types(file, pretty=True)


@pytest.mark.parametrize(
    "text, note",
    [
        ("flot64(int64)", "in the signature 'flot64(int64)'; hint: write 'float64'"),
        ("quux", "in the signature 'quux'; hint: types are 'float64', 'int32[:, ::1]', 'UniTuple(int64, 2)'"),
    ],
)
def test_signatures_with_names_that_are_none(text, note):
    with pytest.raises(NameError, match="^name '.*' is not defined") as caught:
        njit(text)(lambda x: x)
    assert caught.value.__notes__ == [note]


def test_get_metadata(compiled):
    assert compiled.get_metadata(FLOAT) == {
        "signature": types.float64(types.float64),
        "objectmode": False,
        "parallel_loops": {},
    }
    assert list(compiled.get_metadata()) == [FLOAT, ARRAY]
    with pytest.raises(KeyError):
        compiled.get_metadata((types.int8,))


def test_get_metadata_of_parallel_loops():
    @njit(parallel=True)
    def total(a):
        s = 0.0
        for i in prange(a.size):
            s += a[i]
        return s

    total(np.ones(3))
    (text,) = total.get_metadata(ARRAY)["parallel_loops"].values()
    assert text.startswith("runs in parallel")


def test_get_call_template():
    function = njit(lambda x, y=2: x + y)
    template, signature, args, kws = function.get_call_template((types.float64,), {})
    assert template.key == "<lambda>" and template.cases == [types.float64(types.float64, types.int64)]
    assert str(signature) == "(x, y=2)" and args == (types.float64, types.Omitted(2)) and kws == {}
    with pytest.raises(errors.TypingError, match="missing a required argument: 'x'"):
        function.get_call_template((), {})


def test_compile():
    function = njit(lambda x: x * 0.5)
    assert function.compile("float64(float64)")(3.0) == 1.5
    assert function.signatures == [FLOAT]
    function.compile(FLOAT)
    assert function.signatures == [FLOAT]
    assert function.get_overload(FLOAT)(5.0) == 2.5


def test_disable_compile(compiled):
    compiled.disable_compile()
    with pytest.raises(TypeError, match="No matching definition"):
        compiled(np.zeros((2, 2)))
    compiled.disable_compile(False)
    compiled(np.zeros((2, 2)))
    assert len(compiled.signatures) == 3


def test_disable_compile_needs_a_signature():
    with pytest.raises(AssertionError, match="needs a compiled signature"):
        njit(lambda x: x).disable_compile()


def test_recompile():
    scope = {}
    exec("scale = 2\ndef f(x): return x * scale", scope)
    function = njit(scope["f"])
    assert function(3) == 6
    scope["scale"] = 5
    function.recompile()
    assert function(3) == 15 and function.signatures == [INT]


def test_recompile_keeps_compilation_disabled():
    function = njit("int64(int64)")(lambda x: x)
    function.recompile()
    assert function.signatures == [INT] and function._can_compile is False


def test_enable_caching():
    function = njit(lambda x: x)
    assert "cache" not in function.targetoptions
    function.enable_caching()
    assert function.targetoptions["cache"] is True


def test_typeof(compiled):
    ty = typeof(compiled)
    assert isinstance(ty, types.Dispatcher) and ty.dispatcher is compiled
    assert typeof(compiled) is ty
    assert str(ty) == f"type({compiled})"
    assert compiled.typeof_pyval(1) is types.int64
    assert compiled.typeof_pyval(object()) is types.pyobject


def test_fold_argument_types():
    """The answers are Numba's."""
    int64, float64, int8 = types.int64, types.float64, types.int8
    f, g = njit(lambda x, y=2, *rest: x), njit(lambda x, y=2: x)
    sig, folded = f.fold_argument_types((int64,), {})
    assert str(sig) == "(x, y=2, *rest)" and str(folded) == "(int64, omitted(default=2), Tuple(()))"
    assert (
        str(f.fold_argument_types((int64, float64, int8, int8), {})[1])
        == "(int64, float64, UniTuple(int8, 2))"
    )
    assert g.fold_argument_types((), {"x": int64, "y": float64})[1] == (int64, float64)
    with pytest.raises(errors.TypingError) as raised:
        g.fold_argument_types((), {})
    assert str(raised.value) == (
        "Cannot bind 'args=() kws={}' to signature '(x, y=2)' due to "
        "\"TypeError: missing a required argument: 'x'\"."
    )


def test_looks_like_the_function(compiled):
    assert compiled.__name__ == "half" and compiled.__qualname__.endswith("compiled.<locals>.half")
    assert compiled.__doc__ == "Return half of x." and compiled.__module__ == __name__
    assert compiled.__wrapped__ is compiled.py_func
    assert str(inspect.signature(compiled)) == "(x)"
    assert repr(compiled) == f"Dispatcher({compiled.py_func})"
    assert callable(compiled) and inspect.unwrap(compiled) is compiled.py_func
    assert functools.wraps(compiled)(lambda x: x).__name__ == "half"


def test_methods():
    assert programs.Accumulator(3).square(4) == 16 and programs.Accumulator.square(4) == 16
    bound = programs.Accumulator(3).echo
    assert bound.__func__ is programs.Accumulator.__dict__["echo"]


def test_copies_are_the_function(compiled):
    assert copy.copy(compiled) is compiled and copy.deepcopy([compiled])[0] is compiled


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_pickle_by_reference(protocol):
    text = pickle.dumps(programs.twice, protocol)
    assert pickle.loads(text) is programs.twice
    assert b"programs" in text and len(text) < 80


def test_pickle_of_methods():
    assert pickle.loads(pickle.dumps(programs.Accumulator.square)) is programs.Accumulator.square


@pytest.mark.parametrize(
    "make", [lambda: programs.renamed, lambda: programs.make_adder(5), lambda: njit(lambda x: x)]
)
def test_pickle_by_value_gives_the_function_there_is(make):
    function = make()
    assert pickle.loads(pickle.dumps(function)) is function


ELSEWHERE = """
import pickle, sys
function = pickle.loads(sys.stdin.buffer.read())
print(function({args}), function.__name__, function.__doc__, function.targetoptions)
"""


def run_elsewhere(function, args, tmp_path):
    """Return what a new process prints that unpickles the function and calls it, without `programs`."""
    prepare = "" if "fake_core" not in sys.modules else "import fake_core; fake_core.install()\n"
    paths = [path for path in sys.path if path]
    code = (
        f"import sys; sys.path[:] = {paths!r}\n{prepare}sys.modules['programs'] = None\n"
        + ELSEWHERE.format(args=args)
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        input=pickle.dumps(function),
        capture_output=True,
        cwd=tmp_path,
        check=False,
    )
    assert run.returncode == 0, run.stderr.decode()
    return run.stdout.decode().strip()


def test_pickle_by_value_elsewhere(tmp_path):
    shown = run_elsewhere(programs.make_adder(5), "10", tmp_path)
    assert shown.startswith("16 add None {'nopython': True")


def test_pickle_takes_globals_along(tmp_path):
    assert run_elsewhere(programs.renamed, "10.0", tmp_path).startswith("20.0 plain Return x scaled.")


def test_pickle_keeps_signatures(tmp_path):
    """A function with signatures takes these and no others in the other process too."""
    function = njit(["float32(float64)", "int64(int64)"])(lambda x: x + 1)
    shown = run_elsewhere(
        function, "1.5), function.signatures, function._can_compile, type(function(2)", tmp_path
    )
    assert shown.startswith("2.5 [(float64,), (int64,)] False <class 'int'>")


RECURSIVE = """
import math, sys
from hotloop import njit
def make():
    @njit(nogil=True)
    def f(n):
        return math.floor(1.5) if n < 2 else n * f(n - 1)
    return f
"""


def test_pickle_of_recursive_closure_over_module(tmp_path):
    scope = {"__name__": "gone"}
    exec(RECURSIVE, scope)
    assert run_elsewhere(scope["make"](), "5", tmp_path).startswith("120 f None {'nopython': True")


class Unpicklable:
    """Cannot be pickled."""

    def __reduce__(self):
        raise TypeError("cannot be pickled")


def test_pickle_takes_only_the_globals_it_uses():
    """A global with the name of an attribute that the function uses is not taken along."""
    scope = {"__name__": "gone", "real": Unpicklable(), "njit": njit}
    exec("def make():\n    @njit\n    def f(x): return x.real\n    return f", scope)
    function = scope["make"]()
    assert pickle.loads(pickle.dumps(function)) is function


def test_pickle_of_another_python():
    rebuild, args, *rest = programs.make_adder(1).__reduce__()
    with pytest.raises(TypeError, match="pickled by another version of Python: 3.1"):
        rebuild("unknown", (3, 1), *args[2:])


def call_with_three(function):
    """Runs in another process."""
    return function(3)


def test_forked_processes_share_the_function():
    function = programs.make_adder(5)
    with multiprocessing.get_context("fork").Pool(1) as pool:
        assert pool.apply(call_with_three, (function,)) == 9


def test_asm_graph():
    from hotloop.core.asmgraph import graph

    asm = (
        "f:\n\ttestl %edi, %edi # sign\n\t.p2align 4\n\tjle .LB1\n"
        "\tmovl $1, %eax\n\tretq\n.LB1:\n\tjmp .LB1\n"
    )
    assert graph(asm).splitlines()[2:] == [
        r'    "f" [label="f:\ltestl %edi, %edi\ljle .LB1\l"];',
        '    "f" -> ".LB1";',
        '    "f" -> "part1";',
        r'    "part1" [label="part1:\lmovl $1, %eax\lretq\l"];',
        r'    ".LB1" [label=".LB1:\ljmp .LB1\l"];',
        '    ".LB1" -> ".LB1";',
        "}",
    ]


def test_inspect_disasm_cfg(compiled):
    graphs = compiled.inspect_disasm_cfg()
    assert list(graphs) == [FLOAT, ARRAY]
    assert compiled.inspect_disasm_cfg(FLOAT) == graphs[FLOAT]
    assert graphs[FLOAT].startswith("digraph asm {")
