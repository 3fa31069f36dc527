"""The oracle entered in the middle: at each line start of a call, hotloop runs the rest instead of CPython.

`check(func, *args, **kw)` takes the place of `harness.check`. CPython runs the function under a trace
function; at one line start after the other (a fresh run on fresh copies for each) the frame CPython has
there, live iterators on the operand stack included, is handed to `_hotloop.run_from`, CPython's run is
abandoned, and what hotloop's run gives is compared with CPython's own: the value, the exception, and all
memory the arguments reach.
"""

import itertools
import sys

import harness

ENTRIES_OF_A_LINE = 2  # line starts come again in loops: the first ones and the last one are entered
CALLS_OF_A_FUNCTION = 3

entered = {"calls": 0}


class Abandoned(Exception):
    """Ends CPython's run once hotloop has run the rest."""


class Everywhere:
    """Runs a function by CPython and notes its line starts: (offset, how often it was there before)."""

    def __init__(self, func):
        self.func, self.starts, self.seen = func, [], {}

    def __call__(self, *args, **kw):
        return traced(self.func, self.note, args, kw)

    def note(self, frame):
        count = self.seen[frame.f_lasti] = self.seen.get(frame.f_lasti, 0) + 1
        self.starts.append((frame.f_lasti, count))

    def chosen(self):
        return [
            (offset, count)
            for offset, count in self.starts
            if count <= ENTRIES_OF_A_LINE or count == self.seen[offset]
        ]


class From:
    """Runs a function by CPython up to one of its line starts, and the rest by hotloop."""

    def __init__(self, func, compiled, start):
        self.func, self.compiled, self.start = func, compiled, start
        self.count, self.outcome = 0, None

    def __call__(self, *args, **kw):
        try:
            traced(self.func, self.enter, args, kw)
        except Abandoned:
            value, error = self.outcome
            self.outcome = None
            if error is not None:
                raise error from None
            return value
        raise AssertionError("the line start was not reached again")

    def enter(self, frame):
        self.count += frame.f_lasti == self.start[0]
        if (frame.f_lasti, self.count) != self.start:
            return
        free = frame.f_code.co_freevars
        names = {name: value for name, value in frame.f_locals.items() if name not in free}
        self.outcome = self.run(frame.f_lasti, names, frame)
        raise Abandoned

    def run(self, offset, names, frame):
        from hotloop import _hotloop

        try:
            stack = _hotloop.frame_stack(frame)
            entered["calls"] += 1
            return _hotloop.run_from(self.compiled, offset, names, stack), None
        except Exception as error:
            return None, error


def traced(func, at_line, args, kw):
    """Call a function; `at_line(frame)` at each line start of its outermost frame."""
    frames = []

    def local_trace(frame, event, _arg):
        if event == "line":
            at_line(frame)
        return local_trace

    def trace(frame, _event, _arg):
        if frame.f_code is not func.__code__ or frames:
            return None
        frames.append(True)
        return local_trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        return func(*args, **kw)
    finally:
        sys.settrace(before)


calls_of = {}


def check(
    func, *args, ulp=0, rtol=0.0, join=False, native=True, strict=True, options=None, expect=None, **kw
):
    """As `harness.check`, for each chosen line start; what need not compile, or wraps, is left out."""
    calls_of[func.__code__] = calls_of.get(func.__code__, 0) + 1
    if not (strict and native and expect is None) or calls_of[func.__code__] > CALLS_OF_A_FUNCTION:
        return harness.Run(func, args, kw).value
    everywhere = Everywhere(func)
    reference = harness.Run(everywhere, args, kw)
    reference.apply_result_rule()
    for start in everywhere.chosen():
        rest = harness.Run(From(func, harness.compiled_copy(func, options or {}), start), args, kw)
        tolerance = harness.Tolerance(ulp, rtol, join)
        fault = harness.outcome_fault(reference, rest, tolerance)
        fault = fault or harness.memory_fault(reference, rest, ulp, rtol)
        assert fault is None, f"{harness.describe_call(func, args, kw)} from offset {start}: {fault}"
    return reference.value


def check_all(func, rows, **how):
    """As `harness.check_all`."""
    for row in itertools.islice(rows, CALLS_OF_A_FUNCTION):
        check(func, *row, **how)
