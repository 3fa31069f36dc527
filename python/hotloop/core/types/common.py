"""Bases that several type classes share: opaque types, simple iterables and iterators, buffers."""

from ..errors import NumbaTypeError, NumbaValueError
from .abstract import ArrayCompatible, Dummy, IterableType, IteratorType


class Opaque(Dummy):
    """Only passed around."""


class SimpleIterableType(IterableType):
    """An iterable whose iterator type is given when it is made."""

    def __init__(self, name, iterator_type):
        self._iterator_type = iterator_type
        super().__init__(name)

    @property
    def iterator_type(self):
        """The type of ``iter(x)``."""
        return self._iterator_type


class SimpleIteratorType(IteratorType):
    """An iterator whose yield type is given when it is made."""

    def __init__(self, name, yield_type):
        self._yield_type = yield_type
        super().__init__(name)

    @property
    def yield_type(self):
        """The type of ``next(x)``."""
        return self._yield_type


class Buffer(IterableType, ArrayCompatible):
    """An object with the buffer protocol.

    Parameters
    ----------
    dtype : Type
        The type of the items.
    ndim : int
        The number of dimensions.
    layout : {'C', 'F', 'A', 'CS', 'FS'}
        C order, Fortran order, any strides, or contiguous only in the innermost dimension.
    readonly : bool, optional
        Whether writing is refused.
    name : str, optional
        How to show it, if not as usual.
    """

    mutable = True
    slice_is_copy = False
    aligned = True
    LAYOUTS = frozenset(["C", "F", "CS", "FS", "A"])

    def __init__(self, dtype, ndim, layout, readonly=False, name=None):
        from .misc import unliteral

        if isinstance(dtype, Buffer):
            raise NumbaTypeError(
                "The dtype of a Buffer type cannot itself be a Buffer type, this is unsupported behaviour."
                f"\nThe dtype requested for the unsupported Buffer was: {dtype}."
            )
        if layout not in self.LAYOUTS:
            raise NumbaValueError(f"Invalid layout '{layout}'")
        self.dtype = unliteral(dtype)
        self.ndim = ndim
        self.layout = layout
        if readonly:
            self.mutable = False
        kind = ("readonly " if readonly else "") + type(self).__name__.lower()
        super().__init__(name or f"{kind}({dtype}, {ndim}d, {layout})")

    @property
    def iterator_type(self):
        """The type of ``iter(x)``."""
        from .iterators import ArrayIterator

        return ArrayIterator(self)

    @property
    def as_array(self):
        """The type itself."""
        return self

    def copy(self, dtype=None, ndim=None, layout=None):
        """Return this type with some of its parameters changed."""
        return type(self)(
            self.dtype if dtype is None else dtype,
            self.ndim if ndim is None else ndim,
            self.layout if layout is None else layout,
            readonly=not self.mutable,
        )

    @property
    def key(self):
        return self.dtype, self.ndim, self.layout, self.mutable

    @property
    def is_c_contig(self):
        """Whether the items lie in C order without gaps."""
        return self.layout == "C" or (self.ndim <= 1 and self.layout in "CF")

    @property
    def is_f_contig(self):
        """Whether the items lie in Fortran order without gaps."""
        return self.layout == "F" or (self.ndim <= 1 and self.layout in "CF")

    @property
    def is_contig(self):
        """Whether the items lie without gaps."""
        return self.layout in "CF"
