"""`DUFunc`: a ufunc that compiles a loop for the types of its first call, as `vectorize` makes it."""

import functools

import numpy

from ...core import types
from ...core.sigutils import normalize_signature
from ...core.typing.typeof import typeof
from ...extending import overload
from .inside import implementer
from .kernels import (
    compiled,
    elementwise,
    elementwise_loop,
    identity_number,
    make_ufunc,
    result_type,
    scalar_text,
)


class DUFunc:
    """A NumPy ufunc over a compiled function of numbers, which gets a loop for new types when it meets them.

    It is used as a ufunc is: broadcasting, ``out``, ``where``, ``dtype``, `reduce`, `accumulate`, `reduceat`,
    `outer`, `at`.  Once there are loops, arguments are cast to the first one that takes them safely, and only
    where none does is another compiled.

    Parameters
    ----------
    py_func : function or compiled function
        Takes numbers, returns a number.
    identity : {None, 0, 1, 'reorderable'}, optional
        What reductions start with.
    cache : bool, optional
        Keep the machine code on disk.
    targetoptions : dict, optional
        Options for `jit`.
    """

    def __init__(self, py_func, identity=None, cache=False, targetoptions=None):
        options = dict(targetoptions or {})
        self._function = compiled(py_func, options)
        self.py_func = self._function.py_func
        self._identity = identity_number(identity)
        self.targetoptions = {**options, "cache": cache}
        self._kernel = elementwise(self._function, self.nin, options.get("parallel", False))
        self._loops, self._signatures, self._frozen = [], [], False
        self.ufunc = None
        functools.update_wrapper(self, self.py_func)
        self._tell_compiler()

    def _tell_compiler(self):
        """Say what a call in compiled code means with the loops there are now."""
        loops = tuple(
            (tuple(map(scalar_text, args)), scalar_text(result)) for args, result in self._signatures
        )
        overload(self)(implementer(self._function, self.nin, loops, self._frozen))

    def add(self, sig):
        """Compile a loop for a signature; its result type is inferred where it is not said."""
        args, result = normalize_signature(sig)
        if len(args) != self.nin:
            raise TypeError(f"{self.__name__} takes {self.nin} numbers; the signature has {len(args)}: {sig}")
        args = tuple(map(types.unliteral, args))
        found = types.unliteral(result_type(self._function, args))
        result = types.unliteral(result) if result is not None else found
        if (args, result) in self._signatures:
            return self._function.overloads.get(args)
        self._loops.append(elementwise_loop(self._kernel, args, result))
        self._signatures.append((args, result))
        self._make()
        self._tell_compiler()
        return self._function.overloads.get(args)

    def _make(self):
        number = self._identity
        self.ufunc = make_ufunc(self.py_func, self.nin, 1, number, None, self._loops) if self._loops else None

    def disable_compile(self):
        """Compile no further loops."""
        self._frozen = True
        self._tell_compiler()

    def build_ufunc(self):
        """Return the object itself."""
        return self

    def __call__(self, *args, **kwargs):
        overridden = _override(self, "__call__", args, kwargs)
        if overridden is not NotImplemented:
            return overridden
        return self._apply("__call__", args, args, kwargs)

    def reduce(self, array, *args, **kwargs):
        """Reduce an array along an axis, as `numpy.ufunc.reduce` does."""
        return self._apply("reduce", (array,) * self.nin, (array, *args), kwargs)

    def accumulate(self, array, *args, **kwargs):
        """Accumulate along an axis, as `numpy.ufunc.accumulate` does."""
        return self._apply("accumulate", (array,) * self.nin, (array, *args), kwargs)

    def reduceat(self, array, indices, *args, **kwargs):
        """Reduce slices, as `numpy.ufunc.reduceat` does."""
        return self._apply("reduceat", (array,) * self.nin, (array, indices, *args), kwargs)

    def outer(self, a, b, **kwargs):
        """Apply to all pairs, as `numpy.ufunc.outer` does."""
        return self._apply("outer", (a, b), (a, b), kwargs)

    def at(self, a, indices, *b):
        """Apply in place at indices, as `numpy.ufunc.at` does."""
        return self._apply("at", (a, *b), (a, indices, *b), {})

    def _apply(self, method, values, args, kwargs):
        """Call a method of the ufunc; where it has no loop for *values*, compile one first."""
        if len(values) < self.nin:
            raise TypeError(
                f"{self.__name__}: invalid number of arguments: takes {self.nin}, {len(values)} given"
            )
        if self.ufunc is not None:
            try:
                return getattr(self.ufunc, method)(*args, **kwargs)
            except TypeError:  # NumPy's word for "no loop takes these types", among others
                if self._frozen or not self._add_for(values):
                    raise
        elif self._frozen:
            raise TypeError(f"{self.__name__} has no loops, and compiling is switched off")
        else:
            self._add_for(values)
        return getattr(self.ufunc, method)(*args, **kwargs)

    def _add_for(self, values):
        """Compile a loop for the types of some arguments; False when there is one already."""
        args = tuple(_number_type(value) for value in values[: self.nin])
        if any(args == known for known, _ in self._signatures):
            return False
        self.add(args)
        return True

    def match_signature(self, ewise_types, sig):
        """Whether a signature's argument types are these."""
        return tuple(normalize_signature(sig)[0]) == tuple(ewise_types)

    @property
    def nin(self):
        """The number of inputs."""
        return self._function.py_func.__code__.co_argcount

    nout = 1

    @property
    def nargs(self):
        """The number of operands."""
        return self.nin + 1

    @property
    def ntypes(self):
        """The number of loops."""
        return len(self._loops)

    @property
    def types(self):
        """The loops, as `numpy.ufunc.types` names them."""
        return self.ufunc.types if self.ufunc is not None else []

    @property
    def identity(self):
        """What reductions start with, or None."""
        return self._identity if self._identity >= 0 else None

    @property
    def reorderable(self):
        """Whether a reduction may run over several axes at once."""
        return self._identity != identity_number(None)

    signature = None

    def __reduce__(self):
        return _rebuild, (self._function, self.identity, self.targetoptions, self._signatures, self._frozen)

    def __repr__(self):
        return f"<hotloop.DUFunc {self.__name__!r}>"


def _rebuild(function, identity, options, signatures, frozen):
    """Return a DUFunc as it was pickled."""
    options = dict(options)
    dufunc = DUFunc(function, identity=identity, cache=options.pop("cache"), targetoptions=options)
    for args, result in signatures:
        dufunc.add(result(*args))
    dufunc._frozen = frozen
    return dufunc


def _override(ufunc, method, args, kwargs):
    """Return what an argument's own ``__array_ufunc__`` makes of the call, or NotImplemented."""
    out = kwargs.get("out", ())
    for value in (*args, *(out if isinstance(out, tuple) else (out,))):
        override = getattr(type(value), "__array_ufunc__", None)
        if override is not None and override is not numpy.ndarray.__array_ufunc__:
            result = override(value, ufunc, method, *args, **kwargs)
            if result is not NotImplemented:
                return result
    return NotImplemented


def _number_type(value):
    """Return the type of a number, or of the numbers in an array or sequence."""
    if not isinstance(value, numpy.ndarray | numpy.generic | int | float | complex):
        value = numpy.asarray(value)
    found = typeof(value)
    return found.dtype if isinstance(found, types.Array) else found
