"""Runs every C test program, tests/<folder>/<name>.c, plain and under AddressSanitizer and UBSan.

HOTLOOP_TEST_BIN is where the plain build put them, HOTLOOP_TEST_SANITIZED the sanitized build's folder.
"""

import os
import pathlib
import subprocess

import pytest
from sanitizers import ENVIRONMENT, sanitized_build

HERE = pathlib.Path(__file__).parent
SOURCES = sorted(path for path in HERE.glob("*/*.c"))
every_source = pytest.mark.parametrize(
    "source", SOURCES, ids=[f"{path.parent.name}/{path.stem}" for path in SOURCES]
)


def plain_build():
    folder = os.environ.get("HOTLOOP_TEST_BIN")
    if not folder:
        pytest.skip("HOTLOOP_TEST_BIN is not set (tools/dev-build DIR builds into DIR/build/tests)")
    return pathlib.Path(folder)


def run_program(folder, source, **environment):
    program = folder / f"c_{source.parent.name}_{source.stem}"
    done = subprocess.run(
        [program], capture_output=True, text=True, timeout=280, cwd=HERE.parent, env=os.environ | environment
    )
    assert done.returncode == 0, f"{program.name} ended with {done.returncode}\n{done.stdout}{done.stderr}"


@every_source
def test_c_program(source):
    run_program(plain_build(), source)


@every_source
def test_sanitized(source):
    run_program(sanitized_build() / "build" / "tests", source, **ENVIRONMENT)
