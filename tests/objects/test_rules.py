"""The rules of objects and continuations, each with a test named after it: docs/objects.md says them.

The oracle is CPython: the same function, run by it, gives the same values, exceptions and effects.
"""

import json
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


def dumps_globally(x):
    return json.dumps(x)


def dumps_by_closure():
    import json

    def f(x):
        return json.dumps(x)

    return f


@pytest.mark.parametrize("function", [dumps_globally, dumps_by_closure()])
def test_rule_11_attributes_of_modules_are_looked_up(monkeypatch, function):
    f = njit(function)
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


# ---- Rule 1: where a function is left


def recorder(log, values):
    """A function that notes its arguments and gives the values in turn."""

    def call(*args):
        log.append(args)
        return values[(len(log) - 1) % len(values)]

    return call


def same_log(function, values, *args, calls=4):
    """Call it by CPython and compiled; outcomes and logs agree in each call."""
    compiled = njit(function)
    for _ in range(calls):
        expected, got = [], []
        plain = outcome(function, recorder(expected, values), *args)
        assert outcome(compiled, recorder(got, values), *args) == plain
        assert got == expected
    return compiled


def test_rule_1_exit_after_a_foreign_operation_in_the_middle_of_an_expression():
    """Values on the operand stack, iterators and locals that may not be bound go along."""

    def f(call, n):
        total = 0
        if n > 5:
            late = 7
        for i in range(n):
            for j, x in enumerate((1.5, 2.5)):
                total += (i * 10 + j, x, call(i, x) * (1 + call(total, n)))[2]
        if n > 5:
            total += late
        return total

    for n in (0, 2, 6):
        same_log(f, [1, 2.5, 3, True], n)


def test_rule_1_nothing_runs_twice_when_the_operation_raises():
    def f(call, n):
        call("before")
        for i in range(n):
            call(i) + call(i, "again")
        return call("after")

    same_log(f, [1, "text", 2.5], 5)


# ---- Rule 2: a barrier


def test_rule_2_what_foreign_code_writes_is_seen_and_sees_what_was_written():
    def f(a, look, n):
        for i in range(n):
            a[i] = i
            look()
            a[i] += 1
        return a.sum()

    def run(function):
        a, seen = np.zeros(5), []

        def look():
            seen.append(a.copy())
            a[:] += 10

        return function(a, look, 4), seen, a

    compiled = njit(f)
    for _ in range(3):
        (total, seen, after), (expected, expected_seen, expected_after) = run(compiled), run(f)
        assert total == expected and np.array_equal(after, expected_after)
        assert np.array_equal(seen, expected_seen)


# ---- Rule 3: what is observed


def test_rule_3_a_result_that_is_only_passed_on_stays_an_object():
    @njit
    def f(call, keep):
        value = call(1)
        keep(value)
        return value

    log = []
    for value in (1, 2.5, np.float32(1), "text", 2**70):
        assert f({1: value}.get, log.append) is value
        assert log.pop() is value
    assert not f._continuations()


# ---- Rules 4 and 5: a place that has seen many types


def test_rule_4_a_loop_leaves_once_for_a_new_type():
    def f(call, n):
        total = 0.0
        for i in range(n):
            total = total + call(i)
        return total

    compiled = same_log(f, [2.5], 50)
    assert compiled._continuations() == 1


MANY = [1, 2.5, True, 1j, np.float32(2), np.int8(3), np.uint16(4), np.int64(5), np.float64(1.5), 2**70, "x"]


def test_rule_5_after_four_types_a_value_stays_an_object():
    def f(call, n):
        for i in range(n):
            call(call(i) + i)

    compiled = same_log(f, MANY[:-1], 60, calls=6)
    assert compiled._continuations() <= 16


def test_rule_5_a_function_with_many_places_has_few_continuations():
    def f(call, n):
        a = call(n) * 2
        b = call(n) * 2
        c = call(n) * 2
        d = call(n) * 2
        return call(a, b, c, d)

    compiled = njit(f)
    for first in range(30):
        values = MANY[first % 10 :] + MANY[: first % 10]
        expected, got = [], []
        plain = outcome(f, recorder(expected, values), first)
        assert outcome(compiled, recorder(got, values), first) == plain
        assert got == expected
    assert compiled._continuations() <= 16 + 5


def test_rule_5_the_stack_does_not_grow():
    def f(call, n):
        total = 0
        for i in range(n):
            total = call(i) + 1
        return total

    values = [1, 2.5, True, np.float32(1), 1j]
    assert njit(f)(lambda i: values[i % 5], 100_000) == values[99_999 % 5] + 1


# ---- Rule 6: native callers


def test_rule_6_a_native_caller_gets_whatever_type_comes():
    @njit
    def inner(call, n):
        return call(n) * 2

    @njit
    def outer(call, n):
        total = 0
        for i in range(n):
            total = total + inner(call, i)
        return total

    values = [1, 2.5, np.float32(1.5), True]
    for _ in range(3):
        assert outer(lambda i: values[i % 4], 9) == sum(values[i % 4] * 2 for i in range(9))


# ---- Rule 8: containers


def test_rule_8_containers_are_the_same_object_on_both_sides():
    def f(items, table, grow):
        other = items
        grow(items, table)
        items.append(len(other))
        table["more"] = other
        total = 0
        for x in other:
            total += x
        return total, other is items, table

    def grow(items, table):
        items.insert(0, 100)
        table[len(table)] = items

    compiled = njit(f)
    for _ in range(3):
        (mine, table), (yours, other) = ([1, 2], {}), ([1, 2], {})
        assert compiled(mine, table, grow)[:2] == f(yours, other, grow)[:2]
        assert mine == yours and list(table) == list(other)
        assert all(value is mine for value in table.values())


# ---- Rule 9: where native values and objects meet


def test_rule_9_a_native_value_and_an_object_meet_as_objects():
    def f(call, n):
        value = n * 1.5
        if n % 2:
            value = call(n)
        call(value, "met")
        return value

    for n in range(4):
        same_log(f, ["text", None, [1]], n)


# ---- Rule 10: finally and __exit__


class Entered:
    """Notes that it was entered and left."""

    def __init__(self, call):
        self.call = call

    def __enter__(self):
        return self.call("enter")

    def __exit__(self, kind, error, traceback):
        self.call("exit", kind)
        return kind is ZeroDivisionError


def test_rule_10_finally_and_exit_run_once():
    def f(call, n):
        total = 0
        for i in range(n):
            try:
                with Entered(call) as value:
                    total += call(i) + value
                    if i == 3:
                        total //= 0
                    if i == 5:
                        return total
            finally:
                call("finally", i)
        return total

    for n in (0, 3, 8):
        same_log(f, [1, 2, 2.5], n)


# ---- Threads


def test_threads_leave_and_continue_at_the_same_places():
    """Each gets its own answer, whatever the others have seen meanwhile."""
    import threading

    def f(items, n):
        total = 0
        for i in range(n):
            total = total + items[i % 3]
        return total

    compiled = njit(f)
    sources = [
        {0: 1, 1: 2, 2: 3},
        {0: 1.5, 1: 2, 2: True},
        {0: np.float32(1), 1: 1j, 2: 2},
        {0: 2, 1: 2.5, 2: 1},
    ]
    faults = []

    def work(items):
        for n in range(0, 60, 3):
            if compiled(items, n) != f(items, n):
                faults.append((items, n))

    threads = [threading.Thread(target=work, args=(items,)) for items in sources * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
