"""`GUFunc`: a generalised ufunc over a compiled function of arrays, as `guvectorize` makes it."""

import functools
import re

import numpy

from ...core import types
from ...core.sigutils import normalize_signature
from ...core.typetext import to_text
from ...extending import overload
from .dufunc import _override
from .inside import generalised_implementer
from .kernels import compiled, generalised, identity_number, make_ufunc, scalar_text, type_numbers

_PART = re.compile(r"\(([^()]*)\)")


def parse_layout(layout):
    """Return the core dimensions of each input and of each output of a layout such as ``(m,n),(n)->(m)``.

    Examples
    --------
    >>> parse_layout("(m,n),(n)->(m)")
    ([['m', 'n'], ['n']], [['m']])
    """
    inputs, arrow, outputs = layout.replace(" ", "").partition("->")
    parts = [[_dims(part) for part in _PART.findall(side)] for side in (inputs, outputs)]
    shown = ["".join(f"({','.join(dims)})," for dims in side)[:-1] for side in parts]
    if arrow and "->".join(shown) != layout.replace(" ", "") or not arrow and shown[0] != inputs:
        raise ValueError(f"bad token in signature {layout!r}: write it as '(m,n),(n)->(m)'")
    known = {name for dims in parts[0] for name in dims}
    unknown = [name for dims in parts[1] for name in dims if name not in known]
    if unknown and not all(name.isdigit() for name in unknown):
        raise NameError(f"undefined output symbols: {','.join(sorted(set(unknown)))}")
    return parts[0], parts[1]


def _dims(part):
    return [name for name in part.split(",") if name]


class GUFunc:
    """A NumPy gufunc over a compiled function, which takes the core arrays of inputs and then of outputs.

    Parameters
    ----------
    py_func : function or compiled function
        Fills its last arguments, which are arrays, and returns nothing.
    layout : str
        Core dimensions, such as ``(m,n),(n)->(m)``; without an arrow all are inputs.
    identity, cache, targetoptions
        As for `DUFunc`.
    writable_args : tuple, optional
        Inputs that the function changes, by number or name.
    """

    def __init__(self, py_func, layout, identity=None, cache=False, targetoptions=None, writable_args=()):
        options = dict(targetoptions or {})
        self.layout = self.signature = layout
        self._inputs, self._outputs = parse_layout(layout)
        self._function = compiled(py_func, options)
        self.py_func = self._function.py_func
        self._identity = identity_number(identity)
        self.targetoptions = {**options, "cache": cache}
        self.writable_args = writable_args
        self._kernel = generalised(self._function, self.nargs)
        self._loops, self._signatures, self._frozen, self.ufunc = [], [], False, None
        functools.update_wrapper(self, self.py_func)
        self._tell_compiler(None)

    def _tell_compiler(self, loops):
        """Say what a call in compiled code means; loops: the element types to choose from, None for any."""
        overload(self)(
            generalised_implementer(self._function, self.layout, self._inputs, self._outputs, loops)
        )

    nin = property(lambda self: len(self._inputs), doc="The number of inputs.")
    nout = property(lambda self: len(self._outputs), doc="The number of outputs.")
    nargs = property(lambda self: self.nin + self.nout, doc="The number of operands.")
    ntypes = property(lambda self: len(self._loops), doc="The number of loops.")
    types = property(
        lambda self: self.ufunc.types if self.ufunc else [], doc="The loops, as NumPy names them."
    )
    identity = property(
        lambda self: self._identity if self._identity >= 0 else None, doc="What reductions start with."
    )

    def add(self, sig):
        """Compile a loop for a signature: arrays, or numbers where an operand has no core dimensions."""
        args, result = normalize_signature(sig)
        takes = self.py_func.__code__.co_argcount
        if takes != self.nargs:
            raise TypeError(
                f"the layout {self.layout!r} has {self.nargs} operands, the function takes {takes}"
            )
        if result not in (None, types.void):
            raise TypeError(f"guvectorized functions cannot return values: signature {sig} returns {result}")
        if len(args) != self.nargs:
            raise TypeError(
                f"the layout {self.layout!r} has {self.nargs} operands; the signature has {len(args)}"
            )
        cores = [*self._inputs, *self._outputs]
        for number, (ty, dims) in enumerate(zip(args, cores, strict=True)):
            self._check_operand(number, ty, dims)
        texts = tuple(to_text(_plain(ty)) for ty in args)
        self._kernel._compile(texts, None)
        names = list(dict.fromkeys(name for dims in cores for name in dims))
        operands = tuple(
            (ty.ndim if isinstance(ty, types.Array) else -1, tuple(map(names.index, dims)))
            for ty, dims in zip(args, cores, strict=True)
        )
        kinds = [ty.dtype if isinstance(ty, types.Array) else ty for ty in args]
        self._loops.append((self._kernel, texts, None, type_numbers(kinds), operands))
        self._signatures.append(args)
        self.ufunc = make_ufunc(
            self.py_func, self.nin, self.nout, self._identity, self.layout, self._loops, self._writable()
        )
        return self._function.overloads.get(args)

    def _writable(self):
        """Return the numbers of the inputs that the function changes."""
        names = self.py_func.__code__.co_varnames
        found = [names.index(arg) if isinstance(arg, str) else arg for arg in self.writable_args]
        if any(not 0 <= number < self.nin for number in found):
            raise ValueError(f"writable_args names no input: {self.writable_args}")
        return tuple(found)

    def _check_operand(self, number, ty, dims):
        ndim = ty.ndim if isinstance(ty, types.Array) else 0
        if ndim == len(dims) or (ndim == 1 and not dims):
            if isinstance(ty, types.Array) or number < self.nin:
                return
            raise TypeError(f"invalid type for output number {number - self.nin}: {ty}; write {ty}[:]")
        raise TypeError(f"type and shape signature mismatch for argument #{number + 1}: {ty} for {dims}")

    def disable_compile(self):
        """Compile no further loops."""
        self._frozen = True
        kinds = [[getattr(ty, "dtype", ty) for ty in args] for args in self._signatures]
        self._tell_compiler(tuple(tuple(map(scalar_text, args)) for args in kinds))

    def build_ufunc(self):
        """Return the object itself."""
        return self

    def __call__(self, *args, **kwargs):
        overridden = _override(self, "__call__", args, kwargs)
        if overridden is not NotImplemented:
            return overridden
        given = None if self._frozen else self._with_outputs(args, kwargs)
        if given is not None:
            return self._apply_exactly(*given)
        if self.ufunc is not None:
            try:
                return self.ufunc(*args, **kwargs)
            except TypeError:  # NumPy's word for "no loop takes these types", among others
                if self._frozen or self._types_of(args) in self._signatures:
                    raise
        self.add(self._types_of(args))
        return self.ufunc(*args, **kwargs)

    def _with_outputs(self, args, kwargs):
        """Return the arguments with the outputs, and other keywords; None where an output is to be made."""
        out = kwargs.get("out")
        args = (*args, *(out if isinstance(out, tuple) else () if out is None else (out,)))
        if len(args) != self.nargs or any(value is None for value in args):
            return None
        return args, {name: value for name, value in kwargs.items() if name != "out"}

    def _apply_exactly(self, args, kwargs):
        """Use the loop for just these types: from one for others NumPy would hide what an output holds."""
        kinds = self._types_of(args)
        if kinds not in self._signatures:
            self.add(kinds)
        numbers = (int, float, complex)
        args = [numpy.asarray(value) if isinstance(value, numbers) else value for value in args]
        return self.ufunc(*args, **kwargs)

    def _types_of(self, args):
        """Return the types of a call's operands; outputs that are not given are like the first input."""
        cores = [*self._inputs, *self._outputs]
        values = [numpy.asarray(value) for value in args]
        if len(values) < self.nin:
            raise TypeError(f"{self.__name__} takes {self.nin} inputs, {len(values)} given")
        kinds = [value.dtype for value in values] + [values[0].dtype] * (self.nargs - len(values))
        from ..numpy_support import from_dtype

        return tuple(
            types.Array(from_dtype(kind), max(len(dims), 1), "A")
            if dims or number >= self.nin
            else from_dtype(kind)
            for number, (kind, dims) in enumerate(zip(kinds, cores, strict=False))
        )

    def __repr__(self):
        return f"<hotloop.GUFunc {self.__name__!r}>"


def _plain(ty):
    """Return an operand's type with any layout: NumPy says only at a call how the memory lies."""
    return types.Array(ty.dtype, ty.ndim, "A") if isinstance(ty, types.Array) else ty
