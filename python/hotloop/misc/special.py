"""Names that Numba keeps here and at the top of the package."""

from ..core.parallel import prange
from ..core.typing.typeof import typeof

__all__ = ["literal_unroll", "prange", "typeof"]


def literal_unroll(container):
    """Return *container*: a loop over a tuple of several types needs no mark.

    Such a loop runs in the interpreter so far.
    """
    return container
