"""Fails when a C file includes a folder it must not see, or a library that belongs to another folder.

A folder of src/ includes only itself and the folders before it in ORDER; llvm-c is for LLVM_FOLDERS, Python.h
and NumPy's headers for PYTHON_FOLDERS. src/compile.h, the state of a compilation, stands right above ir;
src/compile.c, the list of stages, above all of the core.
"""

import pathlib
import re
import sys

ORDER = [
    "base",
    "type",
    "runtime",
    "ir",
    "compile.h",
    "infer",
    "opt",
    "machine",
    "lower",
    "load",
    "compile.c",
    "bytecode",
    "cuda",
    "dispatch",
    "module",
]
PYTHON_HEADERS = {"Python.h", "structmember.h", "frameobject.h"}
LLVM_FOLDERS = {"machine", "lower", "cuda"}
PYTHON_FOLDERS = {"bytecode", "dispatch", "module"}
PRIVATE = "internal.h"
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
SRC = pathlib.Path(__file__).resolve().parent.parent / "src"


def owner(path):
    """Return the member of ORDER that the file of this path, relative to src/, belongs to."""
    parts = pathlib.PurePosixPath(path).parts
    return parts[0]


def complaint(folder, bracket, name):
    """Return what is wrong with this include in this folder, or None."""
    if name.startswith("llvm-c/"):
        return None if folder in LLVM_FOLDERS else "llvm-c belongs to " + ", ".join(sorted(LLVM_FOLDERS))
    if name in PYTHON_HEADERS or name.startswith(("numpy/", "internal/pycore")):
        return None if folder in PYTHON_FOLDERS else "Python belongs to " + ", ".join(sorted(PYTHON_FOLDERS))
    if bracket == "<" or not (SRC / name).exists():
        return None
    target = owner(name)
    if target == folder:
        return None
    if target not in ORDER:
        return f"{target} is not in the order of folders"
    if ORDER.index(target) > ORDER.index(folder):
        return f"{folder} is below {target}"
    return f"{name} is private to {target}" if name.endswith("/" + PRIVATE) else None


def main():
    bad = 0
    for path in sorted(SRC.rglob("*.[ch]")):
        relative = path.relative_to(SRC).as_posix()
        folder = owner(relative)
        if folder not in ORDER:
            print(f"src/{relative}: folder {folder} is not in the order of folders")
            bad += 1
            continue
        text = path.read_text()
        for match in INCLUDE.finditer(text):
            reason = complaint(folder, *match.groups())
            if reason:
                line = text.count("\n", 0, match.start(2)) + 1
                print(f"src/{relative}:{line}: includes {match.group(2)}: {reason}")
                bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
