"""Programs whose parallel loops do not run in parallel: the warning's whole text, and the right answer.

The texts are in expected_warnings/<name>.txt; `make bless` (HOTLOOP_BLESS=1) writes them, a person reads the
difference.  Where a program has carets, they mark the place the warning must point at.
"""

import linecache
import os
import pathlib
import re
import textwrap
import warnings

import numpy as np
import pytest

from hotloop.core.errors import NumbaWarning

HERE = pathlib.Path(__file__).parent
NUMBERS = np.arange(1.0, 40.0)

PROGRAMS = {
    "carried_value": """
        def f(a):
            before = 0.0
            for i in prange(len(a)):
                a[i] = a[i] - before
                before = a[i] * 2
                #        ^^^^^^^^
            return a
        """,
    "carried_difference": """
        def f(a):
            s = 1.0
            for i in prange(len(a)):
                s = a[i] - s
            return s
        """,
    "reduction_read_in_the_loop": """
        def f(a):
            s = 0.0
            for i in prange(len(a)):
                s += a[i]
                a[i] = s
            return a
        """,
    "largest_and_its_last_place": """
        def f(a):
            high, where = a[0], 0
            for i in prange(len(a)):
                if a[i] >= high:
                    high = a[i]
                    where = i
            return high, where
        """,
    "number_of_records": """
        def f(a):
            high, records = 0.0, 0
            for i in prange(len(a)):
                if a[i] > high:
                    high = a[i]
                    records += 1
            return high, records
        """,
    "else_of_a_maximum": """
        def f(a):
            high = 9.5
            for i in prange(len(a)):
                if a[i] > high:
                    high = a[i]
                else:
                    a[i] = -1.0
            return a
        """,
    "value_that_a_maximum_decides": """
        def f(a):
            high = 9.5
            for i in prange(len(a)):
                new = a[i]
                if new > high:
                    high = new
                    new = 0.0
                a[i] = new
            return a
        """,
    "call_that_and_leaves_out": """
        def f(a):
            def less(i):
                a[i] -= 9.5
                return a[i] < 0
            good = True
            for i in prange(len(a)):
                good = good and less(i)
            return a
        """,
    "one_element": """
        def f(a):
            for i in prange(len(a)):
                a[0] = a[i]
            #   ^^^^
            return a
        """,
    "whole_array": """
        def f(a):
            out = np.zeros(3)
            for i in prange(len(a)):
                out[:] = a[i]
            return out
        """,
    "two_kinds_of_update": """
        def f(a):
            s = np.zeros(2)
            for i in prange(len(a)):
                s[0] += a[i]
                s[1] *= a[i]
            return s
        """,
    "sum_that_may_not_fit": """
        def f(a):
            counts, places = np.zeros(5, np.int32), np.arange(len(a)) % 5
            for i in prange(len(a)):
                counts[places[i]] += places[i]
            #   ^^^^^^^^^^^^^^^^^
            return counts
        """,
    "neighbour": """
        def f(a):
            for i in prange(2, len(a)):
                a[i] = a[i - 2] + 1
            #   ^^^^
            return a
        """,
    "neighbouring_rows": """
        def f(a):
            b = a[:36].reshape(6, 6)
            for i in prange(1, 5):
                b[i] = b[i + 1] * 2
            return b
        """,
    "two_writes": """
        def f(a):
            for i in prange(len(a) - 1):
                a[i] = 1.0
                a[i + 1] = i
            return a
        """,
    "items_of_a_list": """
        def f(a):
            counts, places = [0, 0, 0], np.arange(len(a)) % 3
            for i in prange(len(a)):
                counts[places[i]] += 1
            #   ^^^^^^^^^^^^^^^^^
            return np.array(counts)
        """,
    "append": """
        def f(a):
            out = [0.0]
            for i in prange(len(a)):
                out.append(a[i])
            return np.array(out)
        """,
    "set_changed": """
        def f(a):
            s = {1.5}
            for i in prange(len(a)):
                s.add(a[i])
            return len(s)
        """,
    "list_in_a_tuple_changed_in_a_call": """
        def g(pair, i):
            pair[0].insert(0, pair[1][i])
        def f(a):
            s = [2.5]
            for i in prange(len(a)):
                g((s, a), i)
            return len(s)
        """,
    "list_changed_in_a_call": """
        def f(a):
            out = [1.0, 2.0]
            for i in prange(len(a)):
                out.insert(1, a[i])
            return np.array(out)
        """,
    "break": """
        def f(a):
            s = 0.0
            for i in prange(len(a)):
                if a[i] > 20:
                    break
                s += a[i]
            return s
        """,
    "generator": """
        def f(a, generator):
            for i in prange(len(a)):
                a[i] += generator.random()
            return a
        """,
    "exception": """
        def f(a):
            for i in prange(len(a)):
                try:
                    a[i] = a[i + 1]
                except IndexError:
                    a[i] = 0.0
            return a
        """,
    "object_in_a_round": """
        def f(a, thing):
            for i in prange(len(a)):
                a[i] *= 2
                if i % 10 == 0:
                    thing.append(i)
            return a
        """,
    "result_of_an_object": """
        def f(a, thing):
            for i in prange(len(a)):
                a[i] += thing.index(0)
            return a
        """,
    "return": """
        def f(a):
            for i in prange(len(a)):
                if a[i] > 20:
                    return i
            return -1
        """,
}


OBJECTS = {"object_in_a_round", "result_of_an_object"}


class Thing(list):
    """An object: of no type that compiles."""


def arguments(name):
    """What the program is called with."""
    if name in OBJECTS:
        return NUMBERS.copy(), Thing([0])
    return (NUMBERS.copy(), np.random.default_rng(3)) if name == "generator" else (NUMBERS.copy(),)


def function(name, folder, decorate):
    source = textwrap.dedent(PROGRAMS[name]).strip() + "\n"
    path = folder / f"{name}.py"
    path.write_text(source)
    linecache.checkcache()
    import hotloop

    scope = {"np": np, "prange": hotloop.prange}
    exec(compile(source, str(path), "exec"), scope)
    return decorate(scope["f"])


def warned(name, folder):
    """The compiled function's answer and the one warning with its text."""
    import hotloop

    compiled = function(name, folder, hotloop.njit(parallel=True, strict=name not in OBJECTS))
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        answer = compiled(*arguments(name))
    if name in OBJECTS:  # another warning says that they are left to the interpreter
        seen = [w for w in seen if "this prange loop" in str(w.message)][:1]
    assert len(seen) == 1, [str(w.message) for w in seen]
    return answer, seen[0], str(seen[0].message).replace(str(folder) + "/", "")


@pytest.mark.parametrize("name", PROGRAMS)
def test_warning(name, tmp_path, oracle_only):
    if oracle_only:
        pytest.skip("looks at the compiler's own texts")
    expected = HERE / "expected_warnings" / f"{name}.txt"
    answer, warning, text = warned(name, tmp_path)
    assert np.array_equal(answer, function(name, tmp_path, lambda f: f)(*arguments(name)))
    assert issubclass(warning.category, NumbaWarning)
    if os.environ.get("HOTLOOP_BLESS"):
        expected.parent.mkdir(exist_ok=True)
        expected.write_text(text + "\n")
    assert text + "\n" == expected.read_text()


@pytest.mark.parametrize("name", [name for name in PROGRAMS if "^" in PROGRAMS[name]])
def test_place(name, tmp_path, oracle_only):
    if oracle_only:
        pytest.skip("looks at the compiler's own texts")
    _, _, text = warned(name, tmp_path)
    lines = textwrap.dedent(PROGRAMS[name]).strip().splitlines()
    marker = next(i for i, line in enumerate(lines) if re.fullmatch(r" *# *\^+", line))
    assert f'File "{name}.py", line {marker}' in text


def test_no_expected_text_without_program():
    assert {path.stem for path in (HERE / "expected_warnings").glob("*.txt")} <= PROGRAMS.keys()


def test_warnings_as_errors(tmp_path, oracle_only):
    if oracle_only:
        pytest.skip("looks at the compiler's own texts")
    import hotloop

    compiled = function("break", tmp_path, hotloop.njit(parallel=True))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(hotloop.errors.NumbaPerformanceWarning):
            compiled(NUMBERS)
