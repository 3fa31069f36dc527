"""What to say about names of Numba's that hotloop does not offer yet."""

import sys

_LATER = {
    "stencil": "write the loop over the neighbours in an @njit function",
    "cfunc": "C callbacks come later",
    "pndindex": "use numpy.ndindex: parallel loops come later",
    "experimental": "jitclass and structref come later",
    "typed": "typed lists and dictionaries come later: use arrays or tuples",
    "cuda": "GPU kernels come later",
    "pycc": "ahead-of-time compilation comes later: use cache=True",
    "literally": "literal arguments come later",
    "literal_unroll": "unrolling over tuples comes later",
    "carray": "use numpy.ctypeslib.as_array outside of compiled code",
    "farray": "use numpy.ctypeslib.as_array outside of compiled code",
    "gdb": "debugger support comes later",
    "gdb_init": "debugger support comes later",
    "gdb_breakpoint": "debugger support comes later",
}


def refuse(name, module="hotloop"):
    """Return the error for a name that *module* lacks: ImportError inside ``from hotloop import``.

    It is called by what ``__getattr__`` of the module calls.
    """
    text = f"module {module!r} has no attribute {name!r}"
    if name in _LATER:
        text = f"hotloop does not offer {name!r} yet: {_LATER[name]}."
    elif module == "numba":
        text += ": hotloop, which stands for Numba here, does not offer it"
    if (name in _LATER or module == "numba") and _is_import(sys._getframe(3)):
        return ImportError(text, name=module)
    error = AttributeError(text)
    error.name = name
    return error


def missing_module(fullname):
    """Return the error for a module of Numba's that hotloop lacks."""
    name = fullname.partition(".")[2]
    hint = next((hint for start, hint in _LATER.items() if name.split(".")[0] == start), None)
    text = f"No module named {fullname!r}: hotloop, which stands for Numba here, does not offer it"
    return ModuleNotFoundError(f"{text} yet: {hint}." if hint else f"{text}.", name=fullname)


def _is_import(frame):
    """Whether *frame* is executing ``from ... import``: then only an ImportError's text reaches the user."""
    from opcode import opname

    return frame.f_lasti >= 0 and opname[frame.f_code.co_code[frame.f_lasti]] == "IMPORT_FROM"
