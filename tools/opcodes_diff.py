"""Shows which opcodes came, went and changed between two Pythons, and what opcodes.def lacks for them.

    tools/opcodes_diff.py 3.12 3.13

Each argument is a version (python3.12 is then looked for among pyenv's and on PATH) or the path of an
interpreter. What a Python's compiler can emit is asked of that Python; the table is read as text. Fails when
the table lacks a row or has one too much.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

TABLE = pathlib.Path(__file__).resolve().parent.parent / "src/bytecode/opcodes.def"
ROW = re.compile(r"^BC(?:_\w+)?\((\w+), (\d+), (\d+), (.*)\)$", re.MULTILINE)
CONSUMED = {"CACHE", "EXTENDED_ARG"}
ASK = """
import dis, json, opcode, sys
adaptive = set(getattr(opcode, "_specialized_instructions", ()))
adaptive |= set(getattr(opcode, "_specialized_opmap", ()))
operand = getattr(dis, "hasarg", range(opcode.HAVE_ARGUMENT, 256))
facts = {name: {"operand": number in operand, "jump": number in dis.hasjrel + dis.hasjabs}
         for name, number in opcode.opmap.items()
         if number < 256 and not name.startswith("INSTRUMENTED_") and name not in adaptive}
print(json.dumps([sys.version_info[:2], facts]))
"""


def find_interpreter(version):
    """Return the path of an interpreter given by path or version."""
    if os.sep in version:
        return version
    installed = sorted(pathlib.Path.home().glob(f".pyenv/versions/{version}*/bin/python{version}"))
    found = str(installed[-1]) if installed else shutil.which(f"python{version}")
    if not found:
        sys.exit(f"no python{version} among pyenv's or on PATH")
    return found


def opcodes(interpreter):
    """Return (version as in the table, {name: facts}) of an interpreter."""
    done = subprocess.run([interpreter, "-c", ASK], capture_output=True, text=True, check=True)
    (major, minor), facts = json.loads(done.stdout)
    return major * 100 + minor, facts


def rows(version):
    """Return {name: row} of the table for one Python."""
    found = ROW.findall(TABLE.read_text())
    return {name: rest for name, since, until, rest in found if int(since) <= version <= int(until)}


def differences(old, new):
    """Yield a line for each opcode that came, went or changed; a number alone may change freely."""
    for name in sorted(new.keys() - old.keys()):
        yield f"+ {name}: operand {new[name]['operand']}, jump {new[name]['jump']}"
    for name in sorted(old.keys() - new.keys()):
        yield f"- {name}"
    for name in sorted(old.keys() & new.keys()):
        changed = [key for key in ("operand", "jump") if old[name][key] != new[name][key]]
        if changed:
            yield f"~ {name}: " + ", ".join(f"{key} {old[name][key]} -> {new[name][key]}" for key in changed)


def complaints(version, facts):
    """Yield what opcodes.def lacks for this Python, or has too much."""
    table = rows(version)
    for name in sorted(facts.keys() - CONSUMED - table.keys()):
        yield f"{name}: {version} has it, opcodes.def has no row"
    for name in sorted(table.keys() - facts.keys()):
        yield f"{name}: opcodes.def has a row, {version} does not know it (its last Python is an earlier one)"


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    (old_version, old), (new_version, new) = (opcodes(find_interpreter(name)) for name in sys.argv[1:])
    print(f"{old_version} -> {new_version}")
    for line in differences(old, new):
        print("  " + line)
    missing = [*complaints(old_version, old), *complaints(new_version, new)]
    for line in missing:
        print(line)
    return bool(missing)


if __name__ == "__main__":
    sys.exit(main())
