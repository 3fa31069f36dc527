"""Whole-array expressions and assignments against NumPy: shapes that stretch, layouts, views that overlap."""

import itertools
import random

import numpy as np
import pytest

from harness import check_all
from hotloop import njit

SHAPES_2D = [(3, 4), (1, 4), (3, 1), (1, 1), (0, 4), (3, 0)]
SHAPES_3D = [(2, 3, 4), (1, 3, 4), (2, 1, 4), (2, 3, 1), (1, 1, 1)]


def array(shape, order="C", seed=0):
    values = np.random.default_rng(seed).integers(-8, 9, shape) / 4.0
    return np.asarray(values, order=order)


def result(*arrays):
    """An array for what these give together, or one that does not fit."""
    try:
        return np.zeros(np.broadcast_shapes(*(a.shape for a in arrays)))
    except ValueError:
        return np.zeros((1, 1))


def chain(a, b, out):
    t = a + b
    out[...] = t * t - a
    return (t - a).sum()


def three(a, b, c):
    return (a - b) * c + a


def compared(a, b, out):
    out[...] = (a < b) | (a == b)


def converted(a, b, out):
    out[...] = (a * 4).astype(np.int32) + (b > 0)


@pytest.mark.parametrize("func", [chain, compared, converted], ids=lambda f: f.__name__)
@pytest.mark.parametrize("orders", ["CC", "CF", "FC", "FF"])
def test_two_matrices(func, orders):
    rows = []
    for first, second in itertools.product(SHAPES_2D, SHAPES_2D):
        a, b = array(first, orders[0], 1), array(second, orders[1], 2)
        rows.append((a, b, result(a, b)))
    check_all(func, rows)


def test_three_axes():
    check_all(
        three,
        [
            (array(s), array(t, seed=1), array(u, seed=2))
            for s in SHAPES_3D
            for t in SHAPES_3D
            for u in ((4,), (3, 1))
        ],
    )


def assign_sum(out, a, b):
    out[...] = a + b


def test_assignment_stretches():
    shapes = [(3, 4), (4,), (1,), (3, 1), (1, 1), (2, 4)]
    check_all(
        assign_sum, [(array((3, 4)), array(s, seed=1), array(t, seed=2)) for s in shapes for t in shapes]
    )


def slices(a, i, j, k, n):
    a[i : i + n] = a[j : j + n] * 2.0 + a[k : k + n]


def strided(a, i, s, j, t, n):
    x = a[i : i + s * n : s]
    x[...] = a[j : j + t * n : t] - x


def block(m, i, j, k, n):
    m[i : i + n, j : j + n] = m[j : j + n, k : k + n].T + m[k : k + n, i : i + n]


def stores_between(a, b):
    t = a + b
    a[0] = 100.0
    u = t * a
    b[...] = u
    v = t + b
    return v - u


def test_overlapping_slices():
    rows = [(np.arange(12.0), i, j, k, 5) for i in (0, 1, 4) for j in (0, 2, 3) for k in (0, 1, 7)]
    check_all(slices, rows)


def test_overlapping_strides():
    cases = [(0, 1, 11, 1), (1, 2, 2, 1), (3, 1, 4, 2), (0, 3, 1, 3), (2, 2, 0, 1)]
    check_all(strided, [(np.arange(24.0), i, s, j, t, 6) for i, s, j, t in cases])


def test_overlapping_blocks():
    check_all(
        block,
        [(np.arange(64.0).reshape(8, 8), i, j, k, 4) for i in (0, 2) for j in (0, 1, 3) for k in (0, 4)],
    )


def test_stores_between():
    check_all(stores_between, [(np.arange(5.0), np.ones(5)), (np.arange(1.0), np.ones(1))])


def test_same_array_under_two_names():
    def both(a, b):
        a[1:] = b[:-1] + a[1:]
        b += a[::-1]

    shared = np.arange(9.0)
    check_all(both, [(shared, shared), (shared[1:], shared[:-1])])


def test_integer_power_raises_before_it_writes():
    def power(a, b):
        a[...] = a + a**b

    check_all(power, [(np.arange(5), np.array([1, 2, 0, 3, 2])), (np.arange(5), np.array([1, 2, -1, 3, 2]))])


def test_random_trees():
    """Twenty expressions over three arrays whose shapes are drawn too."""
    draw = random.Random(7)

    def tree(depth):
        if depth == 0:
            return draw.choice(["a", "b", "c", "2.0", "a[::-1]", "s"])
        return f"({tree(depth - 1)} {draw.choice('+-*')} {tree(depth - 1)})"

    for _ in range(20):
        space = {}
        exec(f"def f(a, b, c, s, out):\n    out[...] = {tree(3)} + a\n", space)
        shapes = [draw.choice([*SHAPES_2D, (4,), (1,)]) for _ in range(3)]
        arrays = [array(shape, draw.choice("CF"), i) for i, shape in enumerate(shapes)]
        check_all(space["f"], [(*arrays, 0.5, result(*arrays, np.zeros((1, 1))))])


def root_mean_square(a, b):
    return np.sqrt(((a - b) ** 2).mean())


@pytest.mark.parametrize("semantics", ["python", "numba"])
def test_reduced_operation_makes_no_array(semantics):
    """By either's rules the elements are made where they are added up."""
    f = njit(semantics=semantics, strict=True)(root_mean_square)
    a, b = array(300, seed=1), array(300, seed=2)
    assert f(a, b) == root_mean_square(a, b)
    assert "array.alloc" not in f.inspect("opt").partition("\n}")[0]


def thirds(a):
    out = np.empty(len(a))
    for i in range(len(a)):
        out[i] = a[i] / 3.0 + i % 7
    return out


def test_constant_divisor_is_not_checked():
    """Numba's rules raise for a division by zero; a constant is known not to be zero."""
    f = njit(semantics="numba", strict=True)(thirds)
    assert f(np.arange(9.0)).tolist() == thirds(np.arange(9.0)).tolist()
    assert "ZeroDivisionError" not in f.inspect("typed")
