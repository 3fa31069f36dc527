"""Names that Numba keeps here and at the top of the package."""

from ..core.parallel import prange
from ..core.typing.typeof import typeof

__all__ = ["prange", "typeof"]
