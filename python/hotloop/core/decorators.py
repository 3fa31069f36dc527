"""The decorators `jit`, `njit` and `jit_module`."""

import sys
from warnings import warn

from . import config, options as _options
from .dispatcher import Dispatcher
from .errors import DeprecationError, HotloopDeprecationWarning, UnsupportedError

_Function = type(lambda: None)


def jit(
    signature_or_function=None, locals=None, cache=False, pipeline_class=None, boundscheck=None, **options
):
    """Compile a function to machine code, when it is first called or now for given signatures.

    Parameters
    ----------
    signature_or_function : function, signature or list of signatures, optional
        The function, when used bare; or the types to compile for at once, after which no others are compiled.
        A signature is a string (``"float64(int64)"``), a tuple of types, or ``float64(int64)``.
    locals : dict, optional
        Types of local variables by name.
    cache : bool, optional
        Keep the machine code on disk for the next process.
    pipeline_class : None
        Not offered: the compiler is written in C.
    boundscheck : bool, optional
        Indices are checked unless this is False.
    **options
        ``nopython``, ``fastmath`` (bool, or set of LLVM's flags), ``nogil``, ``error_model`` ('python' or
        'numpy'), ``inline`` ('never', 'always' or a function), ``semantics`` ('python' or 'numba'),
        ``strict`` (an error instead of the interpreter for what cannot be compiled), ``parallel``, ``debug``
        and Numba's others.

    Returns
    -------
    Dispatcher or decorator
        The compiled function, or what turns a function into one.

    Examples
    --------
    >>> @jit
    ... def double(x):
    ...     return x + x
    """
    _refuse_old_names(options)
    if pipeline_class is not None:
        raise UnsupportedError(
            "pipeline_class is not offered: hotloop's stages are in C; see f.inspect(stage)."
        )
    options.update(locals=locals, cache=cache, boundscheck=boundscheck, nopython=_nopython(options))
    if signature_or_function is None:
        return _decorator(None, options)
    if isinstance(signature_or_function, list):
        return _decorator(signature_or_function, options)
    if isinstance(signature_or_function, _Function) or not _is_signature(signature_or_function):
        return _decorator(None, options)(signature_or_function)
    return _decorator([signature_or_function], options)


def njit(*args, **kws):
    """Compile a function to machine code: the same as `jit`.

    Parameters
    ----------
    *args, **kws
        As for `jit`; ``nopython`` and ``forceobj`` are ignored with a warning.

    Returns
    -------
    Dispatcher or decorator
        The compiled function, or what turns a function into one.
    """
    for name in ("nopython", "forceobj"):
        if name in kws:
            warn(f"{name} is set for njit and is ignored", RuntimeWarning, stacklevel=2)
            del kws[name]
    return jit(*args, nopython=True, **kws)


def jit_module(**kwargs):
    """Compile every function that the calling module has defined so far.

    Parameters
    ----------
    **kwargs
        Options for `jit`.

    Notes
    -----
    Functions imported from elsewhere and functions already compiled are left alone.
    """
    names = sys._getframe(1).f_globals
    for name, value in list(names.items()):
        if type(value) is _Function and value.__module__ == names["__name__"]:
            names[name] = jit(value, **kwargs)


def _refuse_old_names(options):
    """Raise for option names that Numba has dropped."""
    for name in ("argtypes", "restype"):
        if name in options:
            raise DeprecationError(
                f"Deprecated keyword argument `{name}`. "
                "Signatures should be passed as the first positional argument."
            )


def _nopython(options):
    """Return the value of ``nopython``, which only ``forceobj`` makes False."""
    nopython, forceobj = options.get("nopython"), options.get("forceobj", False)
    if nopython is not None and type(nopython) is not bool:
        raise AssertionError("nopython option must be a bool")
    if nopython and forceobj:
        raise ValueError("Only one of 'nopython' or 'forceobj' can be True.")
    if nopython is False:
        warn(
            "The keyword argument 'nopython=False' was supplied. From Numba 0.59.0 the default "
            "is True and supplying this argument has no effect.",
            HotloopDeprecationWarning,
            stacklevel=3,
        )
    return not forceobj


def _is_signature(value):
    """Whether *value* is a signature; asks without loading the types unless they are."""
    if isinstance(value, (str, tuple)):
        return True
    typing = sys.modules.get("hotloop.core.typing")
    return typing is not None and isinstance(value, typing.Signature)


def _decorator(signatures, options):
    """Return what turns a function into a Dispatcher."""

    def decorate(func):
        _check_function(func)
        config.reload_config()
        if config.DISABLE_JIT:
            return func
        dispatcher = compiled(func, options)
        if signatures is not None:
            for signature in signatures:
                dispatcher.compile(signature)
            dispatcher._can_compile = False
        return dispatcher

    return decorate


def compiled(func, options):
    """Return the Dispatcher of a function, under ``DISABLE_JIT`` too: ufuncs have no other loops."""
    return Dispatcher(func, _options.normalize(options))


def _check_function(func):
    """Raise TypeError unless *func* is a Python function."""
    if isinstance(func, Dispatcher):
        raise TypeError(
            f"A jit decorator was called on an already jitted function {func}.  If trying to "
            f"access the original python function, use the {func}.py_func attribute."
        )
    if not isinstance(func, _Function):
        error = TypeError(f"The decorated object is not a function (got type {type(func)}).")
        if isinstance(func, staticmethod | classmethod | property):
            error.add_note(f"hint: put the decorator below @{type(func).__name__}")
        elif isinstance(func, type):
            error.add_note("hint: decorate the functions that the class calls; classes are not compiled")
        raise error
