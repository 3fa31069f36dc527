"""Measures what is paid beside the loops: import, first calls, compiling, cached loading, calls, memory.

    python benchmarks/budgets.py [--quick] [--numba PYTHON]

Each figure is the smallest of up to 15 fresh processes (probe.py), hotloop's and Numba's in turn, against
the budgets of docs/architecture.md. Prints the table and writes it into benchmarks/RESULTS.md; `make
bench` does this after the kernels (run.py).
"""

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path

import engines
import report

PROBE = str(Path(__file__).with_name("probe.py"))


@dataclass(frozen=True)
class Row:
    """A line of the table: what is measured, how a figure is read from a probe, and its budget."""

    title: str
    probe: str
    pick: object
    budget: float
    unit: str

    def text(self, figures):
        """Return the figure in the row's unit, or a dash."""
        if not figures:
            return "-"
        value = self.value(figures)
        return f"{value:,.3g}" if value < 1000 else f"{value:,.0f}"

    def value(self, figures):
        """Return the smallest figure of all processes, in the row's unit."""
        return min(map(self.pick, figures)) / UNITS[self.unit]


UNITS = {"ms": 1e-3, "µs": 1e-6, "ns": 1e-9, "MB": 1e6}
SECONDS = float


def mean_of_kernels(seconds):
    return report.geometric_mean(seconds.values())


ROWS = (
    Row("import, over importing NumPy", "import_time", SECONDS, 15, "ms"),
    Row("first call of x + 1 in a new process", "first_plus_one", SECONDS, 15, "ms"),
    Row("first call of go_fast in a new process", "first_go_fast", SECONDS, 25, "ms"),
    Row("first call of go_fast as the second function", "second_go_fast", SECONDS, 15, "ms"),
    Row("compiling a kernel, compiler warm, geometric mean", "compile_kernels", mean_of_kernels, 22, "ms"),
    Row("loading and running a cached function", "cached_go_fast", itemgetter("seconds"), 1, "ms"),
    Row("call with two scalars", "call_overheads", itemgetter("two scalars"), 50, "ns"),
    Row("call with one array", "call_overheads", itemgetter("one array"), 80, "ns"),
    Row("call with a default left out", "call_overheads", itemgetter("default left out"), 50, "ns"),
    Row("call with a list of 1,000 ints", "list_argument", SECONDS, 10, "µs"),
    Row("parallel region over 8 elements", "parallel_region", SECONDS, 3, "µs"),
    Row("memory over NumPy, after import", "memory", itemgetter("import"), 5, "MB"),
    Row("memory over NumPy, after the first compilation", "memory", itemgetter("compiled"), 60, "MB"),
)
PROCESSES = {
    "compile_kernels": 1,
    "call_overheads": 3,
    "list_argument": 3,
    "parallel_region": 3,
    "memory": 5,
}  # the others: as many as asked for


def run_probe(engine, python, probe, cache):
    """Run one probe in a new process; return its figure, or None with its error printed."""
    places = {"HOTLOOP_CACHE_DIR": str(cache), "NUMBA_CACHE_DIR": str(cache)}
    command = [python, PROBE, engine, probe]
    done = subprocess.run(command, capture_output=True, text=True, env=engines.environment() | places)
    if done.returncode:
        print(f"budgets: {engine} {probe} failed: {done.stderr.strip().splitlines()[-1]}", flush=True)
        return None
    return json.loads(done.stdout)


def measure(pythons, processes):
    """Return (engine, probe) -> list of figures, the engines in turn."""
    figures = {}
    with tempfile.TemporaryDirectory() as cache:
        for engine, python in pythons.items():
            run_probe(engine, python, "cached_go_fast", cache)  # fills the cache
        for probe in dict.fromkeys(row.probe for row in ROWS):
            able = dict(pythons)
            for _ in range(min(processes, PROCESSES.get(probe, processes))):
                for engine, python in list(able.items()):
                    figure = run_probe(engine, python, probe, cache)
                    if figure is None:
                        del able[engine]  # said once is enough
                    else:
                        figures.setdefault((engine, probe), []).append(figure)
    return figures


def misses(figures):
    """Return a line for each budget that is exceeded or was not measured."""
    lines = []
    for row in ROWS:
        mine = figures.get(("hotloop", row.probe))
        if not mine:
            lines.append(f"{row.title}: hotloop was not measured")
        elif row.value(mine) > row.budget:
            lines.append(f"{row.title}: {row.text(mine)} {row.unit}, budget {row.budget} {row.unit}")
    if any(found["llvm"] for found in figures.get(("hotloop", "cached_go_fast"), ())):
        lines.append("loading a cached function opened LLVM")
    return lines


def compile_times(figures):
    """Return a line with each kernel's compile time."""
    parts = []
    for engine in ("hotloop", "numba"):
        for found in figures.get((engine, "compile_kernels"), ()):
            times = ", ".join(f"{name} {1e3 * seconds:.1f}" for name, seconds in found.items())
            parts.append(f"Compile times in ms, {engine}: {times}.")
    return "\n\n".join(parts)


def summary(figures, processes):
    """Return the section of the results."""
    header = ("what", "unit", "budget", "hotloop", "Numba")
    rows = []
    for row in ROWS:
        found = (row.text(figures.get((engine, row.probe))) for engine in ("hotloop", "numba"))
        rows.append([row.title, row.unit, row.budget, *found])
    how = (
        f"Smallest of up to {processes} new processes; times are CPU times of the calling thread (what "
        "hardly ever runs is compiled on another one meanwhile: 1 to 2 ms), calls are timed by timeit, the "
        "parallel region by the clock. "
        "A cached function is decorated, loaded and run once."
    )
    missed = misses(figures)
    verdict = "Missed:\n\n" + "\n".join(f"- {line}" for line in missed) if missed else "All budgets are kept."
    return "\n\n".join([how, report.table(header, rows), compile_times(figures), verdict])


def measure_and_report(numba=None, processes=15):
    """Measure all budgets, print them and write them into RESULTS.md."""
    pythons = {"hotloop": sys.executable, "numba": engines.numba_python(numba)}
    pythons = {
        name: python for name, python in pythons.items() if python and engines.can_import(python, name)
    }
    text = summary(measure(pythons, processes), processes)
    print("", text, sep="\n")
    report.write_section("Budgets", text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="three processes instead of fifteen")
    parser.add_argument("--numba", metavar="PYTHON", help="a Python that has Numba, instead of .venv-numba's")
    options = parser.parse_args()
    measure_and_report(options.numba, 3 if options.quick else 15)


if __name__ == "__main__":
    main()
