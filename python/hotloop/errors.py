"""``hotloop.errors`` is ``hotloop.core.errors``."""

import sys

from hotloop.core import errors

sys.modules[__name__] = errors
