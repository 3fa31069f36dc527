"""Objects to types: what `_hotloop.typeof` says, and that arguments are told apart by it."""

import enum

import numpy as np
import pytest

from hotloop import _hotloop, njit

GRID = np.arange(24.0).reshape(2, 3, 4)
ODD = np.zeros(33, "u1")[1:].view("f8")
READ_ONLY = np.arange(3)
READ_ONLY.flags.writeable = False


class Number(int):
    pass


class Color(enum.IntEnum):
    RED = 1


TYPED = [
    (0, "int"),
    (-1, "int"),
    (2**31, "int"),
    (2**63 - 1, "int"),
    (-(2**63), "int"),
    (True, "bool"),
    (1.5, "float"),
    (1j, "complex"),
    (None, "none"),
    ([1, 2], "list<int>"),
    ([[1.5], []], "list<list<float>>"),
    ([], "list<bottom>"),
    ((), "tuple<>"),
    ((1, 2.0), "tuple<int,float>"),
    (((True,), None), "tuple<tuple<bool>,none>"),
    (range(3), "range"),
    (np.bool_(1), "b1"),
    (np.int8(1), "i8"),
    (np.int16(1), "i16"),
    (np.int32(1), "i32"),
    (np.int64(1), "i64"),
    (np.uint8(1), "u8"),
    (np.uint16(1), "u16"),
    (np.uint32(1), "u32"),
    (np.uint64(1), "u64"),
    (np.float32(1), "f32"),
    (np.float64(1), "f64"),
    (np.complex64(1), "c64"),
    (np.complex128(1), "c128"),
    (GRID, "array<f64,3,C>"),
    (GRID.T, "array<f64,3,F>"),
    (GRID[:, ::2], "array<f64,3,A>"),
    (GRID[0, 0], "array<f64,1,C>"),
    (GRID[:, 0, 0], "array<f64,1,A>"),
    (GRID[0, 0, ::-1], "array<f64,1,A>"),
    (np.array(1.5), "array<f64,0,C>"),
    (np.zeros((1, 5)).T, "array<f64,2,C>"),
    (np.zeros((0, 3)), "array<f64,2,C>"),
    (READ_ONLY, "array<i64,1,C,ro>"),
    (ODD, "array<f64,1,C,unaligned>"),
    (np.zeros(2, "?"), "array<b1,1,C>"),
    (np.zeros(2, "c8"), "array<c64,1,C>"),
    (np.zeros(2, "u2"), "array<u16,1,C>"),
    (np.zeros(2, "q"), "array<i64,1,C>"),
    ((GRID,), "tuple<array<f64,3,C>>"),
]

UNTYPED = [
    2**63,
    -(2**63) - 1,
    "text",
    b"bytes",
    [1, "text"],
    [1, 2.5],
    {1: 2},
    frozenset({1}),
    object(),
    len,
    Number(3),
    Color.RED,
    (1, "text"),
    np.longdouble(1),
    np.zeros(2, ">f8"),
    np.zeros(2, "O"),
    np.zeros(2, "g"),
    np.zeros(2, "M8[s]"),
    np.ma.zeros(2),
    np.zeros(2, [("a", "i4")]),
    np.zeros((2, 2)).view(np.matrix),
    range(2**70),
    iter(range(3)),
    enumerate([1]),
]


@pytest.mark.parametrize("value,text", TYPED, ids=[text for _, text in TYPED])
def test_typeof(value, text):
    assert _hotloop.typeof(value) == text


@pytest.mark.parametrize("value", UNTYPED, ids=lambda value: type(value).__name__)
def test_no_compiled_form(value):
    with pytest.raises(ValueError, match="has no compiled form"):
        _hotloop.typeof(value)


def test_deep_and_wide_tuples_end():
    deep = ()
    for _ in range(100):
        deep = (deep,)
    for value in (deep, tuple(range(5000))):
        with pytest.raises(ValueError):
            _hotloop.typeof(value)


@pytest.mark.parametrize("value,text", TYPED, ids=[text for _, text in TYPED])
def test_each_type_makes_one_specialisation(value, text):
    @njit(strict=True)
    def take(x):
        return 1

    for other, _ in TYPED[:6]:
        assert take(other) == 1
    assert take(value) == 1
    texts = [args[0] for args, _ in take._specialisations()]
    assert texts.count(text) == 1 and len(texts) == len(set(texts))
    counted = _hotloop._conformance_counters()
    assert take(value) == 1
    assert _hotloop._conformance_counters() == {
        "native": counted["native"] + 1,
        "fallback": counted["fallback"],
    }
    assert len(take._specialisations()) == len(texts)
