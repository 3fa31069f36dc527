"""The runtime's streams on memory of their own: twister, seeding and normal numbers of NumPy and CPython."""

import ctypes
import random

import numpy as np
import pytest

from .conftest import Context, Gauss, Stream

NUMPY, PYTHON = 0, 1


class Twister:
    """A context whose two streams are twisters that belong to nobody else."""

    def __init__(self, rt):
        self.rt, self.context = rt, Context()
        self.words = [(ctypes.c_uint32 * 624)(), (ctypes.c_uint32 * 624)()]
        self.next, self.gauss = [ctypes.c_int32(624), ctypes.c_int32(624)], [Gauss(), Gauss()]
        self.streams = (Stream * 2)(*(self.stream(i) for i in range(2)))
        self.context.streams = self.streams

    def stream(self, i):
        words = ctypes.cast(self.words[i], ctypes.POINTER(ctypes.c_uint32))
        return Stream(words, ctypes.pointer(self.next[i]), ctypes.pointer(self.gauss[i]), None)

    def __call__(self, name, *args):
        return self.rt.function(name)(self.context, *args)


@pytest.fixture
def twister(rt):
    return Twister(rt)


@pytest.mark.parametrize("seed", [0, 1, 12345, 2**32 - 1])
def test_numpy(twister, seed):
    expected = np.random.RandomState(seed)
    twister("random_seed", NUMPY, seed)
    for _ in range(700):
        assert twister("random_double", NUMPY) == expected.random_sample()
        assert twister("random_u32", NUMPY) == expected.randint(0, 2**32, dtype=np.uint32)
        assert twister("random_u64", NUMPY) == expected.randint(0, 2**64, dtype=np.uint64)
        assert twister("random_gauss", NUMPY) == expected.standard_normal()


@pytest.mark.parametrize("seed", [0, 1, -7, 2**32 - 1, 2**32, 2**63 - 1, -(2**63)])
def test_python(twister, seed):
    expected = random.Random(seed)
    twister("random_seed", PYTHON, seed)
    for _ in range(700):
        assert twister("random_double", PYTHON) == expected.random()
        assert twister("random_u32", PYTHON) == expected.getrandbits(32)
        assert twister("random_gauss", PYTHON) == expected.gauss(0.0, 1.0)


def test_fresh_words(twister):
    for stream in (NUMPY, PYTHON):
        twister("random_seed", stream, 5)
        twister("random_gauss", stream)
        twister("random_seed_entropy", stream)
        assert len(set(twister.words[stream])) > 600 and twister.next[stream].value == 624
        assert not twister.gauss[stream].is_there


def test_libm(rt):
    assert rt("libm_pow", 2.0, 0.5) == 2.0**0.5 and rt("libm_fmod", -7.0, 3.0) == -1.0
