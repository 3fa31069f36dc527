"""Parallel loops and how many threads they use.  All of these also work inside compiled functions."""

from .. import _hotloop


def prange(*args):
    """Return the range whose rounds may run in any order, and in parallel under ``parallel=True``.

    Everywhere else, in the interpreter too, it is a ``range``.

    Parameters
    ----------
    *args : int
        As for ``range``: stop, or start and stop, or start, stop and step.

    Returns
    -------
    range
        The values of the loop variable.
    """
    return range(*args)


def get_num_threads():
    """Return how many threads a parallel loop started by this Python thread may use.

    Returns
    -------
    int
        All there may be, until `set_num_threads` asks for fewer.
    """
    return _hotloop.num_threads()


def set_num_threads(n):
    """Set how many threads parallel loops started by this Python thread may use.

    Parameters
    ----------
    n : int
        From 1 to ``config.NUMBA_NUM_THREADS``: the processors this process may use, or what the environment
        variable HOTLOOP_NUM_THREADS or NUMBA_NUM_THREADS said when it started.
    """
    if not hasattr(n, "__index__"):
        raise TypeError("The number of threads specified must be an integer")
    _hotloop.set_num_threads(n.__index__())


def get_thread_id():
    """Return the number of the calling thread within its parallel loop.

    Returns
    -------
    int
        From 0 to ``get_num_threads() - 1``; 0 outside of parallel loops.
    """
    return 0


def get_parallel_chunksize():
    """Return how many rounds of a parallel loop make one part.

    Returns
    -------
    int
        0 when each thread gets one part.
    """
    return _hotloop.chunk_size()


def set_parallel_chunksize(n):
    """Set how many rounds of a parallel loop make one part; threads take parts as they get free.

    Parameters
    ----------
    n : int
        0 for one part for each thread.

    Returns
    -------
    int
        What it was before.
    """
    if not hasattr(n, "__index__"):
        raise TypeError("The parallel chunksize must be an integer")
    return _hotloop.set_chunk_size(n.__index__())


class parallel_chunksize:
    """A ``with`` block in which parallel loops have this chunk size.

    Parameters
    ----------
    n : int
        As for `set_parallel_chunksize`.
    """

    def __init__(self, n):
        self._size = n

    def __enter__(self):
        self._before = set_parallel_chunksize(self._size)

    def __exit__(self, *_error):
        set_parallel_chunksize(self._before)


def threading_layer():
    """Return the name of the library whose threads parallel loops run on.

    Returns
    -------
    str
        ``"omp"``; ValueError before the first parallel loop has run.
    """
    layer = _hotloop.threading_layer()
    if layer is None:
        raise ValueError("Threading layer is not initialized.")
    return layer
