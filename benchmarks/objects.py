"""What objects inside compiled functions cost, beside the interpreter, NumPy and torch: a section of
RESULTS.md, and a row for each budget.

    python benchmarks/objects.py

All figures come from this process. Contenders take turns, so that what disturbs the machine disturbs all of
them; a time is the smallest of many turns, the thread's CPU time. Rows that need torch are left out where it
is not installed.
"""

import time
import warnings
from dataclasses import dataclass

import numpy as np
import report

import hotloop

TURNS = 25
ROUNDS = 1000


@dataclass(frozen=True)
class Row:
    """A line of the table: the figure, in a unit, and the most or the least that it should be."""

    title: str
    figure: float
    unit: str
    most: float = float("inf")
    least: float = 0.0

    @property
    def kept(self):
        return self.least <= self.figure <= self.most

    @property
    def budget(self):
        return f">= {self.least:g}" if self.least else f"<= {self.most:g}"


def fastest(*calls, turns=TURNS):
    """Return the smallest time of each (function, arguments), all of them called in turn."""
    best = [float("inf")] * len(calls)
    for turn in range(turns + 3):
        for i, (function, *args) in enumerate(calls):
            start = time.thread_time()
            function(*args)
            seconds = time.thread_time() - start
            best[i] = min(best[i], seconds) if turn > 2 else best[i]  # the first ones compile
    return best


# Foreign operations


class Holder:
    """An object with a method and an attribute."""

    def __init__(self):
        self.value = 1

    def method(self, x):
        return x


def call_of_a_function(function, n):
    for i in range(n):
        function(i)


def call_of_a_method(holder, n):
    for i in range(n):
        holder.method(i)


def attribute(holder, n):
    for _ in range(n):
        holder.value  # noqa: B018


def item(table, n):
    for _ in range(n):
        table["key"]  # noqa: B018


def foreign_operations():
    """Return a row for each kind of operation: its time over that in the interpreter."""
    cases = [
        ("a call of a function", call_of_a_function, Holder().method),
        ("a call of a method", call_of_a_method, Holder()),
        ("an attribute", attribute, Holder()),
        ("an item of a dict", item, {"key": Holder()}),
    ]
    for title, function, argument in cases:
        plain, compiled = fastest((function, argument, ROUNDS), (hotloop.njit(function), argument, ROUNDS))
        yield Row(f"{title}, over the interpreter's", compiled / plain, "times", most=1.3)


# Continuations


def sum_of_items(items, n):
    total = 0.0
    for i in range(n):
        total = total + items[i & 1]
    return total


def continuations():
    """Return the row of a pass: each value has another type than the one before, beside all of one type."""
    steady, changing = {0: 1.5, 1: 2.5}, {0: 1, 1: 2.5}
    alone, leaving = fastest(
        (hotloop.njit(sum_of_items), steady, ROUNDS), (hotloop.njit(sum_of_items), changing, ROUNDS)
    )
    yield Row(
        "passing through a continuation, its type seen before", (leaving - alone) / ROUNDS * 1e9, "ns", 150
    )


# Loops


def loop(x, out):
    for i in range(x.size):
        out[i] = x[i] * 2.0 + out[i]


def loop_between_objects(holder, x, out):
    holder.value = 2
    for i in range(x.size):
        out[i] = x[i] * 2.0 + out[i]
    holder.value = 3


def loops():
    """Return the row of a native loop in a function with objects, over the loop alone."""
    x, out = np.random.default_rng(1).random(200_000), np.zeros(200_000)
    alone, beside = fastest(
        (hotloop.njit(loop), x, out), (hotloop.njit(loop_between_objects), Holder(), x, out)
    )
    yield Row("a native loop beside objects, over the loop alone", beside / alone, "times", 1.05)


# torch


def waves(x):
    return np.exp(x) + np.sin(x) - np.cos(x)


def tensors():
    """Return the rows of the torch function: beside torch for a few elements, beside NumPy for many."""
    try:
        import torch
    except ImportError:
        return
    torch.set_num_threads(1)

    def through_numpy(x):
        values = x.numpy()
        result = np.exp(values) + np.sin(values) - np.cos(values)
        return torch.from_numpy(result)

    def eager(x):
        return torch.exp(x) + torch.sin(x) - torch.cos(x)

    few, many = torch.randn(1000), torch.randn(10_000_000)
    compiled = hotloop.njit(through_numpy)
    mine, theirs = fastest((compiled, few), (eager, few), turns=200)
    yield Row("exp + sin - cos of a tensor of 1,000, eager torch over it", theirs / mine, "times", least=1.0)
    mine, theirs = fastest((compiled, many), (waves, many.numpy()), turns=7)
    yield Row("exp + sin - cos of a tensor of 10,000,000, NumPy over it", theirs / mine, "times", least=2.0)


def summary(rows):
    """Return the section of the results."""
    cells = [[row.title, row.unit, row.budget, f"{row.figure:.3g}"] for row in rows]
    missed = [
        f"- {row.title}: {row.figure:.3g} {row.unit}, budget {row.budget}" for row in rows if not row.kept
    ]
    verdict = "\n".join(["Missed:\n", *missed]) if missed else "All budgets are kept."
    how = f"Smallest of {TURNS} turns, CPU times of one thread, in one process."
    return "\n\n".join([how, report.table(("what", "unit", "budget", "hotloop"), cells), verdict])


def measure_and_report():
    """Measure everything, print it and write it into RESULTS.md."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", hotloop.errors.HotloopPerformanceWarning)
        rows = [*foreign_operations(), *continuations(), *loops(), *tensors()]
    text = summary(rows)
    print("", text, sep="\n")
    report.write_section("Objects", text)


if __name__ == "__main__":
    measure_and_report()
