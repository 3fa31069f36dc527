"""Runs every C test program, tests/<folder>/<name>.c; HOTLOOP_TEST_BIN is where the build put them."""

import os
import pathlib
import subprocess

import pytest

HERE = pathlib.Path(__file__).parent
SOURCES = sorted(HERE.glob("*/*.c"))


def binary_folder():
    folder = os.environ.get("HOTLOOP_TEST_BIN")
    if not folder:
        pytest.skip("HOTLOOP_TEST_BIN is not set (tools/dev-build DIR builds into DIR/build/tests)")
    return pathlib.Path(folder)


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_c_program(source):
    program = binary_folder() / f"c_{source.parent.name}_{source.stem}"
    done = subprocess.run([program], capture_output=True, text=True, timeout=300, cwd=HERE.parent)
    assert done.returncode == 0, f"{program.name} ended with {done.returncode}\n{done.stdout}{done.stderr}"
