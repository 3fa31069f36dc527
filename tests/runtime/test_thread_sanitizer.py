"""The runtime's parallel regions under ThreadSanitizer: parallel.c must run without a report."""

import platform
import shutil
import subprocess

import pytest

from .conftest import SRC

PROGRAM = SRC.parent.parent / "tests" / "runtime" / "parallel.c"
SOURCES = ["parallel.c", "openmp.c", "stack.c", "error.c", "object.c", "random.c"]


def build(folder):
    """The program with the runtime's sources in it, all of it instrumented; None without a sanitizer."""
    program = folder / "parallel"
    flags = "-std=c11 -O1 -g -D_GNU_SOURCE -fsanitize=thread".split()
    files = [PROGRAM, *(SRC / name for name in SOURCES)]
    empty = folder / "empty.c"
    empty.write_text("int main(void) { return 0; }")
    if subprocess.run(["cc", *flags, "-o", program, empty], capture_output=True).returncode:
        return None
    subprocess.run(
        ["cc", *flags, f"-I{SRC.parent}", "-o", program, *files, "-lm", "-ldl", "-lpthread"], check=True
    )
    return program


def test_regions_have_no_data_race(tmp_path):
    program = build(tmp_path)
    if program is None:
        pytest.skip("the C compiler has no ThreadSanitizer")
    fixed = ["setarch", platform.machine(), "-R"] if shutil.which("setarch") else []
    done = subprocess.run([*fixed, program], capture_output=True, text=True, timeout=240)
    assert done.returncode == 0 and "WARNING" not in done.stderr, done.stderr
    assert done.stdout == "parallel regions are right\n"
