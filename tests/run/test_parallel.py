"""prange loops under parallel=True: each result with 1, 2 and 8 threads is the interpreter's.

`check_parallel` also asks that a parallel region was made of the loop, so a loop that stays serial fails.
"""

import math

import numpy as np
import pytest
from harness import check, compiled_copy
from regions import PARALLEL, check_parallel, diagnostics, regions

from hotloop import (
    get_num_threads,
    get_parallel_chunksize,
    get_thread_id,
    njit,
    parallel_chunksize,
    prange,
    set_num_threads,
    set_parallel_chunksize,
    threading_layer,
)
from hotloop.core.errors import NumbaParallelSafetyWarning

rng = np.random.default_rng(1)
NUMBERS = rng.standard_normal(1000)
INTEGERS = rng.integers(-50, 50, 1000)


@pytest.fixture(autouse=True)
def _all_threads():
    before = get_num_threads()
    yield
    set_num_threads(before)


# ---- Loops without anything carried


def double(a, out):
    for i in prange(len(a)):
        out[i] = 2 * a[i]


@pytest.mark.parametrize("n", [0, 1, 2, 3, 7, 8, 9, 1000])
def test_each_element(n):
    check_parallel(double, NUMBERS[:n], np.zeros(n))


def ranges(out, start, stop, step):
    for i in prange(start, stop, step):
        out[i] += i
    return out


@pytest.mark.parametrize("bounds", [(2, 90, 1), (5, 91, 7), (90, 3, -1), (99, -1, -9), (5, 5, 1), (9, 3, 2)])
def test_starts_and_steps(bounds):
    check_parallel(ranges, np.zeros(100), *bounds)


def unsigned(out, n):
    for i in prange(n):
        out[i] = i
    return out


def test_unsigned_bound():
    check_parallel(unsigned, np.zeros(50), np.uint64(50))


def nested(a, out):
    for i in prange(a.shape[0]):
        for j in prange(a.shape[1]):
            out[i, j] = a[i, j] * i + j


def test_nested():
    check_parallel(nested, NUMBERS.reshape(20, 50), np.zeros((20, 50)))


def two_loops(a, out):
    total = 0.0
    for i in prange(len(a)):
        out[i] = math.sin(a[i])
    for i in prange(len(a)):
        total += out[i]
    return total


def test_one_after_the_other():
    check_parallel(two_loops, NUMBERS, np.zeros(1000), count=2, rtol=1e-13, ulp=4)


def inside_a_serial_loop(a, n):
    for k in range(n):
        for i in prange(len(a)):
            a[i] = a[i] * 0.5 + k
    return a


def test_region_in_a_loop():
    check_parallel(inside_a_serial_loop, NUMBERS, 20)


def private_arrays(a):
    out = np.zeros(len(a))
    for i in prange(len(a)):
        work = np.empty(5)
        for j in range(5):
            work[j] = a[i] * j
        out[i] = work[4] - work[1]
    return out


def test_arrays_made_in_the_body():
    check_parallel(private_arrays, NUMBERS)


def value_behind(a, out):
    last = 0.0
    k = 3
    for i in prange(len(a)):
        last = a[i] + 1
        out[i] = last * k
        k += 2
    return i, last, k


@pytest.mark.parametrize("n", [1, 2, 100])
def test_values_used_behind_the_loop(n):
    check_parallel(value_behind, NUMBERS[:n], np.zeros(n))


def unbound_behind(n):
    for i in prange(n):
        pass
    return i


def test_loop_variable_of_an_empty_loop():
    check(unbound_behind, 0, options=PARALLEL)


def lists(n):
    scale = [1.0, 2.0, 3.0]
    out = [0.0 for _ in range(n)]
    for i in prange(n):
        own = [scale[i % 3]]
        own.append(own[0] + i)
        out[i] = own[1]
    return out


def test_lists():
    check_parallel(lists, 100)


# ---- Reductions


def add_int(a, s):
    for i in prange(len(a)):
        s += a[i]
    return s


def subtract(a, s):
    for i in prange(len(a)):
        s -= a[i] * 2
    return s


def add_under_condition(a, s):
    for i in prange(len(a)):
        if a[i] > 0:
            s += a[i]
        elif a[i] < -10:
            s += 1
    return s


def add_in_inner_loop(a, s):
    for i in prange(len(a)):
        for j in range(i % 7):
            s += a[i] * j
    return s


def multiply(a, s):
    for i in prange(len(a)):
        s *= a[i]
    return s


def exclusive_or(a, s):
    for i in prange(len(a)):
        s ^= a[i]
    return s


def bits_or(a, s):
    for i in prange(len(a)):
        s |= a[i] & 5
    return s


def bits_and(a, s):
    for i in prange(len(a)):
        s &= a[i] | 48
    return s


def smallest(a, s):
    for i in prange(len(a)):
        s = min(s, a[i])
    return s


def largest(a, s):
    for i in prange(len(a)):
        s = max(a[i], s)
    return s


def largest_by_if(a, s):
    for i in prange(len(a)):
        if s < a[i]:
            s = a[i]
    return s


def smallest_under_condition(a, s):
    for i in prange(len(a)):
        if a[i] != 0 and a[i] < s:
            s = a[i]
    return s


def numpy_largest(a, s):
    for i in prange(len(a)):
        s = np.maximum(s, a[i])
    return s


EXACT = [
    add_int,
    subtract,
    add_under_condition,
    add_in_inner_loop,
    multiply,
    exclusive_or,
    bits_or,
    bits_and,
    smallest,
    largest,
    largest_by_if,
    smallest_under_condition,
]


@pytest.mark.parametrize("func", EXACT, ids=lambda f: f.__name__)
@pytest.mark.parametrize("n", [0, 1, 5, 1000])
def test_integer_reductions(func, n):
    check_parallel(func, INTEGERS[:n], 12345)


@pytest.mark.parametrize("func", [add_under_condition, exclusive_or, largest_by_if, subtract])
def test_many_rounds(func):
    check_parallel(func, np.resize(INTEGERS, 100_003), 12345)


@pytest.mark.parametrize(
    "func",
    [smallest, largest, largest_by_if, smallest_under_condition, numpy_largest],
    ids=lambda f: f.__name__,
)
@pytest.mark.parametrize("start", [0.5, np.nan, -0.0, np.inf])
def test_float_extremes_are_exact(func, start):
    check_parallel(func, NUMBERS, start)
    if func is not largest:  # max(x, s) takes any x after a NaN: no order of parts gives that
        check_parallel(func, np.where(NUMBERS < -1, np.nan, NUMBERS), start)
    check_parallel(func, np.zeros(0), start)


@pytest.mark.parametrize(
    "func", [add_int, subtract, add_under_condition, add_in_inner_loop], ids=lambda f: f.__name__
)
@pytest.mark.parametrize("dtype", ["f8", "f4"])
def test_float_sums(func, dtype):
    check_parallel(func, NUMBERS.astype(dtype), 0.25, rtol=1e-13 if dtype == "f8" else 1e-5)


def test_sum_keeps_the_sign_of_zero():
    check_parallel(add_int, np.full(9, -0.0), -0.0)


def test_products():
    check_parallel(multiply, 1 + NUMBERS / 100, 2.0, rtol=1e-12)


def divide(a, s):
    for i in prange(len(a)):
        s /= a[i]
    return s


def test_quotients():
    check_parallel(divide, 1 + np.abs(NUMBERS) / 100, 2.0, rtol=1e-12)


def truths(a):
    every, some, seen = True, False, False
    for i in prange(len(a)):
        every = every and a[i] < 3
        some = some or a[i] > 3
        if a[i] == 2:
            seen = True
    return every, some, seen


@pytest.mark.parametrize("values", [[], [1, 2, 1, 1, 1, 2, 1, 2, 1], [1, 4, 5] * 5, [7] * 20, [0] * 11])
def test_and_or(values):
    check_parallel(truths, np.array(values, dtype=np.int64))


def and_in_any_order(a):
    every, both, none = True, True, False
    for i in prange(len(a)):
        every = a[i] < 3 and every
        both = both and a[i] < 7 and a[i] != 4
        if not a[i] > 1:
            none = True
    return every, both, none


@pytest.mark.parametrize("values", [[], [1, 2, 1], [5] * 9, [3, 4, 5] * 5, [7] * 20, [2] * 11])
def test_and_with_several_tests(values):
    check_parallel(and_in_any_order, np.array(values, dtype=np.int64))


def largest_and_its_place(a):
    high, place, some = a.dtype.type(0), -1, False
    for i in prange(len(a)):
        if a[i] > high:
            high = a[i]
            place = i
            some = True
    return high, place, some


def nearest_pair(a):
    best, first, second = np.inf, 0, 0
    for i in prange(len(a)):
        for j in range(i):
            distance = abs(float(a[i]) - a[j])
            if distance < best:
                best, first, second = distance, i, j
    return best, first, second


@pytest.mark.parametrize("func", [largest_and_its_place, nearest_pair], ids=lambda f: f.__name__)
@pytest.mark.parametrize("n", [0, 1, 2, 9, 1000])
def test_what_an_extreme_takes_along(func, n):
    """The first of equal ones, as in serial code: there are many among 1000 integers below 50."""
    check_parallel(func, INTEGERS[:n])
    check_parallel(func, NUMBERS[:n])
    check_parallel(func, np.full(n, np.nan))


@njit
def added(s, x):
    return s + 2 * x


@njit
def larger(x, y):
    return max(x, y)


def through_functions(a):
    scale = 3
    total, low, high, both = 0, 0, 0, 0

    def taken(s, x):
        return s - x * scale

    smaller = lambda x, y: min(x, y)  # noqa: E731
    for i in prange(len(a)):
        total = added(total, a[i])
        low = smaller(low, a[i])
        high = larger(high, a[i])
        both = taken(both, a[i])
        both = added(both, i)
    return total, low, high, both


@pytest.mark.parametrize("n", [0, 1, 9, 1000])
def test_reductions_through_functions(n):
    check_parallel(through_functions, INTEGERS[:n])
    assert diagnostics(through_functions, INTEGERS[:n]).count("` (") == 4


def several(a):
    total, product, low, high, count = 0.0, 1.0, np.inf, -np.inf, 0
    for i in prange(len(a)):
        x = a[i]
        total += x
        product *= 1 + x / 1000
        low = min(low, x)
        high = max(high, x)
        count += 1
    return total, product, low, high, count


def test_several_reductions():
    check_parallel(several, NUMBERS, rtol=1e-13)


def add_complex(a, s):
    for i in prange(len(a)):
        if a[i].real > -1:
            s += a[i]
        s -= 0.5j
    return s


@pytest.mark.parametrize("dtype", ["c16", "c8"])
def test_complex_sum(dtype):
    values = (NUMBERS + 1j * NUMBERS[::-1]).astype(dtype)
    check_parallel(add_complex, values, 1j, rtol=1e-12 if dtype == "c16" else 1e-4)


def test_same_result_in_every_run():
    copy = compiled_copy(add_int, {"strict": True, **PARALLEL})
    set_num_threads(8)
    assert len({copy(NUMBERS, 0.0) for _ in range(50)}) == 1


# ---- Reductions of arrays


def add_rows(x, out):
    for i in prange(len(x)):
        out += x[i]


def subtract_rows(x, out):
    for i in prange(len(x)):
        out[:] -= x[i] * 2


def multiply_rows(x, out):
    for i in prange(len(x)):
        out *= 1 + x[i] / 100


def largest_of_rows(x, out):
    for i in prange(len(x)):
        for j in range(x.shape[1]):
            out[j] = max(out[j], x[i, j])


def columns(x, out):
    for i in prange(len(x)):
        for j in range(x.shape[1]):
            out[j] += x[i, j]


ROWS = rng.standard_normal((301, 5))


@pytest.mark.parametrize(
    "func", [add_rows, subtract_rows, multiply_rows, largest_of_rows, columns], ids=lambda f: f.__name__
)
@pytest.mark.parametrize("dtype", ["f8", "f4"])
def test_array_reductions(func, dtype):
    rtol = 1e-12 if dtype == "f8" else 1e-4
    check_parallel(func, ROWS.astype(dtype), np.arange(5, dtype=dtype), rtol=rtol)
    check_parallel(func, ROWS.astype(dtype)[:0], np.arange(5, dtype=dtype), rtol=rtol)
    check_parallel(func, ROWS.astype(dtype), np.arange(10, dtype=dtype)[::2], rtol=rtol)


def test_complex_array_reduction():
    check_parallel(add_rows, ROWS + 1j * ROWS[::-1], np.arange(5) * 1j, rtol=1e-12)
    check_parallel(multiply_rows, ROWS + 1j * ROWS[::-1], np.ones(5, dtype=complex), rtol=1e-12)


def matrices(x, out):
    for i in prange(len(x)):
        out += x[i]


@pytest.mark.parametrize("order", ["C", "F"])
def test_reduction_of_matrices(order):
    x = rng.integers(-9, 9, (40, 3, 4))
    check_parallel(matrices, x, np.asarray(np.ones((3, 4), dtype=int), order=order))
    check_parallel(matrices, x, np.ones((6, 8), dtype=int)[::2, ::-2])


def histogram(x, out):
    for i in prange(len(x)):
        out[x[i]] += 1


def last_of_each(x, out):
    for i in prange(len(x)):
        out[x[i]] = max(out[x[i]], i)


def bits_of_each(x, out):
    for i in prange(len(x)):
        out[x[i]] ^= i


def sums_by_remainder(x, out):
    for i in prange(len(x)):
        out[(3 * x[i] + 1) % 7] = x[i] + out[(3 * x[i] + 1) % 7]


def difference_of_each(x, out):
    for i in prange(len(x)):
        if i % 3:
            out[x[i]] -= i
        else:
            out[x[i]] += 2 * i


def last_by_if(x, out):
    for i in prange(len(x)):
        if i * x[i] > out[x[i]]:
            out[x[i]] = i * x[i]


def least_by_numpy(x, out):
    for i in prange(len(x)):
        out[x[i]] = np.minimum(out[x[i]], -i * x[i])


def largest_by_choice(x, out):
    for i in prange(len(x)):
        k = x[i]
        out[k] = i if i > out[k] else out[k]


SCATTERED = [
    histogram,
    last_of_each,
    bits_of_each,
    sums_by_remainder,
    difference_of_each,
    last_by_if,
    least_by_numpy,
    largest_by_choice,
]


@pytest.mark.parametrize("func", SCATTERED, ids=lambda f: f.__name__)
@pytest.mark.parametrize("n", [0, 10, 5000, 100_003])
def test_scattered_updates(func, n):
    check_parallel(func, rng.integers(0, 7, n), np.arange(7))


@pytest.mark.parametrize("func", SCATTERED, ids=lambda f: f.__name__)
def test_scattered_updates_are_reductions(func):
    """That an index is computed twice, for the read and for the write, makes it no other one."""
    assert "reductions: `out`" in diagnostics(func, rng.integers(0, 7, 10), np.arange(7))


@pytest.mark.parametrize("dtype", ["i1", "u1", "i2", "u4", "f4", "f8", "c8", "c16"])
@pytest.mark.parametrize("func", [histogram, difference_of_each], ids=lambda f: f.__name__)
def test_scattered_sums_of_each_type(func, dtype):
    x = rng.integers(0, 7, 60)
    check_parallel(func, x, np.arange(7).astype(dtype))
    assert "reductions: `out` (+, an array for each part)" in diagnostics(func, x, np.arange(7).astype(dtype))


def every_of_each(x, out):
    for i in prange(len(x)):
        out[x[i]] = out[x[i]] and i % 9 != 5


def some_of_each(x, out):
    for i in prange(len(x)):
        out[x[i]] = i % 900 == 5 or out[x[i]]


def seen_in_columns(x, out):
    for i in prange(len(x)):
        for j in range(7):
            if x[i] * j == 36:
                out[j] = True


@pytest.mark.parametrize("func", [every_of_each, some_of_each, seen_in_columns], ids=lambda f: f.__name__)
@pytest.mark.parametrize("n", [0, 10, 5000])
def test_scattered_truths(func, n):
    check_parallel(func, rng.integers(0, 7, n), np.arange(7) % 3 < 2)
    assert "reductions: `out`" in diagnostics(func, rng.integers(0, 7, 10), np.arange(7) % 3 < 2)


def moved_index(x, out):
    for i in prange(len(x)):
        k = x[i]
        x[i] = (k + 1) % 7
        out[x[i]] = out[k] + 1


def test_an_index_that_changes_between_read_and_write_makes_no_reduction():
    assert "reductions" not in diagnostics(moved_index, np.zeros(1, dtype=np.int64), np.arange(7))


def convolution(x, k, out):
    for i in prange(len(x)):
        for j in range(len(k)):
            out[i + j] += x[i] * k[j]


def test_updates_that_overlap():
    check_parallel(convolution, INTEGERS, INTEGERS[:9], np.zeros(1008, dtype=np.int64))


def own_elements(x, out):
    for i in prange(1, len(x) // 2 - 1):
        out[2 * i] = out[2 * i - 1] + out[2 * i + 1]
        for j in range(5):
            x[i, j] += x[i, j] * 2
        x[i] += 1


def test_updates_of_own_elements():
    check_parallel(own_elements, ROWS, np.arange(301.0))


def first_round_writes(x, out):
    for i in prange(len(x)):
        if i == 3:
            out[0] = x[i]


def test_one_round_writes():
    check_parallel(first_round_writes, NUMBERS, np.zeros(2))


# ---- Errors


def raise_at(a, n):
    for i in prange(len(a)):
        if a[i] >= n:
            raise ValueError("round", i)
        a[i] += 1
    return a


def test_error_of_the_lowest_round():
    copy = compiled_copy(raise_at, {"strict": True, **PARALLEL})
    for threads in (1, 2, 8):
        set_num_threads(threads)
        for first in (0, 1, 3, 77, 999):
            with pytest.raises(ValueError) as caught:
                copy(np.arange(1000), first)
            assert caught.value.args == ("round", first)
        assert (copy(np.arange(1000), 1000) == np.arange(1000) + 1).all()
    assert regions(raise_at) == 1


def index_error(a, k):
    for i in prange(len(a)):
        a[i + k] = 1.0


def test_index_error():
    copy = compiled_copy(index_error, {"strict": True, **PARALLEL})
    with pytest.raises(IndexError, match="index 1000 is out of bounds for axis 0 with size 1000"):
        copy(np.zeros(1000), 1)


# ---- Threads


def thread_numbers(out):
    for i in prange(len(out)):
        out[i] = get_thread_id()
    return get_num_threads()


def test_thread_numbers():
    copy = compiled_copy(thread_numbers, {"strict": True, **PARALLEL})
    for threads in (1, 2, 8):
        set_num_threads(threads)
        out = np.full(80, -1)
        assert copy(out) == threads
        assert set(out) == set(range(threads))
    assert threading_layer() == "omp"


def test_wrong_number_of_threads():
    for wrong in (0, -1, 9, 2**40):
        with pytest.raises(ValueError, match="^The number of threads must be between 1 and 8$"):
            set_num_threads(wrong)
    with pytest.raises(TypeError, match="^The number of threads specified must be an integer$"):
        set_num_threads(2.5)


def set_from_inside(n):
    set_num_threads(n)
    return get_num_threads()


def test_setting_from_compiled_code():
    copy = compiled_copy(set_from_inside, {"strict": True})
    assert copy(3) == 3 == get_num_threads()
    with pytest.raises(ValueError, match="^The number of threads must be between 1 and 8$"):
        copy(100)
    assert get_num_threads() == 3


# ---- Array expressions


def expression(a, b):
    return a * 2 + b


def in_place(a, b):
    a += b * 2
    a[1:] = a[:-1] - 1
    return a


@pytest.mark.parametrize("func", [expression, in_place], ids=lambda f: f.__name__)
@pytest.mark.parametrize("n", [0, 1, 10, 300_000])
def test_array_expressions(func, n):
    check_parallel(
        func,
        np.arange(n * 1.0),
        np.arange(n * 1.0)[::-1],
        count=1 if func is expression else 2,
        of_arrays=True,
    )


@pytest.mark.parametrize("shape", [(1, 1), (3, 4), (700, 300), (2, 200_000), (100_000, 2)])
def test_expressions_of_matrices(shape):
    a = np.arange(float(np.prod(shape))).reshape(shape)
    check_parallel(expression, a, a[::-1], of_arrays=True)
    check_parallel(expression, a, np.asfortranarray(a), of_arrays=True)
    check_parallel(expression, a, a[0], of_arrays=True)
    check_parallel(expression, a, a[:, :1], of_arrays=True)


def large_function_table(x):
    return np.tanh(x) + np.exp(-x * x)


def test_functions_of_elements():
    check_parallel(large_function_table, np.linspace(-3, 3, 40_000), rtol=1e-14, of_arrays=True)


def expressions_in_a_loop(a, n):
    for i in prange(n):
        a[i] = a[i] * 2 + a[i]
    return a


def test_expressions_inside_a_region():
    check_parallel(expressions_in_a_loop, np.arange(2000.0).reshape(20, 100), 20)


def expression_in_a_loop_with_a_checked_copy(n, a, c):
    h = np.zeros(c.size, np.int64)
    for i in prange(0, n, 2):
        for j in range(n % 5):
            a[i] = 4
        h += c * j
    return h


@pytest.mark.filterwarnings("ignore::hotloop.core.errors.NumbaParallelSafetyWarning")
@pytest.mark.parametrize("n, size", [(6, 6), (200, 200), (9, 4), (0, 0), (6, 1)])
def test_expression_in_a_loop_with_a_checked_copy(n, size):
    """The outlined copy, which stands in an object of its own, calls the same body."""
    check(expression_in_a_loop_with_a_checked_copy, n, np.arange(size), np.arange(3), options=PARALLEL)


# ---- Chunks, and what is said of the loops


def test_chunks():
    copy = compiled_copy(several, {"strict": True, **PARALLEL})
    set_num_threads(8)
    whole = copy(NUMBERS)
    for size in (1, 7, 500, 10**9):
        with parallel_chunksize(size):
            assert get_parallel_chunksize() == size
            assert np.allclose(copy(NUMBERS), whole, rtol=1e-13)
            assert copy(NUMBERS) == copy(NUMBERS)
    assert get_parallel_chunksize() == 0
    with pytest.raises(ValueError, match="^chunksize must be greater than or equal to zero$"):
        set_parallel_chunksize(-1)


def all_kinds(a, h):
    s, before = 0.0, 0.0
    for i in prange(len(a)):
        s += a[i]
        h[i % 3] += 1
        for j in prange(2):
            h[j] += 1
    for i in prange(len(a)):
        before = a[i] - before
    return s, before


def test_diagnostics(capsys):
    copy = compiled_copy(all_kinds, {"strict": True, **PARALLEL})
    with pytest.warns(NumbaParallelSafetyWarning):
        copy(NUMBERS, np.zeros(3))
    first = all_kinds.__code__.co_firstlineno
    copy.parallel_diagnostics()
    assert capsys.readouterr().out.splitlines() == [
        f"Parallel loops of all_kinds {copy.signatures[-1]}",
        f"  line {first + 2}: runs in parallel; reductions: `s` (+), `h` (+, an array for each part)",
        f"  line {first + 5}: runs serially: it is inside another prange loop",
        f"  line {first + 7}: runs serially: `before` is carried from round to round and is no reduction",
    ]
    copy.parallel_diagnostics(copy.signatures[-1], level=2)
    assert "      for j in prange(2):\n" in capsys.readouterr().out
    plain = compiled_copy(double, {"strict": True})
    plain(NUMBERS, np.zeros(1000))
    plain.parallel_diagnostics()
    assert capsys.readouterr().out.endswith("\n  none\n")


# ---- Reductions of array expressions


def sum_of_product(a, b):
    return np.sum(a * b + 1)


def sum_by_method(a, b):
    return (a * b).sum()


def mean_of_squares(a, b):
    return np.mean(a * a - b)


def least(a, b):
    return np.min(a * b)


def most(a, b):
    return np.max(a - b)


def any_of(a, b):
    return np.any(a * b > 5.5)


def all_of(a, b):
    return np.all(a * b < 5.5)


SHARED = [sum_of_product, sum_by_method, mean_of_squares, least, most, any_of, all_of]


@pytest.mark.parametrize("func", SHARED, ids=lambda f: f.__name__)
@pytest.mark.parametrize("dtype", ["f8", "f4", "i8", "i1", "c16"])
def test_reduced_expressions(func, dtype):
    """Sums of floats too are NumPy's bits, with any number of threads: they are cut as NumPy cuts them."""
    for n in (1, 9, 1000, 9215, 9216, 9217, 100_003, 250_000):
        a = (np.arange(n) * 7 % 61 - 30).astype(dtype) / np.dtype(dtype).type(1 if dtype[0] == "i" else 7)
        a = a.astype(dtype)
        check_parallel(func, a, a[::-1].copy(), of_arrays=True)


@pytest.mark.parametrize("shape", [(0, 5), (3, 4), (700, 300), (2, 200_000), (100_000, 2)])
def test_reduced_expressions_of_matrices(shape):
    a = np.arange(float(np.prod(shape))).reshape(shape) / 7
    check_parallel(sum_of_product, a, a, of_arrays=True)
    for threads in (1, 2, 8):
        set_num_threads(threads)
        check(sum_of_product, a, np.asfortranarray(a), options=PARALLEL)
        check(sum_of_product, a, a[:1] if shape[0] else a, options=PARALLEL)


def sums_in_rounds(a, out):
    for i in prange(len(out)):
        out[i] = np.sum(a * i)
    return np.sum(a * out[0])


def test_reduced_expressions_in_a_region():
    check_parallel(sums_in_rounds, np.linspace(0, 1, 150_000), np.zeros(9))
