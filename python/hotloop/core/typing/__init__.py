"""Signatures, and the types of Python values (`hotloop.core.typing.typeof`)."""

from .templates import Signature, signature

__all__ = ["Signature", "signature"]
