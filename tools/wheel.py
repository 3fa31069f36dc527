"""What `make wheel` runs: self-contained wheels in dist/, one for each Python that was found; tries them.

Inside is what the package needs beside NumPy and the C library: LLVM, SLEEF, libomp under a name
of our own. One build gives them all, for only the extension module differs. A wheel is refused that is too
large, or that needs a library or a version of the C library which its tag does not promise. Then it is
installed into a virtual environment of its own and runs there, the system's copies of these libraries hidden.
"""

import base64
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile

import pyproject_metadata

ROOT = pathlib.Path(__file__).resolve().parent.parent
DIST, BUILD = ROOT / "dist", ROOT / "build"
MAX_NBYTES = 24_000_000
GLIBC = (2, 36)
TAG = f"manylinux_{GLIBC[0]}_{GLIBC[1]}_x86_64"
SYSTEM_LIBRARIES = set(
    "libc.so.6 libm.so.6 libdl.so.2 libpthread.so.0 librt.so.1 libgcc_s.so.1 ld-linux-x86-64.so.2".split()
)
MODULE = re.compile(r"hotloop/_hotloop\.cpython-(\d+)-x86_64-linux-gnu\.so")

PROGRAM = """
import pathlib, sys
import numpy as np
from hotloop import njit, prange, __version__

@njit(strict=True)
def table(a):
    return np.tanh(a).sum() + np.dot(a, a)

@njit(strict=True, parallel=True)
def total(n):
    s = 0
    for i in prange(n):
        s += i
    return s

a = np.linspace(-1.0, 2.0, 1000)
assert abs(table(a) - table.py_func(a)) < 1e-9
assert total(1000) == 499500
used = {line.split()[5] for line in pathlib.Path("/proc/self/maps").read_text().splitlines() if ".so" in line}
ours = {pathlib.Path(path).name for path in used if path.startswith(sys.prefix)}
assert {"libhotloop-llvm.so", "libhotloop-omp.so", "libsleef.so.3"} <= ours, ours
bundled = [path for path in used if any(name in path for name in ("LLVM", "omp", "sleef"))]
assert all(path.startswith(sys.prefix) for path in bundled), bundled
print(f"wheel: hotloop {__version__} runs on Python {sys.version.split()[0]} with nothing of the system's")
"""

# As root of a namespace of its own: nothing of the system's can be opened.
HIDE = """
for file in /usr/lib/llvm-*/lib /usr/lib/x86_64-linux-gnu/libsleef* /usr/lib/x86_64-linux-gnu/lib*omp* \
    /usr/lib/x86_64-linux-gnu/libLLVM*; do
    if [ -d "$file" ]; then mount -t tmpfs none "$file"
    elif [ -f "$file" ]; then mount --bind /dev/null "$file"; fi
done
exec "$@"
"""


def pythons():
    """The interpreters whose virtual environments tools/setup has made: {"311": path}."""
    paths = [ROOT / ".venv/bin/python", *sorted(ROOT.glob(".venv-3.*/bin/python"))]
    version = "import sys; print('%d%d' % sys.version_info[:2])"
    return {subprocess.check_output([path, "-c", version], text=True).strip(): path for path in paths}


def build():
    """The package for all Pythons: {path inside the wheel: contents}."""
    site = BUILD / "bundle" / "site"
    shutil.rmtree(site, ignore_errors=True)
    options = ["-Dbuildtype=release", "-Dwerror=false", "-Dtests=false", "-Dbundle=true", "-Dobjects=true"]
    subprocess.run([ROOT / "tools/dev-build", BUILD / "bundle", *options], check=True)
    paths = [path for path in site.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    return {path.relative_to(site).as_posix(): path.read_bytes() for path in sorted(paths)}


def metadata():
    """What pip wants to know beside the package, without the tags: the folder, {path: contents}."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    facts = pyproject_metadata.StandardMetadata.from_pyproject(project, ROOT)
    info = f"{facts.name}-{facts.version}.dist-info"
    scripts = "".join(f"{name} = {target}\n" for name, target in facts.scripts.items())
    return info, {
        f"{info}/METADATA": str(facts.as_rfc822()).encode(),
        f"{info}/entry_points.txt": f"[console_scripts]\n{scripts}".encode(),
        f"{info}/licenses/LICENSE": (ROOT / "LICENSE").read_bytes(),
    }


def record_line(name, data):
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"{name},sha256={digest},{len(data)}\n"


def write_wheel(files, info, version):
    """The wheel of one Python, without the other extension modules; its path."""
    tag = f"cp{version}-cp{version}-{TAG}"
    kept = {
        name: data for name, data in files.items() if not MODULE.fullmatch(name) or f"-{version}-" in name
    }
    kept[f"{info}/WHEEL"] = (
        f"Wheel-Version: 1.0\nGenerator: hotloop\nRoot-Is-Purelib: false\nTag: {tag}\n".encode()
    )
    record = "".join(record_line(name, data) for name, data in kept.items()) + f"{info}/RECORD,,\n"
    path = DIST / f"{info.removesuffix('.dist-info')}-{tag}.whl"
    with zipfile.ZipFile(path, "w") as out:
        for name, data in [*kept.items(), (f"{info}/RECORD", record.encode())]:
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.external_attr = (0o755 if name.endswith(".so") else 0o644) << 16
            out.writestr(entry, data, zipfile.ZIP_DEFLATED, 9)
    return path


def write_wheels(versions):
    """The wheels of these Pythons in place of older ones: {version: path}."""
    info, files = metadata()
    files = build() | files
    DIST.mkdir(exist_ok=True)
    for old in DIST.glob("hotloop-*.whl"):
        old.unlink()
    return {version: write_wheel(files, info, version) for version in versions}


def faults_of(library, inside):
    """What keeps a shared object from running wherever the tag says."""
    text = subprocess.check_output(["readelf", "-dVW", library], text=True)
    needed = set(re.findall(r"\(NEEDED\).*\[(.+)\]", text)) - SYSTEM_LIBRARIES - inside
    faults = [f"needs {name}" for name in sorted(needed)]
    versions = {tuple(map(int, v.split("."))) for v in re.findall(r"Name: GLIBC_(\d+\.\d+)", text)}
    faults += [f"needs glibc {v[0]}.{v[1]}" for v in sorted(versions) if v > GLIBC]
    paths = re.findall(r"\((?:RUNPATH|RPATH)\).*\[(.+)\]", text)
    return faults + [f"looks in {path}" for path in paths if path != "$ORIGIN"]


def audit(path):
    """Exit where a wheel does not keep what its name promises."""
    folder = BUILD / "audit"
    shutil.rmtree(folder, ignore_errors=True)
    with zipfile.ZipFile(path) as wheel:
        wheel.extractall(folder)
    libraries = sorted(p for p in folder.rglob("*.so*") if p.is_file())
    inside = {p.name for p in libraries}
    faults = [f"{p.name} {fault}" for p in libraries for fault in faults_of(p, inside)]
    if path.stat().st_size > MAX_NBYTES:
        faults.append(f"{path.stat().st_size:,} bytes, more than {MAX_NBYTES:,}")
    if faults:
        sys.exit(f"wheel: {path.name}: " + "; ".join(faults))


def hidden():
    """The words before a command that runs without the system's libraries; none where that is not allowed."""
    command = ["unshare", "--map-root-user", "--mount", "sh", "-c", HIDE, "sh"]
    allowed = (
        shutil.which("unshare") and subprocess.run([*command, "true"], capture_output=True).returncode == 0
    )
    return command if allowed else []


def run_installed(path, python):
    """Install a wheel into a fresh virtual environment and run a program there."""
    venv = BUILD / "wheel-venv"
    shutil.rmtree(venv, ignore_errors=True)
    subprocess.run([python, "-m", "venv", venv], check=True)
    pip = [venv / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, path], check=True)
    script = BUILD / "wheel_program.py"
    script.write_text(PROGRAM)
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "LD_"))
    }
    before = hidden()
    if not before:
        print(
            "wheel: this machine has no namespaces to hide libraries in; what was opened is looked at instead"
        )
    command = [*before, venv / "bin/python", script]
    subprocess.run(command, check=True, cwd=BUILD, env=environment)


def main():
    interpreters = pythons()
    for version, path in write_wheels(interpreters).items():
        audit(path)
        print(f"wheel: {path.relative_to(ROOT)}, {path.stat().st_size / 1e6:.1f} MB", flush=True)
        run_installed(path, interpreters[version])


if __name__ == "__main__":
    main()
