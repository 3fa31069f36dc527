"""What is not compiled yet is refused in its own words, at its own place, and only where it stands."""

import re
import textwrap
import types

import pytest
from hotloop._hotloop import dump_ssa

REFUSED = [
    ("a dict display", "return {1: 2, **a}", None),
    ("a dict display", "return {1: a}", "{1: a}"),
    ("a dict display", "return {'x': a, 'y': 2}", None),
    ("a bytes literal", "return b'x'", "b'x'"),
    ("a generator expression", "return (x for x in a)", None),
    ("a class definition", "class C:\n    pass", None),
    ("an import", "import not_loaded", "import not_loaded"),
    ("an import", "from not_loaded import pi", "from not_loaded import pi"),
    ("assignment to a global variable", "global G\nG = a", "G"),
    ("deletion of a global variable", "global G\ndel G", "G"),
    ("deletion of an attribute", "del a.x", "a.x"),
    ("try/except*", "try:\n    a()\nexcept* ValueError:\n    a = 1", None),
    ("a call with **", "return a(**a)", None),
    ("a call with **", "return a(1, x=2, **a)", None),
    ("a match statement on the shape of a value", "match a:\n    case {1: x}:\n        return x", None),
    ("a match statement on the class of a value", "match a:\n    case int():\n        return 1", None),
    ("a generator or coroutine", "yield a", None),
    ("UNDEFINED_NAME:nowhere", "return nowhere(a)", "nowhere"),
    ("BIG_INT:9223372036854775808", "return a + 9223372036854775808", "9223372036854775808"),
    ("BIG_INT:in this tuple", "return a + (1, 99999999999999999999)", None),
]


def function_of(body, head="def f(a):"):
    """Return the function with this body, and its source."""
    source = f"{head}\n{textwrap.indent(body, '    ')}\n"
    namespace = {}
    exec(compile(source, "refused.py", "exec"), namespace)
    return namespace["f"], source


def refusals(text):
    """Return (words, (line, column, end line, end column)) of each py.unsupported."""
    found = re.findall(r'py\.unsupported (?:"(.*?)"|(\w+)) !(\d+):(\d+)-(\d+):(\d+)$', text, re.MULTILINE)
    return [(quoted or bare, tuple(map(int, place))) for quoted, bare, *place in found]


@pytest.mark.parametrize(("words", "body", "place"), REFUSED)
def test_words_and_place(words, body, place):
    function, source = function_of(body)
    ((found, (line, column, end_line, end_column)), *more) = refusals(dump_ssa(function))
    assert found == words
    assert not more
    assert line >= 1
    if place is not None:
        assert line == end_line
        assert source.splitlines()[line - 1][column:end_column] == place


def test_comprehensions():
    ((found, _),) = refusals(dump_ssa(function_of("return {x: 1 for x in a}")[0]))
    assert found in ("a dict comprehension", "a dict display")  # inlined from Python 3.12 on


def test_keyword_parameters():
    ((found, _),) = refusals(dump_ssa(function_of("return 1", "def f(a, **rest):")[0]))
    assert found == "a ** parameter"


def test_coroutine():
    ((found, _),) = refusals(dump_ssa(function_of("return await a", "async def f(a):")[0]))
    assert found == "a generator or coroutine"


def test_nonlocal_assignment():
    namespace = {}
    exec("def outer():\n k = 1\n def f():\n  nonlocal k\n  k = 2\n return f\nf = outer()", namespace)
    ((found, _),) = refusals(dump_ssa(namespace["f"]))
    assert found == "assignment to a nonlocal variable"


def test_the_other_branch_is_kept():
    text = dump_ssa(function_of("if a:\n    return {a: 1}\nreturn a + 1")[0])
    assert "py.binary add" in text
    assert len(refusals(text)) == 1


def test_empty_closure_cell():
    def outer():
        def f():
            return later

        return f
        later = 1  # makes it a variable of outer that is never bound

    ((found, _),) = refusals(dump_ssa(outer()))
    assert found == "UNDEFINED_NAME:later"


def test_huge_integers_are_named_without_their_digits():
    ((found, _),) = refusals(dump_ssa(types.FunctionType((lambda: HUGE).__code__, {"HUGE": 10**5000})))
    assert found.startswith("BIG_INT:")
    assert len(found) < 100
