"""Types as text for the C core and back."""

import collections

import pytest
from hotloop import types
from hotloop.core.types.misc import Tensor
from hotloop.core.typetext import UnknownText, from_text, to_text

# type, its text in a signature
BOTH_WAYS = [
    (types.int64, "int"),
    (types.float64, "float"),
    (types.complex128, "complex"),
    (types.boolean, "bool"),
    (types.int8, "i8"),
    (types.int16, "i16"),
    (types.int32, "i32"),
    (types.uint8, "u8"),
    (types.uint16, "u16"),
    (types.uint32, "u32"),
    (types.uint64, "u64"),
    (types.float16, "f16"),
    (types.float32, "f32"),
    (types.complex64, "c64"),
    (types.none, "none"),
    (types.pyobject, "object"),
    (types.ellipsis, "ellipsis"),
    (types.range_state64_type, "range"),
    (types.float64[:], "array<f64,1,A>"),
    (types.float64[::1], "array<f64,1,C>"),
    (types.int64[::1, :], "array<i64,2,F>"),
    (types.bool_[:, ::1], "array<b1,2,C>"),
    (types.Array(types.complex128, 3, "A", readonly=True), "array<c128,3,A,ro>"),
    (types.Array(types.int8, 0, "C", aligned=False), "array<i8,0,C,unaligned>"),
    (types.Array(types.int8, 1, "C", readonly=True, aligned=False), "array<i8,1,C,ro,unaligned>"),
    (types.Tuple(()), "tuple<>"),
    (types.Tuple((types.int64, types.float32)), "tuple<int,f32>"),
    (types.UniTuple(types.int64, 3), "tuple<int,int,int>"),
    (
        types.Tuple((types.Tuple((types.int8, types.none)), types.float64[:])),
        "tuple<tuple<i8,none>,array<f64,1,A>>",
    ),
    (types.Optional(types.float64), "optional<float>"),
    (types.List(types.int64, reflected=True), "list<int>"),
    (types.List(types.undefined, reflected=True), "list<bottom>"),
    (types.Set(types.float32, reflected=True), "set<list<tuple<int,f32>>>"),
    (Tensor(types.float32[:, ::1]), "tensor<array<f32,2,C>>"),
    (types.literal(3), "lit<3>"),
    (types.literal(-3), "lit<-3>"),
    (types.literal(True), "lit<True>"),
    (types.literal(False), "lit<False>"),
    (types.literal("x"), 'str<"x">'),
    (types.literal('a"b\\c\nd, >é'), 'str<"a\\"b\\\\c\\x0ad, >\\xc3\\xa9">'),
    (types.literal(""), 'str<"">'),
]


@pytest.mark.parametrize("ty, text", BOTH_WAYS, ids=[text for _, text in BOTH_WAYS])
def test_both_ways(ty, text):
    assert to_text(ty) == text
    assert from_text(text) is ty


def test_named_tuples():
    pair = collections.namedtuple("Pair", "first second")
    for ty in (
        types.NamedTuple((types.int64, types.float64), pair),
        types.NamedUniTuple(types.int64, 2, pair),
    ):
        assert to_text(ty).startswith('tuple<"Pair:first second",0x')
        assert from_text(to_text(ty)) is ty
    with pytest.raises(ValueError):
        from_text('tuple<"Pair:first second",0x10,int,int>')


@pytest.mark.parametrize("text", ["b1", "i64", "f64", "c128"])
def test_numpy_scalars_are_numbas_scalars(text):
    """The core's NumPy scalars and Python's are one type for Numba."""
    names = {"b1": types.boolean, "i64": types.int64, "f64": types.float64, "c128": types.complex128}
    assert from_text(text) is names[text]


@pytest.mark.parametrize(
    "ty",
    [
        types.unicode_type,
        types.List(types.int64),
        types.Array(types.NPDatetime("s"), 1, "C"),
        types.Array(types.pyobject, 1, "C"),
        types.NestedArray(types.int8, (2,)),
        types.Tuple((types.int64, types.unicode_type)),
        types.Optional(types.unicode_type),
        types.Omitted([]),
        types.slice2_type,
        types.pyfunc_type,
        types.literal(2**63),
    ],
    ids=str,
)
def test_other_types_are_objects(ty):
    assert to_text(ty) == "object"


@pytest.mark.parametrize(
    "text, ty",
    [
        ("slice<int,none,none>", types.slice2_type),
        ("slice<none,none,int>", types.slice3_type),
        ('const<"numpy.tanh",0x7f00>', types.pyfunc_type),
        ('const<"math.pi">', types.pyfunc_type),
    ],
)
def test_read_only(text, ty):
    """What the core may say and signatures cannot."""
    assert from_text(text) is ty


def test_omitted_arguments_have_the_type_of_the_default():
    assert to_text(types.Omitted(2.5)) == "float"


BAD = """
|int>|foo|array<f64,1>|array<f64,1,C|array<f64,x,C>|array<f64,1,C,wet>|array<foo,1,C>|tuple<int|tuple<int,,int>
int,int|lit<x>|lit<>|str<"a|str<a>|str<"\\">|str<"\\n">|str<"\\xg0">|slice<int>|const<x>|optional<>|tuple<int>x|int<3>
""".replace("\n", "").split("|")


@pytest.mark.parametrize("text", BAD)
def test_texts_that_are_none(text):
    with pytest.raises(UnknownText):
        from_text(text)
