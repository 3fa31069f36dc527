"""``hotloop.config`` is ``hotloop.core.config``."""

import sys

from hotloop.core import config

sys.modules[__name__] = config
