"""Prints the inner loops of a kernel as hotloop and as clang compiled it, side by side.

    python benchmarks/asm.py KERNEL [--engine numba] [--all]

A loop is what lies between a label and a later jump back to it; an inner loop holds no other. The
compiler moves rare blocks behind the loop, so the text order misleads at times. Shown are the three on each
side that are one block and use vector registers most; `--all` shows every one.
"""

import argparse
import importlib
import itertools
import re
import subprocess

import clib
import kernels

WIDTH = 62
LABEL = re.compile(r"^([.\w$]+):")
RETURN = re.compile(r"^\s+ret")
JUMP = re.compile(r"^\s+j\w+\s+([.\w$]+)\s*(#.*)?$")


def lines_of(text):
    """Return the assembly without directives, comments and empty lines."""
    kept = []
    for line in text.splitlines():
        line = re.sub(r"\s*#.*", "", line.expandtabs(4)).rstrip()
        if line and not re.match(r"^\s+\.", line):
            kept.append(line)
    return kept


def inner_loops(text):
    """Return the innermost loops of an assembly text, each a list of lines, in order."""
    lines = lines_of(text)
    place = {match[1]: i for i, line in enumerate(lines) if (match := LABEL.match(line))}
    spans = []
    for end, line in enumerate(lines):
        jump = JUMP.match(line)
        if jump and place.get(jump[1], end + 1) <= end:
            spans.append((place[jump[1]], end))
    spans = [(start, end) for start, end in spans if not any(map(RETURN.match, lines[start:end]))]
    inner = [a for a in spans if not any(b != a and a[0] <= b[0] and b[1] <= a[1] for b in spans)]
    return [lines[start : end + 1] for start, end in sorted(inner)]


def engine_assembly(kernel, name):
    """Return the assembly that hotloop or Numba made of the kernel for its usual arguments."""
    compiled = importlib.import_module(name).njit(kernel.function)
    compiled(*kernel.arguments(kernel.sizes[0]))
    if hasattr(compiled, "inspect"):
        return compiled.inspect("asm")
    return "\n".join(compiled.inspect_asm().values())


def c_assembly(kernel):
    """Return clang's assembly of the kernel's C form, with its first vector width where it has one."""
    width = clib.vector_widths()[0]
    command = clib.command(kernel, width, "-S", "-o", "-", "-masm=att", "-fno-asynchronous-unwind-tables")
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    functions = re.split(r"^(?=\w+:)", text, flags=re.M)
    return "".join(body for body in functions if not re.match(r"\w+_repeat:", body))


def interest(loop):
    """Return a key that is largest for a vectorised, unrolled loop: one block, many wide registers."""
    blocks = sum(bool(LABEL.match(line)) for line in loop)
    text = "\n".join(loop)
    return blocks == 1, len(re.findall(r"%[yz]mm", text)), len(re.findall(r"%xmm", text))


def shown(loops, everything):
    """Return the lines to print for one side."""
    if not everything:
        loops = sorted(loops, key=interest, reverse=True)[:3]
    return list(itertools.chain.from_iterable([*loop, ""] for loop in loops))


def side_by_side(left, right):
    for a, b in itertools.zip_longest(left, right, fillvalue=""):
        yield f"{a[:WIDTH]:{WIDTH}} | {b[:WIDTH]}".rstrip()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("kernel", choices=(*kernels.NAMES, *kernels.EXTRA))
    parser.add_argument("--engine", default="hotloop", choices=("hotloop", "numba"), help="the left side")
    parser.add_argument("--all", action="store_true", help="every inner loop, not only three")
    options = parser.parse_args()
    kernel = kernels.load(options.kernel)
    left = shown(inner_loops(engine_assembly(kernel, options.engine)), options.all)
    right = shown(inner_loops(c_assembly(kernel)), options.all)
    print(f"{options.engine:{WIDTH}} | {' '.join(clib.command(kernel, clib.vector_widths()[0]))[:WIDTH]}")
    print("\n".join(side_by_side(left, right)))


if __name__ == "__main__":
    main()
