"""Numba's module name for the types of functions known by their signatures."""

from .functions import FunctionPrototype, FunctionType

__all__ = ["FunctionPrototype", "FunctionType", "WrapperAddressProtocol"]


class WrapperAddressProtocol:
    """Base of a user's object that stands for a C function, of which it tells address and signature.

    Python code may call it, so compiled code may as well: through the interpreter.
    """

    def __wrapper_address__(self):
        """Return the address of the C function."""
        raise NotImplementedError(f"{type(self).__name__} has to define __wrapper_address__")

    def signature(self):
        """Return the function's signature, of numbers."""
        raise NotImplementedError(f"{type(self).__name__} has to define signature")

    def __call__(self, *args):
        """Call the C function."""
        import ctypes

        signature = self.signature()
        types = [_ctype(t) for t in (signature.return_type, *signature.args)]
        return ctypes.CFUNCTYPE(*types)(self.__wrapper_address__())(*args)


def _ctype(number):
    from numpy import dtype
    from numpy.ctypeslib import as_ctypes_type

    return as_ctypes_type(dtype(str(number)))
