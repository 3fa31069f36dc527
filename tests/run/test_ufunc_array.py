"""Ufuncs of whole arrays: compiled or not, the answer is NumPy's."""

import numpy as np
import pytest
from layouts import layouts, numbers

from harness import check, check_all

ROWS = {
    "sqrt": lambda a, b: np.sqrt(a * a + b),
    "maximum": lambda a, b: np.maximum(a, b) - np.minimum(a, 0.5),
    "exp": lambda a, b: np.exp(-a * a) * b,
    "add": lambda a, b: np.add(a, b) + np.multiply(a, 2.0),
    "isnan": lambda a, b: np.isnan(a / b) | np.isinf(b),
    "where it matters": lambda a, b: np.floor(a) + np.abs(b) - np.sign(a),
}


@pytest.mark.parametrize("name", ROWS)
def test_of_arrays(name):
    check(ROWS[name], numbers(9), numbers(9)[::-1] ** 2, ulp=8, strict=False)


def test_of_layouts():
    check_all(lambda a: np.sqrt(np.abs(a)), [(a,) for a in layouts().values()], strict=False)
