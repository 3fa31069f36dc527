"""The control-flow graph of a function's assembly, in Graphviz's language."""


def graph(asm):
    """Return the graph of the basic blocks in *asm*, AT&T or Intel syntax with labels that end in a colon.

    Parameters
    ----------
    asm : str
        The assembly of one function or more.

    Returns
    -------
    str
        Graphviz source: a node for each block, an edge for each jump and each fall-through.
    """
    blocks = _split(asm)
    lines = ["digraph asm {", "    node [shape=box, fontname=monospace];"]
    for number, (label, body) in enumerate(blocks):
        text = "\\l".join(line.replace("\\", "\\\\").replace('"', '\\"') for line in [label + ":", *body])
        lines.append(f'    "{label}" [label="{text}\\l"];')
        following = blocks[number + 1][0] if number + 1 < len(blocks) else None
        lines += [
            f'    "{label}" -> "{target}";'
            for target in _targets(body, {name for name, _ in blocks}, following)
        ]
    return "\n".join([*lines, "}"])


def _split(asm):
    """Return the blocks as (label, instructions); comments and directives are left out."""
    blocks = []
    for line in asm.splitlines():
        line = line.split("#")[0].strip()
        if line.endswith(":"):
            blocks.append((line[:-1], []))
        elif line and not line.startswith("."):
            if not blocks or _ends(blocks[-1][1]):
                blocks.append((f"part{len(blocks)}", []))
            blocks[-1][1].append(" ".join(line.split()))
    return [block for block in blocks if block[1]]


def _ends(body):
    """Whether the last instruction leaves the block."""
    return bool(body) and (body[-1].startswith("j") or body[-1].split()[0].startswith(("ret", "ud2")))


def _targets(body, labels, following):
    """Return the blocks that control may go to after *body*."""
    name, _, operand = body[-1].partition(" ")
    targets = [operand] if name.startswith("j") and operand in labels else []
    leaves = name.startswith(("jmp", "ret", "ud2"))
    return targets + ([following] if following and not leaves else [])
