"""hlc, the compiler without Python: run it on IR as text, write values for it, read what it prints."""

import os
import pathlib
import re
import subprocess

import numpy as np
import pytest

DTYPES = {
    "b1": np.bool_, "i8": np.int8, "i16": np.int16, "i32": np.int32, "i64": np.int64,
    "u8": np.uint8, "u16": np.uint16, "u32": np.uint32, "u64": np.uint64,
    "f32": np.float32, "f64": np.float64, "c64": np.complex64, "c128": np.complex128,
}  # fmt: skip


def hlc(*args, text):
    """Run the program with this text as its input; what it printed, errors included."""
    folder = os.environ.get("HOTLOOP_TEST_BIN")
    if not folder:
        pytest.skip("HOTLOOP_TEST_BIN is not set (tools/dev-build DIR builds into DIR/build/tests)")
    done = subprocess.run(
        [pathlib.Path(folder).parent / "hlc", "-", *args],
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
    )
    assert done.returncode in (0, 1, 3), f"hlc ended with {done.returncode}\n{done.stdout}"
    return done.stdout


def write_value(value, path):
    """The text of an argument; an array's elements go to a file at this path."""
    if isinstance(value, np.ndarray):
        path.write_bytes(value.tobytes())
        return "x".join(map(str, value.shape)) + f"@{path}"
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, complex):
        return f"{value.real!r},{value.imag!r}"
    return repr(value)


def read_scalar(text):
    if "," in text:
        return complex(*map(float, text.split(",")))
    if text in ("True", "False", "none"):
        return {"True": True, "False": False, "none": None}[text]
    return int(text) if text.lstrip("-").isdigit() else float(text)


def read_value(text):
    """A scalar or an array as hlc prints it."""
    found = re.fullmatch(r"array<(\w+),\d+,\w[^>]*> ([\dx]*):(.*)", text)
    if not found:
        return read_scalar(text)
    shape = tuple(int(n) for n in found[2].split("x") if n)
    elements = [read_scalar(word) for word in found[3].split()]
    return np.array(elements, DTYPES[found[1]]).reshape(shape)
