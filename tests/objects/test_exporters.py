"""Memory that somebody else has: `__array_interface__`, DLPack and buffers in compiled functions, good and
bad; and arrays and tensors that foreign code changes in place while a compiled function works on them.
"""

import gc
import sys

import numpy as np
import pytest

from hotloop import _hotloop, njit

pytestmark = pytest.mark.filterwarnings("ignore::hotloop.core.errors.HotloopPerformanceWarning")


class Exporter:
    """Something with memory and an index of its own."""

    def __init__(self, array, **interface):
        self.array = array
        self.__array_interface__ = {**array.__array_interface__, **interface}

    def __getitem__(self, index):
        return "its own"


class Dlpack:
    def __init__(self, array):
        self.array = array

    def __dlpack__(self, **keywords):
        return self.array.__dlpack__(**keywords)

    def __dlpack_device__(self):
        return self.array.__dlpack_device__()


def doubled(x):
    a = np.asarray(x)
    for i in range(a.size):
        a[i] = a[i] * 2
    return a


def from_dlpack(x):
    a = np.from_dlpack(x)
    for i in range(a.size):
        a[i] = a[i] * 2
    return a


@pytest.mark.parametrize(
    "function, exporter", [(doubled, Exporter), (from_dlpack, Dlpack)], ids=["interface", "dlpack"]
)
def test_the_memory_is_the_exporters(function, exporter):
    compiled = njit(function)
    for _ in range(3):
        memory = np.arange(50.0)
        before = _hotloop._conformance_counters()["fallback"]
        a = compiled(exporter(memory))
        assert a.ctypes.data == memory.ctypes.data and np.array_equal(memory, np.arange(50.0) * 2)
    assert _hotloop._conformance_counters()["fallback"] - before < 5, "the loop is native"


def test_an_exporters_index_is_its_own():
    @njit
    def f(x):
        return x[0], np.asarray(x)[0]

    for _ in range(3):
        assert f(Exporter(np.arange(3.0))) == ("its own", 0.0)


MEMORY = np.arange(16.0)
BAD = {
    "null": {"data": (0, False)},
    "negative": {"shape": (-4,)},
    "overflowing": {"shape": (2**62, 2**62)},
    "too large": {"shape": (2**70,)},
    "unknown type": {"typestr": "<q9"},
    "no type": {"typestr": "zz"},
    "strides outside": {"data": bytearray(32), "shape": (4,), "strides": (16,)},
    "strides before": {"data": bytearray(32), "shape": (4,), "strides": (-8,)},
    "strides overflowing": {"data": bytearray(32), "shape": (4,), "strides": (2**62,)},
    "buffer too short": {"data": bytearray(16), "shape": (4,)},
    "offset before": {"data": bytearray(32), "shape": (4,), "offset": -8},
    "too many strides": {"shape": (4,), "strides": (8, 8)},
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_interface_is_an_error(name):
    """Where NumPy has no word for it, hotloop has."""
    compiled = njit(doubled)
    compiled(Exporter(MEMORY))
    for _ in range(3):
        with pytest.raises((ValueError, TypeError, OverflowError)) as caught:
            compiled(Exporter(MEMORY, **BAD[name]))
    try:
        np.asarray(Exporter(MEMORY, **BAD[name]))
    except (ValueError, TypeError, OverflowError) as error:
        assert (type(error), str(error)) == (caught.type, str(caught.value))
    else:
        assert str(caught.value).startswith(
            "the elements of an array lie outside the memory of the bytearray"
        )


def test_a_buffer_that_is_large_enough():
    @njit
    def f(x):
        a = np.asarray(x)
        s = 0.0
        for v in a:
            s += v
        return s

    data = bytearray(np.arange(5.0).tobytes())
    for _ in range(2):
        assert f(Exporter(MEMORY, data=data, shape=(3,), strides=(16,))) == 6.0
        assert f(Exporter(MEMORY, data=data, shape=(4,), offset=8)) == 10.0
        assert f(Exporter(MEMORY, data=(0, False), shape=(0,))) == 0.0


def test_misaligned_and_readonly_memory():
    raw = np.zeros(65, np.uint8)
    odd = raw[1:].view(np.float64)

    def total(x):
        a = np.asarray(x)
        s = 0.0
        for i in range(a.size):
            s += a[i]
        return s, a.flags.aligned

    compiled = njit(total)
    for _ in range(3):
        odd[:] = np.arange(8)
        assert compiled(Exporter(odd)) == (28.0, False)
    fixed = np.arange(4.0)
    fixed.flags.writeable = False
    for _ in range(3):
        with pytest.raises(ValueError, match="read-only"):
            njit(doubled)(Exporter(fixed))
    assert fixed[1] == 1.0


# ---- changed in place


def reshaped(a, change):
    s = 0.0
    for i in range(len(a)):
        s += a[0, i]
    change(a)
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            s += a[i, j] * (i + 10 * j)
    return s


def swap_shape(a):
    n, m = a.shape
    a.shape = (m, n)


@pytest.mark.filterwarnings("ignore:Setting the shape:DeprecationWarning")
def test_a_shape_that_a_call_changes_is_read_again():
    compiled = njit(reshaped)
    for _ in range(3):
        a, b = np.arange(12.0).reshape(3, 4), np.arange(12.0).reshape(3, 4)
        assert compiled(a, swap_shape) == reshaped(b, swap_shape) and a.shape == b.shape
    for _ in range(3):
        a = np.arange(12.0).reshape(3, 4)
        assert compiled(a, lambda a: None) == reshaped(a.copy(), lambda a: None)


@pytest.mark.filterwarnings("ignore:Setting the shape:DeprecationWarning")
def test_a_shape_that_the_function_itself_changes_is_read_again():
    def f(a, other):
        s = a[2]
        a.shape = (2, 6)
        other.name = s
        return s + a[1, 5] + len(a)

    class Thing:
        pass

    compiled = njit(f)
    for _ in range(3):
        assert compiled(np.arange(12.0), Thing()) == f(np.arange(12.0), Thing())


def test_an_array_that_becomes_readonly():
    def f(a, lock):
        a[0] = 1.0
        lock(a)
        a[1] = 2.0
        return a

    def lock(a):
        a.flags.writeable = False

    compiled = njit(f)
    for _ in range(3):
        a = np.zeros(3)
        with pytest.raises(ValueError, match="read-only"):
            compiled(a, lock)
        assert a.tolist() == [1.0, 0.0, 0.0]


def test_an_array_in_use_is_not_resized():
    def f(a):
        a[0] = 3.0
        a.resize(100)
        return a[0]

    compiled = njit(f)
    for _ in range(3):
        for function in (f, compiled):
            a = np.arange(4.0)
            with pytest.raises(ValueError, match="resize"):
                function(a)
            assert a.size == 4


def test_an_array_that_is_resized_all_the_same_is_read_again():
    def f(a, grow):
        s = 0.0
        for i in range(3):
            s += a[0]
            grow(a)
            for j in range(len(a)):
                a[j] += 1.0
        return s, len(a)

    def grow(a):
        a.resize(len(a) + 1000, refcheck=False)

    compiled = njit(f)
    for _ in range(3):
        a, b = np.arange(4.0), np.arange(4.0)
        assert compiled(a, lambda a: None) == f(b, lambda a: None)
        a, b = np.arange(4.0)[:2].copy(), np.arange(4.0)[:2].copy()
        assert compiled(a, grow) == f(b, grow) and np.array_equal(a, b)


def test_changes_by_iterators_and_tests():
    class Changes:
        def __init__(self, a):
            self.a = a

        def __iter__(self):
            for i in range(3):
                self.a.resize(len(self.a) + 500, refcheck=False)
                yield i

        def __bool__(self):
            self.a.resize(len(self.a) + 500, refcheck=False)
            return True

    def loop(a, changes):
        s = 0
        for i in changes:
            a[-1] += i + 1.0
            s += len(a)
        return s

    def test(a, changes):
        if changes:
            return len(a)
        return 0

    compiled, tested = njit(loop), njit(test)
    for _ in range(3):
        a, b = np.arange(4.0), np.arange(4.0)
        assert compiled(a, Changes(a)) == loop(b, Changes(b)) and np.array_equal(a, b)
        a = np.arange(4.0)
        with pytest.raises(RuntimeError, match="changed its memory or its shape in a test"):
            tested(a, Changes(a))


def test_arrays_are_given_back():
    @njit
    def f(x, make):
        a = make(x)
        for i in range(len(a)):
            a[i] += 1.0
        return len(a)

    memory = np.arange(4.0)
    for _ in range(3):
        f(memory, lambda x: x)
    gc.collect()
    before = sys.getrefcount(memory)
    for _ in range(20):
        f(memory, lambda x: x)
    assert sys.getrefcount(memory) == before


class TestTensors:
    @pytest.fixture
    def torch(self):
        return pytest.importorskip("torch")

    def test_a_tensor_that_is_resized_or_set_is_read_again(self, torch):
        def f(t, change):
            s = 0.0
            for i in range(3):
                s += float(t[0]) + len(t)
                change(t)
                for j in range(len(t)):
                    t[j] += 1.0
            return s

        def grow(t):
            n = len(t)
            t.resize_(n + 1000)
            t[n:] = 0

        def replace(t):
            t.set_(torch.arange(7.0))

        compiled = njit(f)
        for change in (grow, replace, lambda t: None, torch.Tensor.t_):
            for _ in range(2):
                t, u = torch.arange(4.0), torch.arange(4.0)
                assert compiled(t, change) == f(u, change) and torch.equal(t, u)

    def test_a_view_follows_its_tensor(self, torch):
        def f(t, change):
            v = t[1:3]
            x = t[2]
            change(t)
            return v, x, float(v[0]) + float(x)

        def grow(t):
            t.resize_(100000)

        compiled = njit(f)
        for _ in range(3):
            got, expected = compiled(torch.arange(4.0), grow), f(torch.arange(4.0), grow)
            assert got[0].tolist() == expected[0].tolist() and got[1].item() == expected[1].item()
            assert got[2] == expected[2]

    def test_requires_grad_that_is_switched_on(self, torch):
        def f(t, switch):
            t[0] = 1.0
            switch(t)
            t[1] = 2.0
            return t

        compiled = njit(f)
        for _ in range(3):
            with pytest.raises(RuntimeError, match="leaf Variable that requires grad"):
                compiled(torch.zeros(3), torch.Tensor.requires_grad_)
