"""Matrix products of any strides, by the loops and by the BLAS that NumPy ships."""

import ctypes
import glob
import os

import numpy as np
import pytest

SUFFIX = {"f8": "f64", "f4": "f32", "c16": "c128", "c8": "c64"}
LETTER = {"f8": "d", "f4": "s", "c16": "z", "c8": "c"}
TOLERANCE = {"f8": 1e-13, "f4": 1e-4, "c16": 1e-13, "c8": 1e-4}
SIZES = [
    (1, 1, 1),
    (2, 3, 4),
    (1, 50, 40),
    (50, 1, 40),
    (40, 50, 1),
    (1, 1, 900),
    (17, 19, 23),
    (70, 300, 130),
    (3, 4, 0),
    (0, 3, 2),
]


class Blas(ctypes.Structure):
    _fields_ = [(letter + name, ctypes.c_void_p) for name in ("gemm", "gemv") for letter in "dszc"] + [
        ("int_nbytes", ctypes.c_int)
    ]


def numpy_blas():
    """NumPy's own OpenBLAS (64-bit integers), or None where this NumPy is linked otherwise."""
    found = glob.glob(os.path.join(os.path.dirname(np.__file__) + ".libs", "libscipy_openblas64_*.so"))
    if not found:
        return None
    library = ctypes.CDLL(found[0])
    names = [name for name, _ in Blas._fields_[:-1]]
    return Blas(*[ctypes.cast(library[f"scipy_{name}_64_"], ctypes.c_void_p) for name in names], 8)


@pytest.fixture(params=["loops", "blas"])
def product(rt, request):
    blas = numpy_blas() if request.param == "blas" else Blas()
    if blas is None:
        pytest.skip("no OpenBLAS beside NumPy")
    rt.library.hlrt_set_blas(ctypes.byref(blas))
    yield lambda a, b: multiply(rt, a, b)
    rt.library.hlrt_set_blas(ctypes.byref(Blas()))


def multiply(rt, a, b):
    (m, k), n = a.shape, b.shape[1]
    out = np.full((m, n), 7, a.dtype)
    rt.function("gemm_" + SUFFIX[a.dtype.str[1:]])(
        a.ctypes.data, *a.strides, b.ctypes.data, *b.strides, out.ctypes.data, m, n, k
    )
    return out


def layouts(values):
    """The same matrix with different strides: rows, columns, steps, reversed, a padded row, unaligned."""
    rows, cols = values.shape
    yield values.copy()
    yield np.asfortranarray(values)
    spread = np.zeros((2 * rows, 3 * cols), values.dtype)[::2, ::3]
    spread[...] = values
    yield spread
    yield values[::-1, ::-1].copy()[::-1, ::-1]
    padded = np.zeros((rows, cols + 5), values.dtype)[:, :cols]
    padded[...] = values
    yield padded
    raw = np.zeros(values.nbytes + 1, "u1")[1:].view(values.dtype).reshape(rows, cols)
    raw[...] = values
    yield raw


@pytest.mark.parametrize("dtype", SUFFIX)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_product(product, dtype, size):
    m, n, k = size
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(m, k)), rng.normal(size=(k, n))
    if dtype.startswith("c"):
        a, b = a + 1j * rng.normal(size=(m, k)), b - 1j * rng.normal(size=(k, n))
    expected = a @ b
    for left in layouts(a.astype(dtype)):
        for right in layouts(b.astype(dtype)):
            np.testing.assert_allclose(
                product(left, right), expected, rtol=0, atol=TOLERANCE[dtype] * max(1, k)
            )


def test_broadcast_operand(product):
    row = np.broadcast_to(np.arange(30.0), (20, 30))
    np.testing.assert_allclose(product(row, row.T), row @ row.T)
    np.testing.assert_allclose(product(row.T, row), row.T.copy() @ row)
