"""Small functions inline, whatever ways out for errors they have."""

import re

import numpy as np

from hotloop import njit


def draw_twice(n):
    total = 0.0
    for _ in range(n):
        total += np.random.random() * np.random.random()
    return total


def test_draws_inline():
    function = njit(strict=True)(draw_twice)
    function(3)
    assembly = function.inspect("asm")
    assert "hlrt_random_double_slow" in assembly
    assert not re.search(r"call\w*\s+random_sample", assembly)
