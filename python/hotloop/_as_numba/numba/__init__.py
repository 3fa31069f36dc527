"""``numba`` in the processes that a script run by ``python -m hotloop`` starts: hotloop under Numba's name.

The folder of this package is on their PYTHONPATH.  A Python that has no hotloop gets the Numba it would have.
"""

import sys

try:
    import hotloop
except ImportError:
    _folder = __file__.rpartition("/numba/")[0]
    sys.path[:] = [path for path in sys.path if path != _folder]
    del sys.modules["numba"]
    import numba  # noqa: F401
else:
    hotloop.install_as_numba()
