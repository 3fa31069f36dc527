"""Expressions about types, evaluated under hotloop and under Numba: see `facts` and `compare_with_numba`.

In them are: `types`, `typeof`, `from_dtype`, `np`, and the classes below.
"""

import array
import collections
import enum
import typing

Point = collections.namedtuple("Point", "x y")


class Pixel(typing.NamedTuple):
    """A named tuple with a class body."""

    row: int
    value: float


class Color(enum.Enum):
    """An enum of ints."""

    RED = 1
    BLUE = 2


class Shape(enum.IntEnum):
    """An IntEnum."""

    ROUND = 1


class Mixed(enum.Enum):
    """An enum that has no type."""

    A = 1
    B = 2.5


class Plain:
    """A class without a type."""


SHORT_NAMES = """
int8 int16 int32 int64 uint8 uint16 uint32 uint64 intp uintp intc uintc ssize_t size_t boolean float16 float32
float64 complex64 complex128 bool_ byte char uchar short ushort int_ uint long_ ulong longlong ulonglong
double void none b1 i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8 c8 c16 ffi_forced_object ffi bool pyobject unicode_type
string unknown undefined Any ellipsis voidptr slice2_type slice3_type code_type pyfunc_type range_iter32_type
range_iter64_type range_state32_type range_state64_type unsigned_range_iter64_type unsigned_range_state64_type
np_double np_float_ py_int py_float c_bool
""".split()

ATTRIBUTES = """
name key bitwidth signed maxval minval underlying_float dtype ndim layout mutable aligned is_c_contig
is_f_contig is_contig count types fields literal_value literal_type type value unit unit_code members has_step
size shape strides nitems yield_type iterator_type reflected initial_value item_type key_type value_type
keyvalue_type return_type args instance_type instance_class nargs signature source_type source_types
array_type member_type class_type exc_class is_method recvr addrspace container arrays dtypes views parent
""".split()

ARRAYS = """
types.float64[:]
types.float64[::1]
types.float64[:, :]
types.float64[:, ::1]
types.float64[::1, :]
types.int8[:, :, ::1]
types.bool_[::1]
types.float64[()]
types.Array(types.float64, 0, 'C')
types.Array(types.float64, 1, 'F')
types.Array(types.complex64, 2, 'A', readonly=True)
types.Array(types.int16, 2, 'C', aligned=False)
types.Array(types.int16, 2, 'C', readonly=True, aligned=False)
types.Array(types.float64, 1, 'C').copy(ndim=3, layout='A')
types.Array(types.float64, 1, 'C').copy(readonly=True)
types.Array(types.float64, 1, 'C', readonly=True).copy(dtype=types.int8)
types.Array(types.literal(3), 1, 'C')
types.Array(types.NestedArray(types.int8, (2, 3)), 1, 'C')
types.Array(types.float64, 2, 'C').iterator_type
types.Array(types.float64, 1, 'C').iterator_type
types.Array(types.float64, 2, 'F').as_array
types.NestedArray(types.int16, (2, 3))
types.NestedArray(types.NestedArray(types.int16, (2,)), (3,))
types.ArrayCTypes(types.float64[:])
types.ArrayFlags(types.float64[:])
types.DType(types.float32)
types.NumpyFlatType(types.float64[:, ::1])
types.NumpyNdEnumerateType(types.float64[:, ::1])
types.NumpyNdIndexType(2)
types.NumpyNdIterType([types.float64[:, ::1], types.int8])
types.NumpyNdIterType([types.float64[::1, :], types.float64[::1, :]])
types.Bytes(types.uint8, 1, 'C', readonly=True)
types.ByteArray(types.uint8, 1, 'C')
types.MemoryView(types.uint8, 1, 'C')
types.PyArray(types.float64, 1, 'C')
types.Buffer(types.uint8, 1, 'C')
types.Array(types.Record([('a', {'type': types.int8, 'offset': 0})], 1, False), 1, 'C')
""".strip().split("\n")

CONTAINERS = """
types.Tuple(())
types.Tuple((types.int64,))
types.Tuple((types.int64, types.int64))
types.Tuple((types.int64, types.float64))
types.Tuple([types.Tuple((types.int8, types.bool_)), types.float64[:]])
types.UniTuple(types.int64, 3)
types.UniTuple(types.float64[:], 2)
types.StarArgTuple((types.int8, types.int64))
types.StarArgTuple((types.int8, types.int8))
types.StarArgUniTuple(types.int8, 2)
types.NamedTuple((types.int8, types.int64), Point)
types.NamedUniTuple(types.int8, 2, Point)
types.BaseTuple.from_types((types.int8, types.int8), Point)
types.BaseTuple.from_types((types.int8, types.float32), Point)
types.BaseTuple.from_types((types.int8, types.float32))
types.BaseTuple.from_types(())
types.NamedTupleClass(Point)
types.UniTuple(types.int64, 3)[1]
types.Tuple((types.int64, types.float64))[1]
list(types.Tuple((types.int64, types.float64)))
len(types.UniTuple(types.int64, 3))
bool(types.Tuple(()))
types.UnionType((types.int64, types.int8))
types.Pair(types.int8, types.float64)
types.List(types.int64)
types.List(types.int64, reflected=True)
types.List(types.int64, initial_value=[1])
types.List(types.int64).iterator_type
types.List(types.int64)[0]
types.Set(types.int64)
types.Set(types.int64, reflected=True)
types.Set(types.int64).iterator_type
types.ListType(types.float64)
types.ListType(types.float64).iterator_type
types.ListType(types.literal(1))
types.DictType(types.unicode_type, types.float64)
types.DictType(types.unicode_type, types.float64).iterator_type
types.DictItemsIterableType(types.DictType(types.int8, types.int8))
types.DictKeysIterableType(types.DictType(types.int8, types.int8))
types.DictValuesIterableType(types.DictType(types.int8, types.int8))
types.SetType(types.int64)
types.SetType(types.int64).iterator_type
types.Tuple(3)
types.ListType(types.Optional(types.int8))
types.DictType(types.none, types.int8)
types.DictType(types.int8, types.Optional(types.int8))
types.DictType(types.List(types.int8), types.int8)
types.SetType(types.none)
types.Set(types.float64[:])
""".strip().split("\n")

OTHERS = """
types.literal(3)
types.literal(-3)
types.literal(2**63)
types.literal(True)
types.literal('x')
types.literal(slice(1, 2))
types.literal(slice(None, None, 2))
types.literal(1.5)
types.literal(2**70)
types.literal(types.literal(1))
types.maybe_literal(1.5)
types.maybe_literal(1)
types.Literal(1)
types.unliteral(types.literal(3))
types.unliteral(types.literal('x'))
types.unliteral(types.Tuple((types.literal(1), types.literal(2))))
types.unliteral(types.UniTuple(types.literal(1), 2))
types.unliteral(types.int8)
types.unliteral(types.List(types.int8, initial_value=[1]))
types.literal(3) == types.literal(3)
types.literal(1) == types.literal(True)
types.Optional(types.float64)
types.Optional(types.literal(3))
types.Optional(types.none)
types.Omitted(3)
types.Omitted(None)
types.Omitted(1) == types.Omitted(True)
types.VarArg(types.int8)
types.CPointer(types.int8)
types.CPointer(types.int8, 3)
types.RawPointer('p')
types.SliceType('s', 3)
types.EllipsisType('e')
types.ExceptionClass(ValueError)
types.ExceptionInstance(ValueError)
types.TypeRef(types.int8)
types.NumberClass(types.int8)
types.RangeType(types.int32)
types.RangeIteratorType(types.int32)
types.EnumerateType(types.float64[:])
types.ZipType([types.float64[:], types.int8[:, ::1]])
types.ArrayIterator(types.Array(types.int8, 0, 'C'))
types.UnicodeType('u').iterator_type
types.CharSeq(3)
types.UnicodeCharSeq(3)
types.NPDatetime('s')
types.NPTimedelta('')
types.NPTimedelta('ns')
types.NPDatetime('s') < types.NPDatetime('ns')
types.NPDatetime('D')('2020-01-02')
types.EnumMember(Color, types.int64)
types.IntEnumMember(Shape, types.int64)
types.EnumClass(Color, types.int64)
types.IntEnumClass(Shape, types.int64)
types.EnumMember(Color, types.int64).class_type
types.Record([('a', {'type': types.int8, 'offset': 0}), ('b', {'type': types.float64, 'offset': 8})], 16,
True) types.Record([('b', {'type': types.int8, 'offset': 1, 'alignment': 1}), ('a', {'type': types.int8,
'offset': 0})], 2, False) types.Record.make_c_struct([('a', types.int8), ('b', types.float64), ('c',
types.int16)]) types.Record.make_c_struct([('a', types.int8), ('b', types.NestedArray(types.int32, (2,)))])
types.Record.make_c_struct([('a', types.unicode_type)]) types.Record([('a', {'type': types.int8, 'offset':
0})], 1, False).members types.Record([('a', {'type': types.int8, 'offset': 0})], 1, False).typeof('a')
types.float64(types.int64) types.void() types.void(types.int64, types.float64[:]) types.float64(types.int64)
== types.float64(types.int64) types.float64(types.int64) == types.float64(types.int8)
types.float64(types.int64).replace(return_type=types.int8) types.float64(types.int64, types.int8).args
hash(types.float64(types.int64)) == hash(types.float64(types.int64))
types.float64(types.literal(1)).is_precise() types.FunctionType(types.float64(types.int64))
types.FunctionType(types.float64(types.literal(1))) types.FunctionPrototype(types.float64, (types.int64,))
types.float64(types.int64).as_type() types.int32(2.7) types.float32(1) types.complex64(1) types.boolean(3)
types.int8(1) + types.int8(1) types.none(1) types.int8 < types.int16 types.int8 < types.uint16 types.int8 >=
types.int8 types.float32 <= types.float64 types.complex64 < types.complex128 types.int8 ==
types.Integer('int8') types.int8 is types.Integer('int8') types.int8 == types.uint8 types.int8 != types.uint8
types.int8 == 1 types.float64[:] is types.float64[:] types.Integer.from_bitwidth(16)
types.Integer.from_bitwidth(16, signed=False) types.Integer('int128', bitwidth=128, signed=True)
types.Float('double') types.parse_integer_bitwidth('uint16') types.parse_integer_signed('uint16')
types.is_homogeneous(types.int8, types.int8) types.is_homogeneous() types.pyobject.is_precise()
types.undefined.is_precise() types.int8.is_internal types.float64[1] types.float64['x'] types.float64[1:]
types.float64[::2] types.float64[:][:] types.Array(types.float64, 1, 'X') types.deferred_type().get()
types.optional is types.Optional sorted(types.__all__) sorted(map(str, types.number_domain)) sorted(map(str,
types.signed_domain)) sorted(map(str, types.real_domain))
""".strip().split("\n")

VALUES = """
typeof(1)
typeof(2**62)
typeof(2**63)
typeof(-2**63)
typeof(2**64)
typeof(-2**63 - 1)
typeof(1.5)
typeof(1j)
typeof(True)
typeof(None)
typeof('x')
typeof(b'x')
typeof(bytearray(b'x'))
typeof(memoryview(b'xy'))
typeof(array.array('d', [1.0]))
typeof(...)
typeof(())
typeof((1,))
typeof((1, 2))
typeof((1, 2.5, (True, 'x')))
typeof(Point(1, 2))
typeof(Point(1, 2.5))
typeof(Pixel(1, 2.5))
typeof(Point)
typeof([1])
typeof([1, 2.5])
typeof([])
typeof([Plain()])
typeof([[1.5]])
typeof({1})
typeof(set())
typeof({'a': 1})
typeof(frozenset([1]))
typeof(slice(1))
typeof(slice(1, 2, 1))
typeof(slice(1, 2, 3))
typeof(range(3))
typeof(Color.RED)
typeof(Shape.ROUND)
typeof(Color)
typeof(Shape)
typeof(Mixed.A)
typeof(ValueError)
typeof(Plain())
typeof(Plain)
typeof(int)
typeof(len)
typeof(np)
typeof(np.float32)
typeof(np.float32(1))
typeof(np.int8(1))
typeof(np.bool_(True))
typeof(np.complex64(1))
typeof(np.float16(1))
typeof(np.longdouble(1))
typeof(np.datetime64('2020-01-01'))
typeof(np.timedelta64(3, 's'))
typeof(np.timedelta64(3, '25s'))
typeof(np.str_('ab'))
typeof(np.bytes_(b'ab'))
typeof(np.dtype('f4'))
typeof(np.dtype('i2'))
typeof(np.zeros(3))
typeof(np.zeros((2, 3), np.float32))
typeof(np.zeros((2, 3), order='F'))
typeof(np.zeros((4, 6))[::2, ::2])
typeof(np.zeros((4, 6)).T)
typeof(np.zeros(()))
typeof(np.zeros((0, 3)))
typeof(np.zeros((1, 3), order='F'))
typeof(np.zeros(3, bool))
typeof(np.zeros(3, 'f2'))
typeof(np.zeros(3, 'c8'))
typeof(np.zeros(3, 'u8'))
typeof(np.zeros(3, '>f8'))
typeof(np.zeros(3, object))
typeof(np.zeros(3, 'S4'))
typeof(np.zeros(3, 'U4'))
typeof(np.zeros(3, 'M8[D]'))
typeof(np.zeros(3, 'm8'))
typeof(np.zeros(3, 'g'))
typeof(np.zeros(3, [('a', 'i4'), ('b', 'f8')]))
typeof(np.zeros(3, np.dtype([('a', 'i4'), ('b', 'f8')], align=True)))
typeof(np.zeros(3, [('a', 'i4', (2, 3))]))
typeof(np.zeros(3, [('a', 'i4')])[0])
typeof(np.rec.array([(1, 2.5)], dtype=[('a', 'i4'), ('b', 'f8')]))
typeof(np.broadcast_to(np.zeros(3), (2, 3)))
typeof(np.ma.zeros(3))
typeof((np.zeros(3), 1))
typeof(types.int8)
typeof(types.float64[:])
typeof(types.literal(3))
typeof(types.Integer)
from_dtype(np.dtype('f4'))
from_dtype(np.float64)
from_dtype(np.dtype('bool'))
from_dtype(np.dtype('>f4'))
from_dtype(np.dtype('S3'))
from_dtype(np.dtype('U3'))
from_dtype(np.dtype('M8[ms]'))
from_dtype(np.dtype('O'))
from_dtype(np.dtype(('f4', (2,))))
from_dtype(np.dtype([('a', 'i4'), ('b', 'f8')]))
from_dtype(np.dtype([(('title', 'a'), 'i4')]))
from_dtype('f4')
from_dtype(np.dtype('g'))
""".strip().split("\n")

SIGNATURES = """
normalize_signature('float64(float64, int32[:])')
normalize_signature('(int64,)')
normalize_signature('()')
normalize_signature('void()')
normalize_signature('f8(f8, i4[:, ::1])')
normalize_signature('Tuple((i8, f8))(UniTuple(f8, 3))')
normalize_signature('optional(f8)(f8)')
normalize_signature('Array(float64, 1, "C", readonly=True)(int64)')
normalize_signature((types.int64, types.float64))
normalize_signature(types.float64(types.int64))
normalize_signature(())
normalize_signature('int64(int64')
normalize_signature('int64(foo)')
normalize_signature('3')
normalize_signature('int64')
normalize_signature((3,))
normalize_signature((int,))
normalize_signature(types.int64)
normalize_signature(types.int64[:])
is_signature('x')
is_signature(())
is_signature(types.int64())
is_signature(types.int64)
is_signature([])
""".strip().split("\n")

# Where hotloop differs from Numba on purpose.
MEANT = {
    "typeof(range(3))": "ranges have a type",
    "types.none(1)": "the error says what is wrong",
}

# Classes whose bases, names beginning with an underscore left out, are compared.
CLASSES = """
Array ArrayCTypes ArrayCompatible ArrayFlags ArrayIterator BaseAnonymousTuple BaseContainerIterator
BaseNamedTuple BaseTuple Boolean BooleanLiteral Buffer ByteArray Bytes CPointer Callable CharSeq Complex
ConstSized Container DType DTypeSpec DeferredType DictItemsIterableType DictIteratorType DictKeysIterableType
DictType DictValuesIterableType Dispatcher Dummy EllipsisType EnumClass EnumMember EnumerateType
ExceptionClass ExceptionInstance Float FunctionPrototype FunctionType Generator Hashable IntEnumClass
IntEnumMember Integer IntegerLiteral IterableType IteratorType List ListIter ListType ListTypeIterableType
ListTypeIteratorType Literal MemoryView Module MutableSequence NPDatetime NPTimedelta NamedTuple
NamedTupleClass NamedUniTuple NestedArray NoneType Number NumberClass NumpyFlatType NumpyNdEnumerateType
NumpyNdIndexType NumpyNdIterType Omitted Opaque Optional Pair Phantom Poison PyArray PyObject
RangeIteratorType RangeType RawPointer Record Sequence Set SetIter SetIterableType SetIteratorType SetType
SimpleIterableType SimpleIteratorType Sized SliceLiteral SliceType StarArgTuple StarArgUniTuple StringLiteral
Tuple Type TypeRef UndefVar Undefined UniTuple UniTupleIter UnicodeCharSeq UnicodeIteratorType UnicodeType
UnionType VarArg WeakType ZipType
""".split()
BASES = "[cls.__name__ for cls in types.{}.__mro__ if cls.__name__[0] != '_']"

ALL = [BASES.format(name) for name in CLASSES]
ALL += [f"types.{name}" for name in SHORT_NAMES] + ARRAYS + CONTAINERS + OTHERS + VALUES + SIGNATURES


def namespace(package):
    """Return the names the expressions use, from the package of that name."""
    from importlib import import_module

    import numpy

    core = package + ".core"
    return {
        **globals(),
        "types": import_module(core + ".types"),
        "typeof": import_module(core + ".typing.typeof").typeof,
        "from_dtype": import_module(package + ".np.numpy_support").from_dtype,
        "is_signature": import_module(core + ".sigutils").is_signature,
        "normalize_signature": import_module(core + ".sigutils").normalize_signature,
        "np": numpy,
        "array": array,
    }


def describe(expression, names):
    """Return what an expression gives: str, repr and attributes of the value, or the error."""
    try:
        value = eval(expression, dict(names))
    except Exception as error:
        kind = type(error).__name__.replace("Hotloop", "Numba")
        return {"error": f"{kind}: {error}".replace("hotloop", "numba")}
    found = {"str": str(value), "repr": repr(value), "class": type(value).__name__}
    if isinstance(value, (names["types"].Type, type(names["types"].void()))):
        found.update(_attributes(value, names["types"].Type))
    return {
        key: text.replace("hotloop", "numba")
        for key, text in found.items()
        if not _goes_without_saying(key, found)
    }


def _goes_without_saying(key, found):
    """Whether an attribute is what it nearly always is; such are left out of the table of facts."""
    usual = {"repr": found["str"], "name": repr(found["str"]), "key": repr(found["str"]), "mutable": "False"}
    usual["reflected"] = "False"
    return found[key] == usual.get(key)


def _attributes(value, type_class):
    """Return the attributes that a type or signature has, as text; methods are left out."""
    found = {}
    for name in ATTRIBUTES:
        try:
            attribute = getattr(value, name, None)
        except Exception as error:
            found[name] = f"{type(error).__name__}: {error}"
            continue
        if attribute is not None and (isinstance(attribute, type_class) or not callable(attribute)):
            found[name] = repr(attribute)
    return found
