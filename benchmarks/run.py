"""Measures the kernels in hotloop, Numba and C, interleaved, and writes benchmarks/RESULTS.md (`make
bench`).

    python benchmarks/run.py [--quick] [--numba PYTHON] [--engines NAME ...] [KERNEL ...]

Each engine is a process of its own (worker.py). First every engine's answer is compared with C's, for the
small size with plain Python's as well. Then come rounds in which each kernel is timed by one engine after
the other, so that what disturbs the machine disturbs all of them. Each round has new processes: where code
and arrays happen to lie moves a figure by a few per cent, now and then by far more, for a whole life. A
figure is the median of the rounds; the minimum stands beside it. Where a kernel has several forms in C,
the fastest counts. With kernels named, only these are measured and nothing is written.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import budgets
import engines
import kernels
import numpy as np
import objects
import report

C_LIMIT = 1.05
GATHER_LIMIT = 1.3
NUMBA_LIMIT = 1.03
MEAN_TARGET = 1.35


@dataclass
class Case:
    """One kernel at one size, with the times measured so far: variant -> seconds, one per round."""

    kernel: kernels.Kernel
    size: int
    times: dict = field(default_factory=dict)
    failures: dict = field(default_factory=dict)

    @property
    def title(self):
        return f"{self.kernel.name} {self.size:,}"

    @property
    def counts(self):
        return self.kernel.name in kernels.NAMES

    def best(self, engine):
        """Return the engine's fastest variant by median, or None."""
        mine = [key for key in self.times if key[0] == engine]
        return min(mine, key=lambda key: statistics.median(self.times[key]), default=None)

    def seconds(self, engine, kind=statistics.median):
        """Return the engine's time by median or by minimum, NaN if there is none."""
        key = self.best(engine)
        return kind(self.times[key]) if key else np.nan

    def ratio(self, upper, lower, kind=statistics.median):
        return self.seconds(upper, kind) / self.seconds(lower, kind)


def answers(case, engine, variants, folder):
    """Return the engine's answers, variant -> array; what fails is noted in the case."""
    found = {}
    for variant in variants:
        path = str(Path(folder) / f"{engine.name}-{variant}.npy")
        try:
            engine.ask("answer", kernel=case.kernel.name, size=case.size, variant=variant, path=path)
            found[engine.name, variant] = np.load(path)
        except engines.EngineError as error:
            case.failures[engine.name, variant] = str(error)
    return found


def check(case, running):
    """Compare all answers with the first (plain Python's at the small size); return what agrees."""
    with tempfile.TemporaryDirectory() as folder:
        found = {}
        if case.size == case.kernel.sizes[0]:
            found |= answers(case, running["python"], ["python"], folder)
        for name in ("c", "numba", "hotloop"):
            if name in running:
                variants = running[name].ask("variants", kernel=case.kernel.name)
                found |= answers(case, running[name], variants, folder)
    agreeing = []
    for key, answer in found.items():
        first, reference = next(iter(found.items()))
        if not case.kernel.agree(reference, answer):
            case.failures[key] = f"another answer than {' '.join(first)}: {answer} instead of {reference}"
        elif key[0] != "python":
            agreeing.append(key)
    return agreeing


def time_python(case, running):
    """Plain Python is timed once, at the small size: it is far off and slow."""
    if case.size == case.kernel.sizes[0]:
        request = dict(kernel=case.kernel.name, size=case.size, variant="python", seconds=0.02, batches=1)
        case.times["python", "python"] = [running["python"].ask("time", **request)]


def restart(running):
    """Give the measured engines new processes."""
    for name, engine in running.items():
        if name != "python":
            engine.close()
            running[name] = engines.start(name, engine.python)


def measure(cases, running, options):
    """Fill in the cases' times, round by round."""
    agreeing = {id(case): check(case, running) for case in cases}
    for case in cases:
        time_python(case, running)
    for number in range(options.rounds):
        print(f"round {number + 1} of {options.rounds}", file=sys.stderr, flush=True)
        restart(running)
        for case in cases:
            for name, variant in agreeing[id(case)]:
                request = dict(kernel=case.kernel.name, size=case.size, variant=variant)
                seconds = running[name].ask(
                    "time", **request, seconds=options.seconds, batches=options.batches
                )
                case.times.setdefault((name, variant), []).append(seconds)


def row(case):
    """Return the case's line of the table."""
    c_form = case.best("c")
    times = [f"{1e6 * case.seconds(name):,.1f}" for name in ("hotloop", "c", "numba")]
    ratios = [
        case.ratio("hotloop", "c"),
        case.ratio("hotloop", "c", min),
        case.ratio("numba", "hotloop"),
        case.ratio("numba", "hotloop", min),
        case.ratio("numba", "c"),
    ]
    return [case.title, *times, c_form[1] if c_form else "-", *(f"{ratio:.2f}" for ratio in ratios)]


HEADER = (
    "kernel, size",
    "hotloop µs",
    "C µs",
    "Numba µs",
    "C form",
    "hotloop/C",
    "(min)",
    "Numba/hotloop",
    "(min)",
    "Numba/C",
)


def misses(cases):
    """Return a line for each target that is not met."""
    unmeasured = [case.title for case in cases if not case.best("hotloop")]
    lines = [f"hotloop was not measured: {', '.join(unmeasured)}"] if unmeasured else []
    for case in cases:
        lines += [
            f"{case.title}: {' '.join(key)} failed: {text.strip()}" for key, text in case.failures.items()
        ]
        limit = GATHER_LIMIT if case.kernel.gather else C_LIMIT
        if case.ratio("hotloop", "c") > limit:
            lines.append(f"{case.title}: {case.ratio('hotloop', 'c'):.2f} times C's time, allowed {limit}")
        if case.ratio("hotloop", "numba") > NUMBA_LIMIT:
            slower = 100 * (case.ratio("hotloop", "numba") - 1)
            lines.append(f"{case.title}: {slower:.0f} % slower than Numba, allowed 3 %")
    speed = mean(cases, "numba", "hotloop")
    if speed < MEAN_TARGET:
        lines.append(f"geometric mean: {speed:.2f} times Numba's speed, wanted {MEAN_TARGET}")
    return lines


def mean(cases, upper, lower):
    """Return the geometric mean of two engines' ratio over the kernels that count and that both ran."""
    ratios = [case.ratio(upper, lower) for case in cases if case.counts]
    return report.geometric_mean(ratio for ratio in ratios if not np.isnan(ratio))


def summary(cases, options):
    """Return the section of the results: table, means, missed targets."""
    speed, c_speed = mean(cases, "numba", "hotloop"), mean(cases, "numba", "c")
    means = (
        f"Geometric means over the {len(kernels.NAMES)} kernels ({', '.join(kernels.EXTRA)} are shown only): "
        f"hotloop is {speed:.2f} times as fast as Numba and takes {mean(cases, 'hotloop', 'c'):.2f} times "
        f"C's time; C is {c_speed:.2f} times as fast as Numba."
    )
    missed = misses(cases)
    verdict = "All targets are met."
    if missed:
        lines = "\n".join(f"- {line}" for line in missed)
        verdict = f"Missed (why, with both assemblies: [MISSES.md](MISSES.md)):\n\n{lines}"
    how = (
        "CPU time of the thread for one call in microseconds (of parallel_ kernels the clock's): median of "
        f"{options.rounds} interleaved rounds, each in new processes and the best of {options.batches} loops "
        f"of at least {1e3 * options.seconds:.0f} ms; (min): by the fastest round. The answers of all "
        "engines were compared before."
    )
    return "\n\n".join([how, report.table(HEADER, map(row, cases)), means, verdict])


def short_table(cases):
    """Return the table for README.md: the small sizes, with plain Python."""
    header = (
        "kernel, size",
        "Python µs",
        "Numba µs",
        "C µs",
        "hotloop µs",
        "Python/hotloop",
        "Numba/hotloop",
    )
    rows = []
    for case in cases:
        if ("python", "python") not in case.times:
            continue
        times = [f"{1e6 * case.seconds(name):,.1f}" for name in ("python", "numba", "c", "hotloop")]
        ratios = [
            f"{case.ratio(name, 'hotloop'):,.{digits}f}" for name, digits in (("python", 0), ("numba", 2))
        ]
        rows.append([case.title, *times, *ratios])
    return report.table(header, rows)


def start(options):
    """Start the wanted engines; return them by name."""
    running = {"python": engines.start("python")}
    for name in options.engines:
        python = engines.numba_python(options.numba) if name == "numba" else sys.executable
        engine = python and engines.start(name, python)
        if engine:
            running[name] = engine
    return running


def parse():
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "kernels", nargs="*", metavar="KERNEL", help="only these: " + ", ".join(kernels.NAMES)
    )
    parser.add_argument(
        "--quick", action="store_true", help="three rounds of short loops, small sizes, no budgets"
    )
    parser.add_argument("--rounds", type=int, help="how many rounds (7)")
    parser.add_argument("--numba", metavar="PYTHON", help="a Python that has Numba, instead of .venv-numba's")
    parser.add_argument("--engines", nargs="+", default=["c", "numba", "hotloop"], choices=engines.NAMES)
    options = parser.parse_args()
    unknown = set(options.kernels) - {*kernels.NAMES, *kernels.EXTRA}
    if unknown:
        parser.error(f"no kernel {', '.join(sorted(unknown))}")
    options.rounds = options.rounds or (3 if options.quick else 7)
    options.seconds, options.batches = (0.005, 2) if options.quick else (0.02, 3)
    return options


def main():
    options = parse()
    running = start(options)
    names = options.kernels or (*kernels.NAMES, *kernels.EXTRA)
    loaded = [kernels.load(name) for name in names]
    cases = [Case(kernel, size) for kernel in loaded for size in kernel.sizes[: 1 if options.quick else 2]]
    measure(cases, running, options)
    versions = {name: engine.version for name, engine in running.items() if name != "python"}
    text = summary(cases, options)
    print(report.conditions(versions), text, sep="\n\n")
    for engine in running.values():
        engine.close()
    if not options.kernels and not options.quick:
        report.write_readme(short_table(cases))
        report.write_section("Loops", report.conditions(versions) + "\n\n" + text)
        budgets.measure_and_report(options.numba)
        # In a process of their own: the loops leave a large heap behind, which small allocations feel.
        subprocess.run([sys.executable, objects.__file__], check=True)


if __name__ == "__main__":
    main()
