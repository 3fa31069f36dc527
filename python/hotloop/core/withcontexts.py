"""Blocks of compiled functions that Python runs: ``with objmode(y="float64[:]"):``.

Compiled code knows the one object `objmode_context` and does not call it.  Called by Python itself it does
nothing, so that a function that is not compiled runs its blocks like the rest of it.
"""


class _ObjModeContext:
    """Lets a block of a compiled function run as Python code.

    Each variable that the block gives to the code behind it is named with its type: a text as in signatures,
    or a global or nonlocal variable, or an attribute of one, that holds the type.  Where the block ends the
    variable becomes a value of that type, or raises TypeError.

    Examples
    --------
    >>> from hotloop import njit, objmode
    >>> @njit
    ... def length(x):
    ...     with objmode(n="int64"):
    ...         n = len(str(x))
    ...     return n
    >>> length(2.5)
    3
    """

    def __enter__(self):
        pass

    def __exit__(self, exc_type, exc, traceback):
        pass

    def __call__(self, *args, **kwargs):
        return self


objmode = objmode_context = _ObjModeContext()


class Refused(Exception):
    """Why a type cannot be what a block gives."""


def promise(name, value):
    """Return as text of the core what a block must give that names the type *value* for a variable.

    A type that has no compiled form is ``object``, followed by the class that the object must have.
    """
    from . import types
    from .sigutils import evaluate
    from .typetext import to_text

    wrong = f"Error handling objmode argument {name!r}."
    if isinstance(value, str):
        try:
            value = evaluate(value)
        except Exception as error:
            raise Refused(f"{wrong} {value!r} is no type: {error}") from None
    if not isinstance(value, types.Type):
        raise Refused(f"{wrong} {value!r} is no type")
    if getattr(value, "reflected", False):
        raise Refused(
            f"Objmode context failed. Argument {name!r} is declared as an unsupported type: {value}. "
            "Reflected types are not supported."
        )
    if value is types.unicode_type:
        return "object str"
    text = to_text(value)
    if text == "object" and value is not types.pyobject:
        raise Refused(f"{wrong} The type {value} has no compiled form")
    return text
