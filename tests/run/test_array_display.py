"""np.array and np.asarray of numbers, of tuples nested as they come, of arrays and tuples of arrays."""

import numpy as np

from harness import check, check_all

A = np.arange(6.0).reshape(2, 3)


def test_numbers():
    check_all(lambda x: np.array(x), [(3,), (2.5,), (True,), (1j,), (np.float32(2),), (np.uint8(7),)])
    check(lambda x: np.asarray(x, dtype=np.float32), 3)
    check(lambda x: np.ascontiguousarray(x), 3)


def test_tuples():
    check(lambda x, y: np.array((x, y)), 1, 2)
    check(lambda x, y: np.array((x, y, True)), 1, 2.5)
    check(lambda x, y: np.array((x, y)), np.float32(1), 2)
    check(lambda x, y: np.array((x, y)), np.int8(1), np.uint8(2))
    check(lambda x, y: np.array(((x, y), (y, x), (x, 1j))), 1, 2.5)
    check(lambda x, y: np.array(((x, y), (y, x)), dtype=np.int16), 1, 2)
    check(lambda x: np.array(((x,),), np.complex64), 1.5)
    check(lambda: (np.array(()), np.asarray((1, 2, 3)), np.array(((), ()))))


def test_tuples_of_arrays():
    check(lambda a: np.array((a, a + 1)), A)
    check(lambda a: np.array((a[0], (1, 2, 3))), A)
    check(lambda a: np.array((a[0, 0], a[1].sum())), A)
    check(lambda a: np.asarray(((a[0], a[1]), (a[1], a[0]))), A.astype(np.int8))
    check_all(lambda a, n: np.array((a[0], a[1, :n])), [(A, 3), (A, 2)])
    check_all(lambda a, n: np.array(((a[0], a[0]), (a[0], a[1, :n]))), [(A, 3), (A, 2)])


def test_arrays():
    check_all(lambda a: (np.array(a), np.asarray(a), np.array(a, dtype=np.float32)), [(A,), (A.T,)])
    check(lambda a: (np.array(a, order="F"), np.array(a, order="C")), A)
    check(lambda a: (np.array(a, ndmin=3), np.array(1, ndmin=2)), A)


def test_types_that_do_not_fit():
    check(lambda: np.array((1, (2, 3))), strict=False)
    check(lambda x: np.array((x, 2), dtype=np.int8), 300)


def test_limits_of_types():
    check(
        lambda: (np.finfo(np.float64).eps, np.finfo(float).max, np.finfo("f8").tiny, np.finfo(np.float64).min)
    )
    check(
        lambda a: (np.finfo(a.dtype).eps, np.finfo(a.dtype).max, np.finfo(a.dtype).bits), A.astype(np.float32)
    )
    check(lambda a: (np.finfo(a.dtype).eps, np.finfo(np.float16).tiny), A.astype(np.complex128))
    check(
        lambda: (np.iinfo(np.int8).min, np.iinfo(np.int64).max, np.iinfo(np.uint32).max, np.iinfo(int).bits)
    )
    check(lambda: np.iinfo(np.uint64).max, strict=False)
