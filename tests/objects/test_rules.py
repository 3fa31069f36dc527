"""The rules of objects and continuations, each with a test named after it: docs/objects.md says them.

The oracle is CPython: the same function, run by it, gives the same values, exceptions and effects.
"""

import sys

import numpy as np
import pytest

from hotloop import njit

pytestmark = pytest.mark.filterwarnings("ignore::hotloop.core.errors.HotloopPerformanceWarning")


class Holder:
    """An object with attributes."""

    def __init__(self, **attributes):
        self.__dict__.update(attributes)


def outcome(function, *args):
    """What a call gives: the result, or the exception."""
    try:
        return "returns", function(*args)
    except Exception as error:
        return type(error), error.args


# ---- Rule 7: ownership, one object for each array


def test_rule_7_a_native_array_has_one_object():
    @njit
    def f(keep, n):
        made = np.zeros(3)
        keep(made)
        for i in range(n):
            keep(made)
        made[0] = 5.0
        return made

    for _ in range(3):
        kept = []
        result = f(kept.append, 2)
        assert len(kept) == 3 and all(array is result for array in kept)
        assert result[0] == 5.0 and result.base is None


def test_rule_7_an_object_that_python_has_dropped_is_made_anew():
    """What the array's object was is not remembered longer than it lives."""
    sizes = []

    @njit
    def f(look, n):
        made = np.zeros(3)
        for i in range(n):
            made[0] = i
            look(made)
        return made

    for _ in range(3):
        assert np.array_equal(f(lambda a: sizes.append(a[0]), 3), [2, 0, 0])
    assert sizes == [0, 1, 2] * 3


# ---- Rule 11: names, frames


SETTINGS = Holder(step=1)


def test_rule_11_names_bound_to_objects_are_looked_up_each_time(monkeypatch):
    def f(n):
        total = 0
        for i in range(n):
            total += SETTINGS.step * i
        return total

    compiled = njit(f)
    for step in (1, 1, 2.5, 3):
        monkeypatch.setitem(globals(), "SETTINGS", Holder(step=step))
        assert compiled(4) == f(4) == 6 * step
    monkeypatch.delitem(globals(), "SETTINGS")
    assert outcome(compiled, 4) == outcome(f, 4) == (NameError, ("name 'SETTINGS' is not defined",))


def test_rule_11_a_name_is_looked_up_where_it_stands():
    """Before the arguments of its call are."""
    settings = Holder(step=1)

    def swap():
        nonlocal settings
        settings = Holder(step=lambda n: n * 100)
        return 3

    def f(swap):
        return settings.step(swap())

    settings.step = lambda n: n + 1
    assert njit(f)(swap) == 4
    settings = Holder(step=lambda n: n + 1)
    assert f(swap) == 4


def test_rule_11_free_variables_too():
    settings = Holder(step=1)

    def f(n):
        return settings.step * n

    compiled = njit(f)
    assert compiled(4) == 4
    settings = Holder(step=2.5)
    assert compiled(4) == f(4) == 10.0
    del settings
    assert outcome(compiled, 4) == outcome(f, 4)
    assert outcome(f, 4)[0] is NameError


def test_rule_11_through_a_conditional_expression_a_tuple_and_a_result(monkeypatch):
    def f(n, use):
        return (SETTINGS if n > 2 else n), use((SETTINGS, n)), SETTINGS

    compiled = njit(f)
    for step in range(3):
        monkeypatch.setitem(globals(), "SETTINGS", Holder(step=step))
        for n in (1, 3):
            assert compiled(n, list) == f(n, list)


def test_rule_11_attributes_of_modules_are_looked_up(monkeypatch):
    import json

    @njit
    def f(x):
        return json.dumps(x)

    assert f({}) == "{}"
    monkeypatch.setattr(json, "dumps", lambda x: "replaced")
    assert f({}) == "replaced"


def reads_locals(x):
    y = x(1)
    return sorted(locals()), y


def reads_by_eval(x):
    y = x(1)
    return eval("y + 1"), y


def reads_by_getframe(x):
    y = x(1)
    return sorted(sys._getframe().f_locals), y


def reads_globals(x):
    return globals() is x(1)


@pytest.mark.parametrize("function", [reads_locals, reads_by_eval, reads_by_getframe, reads_globals])
def test_rule_11_frame_readers_are_interpreted(function):
    for _ in range(2):
        assert njit(function)(lambda n: 3) == function(lambda n: 3)


# ---- Rule 4: a place goes on with the type it has


class Source:
    """Gives its values in turn, and notes what is added to it."""

    def __init__(self, values):
        self.values, self.at, self.noted = values, 0, []

    def __getitem__(self, key):
        self.at += 1
        return self.values[self.at % len(self.values)]

    def __radd__(self, other):
        self.noted.append((type(other), other))
        return 1.5

    def __lt__(self, limit):
        return self.at < limit


MIXED = [
    [1, 2.5],
    [True, 1, 2.5],
    [np.float32(1.5), 1],
    [np.int64(4), 2.5, 2],
    [1j, 1, 2.5, True, np.int8(3), 4.5],
]


@pytest.mark.parametrize("values", MIXED, ids=str)
def test_rule_4_values_of_several_types_at_one_place_keep_them(values):
    """Code that was entered at a place meets itself there again: an int stays an int beside a float."""

    def f(source, limit):
        while source < limit:
            source[0] + source

    compiled = njit(f)
    for start in range(4):
        expected, got = Source(values), Source(values)
        expected.at = got.at = start
        f(expected, 12)
        compiled(got, 12)
        assert got.noted == expected.noted


# ---- Rule 7, references


def test_rule_7_an_array_of_python_is_given_back_as_often_as_taken():
    def f(holder, n):
        for _ in range(n):
            holder.array += 1
            holder.keep(holder.array)
        return holder.array

    compiled = njit(f)
    array = np.zeros(3)
    before = sys.getrefcount(array)
    for _ in range(4):
        holder = Holder(array=array, keep=lambda value: None)
        assert compiled(holder, 3) is array
        del holder
    assert sys.getrefcount(array) == before
    assert np.array_equal(array, [12, 12, 12])
