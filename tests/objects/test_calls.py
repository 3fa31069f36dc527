"""Attributes and methods of objects, looked up anew each time: whatever changes between two calls is seen.

The oracle is CPython: a class and its objects are made twice, and it and compiled code do the same steps.
"""

import numpy as np
import pytest

from hotloop import njit

pytestmark = pytest.mark.filterwarnings("ignore::hotloop.core.errors.HotloopPerformanceWarning")


def reads(x, n):
    result = 0
    for _ in range(n):
        result = x.value
    return result


def calls(x, n):
    result = 0
    for i in range(n):
        result = x.method(i)
    return result


def calls_with_an_attribute(x, n):
    result = 0
    for _ in range(n):
        result = x.method(x.value)
    return result


def make():
    """A class, an object of it and one of a class derived from it."""

    class Thing:
        kind = "class"

        def __init__(self, value):
            self.value = value

        def method(self, x):
            return "method", self.value, x

    class Derived(Thing):
        pass

    return Thing, Thing(1), Derived(2)


def set_on_object(cls, x, derived):
    x.method = lambda i: ("own", i)


def set_and_delete_on_object(cls, x, derived):
    x.method = lambda i: ("own", i)
    del x.method


def replace_in_class(cls, x, derived):
    cls.method = lambda self, i: ("replaced", self.value, i)


def delete_from_class(cls, x, derived):
    del cls.method


def hide_in_derived(cls, x, derived):
    type(derived).method = lambda self, i: ("derived", self.value, i)


def property_in_class(cls, x, derived):
    cls.method = property(lambda self: lambda i: ("property", i))
    cls.value = property(lambda self: "property")


def static_in_class(cls, x, derived):
    cls.method = staticmethod(lambda i: ("static", i))


def class_method_in_class(cls, x, derived):
    cls.method = classmethod(lambda cls, i: ("class", i))


def not_callable(cls, x, derived):
    cls.method = 5


def class_attribute(cls, x, derived):
    cls.value = "of the class"
    del x.value


def delete_on_object(cls, x, derived):
    del x.value


def dict_replaced(cls, x, derived):
    x.__dict__ = {"value": "from a dict", "method": lambda i: ("dict", i)}


def dict_written(cls, x, derived):
    x.__dict__["value"] = "through the dict"
    x.__dict__["method"] = lambda i: ("dict", i)


def many_attributes(cls, x, derived):
    for i in range(40):
        setattr(x, f"attribute{i}", i)
    x.method = lambda i: ("own of many", i)


def another_object_has_it(cls, x, derived):
    other = cls(5)
    other.method = None


def getattribute_in_class(cls, x, derived):
    cls.__getattribute__ = lambda self, name: lambda i: ("getattribute", name)


def getattr_in_class(cls, x, derived):
    del cls.method
    del x.value
    cls.__getattr__ = lambda self, name: lambda *args: ("getattr", name, len(args))


def another_base(cls, x, derived):
    other = type("Other", (cls,), {"method": lambda self, i: ("other base", i)})
    type(derived).__bases__ = (other,)


def another_class(cls, x, derived):
    x.__class__ = type(derived)
    type(derived).method = lambda self, i: ("another class", i)


CHANGES = [
    set_on_object,
    set_and_delete_on_object,
    replace_in_class,
    delete_from_class,
    hide_in_derived,
    property_in_class,
    static_in_class,
    class_method_in_class,
    not_callable,
    class_attribute,
    delete_on_object,
    dict_replaced,
    dict_written,
    many_attributes,
    another_object_has_it,
    getattribute_in_class,
    getattr_in_class,
    another_base,
    another_class,
]


def outcome(function, *args):
    """What a call gives: the result, or the exception."""
    try:
        result = function(*args)
    except Exception as error:
        return type(error), str(error)
    return "a function" if callable(result) else result


def history(function, change):
    """What calls give before and after a change, for the object and that of the derived class."""
    things = make()
    before = [outcome(function, x, 3) for x in things[1:]]
    change(*things)
    return before + [outcome(function, x, 3) for x in things[1:] * 2]


@pytest.mark.parametrize("change", CHANGES, ids=lambda f: f.__name__)
@pytest.mark.parametrize("function", [reads, calls, calls_with_an_attribute], ids=lambda f: f.__name__)
def test_a_change_is_seen(function, change):
    compiled = njit(function)
    assert history(compiled, change) == history(function, change)
    assert history(compiled, change) == history(
        function, change
    )  # a new class, where the old one's memory was


class Slotted:
    __slots__ = ("value",)

    def method(self, x):
        return x


class FailingError(Exception):
    pass


class Failing:
    def method(self, x):
        raise FailingError(x)


class Callable:
    def __call__(self, x):
        return "called", x


class Holder:
    def __init__(self, method):
        self.method = method


@pytest.mark.parametrize(
    "x",
    [
        Slotted(),
        Failing(),
        Holder(Callable()),
        Holder(len),
        Holder(Slotted().method),
        Holder(lambda x, y=5: (x, y)),
        Holder(lambda: None),
        Holder(type),
        5,
        type("Meta", (type,), {"method": lambda cls, x: (cls.__name__, x)})("Made", (), {}),
        type("ByClass", (), {"method": classmethod(lambda cls, x: (cls.__name__, x))}),
    ],
    ids=lambda x: type(x).__name__,
)
def test_what_is_called(x):
    compiled = njit(calls)
    for _ in range(2):
        assert outcome(compiled, x, 3) == outcome(calls, x, 3)


def test_methods_of_builtin_classes():
    @njit
    def f(items, text, table, n):
        for i in range(n):
            items.append(i)
            table.update(a=i)
        return text.upper(), table.get("a"), table.get("b", 3), items.pop()

    for _ in range(2):
        items, table = [1], {}
        assert f(items, "abc", table, 3) == ("ABC", 2, 3, 2)
        assert items == [1, 0, 1] and table == {"a": 2}


def test_the_method_is_looked_up_before_the_arguments():
    """Where an argument's value can tell, the order is that of the source."""

    class Thing:
        def __init__(self):
            self.log = []

        def __getattr__(self, name):
            if name.startswith("_"):
                raise AttributeError(name)
            self.log.append(name)
            return lambda *args: (name, args)

    @njit
    def f(x, y):
        x.first(y.second, 1)
        x.third(y.fourth(2), y.fifth)
        return x.sixth(y.seventh() is None)

    def log(function):
        thing = Thing()
        function(thing, thing)
        return thing.log

    assert log(f) == log(f.py_func)


def test_a_class_that_loses_the_method_while_it_runs():
    class Thing:
        def method(self, x):
            del Thing.method
            return x

    thing = Thing()

    @njit
    def f(x, n):
        for i in range(n):
            x.method(i)

    f(thing, 1)
    with pytest.raises(AttributeError):
        f(thing, 1)


def test_the_line_of_a_missing_method():
    @njit
    def f(x, i):
        x.method(i)
        return (
            x
            .missing(
                i
            )
        )  # fmt: skip

    def line(function):
        with pytest.raises(AttributeError) as caught:
            function(Slotted(), 1)
        return caught.traceback[-1].lineno

    assert line(f) == line(f.py_func)


def test_methods_in_a_parallel_loop():
    from hotloop import prange

    @njit(parallel=True)
    def f(lock, out):
        for i in prange(out.size):
            lock.acquire()
            out[i] = i
            lock.release()
        return out.sum()

    from threading import Lock

    assert f(Lock(), np.zeros(100)) == 4950
