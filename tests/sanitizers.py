"""The build under AddressSanitizer and UBSan: where it is, and the environment its programs run in.

Leaks are not looked for: Python keeps much until the process ends, and the tests count live blocks.
"""

import os
import pathlib
import subprocess

import pytest

ENVIRONMENT = {
    "ASAN_OPTIONS": "detect_leaks=0:abort_on_error=1:allocator_may_return_null=1",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
}


def sanitized_build():
    """Return the folder that tools/dev-build made with -Db_sanitize=address,undefined."""
    folder = os.environ.get("HOTLOOP_TEST_SANITIZED")
    if not folder:
        pytest.skip("HOTLOOP_TEST_SANITIZED is not set (tools/dev-build DIR -Db_sanitize=address,undefined)")
    return pathlib.Path(folder).absolute()


def python_environment():
    """Return the environment in which a plain Python imports the sanitized package."""
    libraries = [
        subprocess.check_output(["cc", f"-print-file-name={name}"], text=True).strip()
        for name in ("libasan.so", "libubsan.so")
    ]
    return (
        os.environ
        | ENVIRONMENT
        | {
            "PYTHONPATH": str(sanitized_build() / "site"),
            "LD_PRELOAD": " ".join(libraries),
        }
    )
