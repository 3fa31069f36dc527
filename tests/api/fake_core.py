"""A small stand-in for the C extension, so that the Python package can be tested without it.

It keeps the contract of ``python/hotloop/_hotloop.pyi`` but compiles nothing: a specialisation is remembered
and the Python function called.  `install` puts it in the place of ``hotloop._hotloop``.
"""

import functools
import sys
import types as pytypes

import numpy as np

_SCALARS = {bool: "bool", int: "int", float: "float", complex: "complex", type(None): "none", range: "range"}
_KINDS = {"b": "b", "i": "i", "u": "u", "f": "f", "c": "c"}
INTERPRETED = "interpreted"
exceptions = {}


def dtype_text(dtype):
    """Return the text of a dtype; ValueError for those the compiler does not have."""
    if dtype.kind not in _KINDS or not dtype.isnative or dtype.itemsize > (16 if dtype.kind == "c" else 8):
        raise ValueError(f"no type for {dtype}")
    return "b1" if dtype.kind == "b" else f"{dtype.kind}{dtype.itemsize * 8}"


def typeof(obj):
    """Return the text of an object's type."""
    if isinstance(obj, int) and not isinstance(obj, bool) and not -(1 << 63) <= obj < 1 << 63:
        raise ValueError("too large")
    if type(obj) in _SCALARS:
        return _SCALARS[type(obj)]
    if isinstance(obj, np.generic):
        return dtype_text(obj.dtype)
    if type(obj) is tuple:
        return f"tuple<{','.join(map(typeof, obj))}>"
    if type(obj) is np.ndarray:
        layout = "C" if obj.flags.c_contiguous else "F" if obj.flags.f_contiguous else "A"
        flags = ("" if obj.flags.writeable else ",ro") + ("" if obj.flags.aligned else ",unaligned")
        return f"array<{dtype_text(obj.dtype)},{obj.ndim},{layout}{flags}>"
    raise ValueError(f"no type for {type(obj)}")


class Dispatcher:
    """Remembers specialisations and calls the Python function."""

    def __init__(self, py_func, options):
        functools.update_wrapper(self, py_func)
        self.py_func, self._options = py_func, options
        self._can_compile = True
        self._reset()

    def __call__(self, *args, **kwargs):
        texts = tuple(map(typeof, args))
        if texts not in self._known:
            if not self._can_compile:
                raise TypeError(f"No matching definition for argument type(s) {', '.join(texts)}")
            self._compile(texts, None)
        result = self.py_func(*args, **kwargs)
        self._known[texts] = self._known[texts] or typeof(result)
        return result

    def __get__(self, instance, owner=None):
        return self if instance is None else pytypes.MethodType(self, instance)

    def _compile(self, arg_texts, ret_text):
        assert all(type(text) is str for text in arg_texts) and type(arg_texts) is tuple
        if "object" in arg_texts and self._options["strict"]:
            raise exceptions["TypingError"]("an object cannot be compiled")
        self._known[arg_texts] = INTERPRETED if "object" in arg_texts else ret_text
        self._misses[arg_texts] = self._misses.get(arg_texts, 0) + 1

    def _reset(self):
        self._known, self._misses = {}, {}

    def _specialisations(self):
        results = ((args, ret or "float") for args, ret in self._known.items())
        return [(args, None if ret == INTERPRETED else ret) for args, ret in results]

    def _inspect(self, arg_texts, stage):
        return f"; {stage} of {self.__name__}({', '.join(arg_texts)})"

    def _stats(self):
        return {}, self._misses


def install():
    """Put this stand-in where the package looks for the C extension."""
    module = pytypes.ModuleType("hotloop._hotloop")
    module.Dispatcher, module.typeof = Dispatcher, typeof
    module.set_exceptions = exceptions.update
    module._conformance_counters = lambda: {"native": 0, "fallback": 0}
    module.live_blocks = lambda: 0
    sys.modules["hotloop._hotloop"] = module
