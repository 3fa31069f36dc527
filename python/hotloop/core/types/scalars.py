"""Numbers, booleans, their literals, datetimes and enum members."""

from functools import total_ordering

from .abstract import Dummy, Hashable, Literal, Number, Type


def _numpy_scalar(name, value):
    """Return *value* as the NumPy scalar type *name*."""
    import numpy

    return getattr(numpy, name)(value)


class Boolean(Hashable):
    """True or False."""

    def cast_python_value(self, value):
        """Return ``bool(value)``."""
        return bool(value)


def parse_integer_bitwidth(name):
    """Return the number of bits in a name such as ``uint8``; None for another kind of name."""
    digits = name.lstrip("u")[3:]
    return int(digits) if name.startswith(("int", "uint")) else None


def parse_integer_signed(name):
    """Whether *name* is that of a signed type."""
    return name.startswith("int")


class _Ordered(Number):
    """A number type that is smaller than one of its kind with more bits."""

    def cast_python_value(self, value):
        """Return *value* as a NumPy scalar."""
        return _numpy_scalar(self.name, value)

    def __lt__(self, other):
        if self.__class__ is not other.__class__:
            return NotImplemented
        return self.bitwidth < other.bitwidth


@total_ordering
class Integer(_Ordered):
    """An integer of `bitwidth` bits, `signed` or not."""

    def __init__(self, name, bitwidth=None, signed=None):
        super().__init__(name)
        self.bitwidth = parse_integer_bitwidth(name) if bitwidth is None else bitwidth
        self.signed = parse_integer_signed(name) if signed is None else signed

    @classmethod
    def from_bitwidth(cls, bitwidth, signed=True):
        """Return the integer type of *bitwidth* bits."""
        return cls(f"{'int' if signed else 'uint'}{bitwidth}")

    def __lt__(self, other):
        if self.__class__ is not other.__class__ or self.signed != other.signed:
            return NotImplemented
        return self.bitwidth < other.bitwidth

    @property
    def maxval(self):
        """The largest value."""
        return (1 << (self.bitwidth - self.signed)) - 1

    @property
    def minval(self):
        """The smallest value."""
        return -(1 << (self.bitwidth - 1)) if self.signed else 0


class IntegerLiteral(Literal, Integer):
    """The type of one integer."""

    def __init__(self, value):
        self._literal_init(value)
        base = self.literal_type
        Integer.__init__(self, f"Literal[int]({value})", bitwidth=base.bitwidth, signed=base.signed)


class BooleanLiteral(Literal, Boolean):
    """The type of True or of False."""

    def __init__(self, value):
        self._literal_init(value)
        Boolean.__init__(self, f"Literal[bool]({value})")


Literal.ctor_map[int] = IntegerLiteral
Literal.ctor_map[bool] = BooleanLiteral


@total_ordering
class Float(_Ordered):
    """A floating-point number of `bitwidth` bits."""

    def __init__(self, name):
        super().__init__(name)
        assert name.startswith("float")
        self.bitwidth = int(name[5:])


@total_ordering
class Complex(_Ordered):
    """A complex number of two `underlying_float`."""

    def __init__(self, name, underlying_float):
        super().__init__(name)
        assert name.startswith("complex")
        self.underlying_float = underlying_float
        self.bitwidth = int(name[7:])


# Units from coarse to fine, with the numbers NumPy gives them.
_DATETIME_UNITS = "Y M W . D h m s ms us ns ps fs as".split()
DATETIME_UNITS = {unit: code for code, unit in enumerate(_DATETIME_UNITS) if unit != "."}
DATETIME_UNITS["generic"] = DATETIME_UNITS[""] = 14


class _NPDatetimeBase(Type):
    """What datetime64 and timedelta64 have in common: a `unit`."""

    def __init__(self, unit):
        self.unit = unit
        self.unit_code = DATETIME_UNITS[unit]
        super().__init__(f"{self.type_name}[{unit}]")

    def __lt__(self, other):
        if self.__class__ is not other.__class__:
            return NotImplemented
        return self.unit_code < other.unit_code

    def cast_python_value(self, value):
        """Return *value* as a NumPy scalar."""
        import numpy

        return getattr(numpy, self.type_name)(value, *([self.unit] if self.unit else []))


@total_ordering
class NPTimedelta(_NPDatetimeBase):
    """A ``numpy.timedelta64``."""

    type_name = "timedelta64"


@total_ordering
class NPDatetime(_NPDatetimeBase):
    """A ``numpy.datetime64``."""

    type_name = "datetime64"


def _init_enum(self, cls, dtype):
    """Set what an enum class and its members have in common."""
    assert isinstance(cls, type)
    assert isinstance(dtype, Type)
    self.instance_class = cls
    self.dtype = dtype
    Type.__init__(self, f"{self.basename}<{dtype}>({cls.__name__})")


class EnumClass(Dummy):
    """An enum class whose members have values of type `dtype`."""

    basename = "Enum class"
    __init__ = _init_enum

    @property
    def key(self):
        return self.instance_class, self.dtype

    @property
    def member_type(self):
        """The type of the members."""
        return EnumMember(self.instance_class, self.dtype)


class IntEnumClass(EnumClass):
    """An ``IntEnum`` class."""

    basename = "IntEnum class"

    @property
    def member_type(self):
        """The type of the members."""
        return IntEnumMember(self.instance_class, self.dtype)


class EnumMember(Type):
    """A member of an enum."""

    basename = "Enum"
    class_type_class = EnumClass
    __init__ = _init_enum

    @property
    def key(self):
        return self.instance_class, self.dtype

    @property
    def class_type(self):
        """The type of the class."""
        return self.class_type_class(self.instance_class, self.dtype)


class IntEnumMember(EnumMember):
    """A member of an ``IntEnum``."""

    basename = "IntEnum"
    class_type_class = IntEnumClass
