#!/usr/bin/env python3
"""Compiles the prelude's large functions for common calls into prelude.objects; src/lower/shipped.c reads it.

    tools/prelude_objects.py OUTPUT LIBRARIES PACKAGE PYTHON...

LIBRARIES is the folder that the build's shared objects and runtime.bc are in, PACKAGE the Python files.
Nothing that is compiled here runs, so the processor need not have what the code is for.
"""

import ast
import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

AVX2 = "+avx,+avx2,+bmi,+bmi2,+f16c,+fma,+lzcnt,+movbe"
LEVELS = {"x86-64-v3": AVX2, "x86-64-v4": f"{AVX2},+avx512f,+avx512bw,+avx512cd,+avx512dq,+avx512vl"}
# a, b: float64 vectors, m, n: float64 matrices, i, j: int64 vectors, k: an int64 matrix, t: a bool vector,
# p: an int, x: a float.
CALLS = """
np.sort(a); np.sort(i); np.sort(m); np.sort(m, axis=0); a.sort(); i.sort(); np.argsort(a); np.argsort(i)
a.argsort(); np.median(a); np.median(m); np.median(i); np.percentile(a, 30.0); np.quantile(a, 0.3)
np.percentile(a, b); np.partition(a, 5); np.unique(a); np.unique(i); np.searchsorted(a, b)
np.searchsorted(a, 0.5); np.digitize(a, b); np.sum(a); np.sum(i); np.sum(t); np.sum(m); np.sum(m, axis=0)
np.sum(m, axis=1); np.sum(k, axis=0); np.sum(k, axis=1); np.mean(a); np.mean(i); np.mean(m)
np.mean(m, axis=0); np.mean(m, axis=1); np.average(a); np.average(a, weights=b); np.std(a); np.std(i)
np.std(m); np.std(m, axis=0); np.std(m, axis=1); np.var(a); np.var(i); np.var(m); np.var(m, axis=0)
np.var(m, axis=1); np.max(a); np.max(i); np.max(m); np.max(m, axis=0); np.max(m, axis=1); np.min(a)
np.min(i); np.min(m); np.min(m, axis=0); np.min(m, axis=1); np.max(k, axis=0); np.max(k, axis=1); np.ptp(a)
np.prod(a); np.prod(i); np.argmax(a); np.argmin(a); np.argmax(i); np.argmin(i); np.argmax(m, axis=0)
np.argmax(m, axis=1); np.argmin(m, axis=0); np.argmin(m, axis=1); np.nansum(a); np.nanmean(a); np.nanstd(a)
np.nanmax(a); np.nanmin(a); np.cumsum(a); np.cumsum(i); np.cumsum(m, axis=0); np.cumsum(m, axis=1)
np.cumprod(a); np.diff(a); np.diff(i); np.any(t); np.all(t); np.any(m > 0, axis=0); np.all(m > 0, axis=1)
np.count_nonzero(t); np.nonzero(t); np.nonzero(i); np.where(t); np.where(t, a, b); np.clip(a, 0.2, 0.8)
np.flatnonzero(t); np.argwhere(t); a[t]; i[t]; a[i]; m[i]; np.concatenate((a, b)); np.concatenate((i, j))
np.concatenate((m, n)); np.concatenate((m, n), axis=1); np.hstack((a, b)); np.vstack((a, b))
np.stack((a, b)); np.column_stack((a, b)); np.append(a, 1.0); np.append(i, 1); np.repeat(a, 3)
np.repeat(i, 3); np.tile(a, 3); np.roll(a, 3); np.roll(i, 3); np.roll(m, 1, axis=0); np.roll(m, 1, axis=1)
np.linspace(0.0, 1.0, 100); np.histogram(a, 10); np.bincount(i); np.interp(a, b, b); np.outer(a, b)
np.kron(m, n); np.trace(m); np.isin(i, j); np.intersect1d(i, j); np.union1d(i, j); np.setdiff1d(i, j)
np.convolve(a, b); np.correlate(a, b); np.gradient(a); np.trapezoid(a); np.cov(a, b); np.corrcoef(a, b)
np.allclose(a, b); np.array_equal(a, b); np.array_equal(i, j); np.dot(a, b); np.dot(m, n); np.dot(m, a)
np.dot(a, m); np.dot(m.T, n); np.dot(m, n.T); np.linalg.norm(a); np.linalg.norm(m); np.linalg.solve(m, a)
np.linalg.solve(m, n); np.linalg.inv(m); np.linalg.det(m); np.linalg.eigh(m); np.linalg.qr(m)
np.linalg.svd(m); np.linalg.cholesky(m); np.arange(p); np.arange(p, p); np.arange(x, x, x)
np.linspace(x, x, p); np.roll(a, p); np.repeat(a, p); np.partition(a, p); np.percentile(a, x)
np.quantile(a, x); np.histogram(a, p); np.eye(p); np.percentile(a, 25); np.percentile(a, 50)
np.percentile(a, 75); np.repeat(a, 2); np.roll(a, 1); np.roll(a, -1); np.arange(10); np.searchsorted(a, x)
np.full(p, x); np.tile(a, p); np.random.permutation(p); np.random.permutation(a); sorted(list(a))
sorted(list(i)); list(a).sort(); max(list(a)); sum(list(a))
"""


def functions(calls):
    """The functions to compile, each with its argument names."""
    for text in map(str.strip, calls.replace("\n", ";").split(";")):
        names = sorted({node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)})
        if text:
            yield text, [name for name in names if len(name) == 1]


def compile_all():
    """Print, as JSON, {digest: object in hexadecimal digits} for the calls on standard input."""
    import numpy as np

    from hotloop import _hotloop, njit

    values = {"f": np.zeros(1), "i": np.zeros(1, int), "t": np.zeros(1, bool)}
    arguments = dict.fromkeys("ab", values["f"]) | dict.fromkeys("ij", values["i"]) | {"t": values["t"]}
    arguments |= dict.fromkeys("mn", np.zeros((1, 1))) | {"k": np.zeros((1, 1), int), "p": 1, "x": 1.0}
    for text, names in functions(sys.stdin.read()):
        scope = {"np": np}
        exec(f"def function({', '.join(names)}):\n    return {text}", scope)
        types = tuple(_hotloop.typeof(arguments[name]) for name in names)
        for semantics in ("python", "numba"):
            njit(strict=True, semantics=semantics)(scope["function"])._compile(types, None)
    print(json.dumps({digest: data.hex() for digest, data in _hotloop.kept_units()}))


def compiled_by(python, package, level, calls=CALLS):
    """Return {(level, digest): object} of one Python for one level."""
    env = os.environ | {"HOTLOOP_CPU_NAME": level, "HOTLOOP_CPU_FEATURES": LEVELS[level]}
    env |= {"PYTHONPATH": str(package.parent), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [python, __file__, "--compile"]
    done = subprocess.run(command, env=env, input=calls, stdout=subprocess.PIPE, text=True, check=True)
    return {(level, digest): bytes.fromhex(data) for digest, data in json.loads(done.stdout).items()}


def write(path, objects):
    """Write {(level, digest): object} as shipped.c reads it."""
    head, entry = struct.Struct("<16sQ"), struct.Struct("<16s32sQQ")
    keys = sorted(objects, key=lambda key: (key[0].encode().ljust(16, b"\0"), key[1].encode()))
    at = head.size + entry.size * len(keys)
    with open(path, "wb") as out:
        out.write(head.pack(b"hotloop objects", len(keys)))
        for level, digest in keys:
            nbytes = len(objects[level, digest])
            out.write(entry.pack(level.encode(), digest.encode(), at, nbytes))
            at += nbytes
        for key in keys:
            out.write(objects[key])


def main():
    output, libraries, source, *pythons = sys.argv[1:]
    objects = {}
    with tempfile.TemporaryDirectory() as folder:
        package = pathlib.Path(folder) / "hotloop"
        shutil.copytree(source, package, ignore=shutil.ignore_patterns("__pycache__"))
        for pattern in ("*.so", "runtime.bc"):
            for file in pathlib.Path(libraries).glob(pattern):
                shutil.copy(file, package)
        for python in pythons:
            for level in LEVELS:
                objects |= compiled_by(python, package, level)
    write(output, objects)


if __name__ == "__main__":
    compile_all() if sys.argv[1:] == ["--compile"] else main()
