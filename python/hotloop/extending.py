"""What other libraries ask of hotloop; Numba's ``extending``, of which this is offered so far."""

_Function = type(lambda: None)


def is_jitted(function):
    """Whether *function* is compiled by hotloop."""
    from . import _hotloop

    return isinstance(function, _hotloop.Dispatcher)


def register_jitable(*args, **kwargs):
    """Let compiled code call a Python function, which stays as it is: hotloop compiles it when it is called.

    Parameters
    ----------
    *args
        The function, when used bare.
    **kwargs
        Options for `jit`; the function is compiled with those of its caller.
    """
    return args[0] if args else lambda function: function


_overloads = {}


def overload(func, jit_options=None, strict=True, inline="never", prefer_literal=False, **kwargs):
    """Say what a call of *func* means in compiled code.

    Parameters
    ----------
    func : callable
        What compiled code calls; the interpreter calls it as it is.
    jit_options, strict, inline, prefer_literal
        Accepted for Numba's sake; the implementation is compiled with its caller's options.

    Returns
    -------
    decorator
        For a function that is called with the types of a call's arguments and returns the Python function
        that implements the call, or None where it has none for them.

    Examples
    --------
    >>> @overload(len_or_zero)
    ... def _(x):
    ...     if isinstance(x, types.Array):
    ...         return lambda x: len(x)
    ...     return lambda x: 0
    """
    from . import _hotloop

    def decorate(typing_function):
        _overloads.setdefault(func, []).append(typing_function)
        _hotloop.set_overloads(_overloads, _implementation)
        return typing_function

    return decorate


def _implementation(func, texts, kwnames):
    """Return the function that implements a call with these types, as text; None where there is none."""
    from .core.typetext import UnknownText, from_text

    try:
        types = [from_text(text) for text in texts]
    except UnknownText:
        return None
    split = len(types) - len(kwnames)
    keywords = dict(zip(kwnames, types[split:], strict=True))
    for typing_function in reversed(_overloads[func]):
        found = _ask(typing_function, types[:split], keywords)
        if found is not None:
            return found
    if _is_stub(func):
        raise TypeError(f"{func.__qualname__}() has no body, and no overload takes arguments of these types")
    return None


def _is_stub(func):
    """Whether all that the interpreter would do for a call is to return None."""
    if not isinstance(func, _Function):
        return False
    code = func.__code__
    return len(code.co_code) <= 6 and code.co_consts[code.co_code[3]] is None


def _ask(typing_function, types, keywords):
    """Return the function that an overload gives for these types, or None; its errors name it."""
    from .core.errors import HotloopError

    name = f"the overload {typing_function.__qualname__}()"
    try:
        found = typing_function(*types, **keywords)
    except HotloopError:
        raise
    except Exception as error:
        raise TypeError(f"{name} raised {type(error).__name__}: {error}") from error
    found = getattr(found, "py_func", found)
    if found is not None and not isinstance(found, _Function):
        raise TypeError(f"{name} returned {found!r}, which is no function")
    return found


def get_cython_function_address(module_name, function_name):
    """Return the address of a C function that a Cython module exports.

    Parameters
    ----------
    module_name, function_name : str
        As in ``scipy.special.cython_special`` and ``j0``.

    Raises
    ------
    ValueError
        When the module exports no such function.
    """
    import ctypes
    from importlib import import_module

    exported = import_module(module_name).__pyx_capi__
    if function_name not in exported:
        raise ValueError(f"{module_name} exports no Cython function {function_name!r}")
    api, capsule = ctypes.pythonapi, ctypes.py_object
    name_of = ctypes.PYFUNCTYPE(ctypes.c_char_p, capsule)(("PyCapsule_GetName", api))
    pointer_of = ctypes.PYFUNCTYPE(ctypes.c_void_p, capsule, ctypes.c_char_p)(("PyCapsule_GetPointer", api))
    return pointer_of(exported[function_name], name_of(exported[function_name]))
