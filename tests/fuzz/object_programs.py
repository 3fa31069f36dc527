"""Random programs that mix compiled code with Python's objects, as source text with a seed for arguments.

A program does native work (loops over arrays, arithmetic) and operations on objects in any order: calls,
attributes, items, comparisons, iteration, containers that both sides see, exceptions, `with`, recursion. What
an object gives is one of several types, so places are left, continued and left again. The objects (`Probe`)
write down all that is done to them: the logs of both runs must agree, and so must results, exceptions,
arguments afterwards and live references. Numbers may come as a wider type of the same value, since a variable
of compiled code has one. Begin reading at `programs`; `agree` runs one.
"""

import gc
import warnings
from dataclasses import dataclass

import numpy as np

import harness
from drawing import Drawing

WRAP = 1009


class Expected(Exception):
    """What probes raise."""


class Tracked:
    """An object whose life is counted."""

    alive = 0

    def __init__(self):
        Tracked.alive += 1

    def __del__(self):
        Tracked.alive -= 1


class Probe(Tracked):
    """Does what programs ask of objects, and writes it down. `values`: what calls and items give, in turn."""

    def __init__(self, values, log, depth=0):
        super().__init__()
        self.__dict__.update(values=values, log=log, state={}, depth=depth)

    def note(self, what, *values):
        self.log.append((what, *map(shown, values)))
        if len(self.log) > 3000:
            raise Expected("too much")

    def value(self, k):
        return self.values[int(k) % len(self.values)]

    def __call__(self, *args, **named):
        self.note("call", *args, *sorted(named), *named.values())
        return self.value(len(self.log))

    def integer(self, *args):
        self.note("integer", *args)
        return len(self.log) % 7 - 2

    def fail(self, *args):
        self.note("fail", *args)
        if len(self.log) % 5 == 0:
            raise Expected("fail", len(self.log))
        return len(self.log) % 3

    def array(self, n):
        self.note("array", n)
        return np.arange(int(n) % 5 + 1) * (1.5 if len(self.log) % 2 else 2)

    def change(self, container, value):
        """Python's code writes to what compiled code reads."""
        self.note("change", container, value)
        if isinstance(container, list):
            container.append(value)
        elif isinstance(container, dict):
            container[len(container)] = value
        elif isinstance(container, set):
            container.add(len(self.log) % 5)
        elif isinstance(container, np.ndarray) and container.flags.writeable:
            container[len(self.log) % len(container) :] = 1
        return container

    def apply(self, function, *args):
        self.note("apply", *args)
        return function(*args)

    def child(self):
        self.note("child")
        return Probe(self.values, self.log, self.depth + 1) if self.depth < 3 else self

    def pairs(self):
        self.note("pairs")
        return [(k, self.value(k)) for k in range(3)]

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        self.note("get", name)
        return self.state.get(name, 3)

    def __setattr__(self, name, value):
        self.note("set", name, value)
        self.state[name] = value

    def __getitem__(self, key):
        self.note("item", key)
        return self.value(len(self.log))

    def __setitem__(self, key, value):
        self.note("set item", key, value)

    def __contains__(self, value):
        self.note("in", value)
        return len(self.log) % 2 == 0

    def __bool__(self):
        self.note("truth")
        return len(self.log) % 3 != 0

    def __len__(self):
        self.note("len")
        return 3

    def __iter__(self):
        self.note("iter")
        for k in range(3):
            self.note("step", k)
            yield self.value(k + len(self.log))

    def __lt__(self, other):
        self.note("lt", other)
        return len(self.log) % 2 == 0

    __gt__ = __le__ = __ge__ = __lt__

    def __eq__(self, other):
        self.note("eq", other)
        return len(self.log) % 2 == 0

    def __repr__(self):
        self.note("repr")
        return "<probe>"

    def __hash__(self):
        self.note("hash")
        return 3

    def __enter__(self):
        self.note("enter")
        return self

    def __exit__(self, kind, error, traceback):
        self.note("exit", kind)
        return len(self.log) % 3 == 0 and kind is Expected

    def __neg__(self):
        self.note("neg")
        return 2


def operator(name):
    def method(self, other):
        self.note(name, other)
        return len(self.log) % 11 * 0.5 if len(self.log) % 2 else len(self.log) % 11

    return method


for name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "and", "or", "matmul"):
    for prefix in ("", "r", "i"):
        setattr(Probe, f"__{prefix}{name}__", operator(prefix + name))


def shown(value, depth=0):
    """A value as it can be compared later: numbers by value, everything else by class and content."""
    if depth > 5:
        return "deep"
    if isinstance(value, np.ndarray):
        return "array", value.dtype.char, value.shape, [shown(v, depth + 1) for v in value.ravel().tolist()]
    if isinstance(value, (complex, np.complexfloating)) and value.imag == 0:
        return shown(float(value.real))
    if isinstance(value, (bool, int, float, complex, np.generic)):
        return "nan" if value != value else value.item() if isinstance(value, np.generic) else value
    if isinstance(value, (list, tuple)):
        return type(value).__name__, [shown(v, depth + 1) for v in value]
    if isinstance(value, (set, frozenset)):
        return type(value).__name__, sorted((shown(v, depth + 1) for v in value), key=repr)
    if isinstance(value, dict):
        return "dict", [(shown(k, depth + 1), shown(v, depth + 1)) for k, v in value.items()]
    if isinstance(value, BaseException):
        return type(value).__name__, shown(value.args, depth + 1)
    return value if isinstance(value, (str, type(None))) else type(value).__name__


# ---- Writing


@dataclass
class ObjectProgram:
    """Source text, and the number that the arguments are made from."""

    source: str
    number: int

    def __repr__(self):
        return f"\n{self.source}\nf(*arguments({self.number}))"

    def _repr_pretty_(self, printer, _cycle):
        printer.text(repr(self))


class Writer(Drawing):
    """Draws a program; `int_`, `number_`, `value` and `test` return the text of an expression.

    Names begin with what they hold: integers i, numbers x, anything y, arrays a.
    """

    def __init__(self, random, interpreted):
        super().__init__(random)
        self.interpreted = interpreted
        self.ints, self.numbers, self.any = ["n", "i0"], ["x0", "x1"], ["y0", "y1", "y2"]
        self.arrays = ["a"]
        self.functions = []

    # Expressions

    def int_(self, depth):
        if depth <= 0:
            return self.pick([*self.ints, str(self.number(0, 5))])
        a, b = self.int_(depth - 1), self.int_(depth - 1)
        return self.pick(
            [
                f"({a} {self.pick('+-*')} {b}) % {WRAP}",
                f"o.integer({self.value(depth - 1)})",
                f"len({self.pick(['o', 'l', 'd', 'a', 's'])})",
                f"o.fail({a})",
                f"{self.pick(self.arrays)}.size",
                f"({a} if {self.test(depth - 1)} else {b})",
                f"max({a}, {b})",
                a,
            ]
        )

    def number_(self, depth):
        if depth <= 0:
            return self.pick([*self.numbers, *self.ints, "0.5", "-2.25", "3"])
        a, b = self.number_(depth - 1), self.number_(depth - 1)
        return self.pick(
            [
                f"({a} {self.pick('+-*')} {b}) % {WRAP}",
                f"({a} / (abs({b}) + 0.5))",
                f"({a} // {b})" if self.chance(4) else f"min({a}, {b})",
                f"{self.pick(self.arrays)}[{self.int_(0)} % {self.number(1, 4)}]",
                f"o({self.value(depth - 1)})" if self.chance(2) else f"o[{self.value(depth - 1)}]",
                f"-{a}",
                f"abs({a})",
                f"float({a})",
                f"np.sqrt(abs({a}))",
                f"{self.pick(self.arrays)}.sum()",
                a,
            ]
        )

    def value(self, depth):
        """Anything."""
        if depth <= 0:
            return self.pick(
                [*self.ints, *self.numbers, *self.any, "o", "a", "l", "'text'", "None", "1.5", "G"]
            )
        a, b = self.value(depth - 1), self.value(depth - 1)
        return self.pick(
            [
                f"o({a}, {b})",
                f"o({a}, key={b})",
                f"o({a}, *{self.pick(['l', 'o', f'({a}, {b})'])})",
                f"o[{a}]",
                f"o[{a}, {b}]",
                f"o[{self.int_(0)}:{b}]",
                f"o.{self.pick(['one', 'two'])}",
                "o.child()",
                f"o.child().{self.pick(['one', 'two'])}",
                f"({a} {self.pick(['+', '-', '*', '/', '//', '%'])} {b})" if self.chance(3) else a,
                f"(o {self.pick(['+', '-', '*', '/', '//', '%', '**', '&', '@'])} {b})",
                f"({a} {self.pick(['+', '-', '*'])} o)",
                f"o.array({self.int_(depth - 1)})",
                f"({a}, {b})",
                f"[{a}, {b}]",
                f"{{'k': {a}, {self.int_(0)}: {b}}}",
                f"({a} if {self.test(depth - 1)} else {b})",
                f"l[{self.int_(0)}]" if self.chance(3) else f"l[{self.int_(0)} % len(l)]",
                f"d.get({self.int_(0)}, {b})",
                f"G.{self.pick(['one', 'two'])}",
                f"G({a})",
                f"helper({a}, {self.int_(0)})",
                "f(o, n - 1, a, l, d, s)" if self.chance(2) else a,
                f"{self.pick(self.arrays)}[{self.int_(0)}:]",
                f"[{a} for k in {self.pick(['o', 'l', 'range(3)'])}]" if self.chance(3) else a,
                "sorted(d)",
                f"getattr(o, 'two', {a})",
                f"np.asarray({self.pick(self.arrays)})",
                f"o.change({self.pick(['l', 'd', 's', *self.arrays])}, {a})",
                f"{{{self.int_(0)}, {self.int_(0)}}}" if self.chance(3) else "sorted(s)",
                f"{{k: {a} for k in range({self.number(0, 3)})}}" if self.chance(3) else a,
                f"d[{self.int_(0)}]" if self.chance(4) else f"d.setdefault({self.int_(0)}, {b})",
                f"o.apply(lambda v: (v, {a}), {b})" if self.chance(2) else a,
                f"(lambda v: v + {self.int_(0)})({self.number_(0)})" if self.chance(2) else a,
                f"{self.pick(self.functions)}({a})" if self.functions else a,
                f"o.apply({self.pick(self.functions)}, {a})" if self.functions else b,
                f"f'{{{self.pick(self.ints)}}}{{o.two}}'" if self.chance(3) else a,
                self.number_(depth),
            ]
        )

    def test(self, depth):
        a, b = self.value(depth - 1), self.value(depth - 1)
        x, y = self.number_(depth - 1), self.number_(depth - 1)
        return self.pick(
            [
                f"{x} {self.pick(['<', '<=', '==', '!=', '>', '>='])} {y}",
                f"{x} {self.pick(['<', '>'])} {y}",
                f"{self.int_(depth - 1)} % 2",
                f"o {self.pick(['<', '<=', '==', '!=', '>', '>='])} {b}",
                f"{self.pick(self.any)}" if self.chance(3) else "o",
                f"not {self.pick(['o', x])}",
                f"{a} {self.pick(['in', 'not in'])} {self.pick(['o', 'l', 'd'])}",
                f"{self.int_(0)} {self.pick(['in', 'not in'])} {self.pick(['s', 'd'])}",
                f"{self.pick(self.any)} {self.pick(['is', 'is not'])} {self.pick(['None', 'o', 'a'])}",
                f"0 < {x} < {y}",
                f"({x} < {y} {self.pick(['and', 'or'])} o)",
                f"isinstance({self.pick(self.any)}, str)",
            ]
        )

    # Statements

    def block(self, indent, size, loops):
        saved = self.arrays[:], self.ints[:], self.functions[:]
        for _ in range(self.number(1, size)):
            self.statement(indent, loops)
        self.arrays, self.ints, self.functions = saved

    def statement(self, indent, loops):
        kinds = [
            "int",
            "number",
            "any",
            "any",
            "note",
            "note",
            "if",
            "attribute",
            "item",
            "native",
            "append",
            "augment",
        ]
        kinds += ["range", "over", "over", "array", "native"] if loops < 2 else []
        kinds += ["leave"] if loops else []
        kinds += [
            "unpack",
            "delete",
            "raise_",
            "return_",
            "dict_",
            "view",
            "text",
            "while_",
            "set_",
            "change",
        ]
        kinds += ["function", "pop"] if loops == 0 or self.chance(4) else []
        kinds += ["try_", "with_", "try_"] if self.interpreted else []
        getattr(self, "write_" + self.pick(kinds))(indent, loops)

    def write_int(self, indent, loops):
        self.emit(indent, f"i0 = {self.int_(2)}")

    def write_number(self, indent, loops):
        self.emit(indent, f"{self.pick(self.numbers)} = {self.number_(2)}")

    def write_any(self, indent, loops):
        self.emit(indent, f"{self.pick(self.any)} = {self.value(2)}")

    def write_note(self, indent, loops):
        self.emit(indent, f"o({', '.join(self.value(1) for _ in range(self.number(1, 3)))})")

    def write_text(self, indent, loops):
        self.emit(indent, f"o(str({self.pick(['o.two', 'l', 'n'])}))")

    def write_attribute(self, indent, loops):
        self.emit(indent, f"o.{self.pick(['one', 'two'])} {self.pick(['=', '=', '+='])} {self.value(1)}")

    def write_item(self, indent, loops):
        self.emit(indent, f"o[{self.value(0)}] {self.pick(['=', '=', '+='])} {self.value(1)}")

    def write_append(self, indent, loops):
        self.emit(indent, f"l.append({self.value(1)})")

    def write_dict_(self, indent, loops):
        self.emit(indent, f"d[{self.int_(1)}] = {self.value(1)}")

    def write_set_(self, indent, loops):
        self.emit(indent, f"s.{self.pick(['add', 'add', 'discard'])}({self.int_(1)})")

    def write_change(self, indent, loops):
        self.emit(indent, f"o.change({self.pick(['l', 'd', 's', *self.arrays])}, {self.value(1)})")

    def write_pop(self, indent, loops):
        self.emit(
            indent, self.pick(["l.pop()", "d.pop(0, None)", "s.discard(0)", "l[0] = o", "l.insert(0, n)"])
        )

    def write_function(self, indent, loops):
        """An inner function: what it captures may change later, and it may change that."""
        name, captured = self.fresh("g"), self.pick([*self.any, *self.numbers])
        self.emit(indent, f"def {name}(v, w={self.value(0)}):")
        if self.chance(3):
            captured = self.pick(self.numbers)  # of the others one may never be bound
            self.emit(indent + 1, f"nonlocal {captured}")
            self.emit(indent + 1, f"{captured} = {self.pick(['v', 'w', self.number_(0)])}")
        elif self.chance(2):
            self.emit(indent + 1, f"o(v, {captured})")
        else:
            self.emit(indent + 1, "for k in range(2):")
            self.emit(indent + 2, "l.append(k)")
        self.emit(indent + 1, f"return {self.pick(['v', 'w', captured, f'({captured}, w)'])}")
        self.functions.append(name)

    def write_augment(self, indent, loops):
        target = self.pick([*self.any, *self.numbers])
        self.emit(indent, f"{target} {self.pick('+-*')}= {self.number_(1)}")
        if target in self.numbers:
            self.emit(indent, f"{target} %= {WRAP}")

    def write_native(self, indent, loops):
        """A loop with nothing foreign in it."""
        a, k = self.pick(self.arrays), self.fresh("k")
        self.emit(indent, f"for {k} in range({a}.size):")
        self.emit(indent + 1, f"{a}[{k}] = {a}[{k}] * 0.5 + {k}")
        self.emit(indent + 1, f"x0 = (x0 + {a}[{k}]) % {WRAP}")

    def write_array(self, indent, loops):
        name = self.fresh("a")
        made = self.pick(
            ["np.zeros(4)", "np.ones(5, np.int64)", "o.array(3)", f"{self.pick(self.arrays)} + 1", "a.copy()"]
        )
        self.emit(indent, f"{name} = {made}")
        self.arrays.append(name)
        if self.chance(2):
            self.emit(indent, f"o({name}, {name} is a)")

    def write_view(self, indent, loops):
        name = self.fresh("a")
        self.emit(indent, f"{name} = {self.pick(self.arrays)}[{self.pick(['1:', '::2', '::-1', ':2'])}]")
        self.arrays.append(name)

    def write_if(self, indent, loops):
        self.emit(indent, f"if {self.test(2)}:")
        self.block(indent + 1, 3, loops)
        if self.chance(2):
            self.emit(indent, "else:")
            self.block(indent + 1, 2, loops)

    def write_range(self, indent, loops):
        k = self.fresh("k")
        self.emit(indent, f"for {k} in range({self.int_(1)} % {self.number(2, 6)}):")
        self.ints.append(k)
        self.block(indent + 1, 4, loops + 1)
        self.ints.remove(k)

    def write_over(self, indent, loops):
        target = self.pick(self.any)
        source = self.pick(
            [
                "o",
                "l[:4]",
                "a",
                "o.pairs()",
                "(1, 2.5, o)",
                "enumerate(l[:3])",
                "zip(o, a)",
                "d",
                "o.array(3)",
                "sorted(s)",
                "list(d.items())",
                "[*l[:2], o]",
                "reversed(l[:3])",
            ]
        )
        self.emit(indent, f"for {target} in {source}:")
        self.block(indent + 1, 4, loops + 1)
        if self.chance(5):
            self.emit(indent, "else:")
            self.block(indent + 1, 1, loops)

    def write_while_(self, indent, loops):
        if loops >= 2:
            self.write_int(indent, loops)
            return
        w = self.fresh("w")
        self.emit(indent, f"{w} = 0")
        self.emit(indent, f"while {w} < 4 and {self.test(1)}:")
        self.emit(indent + 1, f"{w} += 1")
        self.block(indent + 1, 3, loops + 1)

    def write_leave(self, indent, loops):
        self.emit(indent, f"if {self.test(1)}:")
        self.emit(indent + 1, self.pick(["break", "continue"]))

    def write_unpack(self, indent, loops):
        a, b = self.pick(self.any), self.pick(self.any)
        source = self.pick(
            [
                f"({self.value(1)}, {self.value(1)})",
                "l[:2]",
                "o.pairs()[0]",
                "o.child()" if self.chance(3) else "l[1:3]",
            ]
        )
        self.emit(indent, f"{a}, {b} = {source}")

    def write_delete(self, indent, loops):
        self.emit(indent, f"del {self.pick(['l[0]', 'd[0]'])}" if self.chance(2) else f"o({self.value(1)})")

    def write_raise_(self, indent, loops):
        self.emit(indent, f"if {self.test(1)}:")
        self.emit(
            indent + 1,
            self.pick(
                [
                    "raise ValueError('raised')",
                    f"raise Expected({self.value(0)})",
                    "o.fail(1)",
                    "raise KeyError",
                ]
            ),
        )

    def write_return_(self, indent, loops):
        self.emit(indent, f"if {self.test(1)}:")
        self.emit(indent + 1, f"return {self.value(1)}")

    def write_try_(self, indent, loops):
        self.emit(indent, "try:")
        self.block(indent + 1, 3, loops)
        if not self.chance(3):
            caught = self.pick(
                ["Expected", "(TypeError, ValueError)", "Exception", "ValueError", "Expected as error"]
            )
            self.emit(indent, f"except {caught}:")
            self.block(indent + 1, 2, loops)
            if self.chance(4):
                self.emit(indent + 1, "raise")
            if self.chance(3):
                self.emit(indent, "else:")
                self.block(indent + 1, 1, loops)
            if self.chance(2):
                return
        self.emit(indent, "finally:")
        self.block(indent + 1, 1, loops)

    def write_with_(self, indent, loops):
        self.emit(indent, f"with o.child() as {self.pick(self.any)}:" if self.chance(2) else "with o:")
        self.block(indent + 1, 3, loops)

    def program(self):
        self.emit(0, "def f(o, n, a, l, d, s):")
        self.emit(1, "if n < 0:")
        self.emit(2, "return 0")
        for name in ("x0", "x1"):
            self.emit(1, f"{name} = {self.pick(['0.5', '1.5', 'o.integer(0) + 0.25'])}")
        self.emit(1, f"i0 = {self.number(0, 4)}")
        for name in self.any:
            if not self.chance(6):
                self.emit(1, f"{name} = {self.pick(['o(1)', 'None', '2.5', 'a', 'o', 'n', 'l'])}")
        for _ in range(self.number(3, 9)):
            self.statement(1, 0)
        result = ", ".join(
            self.pick([*self.any, *self.numbers, *self.ints, "l", "a", "d", "s"]) for _ in range(3)
        )
        self.emit(1, f"return {result}")
        return "\n".join(self.lines) + "\n"


HELPER = """
def helper(x, k):
    for i in range(k % 3):
        o2(x, i)
    return x
"""


def programs(random):
    """A program, drawn from a random.Random."""
    writer = Writer(random, random.randrange(4) == 0)
    return ObjectProgram(writer.program() + HELPER, random.randrange(1 << 16))


# ---- Running


def arguments(number):
    """Arguments for a program, the same for the same number; the log that its probes write."""
    random = np.random.default_rng(number)
    pool = [
        1,
        2.5,
        True,
        np.float32(1.5),
        np.float64(0.25),
        np.int64(4),
        "text",
        None,
        (1, 2.0),
        [3],
        2**70,
        1j,
    ]
    pool += [np.arange(3), np.arange(4.0), 0, -3, 7.0, (1, 2)]
    likely = pool[: int(random.integers(1, 5))] if random.random() < 0.6 else pool
    values = [likely[int(random.integers(len(likely)))] for _ in range(8)]
    values = [v.copy() if isinstance(v, (np.ndarray, list)) else v for v in values]
    log = []
    probe = Probe(values, log)
    a = np.round(random.random(4) * 8, 1) if random.random() < 0.7 else random.integers(0, 9, 4)
    items, table = [values[0], 2, probe, 1.5], {0: 1.5, 1: "one", "k": values[1]}
    numbers = {1, 3, int(random.integers(0, 9))}
    return [probe, int(random.integers(0, 3)), a, items, table, numbers], log


def outcome(function, scope, number):
    """Everything that a call of the program's f lets be seen."""
    args, log = arguments(number)
    scope["G"] = scope["o2"] = args[0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            seen = "returned", shown(function(*args))
        except Exception as error:
            seen = "raised", shown(error)
    afterwards = [shown(value) for value in args[1:]]
    scope["G"] = scope["o2"] = None
    return {"outcome": seen, "arguments": afterwards, "log": log}


def differs_as_documented(expected, got):
    """None where a number was needed; in a `try` the error of an in-place operator lacks a shape."""
    in_place = "could not be broadcast together" in got and expected.startswith(got.split(" ']))")[0])
    return "value is None" in got or in_place


def difference(expected, got):
    """The first thing that differs, in words, or None."""
    for k, (x, y) in enumerate(zip(expected["log"], got["log"])):
        if x != y:
            return f"operation {k} is {y}, with CPython {x}"
    if len(expected["log"]) != len(got["log"]):
        n = min(len(expected["log"]), len(got["log"]))
        return (
            f"{len(got['log'])} operations, with CPython {len(expected['log'])}: from {n} on "
            f"{got['log'][n : n + 3]}, with CPython {expected['log'][n : n + 3]}"
        )
    if expected["outcome"][0] == got["outcome"][0] == "raised" and differs_as_documented(
        str(expected["outcome"]), str(got["outcome"])
    ):
        return None if expected["outcome"][1][0] == got["outcome"][1][0] else "another exception"
    return next(
        (
            f"{k}: {got[k]}, with CPython {expected[k]}"
            for k in ("outcome", "arguments")
            if expected[k] != got[k]
        ),
        None,
    )


def define(source):
    scope = {"np": np, "Expected": Expected, "__name__": "programs"}
    exec(compile(source, "<object program>", "exec"), scope)
    return scope


def agree(program, calls=3):
    """Run it by CPython and compiled, several times: a call knows what the one before has seen."""
    from hotloop import njit

    plain, compiled = define(program.source), define(program.source)
    compiled["f"] = njit(compiled["f"])
    gc.collect()
    alive, blocks = Tracked.alive, harness.live_blocks()
    for call in range(calls):
        number = program.number + call % 2
        expected = outcome(plain["f"], plain, number)
        got = outcome(compiled["f"], compiled, number)
        fault = difference(expected, got)
        assert fault is None, f"call {call}: {fault}"
    del plain, compiled, expected, got
    gc.collect()
    assert Tracked.alive == alive, f"{Tracked.alive - alive} objects left alive"
    assert harness.live_blocks() == blocks, f"{harness.live_blocks() - blocks} native blocks left alive"
