"""The SSA of a function, run by a small machine in Python, answers as CPython: called, and entered inside.

For the second, a trace function copies CPython's frame at the start of each line: the bound locals and the
operand stack, live iterators included. SSA built from that offset and run on that state must end as the whole
call ended.
"""

import copy
import ctypes
import re
import sys

import pytest
import ssa_machine
import subjects
from hotloop._hotloop import dump_ssa

CALLS = [
    pytest.param(function, args, id=f"{function.__name__}-{number}")
    for function, calls in subjects.CALLS
    for number, args in enumerate(calls)
]


def answer(run, *args):
    """Return the result, or the class of the exception."""
    try:
        return run(*args)
    except AssertionError as error:
        if str(error).startswith("refused"):
            raise
        return type(error), error.args
    except Exception as error:
        return type(error)


def parameters(function, args):
    """Return the arguments in the order of the parameters of the SSA: *args behind the positional ones."""
    code = function.__code__
    names, defaults = code.co_varnames, function.__defaults__ or ()
    npos = code.co_argcount
    given = list(args[:npos])
    given += defaults[len(defaults) - (npos - len(given)) :] if len(given) < npos else ()
    if code.co_flags & 4:
        given.append(tuple(args[npos:]))
    return given + [function.__kwdefaults__[name] for name in names[npos : npos + code.co_kwonlyargcount]]


@pytest.mark.parametrize(("function", "args"), CALLS)
def test_call(function, args):
    expected = answer(function, *copy.deepcopy(args))
    machine = ssa_machine.Machine(dump_ssa(function), function)
    found = answer(machine.run, parameters(function, copy.deepcopy(args)))
    assert found == expected
    assert repr(found) == repr(expected)  # types and the sign of zero


def depths_of(function):
    """Return {offset: stack depth} of the instructions that the start reaches."""
    lines = re.findall(r"^ +(\d+)  +(\d+)  [A-Z]", dump_ssa(function, stage="cfg"), flags=re.MULTILINE)
    return {int(offset): int(depth) for depth, offset in reversed(lines)}  # the first of a pair counts


F_FRAME, LOCALS_PLUS = (
    24,
    72,
)  # bytes: of the inner frame in a frame object, of its slots; the same from 3.11 to 3.13


def operand_stack(frame, depth):
    """Return the objects on the operand stack of a running frame, from the bottom."""
    code = frame.f_code
    nlocals = len({*code.co_varnames, *code.co_cellvars}) + len(code.co_freevars)
    slots = ctypes.c_void_p.from_address(id(frame) + F_FRAME).value + LOCALS_PLUS + 8 * nlocals
    return [ctypes.py_object.from_address(slots + 8 * index).value for index in range(depth)]


def snapshots(function, args):
    """Call the function; return (offset, locals, stack) at each line event of it, and the answer."""
    taken, wanted = [], function.__code__
    depths = depths_of(function)

    def local_trace(frame, event, _arg):
        if event == "line" and frame.f_lasti in depths:
            depth = depths[frame.f_lasti]
            stack = operand_stack(frame, depth)
            free = wanted.co_freevars
            bound = {name: value for name, value in frame.f_locals.items() if name not in free}
            taken.append((frame.f_lasti, *copy.deepcopy((bound, stack))))
        return local_trace

    def trace(frame, _event, _arg):
        return local_trace if frame.f_code is wanted else None

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        found = answer(function, *args)
    finally:
        sys.settrace(before)
    return taken, found


def enter(function, offset, bound, stack):
    """Run the function from an offset with this frame."""
    code = function.__code__
    order = [*code.co_varnames, *(name for name in code.co_cellvars if name not in code.co_varnames)]
    names = [name for name in order if name in bound]
    text = dump_ssa(function, offset=offset, bound=names, stack=len(stack))
    states = [ssa_machine.State(list(item)) if hasattr(item, "__next__") else item for item in stack]
    return answer(ssa_machine.Machine(text, function).run, [bound[name] for name in names] + states)


@pytest.mark.parametrize(("function", "args"), CALLS)
def test_entry_at_line_starts(function, args):
    taken, expected = snapshots(function, copy.deepcopy(args))
    assert taken
    for offset, bound, stack in taken[:60]:
        assert enter(function, offset, bound, stack) == expected, f"from offset {offset} with {bound}"


def test_entry_meets_live_iterators():
    taken, _ = snapshots(subjects.three_iterators, ([1, 2], [3]))
    assert max(len(stack) for _, _, stack in taken) == 3


def test_entry_where_nothing_starts():
    with pytest.raises(ValueError, match="no such place"):
        dump_ssa(subjects.straight, offset=100_000)
    with pytest.raises(ValueError, match="no such place"):
        dump_ssa(subjects.straight, offset=0, bound=["a"], stack=100)
