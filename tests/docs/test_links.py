"""What the documents name exists: links, files, options, diagnostics; and the README's examples run."""

import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]
CODE = re.compile(r"`([^`\n]+)`")
SOURCES = ["src", "python", "tests", "tools", "docs", "examples", "benchmarks"]


@pytest.fixture(scope="module")
def names():
    """Every file of the project: by its path, and by its name alone."""
    paths = {str(p.relative_to(ROOT)) for top in SOURCES for p in (ROOT / top).rglob("*") if p.is_file()}
    return paths | {path.rpartition("/")[2] for path in paths}


def page_id(page):
    return page.name


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_links_lead_somewhere(page):
    links = re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
    broken = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert not broken


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_named_files_exist(page, names):
    words = CODE.findall(page.read_text(encoding="utf-8"))
    files = [w for w in words if re.fullmatch(r"[\w/]+\.(c|h|def|py)", w)]
    missing = [f for f in files if f not in names and not any(n.endswith("/" + f) for n in names)]
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_named_settings_are_read_somewhere(page):
    read = "".join(
        p.read_text(encoding="utf-8", errors="replace")
        for top in ("src", "python", "tests", "tools")
        for p in (ROOT / top).rglob("*")
        if p.suffix in (".c", ".h", ".py", "") and p.is_file() and "docs" not in p.parts
    )
    named = set(re.findall(r"HOTLOOP_[A-Z_]+", page.read_text(encoding="utf-8")))
    # The package's settings are named without their prefix there.
    assert not {name for name in named if name not in read and f'"{name[8:]}"' not in read}


def test_readme_example_runs(oracle_only):
    if oracle_only:
        pytest.skip("runs compiled code")
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert blocks
    for block in blocks:
        counted = "\nimport hotloop\nassert hotloop._conformance_counters()['fallback'] == 0"
        done = subprocess.run(
            [sys.executable, "-c", block + counted], capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""


def test_readme_says_which_functions_compile():
    """Each NumPy function the README names has a rule in the compiler, is in the prelude, or is a ufunc."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    paragraph = re.search(r"\*\*NumPy functions\*\*(.*?)\n- \*\*", text, re.DOTALL).group(1)
    named = " ".join(CODE.findall(paragraph.replace("\n", " "))).split()
    rules = (ROOT / "src/infer/known.def").read_text() + (ROOT / "python/hotloop/prelude/order").read_text()
    assert len(named) > 40
    assert not [
        n
        for n in named
        if n not in ("_like", "@") and not re.search(rf"(numpy|ndarray)\.(linalg\.)?{n}\b", rules)
    ]
