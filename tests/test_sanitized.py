"""A part of the Python tests once more with the C code under AddressSanitizer and UBSan, each part in a
process of its own; a program of many threads under ThreadSanitizer."""

import pathlib
import subprocess
import sys

import pytest
from sanitizers import python_environment, racing_build, racing_environment, sanitized_build

HERE = pathlib.Path(__file__).parent
PARTS = [
    "run/test_array_assign.py",
    "run/test_array_index.py -k not dtype",
    "run/test_strict_list.py",
    "dispatch -k not nogil and not while_one_compiles and not request_fails and not while_another",
    "errors/test_traceback.py",
    "objects/test_objects.py",
]


@pytest.mark.parametrize("part", PARTS)
def test_part(part):
    path, *selection = part.split(" ", 2)
    environment = python_environment()
    found = subprocess.run(
        [sys.executable, "-c", "import hotloop._hotloop as core; print(core.__file__)"],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert found.stdout.startswith(str(sanitized_build())), "another build is imported"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--tb=short", "--capture=sys", "-p", "no:cacheprovider",
         "-p", "no:xdist", HERE / path, *selection],
        env=environment, capture_output=True, text=True, timeout=280, cwd=HERE.parent,
    )  # fmt: skip
    report = done.stdout[-6000:] + done.stderr[-6000:]
    assert "runtime error:" not in report and "ERROR: AddressSanitizer" not in report, report
    assert done.returncode == 0, report


def test_threads_do_not_race(tmp_path):
    """setarch: ThreadSanitizer wants the addresses of a process without randomisation."""
    done = subprocess.run(
        ["setarch", "--addr-no-randomize", sys.executable, HERE / "racing.py"],
        env=racing_environment(tmp_path), capture_output=True, text=True, timeout=280,
    )  # fmt: skip
    assert done.stdout.startswith(str(racing_build())), "another build is imported"
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-6000:]
