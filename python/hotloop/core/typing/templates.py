"""Signatures: the types of a function's arguments and of its result."""

from ..types import unliteral


class Signature:
    """The types a function takes and gives; made by ``float64(int64)`` or `signature`.

    Parameters
    ----------
    return_type : Type
        The type of the result, or None when it is left to type inference.
    args : sequence of Type
        The types of the arguments.
    recvr : Type, optional
        The type of the object the method is bound to.
    pysig : inspect.Signature, optional
        The Python function's signature.
    """

    __slots__ = "_return_type", "_args", "_recvr", "_pysig"

    def __init__(self, return_type, args, recvr, pysig=None):
        self._return_type = return_type
        self._args = tuple(args) if isinstance(args, list) else args
        self._recvr = recvr
        self._pysig = pysig

    @property
    def return_type(self):
        """The type of the result."""
        return self._return_type

    @property
    def args(self):
        """The types of the arguments."""
        return self._args

    @property
    def recvr(self):
        """The type of the object the method is bound to, or None."""
        return self._recvr

    @property
    def pysig(self):
        """The Python function's signature, or None."""
        return self._pysig

    @property
    def is_method(self):
        """Whether the signature is that of a bound method."""
        return self.recvr is not None

    def replace(self, **kwargs):
        """Return a copy with some attributes replaced."""
        state = {"return_type": self.return_type, "args": self.args, "recvr": self.recvr, "pysig": self.pysig}
        state.update(kwargs)
        return Signature(**state)

    def as_method(self):
        """Return the signature with its first argument bound."""
        if self.is_method:
            return self
        pysig = self.pysig
        if pysig is not None:
            pysig = pysig.replace(parameters=list(pysig.parameters.values())[1:])
        return Signature(self.return_type, self.args[1:], self.args[0], pysig)

    def as_function(self):
        """Return the signature with the bound object as first argument."""
        return Signature(self.return_type, (self.recvr,) + self.args, None) if self.is_method else self

    def as_type(self):
        """Return the type of functions with this signature."""
        from ..types import FunctionType

        return FunctionType(self)

    def is_precise(self):
        """Whether all types are precise."""
        return all(ty.is_precise() for ty in self.args) and self.return_type.is_precise()

    def __unliteral__(self):
        return signature(unliteral(self.return_type), *map(unliteral, self.args))

    def __getstate__(self):
        return self._return_type, self._args, self._recvr, self._pysig

    def __setstate__(self, state):
        self._return_type, self._args, self._recvr, self._pysig = state

    def __hash__(self):
        return hash((self.args, self.return_type))

    def __eq__(self, other):
        if not isinstance(other, Signature):
            return NotImplemented
        return self.__getstate__() == other.__getstate__()

    def __repr__(self):
        return f"{self.args} -> {self.return_type}"


def signature(return_type, *args, recvr=None):
    """Return the signature of a function that takes *args* and gives *return_type*.

    Examples
    --------
    >>> from hotloop import types
    >>> signature(types.float64, types.int64)
    (int64,) -> float64
    """
    return Signature(return_type, args, recvr=recvr)
