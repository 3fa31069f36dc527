"""The text of an error in the user's code: what is wrong, where, why, and what to write instead.

The C core knows places and reasons and calls `format`.  The result has fewer than 12 lines::

    cannot add float64 and a text [HL0203]
      File "x.py", line 4
        return total + name
               ^^^^^^^^^^^^
      `total` is float64 because of line 3
        total = 0.5 * n
                ^^^^^^^
      hint: convert one of them

Sources come through linecache, so cells of notebooks and code given to ``exec`` with a linecache entry are
shown too; a place whose source is not to be had is shown without it.  Columns are those of
``co_positions()``: offsets into the line's UTF-8 bytes.
"""

MAX_LINES = 11
MAX_WIDTH = 100
PRELUDE = __file__.removesuffix("diagnostics.py") + "prelude/"  # where what is not the user's code is


def format(filename, line, col=None, end_col=None, message="", notes=(), hint=None, id=None):
    """Return the text of an error.

    Parameters
    ----------
    filename : str
        The file of the place, and of the notes.
    line : int
        The line, counted from 1; 0 when it is not known.
    col, end_col : int, optional
        Where in the line, as offsets into its UTF-8 bytes.  Without a start the whole line is marked; an end
        that is not behind the start, such as -1 for an expression that goes on in the next line, means the
        end of the line.
    message : str
        The reason, one sentence.
    notes : sequence of (line, col, end_col, text) or (line, col, end_col, text, filename), optional
        Further reasons with their own places, most important first.
    hint : str, optional
        What to write instead.
    id : str, optional
        The error's number, such as ``HL0203``.

    Returns
    -------
    str
        At most 11 lines, without a line feed at the end.
    """
    filename, line, col, end_col, notes = _users_place(filename, line, col, end_col, list(notes or ()))
    where = f'  File "{filename}"' + (f", line {line}" if line else "")
    lines = [_one_line(message) + (f" [{id}]" if id else ""), where]
    lines += _excerpt(filename, line, col, end_col)
    last = [f"  hint: {_one_line(hint)}"] if hint else []
    lines += _show_notes(filename, notes, MAX_LINES - len(lines) - len(last))
    return "\n".join(lines + last)


def _users_place(filename, line, col, end_col, notes):
    """Return place and notes of an error; one inside the prelude is shown where the user's code calls it."""
    if filename.startswith(PRELUDE):
        notes = [(*note[:4], note[4] if len(note) > 4 and note[4] else filename) for note in notes]
        for number, (at, start, end, text, file) in enumerate(notes):
            called, _, rest = text.partition(" is called by ")
            if rest and not file.startswith(PRELUDE):
                inside = line, col, end_col, f"inside {called}", filename
                return file, at, start, end, [inside, *notes[:number], *notes[number + 1 :]]
    return filename, line, col, end_col, notes


def _one_line(text):
    """Return *text* with its lines joined."""
    return " ".join(text.split())


def _show_notes(filename, notes, room):
    """Return the lines for the notes: with source while every later one still has a line, then without."""
    lines = []
    for number, (line, col, end_col, text, *other_file) in enumerate(notes):
        left = room - len(lines)
        others = len(notes) - number - 1
        if left < 1 or (left == 1 and others):
            return [*lines, f"  ({others + 1} more reasons)"] if left else lines
        file = other_file[0] if other_file and other_file[0] else filename
        where = f"line {line}" if file == filename else f'"{file}", line {line}'
        # "`x` is float64 because of line 3"; a line of the prelude tells a user nothing
        named = not line or text.endswith(where) or file.startswith(PRELUDE)
        lines.append(f"  {_one_line(text)}" if named else f"  {where}: {_one_line(text)}")
        excerpt = _excerpt(file, line, col, end_col)
        if len(excerpt) + others < left:
            lines += excerpt
    return lines


def _excerpt(filename, line, col, end_col):
    """Return the source line and the carets under it; nothing when there is no source."""
    import linecache

    linecache.checkcache(filename)
    source = linecache.getline(filename, line) if line else ""
    if not source.strip():
        return []
    source = source.rstrip()
    start, end = _character_range(source, col, end_col)
    source, start, end = _clip(source, start, end)
    pad = "".join("\t" if char == "\t" else " " * _width(char) for char in source[:start])
    return ["    " + source, "    " + pad + "^" * max(1, sum(map(_width, source[start:end])))]


def _character_range(source, col, end_col):
    """Return byte offsets as character offsets, within the line's text."""
    encoded = source.encode("utf-8", "surrogatepass")
    indent = len(source) - len(source.lstrip())

    def characters(offset):
        return len(encoded[:offset].decode("utf-8", "ignore"))

    if col is None or col < 0 or col > len(encoded):
        return indent, len(source)
    start = max(characters(col), indent)  # a function's first instruction is placed at its line's very start
    end = len(source) if end_col is None or end_col <= col else characters(end_col)
    return min(start, len(source)), max(end, start + 1)


def _clip(source, start, end):
    """Return the line without its indentation, and shortened around the range when it is long."""
    indent = min(len(source) - len(source.lstrip()), start)
    source, start, end = source[indent:], start - indent, min(end, len(source)) - indent
    if start > MAX_WIDTH // 2 and len(source) > MAX_WIDTH:
        cut = start - MAX_WIDTH // 3
        source, start, end = "..." + source[cut:], start - cut + 3, end - cut + 3
    if len(source) > MAX_WIDTH:
        source, end = source[:MAX_WIDTH] + "...", min(end, MAX_WIDTH)
    return source, start, end


def _width(char):
    """Return how many columns a character takes in a terminal."""
    if char < "\u0300":
        return 1
    from unicodedata import combining, east_asian_width

    return 0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1
