"""Runs the examples one after another; says at the end how long it took and what to try next.

Ends with exit status 1 if one of them failed, after having run them all.
"""

import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
SCRIPTS = (
    "five_minutes.py",
    "tanh_table.py",
    "matrices.py",
    "mandelbrot.py",
    "svm.py",
    "monte_carlo.py",
    "optimisation.py",
    "kmeans.py",
    "heat.py",
    "libraries.py",
)
NEXT = """What to try next:
  look at the pictures             examples/out/mandelbrot.png, heat.png (animated)
  read the shortest example        examples/five_minutes.py
  speed up a function of yours     from hotloop import njit, then @njit above its def
  the same for Numba code          import njit from hotloop in place of numba
  measure it beside C and Numba    make bench
  run the tests                    make test"""


def run(script):
    """Run one example in a process of its own; return whether it succeeded."""
    print(f"\n=== examples/{script} " + "=" * (90 - len(script)), flush=True)
    status = subprocess.run([sys.executable, str(HERE / script)], cwd=HERE.parent).returncode
    if status:
        print(f"examples/{script} FAILED with exit status {status}", flush=True)
    return status == 0


def main():
    start = time.perf_counter()
    failed = [script for script in SCRIPTS if not run(script)]
    seconds = time.perf_counter() - start
    print(f"\n{len(SCRIPTS) - len(failed)} of {len(SCRIPTS)} examples ran, in {seconds:.1f} s.\n{NEXT}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
