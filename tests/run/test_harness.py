"""The oracle itself: it must see each kind of difference, or the tests that rest on it could not fail."""

import math

import numpy as np
import pytest

import harness
from harness import Memory, Run, Tolerance, arrays_in, check, memory_fault, outcome_fault, value_fault

DIFFERENT = [
    (1, True),
    (1, 1.0),
    (0.0, -0.0),
    (1.0, math.nan),
    (1.0, np.float32(1.0)),
    ((1, 2), (1, 2, 3)),
    ((1, 2.0), (1, 2)),
    (np.zeros(3), np.zeros(4)),
    (np.zeros(3), np.zeros(3, np.float32)),
    (np.zeros((2, 3)), np.zeros((2, 3), order="F")),
    (np.array([0.0]), np.array([-0.0])),
    (1 + 0j, complex(1, -0.0)),
    (np.array([1 + 0j]), np.array([1 + 1e-16j])),
    (None, 0),
]
EQUAL = [
    (1, 1),
    (math.nan, -math.nan),
    (np.float32("nan"), np.float32("nan")),
    (None, None),
    ((1, (2.0,)), (1, (2.0,))),
    (np.array([math.nan, -0.0]), np.array([math.nan, -0.0])),
    (np.zeros((0, 3)), np.zeros((0, 3))),
]


@pytest.mark.parametrize("pair", DIFFERENT, ids=repr)
def test_difference_seen(pair):
    assert value_fault(*pair, Tolerance())


@pytest.mark.parametrize("pair", EQUAL, ids=repr)
def test_equal_accepted(pair):
    assert value_fault(*pair, Tolerance()) is None


def test_ulp_tolerance():
    x = 1.0
    assert value_fault(x, math.nextafter(x, 2), Tolerance())
    assert value_fault(x, math.nextafter(x, 2), Tolerance(ulp=1)) is None
    assert value_fault(x, x + 1e-12, Tolerance(ulp=4))


def outcome(func, *args):
    return Run(func, args, {})


def fault(one, other, *args):
    return outcome_fault(outcome(one, *args), outcome(other, *args), Tolerance())


def raise_value_error():
    raise ValueError("no")


def raise_other_text():
    raise ValueError("never")


def test_exceptions_are_compared():
    assert fault(raise_value_error, raise_other_text)
    assert fault(raise_value_error, lambda: 1)
    assert fault(raise_value_error, raise_value_error) is None


def test_identity_and_sharing_are_compared():
    a = np.arange(6.0)
    assert fault(lambda a: a, lambda a: a[:], a)
    assert fault(lambda a: a[1:], lambda a: a[1:].copy(), a)
    assert fault(lambda a: a[1:3], lambda a: a[2:4], np.zeros(6))
    assert fault(lambda a: a[1:3], lambda a: a[1:3], a) is None


def write_between(a):
    np.lib.stride_tricks.as_strided(a, (2,), (8,))[1] = 7.0


def write_behind(a):
    np.lib.stride_tricks.as_strided(a, (a.size + 1,), (a.strides[0],))[-1] = 7.0


@pytest.mark.parametrize("bad", [write_between, write_behind])
def test_bytes_outside_the_array_are_compared(bad):
    a = np.arange(8.0)[1::2]
    good = outcome(lambda a: None, a)
    assert memory_fault(good, good, 0, 0.0) is None
    assert memory_fault(good, outcome(bad, a), 0, 0.0)


def unaligned():
    return np.frombuffer(bytearray(33), np.uint8)[1:].view(np.float64)


LAYOUTS = {
    "c": np.arange(6.0).reshape(2, 3),
    "f": np.arange(6.0).reshape(2, 3).T,
    "strided": np.arange(24.0)[::-2],
    "broadcast": np.broadcast_to(np.arange(3.0), (4, 3)),
    "0-d": np.array(3.0),
    "empty": np.zeros((2, 0, 3)),
    "unaligned": unaligned(),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_copy_keeps_layout(name):
    a = LAYOUTS[name]
    (copy,) = Memory([a]).clone((a,))
    assert copy.strides == a.strides and copy.shape == a.shape and copy.dtype == a.dtype
    assert copy.flags.writeable == a.flags.writeable and copy.flags.aligned == a.flags.aligned
    assert np.array_equal(copy, a) and not np.shares_memory(copy, a)


def test_copy_keeps_overlap():
    a = np.arange(9.0)
    x, (y, z) = Memory([a, a[3:]]).clone((a, (a[3:], a)))
    assert z is x
    y[0] = 42.0
    assert x[3] == 42.0 and a[3] == 3.0


def test_arrays_in_nested_tuples():
    a, b = np.zeros(1), np.ones(1)
    assert [id(x) for x in arrays_in((a, (1, (b,))))] == [id(a), id(b)]


def down(n):
    return 0 if n == 0 else 1 + down(n - 1)


def test_recursion_stays_in_the_copy(oracle_only):
    check(down, 5)
    inner = harness.compiled_copy(down, {})
    assert (inner.__globals__ if oracle_only else inner.py_func.__globals__)["down"] is inner
