"""Arrays that a prange loop rebinds, `s = s + row`: with 1, 2 and 8 threads the result is CPython's."""

import numpy as np
import pytest
from harness import check, compiled_copy
from regions import PARALLEL, check_parallel, diagnostics

from hotloop import get_num_threads, prange, set_num_threads

rng = np.random.default_rng(4)
ROWS = rng.integers(-9, 9, (1009, 4))
SIZES = [0, 1, 8, 1000]


@pytest.fixture(autouse=True)
def _all_threads():
    before = get_num_threads()
    yield
    set_num_threads(before)


def add(x, s):
    for i in prange(len(x)):
        s = s + x[i]
    return s


def add_on_the_right(x, s):
    for i in prange(len(x)):
        s = x[i] * 2 + 1 + s
    return s


def subtract(x, s):
    for i in prange(len(x)):
        s = s - x[i]
    return s


def multiply(x, s):
    for i in prange(len(x)):
        s = s * (x[i] | 1)
    return s


def numpy_add(x, s):
    for i in prange(len(x)):
        s = np.add(s, x[i])
    return s


def smallest(x, s):
    for i in prange(len(x)):
        s = np.minimum(s, x[i])
    return s


def largest(x, s):
    for i in prange(len(x)):
        s = np.maximum(x[i], s)
    return s


def bits(x, s):
    for i in prange(len(x)):
        s = s ^ x[i]
    return s


def scalars(x, s):
    for i in prange(len(x)):
        s = s + x[i, 0]
    return s


def under_conditions(x, s):
    for i in prange(len(x)):
        if x[i, 0] > 0:
            s = s + x[i]
        elif x[i, 1] > 0:
            s = s - 2 * x[i]
        for j in range(x[i, 2]):
            if j % 2:
                s = s + j
    return s


def whole_slice(x, s):
    for i in prange(len(x)):
        s[:] = s + x[i]
    return s


EXACT = [
    add,
    add_on_the_right,
    subtract,
    multiply,
    numpy_add,
    smallest,
    largest,
    bits,
    scalars,
    under_conditions,
    whole_slice,
]


@pytest.mark.parametrize("func", EXACT, ids=lambda f: f.__name__)
@pytest.mark.parametrize("n", SIZES)
def test_integers(func, n):
    check_parallel(func, ROWS[:n], np.arange(4))
    check_parallel(func, ROWS[:n], np.arange(8)[::-2])
    assert "`s` (" in diagnostics(func, ROWS[:n], np.arange(4))


@pytest.mark.parametrize("func", [add, subtract, smallest, largest, scalars], ids=lambda f: f.__name__)
@pytest.mark.parametrize("dtype", ["f4", "f8", "c16"])
def test_floats(func, dtype):
    rows = (ROWS / 8).astype(dtype)
    check_parallel(func, rows, np.arange(4).astype(dtype), rtol=1e-5 if dtype == "f4" else 1e-12)


def every(x, s):
    for i in prange(len(x)):
        s = np.logical_and(s, x[i] < 8)
    return s


def some(x, s):
    for i in prange(len(x)):
        s = s | (x[i] > 8)
    return s


@pytest.mark.parametrize("func", [every, some], ids=lambda f: f.__name__)
def test_truths(func):
    check_parallel(func, ROWS, np.arange(4) > 1)
    check_parallel(func, ROWS[:7], np.arange(4) > 1)


@pytest.mark.parametrize("order", ["C", "F"])
def test_matrices(order):
    x = rng.integers(-9, 9, (40, 3, 4))
    check_parallel(add, x, np.asarray(np.ones((3, 4), dtype=int), order=order))
    check_parallel(add, x, np.ones((6, 8), dtype=int)[::2, ::-2])


def keeps_the_old_one(x, s):
    before = s
    for i in prange(len(x)):
        if x[i, 0] > 7:
            s = s + x[i]
    return s, before, s is before


def reads_the_old_one(x, s):
    before = s
    for i in prange(len(x)):
        s = s + x[i] * before
    return s, before


@pytest.mark.parametrize("func", [keeps_the_old_one, reads_the_old_one], ids=lambda f: f.__name__)
def test_the_array_from_before_the_loop_is_another_one(func):
    check_parallel(func, ROWS, np.arange(4))
    check_parallel(func, ROWS[:0], np.arange(4))


@pytest.mark.parametrize("n", [0, 5, 1009])
def test_without_an_update_it_is_the_same_array(n):
    copy = compiled_copy(keeps_the_old_one, {"strict": True, **PARALLEL})
    s = np.arange(4)
    after, _, same = copy(np.minimum(ROWS[:n], 7), s)
    assert after is s and same


def several(x, s, t):
    for k in range(3):
        for i in prange(len(x)):
            s = s + x[i] * k
            t = np.maximum(t, x[i] - k)
    s += 1
    return s[0], s.shape, t.sum(), len(t), s, t


def test_several_in_a_serial_loop():
    check_parallel(several, ROWS, np.arange(4), np.arange(4))


def sizes(x, s):
    n = 0
    for i in prange(len(x)):
        s = s + x[i]
        n += len(s) + s.size
    return s, n


def test_sizes_in_the_loop():
    check_parallel(sizes, ROWS, np.arange(4))


@pytest.mark.parametrize(
    "rows, first", [((5, 4), (1,)), ((5, 1, 4), (1, 4)), ((5, 2, 3), (1, 3)), ((5, 1), (1,)), ((0, 3), (1,))]
)
def test_an_axis_of_one_element_grows(rows, first):
    for threads in (1, 2, 8):
        set_num_threads(threads)
        check(add, np.ones(rows, dtype=int), np.zeros(first, dtype=int), options=PARALLEL)
        check(scalars, np.ones((5, 4), dtype=int), np.zeros(first, dtype=int), options=PARALLEL)


def test_shapes_that_do_not_fit():
    for threads in (1, 2, 8):
        set_num_threads(threads)
        check(add, ROWS, np.arange(3), options=PARALLEL)
        check(add, ROWS[:0], np.arange(3), options=PARALLEL)


def raises(x, s):
    for i in prange(len(x)):
        s = s + x[i]
        if x[i, 0] == 8:
            raise ValueError("round", i)
    return s


def test_error_in_a_round():
    check_parallel(raises, ROWS, np.arange(4))
    check_parallel(raises, np.minimum(ROWS, 7), np.arange(4))


# ---- What is no reduction


def not_always_taken(x, s):
    for i in prange(len(x)):
        new = s + x[i]
        if x[i, 0] > 0:
            s = new
    return s


def two_from_one(x, s):
    for i in prange(len(x)):
        a, b = s + x[i], s + 2 * x[i]
        s = a if x[i, 0] > 0 else b
    return s


def doubled(x, s):
    for i in prange(len(x)):
        s = s + s
    return s


def taken_from(x, s):
    for i in prange(len(x)):
        s = x[i] - s
    return s


def read_in_the_loop(x, s):
    for i in prange(len(x)):
        s = s + x[i]
        x[i, 0] = s[0]
    return s


def another_array(x, s):
    for i in prange(len(x)):
        s = x[i] + 0 if i == 5 else s + x[i]
    return s


def changed_before_it_is_copied(x, s):
    old = s[:]
    for i in prange(len(x)):
        old += x[i]
        s = s + x[i]
    return s, old


@pytest.mark.filterwarnings("ignore::hotloop.core.errors.NumbaParallelSafetyWarning")
@pytest.mark.parametrize(
    "func",
    [
        not_always_taken,
        two_from_one,
        doubled,
        taken_from,
        read_in_the_loop,
        another_array,
        changed_before_it_is_copied,
    ],
    ids=lambda f: f.__name__,
)
def test_others_run_serially(func):
    for threads in (1, 8):
        set_num_threads(threads)
        check(func, ROWS.copy(), np.arange(4), options=PARALLEL)
    assert "runs serially: `s` is carried" in diagnostics(func, ROWS.copy(), np.arange(4))
