"""Entry at any offset: each function compiled from every line start, with the frame CPython has there.

The function runs under a trace function. At each line event the locals and the operand stack (live
iterators of loops among them) are copied, and the rest of the function is compiled from that offset and
run on the copy: its result is that of the whole call.
"""

import copy
import sys

import numpy as np
import pytest

from hotloop import _hotloop, errors

# What comes out of compiled code as Python's scalar.
PYTHON_SCALAR = {np.float64: float, np.int64: int, np.bool_: bool, np.complex128: complex}


def copy_value(value, arrays):
    """A copy of a local or stack value; an array that stands in several places stays one."""
    if isinstance(value, np.ndarray):
        key = id(value)
        arrays.setdefault(key, (value, value.copy(order="K")))
        return arrays[key][1]
    if isinstance(value, tuple):
        return tuple(copy_value(item, arrays) for item in value)
    if hasattr(value, "__next__"):
        return copy_iterator(value, arrays)
    return value


def copy_iterator(iterator, arrays):
    make, args, *state = iterator.__reduce__()
    args = tuple(copy_value(arg, arrays) for arg in args)
    fresh = make(*args)
    if state and state[0] is not None and hasattr(fresh, "__setstate__"):
        fresh.__setstate__(state[0])
    return fresh


def frames_of(function, args):
    """Run the function; return its result and (offset, line, locals, stack) of each line event."""
    frames = []

    def trace(frame, event, arg):
        if frame.f_code is function.__code__ and event == "line":
            arrays = {}
            names = {name: copy_value(value, arrays) for name, value in frame.f_locals.items()}
            stack = [copy_value(value, arrays) for value in _hotloop.frame_stack(frame)]
            frames.append((frame.f_lasti, frame.f_lineno, names, stack))
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        result = function(*copy.deepcopy(args))
    finally:
        sys.settrace(before)
    return result, frames


def same(a, b):
    if isinstance(a, tuple):
        return type(b) is tuple and len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, np.ndarray):
        return type(b) is np.ndarray and a.dtype == b.dtype and np.array_equal(a, b, equal_nan=True)
    a = PYTHON_SCALAR.get(type(a), lambda x: x)(a)
    return type(a) is type(b) and a == b


def count_down(n):
    total = 0
    while n > 0:
        total += n
        n -= 1
    return total


def sum_range(n):
    total = 0
    for i in range(3, n, 2):
        if i % 5 == 0:
            continue
        total += i * i
    return total


def nested(n):
    total = 0.5
    for i in range(n):
        for j in range(i, -1, -1):
            total = total * 0.75 + j
        total -= i
    return total


def over_array(a):
    best = a[0]
    for x in a:
        if x > best:
            best = x
    return best


def over_tuple(a, b):
    total = 0
    for x in (a, b, a):
        total = total * 2 + x
    return total


def numbered(a):
    total = 0.0
    for i, x in enumerate(a):
        total += i * x
    return total


def pairs(a, b):
    total = 0.0
    for x, y in zip(a, b):
        total += x * y
    return total


def writes(a):
    n = a.shape[0]
    for i in range(1, n):
        a[i] = a[i - 1] + a[i]
    return a


def several_results(n):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    is_even = a % 2 == 0
    return a, b / 2, is_even


def broken_loop(n):
    for i in range(n):
        if i * i > n:
            break
    else:
        return -1
    return i


def long_expression(a, i):
    value = max(
        a[i],
        a[i + 1],
        min(
            a[0],
            2.5,
        ),
    )
    return value


ARRAY = np.array([2.5, -1.0, 4.0, 0.25, 3.0])
CASES = [
    (count_down, (5,)),
    (sum_range, (20,)),
    (nested, (5,)),
    (over_array, (ARRAY,)),
    (over_array, (np.arange(5)[::-1],)),
    (over_tuple, (3, 4)),
    (numbered, (ARRAY,)),
    (pairs, (ARRAY, ARRAY[::-1])),
    (writes, (ARRAY,)),
    (several_results, (10,)),
    (broken_loop, (30,)),
    (broken_loop, (1,)),
    (long_expression, (ARRAY, 1)),
]


@pytest.mark.parametrize("function,args", CASES, ids=lambda x: getattr(x, "__name__", ""))
def test_every_line(function, args):
    expected, frames = frames_of(function, args)
    assert frames
    for offset, line, names, stack in frames:
        got = _hotloop.run_from(function, offset, names, stack)
        assert same(expected, got), (
            f"from line {line}, offset {offset}, {names} {stack}: {got!r}, not {expected!r}"
        )


def factorial(n):
    result = 1
    if n > 1:
        result = n * factorial(n - 1)
    return result


def test_recursive_calls_begin_at_the_beginning():
    expected, frames = frames_of(factorial, (5,))
    outermost = [frame for frame in frames if frame[2]["n"] == 5]
    assert len(outermost) == 4
    for offset, line, names, stack in outermost:
        assert _hotloop.run_from(factorial, offset, names, stack) == expected, line


def test_an_error_has_the_line():
    _, frames = frames_of(over_array, (ARRAY,))
    offset, line, _, _ = frames[0]
    with pytest.raises(IndexError, match="index 0 is out of bounds for axis 0 with size 0") as caught:
        _hotloop.run_from(over_array, offset, {"a": np.zeros(0)}, [])
    assert (caught.traceback[-1].name, caught.traceback[-1].lineno + 1) == ("over_array", line)


def test_values_without_a_compiled_form_are_refused():
    with pytest.raises(errors.TypingError, match="`>` is not defined for a dict"):
        _hotloop.run_from(count_down, 0, {"n": {}}, [])
    with pytest.raises(TypeError, match="a int has no compiled form"):
        _hotloop.run_from(count_down, 0, {"n": 2**70}, [])


def test_null_marks_an_empty_place():
    seen = []

    def trace(frame, event, arg):
        if event == "line" and frame.f_code is long_expression.__code__:
            seen.append(_hotloop.frame_stack(frame))
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        long_expression(ARRAY, 1)
    finally:
        sys.settrace(before)
    assert any(item is _hotloop.NULL for stack in seen for item in stack)


def test_frame_stack_takes_frames():
    with pytest.raises(TypeError, match="takes a frame"):
        _hotloop.frame_stack(3)
