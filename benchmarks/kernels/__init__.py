"""The benchmark kernels: one module each, the same loop in C beside it.

A kernel module `name.py` has

    name(...)             the kernel in plain Python, undecorated; every engine compiles this very function
    SIZES                 the two sizes that are measured
    arguments(size)       its arguments, the same ones in every process
    c_arguments(...)      what the C function takes, made from these arguments
    C_RESULT              what the C function returns: "f8", "i8", "u8", "array" (allocated by it) or None
    OUTPUT                the number of the argument that holds the answer; None if the return value does
    TOLERANCE             0.0 if the answers must be equal bit for bit, else (relative, absolute)
    SLEEF                 whether `name.c` has a second variant over SLEEF's vector functions
    PARALLEL              whether it is compiled with parallel=True (in C with OpenMP) and timed by the clock;
                          its `prange` is then the engine's
    DRAWS                 whether it draws random numbers
    GATHER                whether it reads or writes where another array says, so each index must be checked

and `name.c` has `name_c` (and `name_sleef`), declared through the macros of bench.h. Sizes are chosen so
that one call takes at least some ten microseconds: the cost of calling is measured elsewhere
(budgets.py).
"""

import importlib
import mmap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path(__file__).resolve().parent
PAGE = 4096
HUGE_PAGE = 2 << 20
HUGE_FROM = 64 << 10

# Those that count, then those that are measured and shown but left out of the means.
NAMES = (
    "collatz",
    "mandelbrot",
    "xorshift",
    "sum_of_squares",
    "trace_of_tanh",
    "jacobi",
    "matrix_product",
    "cholesky",
    "triad",
    "axpy_chain",
    "black_scholes",
    "tanh_loop",
    "floyd_warshall",
    "small_matrices",
    "monte_carlo_pi",
    "n_body",
    "quicksort",
    "histogram",
    "sparse_product",
    "kmeans_step",
    "pairwise_distances",
    "parallel_sum",
    "parallel_waves",
    "parallel_pi",
)
EXTRA = ("tanh_sum", "gather")


@dataclass(frozen=True)
class Kernel:
    """One kernel, read from its module."""

    name: str
    module: Any

    @property
    def function(self):
        return getattr(self.module, self.name)

    @property
    def sizes(self):
        return self.module.SIZES

    @property
    def sleef(self):
        return getattr(self.module, "SLEEF", False)

    @property
    def parallel(self):
        return getattr(self.module, "PARALLEL", False)

    @property
    def draws(self):
        return getattr(self.module, "DRAWS", False)

    @property
    def gather(self):
        return getattr(self.module, "GATHER", False)

    @property
    def c_source(self):
        return FOLDER / f"{self.name}.c"

    def arguments(self, size):
        """Return fresh arguments; arrays lie at the same places modulo a page in every engine's process."""
        values = self.module.arguments(size)
        return tuple(placed(x, i) if isinstance(x, np.ndarray) else x for i, x in enumerate(values))

    def answer(self, returned, arguments):
        """Return the kernel's answer: what it returned, or the argument it wrote."""
        output = getattr(self.module, "OUTPUT", None)
        return np.asarray(returned if output is None else arguments[output])

    def agree(self, left, right):
        """Tell whether two answers are the same, within the kernel's tolerance (none: bit for bit)."""
        tolerance = getattr(self.module, "TOLERANCE", 0.0)
        if tolerance == 0.0:
            return np.array_equal(left, right)
        relative, absolute = tolerance
        return left.shape == right.shape and np.allclose(left, right, rtol=relative, atol=absolute)


def load(name):
    """Return the kernel of that name."""
    return Kernel(name, importlib.import_module(f"kernels.{name}"))


def placed(array, number):
    """Return a copy that starts a quarter of a page after the argument before it, modulo a page.

    Where arrays lie modulo a page decides whether a load must wait for an earlier store to another array
    whose address has the same low bits: a factor of two in a triad, by luck of the allocator.
    """
    raw = memory(array.nbytes + 2 * PAGE)
    start = -raw.ctypes.data % PAGE + number * PAGE // 4 % PAGE
    copy = raw[start : start + array.nbytes].view(array.dtype).reshape(array.shape)
    copy[...] = array
    return copy


def memory(nbytes):
    """Return fresh bytes; many of them on huge pages, where the system has such.

    Which small pages a process is given decides how many of them fall on the same lines of the second-level
    cache: a matrix product takes up to 1.3 times as long by bad luck, for the whole life of the process.
    """
    if nbytes < HUGE_FROM or not hasattr(mmap, "MADV_HUGEPAGE"):
        return np.empty(nbytes, dtype=np.uint8)
    whole = -(-nbytes // HUGE_PAGE) * HUGE_PAGE
    mapping = mmap.mmap(-1, whole + HUGE_PAGE)
    mapping.madvise(mmap.MADV_HUGEPAGE)
    raw = np.frombuffer(mapping, dtype=np.uint8)
    start = -raw.ctypes.data % HUGE_PAGE
    return raw[start : start + whole]
