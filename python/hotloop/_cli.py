"""The command line: ``python -m hotloop`` and the script ``hotloop``."""


def main(argv=None):
    """Run the command line; return the exit status.

    Parameters
    ----------
    argv : list of str, optional
        The arguments, without the program's name.
    """
    from argparse import ArgumentParser

    from ._version import __version__, numba_version

    parser = ArgumentParser(prog="hotloop", description="Compile the hot loops of numeric Python.")
    parser.add_argument(
        "--version", action="version", version=f"hotloop {__version__} (speaks Numba {numba_version}'s API)"
    )
    parser.parse_args(argv)
    parser.print_help()
    return 0
