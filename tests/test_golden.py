"""Golden files: tests/<folder>/<idea>.golden holds a stage, IR as text, `---`, and what the stage must print.

The first line is `stage: WORDS`: a word of `hlc --dump` (parse cleanup cfg opt llvm ...), `verify`, which
prints the first violation only, or `run ENTRY VALUE...`, which compiles the text, calls a function and prints
its result. `make bless` rewrites what stands behind `---` for a human to read the diff.
"""

import os
import pathlib
import shlex

import pytest
from standalone import hlc

HERE = pathlib.Path(__file__).parent
FILES = sorted(HERE.glob("*/*.golden"))
SEPARATOR = "---\n"
BLESS = os.environ.get("HOTLOOP_BLESS") == "1"


def arguments(stage):
    """The command line of hlc for the words of a golden file's first line."""
    words = shlex.split(stage)
    if words[0] == "run":
        return ["--run", *words[1:]]
    if words[0] == "verify":
        return []
    return ["--dump", words[0], *words[1:]]


def output(stage, text):
    """What the stage prints; `verify` shows the violation only."""
    printed = hlc(*arguments(stage), text=text)
    if stage == "verify":
        return printed if printed.startswith("hlc: ") else "valid\n"
    return printed


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_golden(path):
    head, text = path.read_text().split("\n", 1)
    text, _, expected = text.partition(SEPARATOR)
    stage = head.removeprefix("stage: ")
    assert stage != head, f"{path} does not start with `stage: `"
    got = output(stage, text)
    if BLESS:
        path.write_text(f"{head}\n{text}{SEPARATOR}{got}")
    else:
        assert got == expected


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_text_reads_back(path):
    """parse(print(x)) prints the same, for the input of every golden file that parses."""
    text = path.read_text().split("\n", 1)[1].partition(SEPARATOR)[0]
    once = hlc("--no-verify", "--dump", "parse", text=text)
    if not once.startswith("hlc: "):
        assert hlc("--no-verify", "--dump", "parse", text=once) == once
