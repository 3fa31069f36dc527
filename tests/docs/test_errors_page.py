"""docs/errors.md is what tools/errors_page.py makes of the table of diagnostics, and names every row."""

import importlib.util
import os
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]


def load_tool():
    spec = importlib.util.spec_from_file_location("errors_page", ROOT / "tools" / "errors_page.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    return tool


def test_page_is_current():
    tool = load_tool()
    if os.environ.get("HOTLOOP_BLESS"):
        tool.PAGE.write_text(tool.page(), encoding="utf-8")
    assert tool.PAGE.read_text(encoding="utf-8") == tool.page(), "run tools/errors_page.py"


def test_every_diagnostic_is_on_the_page():
    table = (ROOT / "src" / "base" / "diag.def").read_text(encoding="utf-8")
    numbers = re.findall(r'^DIAG\(\w+, "(HL\d+)"', table, re.M)
    text = load_tool().PAGE.read_text(encoding="utf-8")
    assert numbers and all(f"## {number}: " in text for number in numbers)
