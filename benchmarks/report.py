"""Text tables, the description of the machine, and benchmarks/RESULTS.md with its sections.

Each section stands between two marks and is replaced as a whole, so run.py, budgets.py and objects.py can
write it in any order.
"""

import datetime
import math
import os
import platform
import re
from pathlib import Path

import numpy as np

RESULTS = Path(__file__).resolve().parent / "RESULTS.md"
README = RESULTS.parent.parent / "README.md"
MARKS = ("<!-- written by make bench -->\n", "<!-- end -->\n")
SECTIONS = ("Loops", "Budgets", "Objects")
OPENING = """# Measured

Written by `make bench` (benchmarks/run.py, budgets.py and objects.py), never by hand.
"""


def table(header, rows):
    """Return a Markdown table whose columns are padded, so that it reads as well in a terminal."""
    cells = [list(header), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]

    def line(row):
        first, *rest = zip(row, widths, strict=True)
        padded = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest)]
        return "| " + " | ".join(padded) + " |"

    rule = "|" + "|".join("-" * (w + 1) + (":" if i else "-") for i, w in enumerate(widths)) + "|"
    return "\n".join([line(cells[0]), rule, *map(line, cells[1:])])


def geometric_mean(values):
    """Return the geometric mean; NaN of nothing."""
    values = list(values)
    return math.exp(sum(map(math.log, values)) / len(values)) if values else math.nan


def cpu_name():
    """Return the processor's name and family, as the kernel tells them."""
    text = Path("/proc/cpuinfo").read_text()
    facts = dict(re.findall(r"^(model name|cpu family|model)\s*:\s*(.*)$", text, re.M))
    name = facts.get("model name", platform.machine())
    return f"{name} (family {facts.get('cpu family')}, model {facts.get('model')})"


def conditions(versions):
    """Return the lines that say where and with what was measured."""
    named = ", ".join(f"{name} {version}" for name, version in versions.items())
    load = Path("/proc/loadavg").read_text().split()[0]
    return (
        f"{datetime.date.today().isoformat()}, {cpu_name()}, {len(os.sched_getaffinity(0))} cores, "
        f"Linux {platform.release()}, Python {platform.python_version()}, NumPy {np.__version__}, {named}; "
        f"load average {load}."
    )


def write_section(title, text):
    """Put a section into RESULTS.md, in the place of the one with the same title."""
    old = RESULTS.read_text() if RESULTS.exists() else ""
    kept = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", old, re.M | re.S))
    kept[title] = f"\n{text.strip()}\n\n"
    body = "".join(f"\n## {name}\n{kept[name].rstrip()}\n" for name in SECTIONS if name in kept)
    RESULTS.write_text(OPENING + body)


def write_readme(text):
    """Put the short table into README.md, between its marks."""
    before, begin, rest = README.read_text().partition(MARKS[0])
    _, end, after = rest.partition(MARKS[1])
    if begin and end:
        README.write_text(f"{before}{begin}\n{text.strip()}\n\n{end}{after}")
