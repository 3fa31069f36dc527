"""The types as Python code sees them: Numba's classes, names and short names.

``float64(int64)`` is a signature, ``float64[:, ::1]`` an array type.  The classes are in the modules of this
package, named as Numba's; this one makes the common types and gives them their names.
"""

# ruff: noqa: F401, F405 -- this module exists to gather names
from .abstract import (
    ArrayCompatible,
    Callable,
    ConstSized,
    Container,
    DTypeSpec,
    Dummy,
    Hashable,
    InitialValue,
    IterableType,
    IteratorType,
    Literal,
    MutableSequence,
    Number,
    Poison,
    Sequence,
    Sized,
    Type,
    TypeRef,
)
from .common import Buffer, Opaque, SimpleIterableType, SimpleIteratorType
from .containers import (
    BaseAnonymousTuple,
    BaseContainerIterator,
    BaseNamedTuple,
    BaseTuple,
    ByteArray,
    Bytes,
    DictItemsIterableType,
    DictIteratorType,
    DictKeysIterableType,
    DictType,
    DictValuesIterableType,
    List,
    ListIter,
    ListType,
    ListTypeIterableType,
    ListTypeIteratorType,
    MemoryView,
    NamedTuple,
    NamedUniTuple,
    Pair,
    PyArray,
    Set,
    SetIter,
    SetIterableType,
    SetIteratorType,
    SetType,
    StarArgTuple,
    StarArgUniTuple,
    Tuple,
    UnionType,
    UniTuple,
    UniTupleIter,
    is_homogeneous,
)
from .functions import Dispatcher, FunctionPrototype, FunctionType, NamedTupleClass, NumberClass, WeakType
from .function_type import WrapperAddressProtocol
from .iterators import ArrayIterator, EnumerateType, Generator, RangeIteratorType, RangeType, ZipType
from .misc import (
    CPointer,
    DeferredType,
    EllipsisType,
    ExceptionClass,
    ExceptionInstance,
    Module,
    NoneType,
    NumPyRandomGeneratorType,
    Omitted,
    Optional,
    Phantom,
    PyObject,
    RawPointer,
    SliceLiteral,
    SliceType,
    StringLiteral,
    Undefined,
    UndefVar,
    UnicodeIteratorType,
    UnicodeType,
    VarArg,
    literal,
    maybe_literal,
    unliteral,
)
from .npytypes import (
    Array,
    ArrayCTypes,
    ArrayFlags,
    CharSeq,
    DType,
    NestedArray,
    NumpyFlatType,
    NumpyNdEnumerateType,
    NumpyNdIndexType,
    NumpyNdIterType,
    Record,
    UnicodeCharSeq,
)
from .scalars import (
    Boolean,
    BooleanLiteral,
    Complex,
    EnumClass,
    EnumMember,
    Float,
    Integer,
    IntegerLiteral,
    IntEnumClass,
    IntEnumMember,
    NPDatetime,
    NPTimedelta,
    parse_integer_bitwidth,
    parse_integer_signed,
)

# Types without a parameter.
pyobject = PyObject("pyobject")
ffi_forced_object = Opaque("ffi_forced_object")
ffi = Opaque("ffi")
none = void = NoneType("none")
ellipsis = EllipsisType("...")
npy_rng = NumPyRandomGeneratorType()
Any = Phantom("any")
undefined = Undefined("undefined")
unicode_type = string = UnicodeType("unicode_type")
unknown = Dummy("unknown")
code_type = Opaque("code")
pyfunc_type = Opaque("pyfunc")
voidptr = RawPointer("void*")
slice2_type = SliceType("slice<a:b>", 2)
slice3_type = SliceType("slice<a:b:c>", 3)
optional = Optional
deferred_type = DeferredType

# Booleans and numbers.
boolean = bool_ = bool = Boolean("bool")
int8, int16, int32, int64 = map(Integer, ("int8", "int16", "int32", "int64"))
uint8, uint16, uint32, uint64 = map(Integer, ("uint8", "uint16", "uint32", "uint64"))
float16, float32, float64 = map(Float, ("float16", "float32", "float64"))
complex64, complex128 = Complex("complex64", float32), Complex("complex128", float64)

# NumPy's and C's names; this is for the 64-bit machines hotloop runs on, where long has 64 bits.
b1 = bool_
i1, i2, i4, i8 = int8, int16, int32, int64
u1, u2, u4, u8 = uint8, uint16, uint32, uint64
f2, f4, f8 = float16, float32, float64
c8, c16 = complex64, complex128
double = float64
char, short, intc, long_, longlong = int8, int16, int32, int64, int64
byte = uchar = uint8
ushort, uintc, ulong, ulonglong = uint16, uint32, uint64, uint64
intp = int_ = ssize_t = int64
uintp = uint = size_t = uint64

# Names that say whose type is meant: C's, Python's or NumPy's.
c_bool = py_bool = np_bool_ = boolean
c_int8 = np_int8 = np_char = int8
c_int16 = np_int16 = np_short = int16
c_int32 = np_int32 = np_intc = int32
c_int64 = np_int64 = np_long = np_longlong = int64
c_intp = py_int = np_intp = np_int_ = intp
c_uint8 = np_uint8 = np_uchar = uint8
c_uint16 = np_uint16 = np_ushort = uint16
c_uint32 = np_uint32 = np_uintc = uint32
c_uint64 = np_uint64 = np_ulong = np_ulonglong = uint64
c_uintp = np_uintp = np_uint = uintp
c_float16 = np_float16 = float16
c_float32 = np_float32 = np_float_ = float32
c_float64 = py_float = np_float64 = np_double = float64
np_complex64 = complex64
py_complex = np_complex128 = complex128

# Ranges.
range_iter32_type, range_iter64_type = RangeIteratorType(int32), RangeIteratorType(int64)
range_state32_type, range_state64_type = RangeType(int32), RangeType(int64)
unsigned_range_iter64_type, unsigned_range_state64_type = RangeIteratorType(uint64), RangeType(uint64)

# Sets of types.
signed_domain = py_signed_domain = np_signed_domain = frozenset([int8, int16, int32, int64])
unsigned_domain = np_unsigned_domain = frozenset([uint8, uint16, uint32, uint64])
integer_domain = py_integer_domain = np_integer_domain = signed_domain | unsigned_domain
real_domain = py_real_domain = np_real_domain = frozenset([float32, float64])
complex_domain = py_complex_domain = np_complex_domain = frozenset([complex64, complex128])
number_domain = py_number_domain = np_number_domain = real_domain | integer_domain | complex_domain

# The names that Numba shows at its top level as well.
__all__ = """
    int8 int16 int32 int64 uint8 uint16 uint32 uint64 intp uintp intc uintc ssize_t size_t boolean float32
    float64 complex64 complex128 bool_ byte char uchar short ushort int_ uint long_ ulong longlong ulonglong
    double void none b1 i1 i2 i4 i8 u1 u2 u4 u8 f4 f8 c8 c16 optional ffi_forced_object ffi deferred_type
    bool""".split()
