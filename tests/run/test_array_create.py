"""Making arrays: empty, zeros, ones, full and their _like, arange, linspace, eye, copy."""

import numpy as np
import pytest
from layouts import DTYPES, FLOAT_DTYPES, IN_K_ORDER, layouts, name_of, numbers

from harness import check, check_all


def by_shape(n, m):
    return (
        np.zeros(n), np.ones(n), np.zeros((n,)), np.ones((n, m)), np.full(n, 2.5), np.full((n, m), 3),
        np.full((m, n), True), np.full(n, 1j), np.zeros((n, m, 2)), np.empty((n, m)).shape,
        np.empty(n).size,
    )  # fmt: skip


def by_dtype(n):
    return (
        np.zeros(n, np.int8), np.zeros(n, dtype=np.uint16), np.ones(n, np.float32),
        np.ones((n, 2), dtype=np.complex64), np.zeros(n, np.bool_), np.zeros(n, bool), np.zeros(n, int),
        np.ones(n, float), np.ones(n, complex), np.full(n, 7, np.int16), np.full((n, 1), 2.75, np.float32),
        np.full(n, 1, np.bool_), np.full(n, 2, np.complex128),
    )  # fmt: skip


def test_a_shape_is_no_truth_value():
    for shape in (True, (True, 2), np.True_):
        check(lambda n: np.zeros(n), shape, strict=False)
        check(lambda n: np.full(n, 1.5), shape, strict=False)
        check(lambda n: np.arange(2).reshape(n), shape, strict=False)


def test_by_shape():
    check_all(by_shape, [(0, 0), (1, 3), (4, 2), (0, 5), (np.int32(3), np.uint8(2))])


def test_by_dtype():
    check_all(by_dtype, [(0,), (1,), (5,)])


@pytest.mark.parametrize("dtype", DTYPES, ids=name_of)
def test_of_dtype(dtype):
    def make(n):
        a = np.empty((n, 2), dtype)
        a[...] = 1
        return (
            a,
            np.zeros(n, dtype),
            np.ones((2, n), dtype),
            np.full(n, 3, dtype),
            np.arange(n).astype(dtype),
            np.eye(n, dtype=dtype),
        )

    check_all(make, [(0,), (3,)])


def test_constant_shapes():
    check(
        lambda: (
            np.zeros(3),
            np.ones((2, 2)),
            np.full((1, 2), 7),
            np.zeros(()),
            np.ones((), np.int8),
            np.zeros((2, 0)),
        )
    )


def test_shape_of_another():
    check_all(
        lambda a: (np.zeros(a.shape), np.ones(a.shape, a.dtype), np.zeros(a.shape[0]), np.zeros(len(a))),
        [(numbers((2, 3), np.int16),)],
    )


def test_negative_size():
    check_all(lambda n: np.zeros(n), [(-1,), (3,)])
    check_all(lambda n, m: np.empty((n, m)).shape, [(3, -2), (-1, 0), (2, 2)])


def test_too_large():
    check_all(lambda n: np.zeros((n, n)).shape, [(2**40,)])


@pytest.mark.parametrize("name", layouts())
def test_like(name):
    def like(a):
        b = np.empty_like(a)
        b[...] = 5
        return (
            b,
            np.zeros_like(a),
            np.ones_like(a),
            np.full_like(a, 3),
            np.zeros_like(a, dtype=np.int8),
            np.ones_like(a, np.float32),
        )

    check(like, layouts()[name], layout=name not in IN_K_ORDER)


def test_like_of_dimensions():
    check_all(
        lambda a: (np.zeros_like(a), np.full_like(a, 2)),
        [(numbers(4, np.uint8),), (numbers((2, 3, 4)),), (np.zeros((0, 2)),)],
    )


@pytest.mark.parametrize("dtype", DTYPES, ids=name_of)
def test_like_of_dtype(dtype):
    check(lambda a: (np.zeros_like(a), np.ones_like(a), np.full_like(a, 1)), numbers((2, 3), dtype))


def test_arange_of_ints():
    check_all(lambda n: np.arange(n), [(0,), (5,), (-3,), (np.int16(4),)])
    check_all(lambda a, b: np.arange(a, b), [(2, 7), (7, 2), (-5, 5), (0, 0)])
    steps = [(0, 10, 3), (10, 0, -3), (0, 10, -1), (5, 6, 100), (-7, 7, 7), (0, 9, 3), (2**62, 2**62 + 5, 2)]
    steps += [(-(2**63), 2**63 - 1, 2**62), (2**63 - 1, -(2**63), -(2**62) - 5), (-(2**63), 2**63 - 1, 1)]
    check_all(lambda a, b, s: np.arange(a, b, s), steps)


def test_arange_of_floats():
    check_all(lambda n: np.arange(n), [(0.0,), (5.5,), (-1.0,)])
    rows = [
        (0.0, 1.0, 0.1),
        (1.0, 0.0, -0.25),
        (0, 1, 0.3),
        (0.5, 10, 3),
        (1.0, 2.0, 5.0),
        (0.1, 100.0, 0.7),
        (1e15, 1e15 + 8, 1.5),
    ]
    check_all(lambda a, b, s: np.arange(a, b, s), rows)
    check_all(lambda a, b: np.arange(a, b), [(0.5, 4.0), (0, 2.5), (-1.5, 1)])


def test_arange_with_dtype():
    check_all(
        lambda n: (
            np.arange(n, dtype=np.float32),
            np.arange(n, dtype=np.int8),
            np.arange(0, n, 2, np.uint16),
        ),
        [(0,), (7,)],
    )
    check_all(lambda a, b, s: np.arange(a, b, s, dtype=np.float64), [(0, 5, 2), (0.25, 1.0, 0.25)])


def test_arange_step_zero():
    check_all(lambda a, b, s: np.arange(a, b, s), [(0, 5, 0), (0.0, 5.0, 0.0)])


def test_linspace():
    rows = [
        (0.0, 1.0, 5),
        (1, 10, 4),
        (5.0, -5.0, 11),
        (0.1, 0.3, 3),
        (2.0, 2.0, 4),
        (0.0, 1.0, 1),
        (0.0, 1.0, 0),
        (0, 1, 50),
        (-3, 7.5, 33),
    ]
    check_all(lambda a, b, n: np.linspace(a, b, n), rows)
    check_all(lambda a, b: np.linspace(a, b), [(0.0, 1.0), (3, -4)])
    check_all(lambda a, b, n: np.linspace(a, b, n), [(0.0, 1.0, -1)])


def test_linspace_of_extremes():
    check_all(
        lambda a, b, n: np.linspace(a, b, n),
        [(0.0, 5e-324, 3), (1e308, 1.7e308, 7), (float("nan"), 1.0, 3), (0.0, float("inf"), 3)],
    )


def test_eye():
    check_all(lambda n: (np.eye(n), np.eye(n, dtype=np.int32)), [(0,), (1,), (4,)])
    check_all(
        lambda n, m, k: (np.eye(n, m), np.eye(n, m, k), np.eye(n, k=k)),
        [(3, 4, 1), (4, 2, -2), (3, 3, 5), (2, 3, 0)],
    )


@pytest.mark.parametrize("name", layouts())
def test_copy(name):
    def copies(a):
        b, c = a.copy(), np.copy(a)
        b[0] = 100.0
        return b, c, a[1:].copy(), a.T.copy()

    check(copies, layouts()[name], layout=name not in IN_K_ORDER)


@pytest.mark.parametrize("dtype", DTYPES, ids=name_of)
def test_copy_of_dtype(dtype):
    check_all(
        lambda a: a.copy(),
        [(numbers((2, 3), dtype),), (numbers(5, dtype)[::-2],), (np.array(1, dtype),), (numbers(0, dtype),)],
    )


def test_fresh_array_owns_its_memory(oracle_only):
    from harness import compiled_copy

    a = compiled_copy(lambda n: np.zeros(n), {})(10)
    assert a.base is None and a.flags.owndata and a.flags.writeable
    if not oracle_only:
        assert a.ctypes.data % 64 == 0
    a[:] = 3.0
    assert a.sum() == 30.0
    a.resize(20, refcheck=False)
    assert a.sum() == 30.0


def test_many_temporaries():
    def build(n):
        total = 0.0
        for i in range(n):
            a = np.full(i % 5 + 1, 0.5)
            b = a.copy()
            b[0] = i
            if i % 3 == 0:
                continue
            total += b[0] + a[-1] + b.size
        return total

    check_all(build, [(0,), (50,)])


@pytest.mark.parametrize("dtype", FLOAT_DTYPES, ids=name_of)
def test_grid(dtype):
    def grid(n):
        out = np.empty((n, n), dtype)
        x = np.linspace(-1, 1, n)
        for i in range(n):
            for j in range(n):
                out[i, j] = x[i] * x[j] + i
        return out

    check_all(grid, [(0,), (1,), (6,)])
