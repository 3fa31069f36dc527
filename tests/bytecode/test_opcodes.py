"""Every opcode of the running Python is in the table, with a handler or refused with words of its own."""

import importlib
import opcode
import pathlib
import re
import types

import pytest
from hotloop._hotloop import dump_ssa, opcodes

CONSUMED = {"CACHE", "EXTENDED_ARG"}  # by the decoder, before it asks the table
FIRST_PSEUDO = 256
HANDLERS = pathlib.Path(__file__).parents[2] / "src/bytecode/handlers.def"
MODULES = (
    "argparse ast calendar decimal difflib fractions heapq inspect random statistics tokenize turtle typing "
    "numpy._core.numeric numpy.lib._function_base_impl numpy.ma.core"
).split()
BLOCK = re.compile(r"^b\d+: stack (\d+), bound(.*?)(?:, start)?\n +\d+ +(\d+) ", re.MULTILINE)


def real_opcodes():
    """Return the names that can stand in a code object as the compiler leaves it."""
    adaptive = set(getattr(opcode, "_specialized_instructions", ()))
    return {
        name
        for name, number in opcode.opmap.items()
        if number < FIRST_PSEUDO and not name.startswith("INSTRUMENTED_") and name not in adaptive
    }


def test_every_opcode_has_a_row():
    assert real_opcodes() - CONSUMED - opcodes().keys() == set()


def test_no_row_is_of_another_python():
    assert opcodes().keys() <= real_opcodes()


def test_refusals_have_words():
    handlers = set(re.findall(r"^HANDLER\((\w+),", HANDLERS.read_text(), re.MULTILINE))
    for name, meaning in opcodes().items():
        assert meaning != "refuse"
        assert meaning in handlers or len(meaning) >= 5, name


def functions(owner):
    """Yield the plain functions of a module or class."""
    for value in vars(owner).values():
        value = getattr(value, "__func__", value)
        if isinstance(value, types.FunctionType):
            yield value
        elif isinstance(value, type) and value.__module__ == getattr(owner, "__name__", None):
            yield from functions(value)


@pytest.mark.parametrize("name", MODULES)
def test_real_code_gives_well_formed_ssa(name):
    """dump_ssa verifies what it prints; here for each function from its start and from each basic block."""
    for function in functions(importlib.import_module(name)):
        assert dump_ssa(function).startswith("func ")
        blocks = BLOCK.findall(dump_ssa(function, stage="cfg"))
        for depth, bound, offset in blocks[:100]:
            dump_ssa(function, offset=int(offset), bound=bound.split(), stack=int(depth))
