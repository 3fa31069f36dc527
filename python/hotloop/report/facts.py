"""What became of each source line: read from the compiler's own texts.

In: the typed IR as optimisation leaves it (`inspect("opt")`), whose instructions carry places, and LLVM's
remarks on loops.  Out: for each source function of the module a `Line` for each of its lines that has code.

A line is vectorised where LLVM says so of the innermost loop it stands in; parallel where it stands in a body
that `parallel` runs; native otherwise.  Checks that stayed in a loop are told with the reason, as far as the
index shows it.  Copies of loops for the rare case ("cold") count for nothing.
"""

import re

_FUNC = re.compile(r"func @(\S+?)\((.*)\) -> (.*) \{$")
_SOURCE = re.compile(r'  \.source "(.*)" (\d+) "(.*)"$')
_BLOCK = re.compile(r"b(\d+)((?: \w+)*)(?: <- ([b\d, ]+))?:$")
_PLACE = re.compile(r" !(\d+):(\d+)(?:-(\d+):(\d+))?$")
_INS = re.compile(r"  (?:(%\d+) = )?(\S+) ?(.*)$")
_REMARK = re.compile(r"(\d+):(\d+):(.*?): ((?:vectorized loop|loop not vectorized).*)$")
_WIDTH = re.compile(r"vectorization width: (\d+)")

# How a line is coloured; a later one wins over an earlier one.
STATES = ("native", "vectorised", "parallel", "interpreted")


class Line:
    """What is known of one source line.

    Attributes
    ----------
    state : str
        One of `STATES`.
    badges : list of str
        What to show beside the line, such as "vectorised × 8".
    notes : list of str
        Sentences that say why.
    """

    def __init__(self, state="native"):
        self.state, self.badges, self.notes = state, [], []

    def raise_to(self, state):
        """Colour the line by *state* unless it has a stronger one."""
        self.state = max(self.state, state, key=STATES.index)

    def add(self, note, badge=None):
        """Add a sentence, and what to show beside the line, once."""
        if note not in self.notes:
            self.notes.append(note)
        if badge and badge not in self.badges:
            self.badges.append(badge)


class Function:
    """One function of a module of typed IR.

    Attributes
    ----------
    name, file, first_line, qualname : str, str, int, str
        Its symbol, and where its source is.
    signature : str
        Types of parameters and result, as text.
    blocks : dict
        Block number -> `Block`.
    flags : str
        What the IR says of it: external, cold, ...
    """

    def __init__(self, name, params, result):
        self.name, self.signature = name, f"({params}) → {result}"
        self.file, self.first_line, self.qualname, self.flags = "", 0, name, ""
        self.blocks = {}

    def instructions(self):
        """Yield every instruction."""
        for block in self.blocks.values():
            yield from block.body


class Block:
    """A basic block: its flags, the blocks before it, its instructions."""

    def __init__(self, number, flags, preds):
        self.number, self.flags, self.preds, self.body = number, flags, preds, []


class Instruction:
    """One instruction: result, operation, the rest of the text, and its place (0 where it has none)."""

    def __init__(self, text):
        place = _PLACE.search(text)
        self.line, self.col = (int(place[1]), int(place[2])) if place else (0, 0)
        self.value, self.op, self.rest = _INS.match(text[: place.start()] if place else text).groups()

    def operands(self):
        """Return the values it uses."""
        return re.findall(r"%\d+", self.rest)


def parse(text):
    """Return the functions of a module of typed IR."""
    functions, block = [], None
    for line in text.splitlines():
        if match := _FUNC.match(line):
            functions.append(Function(*match.groups()))
        elif match := _SOURCE.match(line):
            function = functions[-1]
            function.file, function.first_line, function.qualname = match[1], int(match[2]), match[3]
        elif line.startswith("  .flags"):
            functions[-1].flags = line[len("  .flags ") :]
        elif match := _BLOCK.match(line):
            preds = [int(pred.strip()[1:]) for pred in (match[3] or "").split(",") if pred.strip()]
            block = functions[-1].blocks[int(match[1])] = Block(int(match[1]), match[2].split(), preds)
        elif line.startswith("  ") and not line.startswith("  ."):
            block.body.append(Instruction(line))
    return functions


# ---- loops -------------------------------------------------------------------------------------------------


def innermost_loops(function):
    """Return the loops without loops in them, each as a list of blocks, and the blocks of all loops."""
    succs = {number: [] for number in function.blocks}
    for block in function.blocks.values():
        for pred in block.preds:
            succs[pred].append(block.number)
    loops, in_loop, todo = [], set(), [set(function.blocks)]
    while todo:
        inside = todo.pop()
        for part in _components(inside, succs):
            if len(part) == 1 and not any(number in succs[number] for number in part):
                continue
            in_loop |= part
            heads = {n for n in part if any(pred not in part for pred in function.blocks[n].preds)}
            if _has_loop(part - heads, succs):
                todo.append(part - heads)
            else:
                loops.append([function.blocks[number] for number in sorted(part)])
    return loops, in_loop


def _has_loop(inside, succs):
    return any(
        len(part) > 1 or any(number in succs[number] for number in part)
        for part in _components(inside, succs)
    )


def _components(inside, succs):
    """Return the strongly connected parts of a graph: what reaches each other."""
    reach = {}
    for start in inside:
        seen, stack = set(), [start]
        while stack:
            for succ in succs[stack.pop()]:
                if succ in inside and succ not in seen:
                    seen.add(succ)
                    stack.append(succ)
        reach[start] = seen
    parts, done = [], set()
    for start in sorted(inside - done):
        if start not in done:
            part = {start} | {other for other in reach[start] if start in reach[other]}
            done |= part
            parts.append(part)
    return parts


# ---- what LLVM says ----------------------------------------------------------------------------------------


class Remark:
    """What LLVM said of one loop: its place, the vector's width (0: none), and its words."""

    def __init__(self, file, line, col, text):
        self.file, self.line, self.col, self.text = file, line, col, text
        width = _WIDTH.search(text) if text.startswith("vectorized") else None
        self.width = int(width[1]) if width else 0


def parse_remarks(text):
    """Return what the loop vectoriser said, each once; its columns count from 1, those of the IR from 0."""
    found = {}
    for line in text.splitlines():
        if match := _REMARK.match(line):
            place = match[3], int(match[1]), int(match[2]) - 1
            found.setdefault((*place, match[4]), Remark(*place, match[4]))
    return list(found.values())


def _apply_remarks(function, loops, lines, remarks):
    """Tell each line of an innermost loop what LLVM said of that loop."""
    for loop in loops:
        body = [ins for block in loop for ins in block.body if ins.line]
        places = {(ins.line, ins.col) for ins in body}
        said = [r for r in remarks if r.file == function.file and (r.line, r.col) in places]
        wide = [r for r in said if r.width > 1]
        for line in {ins.line for ins in body}:
            for remark in said:
                if remark.width > 1:
                    lines[line].raise_to("vectorised")
                    lines[line].add(f"LLVM: {remark.text}", f"vectorised × {remark.width}")
                elif ":" in remark.text:
                    lines[line].add(f"LLVM{', of another loop here' if wide else ''}: {remark.text}")


# ---- checks and other costs --------------------------------------------------------------------------------


def _check_note(ins, defined):
    """Return (sentence, badge) for a check that stayed in a loop."""
    if ins.op == "check.index":
        index = defined.get(ins.operands()[0])
        why = "its range is not known before the loop"
        if index is not None and index.op in ("array.load", "load"):
            why = "it is read from an array, so only the loop itself knows it"
        elif index is not None and index.op == "phi":
            why = "it changes from round to round in a way that was not followed"
        return f"An index is checked in every round: {why}.", "index check"
    match = re.match(r'(\w+)(?: "(.*?)")?', ins.rest)
    words = f"{match[1]}: {match[2]}" if match[2] else match[1]
    return f"Checked in every round: {words}.", f"may raise {match[1]}"


def _apply_costs(function, in_loop, lines):
    defined = {ins.value: ins for ins in function.instructions() if ins.value}
    for block in function.blocks.values():
        if "cold" in block.flags:
            continue
        for ins in block.body:
            if not ins.line:
                continue
            looped = block.number in in_loop
            if ins.op in ("check", "check.index") and looped:
                lines[ins.line].add(*_check_note(ins, defined))
            elif ins.op == "array.alloc":
                where = " in every round" if looped else ""
                lines[ins.line].add(f"Allocates an array{where}.", "allocates" if looped else None)
            elif ins.op == "call" and ".cold" not in ins.rest:
                name = re.match(r"@(\S+?)(?:\.\d+)?(?: |$)", ins.rest)
                lines[ins.line].add(f"Calls {name[1] if name else ins.rest}, which is compiled too.")


# ---- all of it ---------------------------------------------------------------------------------------------


def _parallel_bodies(functions):
    """Return the names of the functions that are bodies of parallel loops."""
    return {
        match[1]
        for function in functions
        for ins in function.instructions()
        if ins.op == "parallel" and (match := re.match(r"@(\S+)", ins.rest))
    }


def _working_lines(function):
    """Return the lines that do something: constants and parameters come from lines before the loop too."""
    idle = ("const.", "param")
    return {ins.line for ins in function.instructions() if ins.line and not ins.op.startswith(idle)}


def of_module(opt_text, remarks_text):
    """Return the functions of a module by source place, each with what is known of its lines.

    Returns
    -------
    dict
        (file, first line, qualified name) -> (signature, {line: `Line`}).
    """
    functions, remarks = parse(opt_text), parse_remarks(remarks_text)
    bodies, found = _parallel_bodies(functions), {}
    for function in functions:
        if "cold" in function.flags:
            continue
        key = function.file, function.first_line, function.qualname
        signature, lines = found.setdefault(key, (function.signature, {}))
        for ins in function.instructions():
            if ins.line:
                lines.setdefault(ins.line, Line())
        loops, in_loop = innermost_loops(function)
        _apply_remarks(function, loops, lines, remarks)
        _apply_costs(function, in_loop, lines)
        for line in _working_lines(function) if function.name in bodies else ():
            lines[line].raise_to("parallel")
            lines[line].add("Its rounds are shared among threads.", "parallel")
    return found
