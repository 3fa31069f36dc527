"""The functions of module operator, types called to convert, and divmod with outputs."""

import operator

import numpy as np
import pytest
from harness import check

import hotloop
from hotloop import int8, njit, types
from hotloop.extending import register_jitable

BINARY = "add sub mul truediv floordiv mod pow lshift rshift and_ or_ xor lt le eq ne gt ge".split()
INPLACE = "iadd isub imul itruediv ifloordiv imod ipow ilshift irshift iand ior ixor".split()


def caller(name, nargs):
    """A function that calls operator.NAME: each its own code."""
    names = "ab"[:nargs]
    namespace = {"operator": operator}
    source = f"def f({', '.join(names)}):\n    return operator.{name}({', '.join(names)})\n"
    exec(compile(source, f"<{name}>", "exec"), namespace)
    return namespace["f"]


@pytest.mark.parametrize("name", BINARY)
def test_two_numbers(name):
    check(caller(name, 2), 7, 3)
    check(caller(name, 2), 6, 6)


@pytest.mark.parametrize("name", ["add", "sub", "mul", "truediv", "lt", "eq", "pow", "floordiv"])
def test_arrays(name):
    check(caller(name, 2), np.arange(1.0, 6.0), np.arange(5.0, 0.0, -1.0))


@pytest.mark.parametrize("name", INPLACE)
def test_in_place_of_numbers_is_the_operator(name):
    check(caller(name, 2), 7, 3)


@pytest.mark.parametrize("name", ["iadd", "isub", "imul", "itruediv", "ipow"])
def test_in_place_of_arrays(name):
    check(caller(name, 2), np.arange(1.0, 6.0), 3.0)


@pytest.mark.parametrize("name", ["iand", "ior", "ixor", "ilshift", "irshift", "ifloordiv", "imod"])
def test_in_place_of_integer_arrays(name):
    check(caller(name, 2), np.arange(1, 6), 2)


@pytest.mark.parametrize("name", ["neg", "pos", "invert", "inv", "not_", "truth", "abs"])
def test_one_number(name):
    for value in (5, -3, 0):
        check(caller(name, 1), value)


def test_identity():
    def f(a, b):
        return operator.is_(a, b), operator.is_not(a, b)

    a = np.zeros(3)
    check(f, a, a)
    check(f, a, np.zeros(3))
    check(f, None, None)


def test_items_and_membership():
    def f(a, t):
        operator.setitem(a, 1, 9.0)
        return operator.getitem(a, -1), operator.getitem(t, 0), operator.contains(t, 2), operator.concat(t, t)

    check(f, np.arange(4.0), (1, 2))


def test_types_convert():
    """A number type called in compiled code converts, to a NumPy scalar as the class of that name does."""

    @njit(strict=True)
    def f(x):
        return types.float32(x), int8(x), hotloop.uint16(x), types.boolean(x), types.complex64(x)

    expected = np.float32(3.7), np.int8(3), np.uint16(3), True, np.complex64(3.7)
    got = f(3.7)
    assert got == expected and [type(v) for v in got] == [type(v) for v in expected]


def test_divmod_with_outputs():
    def positional(a, b, q, r):
        np.divmod(a, b, q, r)

    def keyword(a, b, q, r):
        np.divmod(a, b, out=(q, r))

    for f in (positional, keyword):
        check(f, np.arange(-5, 5), np.full(10, 3), np.zeros(10, np.int64), np.zeros(10, np.int64))

    def into_inputs(a, b):
        np.divmod(a, b, a, b)

    check(into_inputs, np.arange(-5, 5), np.arange(1, 11))


def test_register_jitable():
    @register_jitable
    def half(x):
        return x / 2

    @register_jitable(fastmath=True)
    def twice(x):
        return x + x

    assert half(3) == 1.5

    def f(x):
        return half(x) + twice(x)

    check(f, 3)
    check(f, 2.5)


def test_types_without_a_loop_are_named():
    """Both operands of a ufunc are told, also where the first one is what does not fit."""
    from hotloop.core.errors import TypingError

    with pytest.raises(TypingError, match=r"add cannot be compiled for arguments \(any object, any object\)"):
        njit("(pyobject, pyobject)", strict=True)(lambda a, b: np.add(a, b))


def test_big_ints_fit_a_signature_with_uint64():
    """An int that fits 64 bits without a sign is a uint64 where the signature asks for one, and never cut."""
    both = njit(["uint64(uint64, uint64)", "int64(int64, int64)"], strict=True)(lambda a, b: a & b)
    assert both(2**64 - 1, 2**63 + 5) == 2**63 + 5 and both(-1, 5) == 5
    assert both.signatures and both(np.uint64(7), 2**63 + 3) == 3
    signed = njit("int64(int64)")(lambda a: a)
    assert signed(2**63) == 2**63  # by the interpreter
