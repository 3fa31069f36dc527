"""``%%hotloop`` for IPython and Jupyter, there after ``%load_ext hotloop``.

A cell that begins with it is run; its last line, where that is a call of a compiled function, is timed beside
plain Python (`hotloop.compare`); and a report shows what became of each line.
"""

import ast
import functools
from html import escape

from . import _hotloop, report
from .comparison import compare
from .core.dispatcher import Dispatcher


def load_ipython_extension(shell):
    """Add the magic to an IPython shell: what ``%load_ext hotloop`` calls."""

    def hotloop(line, cell):
        __tracebackhide__ = True  # IPython leaves such frames out of tracebacks, here and below
        if line.strip():
            raise ValueError(f"%%hotloop takes nothing on its line, and got {line.strip()!r}")
        return _hotloop_cell(shell, shell.transform_cell(cell))

    shell.register_magic_function(hotloop, "cell", "hotloop")


class Page:
    """The report of one cell: shown as a page in a notebook, as a line of text in a terminal."""

    def __init__(self, records):
        self.records = records

    def _repr_html_(self):
        from .report.page import render

        page = escape(render(self.records), quote=True)
        return f'<iframe srcdoc="{page}" style="width: 100%; height: 560px; border: 0"></iframe>'

    def __repr__(self):
        return f"hotloop: compiled {', '.join(dict.fromkeys(record.qualname for record in self.records))}"


def _hotloop_cell(shell, cell):
    """Run the cell; return its report."""
    __tracebackhide__ = True
    records = []
    name = shell.compile.cache(cell, shell.execution_count)
    tree = ast.parse(cell, name)
    call = tree.body.pop() if tree.body and _is_call(tree.body[-1]) else None
    _hotloop.observe(lambda *told: records.append(report.Record(*told)))
    try:
        exec(compile(tree, name, "exec"), shell.user_ns)
        if call is not None:
            _call(shell, call.value, name)
    finally:
        _hotloop.observe(report.observer())
    return Page(records) if records else None


def _is_call(node):
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)


def _call(shell, call, name):
    """Compare the call's function with plain Python when it is compiled; just make the call otherwise."""
    __tracebackhide__ = True

    def value(node):
        __tracebackhide__ = True
        return eval(compile(ast.Expression(node), name, "eval"), shell.user_ns)

    function = value(call.func)
    if not isinstance(function, Dispatcher):
        value(call)
        return
    shell.user_ns["__hotloop_compare"] = functools.partial(compare, function)
    compared = ast.Call(ast.Name("__hotloop_compare", ast.Load()), call.args, call.keywords)
    try:
        value(ast.fix_missing_locations(ast.copy_location(compared, call)))
    finally:
        del shell.user_ns["__hotloop_compare"]
