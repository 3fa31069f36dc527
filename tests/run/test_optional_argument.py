"""Arguments that a signature makes optional: None, or a value of the type."""

import numpy as np
import pytest
from hotloop import njit, types


def compiled(signature, func):
    return njit(signature, strict=True)(func)


def plus(x, y):
    return x if y is None else x + y


def test_numbers():
    f = compiled("(float64, optional(float64))", plus)
    for args in [(1.0, 12.5), (1.0, None), (2, 3)]:
        assert f(*args) == plus(*args)
    assert len(f.signatures) == 1
    with pytest.raises(TypeError):
        f(1.0, "a")


def test_several_and_in_any_place():
    def pick(a, b, c):
        return (0 if a is None else a), (1j if b is None else b), c is None

    f = compiled("(optional(int64), optional(complex128), optional(float32))", pick)
    for a in (None, 5):
        for b in (None, 2 + 1j):
            for c in (None, np.float32(2)):
                assert f(a, b, c) == pick(a, b, c)


def test_arrays():
    def add(x, y):
        if y is None:
            return x
        y[0] += x
        return y.sum() + y.shape[0]

    f = compiled("(float64, optional(float64[:]))", add)
    mine, theirs = np.arange(4.0), np.arange(4.0)
    assert f(2.5, mine) == add(2.5, theirs)
    assert np.array_equal(mine, theirs)
    assert f(2.5, None) == 2.5
    with pytest.raises(TypeError):
        f(2.5, np.zeros((2, 2)))


def test_none_where_a_value_is_needed():
    first = compiled("(optional(int32[:]),)", lambda y: y[0])
    assert first(np.array([3], np.int32)) == 3
    with pytest.raises(TypeError):
        first(None)


def test_tuples_are_unpacked():
    def swapped(x):
        a, b = x
        return b, a

    f = compiled((types.Optional(types.UniTuple(types.int64, 2)),), swapped)
    assert f((1, 2)) == (2, 1)
    with pytest.raises(TypeError, match="cannot unpack non-iterable NoneType object"):
        f(None)


def test_lists():
    def fill(x, y):
        if y is not None:
            y.append(x)
        return y

    f = compiled((types.int64, types.Optional(types.List(types.int64, reflected=True))), fill)
    values = [1]
    assert f(2, values) is values
    assert values == [1, 2]
    assert f(2, None) is None
