"""Random programs about arrays in loops, as source text with several rows of arguments.

Where random_programs.py mixes all types of scalars, these programs mix what arrays meet in loops: indices
made of loop variables that are now and then outside (what was written before must stay written), triangular
and backward ranges, while loops, early exits, views that overlap, arrays assigned again and again, tuples of
arrays, helpers that give arrays back, recursion. Each name keeps one dtype and number of axes. One program
is run with several rows, since its compilation costs more than its run. `programs` takes any random.Random,
the one that hypothesis draws from too, so that a failing program shrinks. Begin reading there.
"""

from dataclasses import dataclass

import numpy as np
from drawing import Drawing

DTYPES = ["float64", "float64", "float32", "int64", "int64", "int32", "int16", "uint8", "uint32", "uint64"]
DTYPES += ["int8", "bool", "complex128", "complex64"]
ROWS = 5
KINDS = {"b": "?", "i": "bhilq", "u": "BHILQ", "f": "fd", "c": "FD"}


@dataclass
class ArrayProgram:
    """Source text, and rows of arguments for `f`."""

    source: str
    rows: list

    def __repr__(self):
        return f"\n{self.source}\n" + "\n".join(f"f{row!r}" for row in self.rows)

    def _repr_pretty_(self, printer, _cycle):
        printer.text(repr(self))


class Scope:
    """What an expression may name: arrays by name with (dtype, ndim), ints, floats."""

    def __init__(self, arrays=None, ints=(), floats=(), indices=()):
        self.arrays = dict(arrays or {})
        self.ints, self.floats, self.indices = list(ints), list(floats), list(indices)

    def inner(self):
        return Scope(self.arrays, self.ints, self.floats, self.indices)

    def of_kind(self, kinds, ndim=None):
        return [
            name
            for name, (dtype, n) in self.arrays.items()
            if np.dtype(dtype).kind in kinds and (ndim is None or n == ndim)
        ]


class Writer(Drawing):
    def __init__(self, random, helpers):
        super().__init__(random)
        self.helpers = helpers
        self.result = None
        self.returned = None
        self.tame = False

    # Scalars

    def int_(self, s, depth=1):
        options = [str(self.number(-3, 5)), *s.ints, *s.ints, *s.indices, *s.indices]
        if s.arrays:
            name = self.pick(s.arrays)
            options += [f"{name}.shape[{self.number(0, s.arrays[name][1] - 1)}]", f"len({name})"]
        a = self.pick(options)
        if depth == 0 or self.chance(2):
            return a
        b = self.pick(options)
        return self.pick([f"({a} + {b})", f"({a} - {b})", f"(-{a})", f"({a} * 2)", f"({a} // 2)",
                          f"min({a}, {b})", f"({a} % 3)", f"(~{a})", f"max({a}, {b})"])  # fmt: skip

    def index(self, s, array, axis=0):
        """Often a loop variable with something added, most often inside the array."""
        size = f"{array}.shape[{axis}]"
        if self.tame and not self.chance(40):
            form = self.pick([*s.indices, *s.indices, self.int_(s, 0)])
            return self.pick([f"{form} % {size}", f"-1 - {form} % {size}", f"({form} + 1) % {size}"])
        if s.indices and not self.chance(4):
            i, j = self.pick(s.indices), self.pick(s.indices)
            c = self.number(1, 3)
            forms = [i, i, i, f"{i} - {c}", f"{i} + {c}", f"-{i}", f"-1 - {i}", f"2 * {i}", f"{i} // 2"]
            forms += [f"{size} - 1 - {i}", f"{i} + {j}", f"{i} - {j}", f"{i} % {size}", f"{i} - {size}"]
            forms += [f"{i} * {j}"]
            forms += [f"{i} + {self.pick(s.ints)}", f"{self.pick(s.ints)} - {i}", f"~{i}", f"{i} & 3"]
            integers = s.of_kind("iu", 1)
            if integers and self.chance(5):
                forms = [f"{self.pick(integers)}[{i}]"]
            return self.pick(forms)
        if self.chance(6):
            return self.int_(s)
        return self.pick(["0", "-1", f"{self.int_(s, 0)} % {size}", f"{self.pick(s.ints)} - 1", "1"])

    def item(self, s, name):
        return f"{name}[{', '.join(self.index(s, name, k) for k in range(s.arrays[name][1]))}]"

    def float_(self, s, depth=2):
        """A Python float or NumPy's."""
        arrays = s.of_kind("iufb")
        if depth == 0 or not self.number(0, 3):
            return self.pick([*s.floats, "0.5", "2.0", "-1.0"])
        if arrays and self.chance(2):
            return f"float({self.item(s, self.pick(arrays))})"
        a, b = self.float_(s, depth - 1), self.float_(s, depth - 1)
        forms = [f"({a} + {b})", f"({a} - {b})", f"({a} * {b})", f"({a} / (abs({b}) + 1.0))", f"-{a}"]
        forms += [f"float({self.int_(s)})", f"({a} if {self.test(s)} else {b})", f"abs({a})"]
        if self.chance(6):
            forms = [f"({a} / {b})", f"math.sqrt({a})", f"({a} // {b})", f"float(math.floor({a}))",
                     f"math.fmod({a}, {b})", f"({a} % {b})", f"float(int({a}) % 100)"]  # fmt: skip
        return self.pick(forms)

    def test(self, s):
        compare = self.pick(["<", "<=", "==", "!=", ">", ">="])
        forms = [f"{self.int_(s)} {compare} {self.int_(s, 0)}"]
        numbers = s.of_kind("iuf")
        if numbers:
            forms.append(f"{self.item(s, self.pick(numbers))} {compare} {self.number(-2, 5)}")
        if s.floats:
            forms.append(f"{self.pick(s.floats)} {compare} {self.float_(s, 1)}")
        return self.pick(forms)

    def element(self, s, dtype):
        """Something that can be stored in an array of the dtype, with one right answer."""
        kind = np.dtype(dtype).kind
        small = self.pick(["1", "2", "3", f"({self.int_(s, 0)} & 3)"])
        if kind in "iub":
            same = [name for name in s.arrays if s.arrays[name][0] == dtype]
            small = self.pick(["True", "False"]) if kind == "b" else small
            if not same or self.chance(3):
                return small
            a = self.item(s, self.pick(same))
            operators = "&|^" if kind == "b" else "+*&|^" if kind == "u" else "+-*&|^"
            return self.pick([a, f"{a} {self.pick(operators)} {small}",
                              f"{a} {self.pick(operators)} {self.item(s, self.pick(same))}"])  # fmt: skip
        sources = s.of_kind("fiub" if kind == "f" else "cfiub")
        if not sources or self.chance(4):
            return self.float_(s)
        a = self.item(s, self.pick(sources))
        b = self.item(s, self.pick(sources))
        return self.pick([a, f"{a} * 0.5", f"{a} + {b}" if a.split('[')[0] in s.of_kind("fc") else a,
                          f"{a} * {self.float_(s, 1)}"])  # fmt: skip

    # Arrays

    def view(self, s, name):
        """(text, ndim) of a part of an array that has its axes or fewer."""
        ndim = s.arrays[name][1]
        if self.tame and not self.chance(40):
            return self.tame_view(s, name, ndim)
        part = self.slice_
        if ndim == 1:
            return self.pick([name, f"{name}[{part(s)}]", f"{name}[{part(s)}]", f"{name}[::-1]"]), 1
        if ndim == 2:
            return self.pick([
                (name, 2), (f"{name}.T", 2), (f"{name}[{self.index(s, name)}]", 1),
                (f"{name}[:, {self.index(s, name, 1)}]", 1), (f"{name}[{part(s)}, {part(s)}]", 2),
                (f"{name}[{part(s)}]", 2), (f"{name}.ravel()", 1),
                (f"{name}[..., {self.index(s, name, 1)}]", 1),
                (f"{name}.T[{self.index(s, name, 1)}]", 1), (f"{name}.copy()", 2),
            ])  # fmt: skip
        return self.pick([(name, 3), (f"{name}[{self.index(s, name)}]", 2), (f"{name}[:, :, {part(s)}]", 3),
                          (f"{name}[{self.index(s, name)}, :, {self.index(s, name, 2)}]", 1),
                          (f"{name}[..., {self.index(s, name, 2)}]", 2), (f"{name}.T", 3)])  # fmt: skip

    def tame_view(self, s, name, ndim):
        """Parts that fit each other where all arrays are square."""
        if ndim == 1:
            return self.pick([name, name, f"{name}[::-1]", f"{name}[:]"]), 1
        i = self.index(s, name)
        if ndim == 2:
            forms = [(name, 2), (f"{name}.T", 2), (f"{name}[{i}]", 1), (f"{name}[:, {i}]", 1)]
            return self.pick([*forms, (f"{name}[::-1]", 2), (f"{name}[:, ::-1]", 2), (f"{name}.copy()", 2)])
        return self.pick([(name, 3), (f"{name}[{i}]", 2), (f"{name}.T", 3), (f"{name}[:, {i}, ::-1]", 2)])

    def slice_(self, s):
        forms = [":", "::-1", "1:", ":-1", "::2", "1::2", f"{self.number(-3, 3)}:", f":{self.number(-3, 3)}"]
        forms += [f"{self.int_(s, 0)}:{self.int_(s, 0)}", f"{self.int_(s)}:", f":{self.int_(s)}"]
        forms += [f"{self.int_(s, 0)}:{self.int_(s, 0)}:{self.pick([-2, -1, 2, 3])}"]
        return self.pick(forms)

    def array(self, s, dtype, ndim, depth=2):
        """An expression with this dtype and number of axes, or None."""
        kind = np.dtype(dtype).kind
        same = [name for name in s.arrays if s.arrays[name][0] == dtype]
        views = [v for v in (self.view(s, self.pick(same)) for _ in range(3) if same) if v[1] == ndim]
        if not views or self.chance(6):
            return self.creation(s, dtype, ndim)
        a = views[0][0]
        if depth == 0 or self.chance(4):
            return a
        operators = "&|^" if kind == "b" else "+*&" if kind == "u" else "+-*|" if kind == "i" else "+-*"
        b = self.array(s, dtype, self.pick([ndim, ndim, 1]), depth - 1)
        forms = [f"({a} {self.pick(operators)} {b})", f"({b} {self.pick(operators)} {a})"]
        if kind != "b":
            forms += [f"({a} {self.pick(operators)} {self.number(1, 3)})", f"({self.number(1, 3)} + {a})"]
        if kind in "iufc":
            forms += [f"(-{a})"] if kind != "u" else []
        if kind in "if":
            forms += [f"np.abs({a})", f"np.maximum({a}, {b})"]
        if kind in "fc":
            forms += [f"({a} * {self.float_(s, 1)})", f"({a} / 2.0)"]
        if kind == "f":
            numbers = s.of_kind("iuf")
            forms += [f"np.sqrt(np.abs({a}))"]
            other = self.view(s, self.pick(numbers)) if numbers else (a, ndim)
            if other[1] <= ndim:
                forms += [f"({other[0]}.astype(np.{dtype}) + {a})"]
        if ndim == 2 and self.chance(3):
            one = self.array(s, dtype, 1, 0)
            forms = [f"({one}[:, np.newaxis] {operators[0]} {a})", f"({a} {operators[0]} {one}[None, :])",
                     f"({a} {operators[0]} {a}[:1])", f"({a}[:, :1] {operators[0]} {one})"]  # fmt: skip
        return self.pick(forms)

    def creation(self, s, dtype, ndim):
        sizes = [f"{self.int_(s, 0)} % 5" for _ in range(ndim)]
        if self.tame:
            sizes = [f"len({self.pick(s.arrays)})"] * ndim
        shape = sizes[0] if ndim == 1 else f"({', '.join(sizes)})"
        forms = [f"np.zeros({shape}, np.{dtype})", f"np.ones({shape}, np.{dtype})"]
        like = [name for name, (d, n) in s.arrays.items() if n == ndim and d == dtype]
        forms += [f"np.zeros_like({self.pick(like)})"] if like else []
        forms += [f"np.arange({sizes[0]}).astype(np.{dtype})"] if ndim == 1 and dtype != "bool" else []
        forms += [f"np.full({shape}, {self.number(0, 3)}, np.{dtype})"]
        forms += [f"{h}({', '.join(a)})" for h, a in self.helper_calls(s, dtype, ndim)]
        return self.pick(forms)

    def helper_calls(self, s, dtype, ndim):
        for name, (kind, d, n) in self.helpers.items():
            arguments = [a for a, facts in s.arrays.items() if facts == (dtype, ndim)]
            if (d, n) == (dtype, ndim) and arguments and kind == "array":
                yield name, (self.pick(arguments), self.int_(s, 0), self.float_(s, 0))

    # Statements

    def block(self, s, indent, size, loops):
        s = s.inner()
        start = len(self.lines)
        for _ in range(self.number(1, size)):
            self.statement(s, indent, loops)
        if len(self.lines) == start:
            self.emit(indent, "pass")

    def statement(self, s, indent, loops):
        kinds = ["store"] * 4 + [
            "assign",
            "assign",
            "slice",
            "slice",
            "rename",
            "fold",
            "reduce",
            "fresh",
            "exit",
        ]
        kinds += ["if", "pair", "augment", "call", "int", "check"]
        kinds += ["swap", "call_numpy", "chain", "each", "after", "scalar"]
        kinds += ["mask", "fancy", "mixed", "axis"]
        kinds += ["loop"] * 4 + ["while", "iterate"] if loops < 3 else ["store"] * 3
        getattr(self, "write_" + self.pick(kinds))(s, indent, loops)

    def write_store(self, s, indent, loops):
        name = self.pick(s.arrays)
        dtype = s.arrays[name][0]
        operator = "="
        if self.chance(3):
            operator = self.pick(["&=", "|="] if dtype == "bool" else ["+=", "*="])
        if operator != "=" and np.dtype(dtype).kind in "iu":
            return self.emit(indent, f"{self.item(s, name)} {operator} {self.number(1, 3)}")
        self.emit(indent, f"{self.item(s, name)} {operator} {self.element(s, dtype)}")

    def write_assign(self, s, indent, loops):
        """A name gets a new array of its own kind."""
        name = self.pick(s.arrays)
        self.emit(indent, f"{name} = {self.array(s, *s.arrays[name])}")

    def write_fresh(self, s, indent, loops):
        facts = s.arrays[self.pick(s.arrays)]
        facts = facts[0], self.pick([facts[1], facts[1], 1])
        name = self.fresh("u")
        self.emit(indent, f"{name} = {self.array(s, *facts)}")
        s.arrays[name] = facts

    def write_slice(self, s, indent, loops):
        """No row from an overlapping view with other strides: NumPy reads what it has overwritten."""
        name = self.pick(s.arrays)
        dtype = s.arrays[name][0]
        target, ndim = self.view(s, name)
        while "(" in target.split("[")[0]:
            target, ndim = self.view(s, name)
        if "[" not in target:
            target += "[...]"
        value = self.array(s, dtype, self.pick([ndim, ndim, 1]), 2)
        operator = self.pick(["=", "=", "&=" if dtype == "bool" else "+="])
        if dtype != "bool" and self.chance(4):
            value = self.number(0, 1)
        if ndim == 1 and operator == "=" and (s.arrays[name][1] > 1 or "::" in f"{target} {value}"):
            value = f"({value} + 0)" if dtype != "bool" else f"({value} | False)"
        self.emit(indent, f"{target} {operator} {value}")

    def write_augment(self, s, indent, loops):
        name = self.pick(s.arrays)
        dtype, ndim = s.arrays[name]
        operator = self.pick(["&=", "|="] if dtype == "bool" else ["+=", "*="])
        self.emit(indent, f"{name} {operator} {self.array(s, dtype, ndim, 1)}")

    def write_rename(self, s, indent, loops):
        name = self.pick(s.arrays)
        same = [other for other in s.arrays if s.arrays[other] == s.arrays[name]]
        a, b = self.pick(same), self.pick(same)
        self.emit(indent, self.pick([f"{name} = {a}", f"{name}, {a} = {a}, {name}", f"{a}, {b} = {b}, {a}",
                                     f"{a} = {self.array(s, *s.arrays[name])}"]))  # fmt: skip

    def write_pair(self, s, indent, loops):
        """A tuple of arrays, taken apart again."""
        a, b, t = self.pick(s.arrays), self.pick(s.arrays), self.fresh("t")
        x, y = self.array(s, *s.arrays[a]), self.array(s, *s.arrays[b])
        self.emit(indent, f"{t} = ({x}, {y})")
        if self.chance(2):
            self.emit(indent, f"{a} = {t}[0]")
        elif self.chance(2) and a != b:
            self.emit(indent, f"{a}, {b} = {t}")

    def write_call(self, s, indent, loops):
        pairs = [name for name, (kind, *_) in self.helpers.items() if kind == "pair"]
        if not pairs:
            return self.write_assign(s, indent, loops)
        h = self.pick(pairs)
        _, dtype, ndim = self.helpers[h]
        names = [name for name, facts in s.arrays.items() if facts == (dtype, ndim)]
        if not names:
            return self.write_assign(s, indent, loops)
        name = self.pick(names)
        text = f"{h}({self.pick(names)}, {self.int_(s, 0)}, {self.float_(s, 0)})"
        self.emit(
            indent,
            self.pick([f"{name}, x = {text}", f"x = {text}[1]", f"{name} = {text}[0]"]),
        )

    def write_swap(self, s, indent, loops):
        a, b = self.pick(s.arrays), self.pick(s.arrays)
        if s.arrays[a][0] != s.arrays[b][0]:
            b = a
        x, y = self.item(s, a), self.item(s, b)
        self.emit(
            indent, self.pick([f"{x}, {y} = {y}, {x}", f"{x} = {y} = {self.element(s, s.arrays[a][0])}"])
        )

    def write_scalar(self, s, indent, loops):
        """A NumPy scalar is taken out, worked on and put back."""
        a, e = self.pick(s.arrays), self.fresh("e")
        one = "True" if s.arrays[a][0] == "bool" else "1"
        operator = "^" if one == "True" else self.pick("+*")
        self.emit(indent, f"{e} = {self.item(s, a)}")
        self.emit(indent, f"{e} {operator}= {self.pick([one, self.item(s, a)])}")
        self.emit(indent, f"{self.item(s, a)} = {e}")

    def write_call_numpy(self, s, indent, loops):
        """A function of the prelude, into an array or into `c`."""
        name = self.pick(s.arrays)
        dtype, ndim = s.arrays[name]
        a, b = self.array(s, dtype, ndim, 1), self.array(s, dtype, ndim, 1)
        kind = np.dtype(dtype).kind
        arrays = [
            f"np.where({name} {self.pick(['==', '!='])} {self.element(s, dtype)}, {a}, {b})",
            f"{a}.copy()",
        ]
        arrays += [f"np.flip({a})", f"np.roll({a}, {self.int_(s, 0)})"]
        numbers = [f"np.count_nonzero({a})", f"int(np.any({a} == {b}))", f"int(np.all({a}))"]
        numbers += [f"int(np.array_equal({a}, {b}))"]
        if ndim == 1:
            arrays += [] if self.tame else [f"np.concatenate(({a}, {b}))"]
        if kind in "iuf":
            arrays += [f"np.clip({a}, 0, {self.number(1, 5)})", f"np.minimum({a}, {b})"]
            numbers += [f"int(np.argmax({a}))", f"int({a}.argmin())"]
        if dtype in ("int64", "uint64"):
            arrays += (
                [f"{a}.cumsum()"]
                if ndim == 1
                else [f"{a}.sum(axis={self.number(-1, 1)})"]
                if ndim == 2
                else []
            )
            numbers += [f"int(np.dot({a}, {b}))"] if ndim == 1 else []
            if ndim == 2:
                one = self.fresh("u")
                self.emit(indent, f"{one} = {arrays.pop()}")
                s.arrays[one] = dtype, 1
                arrays += [f"np.dot({a}, {b})"]
        if self.chance(2):
            return self.emit(indent, f"c = {self.pick(numbers)} % 100")
        self.emit(indent, f"{self.pick([name, name + '[...]'])} = {self.pick(arrays)}")

    def mask(self, s, name):
        kind = np.dtype(s.arrays[name][0]).kind
        if kind == "b":
            return self.pick([name, f"~{name}"])
        compare = self.pick(["==", "!="] if kind == "c" else ["==", "!=", "<", ">="])
        return f"{name} {compare} {self.number(0, 4)}"

    def write_mask(self, s, indent, loops):
        name = self.pick(s.arrays)
        dtype = s.arrays[name][0]
        mask = self.mask(s, name)
        if self.chance(2):
            return self.emit(indent, f"{name}[{mask}] = {self.element(s, dtype)}")
        new = self.fresh("u")
        self.emit(indent, f"{new} = {name}[{mask}]")
        s.arrays[new] = dtype, 1

    def write_fancy(self, s, indent, loops):
        """Some rows by an array of integers, which may be outside, negative or twice the same."""
        name = self.pick(s.arrays)
        dtype, ndim = s.arrays[name]
        indices = self.pick([f"np.array([0, -1, {self.int_(s, 0)}])", f"np.arange({self.number(0, 4)})",
                             f"np.arange({self.number(1, 5)}) * {self.pick([-1, 2])}",
                             f"np.arange(len({name}))[::-1]"])  # fmt: skip
        if self.chance(2) and ndim == 1:
            operator = "=" if dtype == "bool" else self.pick(["=", "+="])
            return self.emit(indent, f"{name}[{indices}] {operator} {self.number(0, 1)}")
        new = self.fresh("u")
        self.emit(indent, f"{new} = {name}[{indices}]")
        s.arrays[new] = dtype, ndim

    def write_mixed(self, s, indent, loops):
        """Two integer types meet in an expression."""
        names = s.of_kind("iu")
        if not names:
            return self.write_fold(s, indent, loops)
        a = self.pick(names)
        dtype, ndim = s.arrays[a]
        other = self.pick([np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint32, np.uint64, np.bool_])
        new, operator = self.fresh("u"), self.pick(["+", "-", "*", "<", "=="])
        self.emit(
            indent, f"{new} = {a} {operator} {self.pick(names)}.astype(np.{other.__name__.rstrip('_')})"
        )
        second = self.lines[-1].split(operator + " ")[-1].split(".astype")[0]
        facts = np.result_type(dtype, other).name, max(ndim, s.arrays[second][1])
        s.arrays[new] = facts if operator in "+-*" else ("bool", facts[1])

    def write_axis(self, s, indent, loops):
        names = [name for name in s.of_kind("iub") if s.arrays[name][1] > 1]
        if not names:
            return self.write_reduce(s, indent, loops)
        name, new = self.pick(names), self.fresh("u")
        dtype, ndim = s.arrays[name]
        what = self.pick(["sum", "max", "min", "any", "all", "argmax", "argmin"])
        self.emit(indent, f"{new} = {name}.{what}(axis={self.number(-ndim, ndim - 1)})")
        whole = "uint64" if np.dtype(dtype).kind == "u" else "int64"
        result = {"sum": whole, "any": "bool", "all": "bool", "argmax": "int64", "argmin": "int64"}
        s.arrays[new] = result.get(what, dtype), ndim - 1

    def write_chain(self, s, indent, loops):
        """Tests that decide together."""
        self.emit(indent, f"if {self.test(s)} {self.pick(['and', 'or'])} {self.test(s)}:")
        self.block(s, indent + 1, 2, loops)

    def write_each(self, s, indent, loops):
        """Arrays of a tuple in turn."""
        a = self.pick(s.arrays)
        same = [other for other in s.arrays if s.arrays[other] == s.arrays[a]]
        name = self.fresh("q")
        self.emit(indent, f"for {name} in ({a}, {self.pick(same)}, {self.array(s, *s.arrays[a], 1)}):")
        inner = s.inner()
        inner.arrays[name] = s.arrays[a]
        self.block(inner, indent + 1, 2, loops + 1)

    def write_after(self, s, indent, loops):
        """A loop variable, used behind its loop: it may have no value there."""
        i = self.fresh("i")
        self.emit(indent, f"for {i} in range({self.range_(s)}):")
        inner = s.inner()
        inner.indices.append(i)
        self.write_store(inner, indent + 1, loops + 1)
        self.write_store(inner, indent, loops)

    def write_fold(self, s, indent, loops):
        self.emit(indent, f"x = {self.float_(s)}")

    def write_int(self, s, indent, loops):
        target = self.pick(["n", "k", "c"])
        self.emit(indent, f"{target} = {self.pick([f'(c + {self.int_(s)}) % 100', self.int_(s), 'c + 1'])}")
        self.emit(indent, f"{target} %= {self.pick([7, 11, 50])}") if self.chance(2) else None

    def write_check(self, s, indent, loops):
        names = s.of_kind("iuf", 1)
        if not names:
            return
        a = self.pick(names)
        self.emit(indent, f"if {a}.size > 2 and {self.item(s, a)} > {self.number(0, 3)}:")
        self.block(s, indent + 1, 1, loops)

    def write_reduce(self, s, indent, loops):
        """Only reductions that are exact in any order."""
        names = s.of_kind("iub")
        if not names:
            return self.write_fold(s, indent, loops)
        a, _ = self.view(s, self.pick(names))
        what = self.pick(
            [f"{a}.sum()", f"np.sum({a})", f"{a}.min()", f"{a}.max()", f"np.max({a})", f"{a}.size"]
        )
        self.emit(indent, f"c = int({what} % 1000)")

    def write_exit(self, s, indent, loops):
        self.emit(indent, f"if {self.test(s)}:")
        if self.tame and self.chance(2):
            return self.write_store(s, indent + 1, loops)
        kinds = [f"return {self.returned(s)}", "raise ValueError('stopped', c)", "raise KeyError(n)"]
        kinds += ["break", "continue", "break", "continue"] if s.indices else []
        kinds += ["assert c < 0, 'small'"]
        self.emit(indent + 1, self.pick(kinds))

    def write_if(self, s, indent, loops):
        self.emit(indent, f"if {self.test(s)}:")
        self.block(s, indent + 1, 3, loops)
        if self.chance(2):
            self.emit(indent, "else:")
            self.block(s, indent + 1, 2, loops)

    def range_(self, s):
        name = self.pick(s.arrays)
        size = f"{name}.shape[{self.number(0, s.arrays[name][1] - 1)}]"
        forms = [size, size, f"{size} - 1", f"1, {size}", f"{size} - 1, -1, -1", f"0, {size}, 2", "n", "k, n"]
        forms += [f"1, {size} - 1", f"{size} + 1", f"-{size}, 0", f"-{size}, {size}", "n, k, -1", "3"]
        forms += [f"{size} - 2, -1, -2", "-1, n", "n + 1", f"-1, -{size} - 1, -1"]
        for i in s.indices:
            forms += [i, f"{i}, {size}", f"{i} + 1", f"{i} + 1, {size}", f"{i} - 1, -1, -1", f"{size} - {i}"]
            forms += [f"{i}, n", f"n - {i}", f"{i} - 2, {i} + 2", f"{size} - 1, {i}, -1", f"{i}, {size}, 2"]
            forms += [f"{i} // 2", f"{i} + 1, n, {i} + 1", f"{i} * 2, {size}", f"{size}, {i} - 1, -2"]
        if self.chance(12):
            forms = [f"{self.int_(s)} % 9, {self.int_(s)} % 9, ({self.int_(s)} % 3 - 1)"]
        return self.pick(forms)

    def write_loop(self, s, indent, loops):
        i = self.fresh("i")
        self.emit(indent, f"for {i} in range({self.range_(s)}):")
        inner = s.inner()
        inner.indices.append(i)
        if self.chance(2) and loops < 3:
            j = self.fresh("j")
            self.emit(indent + 1, f"for {j} in range({self.range_(inner)}):")
            inner.indices.append(j)
            self.block(inner, indent + 2, 3, loops + 2)
            inner.indices.pop()
        else:
            self.block(inner, indent + 1, 4, loops + 1)
        if self.chance(6):
            self.emit(indent, "else:")
            self.block(s, indent + 1, 1, loops)

    def write_while(self, s, indent, loops):
        i = self.fresh("w")
        start, step = self.pick([("0", 1), ("n", -1), ("0", 2), ("k", 1), ("5", -1), ("-2", 1)])
        limit = "-3" if step < 0 else self.pick(["n", f"len({self.pick(s.arrays)})", "6"])
        self.emit(indent, f"{i} = {start}")
        self.emit(indent, f"while {i} {'>' if step < 0 else '<'} {limit}:")
        inner = s.inner()
        inner.indices.append(i)
        first = self.chance(2)
        if first:
            self.emit(indent + 1, f"{i} += {step}")
            return self.block(inner, indent + 1, 3, loops + 1)
        self.emit(
            indent + 1,
            f"{self.item(inner, a := self.pick(s.arrays))} = {self.element(inner, s.arrays[a][0])}",
        )
        self.emit(indent + 1, f"{i} += {step}")

    def write_iterate(self, s, indent, loops):
        names = [name for name, (_, n) in s.arrays.items() if n == 1]
        rows = [name for name, (_, n) in s.arrays.items() if n == 2]
        inner = s.inner()
        if rows and self.chance(2):
            a, r = self.pick(rows), self.fresh("r")
            self.emit(indent, f"for {r} in {a}:")
            inner.arrays[r] = s.arrays[a][0], 1
        elif names:
            a, e, i = self.pick(names), self.fresh("e"), self.fresh("i")
            if self.chance(2):
                self.emit(indent, f"for {i}, {e} in enumerate({a}):")
            else:
                self.emit(indent, f"for {i}, {e} in zip(range({self.range_(s)}), {a}):")
            inner.indices.append(i)
        else:
            return
        self.block(inner, indent + 1, 3, loops + 1)


# Helpers: functions of an array, an int and a float


def make_helper(random, name, kind, facts, tame):
    w = Writer(random, {})
    w.tame = tame
    s = Scope({"a": facts}, ["n"], ["x"])
    w.emit(0, f"def {name}(a, n, x):")
    w.emit(1, "k = c = 0")
    s.ints += ["k", "c"]
    if kind == "pair":
        w.returned = lambda s: f"{w.array(s, *facts, 1)}, {w.float_(s, 1)}"
    else:
        w.returned = lambda s: w.array(s, *facts, 1)
    if random.randrange(3) == 0:
        w.emit(1, "if n <= 0 or n > 4:")
        w.emit(2, f"return {w.returned(s)}")
        call = f"{name}({w.array(s, *facts, 1)}, n - 1, x)"
        w.emit(1, f"r = {call}" + ("[0]" if kind == "pair" else ""))
        s.arrays["r"] = facts
    w.block(s, 1, 3, 2)
    w.emit(1, f"return {w.returned(s)}")
    return "\n".join(w.lines)


# Arguments


def make_array(random, dtype, layout, shape):
    low = 0 if np.dtype(dtype).kind in "ub" else -4
    values = np.array([random.randint(low, 6) for _ in range(int(np.prod(shape)))], np.int64).reshape(shape)
    a = (values / 2 if np.dtype(dtype).kind in "fc" else values).astype(dtype)
    if layout == "f":
        return np.asfortranarray(a)
    if layout == "strided":
        return np.repeat(a, 2, axis=-1)[..., ::2]
    return a[::-1].copy()[::-1] if layout == "negative" else a


def make_rows(random, named, tame):
    """Arguments of equal types; with now and then two names for one array, or for parts of one."""
    layouts = {name: random.choice(["c", "c", "f", "strided", "negative"]) for name in named}
    aliased = random.randrange(4) == 0
    for _ in range(ROWS):
        edge = random.choice([0, 1, 2, 3, 4, 5, 6, 9, 19])
        arrays = {}
        for name, dtype_ndim in named.items():
            dtype, ndim = dtype_ndim
            shape = tuple(random.choice([edge, edge, random.randint(0, 4)]) for _ in range(ndim))
            if tame:
                shape = (max(edge, 1),) * ndim
            arrays[name] = make_array(random, dtype, layouts[name], shape)
            twins = [
                b for b in arrays if b != name and named[b] == named[name] and layouts[b] == layouts[name]
            ]
            if aliased and twins:
                whole = tame or random.randrange(2)
                arrays[name] = arrays[twins[0]] if whole else arrays[twins[0]][1:]
        n = random.choice([edge, edge, edge - 1, edge + 1, random.randint(-3, 8)])
        yield (n, random.randint(-3, 5), random.choice([0.0, 1.5, -2.0, 4.0, float("inf")]), *arrays.values())


def programs(random):
    """A program and its rows of arguments."""
    count, tame = random.randint(1, 3), random.randrange(2) == 0
    pool = [random.choice(DTYPES) for _ in range(random.randint(1, 2))]
    named = {f"a{i}": (random.choice(pool), random.choice([1, 1, 1, 2, 2, 3])) for i in range(count)}
    helpers, texts = {}, []
    for i in range(random.choice([0, 0, 1, 2])):
        facts = random.choice(list(named.values()))
        kind = random.choice(["array", "array", "pair"])
        helpers[f"h{i}"] = kind, *facts
        texts.append(make_helper(random, f"h{i}", kind, facts, tame))
    w = Writer(random, helpers)
    w.tame = tame
    s = Scope(named, ["n", "k", "c"], ["x"])
    results = [name for name in named if random.randrange(2)]
    w.returned = lambda s: "(" + ", ".join(["n", "x", *results]) + ")"
    if results and random.randrange(3) == 0:
        facts = named[results[0]]
        w.returned = lambda s: f"(c, ({w.array(s, *facts, 1)}, ({results[-1]}, x)))"
    w.emit(0, f"def f({', '.join(['n', 'k', 'x', *named])}):")
    w.emit(1, "c = 0")
    for _ in range(random.randint(1, 7)):
        w.statement(s, 1, 0)
    w.emit(1, f"return {w.returned(s)}")
    source = "\n\n\n".join([*texts, "\n".join(w.lines)]) + "\n"
    return ArrayProgram(source, list(make_rows(random, named, tame)))
