"""Random indices: arrays, masks, integers, slices, new axes and ellipses, some of them wrong."""

import random

import numpy as np
import pytest

from harness import check

CASES = 40
DTYPES = [np.float64, np.int8, np.complex64, np.float16, np.bool_]


class Case:
    """One array and one index: the text of the index, in which x0, x1, ... are arrays, and those arrays."""

    def __init__(self, seed):
        self.choose, self.numbers = random.Random(seed), np.random.default_rng(seed)
        self.shape = tuple(self.choose.randint(1, 4) for _ in range(self.choose.randint(1, 4)))
        self.items, self.arrays, self.axes = [], [], 0
        self.common = self.choose.choice([(3,), (2, 3), (1,), ()])
        while self.axes < len(self.shape) and self.choose.random() < 0.9:
            self.choose.choice([self.new_axis, self.integer, self.slice, self.array, self.array, self.mask])()
        if self.axes < len(self.shape) and self.choose.random() < 0.4:
            self.items.insert(self.choose.randint(0, len(self.items)), "...")
        if not self.arrays:
            self.items, self.axes = [], 0
            self.array()

    def new_axis(self):
        self.items.append("None")

    def integer(self):
        size = self.shape[self.axes]
        self.take(str(self.choose.randrange(-size, size)), 1)

    def slice(self):
        self.take(self.choose.choice([":", "1:", "::-1", ":-1", "::2"]), 1)

    def array(self):
        shape = self.common if self.choose.random() < 0.7 else self.choose.choice([(), (1,), (2,)])
        size = self.shape[self.axes]
        high = size + (self.choose.random() < 0.06)
        dtype = self.choose.choice([np.int64, np.int32, np.int8])
        self.take_array(self.numbers.integers(-size, high, shape).astype(dtype), 1)

    def mask(self):
        count = self.choose.randint(1, min(2, len(self.shape) - self.axes))
        shape = [n + (self.choose.random() < 0.04) for n in self.shape[self.axes : self.axes + count]]
        self.take_array(self.numbers.random(shape) < 0.5, count)

    def take_array(self, array, count):
        self.take(f"x{len(self.arrays)}", count)
        self.arrays.append(array)

    def take(self, text, count):
        self.items.append(text)
        self.axes += count

    def target(self):
        a = np.arange(np.prod(self.shape)).astype(self.choose.choice(DTYPES)).reshape(self.shape)
        layout = self.choose.random()
        return (
            np.asfortranarray(a)
            if layout < 0.3
            else np.repeat(a, 2, axis=-1)[..., ::2]
            if layout < 0.5
            else a
        )

    def functions(self):
        names = ", ".join(f"x{i}" for i in range(len(self.arrays)))
        index = ", ".join(self.items)
        found = {}
        exec(f"def get(a, v, {names}):\n    return a[{index}]\n", found)
        exec(f"def fill(a, v, {names}):\n    a[{index}] = 1\n    return a\n", found)
        exec(f"def put(a, v, {names}):\n    a[{index}] = v\n    return a\n", found)
        return found["get"], found["fill"], found["put"]

    def value(self, a, get):
        try:
            shape = get(a, None, *self.arrays).shape
        except (IndexError, AttributeError):
            shape = (3,)
        shape = shape if self.choose.random() < 0.6 else self.choose.choice([shape[1:], (2,)])
        return self.numbers.integers(0, 2, shape).astype(a.dtype)


@pytest.mark.parametrize("seed", range(CASES))
def test_random_index(seed):
    case = Case(seed)
    a, functions = case.target(), case.functions()
    v = case.value(a, functions[0])
    for function in functions:
        check(function, a, v, *case.arrays, layout=False)
