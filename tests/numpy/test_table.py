"""The rows of table.py: run by the interpreter, and compiled, the prelude's functions do what NumPy's do.

A row is the text of a function of a, b, ... and the arguments of its calls. Run by the interpreter, `np` is
the prelude.
"""

import numpy as np
import prelude
import pytest
from table import ROWS
from test_plain import outcome, same

from harness import check_all


class Prelude:
    """NumPy with the functions of the prelude in place of its own."""

    def __init__(self, module, prefix):
        self.module, self.prefix = module, prefix

    def __getattr__(self, name):
        full = f"{self.prefix}.{name}"
        if full in NAMES:
            return prelude.function(full)
        value = getattr(self.module, name)
        return Prelude(value, full) if full == "numpy.linalg" else value


NAMES = {name for names in prelude.order().values() for name in names}
IDS = [f"{i}-{row[0][:40]}" for i, row in enumerate(ROWS)]


def function(text, np_):
    return eval("lambda " + text, {"np": np_})


def near(expected, got, how):
    """Tell whether two outcomes agree within what the row allows."""
    if same(expected, got):
        return True
    if not how or isinstance(expected, type) or isinstance(got, type):
        return False
    if isinstance(expected, (tuple, list)):
        return len(expected) == len(got) and all(near(e, g, how) for e, g in zip(expected, got))
    e, g = np.asarray(expected), np.asarray(got)
    if e.dtype != g.dtype or e.shape != g.shape or e.dtype.kind not in "fc":
        return False
    scale = np.abs(np.where(np.isfinite(e), e, 0)).max() if e.size else 0
    allowed = max(how.get("rtol", 0), how.get("ulp", 0) * np.finfo(e.dtype).eps) * scale
    with np.errstate(all="ignore"):
        return bool(np.all((e == g) | (np.isnan(e) & np.isnan(g)) | (np.abs(e - g) <= allowed)))


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_plain(row, oracle_only):
    if oracle_only:
        pytest.skip("needs the package")
    text, calls, how = (*row, {})[:3]
    for args in calls:
        expected = outcome(function(text, np), args, {})
        got = outcome(function(text, Prelude(np, "numpy")), args, {})
        assert near(expected, got, how), f"{text} of {args}: NumPy {expected!r}, the prelude {got!r}"


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_compiled(row):
    text, calls, how = (*row, {})[:3]
    check_all(function(text, np), calls, layout=False, **how)
