"""How a call finds its machine code: parameters of every kind, the way out, signatures, attributes."""

import functools
import gc
import inspect
import types
import warnings
import weakref

import numpy as np
import pytest
from harness import counters, route_fault

from hotloop import _hotloop, errors, njit


def route(function, *args, **kw):
    """(result, way) of one call: native, fallback, or both when single operations are interpreted."""
    before = _hotloop._conformance_counters()
    result = function(*args, **kw)
    after = _hotloop._conformance_counters()
    ways = [way for way in after if after[way] != before[way]]
    return result, ways[0] if len(ways) == 1 else "both"


# ---- parameters


def plain(a, b):
    return a - b


def defaults(a, b=2, c=0.5):
    return a, b, c


def keyword_only(a, *, b, c=7):
    return a, b, c


def positional_only(a, b=3, /, c=4):
    return a, b, c


def variadic(a, *rest):
    return a, rest


def everything(a, b=1, *rest, c, d=2.5):
    return a, b, rest, c, d


CALLS = [
    (plain, (5, 3), {}),
    (plain, (5,), {"b": 3}),
    (plain, (), {"b": 3, "a": 5}),
    (defaults, (1,), {}),
    (defaults, (1, 5), {}),
    (defaults, (1,), {"c": 2}),
    (defaults, (), {"a": 1j, "b": False}),
    (keyword_only, (1,), {"b": 2}),
    (keyword_only, (1,), {"c": 0.5, "b": 2}),
    (keyword_only, (), {"c": 3, "b": 2, "a": 1}),
    (positional_only, (1,), {}),
    (positional_only, (1, 2), {"c": 5}),
    (positional_only, (1, 2, 3), {}),
    (variadic, (1,), {}),
    (variadic, (1, 2, 0.5), {}),
    (everything, (1,), {"c": 3}),
    (everything, (1, 2, 3, 4.5), {"d": 1, "c": 3}),
]


@pytest.mark.parametrize("function,args,kw", CALLS, ids=[f"{f.__name__}{a}{k}" for f, a, k in CALLS])
def test_parameters(function, args, kw):
    compiled = njit(strict=True)(function)
    for _ in range(2):
        assert route(compiled, *args, **kw) == (function(*args, **kw), "native")


WRONG = [
    (plain, (1,), {}),
    (plain, (1, 2, 3), {}),
    (plain, (1, 2), {"a": 3}),
    (plain, (1, 2), {"c": 3}),
    (plain, (), {}),
    (keyword_only, (1,), {}),
    (keyword_only, (1, 2), {}),
    (positional_only, (1,), {"b": 2}),
    (everything, (), {"c": 1}),
]


@pytest.mark.parametrize("function,args,kw", WRONG, ids=[f"{f.__name__}{a}{k}" for f, a, k in WRONG])
def test_wrong_arguments_are_refused_in_pythons_words(function, args, kw):
    compiled = njit(strict=True)(function)
    with pytest.raises(TypeError) as expected:
        function(*args, **kw)
    counted = _hotloop._conformance_counters()
    with pytest.raises(TypeError) as got:
        compiled(*args, **kw)
    assert str(got.value) == str(expected.value) and counted == _hotloop._conformance_counters()


def test_a_default_left_out_makes_no_specialisation_of_its_own():
    compiled = njit(strict=True)(defaults)
    compiled(1)
    compiled(1, 2)
    compiled(1, c=0.25)
    assert len(compiled._specialisations()) == 1


def test_defaults_are_read_at_the_call():
    def shifted(a, by=1):
        return a + by

    compiled = njit(strict=True)(shifted)
    assert compiled(1) == 2
    shifted.__defaults__ = (10.5,)
    assert compiled(1) == 11.5
    shifted.__defaults__ = None
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'by'"):
        compiled(1)


def test_a_text_default():
    @njit(strict=True)
    def f(x, mode="double"):
        return x * 2 if mode == "double" else x

    assert route(f, 4) == (8, "native")


# ---- the interpreter


def test_an_argument_without_a_compiled_form_warns_once():
    @njit
    def first(x):
        return len(x)

    with pytest.warns(
        errors.HotloopPerformanceWarning, match="argument `x` is a frozenset, which has no compiled form"
    ) as seen:
        assert route(first, frozenset({3})) == (1, "both")
        assert route(first, frozenset({4, 5})) == (2, "both")
    assert len(seen) == 1 and seen[0].filename == __file__
    assert route(first, (3,)) == (1, "native")


def test_a_big_int_is_never_truncated():
    @njit
    def half(x):
        return x // 2

    with pytest.warns(errors.HotloopPerformanceWarning, match=f"the integer {2**70} does not fit 64 bits"):
        assert route(half, 2**70) == (2**69, "both")
    assert route(half, 2**62) == (2**61, "native")
    with pytest.raises(errors.TypingError, match="does not fit 64 bits"):
        njit(strict=True)(lambda x: x)(2**63)


def test_what_does_not_compile_is_remembered():
    @njit
    def names(x):
        return locals()

    with pytest.warns(errors.HotloopPerformanceWarning) as seen:
        assert [route(names, i) for i in range(3)] == [
            ({"x": 0}, "fallback"),
            ({"x": 1}, "fallback"),
            ({"x": 2}, "fallback"),
        ]
    assert len(seen) == 1
    assert names._specialisations() == [(("int",), None)]


def test_the_interpreters_own_error_comes_through():
    @njit
    def bad(x):
        return x + "text"

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(TypeError, match="unsupported operand"):
            bad(1)


def test_warnings_as_errors_leave_nothing_behind():
    @njit
    def names(x):
        return locals()

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(errors.HotloopPerformanceWarning):
            names(1)
    assert names(1) == {"x": 1}


def test_strict_raises_each_time():
    @njit(strict=True)
    def names(x):
        return locals()

    for _ in range(2):
        with pytest.raises(errors.TypingError):
            names(1)
    assert names._specialisations() == []


def collected(a, /, b=1, *rest, c=2, **kw):
    total = 0.0
    for x in a:
        total += x
    return float(total), b, rest, c, kw


COLLECTED = [
    (([1.5],), {}),
    (([1.5], 2, 3, 4), {"c": 5}),
    (([1.5],), {"b": 2, "d": 3, "a": "x"}),
    (([1.5], 2), {"kw": 1, "rest": 2}),
    (([1.5], 2), {"b": 3}),
    ((), {"a": [1.5]}),
]


@pytest.mark.filterwarnings("ignore::hotloop.core.errors.HotloopPerformanceWarning")
@pytest.mark.parametrize(("args", "kw"), COLLECTED)
def test_keyword_arguments_are_a_dict(args, kw):
    function = njit(collected)
    for _ in range(2):
        try:
            expected = collected(*args, **kw)
        except TypeError as error:
            with pytest.raises(TypeError) as raised:
                function(*args, **kw)
            assert str(raised.value) == str(error)
        else:
            got, way = route(function, *args, **kw)
            assert got == expected and way != "fallback"


def test_keyword_arguments_are_refused_under_strict():
    with pytest.raises(errors.TypingError, match="keyword arguments"):
        njit(strict=True)(collected)([1.5])


# ---- signatures


def test_signatures_convert_arguments_and_results():
    @njit("float64(float64, int64)", strict=True)
    def f(x, n):
        return n

    for args in ((1.5, 3), (1, 3), (np.float32(1), True), (np.int8(1), np.int64(3))):
        got, way = route(f, *args)
        assert way == "native" and type(got) is float and got == float(args[1])
    with pytest.raises(TypeError, match=r"No matching definition for argument type\(s\) complex128, int64"):
        f(1j, 3)
    with pytest.raises(TypeError, match=r"No matching definition for argument type\(s\) pyobject, int64"):
        f(frozenset({1}), 3)
    assert len(f._specialisations()) == 1


def test_the_best_signature_is_taken():
    @njit(["int64(int64)", "float64(float64)"], strict=True)
    def same(x):
        return x

    assert [type(same(x)) for x in (1, 1.5, True, np.float32(2))] == [int, float, int, float]


def test_array_signatures():
    @njit("float64(float64[:])", strict=True)
    def first(a):
        return a[0]

    before = counters()
    arrays = [np.arange(1.0, 4.0), np.arange(1.0, 9.0)[::2], np.arange(1.0, 4.0)[::-1][::-1]]
    for _ in range(2):
        assert [first(a) for a in arrays] == [1.0] * 3
    assert route_fault(before, counters()) is None, "a contiguous array is one of any layout too"
    with pytest.raises(TypeError, match="No matching definition"):
        first(np.arange(3))


# ---- as an object


class Account:
    rate = 3

    @njit
    def scaled(x, by=2):
        return x * by

    twice = staticmethod(njit(lambda x: x * 2))


def test_it_binds_as_a_method():
    array = np.arange(3.0)

    class Holder:
        method = njit(lambda self: 1)

    assert Account.twice(4) == 8 and Account.scaled(3) == 6
    bound = Holder().method
    assert type(bound) is types.MethodType and isinstance(bound.__func__, _hotloop.Dispatcher)
    assert types.MethodType(Account.scaled, array)(2.0).tolist() == [0.0, 2.0, 4.0]


def test_attributes():
    def function(a: int, b=1) -> int:
        """What it does."""
        return a

    function.own = 3
    compiled = njit(function)
    assert compiled.py_func is function and compiled.__wrapped__ is function
    for name in (
        "__name__",
        "__qualname__",
        "__doc__",
        "__module__",
        "__annotations__",
        "__defaults__",
        "__code__",
        "own",
    ):
        assert getattr(compiled, name) == getattr(function, name), name
    assert inspect.signature(compiled) == inspect.signature(function)
    compiled.note = "x"
    assert compiled.note == "x" and vars(compiled)["note"] == "x"
    assert functools.partial(compiled, 4)() == 4
    with pytest.raises(AttributeError):
        compiled.py_func = None


def test_it_dies_with_its_cycle():
    def build():
        def function(n):
            return 1 if n == 0 else compiled(n - 1)

        compiled = njit(function)
        return compiled

    compiled = build()
    compiled(3)
    seen = weakref.ref(compiled)
    del compiled
    gc.collect()
    assert seen() is None


def test_it_takes_functions_only():
    for wrong in (len, 3, njit(plain)):
        with pytest.raises(TypeError):
            _hotloop.Dispatcher(wrong, {})


def test_reset_forgets():
    compiled = njit(strict=True)(plain)
    compiled(1, 2)
    compiled._reset()
    assert compiled._specialisations() == [] and compiled(1, 2) == -1


def test_inspect_without_types():
    compiled = njit(strict=True)(plain)
    assert "py.binary sub" in compiled._inspect((), "ssa")
    assert "sub" in compiled._inspect(("int", "int"), "opt")
    with pytest.raises(TypeError, match="takes 2 arguments"):
        compiled._inspect(("int",), "typed")
    with pytest.raises(ValueError, match="is no type"):
        compiled._inspect(("int", "nothing"), "typed")
    with pytest.raises(ValueError, match="no stage"):
        compiled._inspect((), "nothing")
