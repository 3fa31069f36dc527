"""Programs that do not compile: the error's whole text, its place, the interpreter's answer without strict.

Each program marks the place itself: a comment of carets under the words that the error must point at.
The whole text is in expected/<name>.txt; `make bless` (HOTLOOP_BLESS=1) writes those files, a person
reads the difference.
"""

import functools
import linecache
import os
import pathlib
import re
import sys
import textwrap
import warnings

import numpy as np
import pytest

HERE = pathlib.Path(__file__).parent
DIAGNOSTICS = HERE.parent.parent / "src" / "base" / "diag.def"
MAX_LINES = 11
# An internal error is a fault of the compiler: no program is known that reaches it.
UNREACHABLE = {"HL0901"}

PROGRAMS = {
    "operator": """
        def f(x):
            y = x + 1
            return y + (1, 2)
            #      ^^^^^^^^^^
        f(3)
        """,
    "operator_in_condition": """
        def f(a, b):
            if a < b and a > 0:
                return 1
            return 2 if b @ a else 3
            #           ^^^^^
        f(2, 1)
        """,
    "unary_operator": """
        def f(x):
            return ~x
            #      ^^
        f(1.5)
        """,
    "compare_complex": """
        def f(z):
            return z < 1j
            #      ^^^^^^
        f(1j)
        """,
    "attribute": """
        def f(a):
            n = a.shape[0]
            return a.base, n
            #      ^^^^^^
        f(np.zeros(3))
        """,
    "method": """
        def f(x):
            return x.as_integer_ratio()
            #      ^^^^^^^^^^^^^^^^^^
        f(0.5)
        """,
    "numpy_function": """
        def f(a):
            return np.nosuchthing(a)
            #      ^^^^^^^^^^^^^^
        f(np.zeros(3))
        """,
    "numpy_without_form": """
        def f(a):
            return len(np.linalg.eigvals(a))
            #          ^^^^^^^^^^^^^^^^^^^^
        f(np.eye(2))
        """,
    "element_type": """
        def f(n):
            return np.zeros(n, dtype="float63")
            #      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        f(3)
        """,
    "element_class": """
        def f(a):
            return a.astype(str)
            #      ^^^^^^^^^^^^^
        f(np.zeros(2))
        """,
    "array_of_records": """
        def f(a):
            return a["x"].sum()
        f(np.zeros(2, [("x", "f8"), ("n", "i4")]))
        """,
    "list_of_several": """
        def f(x):
            return x[0]
        f([1, 2.5])
        """,
    "list_with_text": """
        def f(x):
            return x[0]
        f([1, "a"])
        """,
    "prange_of_float": """
        def f(n):
            for i in prange(n):
            #        ^^^^^^^^^
                n += i
            return n
        f(2.0)
        """,
    "set_attribute": """
        def f(a):
            a.name = 3
            #^^^^^
            return a
        f(np.zeros(2))
        """,
    "attribute_of_dtype": """
        def f(a):
            return a.dtype.descr
            #      ^^^^^^^^^^^^^
        f(np.zeros(2))
        """,
    "text_of_exception": """
        def f(x):
            try:
                return 1 / x
            except ZeroDivisionError as error:
                return len(str(error))
            #              ^^^^^^^^^^
        f(0)
        """,
    "undefined_name": """
        def f(x):
            return x + not_there
            #          ^^^^^^^^^
        f(1)
        """,
    "global_object": """
        TABLE = {"a": 1}

        def f(x):
            return TABLE["a"] + x
            #      ^^^^^
        f(1)
        """,
    "plain_function": """
        import os

        def f(x):
            return os.getpid() + x
            #      ^^^^^^^^^^^
        f(1)
        """,
    "text_argument": """
        def f(x, s):
            return x
        f(1, object())
        """,
    "text_value": """
        def f(x):
            s = "a" * x
            return s
        f(2)
        """,
    "unify": """
        def f(flag):
            if flag:
                x = (1, 2)
            else:
                x = 2.5
            return flag, x, flag
        f(True)
        """,
    "inside_numpy_function": """
        def f(n):
            x = 2
            return np.linspace(0, 1, n * 0.5) + x
            #      ^^^^^^^^^^^^^^^^^^^^^^^^^^
        f(3)
        """,
    "inside_builtin_function": """
        def f(n):
            return min(n)
            #      ^^^^^^
        f(3)
        """,
    "unify_in_expression": """
        def f(x):
            return 1 + (x if x else np.ones(3)) * x - 2
            #                       ^^^^^^^^^^
        f(1.5)
        """,
    "unify_changing_type": """
        def f(n):
            x = 1
            #   ^
            for _ in range(n):
                x = (x, 1)
            return x
        f(3)
        """,
    "endless_types": """
        def f(x, n):
            if n == 0:
                return 0
            return f((x, x), n - 1)
            #      ^^^^^^^^^^^^^^^^
        f(1, 3)
        """,
    "inner_generator": """
        def f(n):
            def g():
            # ^^^^^^^
                yield n
            return list(g())
        f(3)
        """,
    "inplace_operator": """
        def f(mask):
            mask += 1
            #^^^^^^^^
            return mask
        f(np.ones(3, bool))
        """,
    "store_in_element": """
        def f(a, z):
            a[0] = z
            #^^^
        f(np.ones(3), 1j)
        """,
    "delete_item": """
        def f(a):
            del a[0]
            #   ^^^^
        f(np.ones(3))
        """,
    "unify_return": """
        def f(flag):
            if flag:
                return (1, 2)
            return 2.5
        f(True)
        """,
    "unify_strings": """
        def f(n):
            name = "one"
            if n > 1:
                name = "several"
            #          ^^^^^^^^^
            return len(name)
        f(3)
        """,
    "return_strings": """
        def f(n):
            if n > 1:
                return "several"
            #          ^^^^^^^^^
            return "one"
        f(3)
        """,
    "iterate_number": """
        def f(n):
            for i in n:
            #        ^
                return i
        f(3)
        """,
    "index_number": """
        def f(n):
            return n[0]
            #      ^^^^
        f(3)
        """,
    "index_by_float": """
        def f(a, x):
            return a[x]
            #      ^^^^
        f(np.zeros(3), 1.0)
        """,
    "too_many_indices": """
        def f(a):
            return a[0, 1]
            #      ^^^^^^^
        f(np.zeros(3))
        """,
    "call_number": """
        def f(n):
            return n(1)
            #      ^^^^
        f(3)
        """,
    "wrong_arguments": """
        @njit
        def g(a, b):
            return a + b

        def f(n):
            return g(n)
            #      ^^^^
        f(3)
        """,
    "overload": """
        def f(n):
            return len(n) + 1
            #      ^^^^^^
        f(3)
        """,
    "wrong_keyword": """
        @njit
        def g(a, b=1):
            return a + b

        def f(n):
            return g(n, c=2)
            #      ^^^^^^^^^
        f(3)
        """,
    "builtin_arguments": """
        def f(n):
            return abs(n, 2)
            #      ^^^^^^^^^
        f(3)
        """,
    "error_in_callee": """
        @njit
        def g(a):
            return a.missing
            #      ^^^^^^^^^

        def f(n):
            return g(n) + 1
        f(3)
        """,
    "unpack": """
        def f(t):
            a, b, c = t
            #^^^^^^^^^^
            return a
        f((1, 2))
        """,
    "write_readonly": """
        def f(a):
            a[0] = 1.0
            #^^^
        f(READONLY)
        """,
    "truth_of_array": """
        def f(a):
            if a:
            #  ^
                return 1
            return 2
        f(np.zeros(3))
        """,
    "truth_of_comparison": """
        def f(a, b):
            while a > b:
            #     ^^^^^
                b = b + 1
            return b
        f(np.zeros(3), np.zeros(3))
        """,
    "run_time_dtype": """
        def f(n, k):
            return np.zeros(n, k)
        f(3, 8)
        """,
    "run_time_constant": """
        def f(t, i):
            return t[i]
        f((1, 2.5, (3, 4)), 1)
        """,
    "big_constant": """
        def f(n):
            return n % 36893488147419103232
        f(3)
        """,
    "generator": """
        def f(n):
            for i in range(n):
                yield i
        f(3)
        """,
    "exception_group_caught": """
        def f(n):
            try:
                n = 1 // n
            except* ZeroDivisionError:
                n = -1
            return n
        f(0)
        """,
    "with_block": """
        def f(lock):
            with lock:
                return 1
        f(LOCK)
        """,
    "list": """
        def f(n):
            x = [n, "n"]
            return x
        f(3)
        """,
    "dict": """
        def f(n):
            return {1: n}
        f(3)
        """,
    "comprehension": """
        def f(n):
            return {i: i for i in range(n)}
        f(3)
        """,
    "set_key": """
        def f(n):
            return len({n, (n, 1)})
            #          ^^^^^^^^^^^
        f(1)
        """,
    "hash": """
        def f(a):
            return len({a, None})
            #          ^^^^^^^^^
        f(1)
        """,
    "formatted_text": """
        def f(n):
            return f"{n:>{n}}"
        f(3)
        """,
    "inner_class": """
        def f(n):
            class A:
                pass
            return n
        f(3)
        """,
    "import": """
        import sys
        sys.modules.pop("colorsys", None)
        def f(n):
            import colorsys
            return n + colorsys.ONE_SIXTH
        f(3.5)
        """,
    "global_write": """
        def f(n):
            global COUNT
            COUNT = n
            return n
        f(3)
        """,
    "star_unpack": """
        def f(t):
            first, *rest = (t, "a", 2)
            return first
        f(1)
        """,
    "long_line": """
        def f(first_argument, second_argument):
            return first_argument * 2 + second_argument * 3 + first_argument * 4 + (first_argument + (2,))
            #                                                                       ^^^^^^^^^^^^^^^^^^^^^
        f(1, 2)
        """,
    "wide_characters": """
        def f(größe, 長さ):
            return größe + 長さ + (größe + (1,))
            #                    ^^^^^^^^^^^^
        f(1, 2)
        """,
    "two_lines": """
        def f(x):
            return (x +
            #       ^^^
                    (1, 2))
        f(3)
        """,
    "bound_lines_above": """
        def f(n):
            total = 0.5 * n
            for i in range(n):
                total = total + 1
            return total + (total,)
            #      ^^^^^^^^^^^^^^^^
        f(3)
        """,
    "objmode_left": """
        def f(n):
            for i in range(n):
                with objmode(y="int64"):
                #    ^^^^^^^^^^^^^^^^^^
                    y = i
                    if i > 2:
                        break
            return y
        f(5)
        """,
    "objmode_returns": """
        def f(n):
            with objmode(y="int64"):
            #    ^^^^^^^^^^^^^^^^^^
                y = str(n)
                return y
            return 0
        f(5)
        """,
    "objmode_missing_type": """
        def f(n):
            with objmode():
            #    ^^^^^^^^^
                text = str(n)
                length = len(text)
            return text, length
        f(5)
        """,
    "objmode_type_of_nothing": """
        def f(n):
            with objmode(y="int64"):
            #    ^^^^^^^^^^^^^^^^^^
                str(n)
            return n
        f(5)
        """,
    "objmode_no_type": """
        def f(n):
            with objmode(y="flot64"):
            #    ^^^^^^^^^^^^^^^^^^^
                y = str(n)
            return y
        f(5)
        """,
    "objmode_expression": """
        def f(n):
            with objmode(y=1 + n):
            #    ^^^^^^^^^^^^^^^^
                y = str(n)
            return y
        f(5)
        """,
    "objmode_list": """
        def f(n):
            numbers = [n, 2]
            with objmode(y="int64"):
                y = len(numbers)
            #       ^^^^^^^^^^^^
            return y
        f(5)
        """,
}
# Without strict objects are used there, or the whole call is left to the interpreter: for other reasons.
OTHER_REASON = {
    "endless_types", "inner_generator", "inside_builtin_function", "inside_numpy_function",
    "numpy_without_form", "unify_changing_type",
}  # fmt: skip
# Only the line is compared: the carets move with wide characters and shortened lines, or two places would do.
INEXACT_COLUMNS = {"wide_characters", "long_line", "unpack", "plain_function", "inner_generator"}


class Lock:
    """A context manager that compiled code knows nothing of."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False


def readonly():
    a = np.zeros(3)
    a.flags.writeable = False
    return a


def split(name):
    """(source of the functions, the call on the last line, None or (marked line, first column, end))."""
    lines = textwrap.dedent(PROGRAMS[name]).strip().splitlines()
    place = None
    for number, line in enumerate(lines):
        carets = re.search(r"#( *)(\^+)\s*$", line)
        if carets:
            start = carets.start(2) if carets.group(1) else line.index("#")
            place = number, start, carets.end(2)
            break
    return "\n".join(lines[:-1]) + "\n", lines[-1], place


def run(name, folder, decorator):
    """Define and call the program's `f`, decorated; returns the path its code names."""
    import hotloop

    source, call, _ = split(name)
    path = folder / f"{name}.py"
    path.write_text(source)
    scope = {
        "np": np,
        "READONLY": readonly(),
        "LOCK": Lock(),
        "njit": decorator,
        "objmode": hotloop.objmode,
        "prange": hotloop.prange,
    }
    exec(compile(source, str(path), "exec"), scope)
    scope["f"] = decorator(scope["f"])
    return eval(call, scope)


@functools.cache
def strict_error(name, folder):
    """The exception and its text, with the path taken out."""
    import hotloop

    linecache.checkcache()
    with pytest.raises(hotloop.errors.NumbaError) as caught:
        run(name, folder, hotloop.njit(strict=True))
    return caught.value, str(caught.value).replace(str(folder) + "/", "")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("programs")


@pytest.fixture(autouse=True)
def compiler_needed(oracle_only):
    if oracle_only:
        pytest.skip("looks at the compiler's own texts")


def expected_text(name):
    """The file of the newest Python whose bytecode gives other places (name.312.txt), or the common one."""
    folder, minor = HERE / "expected", sys.version_info.minor
    own = [folder / f"{name}.3{version}.txt" for version in range(minor, 11, -1)]
    return next((path for path in own if path.exists()), folder / f"{name}.txt")


@pytest.mark.parametrize("name", PROGRAMS)
def test_whole_text(name, folder):
    expected = expected_text(name)
    _, text = strict_error(name, folder)
    if os.environ.get("HOTLOOP_BLESS"):
        expected.parent.mkdir(exist_ok=True)
        expected.write_text(text + "\n")
    assert expected.exists(), f"no expected text; `make bless` would write\n{text}"
    assert text + "\n" == expected.read_text()


@pytest.mark.parametrize("name", PROGRAMS)
def test_shape_of_the_text(name, folder):
    """Under 12 lines: the reason with the error's number, the file and line, the source, the caret."""
    _, text = strict_error(name, folder)
    lines = text.splitlines()
    assert len(lines) <= MAX_LINES
    assert re.search(r" \[HL\d{4}\]$", lines[0]), lines[0]
    assert re.fullmatch(rf'  File "{name}.py", line \d+', lines[1]), lines[1]
    assert re.fullmatch(r" *\^+", lines[3]), lines[3]
    assert "0x" not in text and "PyObject" not in text, "an address or an inner name in a text for users"


@pytest.mark.parametrize("name", [name for name in PROGRAMS if split(name)[2]])
def test_place(name, folder):
    source, _, (marker, start, stop) = split(name)
    _, text = strict_error(name, folder)
    lines = text.splitlines()
    assert lines[1].endswith(f", line {marker}"), lines[1]
    if name in INEXACT_COLUMNS:
        return
    bad = source.splitlines()[marker - 1]
    assert lines[2].strip() == bad.strip()
    indent = len(bad) - len(bad.lstrip())
    assert lines[3] == "    " + " " * (start - indent) + "^" * (stop - start), f"\n{text}"


@pytest.mark.parametrize("name", PROGRAMS)
def test_interpreter_answers_without_strict(name, folder):
    """The same text is a warning then, and the answer, or the exception, is CPython's."""
    import hotloop

    if name == "comprehension" and sys.version_info >= (3, 12):
        pytest.skip("a comprehension is part of its function there: the warning speaks of the dict display")
    _, text = strict_error(name, folder)
    expected = outcome(name, folder, lambda f: f)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        assert outcome(name, folder, hotloop.njit(strict=False)) == expected
    texts = [str(w.message) for w in seen if issubclass(w.category, hotloop.errors.NumbaPerformanceWarning)]
    if name in OTHER_REASON:
        return
    reason, place = (line.strip() for line in text.splitlines()[:2])
    assert any(reason in t and place in t.replace(str(folder) + "/", "") for t in texts), texts


def outcome(name, folder, decorator):
    """What the call returns, or the class of what it raises."""
    try:
        value = run(name, folder, decorator)
    except Exception as error:
        return type(error)
    return list(value) if name == "generator" else repr(value)


SIGNATURE_RESULT = """\
the signature asks for array(float64, 1d, A), but the function returns int64 [HL0218]
  File "<signature>", line 1
    def f(x):
    ^^^^^^^^^
  hint: leave the result out of the signature, or write the one that the function has"""


def test_result_that_the_signature_does_not_allow():
    import hotloop

    source, scope = "def f(x):\n    return x\n", {}
    linecache.cache["<signature>"] = len(source), None, source.splitlines(True), "<signature>"
    exec(compile(source, "<signature>", "exec"), scope)
    with pytest.raises(hotloop.errors.TypingError) as caught:
        hotloop.njit("float64[:](int64)", strict=True)(scope["f"])
    assert str(caught.value) == SIGNATURE_RESULT


DECLARED_LOCAL = """\
`s` is declared as float32 in the decorator's locals, and is given UniTuple(int64 x 2) [HL0229]
  File "<declared>", line 2
    s = x, 1
    ^
  hint: declare a type that all its values convert to, or leave it out of locals"""


def test_a_value_that_a_declared_variable_does_not_take():
    import hotloop

    source, scope = "def f(x):\n    s = x, 1\n    return s\n", {}
    linecache.cache["<declared>"] = len(source), None, source.splitlines(True), "<declared>"
    exec(compile(source, "<declared>", "exec"), scope)
    with pytest.raises(hotloop.errors.TypingError) as caught:
        hotloop.njit(locals={"s": hotloop.types.float32}, strict=True)(scope["f"])(2)
    assert str(caught.value) == DECLARED_LOCAL


def test_every_diagnostic_is_printed_whole():
    """Each row of the table of diagnostics appears in an expected text."""
    known = set(re.findall(r'"(HL\d{4})"', DIAGNOSTICS.read_text()))
    printed = {
        i for path in HERE.glob("expected*/*.txt") for i in re.findall(r"\[(HL\d{4})\]", path.read_text())
    }
    printed |= set(re.findall(r"\[(HL\d{4})\]", SIGNATURE_RESULT + DECLARED_LOCAL))
    assert known - printed - UNREACHABLE == set()
    assert printed <= known


def test_no_expected_text_without_program():
    assert {path.name.split(".")[0] for path in (HERE / "expected").glob("*.txt")} <= PROGRAMS.keys()


# ---- Where sources come from


def bad_function(source, filename):
    import hotloop

    scope = {}
    exec(compile(source, filename, "exec"), scope)
    with pytest.raises(hotloop.errors.TypingError) as caught:
        hotloop.njit(strict=True)(scope["f"])(1)
    return str(caught.value).splitlines()


SOURCE = "def f(x):\n    return x + (1, 2)\n"


def test_source_of_a_notebook_cell():
    name = "<cell 7>"
    linecache.cache[name] = len(SOURCE), None, SOURCE.splitlines(True), name
    lines = bad_function(SOURCE, name)
    assert lines[1:4] == [f'  File "{name}", line 2', "    return x + (1, 2)", "           ^^^^^^^^^^"]


def test_source_that_is_not_to_be_had():
    lines = bad_function(SOURCE, "<nowhere>")
    assert lines[1] == '  File "<nowhere>", line 2'
    assert not any("^" in line for line in lines)


def test_lambda():
    import hotloop

    with pytest.raises(hotloop.errors.TypingError) as caught:
        hotloop.njit(strict=True)(lambda x: x + (1, 2))(1)
    lines = str(caught.value).splitlines()
    assert lines[3].count("^") == len("x + (1, 2)")


def test_environment_variable_makes_strict(tmp_path):
    import subprocess
    import sys

    program = tmp_path / "program.py"
    program.write_text("import hotloop\n@hotloop.njit\ndef f(x):\n    return {x: 1}\nprint(f(1))\n")
    for strict, code in (("1", 1), ("0", 0)):
        env = {**os.environ, "HOTLOOP_STRICT": strict}
        done = subprocess.run([sys.executable, program], env=env, capture_output=True, text=True)
        assert done.returncode == code, done.stderr
        assert "line 4" in done.stderr and "^" in done.stderr
        assert ("Error" in done.stderr) == (strict == "1")
