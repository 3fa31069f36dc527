"""``hotloop.core.extending`` is ``hotloop.extending``."""

import sys

from hotloop import extending

sys.modules[__name__] = extending
