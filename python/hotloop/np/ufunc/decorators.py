"""The decorators `vectorize` and `guvectorize`."""

import inspect

from ...core import config
from ...core.dispatcher import Dispatcher
from ...core.options import check_names

_TARGETS = ("cpu", "parallel")


def vectorize(ftylist_or_function=(), target="cpu", identity=None, **kws):
    """Make a NumPy ufunc of a function of numbers.

    Parameters
    ----------
    ftylist_or_function : function, or signature or list of signatures, optional
        The function, when used bare: a loop is compiled for the types of its first call.  With signatures,
        such as ``["float64(float64)"]``, loops for these and no others.
    target : {'cpu', 'parallel'}, optional
        'parallel' shares each loop among threads.
    identity : {None, 0, 1, 'reorderable'}, optional
        What reductions start with.
    **kws
        Options for `jit`.

    Returns
    -------
    DUFunc or decorator
        What is used as a ufunc, or what makes one of a function.

    Examples
    --------
    >>> @vectorize
    ... def double(x):
    ...     return 2 * x
    >>> double([1, 2, 3])
    array([2, 4, 6])
    """
    if inspect.isfunction(ftylist_or_function) or isinstance(ftylist_or_function, Dispatcher):
        return _make_dufunc((), target, identity, kws)(ftylist_or_function)
    return _make_dufunc(_signatures(ftylist_or_function), target, identity, kws)


def guvectorize(*args, target="cpu", identity=None, writable_args=(), **kws):
    """Make a generalised NumPy ufunc of a function that fills its last arguments.

    Parameters
    ----------
    *args
        Signatures (a list, or one) and the layout, such as ``"(m,n),(n)->(m)"``; or the layout alone: a loop
        is compiled for the types of the first call.
    target, identity, **kws
        As for `vectorize`.
    writable_args : tuple, optional
        Inputs that the function changes.

    Returns
    -------
    decorator
        What makes a `GUFunc` of a function.
    """
    if len(args) == 1:
        signatures, layout = (), args[0]
    elif len(args) == 2:
        signatures, layout = _signatures(args[0]), args[1]
    else:
        raise TypeError("guvectorize() takes one or two positional arguments: signatures and layout")
    options = _options(target, kws)

    def decorate(function):
        from .gufunc import GUFunc

        cache = options.pop("cache", False)
        gufunc = GUFunc(function, layout, identity, cache, options, writable_args)
        for signature in signatures:
            gufunc.add(signature)
        if signatures:
            gufunc.disable_compile()
        return gufunc

    return decorate


def _signatures(given):
    """Return signatures as a list: one may be given alone."""
    from ...core.sigutils import is_signature

    if isinstance(given, tuple) and all(map(is_signature, given)):
        return list(given)
    return [given] if is_signature(given) else list(given)


def _options(target, kws):
    """Return the options for `jit`; ValueError or KeyError where hotloop has no such target or option."""
    if target not in _TARGETS:
        raise ValueError(f"Unrecognized target: {target!r}; hotloop has 'cpu' and 'parallel'")
    check_names(kws)
    config.reload_config()
    return {**kws, **({"parallel": True} if target == "parallel" else {})}


def _make_dufunc(signatures, target, identity, kws):
    """Return what makes a DUFunc of a function."""
    options = _options(target, kws)
    if target == "parallel" and not signatures:
        raise TypeError("vectorize(target='parallel') needs signatures")

    def decorate(function):
        from .dufunc import DUFunc

        dufunc = DUFunc(function, identity, options.pop("cache", False), options)
        for signature in signatures:
            dufunc.add(signature)
        if signatures:
            dufunc.disable_compile()
        return dufunc

    return decorate


def Vectorize(func, target="cpu", identity=None, **kws):
    """Return a `DUFunc` without loops yet: `add` them, then `build_ufunc`; the form that Numba had first."""
    return _make_dufunc((), "cpu" if target == "parallel" else target, identity, kws)(func)


def GUVectorize(func, layout, target="cpu", identity=None, **kws):
    """Return a `GUFunc` without loops yet: `add` them, then `build_ufunc`."""
    return guvectorize(layout, target=target, identity=identity, **kws)(func)
