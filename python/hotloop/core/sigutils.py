"""Signatures as users write them: strings, tuples of types, ``ret(args)``."""

from . import types
from .typing import Signature


def is_signature(sig):
    """Whether *sig* may be a signature: a string, a tuple or a Signature."""
    return isinstance(sig, (str, tuple, Signature))


def evaluate(text):
    """Return what the expression *text* means with the names of the types, and no others."""
    names = {name: value for name, value in vars(types).items() if name[0] != "_"}
    try:
        return eval(text, {"__builtins__": {}}, names)
    except NameError as error:
        error.add_note(_advice(error.name, text, names))
        raise
    except SyntaxError as error:
        error.add_note(f"in the signature {text!r}; hint: write it as in 'float64(int64, float64[:])'")
        raise


def _advice(name, text, names):
    """Return what to write instead of a name in a signature that is no type's."""
    from difflib import get_close_matches

    near = get_close_matches(name, names, 1)
    instead = f"write {near[0]!r}" if near else "types are 'float64', 'int32[:, ::1]', 'UniTuple(int64, 2)'"
    return f"in the signature {text!r}; hint: {instead}"


def _check_type(ty):
    """Raise TypeError unless *ty* is a type."""
    if not isinstance(ty, types.Type):
        raise TypeError(f"invalid type in signature: expected a type instance, got {ty!r}")


def normalize_signature(sig):
    """Return the argument types and the return type (None if not said) of a signature.

    Parameters
    ----------
    sig : str, tuple of Type or Signature
        Such as ``"float64(float64, int32[:])"``, ``(int64,)``, ``float64(int64)``.

    Returns
    -------
    args : tuple of Type
    return_type : Type or None

    Examples
    --------
    >>> normalize_signature("float64(int64, float32[:])")
    ((int64, Array(float32, 1, 'A', False, aligned=True)), float64)
    """
    parsed = evaluate(sig) if isinstance(sig, str) else sig
    if isinstance(parsed, tuple):
        args, return_type = parsed, None
    elif isinstance(parsed, Signature):
        args, return_type = parsed.args, parsed.return_type
    else:
        raise TypeError(
            f"invalid signature: {sig!r} (type: {type(sig).__name__!r}) evaluates to "
            f"{type(parsed).__name__!r} instead of tuple or Signature"
        )
    for ty in args if return_type is None else (return_type, *args):
        _check_type(ty)
    return args, return_type
