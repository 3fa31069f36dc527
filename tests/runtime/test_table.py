"""runtime.def against the library: every row has a prototype that says the same, and resolves."""

import ctypes
import re

from .conftest import SRC, rows

C_TYPE = {
    "i64": ["int64_t"],
    "u64": ["uint64_t"],
    "u32": ["uint32_t"],
    "f64": ["double"],
    "f32": ["float"],
    "c128": ["double", "double"],
    "ctx": ["HlContext *"],
    "ptr": ["pointer"],
    "object": ["pointer"],
}
C_RESULT = {
    "": "void",
    "c128": "HlComplex",
    "ptr": "void *",
    "object": "void *",
    "i64": "int64_t",
    "u64": "uint64_t",
    "u32": "uint32_t",
    "f64": "double",
    "f32": "float",
}
PROTOTYPE = re.compile(r"^HL_API ([\w ]+?[ *])hlrt_(\w+)\(([^)]*)\);", re.MULTILINE)


def prototypes():
    found = {}
    for result, name, args in PROTOTYPE.findall((SRC / "functions.h").read_text()):
        types = [re.sub(r"\w+$", "", arg.strip()).strip() for arg in args.split(",")]
        found[name] = (result.strip(), ["pointer" if t in ("void *", "const void *") else t for t in types])
    return found


def test_prototypes_say_what_the_rows_say():
    found = prototypes()
    for name, (result, args, _) in rows().items():
        assert found[name] == (C_RESULT[result], [t for arg in args for t in C_TYPE[arg]]), name


def test_every_row_resolves(rt):
    resolve = rt.library.hlrt_resolve
    resolve.restype, resolve.argtypes = ctypes.c_void_p, [ctypes.c_char_p]
    for name in rows():
        address = ctypes.cast(rt.library[f"hlrt_{name}"], ctypes.c_void_p).value
        assert resolve(f"hlrt_{name}".encode()) == address, name
    assert resolve(b"hlrt_nothing") is None and resolve(b"malloc") is None
