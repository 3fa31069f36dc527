"""Runs the text of untyped SSA in Python, so that its answer can be compared with the interpreter's.

Iterators are functional as in the SSA: a state is a list of values and a position in it.
"""

import importlib
import operator
import re
from typing import NamedTuple

UNDEF = object()
OPERATORS = {"and": "and_", "or": "or_", "is": "is_", "not": "not_"}
LOCATION = re.compile(r" !\d+:\d+-\d+:\d+$")
VALUE = re.compile(r"(?:%(\d+) = )?(\S+) ?(.*)$")


class State(NamedTuple):
    """An iterator: what it still gives."""

    values: list
    position: int = 0


class Step(NamedTuple):
    """One instruction: its result's number or None, its operation, and the rest as text."""

    result: int | None
    name: str
    rest: str


def parse(text):
    """Return the blocks of one function: name -> (predecessors, instructions)."""
    blocks, block = {}, None
    for line in text.splitlines():
        line = LOCATION.sub("", line)
        if head := re.match(r"(b\d+)(?: <- (.*))?:$", line):
            block = []
            blocks[head[1]] = (head[2].split(", ") if head[2] else [], block)
        elif block is not None and line.startswith("  "):
            result, name, rest = VALUE.match(line.strip()).groups()
            block.append(Step(result and int(result), name, rest))
    return blocks


def numbers(text):
    """Return the numbers of the operands."""
    return [int(number) for number in re.findall(r"%(\d+)", text)]


def constant(text, function):
    """Return the Python value of a py.const."""
    value, _, kind = text.partition(": ")
    if kind in ("float", "complex"):
        return float(value) if kind == "float" else complex(*map(float, value.split(",")))
    if kind in ("none", "ellipsis"):
        return {"none": None, "ellipsis": ...}[kind]
    if kind.startswith(("lit<", "str<")):
        return eval(kind[4:-1])
    return named(kind.removeprefix('const<"').removesuffix('">'), function)


def named(name, function):
    """Return the object with a canonical name."""
    head, _, tail = name.partition(":")
    if head == "module":
        return importlib.import_module(tail)
    if head in ("function", "class"):
        return function.__globals__[tail]
    module, _, attribute = name.rpartition(".")
    return getattr(importlib.import_module(module), attribute)


class Machine:
    """Runs one function given as SSA text."""

    def __init__(self, text, function):
        self.blocks, self.function = parse(text), function

    def run(self, params, limit=200_000):
        """Return what the function returns for these parameters."""
        self.params, self.values = params, {}
        previous, current = None, "b1"
        for _ in range(limit):
            previous, current = current, self.run_block(current, previous)
            if current is None:
                return self.answer
        raise RuntimeError("runs too long")

    def run_block(self, name, previous):
        preds, steps = self.blocks[name]
        nphis = sum(step.name == "phi" for step in steps)
        incoming = [self.values[numbers(step.rest)[preds.index(previous)]] for step in steps[:nphis]]
        for step, value in zip(steps, incoming):
            self.values[step.result] = value
        for step in steps[nphis:]:
            if step.name == "jump":
                return step.rest
            if step.name == "branch":
                cond, yes, no = step.rest.split(", ")
                return yes if self.operands(cond)[0] else no
            if step.name == "py.return":
                self.answer = self.operands(step.rest)[0]
                return None
            value = self.evaluate(step)
            if step.result is not None:
                self.values[step.result] = value
        raise AssertionError("no terminator")

    def operands(self, text):
        return [self.values[number] for number in numbers(text)]

    def evaluate(self, step):
        handler = getattr(self, step.name.replace(".", "_"), None)
        assert handler, f"{step.name} {step.rest}"
        return handler(step.rest, *self.operands(step.rest))

    def param(self, rest):
        return self.params[int(rest)]

    def py_const(self, rest):
        return constant(rest, self.function)

    def py_undef(self, rest):
        return UNDEF

    def py_binary(self, rest, x, y):
        word = rest.split()[0]
        return getattr(operator, OPERATORS.get(word, word))(x, y)

    def py_inplace(self, rest, x, y):
        return getattr(operator, "i" + rest.split()[0])(x, y)

    def py_unary(self, rest, x):
        word = rest.split()[0]
        return getattr(operator, OPERATORS.get(word, word))(x)

    def py_compare(self, rest, x, y):
        return getattr(operator, rest.split()[0])(x, y)

    def py_is(self, rest, x, y):
        return (x is y) != (rest[0] == "1")

    def py_contains(self, rest, needle, container):
        return (needle in container) != (rest[0] == "1")

    def py_truth(self, rest, x):
        return bool(x)

    def py_getattr(self, rest, x):
        return getattr(x, rest.split()[0])

    def py_setattr(self, rest, x, value):
        setattr(x, rest.split()[0], value)

    def py_getitem(self, rest, x, index):
        return x[index]

    def py_setitem(self, rest, x, index, value):
        x[index] = value

    def py_slice(self, rest, *parts):
        return slice(*parts)

    def py_tuple(self, rest, *items):
        return items

    def py_tuple_extend(self, rest, x, y):
        return (*x, *y)

    def py_unpack(self, rest, x):
        values, wanted = tuple(x), int(rest.split()[0])
        if len(values) != wanted:
            raise ValueError("unpack")
        return values

    def py_item(self, rest, x):
        return x[int(rest.split()[0])]

    def py_call(self, rest, function, *args):
        keywords = re.findall(r"(\w+)=%", rest)
        npos = len(args) - len(keywords)
        return function(*args[:npos], **dict(zip(keywords, args[npos:])))

    def py_call_star(self, rest, function, args):
        return function(*args)

    def py_iter(self, rest, x):
        return State(list(x))

    def py_iter_more(self, rest, state):
        return state.position < len(state.values)

    def py_iter_value(self, rest, state):
        return state.values[state.position]

    def py_iter_step(self, rest, state):
        return State(state.values, state.position + 1)

    def py_check_bound(self, rest, flag):
        if not flag:
            raise UnboundLocalError(rest)

    def py_raise(self, rest, exception):
        raise exception

    def py_unsupported(self, rest):
        raise AssertionError(f"refused: {rest}")
