#!/usr/bin/env python3
"""Writes docs/errors.md from the table of diagnostics and the texts that tests/errors expects.

`tools/errors_page.py` writes it; tests/docs/test_errors_page.py asks that it is current.
"""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "errors.md"
ROW = re.compile(r'^DIAG\((\w+), "(\w+)", "(\w+)", "(.*)", "(.*)"\)$', re.M)

HEAD = """\
# Errors while compiling

Made from `src/base/diag.def` by `tools/errors_page.py`. Each has a number, which stands behind the message.
Without `strict` the function runs in the interpreter and the same text is a `HotloopPerformanceWarning`; with
`strict=True` or `HOTLOOP_STRICT=1` it is an exception of the class named here. What a message points at is
the place in the source; notes below it say why an operand has its type. HL03.. are warnings: a parallel loop
runs serially.
"""


# Of rows that have a text of their own for each case.
TITLES = {
    "BAD_ARGUMENTS": "the arguments do not fit",
    "OBJMODE": "what an objmode block is called with",
    "OBJMODE_OUTPUT": "what comes out of an objmode block",
}


def examples():
    """Return {id: the shortest expected text with it}."""
    found = {}
    for path in sorted((ROOT / "tests" / "errors").glob("expected*/*.txt")):
        text = path.read_text(encoding="utf-8").rstrip()
        for number in re.findall(r"\[(HL\d+)\]", text.split("\n")[0]):
            found[number] = min(found.get(number, text), text, key=lambda each: (each.count("\n"), len(each)))
    return found


def sentence(text):
    """Return a row's message with its gaps as dots, as a reader sees it."""
    return text.replace("%s %s", "…").replace("%s", "…").replace("%%", "%")


def page():
    """Return the page's text."""
    shown = examples()
    parts = [HEAD]
    for name, number, cls, text, hint in ROW.findall(
        (ROOT / "src/base/diag.def").read_text(encoding="utf-8")
    ):
        title = TITLES.get(name) or sentence(text)
        part = f"## {number}: {title}\n\n`{cls}`. What to do: {hint}.\n"
        if number in shown:
            part += f"\n```\n{shown[number]}\n```\n"
        parts.append(part)
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
