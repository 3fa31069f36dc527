"""The decorators `jit`, `njit` and `jit_module`."""

import types as pytypes
import warnings

import pytest
from hotloop import config, errors, guvectorize, jit, jit_module, njit, types, vectorize
from hotloop.extending import is_jitted

import numpy as np


def add(x, y):
    """Return the sum."""
    return x + y


FORMS = {
    "jit": lambda: jit(add),
    "njit": lambda: njit(add),
    "jit()": lambda: jit()(add),
    "njit()": lambda: njit()(add),
    "options": lambda: njit(fastmath=True, nogil=True, error_model="numpy", inline="always")(add),
    "nopython": lambda: jit(nopython=True)(add),
    "function and options": lambda: jit(add, boundscheck=False),
}


@pytest.mark.parametrize("form", FORMS)
def test_forms(form):
    compiled = FORMS[form]()
    assert is_jitted(compiled) and compiled.py_func is add
    assert compiled(1, 2) == 3 and compiled(1.5, 2.0) == 3.5
    assert compiled.signatures == [(types.int64, types.int64), (types.float64, types.float64)]


SIGNATURES = {
    "string": "float64(float64, float64)",
    "string of arguments": "(float64, float64)",
    "short names": "f8(f8, f8)",
    "tuple": (types.float64, types.float64),
    "signature": types.float64(types.float64, types.float64),
    "list": [types.float64(types.float64, types.float64)],
    "list of strings": ["float64(float64, float64)"],
}


@pytest.mark.parametrize("form", SIGNATURES)
def test_signatures(form):
    compiled = njit(SIGNATURES[form])(add)
    assert compiled.signatures == [(types.float64, types.float64)]
    assert [sig.return_type for sig in compiled.nopython_signatures] == [types.float64]
    assert compiled(1.5, 2.0) == 3.5


def test_several_signatures():
    compiled = jit(["int64(int64, int64)", "float64(float64, float64)"])(add)
    assert compiled.signatures == [(types.int64, types.int64), (types.float64, types.float64)]


def test_signatures_end_compilation():
    compiled = njit("float64(float64, float64)")(add)
    with pytest.raises(TypeError, match="No matching definition for argument type"):
        compiled((1,), (2,))
    with pytest.raises(RuntimeError, match="compilation disabled"):
        compiled.compile("int32(int32, int32)")
    assert compiled.compile("float64(float64, float64)") is not None


@pytest.mark.parametrize(
    "signature, text",
    [
        ("float64(float64)", "Signature mismatch: 1 argument types given, but function takes 2 arguments"),
        ((), "Signature mismatch: 0 argument types given, but function takes 2 arguments"),
        ((3, 4), "invalid type in signature: expected a type instance, got 3"),
        ("3", "invalid signature: '3' .* evaluates to 'int' instead of tuple or Signature"),
        ([types.int64], r"invalid signature: int64 \(type: 'Integer'\) evaluates to 'Integer'"),
    ],
)
def test_wrong_signatures(signature, text):
    with pytest.raises(TypeError, match=text):
        njit(signature)(add)


@pytest.mark.parametrize(
    "thing",
    [3, int, len, staticmethod(add), types.int64, object()],
    ids=["3", "int", "len", "staticmethod", "int64", "object"],
)
def test_not_a_function(thing):
    with pytest.raises(TypeError) as caught:
        njit(thing)
    assert str(caught.value) == f"The decorated object is not a function (got type {type(thing)})."


def test_decorated_twice():
    compiled = njit(add)
    with pytest.raises(TypeError) as caught:
        njit(compiled)
    assert str(caught.value) == (
        f"A jit decorator was called on an already jitted function {compiled}.  If trying to access the "
        f"original python function, use the {compiled}.py_func attribute."
    )


def test_unknown_option():
    with pytest.raises(KeyError, match="Unrecognized options: {'foo'}"):
        njit(foo=True)(add)


@pytest.mark.parametrize("name", ["argtypes", "restype"])
def test_old_names(name):
    with pytest.raises(errors.DeprecationError, match=f"Deprecated keyword argument `{name}`"):
        jit(**{name: 1})


def test_nopython_must_be_bool():
    with pytest.raises(AssertionError, match="nopython option must be a bool"):
        jit(nopython=3)


def test_nopython_and_forceobj():
    with pytest.raises(ValueError, match="Only one of 'nopython' or 'forceobj' can be True."):
        jit(nopython=True, forceobj=True)


def test_nopython_false_warns():
    with pytest.warns(errors.NumbaDeprecationWarning, match="'nopython=False' was supplied") as caught:
        jit(nopython=False)
    assert caught[0].filename == __file__


@pytest.mark.parametrize("name", ["nopython", "forceobj"])
def test_njit_ignores(name):
    with pytest.warns(RuntimeWarning, match=f"{name} is set for njit and is ignored") as caught:
        compiled = njit(**{name: True})(add)
    assert caught[0].filename == __file__
    assert compiled.targetoptions["nopython"] is True


def test_pipeline_class():
    with pytest.raises(errors.UnsupportedError, match="pipeline_class is not offered"):
        jit(pipeline_class=object)


def test_disable_jit(monkeypatch):
    monkeypatch.setattr(config, "DISABLE_JIT", 1)
    assert njit(add) is add and jit("int64(int64, int64)")(add) is add


@pytest.mark.parametrize("variable", ["HOTLOOP_DISABLE_JIT", "NUMBA_DISABLE_JIT"])
def test_disable_jit_by_environment(monkeypatch, variable):
    monkeypatch.setenv(variable, "1")
    assert njit(add) is add
    monkeypatch.delenv(variable)
    assert njit(add) is not add


def test_disable_jit_leaves_ufuncs(monkeypatch):
    """The loops of a ufunc are machine code: a ufunc is one under DISABLE_JIT too, as with Numba."""
    monkeypatch.setattr(config, "DISABLE_JIT", 1)
    helper = njit(lambda x: x + 1)
    lazy = vectorize(lambda x: helper(x) * 2)
    eager = vectorize(["float64(int64)"])(lambda x: x / 2)
    total = guvectorize(["void(float64[:], float64[:])"], "(n)->()")(fill_with_sum)
    assert lazy([1, 2]).tolist() == [4, 6] and eager(3) == 1.5
    assert total(np.ones((2, 3))).tolist() == [3.0, 3.0]


def fill_with_sum(a, out):
    out[0] = a.sum()


def test_no_warning_without_reason():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        njit(cache=True, locals={"x": types.float64})(add)


MODULE = """
from hotloop import jit_module, njit
from os.path import join

def first(x): return x
@njit
def second(x): return x
third = 3
class Fourth: pass
jit_module(nogil=True)
def fifth(x): return x
"""


def test_jit_module():
    module = pytypes.ModuleType("module_under_test")
    exec(MODULE, module.__dict__)
    assert is_jitted(module.first) and module.first.targetoptions["nogil"] is True
    assert is_jitted(module.second) and "nogil" not in module.second.targetoptions
    assert not any(map(is_jitted, (module.third, module.Fourth, module.fifth, module.join, jit_module)))
