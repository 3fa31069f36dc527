"""Lists in compiled code: displays, comprehensions, methods, operators, as arguments and results."""

from collections import namedtuple

import numpy as np
import pytest

from tests.harness import check, check_all

# ---- made and used


def test_append_and_iterate():
    def squares(n):
        a = []
        for i in range(n):
            a.append(i * i)
        s = 0
        for x in a:
            s += x
        return s, len(a), a

    check_all(squares, [(0,), (1,), (100,)])


def test_of_named_tuples():
    Rect = namedtuple("Rect", "width height")
    check(lambda rs: (rs[0].width, [r for r in rs]), [Rect(1, 2), Rect(3, 4)])


def test_comprehensions():
    def comprehensions(n, a):
        k = n + 1
        evens = [i for i in range(n) if i % 2 == 0]
        table = [[i * j + k for j in range(i)] for i in range(n)]
        pairs = [(i, x) for i, x in enumerate(a)]
        return (
            evens,
            table,
            pairs,
            [x * y for x, y in zip(a, range(n))],
            [i + j for i in evens for j in evens],
        )

    check_all(comprehensions, [(5, np.arange(4.0)), (0, np.arange(2.0)), (3, np.ones(3, np.float32))])


def test_comprehension_in_a_loop_captures_the_loop_variable():
    def sums(n):
        out = []
        for i in range(n):
            out.append(sum([i * j for j in range(n)]))
        return out

    check(sums, 4)


def test_displays():
    check(lambda n: ([], [n], [1, 2, 3], [True, False], [2.5, n * 0.5], [(1, 2.5), (n, 0.5)]), 3)
    check(lambda n: [(), ()], 3)
    check(lambda n: ([*range(n)], [0, *(1, n), 2], (*(1, 2), n)), 3)


def test_list_of():
    check(lambda a, n: (list(range(n)), list(a), list((1, n)), list(list((n,))), list()), np.arange(3), 2)


def test_type_found_later():
    def filled(n):
        a, b = [], [None] * n
        b[0] = n
        c = [0] * n
        c[1] = 2.5
        for i in range(n):
            a.append(i + 0.5)
        return a, b, c[1]

    check(filled, 3)


def fill(a, n):
    for i in range(n):
        a.append(i + 0.5)


def test_filled_by_a_function():
    def filled(n):
        a, rows = [], []
        fill(a, n)
        for i in range(n):
            row = []
            fill(row, i)
            rows.append(row)
        return a, rows

    check(filled, 4)


def test_never_filled():
    def empty(n):
        a = []
        s = 0
        for _ in a:
            s += 1
        return s, len(a), a

    check(empty, 3)


def test_indices():
    def at(n):
        a = [10, 20, 30]
        a[n] += 1
        return a[n], a[-1], a

    check_all(at, [(0,), (2,), (-3,), (3,), (-4,)])
    check_all(lambda n: [1, 2, 3][n], [(1,), (3,), (-4,)])
    check_all(lambda i: [1, 2, 3][i], [(np.int8(1),), (True,), (np.uint64(2**63),)])


SLICES = [
    (None, None, None),
    (1, 3, None),
    (-3, None, None),
    (None, None, -1),
    (5, 1, -2),
    (0, 99, 3),
    (4, 2, 1),
]


def test_slices():
    def cut(n, i, j, k):
        a = list(range(n))
        return a[i:j:k]

    check_all(cut, [(n, i, j, k) for n in (0, 1, 7) for i, j, k in SLICES if k is not None])
    check_all(
        lambda n, i, j: list(range(n))[i:j],
        [(7, i, j) for i, j, _ in SLICES if i is not None and j is not None],
    )
    check(lambda n: list(range(n))[2:2:0], 3)


def test_slices_assigned_and_deleted():
    def assign(n, i, j, m):
        a = list(range(n))
        a[i:j] = [100 + k for k in range(m)]
        return a

    check_all(
        assign,
        [(n, i, j, m) for n in (0, 6) for i, j in [(0, 0), (1, 3), (2, 99), (4, 2)] for m in (0, 2, 5)],
    )

    def strided(n, k, m):
        a = list(range(n))
        a[::k] = [100 + i for i in range(m)]
        return a

    check_all(strided, [(6, 2, 3), (6, -2, 3), (6, 2, 4), (5, 3, 2)])

    def delete(n, i, j, k):
        a = list(range(n))
        del a[i:j:k]
        del a[0]
        return a

    check_all(delete, [(7, 1, 3, 1), (7, 0, 7, 2), (7, 6, 0, -2), (7, 5, 2, 1), (1, 0, 1, 1)])


def test_methods():
    def methods(n):
        a = [3, 1, 2, 3]
        a.insert(0, n)
        a.insert(-1, 7)
        a.insert(99, 8)
        a.insert(-99, 9)
        last, first = a.pop(), a.pop(0)
        a.remove(3)
        b = a.copy()
        b.reverse()
        b.extend(b)
        b.extend(range(2))
        b.extend((5, 6))
        return a, b, last, first, a.index(3), a.count(3), 7 in a, 70 in a, 70 not in a

    check(methods, 5)


def test_clear_and_reuse():
    def cleared(n):
        a = [n]
        a.clear()
        a.append(n + 1)
        return a

    check(cleared, 1)


@pytest.mark.parametrize(
    "body",
    [
        lambda a: a.pop(),
        lambda a: a.pop(5),
        lambda a: a.pop(-6),
        lambda a: a.remove(99),
        lambda a: a.index(99),
    ],
)
def test_errors_of_methods(body):
    check_all(body, [([1, 2, 3],), ([],)])


def test_operators():
    def operators(n):
        a, b = [1, 2], [1, 2, n]
        c = a + b
        c += a
        d = a * n
        d *= 2
        return c, d, 2 * a, a * -1, a == b, a != b, a < b, b <= a, a > b, b >= b, not a, bool([])

    check_all(operators, [(3,), (0,)])


def test_identity():
    def same(n):
        a = [n]
        b = a
        c = [n]
        b.append(1)
        return a is b, a is c, a is not c, a, b, c, [a, b]

    check(same, 1)


def test_sort():
    rng = np.random.default_rng(3)
    for n in (0, 1, 2, 15, 16, 17, 100, 1000):
        values = [int(x) for x in rng.integers(0, 50, n)]
        check(lambda a: (a.sort(), a), values)
        check(lambda a: a.sort(reverse=True), values)
        check(lambda a: (sorted(a), sorted(a, reverse=True), a), values)
        check(lambda a: sorted([(x % 7, i) for i, x in enumerate(a)], key=lambda p: p[0]), values)
        check(
            lambda a: sorted([(x % 7, i) for i, x in enumerate(a)], key=lambda p: p[0], reverse=True), values
        )
        check(lambda a: sorted([(x % 7, i) for i, x in enumerate(a)]), values)
    check(lambda a: (sorted(a), sorted(range(3)), sorted((2, 1))), np.array([2.5, 1.5]))


def test_reductions():
    def reductions(a):
        return sum(a), max(a), min(a), any(a), all(a), len(a), sum([x * 2 for x in a]), max([x for x in a])

    check_all(reductions, [([1, 2, 3],), ([0.5, -1.0],), ([0, 0],)])
    check_all(lambda a: max(a), [([],)], strict=False)


def test_enumerate_zip_unpack():
    def walk(a):
        s = 0
        for i, x in enumerate(a):
            s += i * x
        for x, y in zip(a, [10, 20, 30]):
            s += x * y
        p, q, r = a
        return s, p, q, r

    check_all(walk, [([1, 2, 3],), ([1, 2],), ([1, 2, 3, 4],)])


def test_grows_while_it_is_iterated():
    def grow(a):
        for x in a:
            if x < 5:
                a.append(x + 1)
        return len(a)

    check(grow, [1, 2])


def test_lists_of_lists():
    def nested(n):
        rows = [[0] * n for _ in range(n)]
        rows[1][2] = 5
        shared = [rows[0]] * 2
        shared[0].append(7)
        rows.append(rows[1])
        rows[-1][0] = 9
        return rows, shared, rows[1] is rows[3]

    check(nested, 3)


def test_lists_of_arrays():
    def arrays(n):
        rows = [np.full(n, i) for i in range(n)]
        a = np.arange(6.0).reshape(2, 3)
        views = [a[0], a[1]]
        views[0][0] = 50.0
        rows[0] = rows[1]
        last = rows.pop()
        return rows, views, a, last

    check(arrays, 3)


def test_released_on_errors():
    def fails(n):
        rows = [np.zeros(3) for _ in range(4)]
        more = [[1], [2]]
        return rows[n].sum() + more[n][0]

    check_all(fails, [(1,), (2,), (9,)])


def test_recursive_builder():
    def flatten(n):
        def walk(k, out):
            if k > 0:
                walk(k - 1, out)
                out.append(k)
                walk(k - 1, out)

        out = []
        walk(n, out)
        return out

    check(flatten, 4)


# ---- arguments and results


def test_arguments():
    check_all(
        lambda a: (len(a), sum(a), a[0]), [([1, 2],), ([1.5],), ([True],), ([1j],), ([np.float32(2.5)],)]
    )
    check(lambda a: [x + y for x, y in a], [(1, 2.5), (3, 4.5)])
    check(lambda t: t[0][1] + t[1], ([1, 2], 3))


def test_changes_are_written_back():
    def change(a):
        a.append(7)
        a[0] = 10
        a.pop(1)
        return len(a)

    check_all(change, [([1, 2, 3],), ([4, 5],)])


def test_the_result_may_be_the_argument():
    check_all(lambda a: (a.append(3), a), [([1],), ([],)])


def test_one_list_as_two_arguments():
    values = [1]
    check(lambda a, b: (a.append(2), b.append(3), a is b, a), values, values)
    check(lambda a, b: (a.append(2), b.append(3), a is b, a), [1], [1])


def test_written_back_when_it_fails():
    def fails(a):
        a.append(5)
        a[0] = 3
        return a[99]

    check(fails, [1, 2])


def test_nested_arguments():
    inner = [1]
    check(lambda a: (a[0].append(9), a.append([4]), a[1] is a[0], len(a)), [inner, inner])
    check(lambda a: (a.reverse(), a[0]), [[1, 2], [3], []])


def swap(a):
    a[0], a[1] = a[1], a[0]
    return a


def overwrite(a):
    a[0] = a[1]
    return a


def turn_around(a):
    a[:] = a[::-1]
    return a


@pytest.mark.parametrize("move", [swap, overwrite, turn_around])
def test_lists_that_move_within_an_argument(move):
    check(move, [[1, 2, 3], [4, 5, 6], [7]])


def test_items_that_did_not_change_stay_the_same_objects():
    import hotloop

    values = [10**12, 2, 10**13]
    before = list(values)
    hotloop.njit(strict=True)(lambda a: a.append(1))(values)
    assert values == [*before, 1]
    assert all(x is y for x, y in zip(before, values))


def test_an_empty_list_gets_its_type_from_what_is_put_in():
    check_all(lambda a, x: a.append(x), [([], 2.5), ([], 1), ([], (1, 2.5))])


def grows(a, b, x):
    a.append(x)
    if len(a) > 20:
        a = a * 2
    return sum(b), a is b, a, b


def test_empty_lists_that_are_one_object():
    empty = []
    check(grows, empty, empty, 3, strict=False)
    check(grows, [], [], 3)
    check(lambda a: a[0].append(3), [[]], strict=False)
    check(lambda t: t[0].append(3), ([],), strict=False)


def test_mixed_lists_run_in_the_interpreter():
    check_all(lambda a: [x for x in a], [([1, 2.5],), ([1, None],), (["a"],), ([1, 2**70],)], strict=False)


# ---- cells


def test_nonlocal():
    def counted(n):
        total, calls = 0, 0

        def add(x):
            nonlocal total, calls
            total += x
            calls += 1
            return total

        for i in range(n):
            add(i)
        return total, calls, add(5), total

    check_all(counted, [(0,), (4,)])


def test_assigned_behind_the_inner_function():
    def late(n):
        x = 1

        def get():
            return x * 2

        first = get()
        x = n
        return first, get()

    check(late, 6)


def test_not_bound_yet():
    def unbound(n):
        def get():
            return y

        if n > 3:
            y = n
        return get()

    check_all(unbound, [(4,), (1,)])


def test_parameter_in_a_cell():
    def bumped(n):
        def bump():
            nonlocal n
            n += 1

        bump()
        bump()
        return n

    check(bumped, 5)


def test_array_in_a_cell():
    def grow(n):
        a = np.zeros(1)

        def double():
            nonlocal a
            a = np.concatenate((a, a + 1))

        for _ in range(n):
            double()
        return a

    check(grow, 3)
