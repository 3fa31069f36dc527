"""What objects are when compiling: values by type, the rest by a canonical name that nobody can fake."""

import builtins
import cmath
import collections
import enum
import math
import operator
import re
import types

import numpy as np
import pytest
from hotloop._hotloop import host_type


def user_function():
    pass


class UserClass:
    pass


class UserError(ValueError):
    pass


class Colour(enum.IntEnum):
    RED = 1


Point = collections.namedtuple("Point", "x y")

VALUES = [
    (3, "lit<3>"),
    (-(2**63), "lit<-9223372036854775808>"),
    (2**63, None),
    ((1, 2**70), None),
    (True, "lit<True>"),
    (2.5, "float"),
    (1j, "complex"),
    (None, "none"),
    (..., "ellipsis"),
    ("text", 'str<"text">'),
    ((1, (2.0, "x")), 'tuple<lit<1>,tuple<float,str<"x">>>'),
    ((), "tuple<>"),
    (np.float32(1), "f32"),
    (np.float64(1), "f64"),
    (np.int8(1), "i8"),
    (np.uint64(2**63), "u64"),
    (np.bool_(True), "b1"),
    (np.complex64(1), "c64"),
    (np.longlong(1), "i64"),
    (np.zeros((2, 3)), "array<f64,2,C,ro>"),
    (np.zeros((2, 3), order="F"), "array<f64,2,C,ro>"),
    (np.zeros(4, np.uint8)[::2], "array<u8,1,C,ro>"),
    (np.array(1.0), "array<f64,0,C,ro>"),
]

NAMES = [
    (len, "builtins.len"),
    (float, "builtins.float"),
    (range, "builtins.range"),
    (ValueError, "builtins.ValueError"),
    (math.sin, "math.sin"),
    (cmath.exp, "cmath.exp"),
    (operator.add, "operator.add"),
    (math, "module:math"),
    (np, "module:numpy"),
    (np.tanh, "numpy.tanh"),
    (np.abs, "numpy.absolute"),
    (np.sum, "numpy.sum"),
    (np.ones, "numpy.ones"),
    (np.arange, "numpy.arange"),
    (np.linspace, "numpy.linspace"),
    (np.dot, "numpy.dot"),
    (np.linalg.norm, "numpy.linalg.norm"),
    (np.random.rand, "numpy.random.rand"),
    (np.random.seed, "numpy.random.seed"),
    (np.float32, "numpy.float32"),
    (np.int_, "numpy.int64"),
    (np.longlong, "numpy.int64"),
    (np.bool_, "numpy.bool"),
    (np.ndarray, "numpy.ndarray"),
    (np.integer, "numpy.integer"),
    (np.dtype("f4"), "numpy.dtype:f32"),
    (np.dtype(bool), "numpy.dtype:b1"),
    (np.linalg.LinAlgError, "numpy.linalg.LinAlgError"),
    (user_function, "function:user_function"),
    (UserClass, "class:UserClass"),
    (UserError, f"{__name__}.UserError"),
    (UserClass(), "object:UserClass"),
    (Colour.RED, "object:Colour"),
    ([1], "object:list"),
    ([].append, "object:builtin_function_or_method"),
    (np.zeros(2, ">f8"), "object:array of dtype >f8"),
    (np.zeros(2, object), "object:array of dtype object"),
    (np.matrix([[1.0]]), "object:matrix"),
    (np.datetime64("2020-01-01"), "object:datetime64"),
    (np.longdouble(1), "object:longdouble"),
    (np.dtype(">f8"), "object:Float64DType"),
]


def show(value):
    """A test's name: no address, so that each worker collects the same."""
    return re.sub(" at 0x[0-9a-f]+", "", repr(value))[:40].replace("\n", " ")


def test_named_tuples_are_tuples_with_their_class():
    assert host_type(Point(1, 2)) == f'tuple<"Point:x y",{id(Point):#x},lit<1>,lit<2>>'


@pytest.mark.parametrize(("value", "expected"), VALUES, ids=show)
def test_values(value, expected):
    assert host_type(value) == expected


@pytest.mark.parametrize(("value", "name"), NAMES, ids=show)
def test_names(value, name):
    assert host_type(value).startswith(f'const<"{name}"')


def name_of(value):
    return host_type(value).split('"')[1]


def fake(name, module, **members):
    """Return a user's function that claims to be another one."""
    function = types.FunctionType(user_function.__code__, globals(), name)
    function.__module__, function.__qualname__ = module, name
    vars(function).update(members)
    return function


def test_a_function_cannot_pass_for_numpys(monkeypatch):
    function = fake("sum", "numpy")
    assert name_of(function) == "function:sum"
    monkeypatch.setattr(np, "sum", function)
    assert name_of(np.sum) == "function:sum"


def test_a_function_cannot_pass_for_a_builtin():
    function, real = fake("len", "builtins"), builtins.len
    builtins.len = function
    try:
        found = host_type(function)
    finally:
        builtins.len = real
    assert found.startswith('const<"function:len"')


def test_a_class_cannot_pass_for_a_builtin(monkeypatch):
    error = type("ValueError", (Exception,), {"__module__": "builtins"})
    assert name_of(error) == "class:ValueError"
    impostor = type("float32", (), {"__module__": "numpy"})
    assert name_of(impostor) == "class:float32"


def test_an_object_cannot_pass_by_its_attributes():
    class Impostor:
        __module__, __name__, __qualname__ = "numpy", "tanh", "tanh"

    assert name_of(Impostor()) == "object:Impostor"


def test_no_python_code_runs():
    class Loud:
        def __getattribute__(self, name):
            raise AssertionError(name)

        def __eq__(self, other):
            raise AssertionError

        __hash__ = None

    assert name_of(Loud()) == "object:Loud"
    assert host_type((1, Loud())).startswith('tuple<lit<1>,const<"object:Loud"')
