"""HOTLOOP_PERF: the map and the dump that perf reads; through perf itself where it may measure."""

import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys

import pytest

PROGRAM = """
import os, sys
import numpy as np
from hotloop import njit

@njit
def busy(a, rounds):
    total = 0.0
    for k in range(rounds):
        for i in range(a.shape[0]):
            total += a[i] * k
    return total

busy(np.arange(1000.0), int(sys.argv[1]))
print(os.getpid())
"""

HEADER = struct.Struct("<6I2Q")
PREFIX = struct.Struct("<2IQ")
LOAD = struct.Struct("<2I4Q")


@pytest.fixture
def program(tmp_path):
    """Run the program with HOTLOOP_PERF and what stands before Python; its process id."""
    script = tmp_path / "program.py"
    script.write_text(PROGRAM)

    def run(kind, rounds, *before):
        environment = {**os.environ, "HOTLOOP_PERF": kind, "JITDUMPDIR": str(tmp_path)}
        command = [*before, sys.executable, script, str(rounds)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
        if done.returncode and before:
            pytest.skip(f"perf cannot measure here: {done.stderr.strip()[:200]}")
        assert done.returncode == 0, done.stderr
        return int(done.stdout.split()[0])

    return run


def functions_of(dump):
    """{name: code} of a dump, by perf's jitdump-specification.txt."""
    magic, version, nbytes, machine, _, pid, _, _ = HEADER.unpack_from(dump)
    assert (magic, version, nbytes, machine) == (0x4A695444, 1, HEADER.size, 62)
    at, found = HEADER.size, {}
    while at < len(dump):
        kind, size, _ = PREFIX.unpack_from(dump, at)
        owner, _, vma, address, code_nbytes, number = LOAD.unpack_from(dump, at + PREFIX.size)
        assert kind == 0 and owner == pid and vma == address and number == len(found)
        name, _, code = dump[at + PREFIX.size + LOAD.size : at + size].partition(b"\0")
        assert len(code) == code_nbytes > 0
        found[name.decode()] = code
        at += size
    return found


def test_map(program):
    path = pathlib.Path(f"/tmp/perf-{program('1', 1)}.map")
    lines = path.read_text().splitlines()
    path.unlink()
    assert all(re.fullmatch(r"[0-9a-f]+ [0-9a-f]+ \S+", line) for line in lines)
    assert any(line.endswith(" busy.0.entry") for line in lines)


def test_dump(program, tmp_path):
    pid = program("dump", 1)
    functions = functions_of((tmp_path / f"jit-{pid}.dump").read_bytes())
    assert "busy.0.entry" in functions and len(functions["busy.0.entry"]) > 32


def test_perf_reads_the_dump(program, tmp_path):
    perf = shutil.which("perf")
    if not perf:
        pytest.skip("no perf here")
    data, joined = tmp_path / "perf.data", tmp_path / "joined.data"
    program("dump", 200_000, perf, "record", "-k", "mono", "-o", data)
    subprocess.run([perf, "inject", "--jit", "-i", data, "-o", joined], check=True, cwd=tmp_path)
    report = subprocess.run([perf, "report", "--stdio", "-i", joined], capture_output=True, text=True).stdout
    assert re.search(r"jitted-\d+-\d+\.so +\[\.\] busy\.0\.entry", report), report[:2000]
