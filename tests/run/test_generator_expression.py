"""Generator expressions that a call uses up: sum, any, all, min, max, list, sorted, extend."""

import numpy as np

from hotloop import njit
from tests.harness import check, check_all


def test_sum():
    check_all(lambda n: sum(i * i for i in range(n) if i % 2), [(0,), (1,), (9,)])
    check(lambda n: sum((i * 0.5 for i in range(n)), 2.5), 7)
    check(lambda n: sum(sum(i * j for j in range(i)) for i in range(n)), 5)
    check(lambda a, k: sum(x * k for x in a), np.arange(5, dtype=np.int8), 2)
    check(lambda n: sum(x for x in ()), 1)


def test_any_and_all_stop_early():
    check_all(lambda a: (any(6 // x > 2 for x in a), any(x > 9 for x in a)), [([1, 0],), ([2, 6, 0],), ([],)])
    check_all(lambda a: all(6 // x > 2 for x in a), [([6, 0],), ([1, 2],), ([],), ([0],)])


def test_least_and_greatest():
    check_all(lambda n: (min(i * i - 4 * i for i in range(n)), max(i % 3 for i in range(n))), [(5,), (1,)])
    check(lambda n: max(i for i in range(n)), 0)
    check(lambda n: min(i for i in range(n)), 0)
    check(lambda a: (max((x % 5, x) for x in a), min((x % 3, -x) for x in a)), np.arange(7))
    check_all(lambda a: max(x if x > 2 else None for x in a), [(np.array([5, 3]),), (np.array([1]),)])


def test_least_and_greatest_make_no_list():
    function = njit(lambda a: max(x * x for x in a))
    assert function(np.arange(-9, 4)) == 81 and " list." not in function.inspect("typed")


def test_lists():
    def lists(n):
        out = [n]
        out.extend(i * n for i in range(3))
        return list(i + n for i in range(4)), sorted((-i for i in range(n)), reverse=True), out

    check(lists, 4)


def test_captured():
    def captured(n):
        out = []
        for k in range(n):
            out.append(sum(i * k + n for i in range(k)))
        return out

    check(captured, 4)
