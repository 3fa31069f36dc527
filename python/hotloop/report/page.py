"""The report's page: one HTML file that needs nothing else."""

import ast
import io
import json
import keyword
import linecache
import re
import tokenize
from html import escape
from pathlib import Path
from string import Template

from .. import _version
from . import facts

_PACKAGE = str(Path(__file__).parents[1])
STAGES = {"typed": "Typed IR", "opt": "Optimised IR", "llvm_opt": "LLVM IR", "asm": "Assembly"}


def render(records):
    """Return the page for some compilations."""
    functions = _collect(records)
    parts = [_function(key, versions) for key, versions in sorted(functions.items(), key=_order)]
    counts = _count(functions)
    codes = [_codes(record) for record in records]
    files = sorted({key[0] for key in functions})
    template = Template(Path(__file__).with_name("page.html").read_text("utf-8"))
    return template.substitute(
        title=escape(", ".join(Path(file).name for file in files) or "nothing was compiled"),
        version=_version.__version__,
        legend=_legend(counts),
        body="\n".join(parts)
        or '<p class="empty">No function was compiled: none was called, or none is decorated.</p>',
        codes=json.dumps(codes, separators=(",", ":")).replace("</", "<\\/"),
        stages=json.dumps(STAGES),
    )


# ---- functions and their versions --------------------------------------------------------------------------


class Version:
    """One specialisation of a source function, as the page shows it."""

    def __init__(self, number, signature, lines, failed=False):
        self.number, self.signature, self.lines, self.failed = number, signature, lines, failed


def _order(item):
    return item[0][:2]


def _collect(records):
    """Return the versions of each source function: its own, or else what a caller made of it."""
    own, inner = {}, {}
    for number, record in enumerate(records):
        key = record.file, record.first_line, record.qualname
        if record.reason is not None:
            own.setdefault(key, []).append(_failed(number, record))
            continue
        for other, (signature, lines) in facts.of_module(record.stages["opt"], record.remarks).items():
            if not other[0].startswith(_PACKAGE):
                target = own if other == key else inner
                if other == key:
                    _mark_foreign(lines, record.foreign())
                target.setdefault(other, []).append(Version(number, signature, lines))
    for key, versions in inner.items():
        own.setdefault(key, versions[:1])
    return own


def _mark_foreign(lines, foreign):
    """Colour the lines that are left to Python's objects; say why, and their share where it was measured."""
    for number, reason, share in foreign:
        if number not in lines:
            continue  # the argument that is to blame has no line of its own
        line = lines[number]
        words = "" if reason == "works on an object" else f": {reason}"
        words = words if share is None else f": {share} %"
        line.raise_to("interpreted")
        line.notes.insert(0, f"Interpreted: {reason}.")
        line.badges.insert(0, f"interpreted{words}")


def _failed(number, record):
    """Return the version for types that run in the interpreter: every line of the function is."""
    file, at, text = record.reason
    first, last = _extent(record.file, record.first_line)
    lines = {}
    for number_of_line in range(first, last + 1):
        if linecache.getline(record.file, number_of_line).strip():
            lines[number_of_line] = facts.Line("interpreted")
    place = at if file == record.file and at in lines else first
    lines.setdefault(place, facts.Line("interpreted")).add(text, "interpreted: " + _sentence(text))
    args = ", ".join(f"{name}: {ty}" for name, ty in record.args.items())
    return Version(number, f"({args})", lines, failed=True)


def _sentence(text):
    return re.sub(r" \[HL\d+\]$", "", text.split("\n")[0])


def _extent(file, first_line):
    """Return the first and last line of the function that begins there."""
    source = "".join(linecache.getlines(file))
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return first_line, first_line
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            decorators = getattr(node, "decorator_list", [])
            if min([node.lineno, *(item.lineno for item in decorators)]) == first_line:
                return first_line, node.end_lineno
    return first_line, first_line


def _count(functions):
    """Return how many lines are in each state, of each function's first version."""
    counts = dict.fromkeys(facts.STATES, 0)
    for versions in functions.values():
        for line in versions[0].lines.values():
            counts[line.state] += 1
    return counts


# ---- HTML --------------------------------------------------------------------------------------------------


def _legend(counts):
    total = sum(counts.values()) or 1
    bar = "".join(
        f'<i class="{state}" style="width:{100 * count / total:.1f}%"></i>' for state, count in counts.items()
    )
    keys = "".join(
        f'<li class="{state}"><b>{count}</b> {state}</li>' for state, count in counts.items() if count
    )
    return f'<div class="bar">{bar}</div><ul class="legend">{keys}</ul>'


def _function(key, versions):
    """Return the section of one source function."""
    file, first_line, qualname = key
    picks = "".join(
        f'<button class="pick" data-version="{i}"><code>{escape(version.signature)}</code></button>'
        for i, version in enumerate(versions)
    )
    tables = "".join(_table(file, first_line, i, version) for i, version in enumerate(versions))
    return (
        f'<section class="function" data-file="{escape(file)}"><header><h2>{escape(qualname)}</h2>'
        f'<span class="place">{escape(file)}:{first_line}</span></header><div class="picks">{picks}</div>'
        f'<div class="columns"><div class="sources">{tables}</div><aside></aside></div></section>'
    )


def _table(file, first_line, index, version):
    first, last = _extent(file, first_line)
    last = max([last, *version.lines])
    rows = "".join(
        _row(number, source, version.lines.get(number))
        for number, source in zip(range(first, last + 1), _highlight(file, first, last), strict=True)
    )
    return (
        f'<table data-version="{index}" data-record="{version.number}" hidden><tbody>{rows}</tbody></table>'
    )


def _row(number, source, line):
    state, badges, notes = (line.state, line.badges, line.notes) if line else ("none", [], [])
    shown = "".join(f'<span class="badge {_badge_class(badge)}">{escape(badge)}</span>' for badge in badges)
    told = "".join(f"<p>{escape(note)}</p>" for note in notes)
    return (
        f'<tr class="{state}" data-line="{number}" tabindex="0"><td class="number">{number}</td>'
        f'<td class="line"><div><code>{source}</code><span class="badges">{shown}</span></div>'
        f"<template>{told}</template></td></tr>"
    )


def _badge_class(badge):
    word = badge.split()[0].rstrip(":")
    return word if word in facts.STATES else "cost"


def _highlight(file, first, last):
    """Return the source lines as HTML, words coloured by their kind."""
    lines = [linecache.getline(file, number).rstrip("\n") for number in range(first, last + 1)]
    marks = [[] for _ in lines]
    try:
        for token in tokenize.generate_tokens(io.StringIO("\n".join(lines) + "\n").readline):
            kind = _kind(token)
            for row in range(token.start[0], token.end[0] + 1) if kind else ():
                start = token.start[1] if row == token.start[0] else 0
                end = token.end[1] if row == token.end[0] else len(lines[row - 1])
                marks[row - 1].append((start, end, kind))
    except (tokenize.TokenError, IndentationError, SyntaxError):
        pass
    return [_mark(line, spans) for line, spans in zip(lines, marks, strict=True)]


def _kind(token):
    if token.type == tokenize.NAME and keyword.iskeyword(token.string):
        return "k"
    return {tokenize.STRING: "s", tokenize.COMMENT: "c", tokenize.NUMBER: "n"}.get(token.type)


def _mark(line, spans):
    parts, at = [], 0
    for start, end, kind in spans:
        parts += [escape(line[at:start]), f'<span class="{kind}">{escape(line[start:end])}</span>']
        at = end
    return "".join([*parts, escape(line[at:])]) or " "


# ---- the compiler's texts, each line with the source line it comes from ------------------------------------


def _codes(record):
    """Return {stage: [[file, line, text], ...]} for the page's script; file and line of the source."""
    readers = {"typed": _ir_lines, "opt": _ir_lines, "llvm_opt": _llvm_lines, "asm": _asm_lines}
    return {stage: readers[stage](text) for stage, text in record.stages.items() if text}


def _ir_lines(text):
    rows, file = [], ""
    for line in text.splitlines():
        if match := facts._SOURCE.match(line):
            file = match[1]
        place = facts._PLACE.search(line)
        shown = line[: place.start()] if place else line
        rows.append([file, int(place[1]) if place else 0, shown])
    return rows


def _llvm_lines(text):
    """Definitions only; `!dbg` and the other metadata are read, not shown."""
    places = _llvm_places(text)
    rows, shown = [], False
    for line in text.splitlines():
        if line.startswith("define"):
            shown = re.search(r'@"?(hl\.|hlrt_|[^"(]*\.entry\b)', line) is None
        if not shown:
            continue
        match = re.search(r"!dbg !(\d+)", line)
        file, number = places.get(match[1], ("", 0)) if match else ("", 0)
        text_shown = re.sub(r",? ![\w.]+ !\d+|, #\d+|(?<=\)) #\d+", "", line)
        rows.append([file, 0 if line.startswith("define") else number, text_shown])
        shown = not line.startswith("}")
        if not shown:
            rows.append(["", 0, ""])
    return rows


def _llvm_places(text):
    """Return metadata number -> (file, line) of the locations in a module."""
    files, scopes, places = {}, {}, {}
    for number, kind, rest in re.findall(r"^!(\d+) = (?:distinct )?!(DI\w+)\((.*)\)$", text, re.M):
        if kind == "DIFile":
            files[number] = re.search(r'filename: "(.*?)"', rest)[1]
        elif kind == "DISubprogram":
            scopes[number] = re.search(r"file: !(\d+)", rest)[1]
        elif kind == "DILocation":
            places[number] = int(re.search(r"line: (\d+)", rest)[1]), re.search(r"scope: !(\d+)", rest)[1]
    return {number: (files.get(scopes.get(scope), ""), line) for number, (line, scope) in places.items()}


def _asm_lines(text):
    """Labels and instructions; directives are read (`.file`, `.loc`), not shown."""
    rows, files, at, shown = [], {}, ["", 0], False
    for line in text.splitlines():
        word = line.strip()
        if match := re.match(r'\.file\s+(\d+) (?:"(.*?)" )?"(.*?)"', word):
            files[match[1]] = str(Path(match[2] or "", match[3]))
        elif match := re.match(r"\.loc\s+(\d+) (\d+)", word):
            at = [files.get(match[1], ""), int(match[2])]
        elif match := re.match(r'"?([\w.$]+)"?:', line):
            if not line.startswith(".L"):
                hidden = match[1].startswith(("hl.", "hlrt_")) or match[1].endswith(".entry")
                shown, at = not hidden, ["", 0]
            if shown and not match[1].startswith((".Lfunc", ".Ltmp", ".LCPI", ".Lline", ".Linfo", ".Lsec")):
                rows.append(["", 0, line])
        elif shown and word and not word.startswith((".", "#")):
            rows.append([*at, "    " + re.sub(r"\s+", " ", word.split("#")[0].strip()).replace(" ", "  ", 1)])
        elif word.startswith(".section"):
            shown = False
        elif word == ".text":
            pass
    return rows
