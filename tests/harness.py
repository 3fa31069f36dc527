"""The oracle of the tests: a function is run by CPython and as machine code, and both must do the same.

`check(func, *args, **kw)` runs `func` twice on equal copies of the arguments, once by CPython and once
as a copy compiled with `njit(strict=True)`, and compares everything a caller can see:

- the value bit for bit (any NaN equals any NaN, -0.0 is not 0.0), its type, dtype, shape, layout and
  writeability, and whether it is one of the arguments or shares their memory, at the same place;
- or the exception's class and arguments;
- each argument's memory afterwards: the elements, the bytes between them, and guard bytes around them;
- through `hotloop._conformance_counters()`, that machine code ran and the interpreter did not.

One rule of the design is applied to CPython's result first: a float64, int64, bool or complex128 NumPy
scalar comes back as Python's float, int, bool, complex. Functions that `func` calls by a global or
closure name are compiled as well, so that the reference never runs through compiled code. Begin reading
at `check`.
"""

import ctypes
import sys
import types
import warnings

import numpy as np


class Settings:
    """Set once by conftest from the command line."""

    oracle_only = False
    semantics = "python"


settings = Settings()
UNSET = object()
PYTHON_SCALAR = {np.float64: float, np.int64: int, np.bool_: bool, np.complex128: complex}
GUARD_BYTES = 64
GUARD_FILL = 0xA5


def check(
    func,
    *args,
    ulp=0,
    rtol=0.0,
    join=False,
    layout=True,
    native=True,
    strict=True,
    expect=UNSET,
    options=None,
    **kw,
):
    """Run `func(*args, **kw)` by CPython and compiled; raise AssertionError where they differ.

    Parameters
    ----------
    ulp : int
        Allowed distance of floating-point results, in units in the last place.
    rtol : float
        Allowed distance relative to the largest element of the result, for sums whose order is free.
    join : bool
        Accept a float (complex) equal to the int (float) that CPython returns: for mixed types at a join.
    layout : bool
        Whether the order of a result's axes in memory counts.
    native : bool
        Whether the call reaches machine code; False for calls refused while their arguments are bound.
    strict : bool
        False for what need not compile: the answer must be right, by whatever way it comes.
    expect : object
        The right answer where it is not CPython's: the documented wrap of 64-bit integers.
    options : dict
        More options for the decorator.

    Returns
    -------
    object
        The compiled function's result.
    """
    reference = Run(func, args, kw)
    reference.apply_result_rule()
    if expect is not UNSET:
        if settings.oracle_only:
            return expect
        reference.value, reference.error = expect, None
    counted = counters()
    compiled = Run(compiled_copy(func, {"strict": strict, **(options or {})}), args, kw)
    if settings.oracle_only:
        compiled.apply_result_rule()
    fault = (
        outcome_fault(reference, compiled, Tolerance(ulp, rtol, join, layout))
        or memory_fault(reference, compiled, ulp, rtol)
        or lists_fault(reference, compiled)
    )
    if fault is None and native and strict and not settings.oracle_only:
        fault = route_fault(counted, counters())
    if fault:
        raise AssertionError(f"{describe_call(func, args, kw)}: {fault}")
    return compiled.value


def check_all(func, rows, **how):
    """`check(func, *row, **how)` for each row; one AssertionError tells the first failures of all rows."""
    rows = list(rows)
    faults = []
    for row in rows:
        try:
            check(func, *row, **how)
        except AssertionError as fault:
            faults.append(str(fault))
    assert rows, "no rows: this test could not fail"
    if faults:
        raise AssertionError(f"{len(faults)} of {len(rows)} rows differ\n" + "\n".join(faults[:8]))


def counters():
    """How many calls ran as machine code and how many in the interpreter."""
    if settings.oracle_only:
        return {"native": 0, "fallback": 0}
    import hotloop

    return dict(hotloop._conformance_counters())


def live_blocks():
    """How many blocks compiled code holds now; none while hotloop has not been imported."""
    core = sys.modules.get("hotloop._hotloop")
    return core.live_blocks() if core else 0


def route_fault(before, after):
    """What is wrong with the way that the call took, or None."""
    if after["fallback"] != before["fallback"]:
        return "the call ran in the interpreter"
    if after["native"] <= before["native"]:
        return "no machine code ran"
    return None


# ---- Compiled copies

_copies = {}
_module_globals = {}


def compiled_copy(func, options):
    """The compiled twin of `func`; whatever plain functions it names are twins too."""
    key = (func, tuple(sorted(options.items())))
    if key not in _copies:
        namespace = _module_globals.setdefault((id(func.__globals__), key[1]), dict(func.__globals__))
        cells = tuple(types.CellType() for _ in func.__closure__ or ())
        copy = types.FunctionType(func.__code__, namespace, func.__name__, func.__defaults__, cells)
        copy.__kwdefaults__, copy.__module__, copy.__qualname__ = (
            func.__kwdefaults__,
            func.__module__,
            func.__qualname__,
        )
        _copies[key] = decorate(copy, options)
        for cell, old in zip(cells, func.__closure__ or ()):
            cell.cell_contents = twin(old.cell_contents, options)
        for name in names_of(func.__code__) & func.__globals__.keys():
            namespace[name] = twin(func.__globals__[name], options)
    return _copies[key]


def forget():
    """Drop all compiled copies: for tests that make programs without end."""
    _copies.clear()
    _module_globals.clear()


def twin(value, options):
    """A plain function of the test's compiled; anything else, prange among it, as it is."""
    own = isinstance(value, types.FunctionType) and not value.__module__.startswith("hotloop.")
    return compiled_copy(value, options) if own else value


def decorate(func, options):
    """`func` compiled for good: strict, under the rules the session asks for."""
    if settings.oracle_only:
        return func
    import hotloop

    return hotloop.njit(**{"strict": True, "semantics": settings.semantics, **options})(func)


def names_of(code):
    """Every name that `code`, or code nested in it, looks up."""
    nested = (names_of(const) for const in code.co_consts if isinstance(const, types.CodeType))
    return set(code.co_names).union(*nested)


# ---- One run on copied arguments


class Run:
    """Calls a function on copies of the arguments and keeps all that can be seen afterwards."""

    def __init__(self, func, args, kw):
        self.memory = Memory(list(arrays_in((args, tuple(kw.values())))))
        self.args = self.memory.clone(args)
        kw = {name: self.memory.clone(value) for name, value in kw.items()}
        self.value = self.error = None
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                self.value = func(*self.args, **kw)
            except Exception as error:
                self.error = error.with_traceback(None)
                self.error.__context__ = None
        self.argument_arrays = list(arrays_in((self.args, tuple(kw.values()))))

    def apply_result_rule(self):
        """Turn 64-bit NumPy scalars, in a result or in an exception's arguments, into Python's."""
        self.value = as_returned(self.value)
        if self.error is not None:
            self.error.args = as_returned(self.error.args)

    def sharing(self):
        """For each array in the result: which argument it is, and where in the arguments' memory it lies."""
        return [self.place(array) for array in arrays_in((self.value,))]

    def same_lists(self):
        """For each list or set in arguments and result, the number of the first that is the same object."""
        lists = list(lists_in((self.args, self.value)))
        return [next(i for i, first in enumerate(lists) if first is value) for value in lists]

    def place(self, array):
        same = [i for i, argument in enumerate(self.argument_arrays) if argument is array]
        return tuple(same), self.memory.place(array)


class Memory:
    """A copy of all memory that some arrays reach: overlaps, alignment and gaps between elements are kept."""

    def __init__(self, arrays):
        self.clones = {}
        self.spans = []
        for start, stop in merge_spans([np.lib.array_utils.byte_bounds(a) for a in arrays if a.size]):
            self.spans.append((start, stop, *copy_bytes(start, stop)))
        self.covered = [np.zeros(buffer.size, bool) for _, _, buffer, _ in self.spans]

    def clone(self, value):
        """`value` with each array in it replaced by its copy."""
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            return type(value)(*map(self.clone, value))
        if isinstance(value, tuple):
            return tuple(map(self.clone, value))
        if isinstance(value, list):
            if id(value) not in self.clones:
                self.clones[id(value)] = []
                self.clones[id(value)].extend(map(self.clone, value))
            return self.clones[id(value)]
        if isinstance(value, set) and id(value) not in self.clones:
            self.clones[id(value)] = value.copy()
        if isinstance(value, set):
            return self.clones[id(value)]
        if not isinstance(value, np.ndarray):
            return value
        if id(value) not in self.clones:
            self.clones[id(value)] = self.clone_array(value)
        return self.clones[id(value)]

    def clone_array(self, array):
        if not array.size:
            copy = np.ndarray(array.shape, array.dtype, np.zeros(64, np.uint8), 0, array.strides)
        else:
            index, offset = self.find(array.ctypes.data)
            copy = np.ndarray(array.shape, array.dtype, self.spans[index][2], offset, array.strides)
            marks = np.ndarray(array.shape, f"V{array.itemsize}", self.covered[index], offset, array.strides)
            marks[...] = np.void(b"\1" * array.itemsize)
        copy.flags.writeable = array.flags.writeable
        return copy

    def find(self, address):
        """(span, offset in its buffer) of an address in the original memory."""
        for index, (start, stop, _, origin) in enumerate(self.spans):
            if start <= address < stop:
                return index, address - start + origin
        raise LookupError(address)

    def place(self, array):
        """(span, offset) of an array in the copied memory, or None where it lies elsewhere."""
        for index, (_, _, buffer, origin) in enumerate(self.spans):
            offset = array.ctypes.data - buffer.ctypes.data
            if array.size and 0 <= offset < buffer.size:
                return index, offset - origin
        return None


def merge_spans(spans):
    """Overlapping address ranges as one."""
    merged = []
    for start, stop in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(stop, merged[-1][1])
        else:
            merged.append((start, stop))
    return merged


def copy_bytes(start, stop):
    """A guarded buffer, and where in it the copy begins: at the same place in a cache line."""
    nbytes = stop - start
    buffer = np.full(nbytes + 2 * GUARD_BYTES + 64, GUARD_FILL, np.uint8)
    origin = GUARD_BYTES + (start - GUARD_BYTES - buffer.ctypes.data) % 64
    buffer[origin : origin + nbytes] = np.frombuffer((ctypes.c_uint8 * nbytes).from_address(start), np.uint8)
    return buffer, origin


def arrays_in(value):
    """Every array in nested tuples and lists."""
    if isinstance(value, (tuple, list)):
        for item in value:
            yield from arrays_in(item)
    elif isinstance(value, np.ndarray):
        yield value


# ---- Comparison


class Tolerance:
    """How far a result may lie from the reference."""

    def __init__(self, ulp=0, rtol=0.0, join=False, layout=True):
        self.ulp, self.rtol, self.join, self.layout = ulp, rtol, join, layout


def outcome_fault(reference, compiled, tolerance):
    """How the compiled outcome differs from the reference, in words, or None."""
    if (reference.error is None) != (compiled.error is None) or reference.error is not None:
        return error_fault(reference, compiled)
    fault = value_fault(reference.value, compiled.value, tolerance)
    if fault is None and reference.sharing() != compiled.sharing():
        return f"result shares memory {compiled.sharing()}, with CPython {reference.sharing()}"
    return fault


def error_fault(reference, compiled):
    expected, got = describe_outcome(reference), describe_outcome(compiled)
    if reference.error is None or compiled.error is None:
        return f"compiled {got}, CPython {expected}"
    same = type(reference.error) is type(compiled.error) and repr(reference.error.args) == repr(
        compiled.error.args
    )
    return None if same else f"compiled {got}, CPython {expected}"


def describe_outcome(run):
    return f"returned {run.value!r}" if run.error is None else f"raised {run.error!r}"


def as_returned(value):
    """CPython's result as the design lets it come back: 64-bit NumPy scalars as Python's."""
    if type(value) is tuple:
        return tuple(map(as_returned, value))
    if type(value) is list:
        value[:] = map(as_returned, value)
        return value
    convert = PYTHON_SCALAR.get(type(value))
    return convert(value) if convert else value


def value_fault(expected, got, tolerance):
    """How two results differ, or None."""
    if tolerance.join and type(expected) is not type(got):
        expected = promote(expected, got)
    if type(expected) is not type(got):
        return f"compiled {got!r} ({type(got).__name__}), CPython {expected!r} ({type(expected).__name__})"
    if type(expected) in (tuple, list):
        return tuple_fault(expected, got, tolerance)
    if type(expected) is set:  # in the order in which its keys are visited
        return tuple_fault(as_returned(list(expected)), list(got), tolerance)
    if isinstance(expected, np.ndarray):
        return array_fault(expected, got, tolerance)
    if isinstance(expected, (float, complex, np.generic)):
        same = same_numbers(np.asarray(expected), np.asarray(got), tolerance)
    else:
        same = expected is got or expected == got
    return None if same else f"compiled {got!r}, CPython {expected!r}"


def promote(expected, got):
    """`expected` in the wider type that a join gives it."""
    ladder = [bool, int, float, complex]
    if type(expected) in ladder and type(got) in ladder[ladder.index(type(expected)) :]:
        return type(got)(expected)
    return expected


def tuple_fault(expected, got, tolerance):
    if len(expected) != len(got):
        return f"compiled {got!r}, CPython {expected!r}"
    faults = (value_fault(x, y, tolerance) for x, y in zip(expected, got))
    return next((f"{fault}, in {got!r}" for fault in faults if fault), None)


def array_fault(expected, got, tolerance):
    for what in ("dtype", "shape"):
        if getattr(expected, what) != getattr(got, what):
            return f"{what} compiled {getattr(got, what)}, CPython {getattr(expected, what)}"
    layout = ("c_contiguous", "f_contiguous") if tolerance.layout else ()
    for flag in (*layout, "writeable", "aligned"):
        if getattr(expected.flags, flag) != getattr(got.flags, flag):
            return f"{flag} compiled {getattr(got.flags, flag)}, CPython {getattr(expected.flags, flag)}"
    if same_numbers(expected, got, tolerance):
        return None
    return f"compiled\n{got!r}\nCPython\n{expected!r}"


def same_numbers(expected, got, tolerance):
    """Whether two arrays of one dtype agree, bit for bit or within the tolerance."""
    if expected.dtype.kind == "c":
        expected, got = parts(expected), parts(got)
    if expected.dtype.kind != "f":
        return bool(np.array_equal(expected, got))
    with np.errstate(all="ignore"):
        same = (expected == got) & (np.signbit(expected) == np.signbit(got)) | np.isnan(expected) & np.isnan(
            got
        )
        if tolerance.ulp or tolerance.rtol:
            same |= np.abs(expected - got) <= allowance(expected, tolerance)
    return bool(np.all(same))


def parts(array):
    """Real and imaginary parts as one real array, the last axis telling them apart."""
    array = np.ascontiguousarray(array)
    return array.reshape(-1).view(array.real.dtype).reshape(-1, 2)


def allowance(expected, tolerance):
    """How far each element may lie off; a complex number's parts are measured by the larger one."""
    size = np.abs(np.where(np.isfinite(expected), expected, 0))
    if expected.ndim and expected.shape[-1] == 2:
        size = np.broadcast_to(size.max(axis=-1, keepdims=True), size.shape)
    largest = size.max() if size.size else 0.0
    return np.maximum(tolerance.ulp * np.spacing(size), tolerance.rtol * largest)


def memory_fault(reference, compiled, ulp, rtol):
    """How the arguments differ after the calls, or None: elements by value, all other bytes exactly."""
    tolerance = Tolerance(ulp, rtol)
    for i, (expected, got) in enumerate(zip(reference.argument_arrays, compiled.argument_arrays)):
        if not same_numbers(expected, got, tolerance):
            return f"argument array {i} afterwards: compiled\n{got!r}\nCPython\n{expected!r}"
    for a, b, covered in zip(reference.memory.spans, compiled.memory.spans, reference.memory.covered):
        if not np.array_equal(within(a, ~covered), within(b, ~shifted(covered, a, b))):
            return "bytes that belong to no array were written"
    return None


def lists_fault(reference, compiled):
    """How lists among the arguments differ after the calls, or which of them are one object, or None."""
    if not any(lists_in(reference.args)):
        return None
    fault = value_fault(reference.args, compiled.args, Tolerance())
    if fault:
        return f"arguments afterwards: {fault}"
    expected, got = reference.same_lists(), compiled.same_lists()
    return None if expected == got else f"lists are objects {got}, with CPython {expected}"


def lists_in(value):
    """Every list and set in nested tuples and lists, outer ones first."""
    if isinstance(value, (list, set)):
        yield value
    if isinstance(value, (tuple, list)):
        for item in value:
            yield from lists_in(item)


def within(span, mask):
    """The bytes of a span and its guards that the mask selects."""
    start, stop, buffer, origin = span
    window = slice(origin - GUARD_BYTES, origin + stop - start + GUARD_BYTES)
    return buffer[window][mask[window]]


def shifted(covered, old, new):
    """A mask made for one buffer, moved to where the copy begins in another."""
    return np.roll(covered, new[3] - old[3])


def describe_call(func, args, kw):
    parts_ = [short(a) for a in args] + [f"{name}={short(value)}" for name, value in kw.items()]
    return f"{func.__name__} (line {func.__code__.co_firstlineno})({', '.join(parts_)})"


def short(value):
    """A value in at most one short line."""
    if isinstance(value, np.ndarray) and value.size > 8:
        return f"<array {value.dtype} {value.shape} strides {value.strides}>"
    return " ".join(repr(value).split())
