"""The text of errors, whole."""

import linecache
import textwrap

import pytest
from hotloop import diagnostics

SOURCE = (
    """\
def mean(x, name):
    total = 0.5 * x
    größe, 名前 = total, name
    return größe + 名前
\treturn\ttotal + name
    y = (x +
         name)
    long = """
    + " + ".join(f"variable_{n}" for n in range(20))
    + "\n"
)


@pytest.fixture
def source():
    """A file's name that linecache knows, as it does for cells of notebooks."""
    linecache.cache["<cell 1>"] = (len(SOURCE), None, SOURCE.splitlines(True), "<cell 1>")
    yield "<cell 1>"
    del linecache.cache["<cell 1>"]


def shown(text):
    """Return an expected text written with a margin."""
    return textwrap.dedent(text).strip("\n")


def span(line, part):
    """Return the UTF-8 offsets of a part of a line."""
    text = SOURCE.splitlines()[line - 1]
    start = text.index(part)
    return len(text[:start].encode()), len(text[: start + len(part)].encode())


def test_whole(source):
    text = diagnostics.format(
        source,
        4,
        *span(4, "größe + 名前"),
        "cannot add float64 and a text",
        [(2, *span(2, "0.5 * x"), "`total` is float64 because of this")],
        "convert one of them",
        "HL0203",
    )
    assert text == shown("""
        cannot add float64 and a text [HL0203]
          File "<cell 1>", line 4
            return größe + 名前
                   ^^^^^^^^^^^^
          line 2: `total` is float64 because of this
            total = 0.5 * x
                    ^^^^^^^
          hint: convert one of them
    """)


def test_bytes_become_characters(source):
    """The caret stands under the character, wide ones counted double."""
    lines = diagnostics.format(source, 3, *span(3, "total"), "x").split("\n")
    assert lines[2:] == ["    größe, 名前 = total, name", "                  ^^^^^"]


def test_tabs_stay_tabs(source):
    lines = diagnostics.format(source, 5, *span(5, "total + name"), "x").split("\n")
    assert lines[2:] == ["    return\ttotal + name", "          \t^^^^^^^^^^^^"]


@pytest.mark.parametrize("end", [None, 0, 13])
def test_range_that_goes_on_in_the_next_line(source, end):
    start = span(6, "(x +")[0]
    lines = diagnostics.format(source, 6, start, min(start, end) if end is not None else None, "x").split(
        "\n"
    )
    assert lines[2:] == ["    y = (x +", "        ^^^^"]


@pytest.mark.parametrize("col", [None, -1, 9999])
def test_without_columns_the_whole_line(source, col):
    lines = diagnostics.format(source, 2, col, None, "x").split("\n")
    assert lines[2:] == ["    total = 0.5 * x", "    ^^^^^^^^^^^^^^^"]


@pytest.mark.parametrize("part", ["variable_0", "variable_9", "variable_19"])
def test_long_lines_are_shortened(source, part):
    lines = diagnostics.format(source, 8, *span(8, part), "x").split("\n")
    assert all(len(line) <= 4 + diagnostics.MAX_WIDTH + 6 for line in lines)
    start = lines[3].index("^")
    assert lines[2][start : start + len(part)] == part and lines[3].count("^") == len(part)


def test_without_source(source):
    text = diagnostics.format("<nowhere>", 3, 3, 5, "wrong", [(7, 0, 1, "because")], "do it")
    assert text.split("\n") == ["wrong", '  File "<nowhere>", line 3', "  line 7: because", "  hint: do it"]
    assert diagnostics.format(source, 99, 3, 5, "wrong") == 'wrong\n  File "<cell 1>", line 99'


def test_least(source):
    assert diagnostics.format("<nowhere>", 3, message="wrong") == 'wrong\n  File "<nowhere>", line 3'


def test_unknown_line(source):
    text = diagnostics.format(source, 0, 0, 0, "wrong", [(0, 0, 0, "because")])
    assert text.split("\n") == ["wrong", '  File "<cell 1>"', "  because"]


def test_note_that_names_its_line(source):
    notes = [(2, *span(2, "0.5 * x"), "`total` is float64 because of line 2")]
    lines = diagnostics.format(source, 4, message="no", notes=notes).splitlines()
    assert lines[4:] == [
        "  `total` is float64 because of line 2",
        "    total = 0.5 * x",
        "            ^^^^^^^",
    ]


def test_note_in_another_file(source, tmp_path):
    file = tmp_path / "x.py"
    file.write_text("def f(): pass\n")
    lines = diagnostics.format(source, 2, 4, 9, "wrong", [(1, 4, 5, "called here", str(file))]).split("\n")
    assert lines[4:] == [f'  "{file}", line 1: called here', "    def f(): pass", "        ^"]


def test_edited_file_is_read_again(tmp_path):
    file = tmp_path / "x.py"
    for text in ("first = 1", "second = 22"):
        file.write_text(text + "\n")
        assert diagnostics.format(str(file), 1, message="wrong").split("\n")[2] == "    " + text


def test_texts_are_one_line_each(source):
    text = diagnostics.format("<nowhere>", 3, message="a\n  b", notes=[(1, 0, 1, "c\nd")], hint="e\nf")
    assert text.split("\n") == ["a b", '  File "<nowhere>", line 3', "  line 1: c d", "  hint: e f"]


@pytest.mark.parametrize("notes", range(12))
@pytest.mark.parametrize("hint", [None, "do it"])
def test_fewer_than_12_lines(source, notes, hint):
    """Sources go first, then the last notes; how many are missing is said."""
    notes = [(2, *span(2, "total"), f"note {number}") for number in range(notes)]
    lines = diagnostics.format(source, 4, 4, 10, "wrong", notes, hint).split("\n")
    assert len(lines) <= diagnostics.MAX_LINES < 12
    kept = sum("note" in line for line in lines)
    missing = [line for line in lines if "more reasons" in line]
    assert missing == ([f"  ({len(notes) - kept} more reasons)"] if kept < len(notes) else [])
    assert (lines[-1] == "  hint: do it") == (hint is not None)


def test_two_notes_in_full(source):
    notes = [(2, *span(2, "total"), "one"), (6, *span(6, "y"), "two")]
    lines = diagnostics.format(source, 4, 4, 10, "wrong", notes, "do it").split("\n")
    assert len(lines) == 11 and sum("^" in line for line in lines) == 3


def test_real_file(tmp_path):
    file = tmp_path / "x.py"
    file.write_text("x = 1\ny = x + 'a'\n")
    assert diagnostics.format(str(file), 2, 4, 11, "wrong").split("\n")[2:] == [
        "    y = x + 'a'",
        "        ^^^^^^^",
    ]
