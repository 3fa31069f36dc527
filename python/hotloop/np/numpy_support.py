"""NumPy dtypes to types and back."""

import numpy

from ..core import types
from ..core.errors import NumbaNotImplementedError

numpy_version = tuple(map(int, numpy.__version__.split(".")[:2]))

_PLAIN = {
    numpy.dtype(name): getattr(types, name)
    for name in """bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64
    complex64 complex128""".split()
}
_PLAIN[numpy.dtype(object)] = types.pyobject


def from_dtype(dtype):
    """Return the type that stands for a NumPy dtype.

    Examples
    --------
    >>> from_dtype(numpy.dtype("f4"))
    float32
    """
    if type(dtype) is type and issubclass(dtype, numpy.generic):
        dtype = numpy.dtype(dtype)
    if not isinstance(dtype, numpy.dtype):
        raise NumbaNotImplementedError(dtype)
    if dtype.fields is not None:
        return from_struct_dtype(dtype)
    if dtype.subdtype is not None:
        return types.NestedArray(from_dtype(dtype.subdtype[0]), dtype.shape)
    found = _PLAIN.get(dtype) or _from_sized_dtype(dtype)
    if found is None or not dtype.isnative:
        raise NumbaNotImplementedError(dtype)
    return found


def _from_sized_dtype(dtype):
    """Return the type of a text or datetime dtype, None for any other."""
    if dtype.char == "S":
        return types.CharSeq(dtype.itemsize)
    if dtype.char == "U":
        return types.UnicodeCharSeq(dtype.itemsize // 4)
    if dtype.char in "mM":
        unit, step = numpy.datetime_data(dtype)
        if step == 1:
            make = types.NPTimedelta if dtype.char == "m" else types.NPDatetime
            return make("" if unit == "generic" else unit)
    return None


def from_struct_dtype(dtype):
    """Return the record type of a structured dtype."""
    if dtype.hasobject:
        raise NumbaNotImplementedError("dtypes that contain object are not supported.")
    fields = []
    for name, info in dtype.fields.items():
        title = info[2] if len(info) == 3 else None
        fields.append((name, {"type": from_dtype(info[0]), "offset": info[1], "title": title}))
    return types.Record(fields, dtype.itemsize, dtype.isalignedstruct)


def as_dtype(nbtype):
    """Return the NumPy dtype that stands for a type.

    Examples
    --------
    >>> as_dtype(types.NPDatetime("s"))
    dtype('<M8[s]')
    """
    nbtype = types.unliteral(nbtype)
    if isinstance(nbtype, (types.Number, types.Boolean)):
        return numpy.dtype(nbtype.name)
    if isinstance(nbtype, (types.NPDatetime, types.NPTimedelta)):
        return numpy.dtype(nbtype.type_name + (f"[{nbtype.unit}]" if nbtype.unit else ""))
    if isinstance(nbtype, (types.CharSeq, types.UnicodeCharSeq)):
        return numpy.dtype(("S" if isinstance(nbtype, types.CharSeq) else "U") + str(nbtype.count))
    if isinstance(nbtype, types.Record):
        return as_struct_dtype(nbtype)
    if isinstance(nbtype, types.NestedArray):
        return numpy.dtype((as_dtype(nbtype.dtype), tuple(nbtype.shape)))
    if isinstance(nbtype, (types.EnumMember, types.DType, types.NumberClass)):
        return as_dtype(nbtype.dtype)
    if isinstance(nbtype, types.PyObject):
        return numpy.dtype(object)
    raise NumbaNotImplementedError(f"{nbtype} cannot be represented as a NumPy dtype")


def as_struct_dtype(rec):
    """Return the structured dtype that stands for a record type."""
    names = [name for name, _ in rec.members if not rec.is_title(name)]
    fields = {
        "names": names,
        "formats": [as_dtype(rec.typeof(name)) for name in names],
        "offsets": [rec.offset(name) for name in names],
        "itemsize": rec.size,
        "titles": [rec.fields[name].title for name in names],
    }
    return numpy.dtype(fields, align=rec.aligned)


def map_layout(val):
    """Return the layout letter of an array."""
    if val.flags["C_CONTIGUOUS"]:
        return "C"
    return "F" if val.flags["F_CONTIGUOUS"] else "A"


def is_array(val):
    """Whether *val* is a NumPy array."""
    return isinstance(val, numpy.ndarray)
