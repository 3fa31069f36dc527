"""The decorator's `locals`: variables that are given a type. The interpreter knows nothing of it, so what is
expected is written out with NumPy's types.
"""

import numpy as np
import pytest

from hotloop import njit, types
from hotloop.core.errors import TypingError


def distance(x, y):
    result = 0.0
    for i in range(len(x)):
        difference = x[i] - y[i]
        result += difference * difference
    return result


def in_float32(x, y):
    result = np.float32(0)
    for i in range(len(x)):
        difference = np.float32(x[i] - y[i])
        result = np.float32(result + difference * difference)
    return result


FLOAT32 = {"result": types.float32, "difference": types.float32}
X, Y = np.random.default_rng(3).random((2, 999))


def same(got, expected):
    return got == expected and type(got) is type(expected)


def test_a_sum_in_float32():
    assert same(njit(locals=FLOAT32, strict=True)(distance)(X, Y), in_float32(X, Y))
    assert same(njit(strict=True)(distance)(X, Y), float(distance(X, Y)))


def test_by_numbas_rules():
    compiled = njit(locals=FLOAT32, strict=True, semantics="numba")(distance)
    assert same(compiled(X.astype("f4"), Y.astype("f4")), float(in_float32(X.astype("f4"), Y.astype("f4"))))


def test_parameters_loop_variables_and_unknown_names():
    @njit(locals={"n": types.int8, "i": types.uint8, "nobody": types.float64}, strict=True)
    def f(n):
        last = 0
        for i in range(257):
            last = i
        return n, last, i

    assert f(256 + 7) == (7, 0, 0)
    assert [type(value) for value in f(7)] == [np.int8, np.uint8, np.uint8]


def test_arrays_and_tuples_convert_where_they_can():
    @njit(locals={"a": types.float64[:], "t": types.UniTuple(types.float64, 2)}, strict=True)
    def f(a, n):
        t = n, 1
        return a, t

    a = np.zeros(3)
    assert f(a, 2)[0] is a and repr(f(a, 2)[1]) == "(2.0, 1.0)"


def test_variables_that_inner_functions_share():
    @njit(locals={"x": types.float32}, strict=True)
    def f(n):
        x = n * 0.1

        def inner():
            return x

        x = n * 0.3
        return inner()

    assert same(f(1), np.float32(0.3))


def test_called_from_compiled_code():
    compiled, plain = njit(locals=FLOAT32)(distance), njit(distance)
    other = njit(lambda x, y: (compiled(x, y), 1))
    assert same(njit(strict=True)(lambda x, y: compiled(x, y))(X, Y), in_float32(X, Y))
    assert same(other(X, Y)[0], in_float32(X, Y))
    with pytest.raises(TypingError, match="cannot be called"):
        njit(strict=True)(lambda x, y: compiled(x, y) - plain(x, y))(X, Y)


def test_with_objects():
    @njit(locals={"x": types.float32, "text": types.int64})
    def f(n):
        text = str(n)
        x = len(text) * 0.1
        return text, x

    assert f(10) == ("10", np.float32(0.2))
