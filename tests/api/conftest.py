"""Uses the built package where there is one, else the Python sources over a stand-in for the C part.

Tests marked ``fake`` look into the stand-in and run only with it; ``core`` ones need the real C part.
"""

import importlib.util
import os
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
SOURCES = HERE.parents[1] / "python"


def _has_core():
    """Whether a built package is importable."""
    if os.environ.get("HOTLOOP_TEST_FAKE"):
        return False
    try:
        return importlib.util.find_spec("hotloop._hotloop") is not None
    except ImportError:
        return False


sys.path.insert(0, str(HERE))
HAS_CORE = _has_core()
if not HAS_CORE:
    for _name in [name for name in sys.modules if name.split(".")[0] == "hotloop"]:
        del sys.modules[_name]
    sys.path.insert(0, str(SOURCES))
    import fake_core

    fake_core.install()


def pytest_configure(config):
    config.addinivalue_line("markers", "fake: needs the stand-in for the C part")
    config.addinivalue_line("markers", "core: needs the real C part")


def pytest_collection_modifyitems(items):
    for item in items:
        if HERE not in item.path.parents:
            continue
        if item.get_closest_marker("core") and not HAS_CORE:
            item.add_marker(pytest.mark.skip(reason="needs the C part"))
        if item.get_closest_marker("fake") and HAS_CORE:
            item.add_marker(pytest.mark.skip(reason="needs the stand-in"))
