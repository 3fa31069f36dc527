"""hotloop's version and the version of Numba whose public API it speaks."""

__version__ = "0.1.0"
numba_version = "0.68.1"


def version_info(version=__version__):
    """Return *version* taken apart, as a named tuple with Numba's fields.

    Examples
    --------
    >>> version_info("0.1.0").short
    (0, 1)
    """
    from collections import namedtuple

    fields = namedtuple("version_info", "major minor patch short full string tuple git_revision")
    parts = tuple(version.split("."))
    numbers = tuple(int(part) if part.isdigit() else None for part in (parts + ("", "", ""))[:3])
    return fields(*numbers, numbers[:2], numbers, version, parts, parts[3] if len(parts) > 3 else None)
