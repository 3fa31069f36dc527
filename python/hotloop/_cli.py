"""The command line: ``python -m hotloop`` and the script ``hotloop``."""

import sys

USAGE = """\
usage: {prog} [--report[=FILE]] script.py [argument ...]
       {prog} [--report[=FILE]] -m module | -c code | - [argument ...]
       {prog} --sysinfo | --version | --help

Runs a Python program with hotloop in Numba's place: what it imports as numba is hotloop.

  --report[=FILE]  write a page that shows what became of each line of the compiled functions
                   (script.hotloop.html unless FILE is given)
  -s, --sysinfo    tell what this machine offers and what is missing
  --version        tell hotloop's version
  -h, --help       print this text"""


def main(argv=None):
    """Run the command line; return the exit status.

    Parameters
    ----------
    argv : list of str, optional
        The arguments, without the program's name.
    """
    args = list(sys.argv[1:] if argv is None else argv)
    report = None
    while args and (args[0] == "--report" or args[0].startswith("--report=")):
        report = args.pop(0).partition("=")[2]
    if not args or args[0] in ("-h", "--help"):
        return _print(USAGE.format(prog="python -m hotloop"))
    if args[0] in _TELL:
        return _print(_TELL[args[0]]())
    if args[0].startswith("-") and args[0] not in ("-", "-c", "-m"):
        return _refuse(f"unknown option {args[0]}")
    if args[0] in ("-c", "-m") and len(args) == 1:
        return _refuse(f"argument expected for the {args[0]} option")
    if report is not None:
        _start_report(report, args)
    _run(*args)
    return 0


def _print(text):
    print(text)
    return 0


def _refuse(problem):
    """Say what is wrong with the arguments."""
    print(f"hotloop: {problem}; see `python -m hotloop --help`", file=sys.stderr)
    return 2


def _version():
    from ._version import __version__, numba_version

    return f"hotloop {__version__} (speaks Numba {numba_version}'s API)"


def _sysinfo():
    from .sysinfo import text

    return text()


_TELL = {"--version": _version, "--sysinfo": _sysinfo, "-s": _sysinfo}


def _start_report(file, args):
    """Begin the report; its file is named after the program unless *file* says otherwise."""
    from pathlib import PurePath

    from . import report

    name = {"-": "stdin", "-c": "code"}.get(args[0]) or PurePath(args[args[0] == "-m"]).stem
    report.start(file or f"{name}.hotloop.html")


def _run(what, *args):
    from . import _run

    if what == "-c":
        _run.run_code(args[0], args[1:])
    elif what == "-m":
        _run.run_module(args[0], args[1:])
    else:
        _run.run_script(what, args)
