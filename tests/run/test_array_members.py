"""What arrays have beside sizes and elements: flags, view, item, tolist, `in`; np.ndindex, np.ndenumerate."""

import numpy as np
import pytest
from layouts import DTYPES, layouts, name_of, numbers, vectors

from harness import check, check_all

A = numbers((3, 4))


def flags(a):
    f = a.flags
    return f.c_contiguous, f.contiguous, f.f_contiguous, f.writeable, f.aligned


def test_flags():
    check_all(flags, [(a,) for a in (*layouts().values(), *vectors().values())])


@pytest.mark.parametrize("shape", [(1, 4), (4, 1), (0, 3), (3, 0), (1, 1), (2, 3, 1), (1, 2, 3)])
def test_flags_of_axes_that_take_no_steps(shape):
    a = numbers(shape)
    check_all(flags, [(a,), (a.T,), (a[None],), (a[..., None],), (np.asfortranarray(a),)])
    check_all(flags, [(a[::-1],), (a[..., ::2],), (a[:1],)])


def views(a):
    return a.view(), a.view(np.int64), a.view(np.uint8), a.view(np.complex128)


def test_view():
    check_all(views, [(A,), (A[0],), (A[:0],), (np.arange(3.0),)])


def test_view_of_elements_of_the_same_size():
    check_all(lambda a: a.view(np.uint64), [(a,) for a in layouts().values()])


def test_view_of_larger_elements():
    """They may lie anywhere, and so be unaligned."""
    data = np.arange(48, dtype=np.uint8)
    check_all(lambda a: a.view(np.float64), [(data,), (data[3:19],), (data.reshape(2, 24),), (data[:17],)])


def changed_by_bits(a):
    a.view(np.uint64)[0] = 1
    a.view(np.int8)[-1] = 64
    return a[0] + a[-1]


def test_a_view_shares_the_memory():
    check(changed_by_bits, np.ones(4))


def test_item():
    check_all(lambda a, i: a.item(i), [(A, i) for i in (0, 5, 11, -1, -12, 12, -13, (1, 2), (3, 0))])
    check_all(lambda a, i: a.item(i), [(A[::2, ::-2], 3), (A > 2, 5), (A[0], 1), (A * 1j, 2)])
    check_all(lambda a: a.item(1, 2), [(A,), (A.T,)])
    check_all(lambda a: a.item(), [(A[:1, 1:2],), (A,), (np.array(2.5),), (A[:0],)])


@pytest.mark.parametrize("dtype", DTYPES, ids=name_of)
def test_imag_and_tolist(dtype):
    check_all(lambda a: (a.imag.copy(), np.imag(a).copy()), [(numbers((3, 4), dtype),)], layout=False)
    check_all(lambda a: a.tolist(), [(numbers((3, 4), dtype),), (numbers((5,), dtype)[::2],)])


def test_tolist_of_other_shapes():
    check_all(lambda a: a.tolist(), [(np.array(1.5),), (A[:0],), (A.reshape(3, 2, 2),), (A[:, :0],)])


def among(a, x):
    return x in a, x not in a


def test_in():
    check_all(among, [(A, 3.0), (A, 3), (A[0], 99), (A[:0], 1), (A > 2, True), (A * 1j, 2j), (A.T, 0.5)])
    check_all(among, [(A * np.nan, np.nan), (numbers((5,), np.uint8), -1), (np.array(3), 3)])


def over_indices(a):
    total, seen = 0.0, []
    for i, j in np.ndindex(a.shape):
        total += a[i, j] * i - j
        seen.append((i, j))
    for index in np.ndindex(2, 3):
        total += a[index]
        seen.append(index)
    return float(total), seen


def over_elements(a):
    total, seen = 0.0, []
    for (i, j), x in np.ndenumerate(a):
        total += i * x - j
        seen.append((i, j))
    for index, x in np.ndenumerate(a[0]):
        total += index[0] * x
    return float(total), seen


@pytest.mark.parametrize("func", [over_indices, over_elements], ids=lambda f: f.__name__)
def test_ndindex_and_ndenumerate(func):
    check_all(func, [(a,) for a in layouts().values()])


def how_many(shape):
    n = 0
    for index in np.ndindex(shape):
        n += 1 + len(index)
    return n


def test_ndindex_of_other_shapes():
    check_all(how_many, [((),), ((3,),), ((2, 0, 3),), ((2, 3, 4),), (5,), (0,), ((2, -1),)])


def test_ndenumerate_of_other_shapes():
    def sums(a):
        total = 0.0
        for index, x in np.ndenumerate(a):
            for i in index:
                total += i * x
            total += x
        return float(total)

    check_all(sums, [(numbers((2, 3, 4)),), (np.array(2.5),), (A[:0],)])


def test_an_ndindex_that_is_kept_goes_on():
    def twice(n):
        indices, total = np.ndindex(n, 2), 0
        for i, j in indices:
            total += 1
            if i == 1:
                break
        for i, j in indices:
            total += 100 * i + j
        return total

    check(twice, 4, strict=False, native=False)
