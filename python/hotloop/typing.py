"""``hotloop.typing`` is ``hotloop.core.typing``."""

import sys

from hotloop.core import typing

sys.modules[__name__] = typing
