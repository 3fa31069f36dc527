"""Promotion is NumPy 2's: every pair of scalar types against numpy.result_type and NumPy's own arithmetic."""

import ctypes
import importlib.util
import itertools
import os
import pathlib

import numpy as np
import pytest

NUMPY = {
    "b1": np.bool_, "i8": np.int8, "i16": np.int16, "i32": np.int32, "i64": np.int64,
    "u8": np.uint8, "u16": np.uint16, "u32": np.uint32, "u64": np.uint64,
    "f16": np.float16, "f32": np.float32, "f64": np.float64, "c64": np.complex64, "c128": np.complex128,
}  # fmt: skip
PYTHON = {"bool": True, "int": 1, "float": 1.0, "complex": 1j}
NAMES = {np.dtype(t): name for name, t in NUMPY.items()}


def library_path():
    """The core library: where the C test programs were built, else in the installed package."""
    folder = os.environ.get("HOTLOOP_TEST_BIN")
    if folder:
        return pathlib.Path(folder).parent / "src" / "libhotloop.so"
    spec = importlib.util.find_spec("hotloop")
    return pathlib.Path(spec.origin).parent / "libhotloop.so" if spec else pathlib.Path()


@pytest.fixture(scope="module")
def promote():
    """promote("i8", "float") -> "f64", by the core itself."""
    if not library_path().exists():
        pytest.skip("libhotloop.so is not built")
    core = ctypes.CDLL(str(library_path()))
    core.hl_type_parse.argtypes = [ctypes.POINTER(ctypes.c_char_p)]
    core.hl_type_parse.restype = ctypes.c_void_p
    core.hl_type_promote.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
    core.hl_type_promote.restype = ctypes.c_void_p
    core.hl_type_text.argtypes = [ctypes.c_void_p]
    core.hl_type_text.restype = ctypes.c_char_p

    def make(name):
        return core.hl_type_parse(ctypes.byref(ctypes.c_char_p(name.encode())))

    def promote(a, b):
        result = core.hl_type_promote(make(a), make(b))
        return core.hl_type_text(result).decode() if result else None

    return promote


@pytest.mark.parametrize("a, b", list(itertools.product(NUMPY, NUMPY)))
def test_two_numpy_scalars(promote, a, b):
    assert promote(a, b) == NAMES[np.result_type(NUMPY[a], NUMPY[b])]


@pytest.mark.parametrize("python, name", list(itertools.product(PYTHON, NUMPY)))
def test_python_scalars_are_weak(promote, python, name):
    wanted = NAMES[np.result_type(PYTHON[python], NUMPY[name])]
    assert promote(python, name) == wanted
    assert promote(name, python) == wanted


@pytest.mark.parametrize("python, name", list(itertools.product(PYTHON, NUMPY)))
def test_arithmetic_agrees(promote, python, name):
    assert promote(python, name) == NAMES[(PYTHON[python] + np.ones(1, NUMPY[name])).dtype]


@pytest.mark.parametrize("literal, python", [("lit<1>", "int"), ("lit<True>", "bool")])
@pytest.mark.parametrize("name", NUMPY)
def test_literals_are_their_type(promote, literal, python, name):
    assert promote(literal, name) == promote(python, name)


@pytest.mark.parametrize("a, b", list(itertools.product(PYTHON, PYTHON)))
def test_two_python_scalars(promote, a, b):
    order = list(PYTHON)
    assert promote(a, b) == max(a, b, key=order.index)


@pytest.mark.parametrize("other", ["none", "tuple<int>", "array<f64,1,C>", "range", "object"])
def test_only_scalars_promote(promote, other):
    assert promote("int", other) is None
