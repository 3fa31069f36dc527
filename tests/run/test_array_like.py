"""Lists and tuples where NumPy takes anything like an array."""

import numpy as np
import pytest

from hotloop import njit
from tests.harness import check

A = np.arange(6.0).reshape(2, 3)
K = np.arange(6).reshape(2, 3)

FUNCTIONS = {
    "add": lambda a, i: a + [1, 2, 3],
    "add_tuple": lambda a, i: (1, 2, 3) * a,
    "allclose": lambda a, i: np.allclose([3, 1, 3], (3, 1, 3.0)),
    "argmax": lambda a, i: np.argmax([3, 1, 3]),
    "array_of_mixed_rows": lambda a, i: np.array([a[0], [1, 2, 3]]),
    "array_of_nothing": lambda a, i: np.array([]),
    "array_of_rows": lambda a, i: np.array([[1, 2], [3, 4.5]]),
    "clip": lambda a, i: np.clip([1, 5, 9], 2, [6, 6, 6]),
    "choice": lambda a, i: np.random.choice([1, 1, 1]),
    "column_stack_mixed": lambda a, i: np.column_stack([a[:, 0], i[:, 1]]),
    "compare": lambda a, i: a[0] == [0, 1, 5],
    "concatenate_mixed": lambda a, i: np.concatenate([a, i]),
    "copy": lambda a, i: np.copy([1, 2]),
    "cross": lambda a, i: np.cross([1, 0, 0], [0, 1, 0]),
    "cumsum": lambda a, i: np.cumsum([1, 2, 3]),
    "diag": lambda a, i: np.diag([1, 2, 3]),
    "digitize": lambda a, i: np.digitize(a[0], [0, 1.5]),
    "dot": lambda a, i: np.dot([1.0, 2], [3.0, 4]),
    "dot_method": lambda a, i: a.dot([1, 2, 3]),
    "full": lambda a, i: np.full([2, 3], [1.5, 2, 3]),
    "full_like": lambda a, i: np.full_like([1, 2], 7),
    "histogram": lambda a, i: np.histogram(a[0], [0, 1.5, 3])[0],
    "interp": lambda a, i: np.interp(2.5, [1, 2, 3], [3, 2, 0]),
    "isin": lambda a, i: np.isin(i, [1, 2]),
    "matmul": lambda a, i: a @ [1, 2, 3],
    "max": lambda a, i: np.max([1, 2.5, 3]),
    "mean_of_keyword": lambda a, i: np.mean(a=[1, 2, 6]),
    "meshgrid": lambda a, i: np.meshgrid([1, 2, 3], [4, 5])[0],
    "norm": lambda a, i: np.linalg.norm([3, 4]),
    "outer": lambda a, i: np.outer([1, 2, 3], (4, 5)),
    "percentile": lambda a, i: np.percentile(a, [25, 75]),
    "polyval": lambda a, i: np.polyval([3, 0, 1], 5),
    "ravel": lambda a, i: np.ravel([[1, 2], [3, 4]]),
    "repeat": lambda a, i: np.repeat(a[0], [1, 0, 2]),
    "reshape": lambda a, i: a.reshape([3, 2]),
    "roll": lambda a, i: np.roll([1, 2, 3], 1),
    "searchsorted": lambda a, i: np.searchsorted([1, 2, 3], [2, 5]),
    "setdiff": lambda a, i: np.setdiff1d([1, 2, 3], [2]),
    "sort": lambda a, i: np.sort([3, 1, 2]),
    "sqrt": lambda a, i: np.sqrt([1, 4]),
    "stack_mixed": lambda a, i: np.stack([a, i]),
    "take": lambda a, i: np.take(a[0], [2, 0]),
    "tile": lambda a, i: np.tile([1, 2], 2),
    "unique": lambda a, i: np.unique([3, 1, 3]),
    "where": lambda a, i: np.where(a > 1, [1, 2, 3], 0),
    "zeros": lambda a, i: np.zeros([2, 3]),
    "zeros_like": lambda a, i: np.zeros_like([[1.0, 2]]),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_display(name):
    check(FUNCTIONS[name], A, K)


def test_list_in_a_variable():
    def statistics(values, more):
        top = [values[0], 2.0]
        top.append(more)
        return np.median(values), np.sort(top), np.sqrt(values), np.dot(values, [1.0] * len(values)), A @ top

    check(statistics, [4.0, 9.0, 1.0], 5.0)


def test_tuple_in_a_variable():
    def lengths(p, q):
        return np.linalg.norm(p), np.dot(p, q), np.array([p, q]), np.maximum(p, q), np.mean((p, q), axis=0)

    check(lengths, (3.0, 4.0), (1, 2))


def test_shapes_differ():
    check(lambda n: np.array([[1, 2], [n]]), 3)
    check(lambda n: np.zeros(n) + [1, 2], 3)


def test_list_that_is_changed():
    """Only what NumPy reads becomes an array: a list that it is to change stays the list."""

    def shuffled(values):
        np.random.seed(3)
        np.random.shuffle(values)
        return values

    check(shuffled, [1, 2, 3, 4, 5])


def test_display_for_numpy_makes_no_list():
    def angle(x, y):
        return np.array([[x, y], [-y, x]]) @ np.array([1.0, 0.5])

    check(angle, 0.5, 0.25)
    compiled = njit(strict=True)(angle)
    compiled(0.5, 0.25)
    assert "list.new" not in compiled.inspect("typed")
    kept = njit(strict=True)(lambda x: len([x, x]))
    kept(0.5)
    assert "list.new" in kept.inspect("typed")
