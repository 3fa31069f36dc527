"""hotloop: the hot loops of a Python program as machine code; it speaks Numba's public API.

Everything but the decorators and the errors is loaded when first asked for, so that importing hotloop costs
next to nothing.
"""

from os import environ as _environ

from . import _hotloop
from ._version import __version__ as __version__, numba_version as numba_version
from .core import errors as _errors
from .core.decorators import jit as jit, jit_module as jit_module, njit as njit

_hotloop.set_exceptions(_errors.classes())
if "HOTLOOP_REPORT" in _environ:
    from . import report as _report

    _report.start(_environ.pop("HOTLOOP_REPORT"))  # processes that this one starts are not reported

# Where the public names live: module -> names.  Types and errors are looked up in their own lists.
_HOMES = {
    "hotloop._alias": ("install_as_numba",),
    "hotloop.comparison": ("compare",),
    "hotloop.magic": ("load_ipython_extension",),
    "hotloop.core.typing.typeof": ("typeof",),
    "hotloop.core.withcontexts": ("objmode",),
    "hotloop.np.numpy_support": ("from_dtype",),
    "hotloop.np.ufunc.decorators": ("guvectorize", "vectorize"),
    "hotloop.core.parallel": (
        "get_num_threads",
        "get_parallel_chunksize",
        "get_thread_id",
        "parallel_chunksize",
        "prange",
        "set_num_threads",
        "set_parallel_chunksize",
        "threading_layer",
    ),
    "hotloop.misc.special": ("literal_unroll",),
    "hotloop._hotloop": ("_conformance_counters",),
}
_MODULES = {
    "config": "core.config",
    "core": "core",
    "cuda": "cuda",
    "diagnostics": "diagnostics",
    "errors": "core.errors",
}
_MODULES.update(extending="extending", np="np", report="report", types="core.types", typing="core.typing")

# What `from hotloop import *` brings besides types and errors, as Numba's does.
_STARRED = """
compare from_dtype get_num_threads get_parallel_chunksize guvectorize install_as_numba jit jit_module njit
objmode parallel_chunksize prange set_num_threads set_parallel_chunksize typeof vectorize
""".split()
_SHOWN = ["config", "errors", "numba_version", "types", "version_info"]


def _load(name, asked="hotloop"):
    """Return the public object called *name*, which the module *asked* should have, or raise with a hint."""
    from importlib import import_module

    if name in _MODULES:
        return import_module("hotloop." + _MODULES[name])
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(module), name)
    if name in _errors.__all__:
        return getattr(_errors, name)
    if name == "version_info":
        from ._version import version_info

        return version_info()
    types = import_module("hotloop.core.types")
    if name in types.__all__:
        return getattr(types, name)
    from ._missing import refuse

    raise refuse(name, asked)


def __getattr__(name):
    if name == "__all__":
        types = _load("types")  # not `bool`: Python's own means the same
        return sorted({*_STARRED, *_errors.__all__, *types.__all__} - {"bool"})
    if name.startswith("__"):
        raise AttributeError(f"module 'hotloop' has no attribute {name!r}")
    value = globals()[name] = _load(name)
    return value


def __dir__():
    return sorted({*globals(), *__getattr__("__all__"), *_SHOWN})
