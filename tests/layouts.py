"""Arrays for the tests: each dtype that compiles, each layout an argument can have."""

import numpy as np

INT_DTYPES = [np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64]
FLOAT_DTYPES = [np.float16, np.float32, np.float64]
COMPLEX_DTYPES = [np.complex64, np.complex128]
DTYPES = [np.bool_, *INT_DTYPES, *FLOAT_DTYPES, *COMPLEX_DTYPES]


def name_of(dtype):
    """The name a test's row shows for a dtype."""
    return np.dtype(dtype).name


def numbers(shape, dtype=np.float64):
    """Different values of either sign, exact in each dtype; bools alternate irregularly."""
    count = int(np.prod(shape))
    values = (np.arange(count) * 7 % 23 - 9).reshape(shape)
    if dtype is np.bool_:
        return values % 3 == 0
    if np.dtype(dtype).kind == "u":
        return np.abs(values).astype(dtype)
    if np.dtype(dtype).kind == "c":
        return (values / 4 + 1j * values[..., ::-1]).astype(dtype)
    return (values / 4).astype(dtype) if np.dtype(dtype).kind == "f" else values.astype(dtype)


def unaligned(array):
    """The same values one byte off their natural alignment."""
    memory = np.zeros(array.nbytes + 1, np.uint8)[1:]
    copy = np.ndarray(array.shape, array.dtype, memory)
    copy[...] = array
    return copy


def readonly(array):
    """A copy that refuses writes."""
    copy = array.copy()
    copy.flags.writeable = False
    return copy


def layouts(dtype=np.float64, shape=(3, 4)):
    """One array of each layout by name, all of one shape."""
    a = numbers(shape, dtype)
    wide = np.repeat(np.repeat(a, 2, axis=0), 3, axis=-1)
    backward = a[::-1, ..., ::-1].copy()
    return {
        "c": a,
        "f": np.asfortranarray(a),
        "strided": wide[::2, ..., ::3],
        "inner stride": np.repeat(a, 2, axis=-1)[..., ::2],
        "negative": backward[::-1, ..., ::-1],
        "readonly": readonly(a),
        "readonly strided": readonly(wide)[::2, ..., ::3],
        "unaligned": unaligned(a),
        "broadcast": np.broadcast_to(a[0], shape),
    }


# Of these NumPy's new arrays follow the strides; compiled code makes them C contiguous (docs/differences.md).
IN_K_ORDER = ("strided", "inner stride", "negative", "readonly strided", "broadcast")


def vectors(dtype=np.float64, n=7):
    """One 1-d array of each layout by name."""
    a = numbers((n,), dtype)
    return {
        "c": a,
        "strided": np.repeat(a, 3)[::3],
        "negative": a[::-1].copy()[::-1],
        "readonly": readonly(a),
        "unaligned": unaligned(a),
        "broadcast": np.broadcast_to(a[:1], (n,)),
        "one": a[:1],
        "empty": a[:0],
    }
