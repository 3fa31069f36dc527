"""What `make demo` runs once hotloop is built: the examples, then how long everything took.

Asks nothing. Exit status 1 if an example failed.

HOTLOOP_DEMO_START: when `make` began, in seconds since 1970; without it only the examples are timed.
"""

import os
import platform
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def processor():
    """Return the name of the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def spoken(seconds):
    """Return a duration as one would say it."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def main():
    begun = time.time()
    import hotloop

    cpus = len(os.sched_getaffinity(0))
    print(
        f"hotloop {hotloop.__version__} on Python {platform.python_version()}, {processor()}, {cpus} CPUs",
        flush=True,
    )
    status = subprocess.run([sys.executable, str(ROOT / "examples" / "run_all.py")], cwd=ROOT).returncode
    examples = time.time() - begun
    build = begun - float(os.environ.get("HOTLOOP_DEMO_START") or begun)
    if build >= 1:
        print(f"\nmake demo took {spoken(build + examples)}: set-up and build {spoken(build)}, ", end="")
        print(f"examples {spoken(examples)}.")
    return 1 if status else 0


if __name__ == "__main__":
    sys.exit(main())
