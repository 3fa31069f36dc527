"""Ufuncs of whole arrays: compiled or not, the answer is NumPy's."""

import numpy as np
import pytest
from layouts import layouts, numbers

from harness import check, check_all
from hotloop import njit
from hotloop.errors import TypingError

ROWS = {
    "sqrt": lambda a, b: np.sqrt(a * a + b),
    "maximum": lambda a, b: np.maximum(a, b) - np.minimum(a, 0.5),
    "exp": lambda a, b: np.exp(-a * a) * b,
    "add": lambda a, b: np.add(a, b) + np.multiply(a, 2.0),
    "isnan": lambda a, b: np.isnan(a / b) | np.isinf(b),
    "where it matters": lambda a, b: np.floor(a) + np.abs(b) - np.sign(a),
}


@pytest.mark.parametrize("name", ROWS)
def test_of_arrays(name):
    check(ROWS[name], numbers(9), numbers(9)[::-1] ** 2, ulp=8, strict=False)


def test_of_layouts():
    check_all(lambda a: np.sqrt(np.abs(a)), [(a,) for a in layouts().values()], strict=False)


def into(a, out):
    np.multiply(a, a, out=out)
    return np.negative(a, out) is out


@pytest.mark.parametrize("dtype", ["i4", "f4", "f8", "c16"])
@pytest.mark.parametrize("target", ["i1", "i8", "f2", "f4", "f8", "c8", "c16"])
def test_output_of_the_same_kind(dtype, target):
    """An output takes what NumPy's "same_kind" lets into it, narrower elements included."""
    if np.can_cast(dtype, target, "same_kind"):
        check(into, np.arange(-3, 4).astype(dtype), np.zeros(7, target))
    else:
        with pytest.raises(TypingError):
            njit(strict=True)(into)(np.arange(-3, 4).astype(dtype), np.zeros(7, target))


def test_floats_of_mixed_integers():
    """What holds each operand is the type, not what holds both: int8 and uint8 give a float16."""
    small = [np.arange(1, 4).astype(t) for t in ("i1", "u1", "?", "i2", "u2", "i4")]
    check_all(lambda a, b: (np.hypot(a, b), np.copysign(a, b)), [(a, b) for a in small for b in small], ulp=2)
    check_all(lambda a: (np.hypot(a, 2), np.arctan2(0, a)), [(a,) for a in small], ulp=2)


def test_ldexp_takes_no_uint64():
    with pytest.raises(TypingError):
        njit(strict=True)(lambda a, b: np.ldexp(a, b))(np.ones(2), np.ones(2, np.uint64))
