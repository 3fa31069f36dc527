"""What ``python -m hotloop --sysinfo`` tells: the machine, the libraries, and what is missing."""

import os
import platform
import sys
from pathlib import Path

from . import _hotloop, _version

# Shared libraries that compiled code calls: what for, file, Debian's package.
_LIBRARIES = (
    ("vector math (SLEEF)", "libsleef.so.3", "libsleef3"),
    ("threads (libomp)", "libomp.so.5", "libomp5-19"),
)
_BLAS = ("openblas", "mkl_rt", "flexiblas", "libblas")
_SHOWN_FEATURES = (
    "sse4.2 avx avx2 fma f16c bmi2 avx512f avx512dq avx512bw avx512vl avx512fp16 amx-tile".split()
)


def text():
    """Return the whole information as text, a heading and a few lines for each part."""
    missing = []
    parts = [("hotloop", _versions()), ("Machine", _machine()), ("Compiler", _compiler(missing))]
    parts += [("Libraries", _libraries(missing)), ("Settings", _settings())]
    lines = []
    for title, rows in parts:
        lines += [title, *(f"  {name:<22}{value}" for name, value in rows), ""]
    lines += ["Missing"] + ([f"  {what}: {how}" for what, how in missing] or ["  nothing"])
    return "\n".join(lines)


def _versions():
    import numpy

    rows = [("version", f"{_version.__version__}, speaks Numba {_version.numba_version}'s API")]
    rows += [("installed in", str(Path(__file__).parent)), ("Python", sys.version.replace("\n", " "))]
    rows.append(("NumPy", numpy.__version__))
    return rows + [(name, version) for name in ("scipy", "IPython") if (version := _installed(name))]


def _installed(name):
    """Return the version of an installed distribution, or None."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _machine():
    usable = len(os.sched_getaffinity(0))
    return [
        ("system", f"{platform.platform()}, {' '.join(platform.libc_ver())}"),
        ("processor", _cpuinfo("model name") or platform.machine()),
        ("CPUs", f"{usable} usable of {os.cpu_count()}"),
        ("memory", f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.1f} GiB"),
    ]


def _cpuinfo(key):
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return None
    return next((line.partition(": ")[2] for line in lines if line.startswith(key)), None)


def _compiler(missing):
    """Return LLVM's version and the processor it compiles for."""
    try:
        version, cpu, features = _hotloop.describe_backend().splitlines()
    except ImportError as error:
        missing.append(
            (f"LLVM ({error})", "apt-get install libllvm19, or install hotloop's wheel, which carries it")
        )
        return [("LLVM", "cannot be loaded: nothing is compiled, only the cache can be used")]
    has = {name[1:] for name in features.split(",") if name.startswith("+")}
    return [
        ("LLVM", version),
        ("compiles for", cpu),
        (
            "features",
            " ".join(name for name in _SHOWN_FEATURES if name in has) or "none of those that matter",
        ),
    ]


def _libraries(missing):
    rows = []
    for what, file, package in _LIBRARIES:
        place = _open(file)
        rows.append((what, place or "not found"))
        if place is None:
            missing.append((what, f"apt-get install {package}"))
    blas = [path for path in _mapped() if any(name in path.rpartition("/")[2] for name in _BLAS)]
    rows.append(("BLAS", blas[0] if blas else "none that NumPy brings: hotloop's own products"))
    if not blas:
        missing.append(("BLAS", "pip install --upgrade numpy (its wheels bring OpenBLAS)"))
    return rows


def _open(file):
    """Return where a shared library is that compiled code opens, None where it is not to be had."""
    import ctypes

    for path in (str(Path(__file__).with_name(file)), file):
        try:
            ctypes.CDLL(path)
        except OSError:
            continue
        return next((mapped for mapped in _mapped() if file in mapped), path)
    return None


def _mapped():
    """Return the files mapped into this process."""
    try:
        lines = Path("/proc/self/maps").read_text().splitlines()
    except OSError:
        return []
    return sorted({line[line.index("/") :] for line in lines if "/" in line})


def _settings():
    from .core import config

    names = sorted(key for key in os.environ if key.startswith(("HOTLOOP_", "NUMBA_")))
    cache = config.CACHE_DIR or "__pycache__ beside each source file, else " + _user_cache()
    return [
        ("threads", config.NUMBA_NUM_THREADS),
        ("cache folder", cache),
        ("environment", " ".join(f"{name}={os.environ[name]}" for name in names) or "nothing set"),
    ]


def _user_cache():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(base, "hotloop")
