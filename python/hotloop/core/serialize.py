"""Pickling compiled functions.

By reference where possible: a function that its module has under its name is pickled as that name, as
Python's functions are.  Otherwise (lambdas, closures, functions of ``__main__``, which another process does
not have) by value: code, the globals it uses, defaults and closure, never machine code.  Such a function
carries an identifier, so that within one process, and in those forked from it, unpickling gives back the
function there is.
"""

import builtins
import marshal
import os
import sys
from weakref import WeakKeyDictionary, WeakValueDictionary

from .dispatcher import Dispatcher

_Function = type(lambda: None)
_Cell = type((lambda x: lambda: x)(0).__closure__[0])
_Module = type(sys)
_MAINS = ("__main__", "__mp_main__")  # the latter in processes that multiprocessing starts
_identifiers = WeakKeyDictionary()
_known = WeakValueDictionary()


def reduce(dispatcher):
    """Return what pickle needs for a compiled function: a name, or how to build it and its state."""
    func = dispatcher.py_func
    if func.__module__ not in _MAINS and _find(func.__module__, func.__qualname__) is dispatcher:
        return func.__qualname__
    version = sys.version_info[:2]
    args = _identifier(dispatcher), version, marshal.dumps(func.__code__), dict(dispatcher._options)
    return _build, args, (_state(func), _signatures(dispatcher)), None, None, _fill


def _find(module, qualname):
    """Return what a module has under a dotted name, or None."""
    value = sys.modules.get(module)
    for name in qualname.split("."):
        value = getattr(value, name, None)
    return value


def _identifier(dispatcher):
    """Return the function's identifier, made when first needed."""
    found = _identifiers.get(dispatcher)
    if found is None:
        found = _identifiers[dispatcher] = os.urandom(16).hex()
        _known[found] = dispatcher
    return found


def _names(code):
    """Return the names that code and the code inside it look up as globals."""
    from dis import get_instructions

    names = {ins.argval for ins in get_instructions(code) if ins.opname in ("LOAD_GLOBAL", "LOAD_NAME")}
    for const in code.co_consts:
        if type(const) is type(code):
            names |= _names(const)
    return names


class _ByName:
    """Stands for a module in a pickle."""

    def __init__(self, name):
        self.name = name


def _pack(value):
    """Return *value* as it goes into the pickle."""
    return _ByName(value.__name__) if isinstance(value, _Module) else value


def _unpack(value):
    """Return what `_pack` was given."""
    if isinstance(value, _ByName):
        import importlib

        return importlib.import_module(value.name)
    return value


def _state(func):
    """Return what is set on the function after it is built, so that it may refer to itself."""
    names = {"__name__", "__package__", "__file__"} | _names(func.__code__)
    used = {name: _pack(func.__globals__[name]) for name in sorted(names) if name in func.__globals__}
    cells = [_pack(cell.cell_contents) for cell in func.__closure__ or ()]
    own = {name: getattr(func, name) for name in ("__module__", "__name__", "__qualname__", "__doc__")}
    return used, cells, func.__defaults__, func.__kwdefaults__, own


def _signatures(dispatcher):
    """Return the signatures of a function that takes no others, as text; None when it takes any."""
    return None if dispatcher._can_compile else list(dispatcher._specialisations())


def _build(identifier, version, code, options):
    """Return the function there is, or a new one whose state `_fill` sets."""
    found = _known.get(identifier)
    if found is not None:
        return found
    if version != sys.version_info[:2]:
        raise TypeError(
            "this compiled function was pickled by another version of Python: {}.{}".format(*version)
        )
    code = marshal.loads(code)
    cells = tuple(_Cell() for _ in code.co_freevars)
    func = _Function(code, {"__builtins__": builtins}, code.co_name, None, cells)
    dispatcher = Dispatcher(func, options)
    _identifiers[dispatcher] = identifier
    _known[identifier] = dispatcher
    return dispatcher


def _fill(dispatcher, state):
    """Set what `_build` left out of a function that it made, and compile the signatures."""
    func = dispatcher.py_func
    if "__name__" in func.__globals__:
        return
    (used, cells, func.__defaults__, func.__kwdefaults__, own), signatures = state
    func.__globals__.update((name, _unpack(value)) for name, value in used.items())
    for cell, value in zip(func.__closure__ or (), cells, strict=True):
        cell.cell_contents = _unpack(value)
    for name, value in own.items():
        setattr(func, name, value)
    for arg_texts, ret_text in signatures or ():
        dispatcher._compile(arg_texts, ret_text)
    dispatcher._can_compile = signatures is None
