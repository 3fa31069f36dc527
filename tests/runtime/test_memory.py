"""Blocks, shapes and recorded errors of the runtime, each from the outside through ctypes."""

import ctypes

import numpy as np
import pytest

from .conftest import MAX_TRACEBACK, Context, Raised

KIND_RAISE, KIND_INDEX, KIND_MEMORY, KIND_RECURSION = 1, 2, 3, 4


@pytest.fixture
def live(rt):
    count = rt.library.hlrt_live_blocks
    count.restype = ctypes.c_int64
    return count


UINT8 = 12  # TY_U8


def alloc(rt, nbytes):
    return rt("alloc_1d", UINT8, 1, nbytes)


def test_a_block_lives_until_its_last_release(rt, live):
    before = live()
    block = alloc(rt, 1000)
    refcount = ctypes.c_int64.from_address(block)
    nbytes = ctypes.c_int64.from_address(block + 8)
    assert block % 64 == 0 and refcount.value == 1 and nbytes.value == 1000 and live() == before + 1
    ctypes.memset(block + 64, 7, 1000)
    rt("retain", block)
    assert refcount.value == 2
    rt("release", block)
    assert refcount.value == 1 and live() == before + 1
    rt("release", block)
    assert live() == before


def test_null_is_no_block(rt):
    rt("retain", None)
    rt("release", None)


@pytest.mark.parametrize("nbytes", [0, 1, 64, 5 << 20])
def test_sizes(rt, live, nbytes):
    before = live()
    block = alloc(rt, nbytes)
    ctypes.memset(block + 64, 1, nbytes)
    rt("release", block)
    assert live() == before


@pytest.mark.parametrize("nbytes", [8, 1000, (128 << 10) - 1])
def test_data_begins_at_a_cache_line(rt, nbytes):
    blocks = [alloc(rt, nbytes) for _ in range(8)]
    assert [block % 64 for block in blocks] == 8 * [0]
    for block in blocks:
        rt("release", block)


@pytest.mark.parametrize("nbytes", [128 << 10, 300_000, 5 << 20, 40 << 20])
def test_a_large_block_has_its_data_in_the_middle_of_a_page(rt, nbytes):
    blocks = [alloc(rt, nbytes) for _ in range(3)]
    for block in blocks:
        assert (block + 64) % 4096 == 2048
        ctypes.memset(block + 64 + nbytes - 1, 1, 1)
        rt("release", block)


def lazily_freed():
    """Bytes of this process that the kernel may take when memory is short."""
    with open("/proc/self/smaps") as smaps:
        return sum(int(line.split()[1]) for line in smaps if line.startswith("LazyFree:")) * 1024


def filled(rt, nbytes):
    """Allocate a block and touch all of its pages."""
    block = alloc(rt, nbytes)
    ctypes.memset(block + 64, 1, nbytes)
    return block


@pytest.fixture
def nothing_kept(rt):
    rt.library.hlrt_drop_kept()
    yield
    rt.library.hlrt_drop_kept()


@pytest.mark.usefixtures("nothing_kept")
@pytest.mark.parametrize("sizes", [[150_000] * 3, [300_000, 1 << 20, 5 << 20], [16 << 20, 8 << 20]])
def test_freed_large_blocks_are_used_again(rt, live, sizes):
    before = live()
    blocks = [filled(rt, nbytes) for nbytes in sizes]
    for block in blocks:
        rt("release", block)
    assert live() == before and lazily_freed() == 0, "so little is kept as it is"
    again = [alloc(rt, nbytes - nbytes // 100) for nbytes in sizes]
    assert sorted(again) == sorted(blocks) and live() == before + len(sizes)
    for block, nbytes in zip(again, sizes, strict=True):
        assert ctypes.c_int64.from_address(block + 8).value == nbytes - nbytes // 100
        rt("release", block)
    assert live() == before


@pytest.mark.usefixtures("nothing_kept")
def test_of_many_kept_bytes_the_kernel_may_take_some(rt):
    blocks = [filled(rt, 20 << 20) for _ in range(3)]
    for block in blocks:
        rt("release", block)
    assert 36 << 20 <= lazily_freed() <= 40 << 20
    assert {alloc(rt, 20 << 20) for _ in range(3)} == set(blocks)
    for block in blocks:
        rt("release", block)


@pytest.mark.usefixtures("nothing_kept")
def test_what_is_no_longer_asked_for_does_not_stay(rt):
    rt("release", filled(rt, 24 << 20))
    resident = resident_bytes()
    for i in range(20):
        rt("release", alloc(rt, (200 + 20 * i) << 10))
    assert resident_bytes() < resident - (16 << 20)


def resident_bytes():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * 4096


@pytest.mark.parametrize("nbytes", [2**63 - 1, 2**63 - 64, 2**60])
def test_no_memory_is_recorded(rt, live, nbytes):
    before, context = live(), Context()
    assert rt.function("alloc_1d")(context, UINT8, 1, nbytes) is None
    assert (context.status, context.error.kind, context.error.nframes) == (1, KIND_MEMORY, 0)
    assert context.error.payload[:3] == [nbytes, UINT8, nbytes] and live() == before


def test_a_release_function_replaces_free(rt, live):
    before, block, seen = live(), alloc(rt, 8), []
    hook = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(seen.append)
    slot = ctypes.c_void_p.from_address(block + 24)
    slot.value = ctypes.cast(hook, ctypes.c_void_p).value
    rt("release", block)
    assert seen == [block] and live() == before + 1
    slot.value = None
    ctypes.c_int64.from_address(block).value = 1
    rt("release", block)
    assert live() == before


SHAPES = [
    (),
    (0,),
    (3,),
    (3, 4),
    (2, 0, 5),
    (-1,),
    (0, -1),
    (-1, 0),
    (2**40, 2**40),
    (2**62, 4),
    (2**31, 2**31, 2),
    (2**40, 0, 2**40),
    (2**60,),
]


def allocated(rt, kind, itemsize, shape):
    """Allocate by the function for this number of dimensions; return the block."""
    if len(shape) in (1, 2):
        return rt(f"alloc_{len(shape)}d", kind, itemsize, *shape)
    return rt("alloc_nd", kind, itemsize, len(shape), (ctypes.c_int64 * len(shape))(*shape))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", ["i1", "f8", "c16"])
def test_arrays_are_of_the_size_that_numpy_gives_them(rt, live, shape, dtype):
    """Its ValueErrors too; its MemoryErrors come with the number of bytes and the shape."""
    itemsize, before = np.dtype(dtype).itemsize, live()
    try:
        expected = np.empty(shape, dtype).nbytes
    except MemoryError:
        nbytes = int(np.prod([int(n) for n in shape], dtype=object)) * itemsize
        expected = "MemoryError", nbytes, UINT8, *shape
    except ValueError as error:
        expected = "ValueError", str(error)
    try:
        block = allocated(rt, UINT8, itemsize, shape)
        got = ctypes.c_int64.from_address(block + 8).value
        rt("release", block)
    except Raised as error:
        got = error.args
    assert got == expected and live() == before


def test_index_and_recursion_errors(rt):
    context = Context()
    wrapped, axis, size = ctypes.c_int64(-5 + 3), ctypes.c_int64(1), ctypes.c_int64(3)
    rt.library.hlrt_raise_index(ctypes.byref(context), wrapped, axis, size)
    assert (context.status, context.error.kind) == (1, KIND_INDEX)
    assert [ctypes.c_int64(context.error.payload[i]).value for i in range(3)] == [-5, 1, 3]
    rt.library.hlrt_raise_recursion(ctypes.byref(context))
    assert context.error.kind == KIND_RECURSION


def test_raise_keeps_its_payload(rt):
    context, payload = Context(), (ctypes.c_uint64 * 20)(*range(20))
    raise_ = rt.library.hlrt_raise
    raise_.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64]
    raise_(ctypes.addressof(context), None, ctypes.addressof(payload), 20)
    assert context.error.kind == KIND_RAISE and context.error.npayload == 16
    assert list(context.error.payload) == list(range(16)) and context.error.nframes == 0


def test_the_outermost_frames_stay(rt):
    context = Context()
    for line in range(100):
        rt.library.hlrt_traceback(ctypes.byref(context), None, line)
    frames = context.error.frames
    assert context.error.nframes == 100
    assert [frames[n % MAX_TRACEBACK].line for n in range(100 - MAX_TRACEBACK, 100)] == list(range(36, 100))
