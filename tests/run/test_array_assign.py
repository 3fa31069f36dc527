"""Writing: elements of each dtype, slices with broadcasting, shapes that do not fit, overlaps."""

import numpy as np
import pytest
from layouts import DTYPES, INT_DTYPES, layouts, name_of, numbers, vectors

import hotloop
from harness import check, check_all

WRITABLE = [name for name in layouts() if "readonly" not in name and name != "broadcast"]


def set_item(a, i, x):
    a[i] = x


def set_2d(a, i, j, x):
    a[i, j] = x
    a[j % 3][i] = x


@pytest.mark.parametrize("dtype", DTYPES, ids=name_of)
def test_python_number(dtype):
    a = numbers(5, dtype)
    check_all(set_item, [(a, 0, 1), (a, -1, 100), (a, 5, 1), (a, 2, True)])
    if np.dtype(dtype).kind != "b":
        check_all(set_item, [(a, 1, 2.75), (a, 1, -0.0)])


@pytest.mark.parametrize("dtype", INT_DTYPES, ids=name_of)
def test_python_int_out_of_range(dtype):
    limits = np.iinfo(dtype)
    a = numbers(5, dtype)
    values = [limits.max, limits.min, limits.max + 1, limits.min - 1, -1]
    check_all(set_item, [(a, 1, v) for v in values if -(2**63) <= v < 2**63])


def test_float_to_int_element():
    rows = [
        (numbers(5, dtype), 1, x)
        for dtype in (np.int32, np.int64)
        for x in (2.9, -2.9, 1e9, float("nan"), float("inf"))
    ]
    check_all(set_item, rows)


def test_number_to_bool_element():
    check_all(set_item, [(np.zeros(3, bool), 1, x) for x in (5, 0, 0.5, float("nan"), 1j, -1)])


def test_double_to_single_element():
    check_all(set_item, [(numbers(3, np.float32), 1, x) for x in (0.1, 1e300, 1e-50, float("nan"), 3)])
    check_all(set_item, [(numbers(3, np.complex64), 1, x) for x in (0.1, 1e300 + 1j, 2, 1e-50j)])


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int64, np.uint64, np.float32, np.bool_], ids=name_of)
def test_numpy_scalar(dtype):
    """A NumPy scalar is cast: it wraps where Python's int raises."""
    sources = [
        np.int64(300),
        np.int8(-1),
        np.uint8(200),
        np.float32(2.5),
        np.bool_(True),
        np.float64(7.0),
        np.uint64(5),
    ]
    check_all(set_item, [(numbers(3, dtype), 0, x) for x in sources])


@pytest.mark.parametrize("name", WRITABLE)
def test_layout(name):
    check_all(set_2d, [(layouts()[name], i, j, 42.0) for i, j in ((0, 0), (2, 3), (-1, -4), (3, 0), (0, 4))])


def test_readonly():
    check_all(set_item, [(vectors()[name], 0, 1.0) for name in ("readonly", "broadcast")], strict=False)
    check_all(lambda a: a.fill(0), [(vectors()["readonly"],)], strict=False)


def augmented(a, i, x):
    a[i] += x
    a[i] *= 2
    a[i + 1] -= a[i]


@pytest.mark.parametrize("dtype", [t for t in DTYPES if t is not np.bool_], ids=name_of)
def test_augmented_item(dtype):
    check_all(augmented, [(numbers(4, dtype), 1, 2), (numbers(4, dtype), 3, 2), (numbers(4, dtype), -1, 1)])


# ---- Slices


def set_all(a, x):
    a[:] = x


def set_dots(a, x):
    a[...] = x


def set_middle(a, x):
    a[1:3] = x


def set_step(a, x):
    a[::2] = x


def set_backward(a, x):
    a[::-1] = x


def set_column(a, x):
    a[:, 1] = x


def set_columns(a, x):
    a[:, 1:3] = x


def set_row(a, x):
    a[1] = x


def set_block(a, x):
    a[1:, ::-2] = x


def set_newaxis(a, x):
    a[:, None, 1] = x


@pytest.mark.parametrize(
    "func", [set_all, set_dots, set_middle, set_step, set_backward], ids=lambda f: f.__name__
)
def test_vector_slice(func):
    values = [
        5.0,
        3,
        True,
        np.float32(0.5),
        numbers(2),
        numbers(7),
        numbers(4),
        numbers(1),
        numbers(0),
        numbers((1, 7)),
        np.array(2.0),
    ]
    check_all(func, [(numbers(7), x) for x in values])
    check_all(func, [(a, 1.5) for name, a in vectors().items() if name not in ("readonly", "broadcast")])


MATRIX_SETS = [
    set_all,
    set_dots,
    set_middle,
    set_backward,
    set_column,
    set_columns,
    set_row,
    set_block,
    set_newaxis,
]


@pytest.mark.parametrize("func", MATRIX_SETS, ids=lambda f: f.__name__)
def test_matrix_slice(func):
    a = numbers((3, 4))
    values = [
        5.0,
        numbers(4),
        numbers(3),
        numbers(2),
        numbers((3, 1)),
        numbers((3, 4)),
        numbers((2, 4)),
        numbers((3, 2)),
        numbers((4, 3)).T,
    ]
    check_all(func, [(a, x) for x in values])


@pytest.mark.parametrize("name", WRITABLE)
def test_matrix_slice_of_layout(name):
    check_all(
        set_block, [(layouts()[name], numbers((2, 2))), (layouts()[name], 9.0), (layouts()[name], numbers(2))]
    )


@pytest.mark.parametrize("dtype", DTYPES, ids=name_of)
def test_slice_converts(dtype):
    """Array to array is an unchecked cast, whatever the dtypes."""
    sources = [
        numbers(7, source) for source in (np.bool_, np.int8, np.uint16, np.int64, np.float32, np.float64)
    ]
    if np.dtype(dtype).kind == "c":
        sources += [numbers(7, np.complex64), numbers(7, np.complex128)]
    check_all(set_all, [(numbers(7, dtype), np.abs(x)) for x in sources])


def test_slice_of_python_int_out_of_range():
    check_all(
        set_all,
        [
            (numbers(3, np.uint8), 256),
            (numbers(3, np.int8), -129),
            (numbers(3, np.uint8), -1),
            (numbers(0, np.uint8), 300),
        ],
    )


def test_swap_of_views_is_not_a_copy():
    def swap(a):
        a[0], a[1] = a[1], a[0]

    check(swap, numbers((2, 3)))
    check(swap, numbers(2))


# ---- Overlap


def shift_right(a):
    a[1:] = a[:-1]


def shift_left(a):
    a[:-1] = a[1:]


def reverse(a):
    a[::-1] = a


def own_transpose(a):
    a[...] = a.T


def first_row_everywhere(a):
    a[:] = a[1]


def first_column_everywhere(a):
    a[:, :] = a[:, 1:2]


def sum_of_neighbours(a):
    a[1:-1] = a[:-2] + a[2:]


def smooth(a):
    a[1:-1, 1:-1] = (a[:-2, 1:-1] + a[2:, 1:-1] + a[1:-1, :-2] + a[1:-1, 2:]) / 4


def add_shifted(a):
    a[1:] += a[:-1]


def subtract_reversed(a):
    a -= a[::-1]


def add_row(a):
    a += a[0]


VECTOR_OVERLAPS = [
    shift_right,
    shift_left,
    reverse,
    sum_of_neighbours,
    add_shifted,
    subtract_reversed,
]
MATRIX_OVERLAPS = [
    own_transpose,
    first_row_everywhere,
    first_column_everywhere,
    smooth,
    add_row,
    shift_right,
    reverse,
]


@pytest.mark.parametrize("func", VECTOR_OVERLAPS, ids=lambda f: f.__name__)
def test_vector_overlap(func):
    check_all(
        func,
        [
            (a,)
            for name, a in vectors(n=37).items()
            if name in ("c", "strided", "negative", "unaligned", "one")
        ],
    )
    check_all(func, [(numbers(3),), (numbers(300, np.int16),)])


@pytest.mark.parametrize("func", MATRIX_OVERLAPS, ids=lambda f: f.__name__)
def test_matrix_overlap(func):
    check_all(func, [(numbers((6, 6)),), (numbers((6, 6)).T,), (numbers((12, 18))[::2, ::-3],)])


def test_two_names_of_one_memory():
    def copy_into(a, b):
        a[:] = b
        b[0] += 1.0

    def axpy(a, b):
        a += 2.0 * b

    x = numbers(20)
    for func in (copy_into, axpy):
        check_all(
            func,
            [
                (x[1:], x[:-1]),
                (x[:-1], x[1:]),
                (x, x),
                (x[::2], x[1::2]),
                (x[:10], x[10:]),
                (x[::-1], x),
                (x[:10], x[:20:2]),
            ],
        )


def test_loop_over_overlapping_arguments():
    def recurrence(a, b):
        for i in range(a.size):
            a[i] = b[i] + 1.0

    x = numbers(40)
    check_all(recurrence, [(x[1:], x[:-1]), (x[:-1], x[1:]), (x[4:], x[:-4]), (x[:], x), (x[::-1], x)])


# ---- In place

IN_PLACE = {
    "+=": "a += b", "-=": "a -= b", "*=": "a *= b", "/=": "a /= b", "//=": "a //= b", "%=": "a %= b",
    "**=": "a **= b", "&=": "a &= b", "|=": "a |= b", "^=": "a ^= b", "<<=": "a <<= b", ">>=": "a >>= b",
}  # fmt: skip


def statement(text):
    """`def f(a, b): <text>; return a`."""
    scope = {}
    exec(f"def f(a, b):\n    {text}\n    return a\n", scope)
    return scope["f"]


@pytest.mark.parametrize("name", IN_PLACE)
def test_in_place(name):
    func = statement(IN_PLACE[name])
    bits = name in ("&=", "|=", "^=", "<<=", ">>=")
    target, other = numbers((3, 4), np.int32 if bits else np.float64), np.abs(numbers(4, np.int32)) % 7 + 1
    check_all(
        func,
        [
            (target, 2),
            (target, other),
            (target, np.abs(target) % 5),
            (target, numbers((2, 4), np.int32)),
            (target.T, 3),
        ],
        ulp=2,
    )


def test_in_place_writes_the_argument():
    def scale(a, rows):
        for i in range(rows):
            a[i] *= 2.0
            a[i, 1:] += a[i, :-1]
        return a

    check_all(scale, [(numbers((3, 4)), 3), (numbers((3, 4)), 4)])


def test_shape_error_comes_before_the_first_write():
    def add(a, b):
        a[0] = 5.0
        a[1:] = b + 1.0
        a[0] = 7.0

    check_all(add, [(numbers(4), numbers(3)), (numbers(4), numbers(2)), (numbers(4), numbers((2, 3)))])


def test_overlap_of_another_step_is_as_through_a_copy():
    """NumPy 2.4 reads here what it has just written; as everywhere else, the right side is read first."""

    def every_other(a):
        a[::2] = a[: (a.shape[0] + 1) // 2]
        return a

    a = np.arange(31.0)
    expected = a.copy()
    expected[::2] = a[:16].copy()
    assert np.array_equal(hotloop.njit(strict=True)(every_other)(a), expected)


@pytest.mark.parametrize("dtype", [np.float64, np.int8, np.uint8, np.complex64, np.bool_], ids=name_of)
def test_sequence_into_slice(dtype):
    """Lists and tuples become arrays of the target's type, whose items are checked as single ones are."""
    a = numbers(12, dtype)
    check_all(set_list, [(a, 1, 2), (a, 300, 3), (a, -4, 0)])
    check_all(set_tuple, [(a, 1, 2.75), (a, -1, 3)])
    check_all(set_picked, [(a, 1, 2)])
    check_all(set_rows, [(a.reshape(3, 4), 7)])
    check_all(set_wrong, [(a, 5)])


def set_list(a, x, y):
    a[2:4] = [x, y]
    a[:2] = [y]
    a[4:8] = [i for i in range(4)]


def set_tuple(a, x, y):
    a[-3:-1] = x, y


def set_picked(a, x, y):
    a[np.array([0, 5])] = [x, y]
    a[[1, 6]] = (y, x)
    a[a == 0] = [x]


def set_rows(a, x):
    a[0] = [1, 2, 3, x]
    a[1:, :2] = [[x, 1], [2, 3]]
    a[:, 3] = (x, 1, 2)


def set_wrong(a, x):
    a[1:3] = [x, x, x]
