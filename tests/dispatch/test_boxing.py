"""Values there and back: identity, ownership, bases, references, and that no block is left."""

import gc
import sys
import weakref

import numpy as np
import pytest

from hotloop import _hotloop, njit


@njit(strict=True)
def same(x):
    return x


@njit(strict=True)
def ones(n):
    return np.ones(n)


@njit(strict=True)
def rest(a):
    return a[1:]


@njit(strict=True)
def turned(a):
    return a.T


def handler_name(array):
    return np._core.multiarray.get_handler_name(array)


SCALARS = [
    0,
    -1,
    2**62,
    2**63 - 1,
    -(2**63),
    True,
    False,
    1.5,
    -0.0,
    float("inf"),
    1 - 2j,
    None,
    np.int8(-3),
    np.int16(-3),
    np.int32(-3),
    np.uint8(200),
    np.uint16(200),
    np.uint32(2**31),
    np.uint64(2**63),
    np.float32(1.1),
    np.complex64(1.1 - 2j),
]
AS_PYTHON = [(np.int64(-5), -5), (np.float64(0.1), 0.1), (np.bool_(True), True), (np.complex128(1j), 1j)]


@pytest.mark.parametrize("value", SCALARS, ids=repr)
def test_scalars_come_back(value):
    got = same(value)
    assert type(got) is type(value) and repr(got) == repr(value)


@pytest.mark.parametrize("value,expected", AS_PYTHON, ids=repr)
def test_the_widest_numpy_scalars_come_back_as_pythons(value, expected):
    got = same(value)
    assert type(got) is type(expected) and got == expected


@pytest.mark.parametrize(
    "value", [(), (1,), (1, 2.5, True, None), ((1, (2j,)), np.float32(1.5)), range(3), range(9, -3, -4)]
)
def test_composites_come_back(value):
    got = same(value)
    assert got == value and type(got) is type(value)


def test_nan_keeps_its_payload():
    bits = np.array([0x7FF8000000000123], "u8").view("f8")
    assert np.array([same(float(bits[0]))]).view("u8")[0] == 0x7FF8000000000123


def layouts():
    grid = np.arange(24.0).reshape(4, 6)
    return {
        "c": grid,
        "f": grid.T,
        "strided": grid[::2, ::3],
        "reversed": grid[::-1],
        "empty": grid[:0],
        "scalar": np.array(3.5),
        "one row": grid[:1],
        "byte": np.arange(5, dtype="i1"),
    }


@pytest.mark.parametrize("name", layouts())
def test_an_argument_comes_back_as_itself(name):
    array = layouts()[name]
    assert same(array) is array
    assert same((array, 1))[0] is array


def test_a_view_of_an_argument_has_numpys_base():
    array = np.arange(10.0)
    view = array[2:]
    assert rest(array).base is array
    assert rest(view).base is array and np.array_equal(rest(view), view[1:])
    assert turned(array.reshape(2, 5)).base is array


def test_read_only_stays_read_only():
    array = np.arange(4.0)
    assert rest(array).flags.writeable
    array.flags.writeable = False
    assert not rest(array).flags.writeable and same(array) is array


def test_a_view_keeps_its_argument_alive():
    array = np.arange(10.0)
    seen = weakref.ref(array)
    view = rest(array)
    del array
    assert seen() is not None and view[0] == 1.0
    del view
    assert seen() is None


def test_a_fresh_array_is_an_ordinary_array():
    before = _hotloop.live_blocks()
    array = ones(5)
    assert array.base is None and array.flags.owndata and array.flags.writeable and array.flags.aligned
    assert array.ctypes.data % 64 == 0 and handler_name(array) == "hotloop"
    assert _hotloop.live_blocks() == before + 1
    del array
    assert _hotloop.live_blocks() == before


def test_resize():
    before = _hotloop.live_blocks()
    array = ones(5)
    array.resize(5000, refcheck=False)
    assert array[:5].tolist() == [1.0] * 5 and not array[5:].any() and array.ctypes.data % 64 == 0
    array.resize(2, refcheck=False)
    assert array.tolist() == [1.0, 1.0] and _hotloop.live_blocks() == before + 1
    array.resize(0, refcheck=False)
    del array
    assert _hotloop.live_blocks() == before


def test_a_fresh_array_outlives_its_function():
    @njit
    def make(n):
        return np.zeros(n) + n

    array = make(3)
    del make
    gc.collect()
    assert array.tolist() == [3.0] * 3


def test_a_fresh_array_goes_back_in():
    array = ones(4)
    assert same(array) is array and rest(array).base is array


def test_results_that_share_a_block():
    @njit(strict=True)
    def parts(n):
        a = np.ones(n)
        return a, a[1:], a, a[::2]

    before = _hotloop.live_blocks()
    whole, tail, again, stepped = parts(6)
    assert whole is again and whole.base is None
    assert tail.base is whole and stepped.base is whole and _hotloop.live_blocks() == before + 1
    whole[4] = 7.0
    assert stepped[2] == 7.0
    del whole, again, stepped
    assert tail[3] == 7.0 and _hotloop.live_blocks() == before + 1
    del tail
    assert _hotloop.live_blocks() == before


def test_a_part_of_a_fresh_array_is_a_view_of_the_whole():
    @njit(strict=True)
    def column(n):
        return np.ones((n, 3))[1:, 1]

    before = _hotloop.live_blocks()
    part = column(5)
    assert part.tolist() == [1.0] * 4 and part.base.size == 15 and part.base.flags.owndata
    del part
    assert _hotloop.live_blocks() == before


def test_fortran_order():
    @njit(strict=True)
    def make(n):
        return np.ones((n, 3)).T

    array = make(4)
    assert array.shape == (3, 4) and array.flags.f_contiguous


def test_a_frozen_global_is_returned_as_itself_while_it_is_unchanged():
    table = np.arange(4.0)

    @njit(strict=True)
    def get():
        return table

    assert get() is table
    table[0] = 9.0
    assert get() is not table and get()[0] == 0.0


def test_optional():
    @njit(strict=True)
    def positive(x):
        if x > 0:
            return x
        return None

    assert positive(3) == 3 and positive(-3) is None and positive(0.5) == 0.5


@pytest.mark.parametrize(
    "call",
    [
        lambda a: same(a),
        lambda a: rest(a),
        lambda a: same((a, a)),
        lambda a: ones(7),
        lambda a: turned(a),
    ],
    ids=["same", "view", "tuple", "fresh", "transposed"],
)
def test_references_are_balanced(call):
    array = np.arange(6.0)
    call(array)
    objects = [array, array.dtype, same, None]
    counts = [sys.getrefcount(x) for x in objects]
    blocks = _hotloop.live_blocks()
    for _ in range(200):
        call(array)
    after = [sys.getrefcount(x) for x in objects]
    assert all(abs(x - y) < 20 for x, y in zip(counts, after, strict=True)), (counts, after)
    assert _hotloop.live_blocks() == blocks


def test_references_are_balanced_when_it_raises():
    @njit(strict=True)
    def fail(a, i):
        b = np.ones(4)
        return a[i] + b[i]

    array = np.arange(3.0)
    with pytest.raises(IndexError):
        fail(array, 7)
    count, blocks = sys.getrefcount(array), _hotloop.live_blocks()
    for _ in range(100):
        try:
            fail(array, 3)
        except IndexError:
            pass
    assert sys.getrefcount(array) == count and _hotloop.live_blocks() == blocks
