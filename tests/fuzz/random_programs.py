"""Random programs of the compiled subset, as source text with arguments to call it with.

A program is a function `f`, sometimes with a helper `g`. Each name keeps one type for its whole life
(int, float, bool, complex, or array), so that CPython's values have the types that a compiler must find.
Bits of Python's ints are counted while an expression is built and reduced by `%` before 64 are reached,
since wrapping is the one documented difference; NumPy's integers may wrap. Only operations with one
right answer appear: none of exp, sin and the like, no array of floats cast to integers (a NaN has no
right answer). Indices, divisors, shapes and conversions may be wrong: the exceptions, and what was
written before them, must agree. Begin reading at `programs`.
"""

import copy
import math
from dataclasses import dataclass, field

import numpy as np
from hypothesis import strategies as st

ARRAY_DTYPES = ["float64", "float32", "int64", "int32", "int8", "uint8", "uint64", "bool"]
FLOATS = [1.0, -1.5, 2.25, 1e-3, 1e10, -7.5, 0.0, -0.0, 123.75, math.inf, -math.inf, math.nan]
LITERALS = ["0.5", "-2.0", "3.0", "0.1", "1e3", "0.0"]
CREATIONS = [
    "np.zeros({n})",
    "np.ones({n}, np.int16)",
    "np.full({n}, {x})",
    "np.arange({n})",
    "np.arange({n}) * {x}",
]
MAX_BITS = 62
WRAP, WRAP_BITS = 10007, 14


@dataclass
class Program:
    """Source text, and arguments for `f`."""

    source: str
    args: tuple

    def __repr__(self):
        return f"\n{self.source}\nf{self.args!r}"

    def _repr_pretty_(self, printer, _cycle):
        printer.text(repr(self))


@dataclass
class Scope:
    """The names that an expression may use, by type; the bits of ints."""

    ints: dict = field(default_factory=dict)
    floats: list = field(default_factory=list)
    bools: list = field(default_factory=list)
    complexes: list = field(default_factory=list)
    vectors: list = field(default_factory=list)
    matrices: list = field(default_factory=list)
    elements: list = field(default_factory=list)

    def inner(self):
        """A scope for a block: names that it makes are not seen outside."""
        return copy.deepcopy(self)


class Writer:
    """Draws a program; `int_`, `float_` and so on return the text of an expression."""

    def __init__(self, draw, helper=False):
        self.draw = draw
        self.helper = helper
        self.lines = []
        self.made = 0
        self.max_loops = 2
        self.fixed = set()
        self.result = "0"
        self.bool_arrays = self.int_arrays = self.float_arrays = frozenset()

    def pick(self, options):
        return self.draw(st.sampled_from(list(options)))

    def number(self, low, high):
        return self.draw(st.integers(low, high))

    def fresh(self, prefix):
        self.made += 1
        return f"{prefix}{self.made}"

    def emit(self, indent, text):
        self.lines.append("    " * indent + text)

    # Expressions

    def int_(self, s, depth):
        """(text, bits)."""
        if depth == 0:
            if s.ints and self.number(0, 2):
                return self.pick(s.ints.items())
            n = self.number(-9, 9)
            return (f"({n})" if n < 0 else str(n)), 4
        kind = self.pick(
            [
                "+",
                "-",
                "*",
                "//",
                "%",
                "&",
                "|",
                "^",
                "<<",
                ">>",
                "**",
                "abs",
                "min",
                "if",
                "int",
                "or",
                "len",
                "-x",
                "g",
            ]
        )
        return self.int_operation(kind, s, depth - 1)

    def int_operation(self, kind, s, depth):
        a, bits = self.int_(s, depth)
        b, other = self.int_(s, depth)
        most = max(bits, other)
        if kind in "+-":
            return self.bounded(f"({a} {kind} {b})", most + 1)
        if kind == "*":
            if bits + other > MAX_BITS:
                a, b, bits, other = f"({a} % {WRAP})", f"({b} % {WRAP})", WRAP_BITS, WRAP_BITS
            return self.bounded(f"({a} * {b})", bits + other)
        if kind in ("//", "%") and self.number(0, 4):
            return f"({a} {kind} ({b} | 1))", most + 1
        if kind in ("//", "%", "&", "|", "^"):
            return f"({a} {kind} {b})", most + 1
        if kind == "<<":
            return self.bounded(f"(({a} % {WRAP}) << ({b} & 7))", WRAP_BITS + 7)
        if kind == ">>":
            return f"({a} >> ({b} & 15))", bits
        if kind == "**":
            return f"(({a} % 9) ** ({b} % 6))", 20
        if kind == "abs":
            return f"abs({a})", bits
        if kind == "min":
            return f"{self.pick(['min', 'max'])}({a}, {b})", most
        if kind == "if":
            return f"({a} if {self.bool_(s, depth)} else {b})", most
        if kind == "int":
            return f"int(min(max({self.float_(s, depth)}, -1e6), 1e6))", 21
        if kind == "or":
            return f"({a} {self.pick(['and', 'or'])} {b})", most
        if kind == "len" and s.vectors:
            return f"{self.pick(s.vectors)}.size", 8
        if kind == "g" and self.helper:
            return f"(g({a}, {self.float_(s, depth)})[0] % {WRAP})", WRAP_BITS
        return f"(-{a})", bits

    def bounded(self, text, bits):
        """An int expression, reduced when it comes near 64 bits."""
        return (f"({text} % {WRAP})", WRAP_BITS) if bits > 40 else (text, bits)

    def float_(self, s, depth):
        if depth == 0:
            return self.pick(s.floats) if s.floats and self.number(0, 2) else self.pick(LITERALS)
        kind = self.pick(
            [
                "+",
                "-",
                "*",
                "/",
                "//",
                "%",
                "abs",
                "min",
                "if",
                "float",
                "mixed",
                "sqrt",
                "floor",
                "element",
                "sum",
                "g",
            ]
        )
        depth -= 1
        a, b = self.float_(s, depth), self.float_(s, depth)
        if kind in ("/", "//", "%") and self.number(0, 4):
            return f"({a} {kind} (abs({b}) + 0.5))"
        if kind in ("+", "-", "*", "/", "//", "%"):
            return f"({a} {kind} {b})"
        if kind == "abs":
            return f"abs(-{a})"
        if kind == "min":
            return f"{self.pick(['min', 'max'])}({a}, {b})"
        if kind == "if":
            return f"({a} if {self.bool_(s, depth)} else {b})"
        if kind == "float":
            return f"float({self.int_(s, depth)[0]})"
        if kind == "mixed":
            return f"({self.int_(s, depth)[0]} {self.pick('+-*/')} {b})"
        if kind == "sqrt":
            return f"math.sqrt({a})" if self.number(0, 4) == 0 else f"math.sqrt(abs({a}))"
        if kind == "floor":
            return f"float(math.floor(min(max({a}, -1e9), 1e9)))"
        if kind == "g" and self.helper:
            return f"g({self.int_(s, depth)[0]}, {a})[1]"
        if kind == "sum" and s.complexes:
            return f"{self.complex_(s, depth)}.{self.pick(['real', 'imag'])}"
        return f"float({self.element(s, depth)})" if s.vectors or s.elements else f"({a} + {b})"

    def bool_(self, s, depth):
        if depth <= 0:
            return self.pick(s.bools) if s.bools and self.number(0, 1) else self.pick(["True", "False"])
        kind = self.pick(["int", "float", "and", "or", "not", "chain", "complex", "element", "truth"])
        depth -= 1
        compare = self.pick(["<", "<=", "==", "!=", ">", ">="])
        if kind == "int":
            return f"({self.int_(s, depth)[0]} {compare} {self.int_(s, depth)[0]})"
        if kind == "float":
            other = self.pick([self.float_(s, depth), self.int_(s, depth)[0]])
            return f"({self.float_(s, depth)} {compare} {other})"
        if kind in ("and", "or"):
            return f"({self.bool_(s, depth)} {kind} {self.bool_(s, depth)})"
        if kind == "chain":
            return f"({self.int_(s, depth)[0]} < {self.int_(s, depth)[0]} {compare} {self.float_(s, depth)})"
        if kind == "complex" and s.complexes:
            return f"({self.complex_(s, depth)} == {self.complex_(s, depth)})"
        if kind == "element" and s.vectors:
            return f"bool({self.element(s, depth)} {compare} {self.element(s, depth)})"
        if kind == "truth":
            return f"bool({self.float_(s, depth)})"
        return f"(not {self.bool_(s, depth)})"

    def complex_(self, s, depth):
        if depth <= 0:
            return (
                self.pick(s.complexes)
                if s.complexes and self.number(0, 2)
                else self.pick(["1j", "(0.5+2j)", "(-1+0j)"])
            )
        a, b = self.complex_(s, depth - 1), self.complex_(s, depth - 1)
        kind = self.pick(["+", "-", "*", "mixed", "conjugate", "complex"])
        if kind == "mixed":
            return f"({a} {self.pick('+-*')} {self.float_(s, depth - 1)})"
        if kind == "conjugate":
            return f"{a}.conjugate()"
        if kind == "complex":
            return f"complex({self.float_(s, depth - 1)}, {self.float_(s, depth - 1)})"
        return f"({a} {kind} {b})"

    def element(self, s, depth):
        """A NumPy scalar: of an array, a local of that kind, or computed from such."""
        if s.elements and self.number(0, 1):
            return self.pick(s.elements)
        if not s.vectors:
            return "np.float32(1.5)"
        if depth <= 0 or self.number(0, 1):
            return self.item(s)
        a, operator = self.item(s), self.pick(["+", "-", "*", "/", "//", "%"])
        if a.split("[")[0] in self.bool_arrays or operator == "-":
            operator = self.pick("*+")
        other = self.pick(["int", "float", "element"])
        if other == "element":
            b = self.item(s)
            return f"({a} {operator} {b})"
        return f"({a} {operator} {self.int_(s, 0)[0] if other == 'int' else self.float_(s, depth - 1)})"

    def item(self, s):
        if s.matrices and self.number(0, 2) == 0:
            m = self.pick(s.matrices)
            return f"{m}[{self.index(s, m, 0)}, {self.index(s, m, 1)}]"
        v = self.pick(s.vectors)
        return f"{v}[{self.index(s, v)}]"

    def index(self, s, array, axis=None):
        """Mostly inside the array, sometimes anywhere."""
        text = self.int_(s, self.number(0, 1))[0]
        if self.number(0, 5) == 0:
            return text
        size = f"{array}.size" if axis is None else f"{array}.shape[{axis}]"
        return f"{text} % {size}" if self.number(0, 3) else f"-1 - {text} % {size}"

    def array(self, s, depth):
        """An expression of whole vectors: shapes may not fit."""
        if depth <= 0:
            v = self.pick(s.vectors)
            return f"{v}{self.pick(['', '', '[1:]', '[:-1]', '[::-1]', '[::2]'])}"
        a = self.array(s, depth - 1)
        kind = self.pick(["array", "int", "float", "astype"])
        operator = self.pick("+*")
        if kind == "array":
            return f"({a} {operator} {self.array(s, depth - 1)})"
        if kind == "astype":
            return f"{a}.astype(np.{self.pick(['float64', 'float32'])})"
        return f"({a} {operator} {self.int_(s, 0)[0] if kind == 'int' else self.float_(s, 0)})"

    # Statements

    def block(self, s, indent, size, loops):
        """`size` statements; `loops` is how many loops stand around them."""
        s = s.inner()
        for _ in range(self.number(1, size)):
            self.statement(s, indent, loops)

    def statement(self, s, indent, loops):
        kinds = ["int", "float", "bool", "augment", "if", "item", "if"]
        kinds += ["for", "while", "for"] if loops < self.max_loops else []
        kinds += ["break"] if loops else []
        kinds += [
            "swap",
            "element",
            "slice",
            "array",
            "iterate",
            "view",
            "complex",
            "raise",
            "return",
            "fill",
        ]
        getattr(self, "write_" + self.pick(kinds))(s, indent, loops)

    def assignable(self, names):
        return [n for n in names if n not in self.fixed]

    def write_int(self, s, indent, loops):
        target = self.pick(self.assignable(s.ints))
        text, bits = self.int_(s, 2)
        self.emit(indent, f"{target} = {text}" if bits <= WRAP_BITS else f"{target} = {text} % {WRAP}")

    def write_float(self, s, indent, loops):
        self.emit(indent, f"{self.pick(self.assignable(s.floats))} = {self.float_(s, 3)}")

    def write_bool(self, s, indent, loops):
        self.emit(indent, f"{self.pick(self.assignable(s.bools))} = {self.bool_(s, 2)}")

    def write_complex(self, s, indent, loops):
        if s.complexes:
            self.emit(indent, f"{self.pick(s.complexes)} = {self.complex_(s, 2)}")
        else:
            self.write_float(s, indent, loops)

    def write_augment(self, s, indent, loops):
        if self.number(0, 1):
            self.emit(
                indent, f"{self.pick(self.assignable(s.floats))} {self.pick('+-*/')}= {self.float_(s, 1)}"
            )
            return
        target = self.pick(self.assignable(s.ints))
        self.emit(indent, f"{target} {self.pick(['+', '-', '^', '|', '&'])}= {self.int_(s, 1)[0]}")
        self.emit(indent, f"{target} %= {WRAP}")

    def write_swap(self, s, indent, loops):
        a, b = self.pick(self.assignable(s.floats)), self.pick(self.assignable(s.floats))
        self.emit(indent, f"{a}, {b} = {b}, {self.float_(s, 1)}")

    def write_if(self, s, indent, loops):
        self.emit(indent, f"if {self.bool_(s, 2)}:")
        self.block(s, indent + 1, 3, loops)
        if self.number(0, 1):
            self.emit(indent, f"elif {self.bool_(s, 1)}:")
            self.block(s, indent + 1, 2, loops)
        if self.number(0, 1):
            self.emit(indent, "else:")
            self.block(s, indent + 1, 2, loops)

    def write_for(self, s, indent, loops):
        name = self.fresh("k")
        bounds = [f"{self.int_(s, 1)[0]} % 7", f"{self.number(-3, 3)}, {self.number(-3, 8)}"]
        bounds += [f"{self.number(-5, 9)}, {self.number(-5, 9)}, {self.pick([1, 2, 3, -1, -2])}"]
        bounds += [f"{v}.shape[0]" for v in s.vectors[:1]]
        self.emit(indent, f"for {name} in range({self.pick(bounds)}):")
        self.loop_body(s, indent, loops, ints={name: 8})
        self.write_else(s, indent, loops)

    def loop_body(self, s, indent, loops, ints=None, elements=()):
        inner = s.inner()
        inner.ints.update(ints or {})
        inner.elements += elements
        self.fixed |= set(ints or {})
        self.block(inner, indent + 1, 4, loops + 1)

    def write_else(self, s, indent, loops):
        if self.number(0, 4) == 0:
            self.emit(indent, "else:")
            self.block(s, indent + 1, 1, loops)

    def write_while(self, s, indent, loops):
        name = self.fresh("w")
        self.emit(indent, f"{name} = {self.number(0, 6)}")
        self.emit(
            indent, f"while {name} > 0 and {self.bool_(s, 1)}:" if self.number(0, 1) else f"while {name} > 0:"
        )
        self.emit(indent + 1, f"{name} -= {self.number(1, 2)}")
        self.loop_body(s, indent, loops, ints={name: 4})
        self.write_else(s, indent, loops)

    def write_iterate(self, s, indent, loops):
        if not s.vectors or loops >= self.max_loops:
            return self.write_float(s, indent, loops)
        a, b, x, y, k = (self.pick(s.vectors), self.pick(s.vectors), *map(self.fresh, "xyk"))
        form = self.pick(["plain", "enumerate", "zip"])
        if form == "plain":
            self.emit(indent, f"for {x} in {a}:")
            return self.loop_body(s, indent, loops, elements=[x])
        if form == "zip":
            self.emit(indent, f"for {x}, {y} in zip({a}, {b}):")
            return self.loop_body(s, indent, loops, elements=[x, y])
        self.emit(indent, f"for {k}, {x} in enumerate({a}):")
        return self.loop_body(s, indent, loops, ints={k: 4}, elements=[x])

    def write_break(self, s, indent, loops):
        self.emit(indent, f"if {self.bool_(s, 1)}:")
        self.emit(indent + 1, self.pick(["break", "continue"]))

    def write_element(self, s, indent, loops):
        name = self.fresh("e")
        self.emit(indent, f"{name} = {self.element(s, 2)}")
        s.elements.append(name)

    def write_item(self, s, indent, loops):
        if not s.vectors:
            return self.write_float(s, indent, loops)
        target = self.item(s)
        value = self.pick(["int", "float", "element"]) if target.split("[")[0] in self.float_arrays else "int"
        if value == "int":
            return self.emit(indent, f"{target} {self.pick(['=', '=', '+=', '*='])} {self.int_(s, 1)[0]}")
        return self.emit(
            indent, f"{target} = {self.float_(s, 1) if value == 'float' else self.element(s, 1)}"
        )

    def write_slice(self, s, indent, loops):
        if not s.vectors:
            return self.write_bool(s, indent, loops)
        target = self.pick(s.vectors)
        part = self.pick(
            ["[:]", "[1:]", "[:-1]", "[::2]", "[::-1]", f"[{self.number(-3, 3)}:{self.number(-3, 6)}]"]
        )
        if target in self.float_arrays:
            text = self.pick([self.int_(s, 0)[0], self.array(s, 2)])
        else:
            text = self.pick(
                [self.int_(s, 0)[0], *(f"{v}{part}" for v in sorted(self.int_arrays)), f"{target}[::-1]"]
            )
        return self.emit(indent, f"{target}{part} = {text}")

    def write_array(self, s, indent, loops):
        if not s.vectors:
            return self.write_int(s, indent, loops)
        name = self.fresh("t")
        self.emit(indent, f"{name} = {self.array(s, 2)}")
        s.vectors.append(name)
        return None

    def write_view(self, s, indent, loops):
        if not s.matrices:
            return self.write_float(s, indent, loops)
        name, m = self.fresh("v"), self.pick(s.matrices)
        index = self.index(s, m, 0)
        self.emit(
            indent,
            f"{name} = {m}" + self.pick([f"[{index}]", f"[:, {self.index(s, m, 1)}]", ".ravel()", ".T[0]"]),
        )
        s.vectors.append(name)
        return None

    def write_fill(self, s, indent, loops):
        name = self.fresh("z")
        make = self.pick(CREATIONS)
        self.emit(indent, f"{name} = " + make.format(n=f"{self.int_(s, 0)[0]} % 5", x=self.float_(s, 0)))
        s.vectors.append(name)

    def write_raise(self, s, indent, loops):
        self.emit(indent, f"if {self.bool_(s, 2)} and {self.bool_(s, 1)}:")
        errors = ["ValueError('stopped')", "ValueError()", f"IndexError('stopped', {self.int_(s, 1)[0]})"]
        self.emit(indent + 1, f"raise {self.pick(errors)}")

    def write_return(self, s, indent, loops):
        """Leaves early, with the function's one type of result."""
        self.emit(indent, f"if {self.bool_(s, 2)} and {self.bool_(s, 2)}:")
        self.emit(indent + 1, f"return {self.result}")


def helper_source(draw):
    """`g(i, x)`, which returns an int and a float."""
    w = Writer(draw)
    w.result, w.max_loops = "i, x", 1
    s = Scope(ints={"i": WRAP_BITS}, floats=["x"], bools=["p"])
    w.emit(0, "def g(i, x):")
    w.emit(1, "p = x > 0.5")
    w.emit(1, f"i %= {WRAP}")
    w.block(s, 1, 4, 0)
    w.emit(1, "return i, x")
    return "\n".join(w.lines)


@st.composite
def arrays(draw, ndim):
    """A small array of some dtype and layout."""
    dtype = draw(st.sampled_from(ARRAY_DTYPES))
    shape = tuple(draw(st.integers(0 if ndim == 1 else 1, 6 if ndim == 1 else 3)) for _ in range(ndim))
    low = 0 if dtype.startswith(("u", "b")) else -9
    count = int(np.prod(shape))
    values = np.array(draw(st.lists(st.integers(low, 9), min_size=count, max_size=count)), np.int64).reshape(
        shape
    )
    a = (values / 4 if dtype.startswith("float") else values).astype(dtype)
    layout = draw(st.sampled_from(["c", "c", "strided", "negative"]))
    if layout == "strided":
        return np.repeat(a, 2, axis=-1)[..., ::2]
    return a[::-1].copy()[::-1] if layout == "negative" else a


@st.composite
def programs(draw):
    """A program and its arguments."""
    helper = draw(st.booleans())
    w = Writer(draw, helper)
    vectors = [draw(arrays(1)) for _ in range(draw(st.integers(0, 3)))]
    matrices = [draw(arrays(2)) for _ in range(draw(st.integers(0, 1)) if vectors else 0)]
    named = {f"a{i}": a for i, a in enumerate(vectors)} | {f"m{i}": a for i, a in enumerate(matrices)}
    w.bool_arrays = {name for name, a in named.items() if a.dtype == bool}
    w.int_arrays = {name for name, a in named.items() if a.dtype.kind in "iu" and a.ndim == 1}
    w.float_arrays = {name for name, a in named.items() if a.dtype.kind == "f"}
    s = Scope(
        {"i": 7, "j": 7},
        ["x", "y"],
        ["p"],
        ["z"],
        [n for n in named if n[0] == "a"],
        [n for n in named if n[0] == "m"],
    )
    w.result = "i, x, (p, j, y), z"
    w.emit(0, f"def f({', '.join(['i', 'j', 'x', 'y', 'p', 'z', *named])}):")
    w.block(s, 1, 8, 0)
    w.emit(1, f"return {w.result}")
    source = (helper_source(draw) + "\n\n\n" if helper else "") + "\n".join(w.lines) + "\n"
    numbers = [draw(st.integers(-9, 99)) for _ in "ij"] + [draw(st.sampled_from(FLOATS)) for _ in "xy"]
    return Program(
        source, (*numbers, draw(st.booleans()), draw(st.sampled_from([0j, 1 + 2j, -0.5j])), *named.values())
    )
