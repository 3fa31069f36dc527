"""Addresses of C functions: what Cython modules export, and objects that stand for a C function."""

import ctypes

import numpy as np
import pytest

from hotloop import literal_unroll, njit
from hotloop.core.errors import HotloopPerformanceWarning
from hotloop.extending import get_cython_function_address
from hotloop.types import WrapperAddressProtocol, float64, int32

special = pytest.importorskip("scipy.special")
MODULE = "scipy.special.cython_special"


def test_address_of_a_cython_function():
    j0 = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(get_cython_function_address(MODULE, "j0"))
    assert j0(1.5) == special.j0(1.5)


def test_a_function_that_is_not_there():
    with pytest.raises(ValueError, match="exports no Cython function 'j99'"):
        get_cython_function_address(MODULE, "j99")


class J0(WrapperAddressProtocol):
    def __wrapper_address__(self):
        return get_cython_function_address(MODULE, "j0")

    def signature(self):
        return float64(float64)


class Abs(WrapperAddressProtocol):
    def __wrapper_address__(self):
        return ctypes.cast(ctypes.CDLL(None).abs, ctypes.c_void_p).value

    def signature(self):
        return int32(int32)


def test_an_object_with_an_address():
    assert J0()(1.5) == special.j0(1.5)
    assert Abs()(-3) == 3


def test_compiled_code_calls_it():
    j0 = J0()

    @njit
    def total(x):
        s = 0.0
        for v in x:
            s += j0(v)
        return s

    x = np.linspace(0, 3, 10)
    with pytest.warns(HotloopPerformanceWarning, match="`j0` is a J0"):
        assert total(x) == pytest.approx(special.j0(x).sum(), rel=1e-12)


def test_an_object_that_does_not_say_its_address():
    with pytest.raises(NotImplementedError, match="signature"):
        WrapperAddressProtocol()(1.0)


def test_literal_unroll():
    @njit(strict=True)
    def total(t):
        s = 0.0
        for x in literal_unroll(t):
            s += x
        return s

    assert literal_unroll((1, 2.5)) == (1, 2.5)
    assert total((1, 2.5, 3)) == 6.5
