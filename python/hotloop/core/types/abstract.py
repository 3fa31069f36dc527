"""What every type object has, and the abstract classes of the hierarchy (Numba's names).

A type is known by its class and its `key`: two types with the same are equal, and even the same object, for
types are interned when made (while anything uses them).  These classes describe types to Python code; the
compiler has its own in C, and `hotloop.core.typetext` translates between the two.
"""

from itertools import count
from weakref import WeakValueDictionary

_codes = count()
_interned = WeakValueDictionary()


def _intern(inst):
    """Return the type equal to *inst* that was made first, which may be *inst* itself."""
    key = type(inst), inst.key
    known = _interned.get(key)
    if known is None:
        inst._code = next(_codes)
        known = _interned[key] = inst
    return known


def _rebuild(cls, state):
    """Make a type from its pickled attributes."""
    inst = object.__new__(cls)
    inst.__dict__.update(state)
    return _intern(inst)


class _TypeMeta(type):
    """Interns the types that its classes make; knows whether a class belongs to hotloop."""

    def __init__(cls, name, bases, namespace):
        super().__init__(name, bases, namespace)
        cls._is_internal = cls.__module__.split(".")[0] == "hotloop"

    def __call__(cls, *args, **kwargs):
        return _intern(type.__call__(cls, *args, **kwargs))


class Type(metaclass=_TypeMeta):
    """Base class of all types.

    Parameters
    ----------
    name : str
        How the type is shown; also its `key` unless the class says otherwise.
    """

    mutable = False
    reflected = False

    def __init__(self, name):
        self.name = name

    @property
    def key(self):
        """What tells two types of one class apart; hashable."""
        return self.name

    @property
    def mangling_args(self):
        """The name and the parameters a mangled name is made from."""
        return self.name, ()

    @property
    def is_internal(self):
        """Whether the class was defined by hotloop itself."""
        return self._is_internal

    def __repr__(self):
        return self.name

    def __str__(self):
        return self.name

    def __hash__(self):
        return hash(self.key)

    def __eq__(self, other):
        return self.__class__ is other.__class__ and self.key == other.key

    def __ne__(self, other):
        return not self == other

    def __reduce__(self):
        state = {name: value for name, value in self.__dict__.items() if name != "_code"}
        return _rebuild, (type(self), state)

    def is_precise(self):
        """Whether type inference may end with this type."""
        return True

    def __call__(self, *args):
        """Make a signature that returns this type, or convert one Python value to this type."""
        if len(args) == 1 and not isinstance(args[0], Type):
            return self.cast_python_value(args[0])
        from ..typing import signature

        return signature(self, *args)

    def __getitem__(self, args, /):
        """Return the type of arrays of this type: ``t[:]``, ``t[:, ::1]`` (C), ``t[::1, :]`` (F)."""
        from .npytypes import Array

        ndim, layout = _array_spec(args)
        return Array(self, ndim, layout)

    def cast_python_value(self, args, /):
        """Convert a Python value to this type."""
        raise NotImplementedError(f"values cannot be converted to {self}")

    def dump(self, tab=""):
        """Print the class, the code and the name."""
        print(f"{tab}DUMP {type(self).__name__}[code={self._code}, name={self.name}]")


def _is_whole(item):
    """Whether *item* is a slice without start and stop."""
    return isinstance(item, slice) and item.start is None and item.stop is None


def _array_spec(args):
    """Return number of dimensions and layout of the array that ``type[args]`` means."""
    items = args if isinstance(args, (tuple, list)) else (args,)
    if not all(map(_is_whole, items)):
        raise KeyError(f"Can only index numba types with slices with no start or stop, got {args}.")
    if len(items) > 1 and items[0].step == 1:
        return len(items), "F"
    return len(items), "C" if items[-1].step == 1 else "A"


class Dummy(Type):
    """A type without a native representation."""


class Hashable(Type):
    """A type whose values can be hashed."""


class Number(Hashable):
    """A number."""


class Callable(Type):
    """Something that can be called."""


class DTypeSpec(Type):
    """Usable as the ``dtype`` argument of NumPy functions; has `dtype`."""


class IterableType(Type):
    """Can be iterated over; has `iterator_type`."""


class Sized(Type):
    """Has a length."""


class ConstSized(Sized):
    """Has a length that is part of the type."""


class IteratorType(IterableType):
    """An iterator; has `yield_type`."""

    @property
    def iterator_type(self):
        """An iterator is its own iterator."""
        return self


class Container(Sized, IterableType):
    """A container."""


class Sequence(Container):
    """A one-dimensional sequence; has `dtype`."""


class MutableSequence(Sequence):
    """A one-dimensional sequence that can be changed; has `dtype`."""

    mutable = True


class ArrayCompatible(Type):
    """Can stand where an array is wanted; has `as_array`."""

    array_priority = 0.0


class Literal(Type):
    """The type of one value, made by `literal`; has `literal_value` and `literal_type`."""

    ctor_map = {}
    _literal_type_cache = None

    def __init__(self, value):
        if type(self) is Literal:
            raise TypeError("Cannot be constructed directly. Use `numba.types.literal(value)` instead")
        self._literal_init(value)
        super().__init__(f"Literal[{type(value).__name__}]({value})")

    def _literal_init(self, value):
        self._literal_value = value
        self._key = hashable_key(value)

    @property
    def literal_value(self):
        """The value."""
        return self._literal_value

    @property
    def literal_type(self):
        """The type such a value has when it is not known."""
        if self._literal_type_cache is None:
            self._literal_type_cache = self._find_literal_type()
        return self._literal_type_cache

    def _find_literal_type(self):
        from ..typing.typeof import typeof

        try:
            return typeof(self.literal_value)
        except ValueError as error:
            if "Int value is too large" in str(error):
                raise TypeError(f"Cannot create literal type. {error}") from None
            raise AttributeError(f"{self} has no attribute 'literal_type'") from None


class TypeRef(Dummy):
    """A type used as a value."""

    def __init__(self, instance_type):
        self.instance_type = instance_type
        super().__init__(f"typeref[{instance_type}]")

    @property
    def key(self):
        return self.instance_type


class InitialValue:
    """Mixin: the type remembers a container's first contents as `initial_value`."""

    def __init__(self, initial_value):
        self._initial_value = initial_value

    @property
    def initial_value(self):
        """The contents the container was written with, or None."""
        return self._initial_value


class Poison(Type):
    """A type that fits with no other."""

    def __init__(self, ty):
        self.ty = ty
        super().__init__(f"Poison<{ty}>")

    def __unliteral__(self):
        return Poison(self)


def hashable_key(value):
    """Return *value*, or its identity when it cannot be hashed."""
    try:
        hash(value)
    except TypeError:
        return id(value)
    return value
