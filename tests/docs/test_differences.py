"""docs/differences.md states facts: here each is seen."""

import numpy as np
import pytest

from harness import check


@pytest.fixture(autouse=True)
def compiler(oracle_only):
    if oracle_only:
        pytest.skip("these answers are not CPython's")


def jit(func, **options):
    import hotloop

    return hotloop.njit(strict=True, **options)(func)


def test_ints_wrap():
    assert check(lambda a: a * a, 2**40, expect=0) == 0
    assert check(lambda a: a + 1, 2**63 - 1, expect=-(2**63)) == -(2**63)


def test_a_longer_int_runs_in_the_interpreter():
    assert check(lambda a: a + 1, 2**70, strict=False, native=False) == 2**70 + 1


def test_a_variable_has_one_type():
    result = check(lambda c: 1 if c else 2.5, True, join=True)
    assert (result, type(result)) == (1.0, float)


WIDTH = 3


def test_globals_are_frozen():
    global WIDTH
    width = jit(lambda: WIDTH)
    assert width() == 3
    WIDTH = 4
    try:
        assert width() == 3
    finally:
        WIDTH = 3


def test_64_bit_scalars_come_back_as_pythons():
    assert type(jit(lambda a: a[0])(np.ones(2))) is float
    assert type(jit(lambda a: a[0])(np.ones(2, np.int64))) is int
    assert type(jit(lambda a: a[0])(np.ones(2, np.float32))) is np.float32


def test_reductions_along_an_axis_are_c_contiguous():
    a = np.asfortranarray(np.ones((2, 3, 4)))
    assert jit(lambda a: a.sum(0))(a).flags.c_contiguous
    assert not a.sum(0).flags.c_contiguous


def test_new_arrays_are_c_contiguous_or_f():
    """Where all operands with all axes are F contiguous; NumPy follows the strides of any operand."""
    f = np.asfortranarray(np.ones((3, 4)))
    new = jit(lambda a, b: (a.copy("K"), np.zeros_like(a), a.astype(np.int8), a + b, a + 1))
    assert all(a.flags.f_contiguous for a in new(f, f))
    assert all(a.flags.c_contiguous for a in new(f[::2], f[::2]))
    assert all(a.flags.f_contiguous for a in new.py_func(f[::2], f[::2]))


def test_overlapping_views():
    def assign(a):
        a[::2] = a[:3]

    a = np.arange(6.0)
    jit(assign)(a)
    assert a.tolist() == [0, 1, 1, 3, 2, 5]


def test_no_warning_for_division_by_zero(recwarn):
    assert jit(lambda a: 1 / a[0])(np.zeros(1)) == np.inf
    assert not recwarn.list


def test_answers_without_a_compiled_form():
    assert check(lambda a, b: a**b, 2, -1, strict=False) == 0.5
    assert check(lambda x: int(x), 1e30, strict=False) == int(1e30)
    with pytest.raises(ValueError, match="write float"):
        jit(lambda a, b: a**b)(2, -1)

    def store(x, a, b):
        x[0] = 1
        return a**b

    with pytest.raises(ValueError, match="write float"):
        jit(store)(np.zeros(1), 2, -1)


def test_a_dict_runs_in_the_interpreter_with_one_warning():
    import hotloop

    double = hotloop.njit(lambda n: {i: i for i in range(n)})
    with pytest.warns(hotloop.errors.HotloopPerformanceWarning, match="dict (comprehension|display)"):
        assert double(3) == {0: 0, 1: 1, 2: 2}
