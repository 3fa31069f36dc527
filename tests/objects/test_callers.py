"""Compiled functions that call functions with objects in them, themselves, and each other."""

import numpy as np
import pytest

from hotloop import njit

pytestmark = pytest.mark.filterwarnings("ignore::hotloop.core.errors.HotloopPerformanceWarning")


class Model:
    def __init__(self, k):
        self.k = k

    def predict(self, x):
        return x * self.k


def is_compiled(function):
    return all(result is not None for _, result in function._specialisations())


@njit
def scaled(model, x):
    return model.predict(x) + 1


def test_a_native_caller_goes_on_with_the_result():
    @njit
    def caller(model, a):
        total = 0.0
        for i in range(a.shape[0]):
            total += scaled(model, a[i])
        return total

    a = np.arange(5.0)
    for k in (2.0, 3, 2.5):
        for _ in range(3):
            assert caller(Model(k), a) == sum(v * k + 1 for v in a)
    assert is_compiled(caller) and is_compiled(scaled)


def test_a_caller_without_objects_of_its_own():
    @njit
    def inner(x):
        return Model(2).predict(x)

    @njit
    def outer(n):
        total = 0
        for i in range(n):
            total += inner(i)
        return total

    for _ in range(3):
        assert outer(5) == 20
    assert is_compiled(outer) and is_compiled(inner)


def test_recursion_with_several_types_at_one_site():
    def fold(values, i):
        if i == len(values):
            return 0
        return values[i] + fold(values, i + 1)

    compiled = njit(fold)
    for values in ([1, 2, 3], [1, 2.5, 3], [1.5, 2j, True], [np.float32(1), 2, 2.5, 1j, 2**70]):
        for _ in range(3):
            assert compiled(values, 0) == fold(values, 0)


def test_deep_recursion_does_not_grow_without_bound():
    @njit
    def down(model, n):
        if n == 0:
            return model.k
        return down(model, n - 1) + 1

    for _ in range(3):
        assert down(Model(5), 50) == 55
    with pytest.raises(RecursionError):
        down(Model(5), 10**6)


def test_compiled_functions_as_arguments():
    @njit
    def apply(f, model, n):
        total = 0.0
        for i in range(n):
            total += f(model, i)
        return total

    for f in (scaled, lambda model, i: model.k + i, Model.predict):
        for _ in range(3):
            assert apply(f, Model(2.0), 4) == sum(f(Model(2.0), i) for i in range(4))


def test_a_compiled_function_is_the_callback_of_foreign_code():
    calls = []

    @njit
    def key(x):
        calls.append(x)
        return -x

    @njit
    def f(xs):
        return sorted(xs, key=key)

    assert f([3, 1, 2]) == [3, 2, 1]
    assert calls == [3, 1, 2]


def test_mutual_recursion():
    @njit
    def even(model, n):
        return model.k if n == 0 else odd(model, n - 1)

    @njit
    def odd(model, n):
        return None if n == 0 else even(model, n - 1)

    for _ in range(3):
        assert even(Model("yes"), 6) == "yes" and even(Model("yes"), 7) is None
