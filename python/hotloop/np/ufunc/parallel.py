"""The number of threads of parallel loops, where Numba keeps it."""

from ...core.parallel import get_num_threads, get_thread_id, set_num_threads, threading_layer

__all__ = ["get_num_threads", "get_thread_count", "get_thread_id", "set_num_threads", "threading_layer"]


def get_thread_count():
    """Return the most threads that a parallel loop may have."""
    from ...core import config

    return config.NUMBA_NUM_THREADS
