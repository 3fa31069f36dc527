"""The C runtime through ctypes: `rt(name)` is the function whose signature is its row in runtime.def."""

import ctypes
import importlib.util
import pathlib
import re

import pytest

SRC = pathlib.Path(__file__).parent.parent.parent / "src" / "runtime"
ROW = re.compile(r'^RT\((\w+), "([^"]*)", "([^"]*)", (\w+), "', re.MULTILINE)
MAX_ERROR_ARGS, MAX_TRACEBACK = 8, 64


class Complex(ctypes.Structure):
    _fields_ = [("re", ctypes.c_double), ("im", ctypes.c_double)]


class Frame(ctypes.Structure):
    _fields_ = [("func", ctypes.c_void_p), ("line", ctypes.c_int32)]


class Site(ctypes.Structure):
    _fields_ = [
        ("class_name", ctypes.c_char_p),
        ("class_index", ctypes.c_int64),
        ("message", ctypes.c_char_p),
        ("arg_types", ctypes.c_char_p),
        ("nargs", ctypes.c_int32),
    ]


class Error(ctypes.Structure):
    _fields_ = [
        ("kind", ctypes.c_int32),
        ("nframes", ctypes.c_int32),
        ("npayload", ctypes.c_int32),
        ("site", ctypes.POINTER(Site)),
        ("payload", ctypes.c_uint64 * (2 * MAX_ERROR_ARGS)),
        ("frames", Frame * MAX_TRACEBACK),
    ]


class Gauss(ctypes.Structure):
    _fields_ = [("is_there", ctypes.c_int32), ("value", ctypes.c_double)]


class Stream(ctypes.Structure):
    _fields_ = [
        ("words", ctypes.POINTER(ctypes.c_uint32)),
        ("next", ctypes.POINTER(ctypes.c_int32)),
        ("gauss", ctypes.POINTER(Gauss)),
        ("bitgen", ctypes.c_void_p),
    ]


class Context(ctypes.Structure):
    _fields_ = [
        ("status", ctypes.c_int32),
        ("has_gil", ctypes.c_int32),
        ("eval_breaker", ctypes.c_void_p),
        ("poll", ctypes.c_void_p),
        ("stack_limit", ctypes.c_void_p),
        ("streams", ctypes.POINTER(Stream)),
        ("region", ctypes.c_void_p),
        ("thread", ctypes.c_int32),
        ("line", ctypes.c_int32),
        ("changed", ctypes.c_int32),
        ("objects", ctypes.c_void_p),
        ("error", Error),
    ]


ARGUMENT = {
    "i64": [ctypes.c_int64],
    "u64": [ctypes.c_uint64],
    "u32": [ctypes.c_uint32],
    "f64": [ctypes.c_double],
    "f32": [ctypes.c_float],
    "c128": [ctypes.c_double] * 2,
    "ctx": [ctypes.POINTER(Context)],
    "ptr": [ctypes.c_void_p],
}
RESULT = {
    "": None,
    "i64": ctypes.c_int64,
    "u64": ctypes.c_uint64,
    "u32": ctypes.c_uint32,
    "f64": ctypes.c_double,
    "f32": ctypes.c_float,
    "c128": Complex,
    "ptr": ctypes.c_void_p,
}


def rows():
    """Return {name: (result, [arguments], effects)} of runtime.def."""
    return {
        name: (result, args.split(), effects)
        for name, result, args, effects in ROW.findall((SRC / "runtime.def").read_text())
    }


class Raised(Exception):
    """What was recorded: (class name, message or types of its arguments, or what memory was for)."""


class Runtime:
    """The shared library, its functions called with Python values."""

    def __init__(self):
        spec = importlib.util.find_spec("hotloop")
        if spec is None:
            pytest.skip("hotloop is not importable")
        self.library = ctypes.CDLL(str(pathlib.Path(spec.submodule_search_locations[0]) / "libhotloop.so"))
        self.rows = rows()

    def function(self, name):
        result, args, _ = self.rows[name]
        function = self.library[f"hlrt_{name}"]
        function.restype = RESULT[result]
        function.argtypes = [c for arg in args for c in ARGUMENT[arg]]
        return function

    def __call__(self, name, *values):
        """Call with scalars; complex ones are spread. Raises Raised for a recorded error."""
        context = Context()
        result, args, _ = self.rows[name]
        flat = [context] if args[:1] == ["ctx"] else []
        for value in values:
            flat += [value.real, value.imag] if isinstance(value, complex) else [value]
        got = self.function(name)(*flat)
        if context.status and not context.error.site:
            raise Raised("MemoryError", *context.error.payload[: context.error.npayload])
        if context.status:
            site = context.error.site.contents
            raise Raised(site.class_name.decode(), (site.message or site.arg_types).decode())
        return complex(got.re, got.im) if result == "c128" else got


@pytest.fixture(scope="session")
def rt():
    return Runtime()
