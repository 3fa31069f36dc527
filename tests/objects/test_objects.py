"""Functions that use Python's objects: the interpreter's answers, exceptions and effects.

The oracle is the same function run by CPython. Calls are made several times: the first leaves the function
where native code needs to know what an object is, the later ones run code that knows.
"""

import gc
import logging
import sys
import traceback
import warnings

import numpy as np
import pytest

import hotloop
from hotloop import njit

pytestmark = pytest.mark.filterwarnings("ignore::hotloop.core.errors.HotloopPerformanceWarning")


class Counted:
    """Counts what is done to it."""

    def __init__(self, value=3.0):
        self.log = []
        self.value = value

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        self.log.append(f"get {name}")
        return 7

    def __call__(self, *args, **kw):
        self.log.append(f"call {len(args)} {sorted(kw)}")
        return self.value

    def __getitem__(self, key):
        self.log.append(f"item {key}")
        return self.value

    def __setitem__(self, key, value):
        self.log.append(f"set {key} {value}")

    def __add__(self, other):
        self.log.append(f"add {other}")
        return self.value + other

    def __radd__(self, other):
        self.log.append(f"radd {other}")
        return other + self.value

    def __lt__(self, other):
        self.log.append(f"lt {other}")
        return True

    def __bool__(self):
        self.log.append("bool")
        return True

    def __len__(self):
        self.log.append("len")
        return 2

    def __contains__(self, value):
        self.log.append(f"in {value}")
        return False

    def __iter__(self):
        self.log.append("iter")
        for i in range(3):
            self.log.append(f"next {i}")
            yield i


def outcome(function, make):
    """What a call gives and does: result or exception, then what was done to each argument."""
    args = make()
    try:
        result = function(*args)
        seen = ("returns", type(result), repr(result))
    except Exception as error:
        seen = ("raises", type(error), str(error))
    return seen, [a.log if isinstance(a, Counted) else repr(a) for a in args]


def agrees(function, make, times=3):
    """Compare with CPython, call by call; return the compiled function."""
    compiled = njit(function)
    for _ in range(times):
        assert outcome(compiled, make) == outcome(function, make)
    return compiled


def attribute(x):
    return x.one


def call(x):
    return x(1, 2.5, k=3)


def arithmetic(x):
    return (x + 1) + (2 + x)


def subscripts(x):
    x[1] = 2
    return x[3] + x[0, 1]


def truths(x):
    if x:
        n = 1
    else:
        n = 0
    if 4 in x:
        n += 10
    if x < 5:
        n += 100
    return n, len(x), x is None, x is x, not x


def loop(x):
    total = 0
    for v in x:
        total += v * v
    return total


def unpack(x):
    a, b, c = x
    return a + b + c


def loop_with_native_inside(x):
    total = 0.0
    for v in x:
        for i in range(v):
            total += i * 0.5 + x[i]
    return total


def branches(x, n):
    r = x(n) if n > 2 else 5
    if n % 2:
        r = r + x[0]
    return r


ONE = [attribute, call, arithmetic, subscripts, truths, loop, unpack, loop_with_native_inside]


@pytest.mark.parametrize("function", ONE, ids=lambda f: f.__name__)
def test_each_operation_runs_exactly_once(function):
    agrees(function, lambda: (Counted(),))


@pytest.mark.parametrize("n", range(5))
def test_branches(n):
    agrees(branches, lambda: (Counted(), n))


def accumulate(x, n):
    s = 0
    for i in range(n):
        s = s + x(i)
    return s


@pytest.mark.parametrize("value", [1, 2.5, True, 1j, np.float32(1.5), "text", None, [1], 2**70])
def test_what_a_call_gives_may_be_anything(value):
    agrees(accumulate, lambda: (Counted(value), 3))


def test_types_change_from_round_to_round():
    """More types at one place than are told apart."""
    values = [1, 2.5, np.float32(1), 1j, 3, np.int8(1), True, 4.5, np.uint8(2)]

    class Source:
        def __init__(self):
            self.left = list(values)

        def __call__(self, i):
            return self.left[i % len(values)]

    def f(source, n):
        total = 0
        for i in range(n):
            total = total + source(i)
        return total

    compiled = njit(f)
    for _ in range(4):
        assert compiled(Source(), 30) == f(Source(), 30)


def kinds(look, a, n):
    x = 0.5
    for k in range(a.size):
        x = x + a[k]
    look(x, x * 2, -x, abs(x), x < 1, x**2, (x, n))
    y = True
    if n > 1:
        y = 3
    look(y, y + 1, y & 1, y / 2, n if n > 1 else 2.5, min(n, 1.5), max(y, x))
    z = 1j if n > 1 else 2
    look(z, z * 2, [z])
    look(a[0] if n > 1 else np.float32(1.5))
    for k in range(n):
        look(x)
        x = x + a[k]


@pytest.mark.parametrize("n", [0, 1, 2])
@pytest.mark.parametrize("array", [np.ones(0), np.ones(3), np.ones(2, np.float32), np.arange(3)])
def test_objects_see_what_kind_a_number_is(n, array):
    """Numbers of two types meet in one in machine code; Python's code sees what each is."""

    def run(function):
        seen = []

        def note(value):
            if isinstance(value, (tuple, list)):
                return [*map(note, value)]
            return type(value), value

        try:
            function(lambda *values: seen.append([*map(note, values)]), array, n)
        except IndexError:
            seen.append("IndexError")
        return seen

    compiled = njit(kinds)
    for _ in range(2):
        assert run(compiled) == run(kinds)


@pytest.mark.parametrize("source", ["array", "range", "enumerate", "zip"])
def test_a_loop_goes_on_over_objects(source):
    """The iterator that a frame was left with becomes Python's where the next loop has another."""

    def f(o, kinds):
        seen = []
        try:
            for k in range(4):
                for y in o.next(k):
                    with o:
                        y, z = o.pair(y)
                    seen.append((y, z))
        finally:
            seen.append(len(seen))
        return seen

    made = {
        "array": lambda k: np.arange(3) * (1.5 if k % 2 else 2),
        "range": lambda k: range(k + 2) if k % 2 else np.arange(2),
        "enumerate": lambda k: enumerate(np.arange(3) * (0.5 if k % 2 else 1)),
        "zip": lambda k: zip(np.arange(3), range(2)) if k % 2 else np.ones(2),
    }[source]

    class Source:
        def next(self, k):
            return made(k)

        def pair(self, value):
            return str(value), value

        def __enter__(self):
            return self

        def __exit__(self, *error):
            return False

    compiled = njit(f)
    for _ in range(3):
        assert repr(compiled(Source(), 0)) == repr(f(Source(), 0))


def test_abs_of_a_tuple_is_an_error():
    for value in ((1, 2.0), [1, 2]):
        with pytest.raises(TypeError, match="bad operand type"):
            njit(lambda v: abs(v))(value)


def test_exceptions_come_as_they_were_raised():
    class Broken:
        def method(self, n):
            raise ValueError("as it was", n)

    @njit
    def f(x, n):
        total = 0
        for i in range(n):
            total += i
        return x.method(total)

    for _ in range(3):
        with pytest.raises(ValueError, match="as it was") as caught:
            f(Broken(), 4)
        assert caught.value.args == ("as it was", 6)
        names = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
        assert names[-2:] == ["f", "method"]


def test_an_exception_object_is_raised():
    @njit
    def f(errors, n):
        if n > 1:
            raise errors[n]
        return n

    errors = {2: KeyError("two"), 3: ZeroDivisionError}
    assert f(errors, 1) == 1
    with pytest.raises(KeyError, match="two"):
        f(errors, 2)
    with pytest.raises(ZeroDivisionError):
        f(errors, 3)


def test_references_are_given_back():
    class Thing:
        pass

    @njit
    def f(make, n):
        kept = make()
        for i in range(n):
            other = make()
            if i % 2:
                kept = other
        if n > 5:
            raise ValueError("enough")
        return kept

    def alive():
        gc.collect()
        return sum(isinstance(o, Thing) for o in gc.get_objects())

    for n in (0, 1, 4, 3):
        f(Thing, n)
    with pytest.raises(ValueError):
        f(Thing, 6)
    assert alive() == 0
    marker = object()
    before = sys.getrefcount(marker)
    for _ in range(20):
        f(lambda: marker, 4)
    assert sys.getrefcount(marker) == before


def test_an_array_is_the_same_object_on_both_sides():
    @njit
    def f(a, keep):
        keep.append(a)
        a[0] = 5.0
        keep.append(a[1:])
        b = np.zeros(3)
        keep.append(b)
        b[1] = 2.0
        return a

    a, keep = np.arange(4.0), []
    assert f(a, keep) is a and keep[0] is a
    assert keep[1].base is a and np.array_equal(keep[1], [1, 2, 3])
    assert np.array_equal(keep[2], [0, 2, 0])


def test_what_foreign_code_writes_is_read():
    def write(a, i):
        a[i] = 100.0

    def f(a, write):
        total = 0.0
        for i in range(len(a)):
            write(a, i)
            total += a[i]
        return total

    compiled = njit(f)
    for _ in range(3):
        assert compiled(np.arange(5.0), write) == f(np.arange(5.0), write)


def test_native_loops_stay_native():
    """The loop beside an object is machine code, and vectors where it alone would be."""

    class Data:
        def __init__(self):
            self.values = np.arange(1000.0)

    @njit
    def f(data):
        x = data.values
        out = np.empty_like(x)
        for i in range(x.size):
            out[i] = x[i] * 2.0 + 1.0
        return out

    data = Data()
    for _ in range(3):
        assert np.array_equal(f(data), data.values * 2.0 + 1.0)
    (types,) = [types for types, _ in f._specialisations()]
    typed = f._inspect(tuple(types), "ssa")
    assert "py.binary" in typed


def test_a_warning_names_the_lines_once():
    @njit
    def f(x):
        y = x.one
        return y + x[0]

    with pytest.warns(hotloop.errors.HotloopPerformanceWarning) as seen:
        for _ in range(3):
            f(Counted())
    assert len(seen) == 1
    assert "argument `x` is a Counted, which has no compiled form" in str(seen[0].message)


def test_strict_refuses():
    with pytest.raises(hotloop.errors.TypingError, match="argument `x` is a Counted"):
        njit(strict=True)(attribute)(Counted())


def test_a_list_that_foreign_code_sees_is_the_callers():
    @njit
    def f(values, grow):
        grow(values)
        values.append(1)
        return len(values)

    values = [1, 2]
    assert f(values, lambda v: v.append("x")) == 4
    assert values == [1, 2, "x", 1]


def test_recursion_through_the_dispatcher():
    @njit
    def depth(tree):
        best = 0
        for child in tree:
            best = max(best, depth(child))
        return best + 1

    tree = [[[], [[]]], []]
    assert depth(tree) == depth.py_func(tree) == 4


def test_a_caller_of_a_function_with_objects():
    @njit
    def inner(x, n):
        return x(n) * 2

    @njit
    def outer(x, n):
        total = 0.0
        for i in range(n):
            total += inner(x, i)
        return total

    for _ in range(3):
        assert outer(lambda i: i + 0.5, 4) == sum((i + 0.5) * 2 for i in range(4))


def test_random_numbers_inside_and_outside_are_one_stream():
    def f(draw, n):
        a = np.random.random()
        b = draw()
        c = np.random.random()
        return a, b, c

    compiled = njit(f)
    for _ in range(2):
        np.random.seed(5)
        expected = f(np.random.random, 1)
        np.random.seed(5)
        assert compiled(np.random.random, 1) == expected


def test_logging(caplog):
    logger = logging.getLogger("objects")

    @njit
    def f(n):
        total = 0
        for i in range(n):
            total += i
        logger.warning("total %d", total)
        return total

    with caplog.at_level(logging.WARNING, "objects"):
        assert f(5) == 10 and f(3) == 3
    assert [r.getMessage() for r in caplog.records] == ["total 10", "total 3"]


def test_files_dates_and_patterns(tmp_path):
    import datetime
    import json
    import re

    @njit
    def f(path, text):
        found = re.findall("[0-9]+", text)
        total = 0
        for word in found:
            total += int(word)
        out = open(path, "w")
        out.write(json.dumps({"total": total}))
        out.close()
        return total, datetime.date(2024, 2, 29).year

    for _ in range(2):
        assert f(str(tmp_path / "x.json"), "1 and 22 and 333") == (356, 2024)
        assert json.loads((tmp_path / "x.json").read_text()) == {"total": 356}


def test_with_warnings_as_errors():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(hotloop.errors.HotloopPerformanceWarning):
            njit(attribute)(Counted())
