"""np.array and np.asarray of lists."""

import numpy as np

from tests.harness import check, check_all


def test_numbers():
    check_all(lambda n: np.array([i * 2 for i in range(n)]), [(1,), (4,)])
    check(lambda n: np.array([i * 0.5 for i in range(n)], dtype=np.float32), 4)
    check(lambda n: (np.array([True, False]), np.asarray([1j, n]), np.array([]), np.array([1, 2.5, n])), 4)
    check(lambda a: np.array(a), [1.5, 2.5])
    check(lambda n: np.array([np.float32(0.5), 0.1, n]), 3)


def test_axes():
    check(lambda n: np.array([[i * j for j in range(3)] for i in range(n)]), 4)
    check(lambda n: np.array([(i, i * 0.5) for i in range(n)]), 4)
    check(lambda n: np.array([np.arange(3) * i for i in range(n)]), 4)
    check(lambda n: np.array(([1, 2], [3, n])), 4)
    check(lambda n: np.array([[[1, 2], [3, 4]], [[5, 6], [n, 8]]]), 4)
    check(lambda a: np.array(a, np.float64), [[1, 2], [3, 4]])


def test_no_rows_are_one_axis():
    check(lambda n: np.array([[1.5] for i in range(n)]), 0, strict=False)


def test_unequal_sizes():
    check(lambda n: np.array([[1, 2], [n]]), 4)
    check(lambda n: np.array([[[1, 2], [3]], [[5, 6], [n, 8]]]), 4)
    check(lambda n: np.array([[[1, 2], [3, 4]], [[5, 6]]]), 4)


def test_the_element_type_of_a_list_without_items_is_that_of_the_list():
    check(lambda n: np.array([i * 2 for i in range(n)]), 0, expect=np.zeros(0, np.int64))
