"""Options and fixtures that every test shares.

- `--oracle-only` runs each function by CPython alone, twice: it checks the tests themselves, without a
  compiler.
- `--semantics` names the rules functions are compiled under; the oracle is CPython, so only "python" for
  now.
- `--known-failures` says which tests are expected to fail, and why: known_failures.txt, read by
  known_failures.py.
"""

import gc
import os
import pathlib
import signal
import sys

import pytest

# Parallel loops are tested with up to 8 threads, whatever the machine has.
os.environ.setdefault("HOTLOOP_NUM_THREADS", "8")

sys.path.insert(0, str(pathlib.Path(__file__).parent))
pytest.register_assert_rewrite("harness")

import harness  # needs the path above
import known_failures

HAS_FAILED = pytest.StashKey[bool]()


def pytest_addoption(parser):
    parser.addoption(
        "--oracle-only", action="store_true", help="run by CPython only: checks the tests, not hotloop"
    )
    parser.addoption(
        "--semantics", choices=["python"], default="python", help="rules that functions are compiled under"
    )
    parser.addoption(
        "--known-failures",
        type=pathlib.Path,
        default=known_failures.FILE,
        help="the tests expected to fail; /dev/null to see each fail",
    )


def pytest_configure(config):
    # A shell starts what it puts into the background deaf to Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    harness.settings.oracle_only = config.getoption("--oracle-only")
    harness.settings.semantics = config.getoption("--semantics")


def pytest_collection_modifyitems(config, items):
    known_failures.mark(items, known_failures.read(config.getoption("--known-failures")))


@pytest.fixture
def oracle_only():
    """True when no compiler takes part: for tests that look at more than a function's answer."""
    return harness.settings.oracle_only


def forget_last_failure():
    """A failed test's frames live on in its traceback until the next failure: not this test's blocks."""
    names = [name for name in ("last_exc", "last_type", "last_value", "last_traceback") if hasattr(sys, name)]
    for name in names:
        delattr(sys, name)
    if names:
        gc.collect()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed or hasattr(report, "wasxfail"):
        item.stash[HAS_FAILED] = True
    return report


@pytest.fixture(autouse=True)
def no_leaked_blocks(request):
    """As many native blocks are alive after a test as before it, unless its failure still holds some."""
    forget_last_failure()
    before = harness.live_blocks()
    yield
    # A traceback may keep frames in a cycle; but to collect after each test would cost minutes.
    if harness.live_blocks() != before:
        gc.collect()
    after = harness.live_blocks()
    if request.node.stash.get(HAS_FAILED, False):
        return
    assert after == before, f"{after - before} native blocks more alive after the test than before it"
