"""Programs whose answers under ``semantics="numba"`` are Numba's, and the recording of those answers.

Run it with a Python that has Numba to write ``numba_rules.jsonl`` anew, which test_numba_rules.py reads::

    path/to/python-with-numba tests/api/numba_rules.py
"""

import json
import math
import re
import warnings
from pathlib import Path

import numpy as np

TABLE = Path(__file__).with_suffix(".jsonl")

TYPES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32",
         "float64", "complex64", "complex128"]  # fmt: skip
ARITHMETIC, DIVISION, BITS = ["+", "-", "*", "/"], ["//", "%"], ["&", "|", "^", "<<", ">>"]
ORDER, EQUALITY = ["<", "<=", ">", ">="], ["==", "!="]


def kind(name):
    return np.dtype(name).kind


def operators(x, y):
    """The operators that Numba has for these two types."""
    both = kind(x) + kind(y)
    chosen = ARITHMETIC + EQUALITY + (["**"] if kind(x) != "b" else [])
    if "c" not in both:
        chosen = chosen + DIVISION + ORDER
    if "c" not in both and "f" not in both:
        chosen = chosen + BITS
    return chosen


def pairs():
    """For each pair of types one program with all operators."""
    for x in TYPES:
        for y in TYPES:
            results = ", ".join(f"x {o} y" for o in operators(x, y))
            yield f"lambda x, y: ({results})", f"np.{x}(3), np.{y}(2)"


def unaries():
    for x in TYPES:
        names = ["-x", "+x", "abs(x)", "not x"] + (["~x"] if kind(x) in "biu" else [])
        yield f"lambda x: ({', '.join(f'{name}' for name in names)})", f"np.{x}(3)"
        yield "lambda x: (x * 2, 2.0 * x, x / 2, x == 3)", f"np.{x}(3)"


UFUNCS = ["add", "multiply", "divide", "power", "maximum", "arctan2", "hypot"]


def ufunc_program(names):
    return f"lambda x, y: ({', '.join(f'np.{name}(x, y)' for name in names)})"


UFUNC_PROGRAM = ufunc_program(UFUNCS)


def ufuncs():
    """Universal functions of scalars and of arrays with scalars."""
    for x in TYPES[:-2]:
        for y in TYPES[:-2]:
            names = [name for name in UFUNCS if name != "power" or kind(x) + kind(y) != "bb"]
            yield ufunc_program(names), f"np.{x}(3), np.{y}(2)"
        yield (
            "lambda a: (a * 2, a * 2.0, a / 2, a + a, np.sqrt(a), np.sin(a), a == 3)",
            f"np.full(3, 3, np.{x})",
        )


def joins():
    for x in TYPES:
        others = [f"y{i}" for i in range(len(TYPES))]
        results = ", ".join(f"x if c else {y}" for y in others)
        numbers = ", ".join(f"np.{y}(2)" for y in TYPES)
        yield f"lambda c, x, {', '.join(others)}: ({results})", f"True, np.{x}(1), {numbers}"
        yield "lambda c, x: (x if c else 2, x if c else 2.5)", f"True, np.{x}(1)"


def total(a):
    s = 0
    for x in a:
        s += x
    return s


def store(a, x):
    a[0] = x
    return a


def after_loop(n):
    for i in range(n):
        pass
    return i


def maybe_bound(c):
    if c:
        x = 3.5
    return x


def in_place(a):
    a += 1
    a *= 3
    return a


SCALARS = [
    # operators whose result has another type or value than Python's
    ("lambda x, y: x + y", "np.uint64(1), -5"), ("lambda x: x - 9", "np.uint64(7)"),
    ("lambda x, y: x < y", "np.uint64(1), -5"), ("lambda x, y: x < y", "2**53 + 1, 2.0**53"),
    ("lambda x: x * 2.0", "np.float32(0.1)"), ("lambda x: x * 2", "np.float32(0.1)"),
    ("lambda x: x ** 2", "np.float32(0.1)"), ("lambda x: x ** 2.0", "np.float32(0.1)"),
    ("lambda x, n: x ** n", "np.float32(1.1), 7"), ("lambda x, n: x ** n", "1.1, -7"),
    ("lambda x: x + 1", "np.int8(127)"), ("lambda x: x + x", "np.int8(127)"),
    ("lambda x: -x", "np.int8(-128)"), ("lambda x: abs(x)", "np.int8(-128)"),
    ("lambda x: ~x", "True"), ("lambda x: -x", "True"),
    ("lambda x: x + x", "True"), ("lambda x, y: x & y", "True, False"), ("lambda x, y: x & y", "True, 3"),
    # powers and shifts
    *[("lambda x, y: x ** y", args) for args in (
        "2, -1", "1, -1", "-1, -3", "-1, -2", "0, -1", "2, 70", "3, 5", "2.0, -1", "0.0, -1.0", "-8.0, 1 / 3",
        "1e300, 2.0", "np.uint8(2), np.uint8(9)")],
    ("lambda x: x ** -1", "2"), ("lambda x: x ** -2", "2.0"), ("lambda x: x ** 3", "5"),
    *[("lambda x, y: x << y", args) for args in ("1, 70", "1, -1", "3, 4", "np.uint8(3), 7")],
    *[("lambda x, y: x >> y", args) for args in ("-5, 70", "5, -1", "-5, 1", "np.uint64(2**63), 62")],
    # division
    *[(f"lambda x, y: x {o} y", f"{x}, {y}") for o in ("/", "//", "%")
      for x, y in ((7, 0), (7.5, 0.0), (-7, 2), (-7.5, 2.0), ("np.float32(7)", "np.float32(0)"),
                   ("np.uint8(7)", "np.uint8(0)"), (2**62 + 1, 3))],
    *[("lambda x, y: divmod(x, y)", args) for args in ("7, 0", "7.5, 0.0", "-7, 2", "-7.5, 2.0")],
    ("lambda x, y: x / y", "1j, 0j"), ("lambda x, y: x % y", "5.0, math.inf"),
    # conversions
    *[("lambda x: int(x)", args) for args in (
        "math.nan", "1e30", "-1e30", "math.inf", "-2.5", "np.float32(2.5)")],
    ("lambda x: round(x)", "2.5"), ("lambda x: round(x)", "math.nan"), ("lambda x: round(x, 1)", "2.55"),
    ("lambda x: round(x)", "np.float32(2.5)"),
    ("lambda x: np.int8(x)", "300"), ("lambda x: np.uint8(x)", "-1"),
    ("lambda x: float(x)", "np.float32(0.1)"), ("lambda x: complex(x)", "np.float32(0.1)"),
    ("lambda x: x.real", "np.complex64(1 + 2j)"), ("lambda x: abs(x)", "np.complex64(3 + 4j)"),
    *[("lambda x: x", args) for args in (
        "np.float32(0.1)", "np.int8(-3)", "np.uint64(2**64 - 1)", "np.complex64(1.1)", "np.bool_(True)")],
    ("lambda x: (x, (x, 1))", "np.float32(0.5)"), ("lambda x: isinstance(x, int)", "np.int8(1)"),
    ("lambda x: isinstance(x, int)", "np.int64(1)"), ("lambda x: isinstance(x, float)", "np.float64(1)"),
    # math is silent
    *[(f"lambda x: math.{name}(x)", x) for name, x in (
        ("sqrt", "-1.0"), ("log", "0.0"), ("log", "-1.0"), ("exp", "1000.0"), ("acos", "2.0"),
        ("sin", "math.inf"), ("gamma", "-1.0"), ("lgamma", "-1.0"), ("log1p", "-1.0"),
        ("atanh", "1.0"), ("expm1", "1000.0"), ("cosh", "1000.0"),
        ("floor", "math.nan"), ("floor", "2.5"), ("trunc", "-2.5"), ("frexp", "8.0"),
        ("isnan", "3"), ("fabs", "-2"), ("sin", "2"))],
    *[(f"lambda x: math.{name}(x)", "np.float32(0.5)") for name in (
        "sqrt", "sin", "exp", "log", "tanh", "erf", "erfc", "gamma", "lgamma", "expm1", "log1p", "log2",
        "atan", "fabs", "degrees", "radians", "asinh")],
    *[("lambda x, y: math.pow(x, y)", args) for args in ("0.0, -1.0", "-8.0, 0.5", "2.0, 3")],
    ("lambda x, y: math.hypot(x, y)", "1e308, 1.7e308"), ("lambda x, y: math.ldexp(x, y)", "1.0, 5000"),
    ("lambda x, y: math.atan2(x, y)", "np.float32(1), np.float32(2)"),
    ("lambda x, y: math.atan2(x, y)", "np.float32(1), 2"),
    ("lambda x: np.sqrt(x)", "-1.0"), ("lambda x: np.log(x)", "0.0"),
    # paths that meet, and what Python gives as one of its operands
    ("lambda x, y: min(x, y)", "1, 2.5"), ("lambda x, y: max(x, y)", "1, 2.5"),
    ("lambda x, y: x and y", "0, 5.5"), ("lambda x, y: min(x, y)", "np.float32(1), 2"),
    ("lambda t: sum(t)", "(1, 2.5)"),
    ("lambda c: 1 if c else 2.5", "True"),
    # arrays
    *[("lambda a: a[0] * 2.0", f"np.ones(2, np.{t})") for t in ("float32", "int8", "uint64")],
    *[("lambda a: a[0]", f"np.ones(2, np.{t})") for t in TYPES],
    ("lambda a: a[0] + a[1]", "np.full(2, 2**63, np.uint64)"), ("lambda a: a[0] / 0", "np.ones(2)"),
    ("lambda a: a / 0", "np.ones(2)"), ("lambda a: a // 0", "np.ones(2, np.int64)"),
    ("lambda a: a.sum()", "np.ones(2, np.int8)"), ("lambda a: a.sum()", "np.ones(2, np.float32)"),
    ("lambda a: a.max()", "np.ones(2, np.int8)"), ("lambda n: np.ones(n, np.int32) + 1", "2"),
    ("lambda a: a ** -1", "np.full(2, 2)"),
    *[("total", f"np.ones(3, np.{t})") for t in ("float32", "uint8", "uint64", "int8")],
    *[("store", args) for args in (
        "np.zeros(1, np.int8), 300", "np.zeros(1, np.uint8), -1", "np.zeros(1, np.int8), 2.7",
        "np.zeros(1, np.int64), math.nan", "np.zeros(1, np.float32), 1e300", "np.zeros(1, np.int64), True",
        "np.zeros(1, np.int8), np.int64(300)")],
    *[("in_place", f"np.ones(2, np.{t})") for t in ("float32", "int8", "int64")],
    # names that no path has bound are zero
    ("after_loop", "0"), ("maybe_bound", "False"),
]  # fmt: skip


def programs():
    """All rows: (source of the function, source of its arguments)."""
    return [*pairs(), *unaries(), *ufuncs(), *joins(), *SCALARS]


def describe(value):
    """A value as JSON: its type and what it holds."""
    if isinstance(value, tuple):
        return list(map(describe, value))
    if isinstance(value, np.ndarray):
        return {"array": str(value.dtype), "items": repr(value.tolist())}
    return {type(value).__name__: repr(value)}


def outcome(decorate, source, arguments):
    """What the function gives, compiled by `decorate`: type and description, or the name of an exception."""
    function = decorate(eval(source))
    try:
        value = describe(function(*eval(f"({arguments},)")))
        result = str(function.nopython_signatures[0].return_type)
        for literal in re.findall(r"Literal\[.*?\)", result):
            result = result.replace(literal, "bool" if "bool" in literal else "int64")
        return {"type": result, "value": value}
    except (ArithmeticError, ValueError, TypeError, NameError) as error:
        return {"raises": type(error).__name__}


def main():
    import numba

    warnings.simplefilter("ignore")
    rows = [[source, arguments, outcome(numba.njit, source, arguments)] for source, arguments in programs()]
    TABLE.write_text("".join(json.dumps(row) + "\n" for row in rows))
    print(f"{len(rows)} programs; math.nan is {math.nan}")


if __name__ == "__main__":
    main()
