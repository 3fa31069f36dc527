"""None, optional, omitted arguments, literals, text, slices, modules, pointers, exceptions."""

from ..errors import LiteralTypingError
from .abstract import Callable, Dummy, Hashable, IterableType, Literal, Type, hashable_key
from .common import Opaque, SimpleIteratorType


class PyObject(Dummy):
    """Any Python object."""

    def is_precise(self):
        return False


class Phantom(Dummy):
    """Has no value at run time."""


class Undefined(Dummy):
    """Not known yet."""

    def is_precise(self):
        return False


class UndefVar(Dummy):
    """A variable without a value."""


class RawPointer(Opaque):
    """A pointer to something unknown."""


class StringLiteral(Literal, Dummy):
    """The type of one text."""


Literal.ctor_map[str] = StringLiteral


def unliteral(lit_type):
    """Return the type that values of a literal type have when they are not known; other types as they are."""
    if hasattr(lit_type, "__unliteral__"):
        return lit_type.__unliteral__()
    return getattr(lit_type, "literal_type", lit_type)


def literal(value):
    """Return the literal type of *value*.

    Examples
    --------
    >>> literal(3)
    Literal[int](3)
    """
    if isinstance(value, Literal):
        raise ValueError(f"the function does not accept a Literal type; got {value} ({type(value)})")
    try:
        make = Literal.ctor_map[type(value)]
    except KeyError:
        raise LiteralTypingError(f"{type(value)} cannot be used as a literal") from None
    return make(value)


def maybe_literal(value):
    """Return the literal type of *value*, or None when there is none."""
    try:
        return literal(value)
    except LiteralTypingError:
        return None


class Omitted(Opaque):
    """An argument that was left out; `value` is its default."""

    def __init__(self, value):
        self._value = value
        self._value_key = hashable_key(value)
        super().__init__(f"omitted(default={value!r})")

    @property
    def key(self):
        return type(self._value), self._value_key

    @property
    def value(self):
        """The default."""
        return self._value


class VarArg(Type):
    """Any number of arguments of one type at the end of a signature."""

    def __init__(self, dtype):
        self.dtype = dtype
        super().__init__(f"*{dtype}")

    @property
    def key(self):
        return self.dtype


class Module(Dummy):
    """A Python module."""

    def __init__(self, pymod):
        self.pymod = pymod
        super().__init__(f"Module({pymod})")

    @property
    def key(self):
        return self.pymod


class CPointer(Type):
    """A pointer to values of type `dtype`."""

    mutable = True

    def __init__(self, dtype, addrspace=None):
        self.dtype = dtype
        self.addrspace = addrspace
        super().__init__(f"{dtype}*" if addrspace is None else f"{dtype}_{addrspace}*")

    @property
    def key(self):
        return self.dtype, self.addrspace


class Optional(Type):
    """A value of `type`, or None."""

    def __init__(self, typ):
        assert not isinstance(typ, (Optional, NoneType))
        self.type = unliteral(typ)
        super().__init__(f"OptionalType({self.type})")

    @property
    def key(self):
        return self.type


class NoneType(Opaque):
    """None."""


class EllipsisType(Opaque):
    """Ellipsis."""


class NumPyRandomGeneratorType(Opaque):
    """numpy.random.Generator."""

    def __init__(self):
        super().__init__("NumPyRandomGeneratorType")


class Tensor(Opaque):
    """A tensor of torch whose memory is that array; Numba has no such type."""

    def __init__(self, array):
        self.array = array
        super().__init__(str(array).replace("array", "tensor", 1))


class ExceptionClass(Callable, Phantom):
    """An exception class."""

    def __init__(self, exc_class):
        assert issubclass(exc_class, BaseException)
        self.exc_class = exc_class
        super().__init__(exc_class.__name__)

    @property
    def key(self):
        return self.exc_class


class ExceptionInstance(Phantom):
    """An exception."""

    def __init__(self, exc_class):
        assert issubclass(exc_class, BaseException)
        self.exc_class = exc_class
        super().__init__(f"{exc_class.__name__}(...)")

    @property
    def key(self):
        return self.exc_class


class SliceType(Type):
    """A slice with 2 (start, stop) or 3 (and step) `members`."""

    def __init__(self, name, members):
        assert members in (2, 3)
        self.members = members
        self.has_step = members >= 3
        super().__init__(name)

    @property
    def key(self):
        return self.members


class SliceLiteral(Literal, SliceType):
    """The type of one slice."""

    def __init__(self, value):
        self._literal_init(value)
        SliceType.__init__(self, f"Literal[slice]({value})", 2 if value.step is None else 3)

    @property
    def key(self):
        value = self.literal_value
        return value.start, value.stop, value.step


Literal.ctor_map[slice] = SliceLiteral


class DeferredType(Type):
    """A type that is said later, with `define`."""

    def __init__(self):
        self._define = None
        super().__init__(f"{type(self).__name__}#{id(self)}")

    def get(self):
        """Return the type this one stands for."""
        if self._define is None:
            raise RuntimeError("deferred type not defined")
        return self._define

    def define(self, typ):
        """Say, once, which type this one stands for."""
        if self._define is not None:
            raise TypeError("deferred type already defined")
        if not isinstance(typ, Type):
            raise TypeError(f"arg is not a Type; got: {type(typ)}")
        self._define = typ


class UnicodeType(IterableType, Hashable):
    """Text."""

    @property
    def iterator_type(self):
        """The type of ``iter(x)``."""
        return UnicodeIteratorType(self)


class UnicodeIteratorType(SimpleIteratorType):
    """Iterates over the characters of a text."""

    def __init__(self, dtype):
        self.data = dtype
        super().__init__("iter_unicode", dtype)
