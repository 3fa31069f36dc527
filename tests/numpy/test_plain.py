"""The prelude's functions are plain Python too: run by the interpreter they agree with NumPy.

This finds a wrong formula without the compiler; tests of the compiled functions are beside this file and in
tests/run.
"""

import re
import warnings

import numpy as np
import prelude
import pytest
import table

INTS = [np.bool_, np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64]
FLOATS = [np.float32, np.float64]
SIZES = [0, 1, 7, 8, 9, 15, 16, 17, 63, 64, 65, 127, 128, 129, 1000, 3001, 9000]


@pytest.fixture(autouse=True)
def installed(oracle_only):
    if oracle_only:
        pytest.skip("needs the package")


def outcome(function, args, kw):
    """Return what a call returns or raises; arithmetic warnings are NumPy's own affair."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return function(*args, **kw)
        except Exception as error:
            return type(error), str(error)


def same(expected, got):
    """Tell whether two outcomes are equal bit for bit, any NaN equal to any other."""
    if isinstance(expected, (tuple, list)):
        return type(got) is type(expected) and len(expected) == len(got) and all(map(same, expected, got))
    if isinstance(expected, (type, str)):
        return expected == got
    expected, got = np.asarray(expected), np.asarray(got)
    if expected.dtype != got.dtype or expected.shape != got.shape:
        return False
    nan = expected != expected
    return bool(np.array_equal(nan, got != got)) and expected[~nan].tobytes() == got[~nan].tobytes()


def compare(name, function, *args, **kw):
    """Assert that the prelude's function of this name does what `function` does."""
    expected, got = outcome(function, args, kw), outcome(prelude.function(name), args, kw)
    assert same(expected, got), f"{name}{args}{kw}: NumPy {expected!r}, the prelude {got!r}"


def numbers(dtype, n):
    """Random numbers over the whole range of integers, around 0 for floats."""
    random = np.random.default_rng(n)
    dtype = np.dtype(dtype)
    if dtype.kind == "b":
        return random.integers(0, 2, n).astype(bool)
    if dtype.kind in "iu":
        return random.integers(np.iinfo(dtype).min, np.iinfo(dtype).max, n, dtype)
    values = random.standard_normal(n)
    return (
        (values + 1j * random.standard_normal(n)).astype(dtype) if dtype.kind == "c" else values.astype(dtype)
    )


REDUCTIONS = {"sum": np.sum, "prod": np.prod, "mean": np.mean, "min": np.min, "max": np.max}


@pytest.mark.parametrize("name", REDUCTIONS)
@pytest.mark.parametrize("dtype", [*INTS, *FLOATS], ids=lambda dtype: dtype.__name__)
def test_reduction(name, dtype):
    for n in SIZES:
        a = numbers(dtype, n)
        compare(f"numpy.{name}", REDUCTIONS[name], a)
        compare(f"ndarray.{name}", REDUCTIONS[name], a[::-1])
        if n % 10 == 0 and n:
            b = a.reshape(-1, 10)
            for matrix in (b, b.T, np.asfortranarray(b)):
                compare(f"numpy.{name}", REDUCTIONS[name], matrix)


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
def test_complex_reduction(dtype):
    for n in SIZES:
        a = numbers(dtype, n)
        compare("numpy.sum", np.sum, a)
        compare("numpy.prod", np.prod, a[:20])


@pytest.mark.parametrize("name", REDUCTIONS)
@pytest.mark.parametrize("dtype", [*INTS, np.float64], ids=lambda dtype: dtype.__name__)
def test_along_an_axis(name, dtype):
    a = numbers(dtype, 1000)
    for shape, axes in [((100, 10), (0, 1, -1, -2, 2, -3)), ((10, 2, 50), (0, 1, 2, -1)), ((1000,), (0, -1))]:
        for axis in axes:
            compare(f"numpy.{name}", REDUCTIONS[name], a.reshape(shape), axis)
    for shape in [(0, 3), (3, 0)]:
        for axis in (0, 1):
            compare(f"numpy.{name}", REDUCTIONS[name], np.zeros(shape, dtype), axis)


def test_reduction_in_another_type():
    for n in SIZES:
        for dtype in (np.float32, np.float64):
            compare("numpy.sum", np.sum, numbers(np.float64, n), dtype=dtype)
            compare("numpy.sum", np.sum, numbers(np.float32, n), dtype=dtype)
            compare("numpy.mean", np.mean, numbers(np.int32, n), dtype=dtype)


def test_special_values():
    rows = [
        [1, np.nan, 2],
        [np.nan],
        [np.inf, -np.inf],
        [-0.0],
        [-0.0] * 9,
        [1.0] * 40 + [np.nan],
        [np.nan] + [1.0] * 40,
    ]
    for row in rows:
        for name, function in REDUCTIONS.items():
            compare(f"numpy.{name}", function, np.array(row))


ARANGE = [
    (5,), (0,), (-3,), (np.int16(4),), (2, 7), (7, 2), (0, 10, 3), (10, 0, -3), (5, 6, 100), (5.5,), (True,),
    (0.0, 1.0, 0.1), (1.0, 0.0, -0.25), (0, 1, 0.3), (0.5, 10, 3), (0.1, 100.0, 0.7), (1e15, 1e15 + 8, 1.5),
    (0, 5, 0), (0.0, 5.0, 0.0), (np.uint64(4),), (np.float32(0), np.float32(1), np.float32(0.1)),
    (0, float("nan")), (0, float("inf")), (0, 1e-320, 1e308), (0.0, -1e-320, 1e308), (2**62, 2**62 + 5, 2),
    (1, None, 2), (np.int64(3), np.uint64(7)), (0, np.uint8(5)), (0, 7, 2, np.uint16),
    (0.25, 1.0, 0.25, np.float32), (300, None, None, np.int8), (7, None, None, np.complex64),
    (2, None, None, bool), (3, None, None, bool), (1, None, None, "f4"),
    (np.float64(0), np.float64(5), np.float64(0)),
]  # fmt: skip


@pytest.mark.parametrize("row", ARANGE, ids=str)
def test_arange(row):
    compare("numpy.arange", np.arange, *row)


LINSPACE = [
    (0.0, 1.0, 5), (1, 10, 4), (5.0, -5.0, 11), (0.1, 0.3, 3), (2.0, 2.0, 4), (0.0, 1.0, 1), (0.0, 1.0, 0),
    (0, 1), (-3, 7.5, 33), (0.0, 1.0, -1), (0.0, 5e-324, 3), (1e308, 1.7e308, 7), (float("nan"), 1.0, 3),
    (0.0, float("inf"), 3), (np.float32(0), np.float32(1), 7), (0, np.float32(1), 7), (np.int8(1), 3, 7),
    (np.int64(1), np.float32(3), 7), (0, 1j, 4), (0, 3 + 1j, 4, False), (0.0, 1.0, 5, False),
    (0, 1, 1, False), (0, 1, 5, True, True), (0, 1, 0, True, True), (0, 10, 7, True, False, int),
    (-3, 3, 7, True, False, np.int8),
    (-3, 3, 7, True, False, np.float32),
]  # fmt: skip


@pytest.mark.parametrize("row", LINSPACE, ids=str)
def test_linspace(row):
    compare("numpy.linspace", np.linspace, *row)


@pytest.mark.parametrize(
    "row",
    [(0,), (4,), (3, 4, 1), (4, 2, -2), (3, 3, 5), (-1,), (3, None, 1), (2, 2, 0, np.int32), (2, 2, 0, bool)],
    ids=str,
)
def test_eye(row):
    compare("numpy.eye", np.eye, *row)


def test_identity():
    compare("numpy.identity", np.identity, 3)
    compare("numpy.identity", np.identity, 3, np.int8)
    compare("numpy.identity", np.identity, 3, None)


SHAPES = [
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((2,), (2, 3)),
    ((2, 3), (3, 4)),
    ((1, 5), (5, 1)),
    ((0,), (0,)),
    ((2, 0), (0, 3)),
    ((0, 3), (3, 2)),
]


@pytest.mark.parametrize("dtype", INTS, ids=lambda dtype: dtype.__name__)
def test_integer_products(dtype):
    for left, right in SHAPES:
        x, y = (
            numbers(dtype, int(np.prod(left))).reshape(left),
            numbers(dtype, int(np.prod(right))).reshape(right),
        )
        compare("numpy.dot.integers", np.dot, x, y)
        compare("numpy.matmul.integers", np.matmul, x, y)


def test_builtins():
    for values in (np.arange(5.0) * 0.1, np.array([]), range(5), range(3, 0, -2), range(0)):
        compare("builtins.sum", sum, values, 0)
        compare("builtins.min", min, values)
        compare("builtins.max", max, values)


A, B = numbers(np.float64, 12).reshape(3, 4), numbers(np.float32, 12).reshape(3, 4)
I8 = numbers(np.int8, 12).reshape(3, 4)
COLUMN = np.array([[0], [-1]])


FURTHER = [
    ("ndarray.tolist", np.ndarray.tolist, (A, A[0], A[:0], np.array(2.5), A > 3), ()),
    ("ndarray.__contains__", np.ndarray.__contains__, (), (A, A[1, 2])),
    ("ndarray.__contains__", np.ndarray.__contains__, (), (A.T, 1e9)),
    ("ndarray.reshape.strided", np.reshape, (), (A.T, (2, 6))),
    ("ndarray.reshape.strided", np.reshape, (), (A.T, (2, 2, 3))),
    ("ndarray.reshape.strided", np.reshape, (), (A[:, ::2], (1, 3, 2))),
    ("ndarray.ravel.strided", np.ravel, (A, A.T, A[::2]), ()),
    ("ndarray.__getitem__.mask", lambda a, m: a[m], (), (A, A > 0)),
    ("ndarray.__getitem__.arrays", lambda a, i, *_: a[i], (), (A, (COLUMN, np.arange(4)), (0, 1), 0)),
    ("numpy.sum.whole", np.sum, (A, I8, A.T, A[:0]), ()),
    ("numpy.min.whole", np.min, (A, I8, A.T, A[:0]), ()),
    ("numpy.max.whole", np.max, (A, I8, A.T, A[:0]), ()),
    ("numpy.any.whole", np.any, (A, I8, A.T, A[:0]), ()),
    ("numpy.all.whole", np.all, (A, I8, A.T, A[:0]), ()),
    ("numpy.any", np.any, (A, I8 > 200, A[:0]), (A > 0, 0)),
    ("numpy.all", np.all, (A, I8, A[:0]), (A > 0, 1)),
    ("numpy.count_nonzero", np.count_nonzero, (A, I8, A[:0]), ()),
    ("numpy.array_equal", np.array_equal, (), (A, A)),
    ("numpy.array_equal", np.array_equal, (), (A, A[0])),
    ("numpy.isclose", np.isclose, (), (A, A + 1e-9)),
    ("numpy.allclose", np.allclose, (), (A, B)),
    ("numpy.var", np.var, (A, B, I8), (A, 1)),
    ("numpy.std", np.std, (A, B, I8), (A, 0)),
    ("numpy.ptp", np.ptp, (A, B), (A, -1)),
    ("numpy.cumsum", np.cumsum, (A, B, I8), (I8, 1)),
    ("numpy.cumprod", np.cumprod, (A, B, I8), (I8, 0)),
    ("numpy.diff", np.diff, (A, I8, A > 0), (A, 2)),
    ("numpy.argmin", np.argmin, (A, I8, A.T, A[:0]), ()),
    ("numpy.argmax", np.argmax, (A, I8, A.T, A[:0]), ()),
    ("numpy.searchsorted", np.searchsorted, (), (np.sort(A[0]), A, "right")),
    ("numpy.concatenate", np.concatenate, ((A, I8), (A, A[0]), (A, A[:, 1:])), ((A, B), -1)),
    ("numpy.flip", np.flip, (A, A[0]), (A, 1)),
    ("numpy.flipud", np.flipud, (A,), ()),
    ("numpy.fliplr", np.fliplr, (A,), ()),
    ("numpy.roll", np.roll, (), (A, 5)),
    ("numpy.diag", np.diag, (A[0],), (I8[1], -2)),
    ("numpy.matmul.stacked", np.matmul, (), (A.reshape(3, 2, 2), A[:2, :2])),
    ("numpy.matmul.stacked", np.matmul, (), (A[:2, :2], A.reshape(3, 2, 2))),
    ("numpy.matmul.stacked", np.matmul, (), (A.reshape(3, 2, 2), A[0])),
    ("numpy.dot.stacked", np.dot, (), (A.reshape(3, 2, 2), A[:2])),
    ("numpy.dot.stacked", np.dot, (), (I8.reshape(3, 2, 2), I8.reshape(3, 2, 2))),
    ("numpy.trace", np.trace, (A, I8), (A, 1)),
    ("numpy.inner", np.inner, (), (I8, I8[0])),
    ("numpy.outer", np.outer, (), (A, I8)),
    ("numpy.vdot", np.vdot, (), (I8, I8)),
    ("numpy.linalg.norm", np.linalg.norm, (np.eye(3), np.arange(4)), ()),
]


STORES = [
    ("ndarray.__setitem__.mask", A > 0, 3.0),
    ("ndarray.__setitem__.mask", A > 0, A[A > 0]),
    ("ndarray.__setitem__.mask", A > 0, A),
    ("ndarray.__setitem__.arrays", COLUMN, B[:2, None], (COLUMN,), (0,), 0),
    ("ndarray.__setitem__.arrays", COLUMN, 2.5, (COLUMN,), (0,), 0),
    ("ndarray.__setitem__.arrays", COLUMN, B, (COLUMN,), (0,), 0),
]


@pytest.mark.parametrize("row", STORES, ids=lambda row: row[0])
def test_stores(row):
    name, index, value, *parts = row
    a, b = A.copy(), A.copy()
    expected = outcome(a.__setitem__, (index, value), {})
    got = outcome(prelude.function(name), (b, *(parts or [index]), value), {})
    assert same(expected, got) and same(a, b), f"{name}: NumPy {expected!r}, {a}, the prelude {got!r}, {b}"


@pytest.mark.parametrize("row", FURTHER, ids=lambda row: row[0])
def test_further(row):
    name, function, single, several = row
    for a in single:
        compare(name, function, a)
    if several:
        compare(name, function, *several)


ABOVE = {
    "numpy.arange",
    "numpy.linspace",
    "numpy.eye",
    "numpy.identity",
    "numpy.dot.integers",
    "numpy.matmul.integers",
}
ALIASES = {"numpy.amin", "numpy.amax", "numpy.concat"}  # of numpy.min, numpy.max and numpy.concatenate


def test_every_function_is_compared():
    compared = (
        {row[0] for row in FURTHER + STORES} | {f"numpy.{name}" for name in REDUCTIONS} | ABOVE | ALIASES
    )
    compared |= {"builtins.sum", "builtins.min", "builtins.max"}
    compared |= {f"numpy.{name}" for text, *_ in table.ROWS for name in re.findall(r"np\.([\w.]+)\(", text)}
    listed = {name for names in prelude.order().values() for name in names}
    listed = {name for name in listed if name.startswith(("numpy.", "ndarray."))}  # tests/run has the others
    listed = {name for name in listed if not name.startswith(("numpy.random.", "numpy.array."))}
    assert {name for name in listed - compared if name.replace("ndarray", "numpy") not in compared} == set()
