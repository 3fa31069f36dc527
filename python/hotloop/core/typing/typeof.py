"""The type of a Python value.

The C core says what it compiles a value as; what it has no type for yet is looked up here, so that `typeof`
gives Numba's answer for it too.  The table goes by class and is walked along the value's method resolution
order.
"""

from ... import _hotloop
from .. import types
from ..errors import NumbaNotImplementedError, NumbaTypeError, NumbaValueError
from ..typetext import UnknownText, from_text


def typeof(val, purpose=None):
    """Return the type a value has as an argument of a compiled function.

    Parameters
    ----------
    val : object
        Any value.
    purpose : object, optional
        Accepted for Numba's sake.

    Returns
    -------
    Type
        The type; ValueError is raised when there is none.

    Examples
    --------
    >>> typeof(1), typeof((1.5, True))
    (int64, Tuple((float64, bool)))
    """
    found = _typeof(val)
    if found is None:
        raise ValueError(f"Cannot determine Numba type of {type(val)}")
    return found


def _typeof(val):
    """Return the type of *val* or None."""
    if not _needs_python(type(val)):
        try:
            text = _hotloop.typeof(val)
            if text != "object":
                return types.unliteral(from_text(text))
        except (ValueError, UnknownText):
            pass
    for cls in type(val).__mro__:
        rule = _rules().get(cls)
        if rule is not None:
            found = rule(val)
            if found is not None:
                return found
    return getattr(val, "_numba_type_", None)


def _needs_python(cls):
    """Whether the core must not be asked.

    Masked arrays look like arrays to it, named tuples like tuples, a step of 1 makes another slice, and
    nothing is known of what an empty list or set holds.
    """
    return (
        cls in (slice, list, set)
        or cls is not tuple
        and (issubclass(cls, tuple) or any(base.__name__ == "MaskedArray" for base in cls.__mro__))
    )


def _int(val):
    """Integers have 64 bits, unsigned when only that fits."""
    if -(1 << 63) <= val < 1 << 63:
        return types.int64
    if 0 <= val < 1 << 64:
        return types.uint64
    raise ValueError(f"Int value is too large: {val}")


def _tuple(val):
    """Tuples of what has a type."""
    items = [_typeof(item) for item in val]
    return None if None in items else types.BaseTuple.from_types(items, type(val))


def _items(kind, val):
    """The type of a container's first item."""
    if not val:
        raise ValueError(f"Cannot type empty {kind}")
    first = next(iter(val))
    found = _typeof(first)
    if found is None:
        raise ValueError(f"Cannot type {kind} element type {type(first)}")
    return found


def _slice(val):
    """Slices with or without a step."""
    return types.slice2_type if val.step in (None, 1) else types.slice3_type


def _array(val):
    """Arrays of dtypes the core has no type for, such as records."""
    from ...np.numpy_support import from_dtype, map_layout

    if any(base.__name__ == "MaskedArray" for base in type(val).__mro__):
        raise NumbaTypeError("Unsupported array type: numpy.ma.MaskedArray.")
    try:
        dtype = from_dtype(val.dtype)
    except NumbaNotImplementedError:
        raise NumbaValueError(f"Unsupported array dtype: {val.dtype}") from None
    return types.Array(dtype, val.ndim, map_layout(val), readonly=not val.flags.writeable)


def _numpy_scalar(val):
    """NumPy scalars other than the core's."""
    from ...np.numpy_support import from_dtype

    try:
        return from_dtype(val.dtype)
    except NumbaNotImplementedError:
        return None


def _dtype(val):
    """A dtype as a value."""
    from ...np.numpy_support import from_dtype

    return types.DType(from_dtype(val))


def _class(val):
    """Classes: exceptions, named tuples, NumPy's scalars, types."""
    import numpy

    from ...np.numpy_support import from_dtype

    if issubclass(val, BaseException):
        return types.ExceptionClass(val)
    if issubclass(val, tuple) and hasattr(val, "_asdict"):
        return types.NamedTupleClass(val)
    if issubclass(val, numpy.generic):
        return types.NumberClass(from_dtype(val))
    return types.TypeRef(val) if issubclass(val, types.Type) else None


def _enum_class(cls):
    """Enum classes whose members' values have one type."""
    import enum

    dtypes = {typeof(member.value) for member in cls.__members__.values()}
    if not dtypes:
        raise ValueError("Cannot type enum with no members")
    if len(dtypes) > 1:
        raise ValueError(
            f"Cannot type heterogeneous enum: got value types {', '.join(sorted(map(str, dtypes)))}"
        )
    make = types.IntEnumClass if issubclass(cls, enum.IntEnum) else types.EnumClass
    return make(cls, dtypes.pop())


def _type_object(val):
    """A type as a value."""
    if isinstance(val, (types.Number, types.Boolean)):
        return types.NumberClass(val)
    return types.TypeRef(val)


def _buffer(make):
    """Return the rule for a class with the buffer protocol, of one dimension and C order."""

    def rule(val):
        import numpy

        from ...np.numpy_support import from_dtype

        view = memoryview(val)
        layout = "C" if view.c_contiguous else "F" if view.f_contiguous else "A"
        return make(from_dtype(numpy.asarray(view).dtype), view.ndim, layout, readonly=view.readonly)

    return rule


_table = None


def _rules():
    """Return the table class -> rule; made when first needed, for it names classes of slow modules."""
    global _table
    if _table is None:
        import array
        import enum

        import numpy

        _table = {
            bool: lambda val: types.boolean,
            int: _int,
            float: lambda val: types.float64,
            complex: lambda val: types.complex128,
            str: lambda val: types.unicode_type,
            type(None): lambda val: types.none,
            type(Ellipsis): lambda val: types.ellipsis,
            type(_int.__code__): lambda val: types.code_type,
            tuple: _tuple,
            list: lambda val: types.List(_items("list", val), reflected=True),
            set: lambda val: types.Set(_items("set", val), reflected=True),
            slice: _slice,
            type: _class,
            bytes: _buffer(types.Bytes),
            bytearray: _buffer(types.ByteArray),
            memoryview: _buffer(types.MemoryView),
            array.array: _buffer(types.PyArray),
            enum.EnumMeta: _enum_class,
            enum.IntEnum: lambda val: _enum_class(type(val)).member_type,
            enum.Enum: lambda val: _enum_class(type(val)).member_type,
            numpy.ndarray: _array,
            numpy.bytes_: _numpy_scalar,
            numpy.generic: _numpy_scalar,
            numpy.dtype: _dtype,
            types.Literal: lambda val: val,
            types.TypeRef: lambda val: val,
            types.NumberClass: lambda val: val,
            types.Type: _type_object,
        }
    return _table
