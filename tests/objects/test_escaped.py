"""Inner functions that leave compiled code: real function objects, whose calls run as machine code."""

import functools
import gc
import threading
import types
import warnings
import weakref

import numpy as np
import pytest
from harness import counters, live_blocks

from hotloop import errors, njit

pytestmark = pytest.mark.filterwarnings("ignore::hotloop.core.errors.HotloopPerformanceWarning")


def native_calls(function, *args):
    """How many calls of machine code there are in this one, and what it gives."""
    before = counters()["native"]
    result = function(*args)
    return counters()["native"] - before, result


def through_c(function, *args):
    """A call that does not come from Python's own evaluation of a call."""
    return functools.partial(function, *args)()


class Opaque:
    """A function that compiled code does not look into."""

    def __init__(self, function):
        self.function = function

    def __call__(self, *args):
        return self.function(*args)


def callback(n, call):
    k = n + 1

    def f(x, y=2, *rest, z=3):
        s = 0
        for i in range(k):
            s += x * y + z + i + len(rest)
        return s

    return call(f)


CALLS = [
    lambda f: [through_c(f, i) for i in range(5)],
    lambda f: [through_c(f, 1.5, y) for y in (1, 2.5, 3)],
    lambda f: [f(1, 2, 3, 4, z=5) for _ in range(4)],
    lambda f: [functools.partial(f, z=i)(2) for i in range(4)],
    lambda f: list(map(f, [1, 2, 3.5, 4])),
    lambda f: sorted([3, 1, 2], key=f),
    lambda f: functools.reduce(f, [1, 2, 3, 4]),
    lambda f: [through_c(f, 10**30) for _ in range(3)],
    lambda f: [through_c(f, x) for x in (1, 2, True, np.float32(1.5), 1j)],
]


@pytest.mark.parametrize("call", CALLS, ids=range(len(CALLS)))
def test_calls_from_python(call):
    compiled, call = njit(callback), Opaque(call)
    for n in (3, 4):
        expected, got = callback(n, call), compiled(n, call)
        assert repr(got) == repr(expected)


def test_it_is_machine_code_from_the_second_call_on():
    make = njit(callback_of)
    inner = make(3)
    assert isinstance(inner, types.FunctionType)
    assert native_calls(through_c, inner, 2) == (0, 8)
    assert native_calls(through_c, inner, 2) == (1, 8)
    assert native_calls(through_c, inner, 2.5) == (1, 10.0)


def callback_of(n):
    def f(x):
        return x * (n + 1)

    return f


def test_function_objects_of_one_def_share_the_code():
    make = njit(callback_of)
    first = make(3)
    [through_c(first, 2) for _ in range(2)]
    assert native_calls(through_c, make(5), 2) == (1, 12)
    assert native_calls(through_c, make(2.5), 2) == (1, 7.0)


def recursive(n, call):
    def fib(k):
        return k if k < 2 else fib(k - 1) + fib(k - 2)

    return call(fib, n), fib


def ackermann(n, call):
    def a(m, n):
        if m == 0:
            return n + 1
        return a(m - 1, 1) if n == 0 else a(m - 1, a(m, n - 1))

    return call(functools.partial(a, 2), n), a


def mutual(n, call):
    m = n

    def even(k):
        return True if k == 0 else odd(k - 1)

    def odd(k):
        return m < 0 if k == 0 else even(k - 1)

    return call(even, n), odd


@pytest.mark.parametrize("program", [recursive, ackermann, mutual])
def test_recursion(program):
    def call(f, n):
        return [through_c(f, i) for i in range(n)]

    compiled = njit(program)
    for n in (6, 7):
        assert compiled(n, call)[0] == program(n, call)[0]
    count, _ = native_calls(compiled, 6, call)
    assert count >= 6


def decorated(n, decorator):
    @decorator
    def f(x):
        return x * n

    return [f(i) for i in range(5)] + [f(2)]


def test_decorators():
    def plus_one(f):
        @functools.wraps(f)
        def g(*args):
            return f(*args) + 1

        return g

    for decorator in (functools.lru_cache(None), plus_one, functools.cache):
        assert njit(decorated)(3, decorator) == decorated(3, decorator)


def late(n):
    fs = []
    for k in range(n):
        fs.append(lambda x: x + k)
    return fs


def test_variables_are_read_when_it_is_called():
    for _ in range(2):
        fs = njit(late)(4)
        assert [through_c(f, 10) for f in fs] == [13] * 4
    f = njit(callback_of)(3)
    assert [through_c(f, 2) for _ in range(3)] == [8] * 3
    f.__closure__[0].cell_contents = 9
    assert through_c(f, 2) == 20
    f.__defaults__ = (7,)
    assert through_c(f) == 70


def counting(n):
    count = 0

    def more(k):
        nonlocal count
        count += k
        return count

    return [more, more(n), count]


def test_variables_that_it_assigns():
    assert njit(counting)(3)[1:] == counting(3)[1:]
    more = njit(counting)(3)[0]
    assert [through_c(more, 1) for _ in range(4)] == [4, 5, 6, 7]


def test_outer_functions_of_one_code_object():
    def factory(k):
        def outer(call):
            def inner(x):
                return x * k

            return call(inner)

        return outer

    def call(f):
        return [through_c(f, i) for i in range(4)]

    outers = [njit(factory(k)) for k in (2, 3.5)]
    for _ in range(2):
        assert [outer(call) for outer in outers] == [[0, 2, 4, 6], [0.0, 3.5, 7.0, 10.5]]


def failing(n, call):
    def f(x):
        if x > 2:
            raise ValueError(x)
        return n / x

    return call(f)


@pytest.mark.parametrize("x", [0, 3])
def test_exceptions(x):
    def call(f):
        [through_c(f, 1) for _ in range(3)]
        return through_c(f, x)

    for function in (failing, njit(failing)):
        with pytest.raises((ValueError, ZeroDivisionError)) as caught:
            function(1, call)
        assert [entry.name for entry in caught.traceback].count("f") == 1


def test_arrays():
    def outer(a, call):
        def f(x):
            x += a.sum()
            return x

        return call(f)

    def call(f):
        x = np.arange(3.0)
        return [through_c(f, x) is x for _ in range(4)], x.tolist()

    blocks = live_blocks()
    assert njit(outer)(np.ones(4), call) == outer(np.ones(4), call)
    gc.collect()
    assert live_blocks() == blocks


def test_it_outlives_the_function_around_it():
    make = njit(lambda n: lambda x: x * n)
    f = make(3)
    assert [through_c(f, 2) for _ in range(3)] == [6] * 3
    gone = weakref.ref(make)
    del make
    gc.collect()
    assert gone() is None
    assert [through_c(f, 2) for _ in range(3)] == [6] * 3


def test_the_first_call_by_compiled_code_is_native():
    def outer(n, keep):
        def fib(k):
            return k if k < 2 else fib(k - 1) + fib(k - 2)

        keep.append(fib)
        return fib(n)

    compiled = njit(outer)
    before = counters()["native"]
    assert compiled(12, []) == 144
    assert counters()["native"] >= before + 2


def test_a_long_integer_is_interpreted_only_this_once():
    make = njit(callback_of)
    f = make(3)
    assert [through_c(f, x) for x in (1, 2, 10**30)] == [4, 8, 4 * 10**30]
    assert native_calls(through_c, f, 5) == (1, 20)


def test_a_warning_says_why_it_is_interpreted():
    def outer(table, call):
        def f(x):
            return table[x]

        return call(f)

    def call(f):
        return [through_c(f, i) for i in range(4)]

    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        compiled = njit(outer)
        for _ in range(2):
            assert compiled({i: -i for i in range(4)}, call) == [0, -1, -2, -3]
    texts = [str(w.message) for w in seen if issubclass(w.category, errors.NumbaPerformanceWarning)]
    line = outer.__code__.co_firstlineno + 1
    about = [text for text in texts if text.startswith("`table` is a dict, which has no compiled form")]
    assert sum(f", line {line}\n" in text for text in about) == 1, texts


def test_what_is_left_to_python_without_another_reason_is_told():
    with pytest.warns(errors.NumbaPerformanceWarning, match="returning function .* to Python"):
        njit(callback_of)(3)


def test_threads():
    f = njit(callback_of)(3)
    results = []
    threads = [
        threading.Thread(target=lambda: results.append([through_c(f, i) for i in range(200)]))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [[4 * i for i in range(200)]] * 4


def rosenbrock(x0, minimize):
    def f(x):
        s = 0.0
        for i in range(x.shape[0] - 1):
            s += 100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2
        return s

    r = minimize(f, x0, method="Nelder-Mead")
    return r.fun, r.x[0]


def integral(a, quad):
    def f(x):
        s = 0.0
        for k in range(20):
            s += np.sin(k * x) * a
        return s

    return quad(f, 0.0, 1.0)[0]


def root(a, brentq):
    return brentq(lambda x: x * x - a, 0.0, a + 1.0)


def integral_of_global(a):
    def f(x):
        return x * a

    return quad(f, 0.0, 1.0)[0]


try:
    from scipy.integrate import quad
except ImportError:
    quad = None


def test_functions_given_to_scipy():
    optimize = pytest.importorskip("scipy.optimize")
    programs = [
        (rosenbrock, np.array([1.3, 0.7]), optimize.minimize),
        (integral, 2.0, quad),
        (root, 2.0, optimize.brentq),
    ]
    for function, argument, solver in programs:
        compiled = njit(function)
        compiled(argument, solver)
        count, got = native_calls(compiled, argument, solver)
        assert count > 5
        assert got == pytest.approx(function(argument, solver), rel=1e-7, abs=1e-9)


def test_a_library_function_that_calls_itself_with_functions_of_its_arguments():
    """Its types have no end: inference must find one."""
    pytest.importorskip("scipy")
    assert njit(integral_of_global)(2.0) == pytest.approx(1.0)
