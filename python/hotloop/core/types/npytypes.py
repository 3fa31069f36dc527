"""NumPy's types: arrays, records, fixed-length text, dtypes, and iterators over arrays."""

from collections import namedtuple

from .abstract import DTypeSpec, IteratorType, MutableSequence, Number, Type
from .common import Buffer, Opaque, SimpleIteratorType


class CharSeq(Type):
    """Bytes of a fixed length, dtype ``S``."""

    mutable = True

    def __init__(self, count):
        self.count = count
        super().__init__(f"[char x {count}]")

    @property
    def key(self):
        return self.count


class UnicodeCharSeq(Type):
    """Text of a fixed length, dtype ``U``."""

    mutable = True

    def __init__(self, count):
        self.count = count
        super().__init__(f"[unichr x {count}]")

    @property
    def key(self):
        return self.count

    def __repr__(self):
        return f"UnicodeCharSeq({self.count})"


_RecordField = namedtuple("_RecordField", "type,offset,alignment,title")


class Record(Type):
    """A structured value.

    Parameters
    ----------
    fields : iterable of (str, dict)
        Names and, for each, ``type``, ``offset`` and perhaps ``alignment`` and ``title``.
    size : int
        Size in bytes.
    aligned : bool
        Whether the fields lie as in C.
    """

    mutable = True

    def __init__(self, fields, size, aligned):
        self.fields = dict(_ordered_fields(fields))
        self.size = size
        self.aligned = aligned
        shown = ",".join(_show_field(name, field) for name, field in self.fields.items())
        super().__init__(f"Record({shown};{size};{aligned})")
        self.bitwidth = self.dtype.itemsize * 8

    @classmethod
    def make_c_struct(cls, name_types):
        """Return the record that has these (name, type) pairs where a C compiler would put them."""
        from ...np.numpy_support import as_dtype

        fields, offset, most = [], 0, 1
        for name, ty in name_types:
            if not isinstance(ty, (Number, NestedArray)):
                raise TypeError(f"Only Number and NestedArray types are supported, found: {ty}. ")
            dtype = as_dtype(ty)
            offset += -offset % dtype.alignment
            fields.append((name, {"type": ty, "offset": offset, "alignment": dtype.alignment}))
            offset += dtype.itemsize
            most = max(most, dtype.alignment)
        return cls(fields, size=offset + -offset % most, aligned=True)

    def __len__(self):
        return len(self.fields)

    def offset(self, key):
        """Return where a field begins, in bytes."""
        return self.fields[key].offset

    def typeof(self, key):
        """Return the type of a field."""
        return self.fields[key].type

    def alignof(self, key):
        """Return the alignment of a field, or None."""
        return self.fields[key].alignment

    def has_titles(self):
        """Whether a field has a title."""
        return any(field.title is not None for field in self.fields.values())

    def is_title(self, key):
        """Whether *key* is the title of a field."""
        return self.fields[key].title == key

    @property
    def members(self):
        """The fields as (name, type), by their place."""
        return [
            (name, field.type) for name, field in sorted(self.fields.items(), key=lambda item: item[1].offset)
        ]

    @property
    def dtype(self):
        """NumPy's dtype for this record."""
        from ...np.numpy_support import as_struct_dtype

        return as_struct_dtype(self)

    def __repr__(self):
        fields = ", ".join(
            f"('{name}', {{'type': {f.type!r}, 'offset': {f.offset}, 'alignment': {f.alignment}, "
            f"'title': {f.title}, }})"
            for name, f in self.fields.items()
        )
        return f"Record([{fields}], {self.size}, {self.aligned})"


def _ordered_fields(fields):
    """Return the fields by place and name, as (name, _RecordField)."""
    for name, infos in sorted(fields, key=lambda item: (item[1]["offset"], item[0])):
        yield name, _RecordField(infos["type"], infos["offset"], infos.get("alignment"), infos.get("title"))


def _show_field(name, field):
    """Return a field as a record's name shows it."""
    extra = ""
    if field.alignment is not None:
        extra = f";alignment={field.alignment}"
    elif field.title is not None:
        extra = f";title={field.title}"
    return f"{name}[type={field.type};offset={field.offset}{extra}]"


class DType(DTypeSpec, Opaque):
    """A ``numpy.dtype`` as a value."""

    def __init__(self, dtype):
        assert isinstance(dtype, Type)
        self._dtype = dtype
        super().__init__(f"dtype({dtype})")

    @property
    def key(self):
        return self.dtype

    @property
    def dtype(self):
        """The type meant."""
        return self._dtype

    def __getitem__(self, arg):
        return self.dtype[arg]


class NumpyFlatType(SimpleIteratorType, MutableSequence):
    """``a.flat``."""

    def __init__(self, arrty):
        self.array_type = arrty
        self.dtype = arrty.dtype
        super().__init__(f"array.flat({arrty})", arrty.dtype)

    @property
    def key(self):
        return self.array_type


class NumpyNdEnumerateType(SimpleIteratorType):
    """``numpy.ndenumerate(a)``."""

    def __init__(self, arrty):
        from . import Tuple, UniTuple, intp

        self.array_type = arrty
        super().__init__(f"ndenumerate({arrty})", Tuple((UniTuple(intp, arrty.ndim), arrty.dtype)))

    @property
    def key(self):
        return self.array_type


class NumpyNdIndexType(SimpleIteratorType):
    """``numpy.ndindex(...)``."""

    def __init__(self, ndim):
        from . import UniTuple, intp

        self.ndim = ndim
        super().__init__(f"ndindex(ndim={ndim})", UniTuple(intp, ndim))

    @property
    def key(self):
        return self.ndim


class NumpyNdIterType(IteratorType):
    """``numpy.nditer(...)`` over arrays and scalars."""

    def __init__(self, arrays):
        self.arrays = tuple(arrays)
        self.dtypes = tuple(getattr(a, "dtype", a) for a in self.arrays)
        self.ndim = max(getattr(a, "ndim", 0) for a in self.arrays)
        layouts = [a.layout for a in self.arrays if isinstance(a, Array) and a.ndim > 1]
        self.layout = "F" if layouts.count("F") > layouts.count("C") else "C"
        super().__init__(f"nditer(ndim={self.ndim}, layout={self.layout}, inputs={self.arrays})")

    @property
    def key(self):
        return self.arrays

    @property
    def views(self):
        """The 0-d arrays it yields."""
        return [Array(dtype, 0, "C") for dtype in self.dtypes]

    @property
    def yield_type(self):
        """The type of ``next(x)``."""
        from . import BaseTuple

        return BaseTuple.from_types(self.views) if len(self.views) > 1 else self.views[0]


class Array(Buffer):
    """A NumPy array.

    Parameters
    ----------
    dtype : Type
        The type of the items.
    ndim : int
        The number of dimensions.
    layout : {'C', 'F', 'A'}
        C order, Fortran order, or any strides.
    readonly : bool, optional
        Whether writing is refused.
    name : str, optional
        How to show it, if not as usual.
    aligned : bool, optional
        Whether the items lie at multiples of their size.
    """

    def __init__(self, dtype, ndim, layout, readonly=False, name=None, aligned=True):
        if readonly:
            self.mutable = False
        if not aligned or (isinstance(dtype, Record) and not dtype.aligned):
            self.aligned = False
        if isinstance(dtype, NestedArray):
            ndim += dtype.ndim
            dtype = dtype.dtype
        if name is None:
            kind = ("" if self.aligned else "unaligned ") + ("" if self.mutable else "readonly ") + "array"
            name = f"{kind}({dtype}, {ndim}d, {layout})"
        super().__init__(dtype, ndim, layout, name=name)

    @property
    def mangling_args(self):
        flags = ["mutable" if self.mutable else "readonly", "aligned" if self.aligned else "unaligned"]
        return type(self).__name__, [self.dtype, self.ndim, self.layout, *flags]

    def copy(self, dtype=None, ndim=None, layout=None, readonly=None):
        """Return this type with some of its parameters changed."""
        return Array(
            self.dtype if dtype is None else dtype,
            self.ndim if ndim is None else ndim,
            self.layout if layout is None else layout,
            readonly=not self.mutable if readonly is None else readonly,
            aligned=self.aligned,
        )

    @property
    def key(self):
        return self.dtype, self.ndim, self.layout, self.mutable, self.aligned

    def is_precise(self):
        return self.dtype.is_precise()

    @property
    def box_type(self):
        """The Python class of such values."""
        import numpy

        return numpy.ndarray

    def __repr__(self):
        return (
            f"Array({self.dtype!r}, {self.ndim}, '{self.layout}', {not self.mutable}, aligned={self.aligned})"
        )


class ArrayCTypes(Type):
    """``a.ctypes``."""

    def __init__(self, arytype):
        self.dtype = arytype.dtype
        self.ndim = arytype.ndim
        super().__init__(f"ArrayCTypes(dtype={self.dtype}, ndim={self.ndim})")

    @property
    def key(self):
        return self.dtype, self.ndim


class ArrayFlags(Type):
    """``a.flags``."""

    def __init__(self, arytype):
        self.array_type = arytype
        super().__init__(f"ArrayFlags({arytype})")

    @property
    def key(self):
        return self.array_type


class NestedArray(Array):
    """An array of a fixed `shape` inside a record."""

    def __init__(self, dtype, shape):
        if isinstance(dtype, NestedArray):
            shape += dtype.shape
            dtype = dtype.dtype
        assert dtype.bitwidth % 8 == 0, "Dtype bitwidth must be a multiple of bytes"
        self._shape = shape
        super().__init__(dtype, len(shape), "C", name=f"nestedarray({dtype}, {shape})")

    @property
    def shape(self):
        """The lengths of the dimensions."""
        return self._shape

    @property
    def nitems(self):
        """How many items there are."""
        from math import prod

        return prod(self.shape)

    @property
    def size(self):
        """The size of an item in bytes."""
        return self.dtype.bitwidth // 8

    @property
    def strides(self):
        """The distances between items in bytes, one for each dimension."""
        from math import prod

        return tuple(self.size * prod(self.shape[dim + 1 :]) for dim in range(len(self.shape)))

    @property
    def key(self):
        return self.dtype, self.shape

    def __repr__(self):
        return f"NestedArray({self.dtype!r}, {self.shape})"
