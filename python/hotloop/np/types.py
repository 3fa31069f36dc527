"""``hotloop.np.types`` is ``hotloop.core.types``."""

import sys

from hotloop.core import types

sys.modules[__name__] = types
