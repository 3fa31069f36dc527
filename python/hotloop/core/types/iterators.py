"""Ranges, and the iterators over arrays, enumerate and zip."""

from ..errors import TypingError
from .common import SimpleIterableType, SimpleIteratorType


class RangeType(SimpleIterableType):
    """A range of integers of type `dtype`."""

    def __init__(self, dtype):
        self.dtype = dtype
        super().__init__(f"range_state_{dtype}", RangeIteratorType(dtype))


class RangeIteratorType(SimpleIteratorType):
    """Iterates over a range."""

    def __init__(self, dtype):
        super().__init__(f"range_iter_{dtype}", dtype)


class Generator(SimpleIteratorType):
    """A compiled generator."""

    def __init__(self, gen_func, yield_type, arg_types, state_types, has_finalizer):
        self.gen_func = gen_func
        self.arg_types = tuple(arg_types)
        self.state_types = tuple(state_types)
        self.has_finalizer = has_finalizer
        what = f"func={gen_func}, args={self.arg_types}, has_finalizer={has_finalizer}"
        super().__init__(f"{yield_type} generator({what})", yield_type)

    @property
    def key(self):
        return self.gen_func, self.arg_types, self.yield_type, self.has_finalizer, self.state_types


class EnumerateType(SimpleIteratorType):
    """``enumerate(x)``."""

    def __init__(self, iterable_type):
        from . import Tuple, intp

        self.source_type = iterable_type.iterator_type
        super().__init__(f"enumerate({self.source_type})", Tuple([intp, self.source_type.yield_type]))

    @property
    def key(self):
        return self.source_type


class ZipType(SimpleIteratorType):
    """``zip(x, y)``."""

    def __init__(self, iterable_types):
        from . import Tuple

        self.source_types = tuple(ty.iterator_type for ty in iterable_types)
        name = f"zip({', '.join(map(str, self.source_types))})"
        super().__init__(name, Tuple([ty.yield_type for ty in self.source_types]))

    @property
    def key(self):
        return self.source_types


class ArrayIterator(SimpleIteratorType):
    """Iterates over the first dimension of an array."""

    def __init__(self, array_type):
        self.array_type = array_type
        if array_type.ndim == 0:
            raise TypingError("iteration over a 0-d array")
        if array_type.ndim == 1:
            yield_type = array_type.dtype
        else:
            yield_type = array_type.copy(ndim=array_type.ndim - 1, layout="A")
        super().__init__(f"iter({array_type})", yield_type)
