"""The array library, written in the subset of Python that compiles.

When compiled code calls `numpy.linspace`, `ndarray.sum` or `sum` of an array, and inference has no rule of
its own for it, the function registered here under that name is compiled for the argument types and called.
The file `order` lists the files of this package and the names each implements; a file is imported when one
of its names is first asked for, so importing this package reads one short text.

Rules for the functions:

- They are plain Python as well: run by the interpreter they give the same answers, which tests compare.
- Type tests (`isinstance`, `is None`, `.ndim == 1`, `dtype.kind == "f"`) are decided while compiling, and
  branches not taken are not looked at: one definition serves every type.
- Arguments that are constants stay constants (literals, dtypes, functions), also between prelude functions.
- Indices are neither checked nor wrapped: each must be in range, and a negative one be a literal.
- A file uses only files above it in `order`.
"""

import os

from .._hotloop import register_prelude


def implements(*names):
    """Return a decorator that registers a function as what compiled code calls under these names.

    Parameters
    ----------
    *names : str
        Canonical names as inference uses them: "numpy.sum", "ndarray.sum", "builtins.sum".
    """

    def register(function):
        function.__qualname__ = names[0]  # what messages and tracebacks call it
        for name in names:
            register_prelude(name, function)
        return function

    return register


def read_order():
    """Return `{module: names it implements}` from the file `order`, lowest module first."""
    with open(os.path.join(os.path.dirname(__file__), "order"), encoding="utf-8") as file:
        lines = file.read().splitlines()
    rows = (line.partition(":") for line in lines if line and not line.startswith("#"))
    return {f"{__name__}.{module.strip()}": names.split() for module, _, names in rows}


for _module, _names in read_order().items():
    for _name in _names:
        register_prelude(_name, _module)
