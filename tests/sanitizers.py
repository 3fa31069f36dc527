"""The builds under AddressSanitizer and UBSan, and under ThreadSanitizer: where they are, and what
environment their programs run in.

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


# LLVM and the C library are not built for ThreadSanitizer, which knows nothing of their atomic operations.
NOT_OURS = "race:llvm::\nrace:_dl_deallocate_tls\n"


def racing_build():
    """Return the folder that tools/dev-build made with -Db_sanitize=thread."""
    folder = os.environ.get("HOTLOOP_TEST_RACING")
    if not folder:
        pytest.skip("HOTLOOP_TEST_RACING is not set (tools/dev-build DIR -Db_sanitize=thread)")
    return pathlib.Path(folder).absolute()


def racing_environment(folder):
    """Return the environment in which a plain Python imports that package; `folder` takes its files."""
    (folder / "suppressions").write_text(NOT_OURS)
    library = subprocess.check_output(["cc", "-print-file-name=libtsan.so"], text=True).strip()
    return os.environ | {
        "TSAN_OPTIONS": f"suppressions={folder / 'suppressions'}:exitcode=66",
        "HOTLOOP_CACHE_DIR": str(folder / "cache"),
        "PYTHONPATH": str(racing_build() / "site"),
        "LD_PRELOAD": library,
    }
