"""semantics="numba" gives the answers that Numba gave: those of numba_rules.jsonl."""

import json
import math

import hotloop
import numba_rules
import numpy as np
import pytest

ROWS = [json.loads(line) for line in numba_rules.TABLE.read_text().splitlines()]

# Sources whose answers are meant to differ.
DIFFERENT = {
    "lambda x: (-x, +x, abs(x), not x, ~x)": ["np.bool(3)"],  # abs(True): Numba's int8, here an int
    "lambda x: round(x, 1)": ["2.55"],  # Numba scales and rounds to 2.6; 2.5 is the nearest, as in Python
    "lambda x: math.frexp(x)": ["8.0"],  # the exponent is an int32 in Numba
    # 8 and 16 bits of both signs: Numba looks at each operand alone and takes float32; here int32, so float64
    numba_rules.UFUNC_PROGRAM: ["np.int8(3), np.uint16(2)", "np.int16(3), np.uint16(2)",
                                "np.uint16(3), np.int8(2)", "np.uint16(3), np.int16(2)"],
}  # fmt: skip


def by_numbas_rules(func):
    return hotloop.njit(func, semantics="numba", strict=True)


def same_number(x, y, tolerance):
    if isinstance(x, complex) or isinstance(y, complex):
        return same_number(x.real, y.real, tolerance) and same_number(x.imag, y.imag, tolerance)
    if isinstance(x, float) and isinstance(y, float):
        return math.isnan(x) and math.isnan(y) or x == y or math.isclose(x, y, rel_tol=tolerance)
    return x == y


def read(text):
    """The number or the list of numbers that repr has written."""
    return eval(text, {"nan": math.nan, "inf": math.inf})


def same(ours, theirs, tolerance):
    if isinstance(ours, list) or isinstance(theirs, list):
        return isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs) and all(
            same(x, y, tolerance) for x, y in zip(ours, theirs)
        )  # fmt: skip
    if ours.keys() != theirs.keys() or ours.get("array") != theirs.get("array"):
        return False
    mine, other = (read(list(row.values())[-1]) for row in (ours, theirs))
    if not isinstance(mine, list):
        return same_number(mine, other, tolerance)
    return all(same_number(x, y, tolerance) for x, y in zip(mine, other))


def agree(ours, theirs, tolerance):
    if "raises" in theirs or "raises" in ours:
        return ours == theirs
    return ours["type"] == theirs["type"] and same(ours["value"], theirs["value"], tolerance)


def test_table_is_complete():
    assert [row[:2] for row in ROWS] == [list(row) for row in numba_rules.programs()]


def chunks(rows, size=40):
    return [rows[i : i + size] for i in range(0, len(rows), size)]


@pytest.mark.parametrize("rows", chunks(ROWS), ids=lambda rows: rows[0][1])
def test_answers(rows):
    faults = []
    for source, arguments, theirs in rows:
        ours = numba_rules.outcome(by_numbas_rules, source, arguments)
        differs = arguments in DIFFERENT.get(source, ())
        if differs == agree(
            ours, theirs, 5e-7 if "32" in arguments or "64" in arguments or "16" in arguments else 1e-15
        ):
            faults.append(f"{source} of {arguments}\n  ours   {ours}\n  Numba's {theirs}")
    assert not faults, "\n".join([f"{len(faults)} of {len(rows)} differ", *faults])


@pytest.mark.parametrize("function", [lambda x: 1 / x, lambda x: x / x, lambda x: x**-1, lambda x: 1.0 / x])
def test_errors_have_cpythons_text(function):
    with pytest.raises(ZeroDivisionError) as ours:
        by_numbas_rules(function)(0)
    with pytest.raises(ZeroDivisionError) as theirs:
        function(0)
    assert str(ours.value) == str(theirs.value)


@pytest.mark.parametrize("zero", [0, 0.0, np.int32(0), np.uint8(0)])
def test_numpys_error_model_gives_infinity(zero):
    quotient = hotloop.njit(strict=True, semantics="numba", error_model="numpy")(lambda x, y: x / y)
    assert quotient(type(zero)(5), zero) == np.inf
