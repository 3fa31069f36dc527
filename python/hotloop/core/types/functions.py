"""Functions as values: compiled functions, function types, the classes of named tuples and numbers."""

from weakref import ref

from .abstract import Callable, DTypeSpec, Dummy, Type
from .common import Opaque


class WeakType(Type):
    """A type about one object, which it does not keep alive."""

    def _store_object(self, obj):
        self._wr = ref(obj)

    def _get_object(self):
        found = self._wr()
        if found is None:
            raise ReferenceError("underlying object has vanished")
        return found

    @property
    def key(self):
        return self._wr


class Dispatcher(WeakType, Callable, Dummy):
    """A compiled function; `dispatcher` is it, while it lives."""

    def __init__(self, dispatcher):
        self._store_object(dispatcher)
        super().__init__(f"type({dispatcher})")

    @property
    def dispatcher(self):
        """The compiled function."""
        return self._get_object()

    def __reduce__(self):
        return Dispatcher, (self.dispatcher,)


class NamedTupleClass(Callable, Opaque):
    """A named tuple's class."""

    def __init__(self, instance_class):
        self.instance_class = instance_class
        super().__init__(f"class({instance_class})")

    @property
    def key(self):
        return self.instance_class


class NumberClass(Callable, DTypeSpec, Opaque):
    """A number type as a value, such as ``numpy.float32``."""

    def __init__(self, instance_type):
        self.instance_type = instance_type
        super().__init__(f"class({instance_type})")

    @property
    def key(self):
        return self.instance_type

    @property
    def dtype(self):
        """The type meant."""
        return self.instance_type


class FunctionType(Type):
    """A function known only by its `signature`."""

    cconv = None

    def __init__(self, signature):
        from .misc import unliteral

        self.signature = sig = unliteral(signature)
        self.nargs = len(sig.args)
        self.ftype = FunctionPrototype(sig.return_type, sig.args)
        super().__init__(f"{type(self).__name__}[{self.ftype.key}]")

    @property
    def key(self):
        return self.ftype.key

    def is_precise(self):
        return self.signature.is_precise()

    def check_signature(self, other_sig):
        """Whether a function with *other_sig* can be used."""
        return self.nargs == len(other_sig.args) and (self.signature == other_sig or not self.is_precise())


class FunctionPrototype(Type):
    """A function's return type and argument types."""

    cconv = None

    def __init__(self, rtype, atypes):
        self.rtype = rtype
        self.atypes = tuple(atypes)
        assert isinstance(rtype, Type), rtype
        assert all(isinstance(ty, Type) for ty in self.atypes), self.atypes
        super().__init__(f"{rtype}({', '.join(ty.name for ty in self.atypes)})")
