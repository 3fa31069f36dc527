"""Runs a script, a module or a piece of code as ``python`` itself does, with hotloop in Numba's place.

The program gets a ``__main__``, ``sys.argv`` and ``sys.path[0]`` of its own; an exception that it does
not catch is shown without the frames of this file and ends the process with Python's exit status.
"""

import builtins
import os
import sys


def run_script(path, args):
    """Run the file at *path*, a folder or an archive with a ``__main__.py``, or standard input for ``-``."""
    if path == "-":
        _set_path("")
        names = {"__file__": "<stdin>", "__cached__": None}
        _run(lambda: _compile(sys.stdin.buffer.read(), "<stdin>"), ["-", *args], names)
    elif os.path.isdir(path) or path.endswith((".zip", ".pyz")):
        _set_path(os.path.abspath(path), insert=True)
        _run_module("__main__", [path, *args])
    else:
        _set_path(os.path.dirname(os.path.realpath(path)))
        file = os.path.abspath(path)
        _run(lambda: _compile(_read(file), file), [path, *args], {"__file__": file, "__cached__": None})


def run_code(source, args):
    """Run Python code given as text, as ``python -c`` does."""
    _set_path("")
    if sys.version_info >= (3, 13):  # whose tracebacks show the lines
        import linecache

        linecache.cache["<string>"] = len(source), None, source.splitlines(True), "<string>"
    _run(lambda: _compile(source, "<string>"), ["-c", *args])


def run_module(name, args):
    """Run a module by its name, as ``python -m`` does."""
    _set_path(os.getcwd())
    _run_module(name, ["-m", *args])


def _run_module(name, argv):
    """Run the module *name*; ``argv[0]`` becomes its file, once that is known."""
    from runpy import _get_module_details

    sys.argv = argv
    ours = sys.modules.pop("__main__")  # which is not the one that a folder's program is called
    try:
        _, spec, code = _get_module_details(name)
    except ImportError as error:
        _give_up(f"{sys.executable}: {error}", 1)
    finally:
        sys.modules["__main__"] = ours
    names = {"__file__": spec.origin, "__cached__": spec.cached, "__package__": spec.parent}
    names.update(__spec__=spec, __loader__=spec.loader)
    _run(lambda: code, [spec.origin if argv[0] == "-m" else argv[0], *argv[1:]], names)


def _read(path):
    """Return the bytes of a script; end as Python does when there is none."""
    import io

    try:
        with io.open_code(path) as file:
            return file.read()
    except OSError as error:
        reason = f"[Errno {error.errno}] {error.strerror}"
        _give_up(f"{sys.executable}: can't open file {path!r}: {reason}", 2)


def _compile(source, filename):
    return compile(source, filename, "exec", dont_inherit=True)


def _give_up(text, status):
    """End the process with a line on standard error."""
    print(text, file=sys.stderr)
    raise SystemExit(status)


def _set_path(folder, insert=False):
    """Make *folder* the first place to import from; the first one so far was for the module hotloop."""
    if sys.flags.safe_path and not insert:
        return
    sys.path[0 : 0 if sys.flags.safe_path else 1] = [folder]


def _tell_children():
    """Let the processes that the program starts find hotloop under Numba's name as well.

    New programs look at PYTHONPATH; those of ``multiprocessing`` get this process's ``sys.path``.
    """
    from ._alias import FOR_CHILDREN

    folder = str(FOR_CHILDREN)
    paths = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    if folder not in paths:
        os.environ["PYTHONPATH"] = os.pathsep.join([folder, *filter(None, paths)])
    if folder not in sys.path:
        sys.path.insert(1, folder)


def _run(get_code, argv, names=None):
    """Execute the code in a fresh ``__main__``.

    An exception goes to ``sys.excepthook`` here, without this function's frame; what is raised again after it
    only sets the exit status (Ctrl-C's is that of a signal) and is not shown a second time.
    """
    from ._alias import install_as_numba

    install_as_numba()
    _tell_children()
    main = type(sys)("__main__")
    main.__builtins__ = builtins
    vars(main).update(names or {})
    sys.modules["__main__"], sys.argv = main, argv
    try:
        exec(get_code(), vars(main))
    except SystemExit:
        raise
    except BaseException as error:
        _show(error)
        sys.excepthook = lambda *_: None
        raise


def _show(error):
    """Hand an uncaught exception to ``sys.excepthook``, as Python does, with the program's traceback."""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_frame.f_code.co_filename == __file__:
        traceback = traceback.tb_next
    sys.last_type, sys.last_value, sys.last_traceback = type(error), error, traceback
    if sys.version_info >= (3, 12):
        sys.last_exc = error
    error.__traceback__ = traceback
    sys.stdout.flush()
    sys.excepthook(type(error), error, traceback)
