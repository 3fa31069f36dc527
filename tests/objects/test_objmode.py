"""Blocks `with objmode(...)`: Python inside, the promised types behind, in strict functions too."""

import os
import subprocess
import sys
import threading
import types as python_types

import numpy as np
import pytest
from harness import counters, live_blocks

import hotloop
from hotloop import errors, njit, objmode, prange, types

number = types.float64
later = None


def call_both(function, *args, **options):
    """The compiled function's answer, which must be CPython's, by machine code and in strict mode."""
    compiled = njit(strict=True, **options)(function)
    copies = [a.copy() if isinstance(a, np.ndarray) else a for a in args]
    expected = outcome(function, copies)
    blocks, before = live_blocks(), counters()
    for _ in range(3):
        copies = [a.copy() if isinstance(a, np.ndarray) else a for a in args]
        got = outcome(compiled, copies)
        assert type(got) is type(expected)
        assert repr(got) == repr(expected)
    assert counters()["native"] >= before["native"] + 3
    del got
    assert live_blocks() == blocks
    return expected


def outcome(function, args):
    try:
        result = function(*args)
        return float(result) if isinstance(result, np.float64) else result
    except Exception as error:
        return type(error), str(error)


class Model:
    def __init__(self, k):
        self.k = k


def double(x):
    return x * 2


def one_output(x):
    with objmode(y="float64"):
        y = double(x) / 3
    return y + 1


def no_output(x):
    with objmode():
        double({"x": x}["x"])
    return x + 1


def without_call(x):
    with hotloop.objmode:
        double(x)
    return x + 1


def several_outputs(a):
    with objmode(y="float64[:]", n=types.intp, k=number):
        y = np.asarray(list(reversed(a.tolist())))
        n = len(y)
        k = Model(2.5).k
    s = 0.0
    for i in range(n):
        s += y[i] * i * k
    return s


def in_a_loop(n):
    s = 0
    for i in range(n):
        for j in range(2):
            with objmode(y="int64"):
                if i % 2:
                    y = int(str(i) * 2)
                else:
                    y = j
                for k in range(j):
                    y += k
            s += y
    return s


def output_that_was_there(x):
    y = 1
    with objmode(y="int64", x="int64"):
        if x > 2:
            y = len(str(x))
        x = x - 1
    return x, y


def numbers_are_pythons(n):
    with objmode(y="int64"):
        y = (n**40) % 1000007
    return y


def types_are_pythons(n):
    with objmode(y="int64"):
        v = 1
        if n > 2:
            v = 2.5
        w = 1 if n < 100 else 2.5
        y = len(repr(v)) * 10 + len(repr(w))
    return y


def tuples(n):
    with objmode(p="Tuple((int64,float64))", o="optional(int64)"):
        a, b = n, 2.0
        p = (a, b)
        o = None if n > 3 else 5
    return p, o


def comprehensions(n):
    with objmode(y="int64"):
        y = sum([i * n for i in range(n)]) + sum(i for i in range(n))
        y += len({i: 1 for i in range(n)}) + len({1, 2, n}) + (lambda z: z + n)(1)
    return y


def changes_an_array(a):
    with objmode():
        a.sort()
        a[0] = 100
    return a[0] + a[1]


def native_array(n):
    a = np.zeros(n)
    with objmode(a="float64[:]", b="float64[:]"):
        a += 1
        b = a
    b[0] = 7.0
    return a


def imports(x):
    with objmode(y="float64"):
        import math
        from os import path

        y = math.floor(x) + 0.5 + len(path.basename("/a/bc"))
    return y


def other_contexts(n):
    with objmode(y="int64"):
        with open("/dev/null") as file, objmode():
            y = len(file.read()) + n
    return y


def handled_inside(n):
    with objmode(y="int64"):
        try:
            y = int("a")
        except ValueError as error:
            y = len(str(error)) + n
    return y


def handled_outside(n):
    y = 0
    try:
        with objmode(y="int64"):
            y = int("a") + n
    except ValueError:
        y = 5
    finally:
        n += 1
    return y + n


def comprehension_that_fails(n):
    y = 0
    try:
        with objmode(y="int64"):
            y = sum([int("a" * i) * n for i in range(n)])
    except ValueError:
        y = 4
    return y


def goes_out(n):
    with objmode(y="int64"):
        y = {}[n]
    return y


def raises(n):
    with objmode():
        if n > 2:
            raise ValueError(n)
    return n


def unbound(n):
    with objmode(y="int64"):
        if n > 100:
            y = n
    return y


def loop_with_return_behind(n):
    while True:
        with objmode(y="int64"):
            y = len(str(n))
        if y > 3:
            return n, y
        n *= 10


def function_called(n):
    return compiled_one_output(n) * 2 + helper(n)


@njit
def compiled_one_output(x):
    with objmode(y="float64"):
        y = double(x) / 3
    return y + 1


def helper(n):
    with objmode(y="int64"):
        y = int(np.array([n, n]).sum())
    return y


helper = njit(helper)

PROGRAMS = [
    (one_output, 3),
    (one_output, 2.5),
    (no_output, 3),
    (without_call, 3),
    (several_outputs, np.arange(5.0)),
    (in_a_loop, 5),
    (output_that_was_there, 30),
    (output_that_was_there, 1),
    (numbers_are_pythons, 12345),
    (types_are_pythons, 1),
    (types_are_pythons, 5),
    (types_are_pythons, 500),
    (tuples, 2),
    (tuples, 4),
    (comprehensions, 4),
    (changes_an_array, np.array([3.0, 1.0, 2.0])),
    (native_array, 3),
    (imports, 6.5),
    (other_contexts, 3),
    (handled_inside, 3),
    (handled_outside, 3),
    (comprehension_that_fails, 3),
    (comprehension_that_fails, 0),
    (goes_out, 3),
    (raises, 3),
    (raises, 1),
    (unbound, 3),
    (loop_with_return_behind, 7),
    (function_called, 3),
]


@pytest.mark.parametrize(("function", "argument"), PROGRAMS, ids=lambda x: getattr(x, "__name__", None))
def test_strict_functions_with_blocks(function, argument):
    call_both(function, argument)
    call_both(function, argument, nogil=True)


def test_the_block_is_run_by_python_and_the_rest_is_not():
    compiled = njit(strict=True)(in_a_loop)
    before = counters()
    compiled(20)
    once = counters()["fallback"] - before["fallback"]
    assert once > 0

    @njit(strict=True)
    def native(n):
        s = 0
        for i in range(n):
            s += i
        with objmode(y="int64"):
            y = 1
        return s + y

    before = counters()
    assert native(1000) == 499501
    assert counters()["fallback"] - before["fallback"] <= 2


def test_no_warning_is_given_for_what_the_user_asked_for(recwarn):
    assert njit(one_output)(3) == one_output(3)
    assert not recwarn.list


def test_names_are_looked_up_when_the_block_runs():
    @njit(strict=True)
    def f():
        with objmode(y="int64"):
            y = len(later)
        return y

    scope = globals()
    for value in ("ab", [1, 2, 3]):
        scope["later"] = value
        assert f() == len(value)


def test_types_in_nonlocal_variables_and_modules():
    kind = types.float64[:]

    @njit(strict=True)
    def f():
        with objmode(a=kind, b=hotloop.types.int32, c=hotloop.float32, d=number):
            a = np.arange(3).astype(np.float64)
            b, c, d = 7.9, 1.5, 2
        return a, b, c, d

    a, b, c, d = f()
    assert a.tolist() == [0.0, 1.0, 2.0]
    assert (type(b), type(c), type(d)) == (np.int32, np.float32, float)
    assert (b, c, d) == (7, 1.5, 2.0)


def test_a_string_stays_an_object():
    @njit
    def f(x):
        with objmode(s="unicode_type"):
            s = str(x)
        return s

    @njit
    def wrong(x):
        with objmode(s="unicode_type"):
            s = x
        return s

    assert f(3) == "3"
    with pytest.raises(TypeError, match="can't unbox a <class 'int'> as a <class 'str'>"):
        wrong(3)


CONVERSIONS = [
    # as Numba 0.68.1 has it, unless the comment says otherwise
    ("int64", 12.7, 12),
    ("int64", True, 1),
    ("int64", "12", 12),
    ("int64", np.int8(3), 3),
    ("int64", "a", ValueError),
    ("int64", None, TypeError),
    ("int64", 2**70, OverflowError),
    ("int64", float("nan"), ValueError),
    ("int8", 300, OverflowError),  # Numba cuts it to 44
    ("uint8", 3.99, np.uint8(3)),
    ("uint64", -1, OverflowError),
    ("float64", 1, 1.0),
    ("float64", "1.5", 1.5),
    ("float64", np.float32(1.5), 1.5),
    ("float64", np.array(3.0), 3.0),
    ("float64", 1j, TypeError),
    ("float64", np.arange(3.0), TypeError),
    ("float32", np.float64(2.5), np.float32(2.5)),
    ("complex128", 1, 1 + 0j),
    ("complex128", "x", TypeError),
    ("boolean", 2, True),
    ("boolean", "", False),
    ("none", 3, None),
    ("optional(int64)", 3, 3),
    ("optional(int64)", None, None),
    ("Tuple((int64,float64))", (1, 2.5), (1, 2.5)),
    ("UniTuple(int64,2)", (1.5, 2), (1, 2)),
    ("UniTuple(int64,2)", (1,), ValueError),  # Numba: IndexError
    ("UniTuple(int64,2)", [1, 2], TypeError),  # Numba: SystemError
    ("float64[:]", [1.0, 2.0], TypeError),
    ("float64[:]", np.arange(3), TypeError),  # Numba takes the bits of one for the other in these three
    ("float64[:]", np.ones((2, 2)), TypeError),
    ("float64[::1]", np.arange(6.0)[::2], TypeError),
]


@pytest.mark.parametrize(("kind", "value", "expected"), CONVERSIONS, ids=str)
def test_conversion(kind, value, expected):
    scope = {"objmode": objmode, "value": [value]}
    exec(f"def f():\n    with objmode(y={kind!r}):\n        y = value[0]\n    return y", scope)
    f = njit(strict=True)(scope["f"])
    if isinstance(expected, type):
        for _ in range(2):
            with pytest.raises(expected):
                f()
    else:
        got = f()
        assert type(got) is type(expected)
        assert got == expected


@pytest.mark.parametrize("make", [lambda: np.arange(6.0)[::2], lambda: np.arange(3.0), lambda: np.zeros(0)])
def test_an_array_of_any_layout_is_the_same_object(make):
    array = make()

    @njit(strict=True)
    def f():
        with objmode(y="float64[:]"):
            y = array
        for i in range(len(y)):
            y[i] += 1
        return y

    before = array.copy()
    assert f() is array
    assert np.array_equal(array, before + 1)


def test_wrong_array_says_what_was_promised():
    @njit(strict=True)
    def f(x):
        with objmode(z="float64[:]"):
            z = x + 1.0j
        return z

    text = "can't unbox array from PyObject into native value.  The object maybe of a different type"
    with pytest.raises(TypeError, match=text):
        f(np.array([1, 2, 3]))


def test_read_only_array_for_one_that_may_be_written():
    array = np.arange(3.0)
    array.flags.writeable = False

    @njit(strict=True)
    def f():
        with objmode(y="float64[:]"):
            y = array
        return y

    with pytest.raises(TypeError, match="can't unbox array"):
        f()


def test_lists_make_it_a_function_with_objects():
    def f(x):
        x.append(4)
        with objmode(y="int64"):
            x[0] = 10
            y = len(x)
        return x[0] + y

    expected, given = [1, 2, 3], [1, 2, 3]
    assert njit(f)(given) == f(expected)
    assert given == expected
    with pytest.raises(errors.TypingError, match=r"list\(int64\) cannot go into an objmode block"):
        njit(strict=True)(f)([1])


def test_beside_other_objects():
    """A function that is compiled with objects, and entered again in the middle of the block."""

    def f(model, n):
        k = model.k
        with objmode(y="float64[:]"):
            a = np.arange(n) * model.k
            y = a + 1.0
        s = 0.0
        for i in range(n):
            s += y[i] * k
        return s, model

    model = Model(2.0)
    compiled = njit(f)
    with pytest.warns(errors.NumbaPerformanceWarning):
        first = compiled(model, 10)
    assert [first, compiled(model, 10), compiled(model, 10)] == [f(model, 10)] * 3
    assert compiled(Model(3), 4)[0] == f(Model(3), 4)[0]


def test_inner_function_that_escapes_from_the_block():
    kept = []

    def f(n):
        k = n
        with objmode():
            kept.append(lambda x: x + k)
        k += 1
        return k

    assert njit(f)(3) == f(3) == 4
    assert [each(1) for each in kept] == [5, 5]


@pytest.mark.parametrize("n", [1, 50])
def test_in_parallel_loops(n):
    @njit(strict=True, parallel=True)
    def f(n):
        a = np.zeros(n)
        for i in prange(n):
            with objmode(y="float64", b="float64[:]"):
                b = np.ones(3) * i
                y = float(str(i)) + double(i)
            a[i] = y + b[1]
        return a

    with pytest.warns(errors.NumbaPerformanceWarning, match="stops for the GIL"):
        first = f(n)
    assert first.tolist() == f(n).tolist() == [4.0 * i for i in range(n)]


def test_failure_in_a_parallel_loop():
    @njit(strict=True, parallel=True)
    def f(n):
        a = np.zeros(n)
        for i in prange(n):
            with objmode(y="int64"):
                y = [0, 1, 2][i]
            a[i] = y
        return a

    with pytest.warns(errors.NumbaPerformanceWarning), pytest.raises(IndexError):
        f(10)


def test_called_in_a_parallel_loop():
    @njit(strict=True, parallel=True)
    def f(n):
        a = np.zeros(n)
        for i in prange(n):
            a[i] = compiled_one_output(i)
        return a

    with pytest.warns(errors.NumbaPerformanceWarning, match="stops for the GIL"):
        assert f(9).tolist() == [one_output(i) for i in range(9)]


def test_threads():
    f = njit(strict=True, nogil=True)(in_a_loop)
    results = []
    threads = [threading.Thread(target=lambda: results.append(f(30))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [in_a_loop(30)] * 4


def test_an_array_that_the_block_reshapes():
    @njit(strict=True)
    def f(a):
        with objmode():
            a.shape = (3, 1)
        return a[0]

    with pytest.raises(RuntimeError, match="changed its memory or its shape in an objmode block"):
        f(np.arange(3.0))


def test_traceback_names_the_line_in_the_block():
    with pytest.raises(KeyError) as caught:
        njit(strict=True)(goes_out)(3)
    lines = [entry.lineno + 1 for entry in caught.traceback if entry.frame.code.name == "goes_out"]
    assert lines == [goes_out.__code__.co_firstlineno + 2]


def test_whole_functions_that_look_at_their_variables_are_pythons():
    def f(n):
        with objmode(y="int64"):
            y = len(locals())
        return y + n

    with pytest.warns(errors.NumbaPerformanceWarning, match="local variables"):
        assert njit(f)(3) == f(3)


def test_objmode_of_another_module_is_an_ordinary_context():
    entered = []

    class Other:
        def __enter__(self):
            entered.append(1)

        def __exit__(self, *exc):
            entered.append(2)

    module = python_types.ModuleType("other")
    module.objmode = Other()

    def f(n):
        with module.objmode:
            n += 1
        return n

    with pytest.warns(errors.NumbaPerformanceWarning):
        assert njit(f)(3) == 4
    assert entered == [1, 2]


SCRIPT = """
import warnings
warnings.simplefilter("error")
import numpy as np
import hotloop
from hotloop import njit, objmode

def half(x):
    return x / 2

@njit(strict=True, cache=True)
def f(x):
    with objmode(y="float64", a="float64[:]"):
        y = half(x)
        a = np.ones(3)
    return y + a.sum()

print(f(5), f.stats.cache_hits)
print(hotloop._conformance_counters()["native"])
"""


def run_script(path, **env):
    done = subprocess.run(
        [sys.executable, str(path)], env={**os.environ, **env}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def hits(line):
    """How many hits the printed Counter or dict has."""
    return line.split(" ", 1)[1].count(": 1")


def test_cache(tmp_path):
    path = tmp_path / "cached.py"
    path.write_text(SCRIPT)
    env = {"HOTLOOP_CACHE_DIR": str(tmp_path / "cache")}
    first, second = run_script(path, **env), run_script(path, **env)
    assert first[0].startswith("5.5 ") and second[0].startswith("5.5 ")
    assert (hits(first[0]), hits(second[0])) == (0, 1)


def test_disabled(tmp_path):
    path = tmp_path / "plain.py"
    path.write_text(
        SCRIPT.replace(", f.stats.cache_hits", "").replace("print(hotloop._con", "None and (hotloop._con")
    )
    assert run_script(path, HOTLOOP_DISABLE_JIT="1") == ["5.5"]
