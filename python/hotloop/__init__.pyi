"""What type checkers and editors see: the names that `__init__.py` loads when first asked for."""

from . import diagnostics as diagnostics, extending as extending, np as np, report as report
from ._alias import install_as_numba as install_as_numba
from ._hotloop import _conformance_counters as _conformance_counters
from ._version import numba_version as numba_version
from .comparison import compare as compare
from .core import config as config, errors as errors, types as types, typing as typing
from .core.decorators import jit as jit, jit_module as jit_module, njit as njit
from .core.errors import *  # noqa: F403
from .core.types import *  # noqa: F403
from .core.typing.typeof import typeof as typeof
from .magic import load_ipython_extension as load_ipython_extension
from .np.numpy_support import from_dtype as from_dtype
from .np.ufunc.decorators import guvectorize as guvectorize, vectorize as vectorize
from .core.parallel import get_num_threads as get_num_threads
from .core.parallel import get_parallel_chunksize as get_parallel_chunksize
from .core.parallel import get_thread_id as get_thread_id
from .core.parallel import parallel_chunksize as parallel_chunksize
from .core.parallel import prange as prange
from .core.parallel import set_num_threads as set_num_threads
from .core.parallel import set_parallel_chunksize as set_parallel_chunksize
from .core.parallel import threading_layer as threading_layer

__version__: str
version_info: tuple
