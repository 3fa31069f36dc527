"""Draws from NumPy's and Python's own random generators, and libm's functions for what is made of them.

All are intrinsics (infer/random.c); the bodies here are what the interpreter runs.  A `numpy_` draw is a
NumPy scalar, a `python_` draw a Python number.  The functions of libm are never replaced by vector forms,
whose last bits may differ: random numbers agree bit for bit.
"""

import ctypes
import random

import numpy as np


def numpy_double():
    """Return the next double in [0, 1) of NumPy's global generator."""
    return np.float64(np.random.random_sample())


def numpy_bits32():
    """Return its next 32 bits, as uint64."""
    return np.uint64(np.random.randint(0, 2**32, dtype=np.uint32))


def numpy_bits64():
    """Return its next 64 bits."""
    return np.random.randint(0, 2**64, dtype=np.uint64)


def numpy_normal():
    """Return its next standard normal number; it makes two at a time and keeps one."""
    return np.float64(np.random.standard_normal())


def numpy_seed(seed):
    """Seed it with 32 bits."""
    np.random.seed(seed)


def numpy_seed_entropy():
    """Seed it with bits from the system."""
    np.random.seed()


def python_double():
    """Return the next double in [0, 1) of the generator behind the module `random`."""
    return random.random()


def python_bits32():
    """Return its next 32 bits."""
    return random.getrandbits(32)


def python_normal():
    """Return its next standard normal number; it makes two at a time and keeps one."""
    return random.gauss(0.0, 1.0)


def python_seed(seed):
    """Seed it with an int."""
    random.seed(seed)


def python_seed_entropy():
    """Seed it with bits from the system."""
    random.seed()


def check_fits(fits):
    """Leave the call to the interpreter where its answer does not fit 64 bits."""


_libm = ctypes.CDLL("libm.so.6")


def _function(name, nargs):
    function = getattr(_libm, name)
    function.restype = ctypes.c_double
    function.argtypes = [ctypes.c_double] * nargs
    return function


_exp, _log, _log1p, _cos, _acos = (_function(name, 1) for name in ("exp", "log", "log1p", "cos", "acos"))
_pow, _fmod = _function("pow", 2), _function("fmod", 2)


def exp(x):
    """Return libm's exp."""
    return np.float64(_exp(x))


def log(x):
    """Return libm's log."""
    return np.float64(_log(x))


def log1p(x):
    """Return libm's log1p."""
    return np.float64(_log1p(x))


def power(x, y):
    """Return libm's pow."""
    return np.float64(_pow(x, y))


def cos(x):
    """Return libm's cos."""
    return np.float64(_cos(x))


def acos(x):
    """Return libm's acos."""
    return np.float64(_acos(x))


def fmod(x, y):
    """Return libm's fmod."""
    return np.float64(_fmod(x, y))


# ---- np.random.Generator: draws by the functions of NumPy's C interface, by name


def generator_real(generator, name, *parameters):
    """Return one real number of a distribution."""
    if name == "uniform":  # low, high - low
        return np.float64(parameters[0] + parameters[1] * generator.random())
    single = name.startswith("standard_") and name.endswith("_f")
    method = name.removesuffix("_f" if single else "").replace("standard_uniform", "random")
    dtype = {"dtype": np.float32} if single else {}
    return np.float64(getattr(generator, method)(*parameters, **dtype))


def generator_whole(generator, name, *parameters):
    """Return one whole number of a distribution; real parameters come first."""
    if name == "interval":
        return np.int64(_interval(generator, int(parameters[0])))
    if name == "binomial":
        return np.int64(generator.binomial(parameters[1], parameters[0]))
    return np.int64(getattr(generator, name)(*parameters))


def _interval(generator, limit):
    while limit > 0:
        value = int(generator.integers(0, 2**32, dtype=np.uint32)) & ((1 << limit.bit_length()) - 1)
        if value <= limit:
            return value
    return 0


def generator_sample(generator, name, *parameters):
    """Return one whole number of a distribution with three whole parameters."""
    return np.int64(getattr(generator, name)(*parameters))


def generator_bounded(generator, name, low, limit):
    """Return the bits of an integer in [low, low + limit], given by their bits."""
    items = np.empty(1, np.dtype(name.split("_")[1]))
    generator_fill(generator, name, low, limit, items)
    return items[0].astype(np.uint64)


def generator_fill(generator, name, low, limit, items):
    """Fill a contiguous array with such integers."""
    kind = np.dtype(name.split("_")[1])
    offsets = generator.integers(0, int(limit), items.shape, kind, endpoint=True)
    items[...] = (offsets.astype(np.uint64) + low).astype(items.dtype)
