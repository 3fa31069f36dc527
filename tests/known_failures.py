"""Which tests fail for a known reason: known_failures.txt.

A line in the first column is a reason, the indented lines under it are the tests that it holds for, as
pytest names them; `*` stands for any text. `hangs` before a name keeps the test from being run at all. A
test that has begun to pass is reported as such (XPASS): then its line goes.
"""

import pathlib
import re

import pytest

FILE = pathlib.Path(__file__).parent / "known_failures.txt"


def read(path):
    """Return [(expression, reason, hangs)] of such a file."""
    rows, reason = [], None
    for line in path.read_text().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if not line.startswith(" "):
            reason = line.strip()
            continue
        name = line.strip()
        hangs = name.startswith("hangs ")
        name = name.removeprefix("hangs ")
        rows.append((re.compile(".*".join(map(re.escape, name.split("*")))), reason, hangs))
    return rows


def mark(items, rows):
    """Mark the collected tests that a row names."""
    for item in items:
        for expression, reason, hangs in rows:
            if expression.fullmatch(item.nodeid):
                item.add_marker(pytest.mark.xfail(strict=False, reason=reason, run=not hangs))
                break
