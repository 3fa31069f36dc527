"""Attributes of arrays of each dtype, layout and number of dimensions."""

import numpy as np
import pytest
from layouts import COMPLEX_DTYPES, DTYPES, layouts, name_of, numbers, vectors

from harness import check, check_all


def attributes(a):
    return a.shape, a.ndim, a.size, a.strides, a.itemsize, a.nbytes


def lengths(a):
    return len(a), a.shape[0], a.shape[-1], len(a.shape), a.strides[0]


@pytest.mark.parametrize("dtype", DTYPES, ids=name_of)
def test_of_dtype(dtype):
    check_all(
        attributes,
        [
            (numbers((3, 4), dtype),),
            (numbers((5,), dtype),),
            (np.zeros((2, 0, 3), dtype),),
            (np.array(1, dtype),),
        ],
    )


@pytest.mark.parametrize("ndim", range(1, 7))
def test_of_dimensions(ndim):
    shape = tuple(range(2, 2 + ndim))
    a = numbers(shape)
    check_all(attributes, [(a,), (a.T,), (a[::-1],), (a[..., ::2],)])
    check_all(lengths, [(a,), (a.T,)])


def test_of_layouts():
    check_all(attributes, [(a,) for a in [*layouts().values(), *vectors(np.int16).values()]])
    check_all(lengths, [(a,) for a in [*layouts().values(), *vectors(np.int16).values()]])


def test_transposed():
    check_all(
        lambda a: a.T,
        [(a,) for a in layouts().values()] + [(numbers((2, 3, 4)),), (numbers(3),), (np.array(2.0),)],
    )
    check_all(lambda a: a.T.T, [(numbers((2, 3)),)])
    check_all(lambda a: a.T[1, 0], [(numbers((2, 3)),), (numbers((2, 3)).T,), (numbers((2, 1)),)])


@pytest.mark.parametrize("dtype", DTYPES, ids=name_of)
def test_dtype_compared(dtype):
    check_all(
        lambda a: (a.dtype == np.float64, a.dtype == np.int32, a.dtype != np.bool_), [(numbers(3, dtype),)]
    )


@pytest.mark.parametrize("dtype", DTYPES, ids=name_of)
def test_dtype_compared_with_names(dtype):
    a = numbers(3, dtype)
    check(lambda a: (a.dtype == float, a.dtype == int, a.dtype == bool, a.dtype != complex), a)
    check(
        lambda a: (a.dtype == "float64", "int8" == a.dtype, a.dtype == np.dtype("c8"), a.dtype == a.dtype), a
    )
    check(lambda a: (a.dtype == 3, a.dtype == (1, 2), a.dtype != 2.5, np.float64 == a.dtype), a)


def test_dtype_used():
    check_all(lambda a: np.zeros(3, a.dtype), [(numbers(2, dtype),) for dtype in DTYPES])


@pytest.mark.parametrize("dtype", COMPLEX_DTYPES, ids=name_of)
def test_parts_are_views(dtype):
    def halved(a):
        a.real[0] = 5.0
        a.imag[1] *= 2.0
        return a.real, a.imag

    check_all(
        halved,
        [(a,) for name, a in vectors(dtype).items() if name in ("c", "strided", "negative", "unaligned")],
    )


def test_returned_as_itself():
    check_all(
        lambda a: a,
        [(a,) for a in [*layouts().values(), *vectors().values(), np.array(1.0), np.zeros((0, 2))]],
    )
    check_all(lambda a, b: (b, a, b, (a,)), [(numbers(3), numbers((2, 2), np.int8))])
    check_all(
        lambda flag, a, b: a if flag else b, [(True, numbers(3), numbers(4)), (False, numbers(3), numbers(4))]
    )


def test_same_array_twice():
    def write(a, b):
        a[0] = 100.0
        return b[0], a is b

    x = numbers(4)
    check(write, x, x)
    check(write, x, x.copy())
    check(write, x, x[:])


def test_flat():
    def through(a):
        total = a.flat[0]
        for x in a.flat:
            total = x
        return total, a.flat[3], len(a.flat)

    def changed(a):
        a.flat[2] = 7
        a.flat[-1] += 5
        for i in range(len(a.flat)):
            a.flat[i] *= 2

    def seen_while_iterating(a):
        total = 0.0
        for x in a.flat:
            a.flat[3] = 100.0
            total = total * 0.5 + x
        return total

    arrays = list(layouts().values())
    check_all(through, [(a,) for a in arrays])
    check_all(changed, [(a,) for a in arrays if a.flags.writeable])
    check_all(seen_while_iterating, [(a,) for a in arrays if a.flags.writeable])
    cube = numbers((2, 3, 4))
    indexed = [cube, cube.T, cube[:, ::2], cube.transpose(1, 0, 2), np.zeros((3, 0)), np.array(3.5)]
    check_all(lambda a, i: a.flat[i], [(a, i) for a in indexed for i in (0, 5, 23, 24, -1, -24, -25)])


def test_flat_that_is_kept():
    """It remembers where its loop has ended: that is left to the interpreter."""

    def in_two_loops(a):
        elements, total = a.flat, 0.0
        for x in elements:
            total += x
            break
        for x in elements:
            total += 10 * x
        return float(total)

    check(in_two_loops, numbers((2, 3)), strict=False, native=False)


def test_mixed_layout_join():
    check_all(lambda flag, a: a if flag else a.T, [(True, numbers((2, 3))), (False, numbers((2, 3)))])
    check_all(lambda flag, a: a if flag else a[::2], [(True, numbers(6)), (False, numbers(6))])
    check_all(
        lambda flag, a, b: (a if flag else b)[1],
        [(True, numbers(6), numbers(6)[::2]), (False, numbers(6), numbers(6)[::2])],
    )


def test_attributes_without_a_compiled_form():
    check_all(lambda a: (a.dtype.byteorder, a.dtype.type.__name__), [(np.zeros(3),)], strict=False)
    check_all(lambda a: a.dtype.byteorder, [(np.zeros(3),)], strict=False)
