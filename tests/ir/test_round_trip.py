"""The printed IR is complete.

Of every benchmark kernel it reads back to the same text, and the compiler without Python makes code of it
that gives, bit for bit, what the compiled function gives.
"""

import pathlib
import sys

import numpy as np
import pytest
from standalone import hlc, read_value, write_value

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "benchmarks"))
kernels = pytest.importorskip("kernels")
NAMES = kernels.NAMES + kernels.EXTRA


def same(left, right):
    left, right = np.asarray(left), np.asarray(right)
    return left.shape == right.shape and left.dtype == right.dtype and left.tobytes() == right.tobytes()


def entry_of(text):
    """The name of the first function."""
    return text.partition("func @")[2].partition("(")[0].strip('"')


def run_alone(text, stage, arguments, folder):
    """Run the text's first function by hlc: its result and its arrays afterwards, as text."""
    values = [write_value(x, folder / str(i)) for i, x in enumerate(arguments)]
    options = ["--no-opt"] if stage == "opt" else []
    result, *arrays, live = hlc(*options, "--run", entry_of(text), *values, text=text).splitlines()
    assert live == "live 0"
    return result, [line.partition(" = ")[2] for line in arrays]


@pytest.mark.parametrize("stage", ["typed", "opt"])
@pytest.mark.parametrize("name", NAMES)
def test_kernel(name, stage, oracle_only, tmp_path):
    if oracle_only:
        pytest.skip("compiled code only")
    from hotloop import njit

    kernel = kernels.load(name)
    compiled = njit(strict=True)(kernel.function)
    arguments = kernel.arguments(kernel.sizes[0])
    returned = compiled(*arguments)
    text = compiled.inspect(stage)
    assert hlc("--dump", "parse", text=text) == text
    if kernel.draws:
        return  # the generators are Python's

    result, arrays = run_alone(text, stage, kernel.arguments(kernel.sizes[0]), tmp_path)
    if returned is not None:
        scalar_type = np.asarray(returned).dtype
        assert same(np.asarray(read_value(result), scalar_type), returned)
    wanted = [x for x in arguments if isinstance(x, np.ndarray)]
    assert len(arrays) == len(wanted)
    assert all(same(read_value(got), array) for got, array in zip(arrays, wanted, strict=True))
