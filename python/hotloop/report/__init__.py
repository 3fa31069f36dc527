"""The report: a page that shows what became of each line of the functions compiled in this process.

`start` asks the compiler to tell of each compilation and writes the page when the process ends in any way:
``python -m hotloop --report script.py`` and ``HOTLOOP_REPORT=file`` do that.  `of_function` does it for one
compiled function (`f.report()`).  `facts` reads the compiler's texts, `page` makes the page.
"""

from .. import _hotloop

_records = {}
_started = False


class Record:
    """One compilation: which function, for which types, and what the compiler told of it."""

    def __init__(self, dispatcher, arg_texts, stages, remarks, reason):
        code = dispatcher.py_func.__code__
        self.file, self.first_line, self.qualname = code.co_filename, code.co_firstlineno, code.co_qualname
        self.args = dict(zip(code.co_varnames, arg_texts, strict=False))
        self.stages, self.remarks, self.reason = stages, remarks, reason
        self.dispatcher = dispatcher

    def foreign(self):
        """Return (line, reason, share of the time in percent or None) of what is left to Python's objects."""
        return self.dispatcher._foreign_lines()


def _observe(dispatcher, arg_texts, *told):
    record = Record(dispatcher, arg_texts, *told)
    _records[record.file, record.first_line, record.qualname, arg_texts] = record


def observer():
    """Return what is told of each compilation now: `_observe` once `start` was called, else None."""
    return _observe if _started else None


def start(file):
    """Keep what every compilation tells from now on, and write the page when the process ends."""
    import atexit
    import os

    global _started
    _started = True
    _hotloop.observe(_observe)
    atexit.register(_finish, os.path.abspath(file), os.getpid())


def _finish(file, process):
    """Write the page, unless this is another process, forked from the one that asked for it."""
    import os
    import sys

    if os.getpid() == process:
        write(file, _records.values())
        print(f"hotloop: wrote {file}", file=sys.stderr)


def write(file, records):
    """Write the page for some compilations."""
    from .page import render

    with open(file, "w", encoding="utf-8") as out:
        out.write(render(list(records)))


def of_function(self, file=None):
    """Write a page that shows what became of each line of the function.

    Parameters
    ----------
    file : path, optional
        Where to write it; ``NAME.hotloop.html`` in the current folder if not given.

    Returns
    -------
    str
        The file.
    """
    file = str(file or f"{self.__name__}.hotloop.html")
    write(file, records_of(self))
    return file


def records_of(dispatcher, arg_texts=None):
    """Return what the compiler tells of one specialisation, or of all."""
    kept = dict(_records)
    _records.clear()
    _hotloop.observe(_observe)
    try:
        for known, _ in dispatcher._specialisations():
            if arg_texts in (None, known):
                _explain(dispatcher, known)
        return list(_records.values())
    finally:
        _hotloop.observe(observer())
        _records.clear()
        _records.update(kept)


def _explain(dispatcher, arg_texts):
    """Compile once more, for what the compiler tells; a failure is told too."""
    from ..core.errors import HotloopError

    try:
        dispatcher._inspect(arg_texts, "asm")
    except HotloopError:
        pass
