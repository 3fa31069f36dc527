"""The source tree itself: no special cases for what is measured, nothing of the machine it was written on,
every file says its purpose, layers hold."""

import ast
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCES = {".c", ".h", ".def", ".py", ".pyi", ".build", ".toml", ".txt", ".md", ".ir", ".golden", ""}
KERNELS = sorted(
    path for path in (ROOT / "benchmarks" / "kernels").glob("*.py") if not path.name.startswith("_")
)
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))

# Kernels whose names are words of compilers, or functions of NumPy, as well.
GENERAL_NAMES = {"gather", "histogram", "cholesky"}
# Where a path or a tool of the machine that a text was written on would show.
FOREIGN = [r"/tmp/(wt|hl|b-)\b", r"/opt/\w", r"/work/", r"/home/\w", r"\.library/"]
MAX_FUNCTION_LINES = 60


def tracked():
    """Every file that git knows or would add; all files where this is no checkout."""
    command = ["git", "ls-files", "-co", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in sorted(set(listed.stdout.split("\n"))) if (ROOT / name).is_file()]


def texts(*folders):
    """(path, text) of the sources in these folders, or in all."""
    for path in tracked():
        inside = path.relative_to(ROOT).as_posix()
        if path.suffix in SOURCES and (not folders or inside.startswith(folders)):
            yield inside, path.read_text(errors="replace")


def hits(pattern, *folders):
    """Where a regular expression is found, as lines to show."""
    expression = re.compile(pattern)
    return [
        f"{path}:{number}: {line.strip()}"
        for path, text in texts(*folders)
        for number, line in enumerate(text.split("\n"), 1)
        if expression.search(line)
    ]


# ---- No special cases


def functions_of(paths):
    for path in paths:
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and "_" in node.name:
                yield node.name


def is_telling(number):
    """A constant that would hardly stand in a compiler by chance."""
    if isinstance(number, float):
        return len(repr(number).strip("0.-").replace(".", "")) >= 4 and "e" not in repr(number)
    if isinstance(number, int) and not isinstance(number, bool):
        return (
            number > 1000
            and str(number).strip("0") not in "123456789"
            and number & (number - 1)
            and number & (number + 1)
        )
    return False


def constants_of(paths):
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and is_telling(node.value):
                yield node.value


def test_no_kernel_is_named():
    names = {path.stem for path in KERNELS} - GENERAL_NAMES
    names |= set(functions_of([*KERNELS, *EXAMPLES]))
    assert len(names) > 12
    assert hits(r"\b(" + "|".join(sorted(names)) + r")\b", "src/", "python/hotloop/prelude/") == []


def test_no_constant_of_a_kernel():
    constants = {
        form
        for number in constants_of(KERNELS)
        for form in (str(number), hex(number) if isinstance(number, int) else str(number))
    }
    assert len(constants) > 4
    pattern = "|".join(re.escape(text) for text in sorted(constants))
    assert hits(rf"(?i)(?<![\w.])({pattern})(?![\w.])", "src/", "python/hotloop/prelude/") == []


# ---- Its texts


def test_nothing_of_another_machine():
    own = "tests/test_tree.py"
    assert [hit for pattern in FOREIGN for hit in hits(pattern) if not hit.startswith(own)] == []


def opens_with_purpose(path, text):
    if path.endswith((".py", ".pyi")):
        return not text.strip() or ast.get_docstring(ast.parse(text)) is not None
    return text.lstrip().startswith(("/*", "//"))


def test_every_file_says_its_purpose():
    silent = [
        path
        for path, text in texts()
        if path.endswith((".c", ".h", ".def", ".py", ".pyi")) and not opens_with_purpose(path, text)
    ]
    assert silent == []


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.end_lineno - node.lineno + 1


def c_functions(text):
    """Bodies by layout: from a line that ends in `{` to the next `}` in the first column."""
    for found in re.finditer(r"^\w[^;{}=#]*?\b(\w+)\([^;{}]*\) \{\n(?:.*\n)*?\}", text, re.MULTILINE):
        yield found[1], found[0].count("\n") + 1


def test_functions_are_short():
    long = []
    for path, text in texts():
        if not path.endswith((".c", ".py")):
            continue
        found = python_functions(text) if path.endswith(".py") else c_functions(text)
        long += [f"{path}: {name} has {lines} lines" for name, lines in found if lines > MAX_FUNCTION_LINES]
    assert long == []


def test_layers():
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "check_layers.py"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
