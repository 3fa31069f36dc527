"""Numba's ``core`` namespace under hotloop's name; its modules load when first asked for."""

_MODULES = (
    "config",
    "decorators",
    "dispatcher",
    "errors",
    "extending",
    "options",
    "registry",
    "serialize",
    "sigutils",
    "types",
    "typetext",
    "typing",
)


def __getattr__(name):
    if name in _MODULES:
        from importlib import import_module

        return import_module("hotloop.core." + name)
    raise AttributeError(f"module 'hotloop.core' has no attribute {name!r}")
