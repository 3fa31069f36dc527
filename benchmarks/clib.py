"""The C side of the kernels: compiles `kernels/name.c` with clang and calls it through ctypes.

A kernel has the variant "c", or where it has a SLEEF form the variants "libm" and "sleef128", "sleef256",
"sleef512" for the vectors this machine has. One shared object per vector width lies in benchmarks/out/,
named after what it was made from, so an edited source is compiled again.
"""

import ctypes
import functools
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np

OUT = Path(__file__).resolve().parent / "out"
FLAGS = ("-O3", "-march=native", "-ffp-contract=off", "-std=gnu11")
RESULTS = {
    "f8": ctypes.c_double,
    "i8": ctypes.c_int64,
    "u8": ctypes.c_uint64,
    "array": ctypes.c_void_p,
    None: None,
}


@functools.cache
def compiler():
    """Return the C compiler: $HOTLOOP_BENCH_CC, else clang-19, else clang."""
    for name in (os.environ.get("HOTLOOP_BENCH_CC"), "clang-19", "clang"):
        if name and shutil.which(name):
            return name
    raise SystemExit("benchmarks: clang-19 is needed for the C side (apt install clang-19)")


def output(*command):
    """Return the first line a program prints, or nothing if there is no such program."""
    if not shutil.which(command[0]):
        return ""
    return subprocess.run(command, capture_output=True, text=True).stdout.split("\n")[0]


def versions():
    """Return the compiler's and SLEEF's versions and the flags, in words."""
    sleef = output("pkg-config", "--modversion", "sleef")
    return f"by {output(compiler(), '--version')} {' '.join(FLAGS)}" + (
        f" with SLEEF {sleef}" if sleef else ""
    )


@functools.cache
def machine_macros():
    """Return what the compiler defines for this machine, such as __AVX512F__."""
    command = [compiler(), "-march=native", "-dM", "-E", "-x", "c", os.devnull]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return {line.split()[1] for line in lines}


def vector_widths():
    """Return how many doubles a vector can have here, widest first."""
    macros = machine_macros()
    widths = [2]
    if {"__AVX2__", "__FMA__"} <= macros:
        widths.insert(0, 4)
    if "__AVX512F__" in macros:
        widths.insert(0, 8)
    return widths


def variants(kernel):
    """Return the kernel's C variants: name -> (function in the object, vector width)."""
    if not kernel.sleef:
        return {"c": (f"{kernel.name}_c", 2)}
    sleef = {f"sleef{64 * width}": (f"{kernel.name}_sleef", width) for width in vector_widths()}
    return {"libm": (f"{kernel.name}_c", 2)} | sleef


def command(kernel, width, *more):
    """Return the compiler's command line for a kernel."""
    openmp = ("-fopenmp",) if kernel.parallel else ()
    return [compiler(), *FLAGS, *openmp, f"-DWIDTH={width}", str(kernel.c_source), *more]


@functools.cache
def compiled(kernel, width):
    """Return the kernel's shared object, compiled if it is not there yet."""
    folder = kernel.c_source.parent
    parts = [*sorted(folder.glob("*.h")), kernel.c_source]
    text = b"".join(part.read_bytes() for part in parts) + repr(command(kernel, width)).encode()
    target = OUT / f"{kernel.name}-{hashlib.sha256(text).hexdigest()[:16]}.so"
    if not target.exists():
        OUT.mkdir(exist_ok=True)
        partial = target.with_suffix(f".{os.getpid()}")
        libraries = ("-lsleef", "-lm") if kernel.sleef else ("-lm",)
        subprocess.run(command(kernel, width, "-shared", "-fPIC", "-o", str(partial), *libraries), check=True)
        partial.rename(target)
    return ctypes.CDLL(str(target))


def as_ctypes(value):
    """Return a Python or NumPy value as the C function takes it."""
    if isinstance(value, np.ndarray):
        return ctypes.c_void_p(value.ctypes.data)
    if isinstance(value, np.uint64):
        return ctypes.c_uint64(int(value))
    return ctypes.c_double(value) if isinstance(value, float) else ctypes.c_int64(value)


def call(kernel, variant, arguments):
    """Call the C kernel once; return its result, an allocated array as a copy."""
    name, width = variants(kernel)[variant]
    function = compiled(kernel, width)[name]
    function.restype = RESULTS[kernel.module.C_RESULT]
    result = function(*map(as_ctypes, kernel.module.c_arguments(*arguments)))
    if kernel.module.C_RESULT != "array":
        return result
    like = next(x for x in arguments if isinstance(x, np.ndarray))
    doubles = ctypes.cast(result, ctypes.POINTER(ctypes.c_double))
    answer = np.ctypeslib.as_array(doubles, like.shape).copy()
    free = ctypes.CDLL(None).free
    free(ctypes.c_void_p(result))
    return answer


def repeater(kernel, variant, arguments):
    """Return a function that calls the C kernel that many times, in a loop written in C."""
    name, width = variants(kernel)[variant]
    function = compiled(kernel, width)[f"{name}_repeat"]
    function.restype = None
    fixed = tuple(map(as_ctypes, kernel.module.c_arguments(*arguments)))
    return lambda times: function(ctypes.c_int64(times), *fixed)
