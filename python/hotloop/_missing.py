"""What to say about names of Numba's that hotloop does not offer yet."""

import sys

_STANDS = "hotloop, which stands for Numba here, does not offer it"
_LATER = {
    "stencil": "write the loop over the neighbours in an @njit function",
    "cfunc": "give ctypes.CFUNCTYPE(...) the compiled function, which any Python caller may call",
    "pndindex": "use prange over the first axis, and numpy.ndindex or range within",
    "experimental": "jitclass and structref come later: use arrays, tuples and named tuples of them",
    "jitclass": "use arrays, tuples and named tuples of them",
    "typed": "typed lists and dictionaries come later: use lists, sets, arrays or tuples",
    "pycc": "ahead-of-time compilation comes later: use cache=True",
    "literally": "literal arguments come later: read the value from a global or a default",
    "generated_jit": "use hotloop.extending.overload",
    "intrinsic": "use overload, whose implementation is Python that hotloop compiles",
    "carray": "use numpy.ctypeslib.as_array outside of compiled code",
    "farray": "use numpy.ctypeslib.as_array outside of compiled code",
    "gdb": "start the program under gdb, with @njit(debug=True)",
    "gdb_init": "start the program under gdb, with @njit(debug=True)",
    "gdb_breakpoint": "start the program under gdb, with @njit(debug=True)",
}


def refuse(name, module="hotloop", depth=3):
    """Return the error for a name that *module* lacks: ImportError inside ``from hotloop import``.

    The asking code is *depth* frames above this one.
    """
    numba = module.partition(".")[0] == "numba"
    text = f"module {module!r} has no attribute {name!r}"
    if name in _LATER:
        text = f"hotloop does not offer {name!r} yet: {_LATER[name]}."
    elif numba:
        text += f": {_STANDS}; docs/numba.md says what it offers"
    if (name in _LATER or numba) and _is_import(sys._getframe(depth)):
        return ImportError(text, name=module)
    error = AttributeError(text)
    error.name = name
    return error


def refuse_missing(module, fullname):
    """Let a module of hotloop's, now imported as Numba's *fullname*, say so when it lacks a name."""
    own = vars(module).get("__getattr__")

    def __getattr__(name):
        if own is not None:
            try:
                return own(name)
            except AttributeError:
                pass
        if name.startswith("__"):
            raise AttributeError(f"module {fullname!r} has no attribute {name!r}")
        raise refuse(name, fullname, depth=2)

    module.__getattr__ = __getattr__


def missing_module(fullname):
    """Return the error for a module of Numba's that hotloop lacks."""
    hint = _LATER.get(fullname.split(".")[1])
    text = f"No module named {fullname!r}: {_STANDS}"
    return ModuleNotFoundError(f"{text} yet: {hint}." if hint else f"{text}.", name=fullname)


def _is_import(frame):
    """Whether *frame* is executing ``from ... import``: then only an ImportError's text reaches the user."""
    from opcode import opname

    return frame.f_lasti >= 0 and opname[frame.f_code.co_code[frame.f_lasti]] == "IMPORT_FROM"
