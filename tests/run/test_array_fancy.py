"""Arrays and masks as indices: reading, writing, with further indices; NumPy's errors; what overlaps."""

import numpy as np
import pytest
from layouts import DTYPES, INT_DTYPES, layouts, name_of, numbers

from harness import check, check_all

A = np.arange(24.0).reshape(4, 6)
V = np.arange(10) * 1.5
I = np.array([0, 3, -1, 2])  # noqa: E741
GRID = np.array([[0, 1], [2, -3]])

READ = {
    "vector": lambda a, i: a[i],
    "last axis": lambda a, i: a[:, i],
    "after an ellipsis": lambda a, i: a[..., i],
    "two arrays": lambda a, i: a[i, i],
    "broadcast": lambda a, i: a[i[..., None], i],
    "integer in front": lambda a, i: a[1, i],
    "integer behind": lambda a, i: a[i, 1],
    "slice": lambda a, i: a[i, 1:4],
    "new axis": lambda a, i: a[None, i, ::-2],
    "apart": lambda a, i: a.reshape(2, 2, 6)[1, :, i],
    "side by side": lambda a, i: a.reshape(2, 2, 6)[:, 1, i],
    "a new axis apart": lambda a, i: a[i, None, i],
}


@pytest.mark.parametrize("name", READ)
@pytest.mark.parametrize(
    "index", [I, GRID, I[:0], I[::2], np.array(2)], ids=["4", "2x2", "0", "strided", "0-d"]
)
def test_read(name, index):
    check(READ[name], A, index, layout=False)


@pytest.mark.parametrize("dtype", INT_DTYPES, ids=name_of)
def test_dtypes_of_the_index(dtype):
    check(lambda a, i: a[i], V, np.array([1, 9, 0], dtype))


@pytest.mark.parametrize("dtype", DTYPES, ids=name_of)
def test_dtypes_of_the_array(dtype):
    check(lambda a, i: (a[i], a[i > 0]), numbers((4,), dtype), I)


def test_layouts():
    rows = [(a, I[:3] % 3) for a in layouts().values()]
    check_all(lambda a, i: (a[i], a[:, i], a[i, i]), rows, layout=False)
    check_all(lambda a, i: a[a > i[0]], rows)


def test_bounds():
    for index in ([1, 10], [1, -11, 50], [200]):
        check(lambda a, i: a[i], V, np.array(index))
    check_all(lambda a, i: a[:, i], [(A, np.array([5, 6])), (A, np.array([[-7, 0]]))])
    check(lambda a, i: a[i], V, np.array([2**64 - 1], np.uint64), strict=False)
    check(lambda a, i: a[i, i[:3]], A, I)  # shapes that do not broadcast
    check(lambda a, i: a[i], V[:0], I)


def store_number(a, i):
    a[i] = 3
    return a


def store_items(a, i):
    a[i] = a[:4] * 2
    return a


def store_overlapping(a, i):
    a[i] = a[3::-1]
    return a


def add_in_place(a, i):
    a[i] += 1
    return a


def store_columns(a, i):
    a[:, i] = a[:, :4]
    return a


def store_broadcast(a, i):
    a[i, 1:3] = np.array((1.0, 2.0))
    return a


def store_pairs(a, i):
    a[i, i] = i
    return a


def store_zero_d(a, i):
    a[i] = np.array(2.5)
    return a


def store_into_index(i):
    i[i] = i[::-1]
    return i


STORE = [store_number, store_items, store_overlapping, add_in_place]


@pytest.mark.parametrize("store", [*STORE, store_zero_d])
def test_store(store):
    check(store, V, I)
    check(store, V, np.array([1, 1, 2, 2]))  # the last one wins
    check(store, V, np.array([3, 10, 1, 0]))
    check(store, A, I)


@pytest.mark.parametrize("store", [store_columns, store_broadcast, store_pairs])
def test_store_in_a_matrix(store):
    check_all(store, [(A, I), (np.asfortranarray(A), I), (A, np.array([0, 9, 1, 1]))])


@pytest.mark.parametrize("dtype", [np.int8, np.uint16, np.float32, np.complex128], ids=name_of)
def test_store_converts(dtype):
    check(store_number, V.astype(dtype), I)
    check(store_pairs, A.astype(dtype), I)


def test_store_where_memory_is_shared():
    check(store_into_index, np.array([2, 0, 1, 3]))


def test_store_of_a_wrong_shape():
    check(store_items, V, I[:3])
    check(store_columns, A, I[:3])


def fill_picked(a, m):
    a[m] = -1
    return a


def double_picked(a, m):
    a[m] = a[m] * 2
    return a


def store_three(a, m):
    a[m] = np.arange(3)
    return a


def store_one(a, m):
    a[m] = np.array((7,))
    return a


def store_two_axes(a, m):
    a[m] = np.ones((2, 2))
    return a


ROWS = np.array([True, False, True, True])
COLUMNS = np.array([True, False, True, True, False, False])


def test_masks():
    check(lambda a, m: a[m], A, A % 2 == 0)
    check(lambda a: a[a > 5], A)
    check(lambda a, m: a[m], A, ROWS)
    check(lambda a, m: a[:, m], A, COLUMNS, layout=False)
    check(lambda a, m: a[m, 2], A, ROWS)
    check(lambda a, m, i: a[m, i], A, ROWS, I[:3])
    check(lambda a, m: a[m, 1:3], A, ROWS)
    check(lambda a, m: a[m], A.reshape(2, 2, 6), ROWS.reshape(2, 2))


@pytest.mark.parametrize("store", [fill_picked, double_picked, store_three, store_one])
def test_store_by_mask(store):
    rows = [
        (V, V > 9.0),
        (V, V > 10.0),
        (V, V < 0),
        (A, A > 20),
        (A.T, A.T > 20),
        (A[::2, ::-1], A[::2] > 14),
    ]
    check_all(store, rows)
    check(store, A, A[0] > 3)  # a mask of the wrong length


def test_store_by_mask_of_rows():
    check(fill_picked, A, ROWS)
    check(double_picked, A, ROWS)
    check(store_two_axes, A, A > 20)


def test_mask_of_the_wrong_length():
    check_all(lambda a, m: a[m], [(A, ROWS[:3]), (V, ROWS), (A, A[:, :5] > 1), (V[:0], ROWS)])
    check(lambda a, m: a[:, m], A, ROWS)


def test_nonzero():
    rows = [(numbers((3, 4), dtype),) for dtype in DTYPES] + [(V[:0],), (A.T % 3,), (A[:, ::2] % 2,)]
    check_all(lambda a: (np.nonzero(a), a.nonzero(), np.flatnonzero(a), np.argwhere(a)), rows, layout=False)


def test_take():
    check(
        lambda a, i: (np.take(a, i), np.take(a, i, axis=1), a.take(i, 0), a.take(i, -1)), A, I, layout=False
    )
    check(lambda a, i: np.take(a, i), A, GRID)
    check(lambda a, i: np.take(a, i, axis=0), A, np.array([4]))


def test_compress_and_extract():
    check(lambda a, m: (np.compress(m, a, axis=0), np.compress(m, a), np.extract(a > 3, a)), A, ROWS)


def test_broadcast_to():
    check(lambda a: np.broadcast_to(a, (3, 4, 6)), A)
    check(lambda a: np.broadcast_to(a[:1], (4, 6)) + 1, A)
    check(lambda a: np.broadcast_to(a, 10), V)
    check_all(lambda a: np.broadcast_to(a, (4, 5)), [(A,), (V[:1],), (V,), (A[None],)])


def test_may_share_memory():
    check(
        lambda a: (
            np.may_share_memory(a, a[1:]),
            np.may_share_memory(a[:2], a[2:]),
            np.may_share_memory(a, a[:0]),
        ),
        V,
    )


def test_lists_as_indices():
    check(lambda a: (a[[0, 2]], a[:, [1, -1]], a[[0, 1], [2, 3]]), A, layout=False)
    check(lambda a, n: a[[0, n]], V, 12)
    check(lambda a, m: a[[m, not m, m, m]], A, True)


def store_by_list(a, i):
    a[[0, 2]] = a[[2, 0]]
    a[[1], i] = 5
    return a


def test_store_by_a_list():
    check(store_by_list, A, I)


def test_the_index_is_an_argument():
    indices = [
        (slice(None), I),
        (slice(3, None, -2), I),
        (Ellipsis, slice(1, 2), None),
        (I, slice(0, 2)),
        (None, I),
    ]
    check_all(
        lambda a, i: a[i],
        [(A, i) for i in [*indices, slice(1, 3), Ellipsis, (slice(-2, 9), 1)]],
        layout=False,
    )
    check_all(lambda a, i, j: a[i, j], [(A, slice(0, n), slice(None, None, n)) for n in (1, 2, 3)])
