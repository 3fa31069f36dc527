"""The runtime under ThreadSanitizer: parallel regions and large blocks must run without a report."""

import platform
import shutil
import subprocess

import pytest

from .conftest import SRC

PROGRAMS = {
    "parallel": ["parallel.c", "openmp.c", "stack.c", "error.c", "object.c", "random.c"],
    "large": ["large.c", "memory.c", "error.c"],
}


def build(name, folder):
    """The program with the runtime's sources in it, all of it instrumented; None without a sanitizer."""
    program = folder / name
    flags = "-std=c11 -O1 -g -D_GNU_SOURCE -fsanitize=thread".split()
    files = [
        SRC.parent.parent / "tests" / "runtime" / f"{name}.c",
        *(SRC / source for source in PROGRAMS[name]),
    ]
    empty = folder / "empty.c"
    empty.write_text("int main(void) { return 0; }")
    if subprocess.run(["cc", *flags, "-o", program, empty], capture_output=True).returncode:
        return None
    subprocess.run(
        ["cc", *flags, f"-I{SRC.parent}", "-o", program, *files, "-lm", "-ldl", "-lpthread"], check=True
    )
    return program


@pytest.mark.parametrize("name, says", [("parallel", "parallel regions"), ("large", "large blocks")])
def test_there_is_no_data_race(name, says, tmp_path):
    program = build(name, tmp_path)
    if program is None:
        pytest.skip("the C compiler has no ThreadSanitizer")
    fixed = ["setarch", platform.machine(), "-R"] if shutil.which("setarch") else []
    done = subprocess.run([*fixed, program], capture_output=True, text=True, timeout=240)
    assert done.returncode == 0 and "WARNING" not in done.stderr, done.stderr
    assert done.stdout == f"{says} are right\n"
