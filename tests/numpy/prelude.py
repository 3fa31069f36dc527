"""The prelude's source files, read without running them, and its functions by the names they implement."""

import ast
import importlib
import pathlib


def package():
    """Return the folder of the prelude that is tested."""
    return pathlib.Path(importlib.import_module("hotloop.prelude").__file__).parent


def order():
    """Return {module: names} as the file `order` lists them."""
    return importlib.import_module("hotloop.prelude").read_order()


def source_of(module):
    """Return the syntax tree of a module of the prelude."""
    path = package() / (module.removeprefix("hotloop.prelude.").replace(".", "/") + ".py")
    return ast.parse(path.read_text(encoding="utf-8"))


def implemented(module):
    """Return {name: function name} of the `implements` decorators in a module."""
    found = {}
    for node in ast.walk(source_of(module)):
        for call in getattr(node, "decorator_list", ()):
            if isinstance(call, ast.Call) and call.func.id == "implements":
                found.update((argument.value, node.name) for argument in call.args)
    return found


def function(name):
    """Return the function that implements a name, as the interpreter runs it."""
    module = next(module for module, names in order().items() if name in names)
    return getattr(importlib.import_module(module), implemented(module)[name])
