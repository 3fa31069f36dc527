"""Tuples, lists, sets, dictionaries, and buffers other than arrays."""

from ..errors import TypingError
from .abstract import (
    ConstSized,
    Container,
    Hashable,
    InitialValue,
    IterableType,
    MutableSequence,
    Sequence,
    Type,
    TypeRef,
)
from .common import Buffer, SimpleIterableType, SimpleIteratorType
from .misc import NoneType, Optional, Undefined, unliteral


class Pair(Type):
    """Two values."""

    def __init__(self, first_type, second_type):
        self.first_type = first_type
        self.second_type = second_type
        super().__init__(f"pair<{first_type}, {second_type}>")

    @property
    def key(self):
        return self.first_type, self.second_type


class BaseContainerIterator(SimpleIteratorType):
    """Iterates over a `container` of a fixed class."""

    def __init__(self, container):
        assert isinstance(container, self.container_class), container
        self.container = container
        super().__init__(f"iter({container})", container.dtype)

    @property
    def key(self):
        return self.container


class Bytes(Buffer):
    """``bytes``."""

    mutable = False
    slice_is_copy = False


class ByteArray(Buffer):
    """``bytearray``."""

    slice_is_copy = True


class PyArray(Buffer):
    """``array.array``."""

    slice_is_copy = True


class MemoryView(Buffer):
    """``memoryview``."""


def is_homogeneous(*tys):
    """Whether there are types and all are equal."""
    return bool(tys) and all(ty == tys[0] for ty in tys)


def _check_iterable(types):
    """Raise TypingError unless *types* can be iterated over."""
    try:
        iter(types)
    except TypeError:
        raise TypingError("Argument 'types' is not iterable") from None


class BaseTuple(ConstSized, Hashable):
    """A tuple; iterates over the types of its items."""

    @classmethod
    def from_types(cls, tys, pyclass=None):
        """Return the right kind of tuple for these types and, if given, this Python class."""
        if pyclass is None or pyclass is tuple:
            return UniTuple(tys[0], len(tys)) if is_homogeneous(*tys) else Tuple(tys)
        assert issubclass(pyclass, tuple)
        if not hasattr(pyclass, "_asdict"):
            return None
        tys = tuple(map(unliteral, tys))
        return NamedUniTuple(tys[0], len(tys), pyclass) if is_homogeneous(*tys) else NamedTuple(tys, pyclass)


class BaseAnonymousTuple(BaseTuple):
    """A tuple that is not a named tuple."""

    def __unliteral__(self):
        return type(self).from_types([unliteral(ty) for ty in self])


class _HomogeneousTuple(Sequence, BaseTuple):
    """A tuple of `count` items of one type `dtype`."""

    @property
    def iterator_type(self):
        """The type of ``iter(x)``."""
        return UniTupleIter(self)

    @property
    def types(self):
        """The types of the items."""
        return (self.dtype,) * self.count

    def __getitem__(self, i):
        return self.dtype

    def __iter__(self):
        return iter(self.types)

    def __len__(self):
        return self.count


class UniTuple(BaseAnonymousTuple, _HomogeneousTuple, Sequence):
    """A tuple whose items have one type."""

    def __init__(self, dtype, count):
        self.dtype = dtype
        self.count = count
        super().__init__(f"{type(self).__name__}({dtype} x {count})")

    @property
    def mangling_args(self):
        return type(self).__name__, (self.dtype, self.count)

    @property
    def key(self):
        return self.dtype, self.count

    def __unliteral__(self):
        return type(self)(unliteral(self.dtype), self.count)

    def __repr__(self):
        return f"UniTuple({self.dtype!r}, {self.count})"


class UniTupleIter(BaseContainerIterator):
    """Iterates over a tuple whose items have one type."""

    container_class = _HomogeneousTuple


class _HeterogeneousTuple(BaseTuple):
    """A tuple of items of different `types`; the empty one is false."""

    def __getitem__(self, i):
        return self.types[i]

    def __len__(self):
        return len(self.types)

    def __iter__(self):
        return iter(self.types)


class UnionType(Type):
    """One of several types."""

    def __init__(self, types):
        self.types = tuple(sorted(set(types), key=lambda ty: ty.name))
        super().__init__("Union[" + ",".join(map(str, self.types)) + "]")

    def get_type_tag(self, typ):
        """Return the position of *typ* among the types."""
        return self.types.index(typ)


class Tuple(BaseAnonymousTuple, _HeterogeneousTuple):
    """A tuple; made from types that are all equal, it is a `UniTuple`."""

    def __new__(cls, types):
        _check_iterable(types)
        types = tuple(types)
        if is_homogeneous(*types):
            return UniTuple(types[0], len(types))
        return object.__new__(Tuple)

    def __init__(self, types):
        self.types = tuple(types)
        self.count = len(self.types)
        self.dtype = UnionType(self.types)
        super().__init__(f"{type(self).__name__}({', '.join(map(str, self.types))})")

    @property
    def mangling_args(self):
        return type(self).__name__, self.types

    @property
    def key(self):
        return self.types

    def __repr__(self):
        return f"Tuple({self.types})"


class StarArgTuple(Tuple):
    """The tuple behind ``*args``."""

    def __new__(cls, types):
        _check_iterable(types)
        types = tuple(types)
        if is_homogeneous(*types):
            return StarArgUniTuple(types[0], len(types))
        return object.__new__(StarArgTuple)


class StarArgUniTuple(UniTuple):
    """The tuple behind ``*args``, all arguments of one type."""


class BaseNamedTuple(BaseTuple):
    """A named tuple; has `fields` and `instance_class`."""


class NamedUniTuple(_HomogeneousTuple, BaseNamedTuple):
    """A named tuple whose items have one type."""

    def __init__(self, dtype, count, cls):
        self.dtype = dtype
        self.count = count
        self.fields = tuple(cls._fields)
        self.instance_class = cls
        super().__init__(f"{cls.__name__}({dtype} x {count})")

    @property
    def key(self):
        return self.instance_class, self.dtype, self.count


class NamedTuple(_HeterogeneousTuple, BaseNamedTuple):
    """A named tuple."""

    def __init__(self, types, cls):
        _check_iterable(types)
        self.types = tuple(types)
        self.count = len(self.types)
        self.fields = tuple(cls._fields)
        self.instance_class = cls
        super().__init__(f"{cls.__name__}({', '.join(map(str, self.types))})")

    @property
    def key(self):
        return self.instance_class, self.types


class List(MutableSequence, InitialValue):
    """A list whose items have one type."""

    def __init__(self, dtype, reflected=False, initial_value=None):
        self.dtype = unliteral(dtype)
        self.reflected = reflected
        kind = "reflected list" if reflected else "list"
        super().__init__(f"{kind}({self.dtype})<iv={initial_value}>")
        InitialValue.__init__(self, initial_value)

    def copy(self, dtype=None, reflected=None):
        """Return this type with some of its parameters changed."""
        return List(
            self.dtype if dtype is None else dtype,
            self.reflected if reflected is None else reflected,
            self.initial_value,
        )

    @property
    def key(self):
        return self.dtype, self.reflected, str(self.initial_value)

    @property
    def iterator_type(self):
        """The type of ``iter(x)``."""
        return ListIter(self)

    def is_precise(self):
        return self.dtype.is_precise()

    def __getitem__(self, args):
        return self.dtype

    def __unliteral__(self):
        return List(self.dtype, self.reflected)

    def __repr__(self):
        return f"List({self.dtype}, {self.reflected})"


class ListIter(BaseContainerIterator):
    """Iterates over a list."""

    container_class = List


class Set(Container):
    """A set whose items have one type."""

    mutable = True

    def __init__(self, dtype, reflected=False):
        assert isinstance(dtype, (Hashable, Undefined))
        self.dtype = dtype
        self.reflected = reflected
        super().__init__(f"{'reflected set' if reflected else 'set'}({dtype})")

    def copy(self, dtype=None, reflected=None):
        """Return this type with some of its parameters changed."""
        return Set(
            self.dtype if dtype is None else dtype,
            self.reflected if reflected is None else reflected,
        )

    @property
    def key(self):
        return self.dtype, self.reflected

    @property
    def iterator_type(self):
        """The type of ``iter(x)``."""
        return SetIter(self)

    def is_precise(self):
        return self.dtype.is_precise()

    def __repr__(self):
        return f"Set({self.dtype}, {self.reflected})"


class SetIter(BaseContainerIterator):
    """Iterates over a set."""

    container_class = Set


def _item_type(role, ty, refused):
    """Return *ty* without its literal value; raise TypingError when *ty* cannot play this role."""
    assert not isinstance(ty, TypeRef)
    ty = unliteral(ty)
    if isinstance(ty, refused):
        raise TypingError(f"{role} cannot be of type {ty}")
    return ty


class ListType(IterableType):
    """``typed.List``."""

    mutable = True

    def __init__(self, itemty):
        self.item_type = self.dtype = _item_type("List.item_type", itemty, Optional)
        super().__init__(f"{type(self).__name__}[{self.item_type}]")

    @property
    def key(self):
        return self.item_type

    def is_precise(self):
        return not isinstance(self.item_type, Undefined)

    @property
    def iterator_type(self):
        """The type of ``iter(x)``."""
        return ListTypeIterableType(self).iterator_type

    @classmethod
    def refine(cls, itemty):
        """Return the type of lists of *itemty*."""
        return cls(itemty)

    def __repr__(self):
        return f"ListType({self.item_type!r})"


class ListTypeIterableType(SimpleIterableType):
    """The items of a ``typed.List``."""

    def __init__(self, parent):
        assert isinstance(parent, ListType)
        self.parent = parent
        self.yield_type = parent.item_type
        super().__init__(f"list[{parent.name}]", ListTypeIteratorType(self))


class ListTypeIteratorType(SimpleIteratorType):
    """Iterates over a ``typed.List``."""

    def __init__(self, iterable):
        self.parent = iterable.parent
        self.iterable = iterable
        super().__init__(f"iter[{iterable.parent}->{iterable.yield_type}]", iterable.yield_type)


class DictType(IterableType, InitialValue):
    """``typed.Dict``."""

    def __init__(self, keyty, valty, initial_value=None):
        self.key_type = _item_type("Dict.key_type", keyty, (Optional, NoneType))
        self.value_type = _item_type("Dict.value_type", valty, (Optional, NoneType))
        for role, ty in (("key", self.key_type), ("value", self.value_type)):
            if isinstance(ty, (Set, List)):
                raise TypingError(f"{ty} as {role} is forbidden")
        self.keyvalue_type = Tuple([self.key_type, self.value_type])
        super().__init__(f"{type(self).__name__}[{self.key_type},{self.value_type}]<iv={initial_value}>")
        InitialValue.__init__(self, initial_value)

    @property
    def key(self):
        return self.key_type, self.value_type, str(self.initial_value)

    def is_precise(self):
        return not isinstance(self.key_type, Undefined) and not isinstance(self.value_type, Undefined)

    @property
    def iterator_type(self):
        """The type of ``iter(x)``."""
        return DictKeysIterableType(self).iterator_type

    @classmethod
    def refine(cls, keyty, valty):
        """Return the type of dictionaries from *keyty* to *valty*."""
        return cls(keyty, valty)

    def __unliteral__(self):
        return DictType(self.key_type, self.value_type)

    def __repr__(self):
        return f"DictType({self.key_type}, {self.value_type})"


class _DictView(SimpleIterableType):
    """Keys, values or items of a ``typed.Dict``."""

    def __init__(self, parent):
        assert isinstance(parent, DictType)
        self.parent = parent
        self.yield_type = getattr(parent, self.yields)
        self.name = f"{self.view}[{parent.name}]"
        super().__init__(self.name, DictIteratorType(self))


class DictItemsIterableType(_DictView):
    """``d.items()``."""

    view, yields = "items", "keyvalue_type"


class DictKeysIterableType(_DictView):
    """``d.keys()``."""

    view, yields = "keys", "key_type"


class DictValuesIterableType(_DictView):
    """``d.values()``."""

    view, yields = "values", "value_type"


class DictIteratorType(SimpleIteratorType):
    """Iterates over keys, values or items of a ``typed.Dict``."""

    def __init__(self, iterable):
        self.parent = iterable.parent
        self.iterable = iterable
        name = f"iter[{iterable.parent}->{iterable.yield_type}],{iterable.name}"
        super().__init__(name, iterable.yield_type)


class SetType(IterableType, InitialValue):
    """``typed.Set``."""

    def __init__(self, keyty, initial_value=None):
        self.key_type = _item_type("Set.key_type", keyty, (Optional, NoneType))
        super().__init__(f"{type(self).__name__}[{self.key_type}]<iv={initial_value}>")
        InitialValue.__init__(self, initial_value)

    @property
    def key(self):
        return self.key_type, str(self.initial_value)

    def is_precise(self):
        return not isinstance(self.key_type, Undefined)

    @property
    def iterator_type(self):
        """The type of ``iter(x)``."""
        return SetIterableType(self).iterator_type

    @classmethod
    def refine(cls, keyty):
        """Return the type of sets of *keyty*."""
        return cls(keyty)

    def __unliteral__(self):
        return SetType(self.key_type)


class SetIterableType(SimpleIterableType):
    """The items of a ``typed.Set``."""

    def __init__(self, parent):
        assert isinstance(parent, SetType)
        self.parent = parent
        self.yield_type = parent.key_type
        self.name = f"values[{parent.name}]"
        super().__init__(self.name, SetIteratorType(self))


class SetIteratorType(SimpleIteratorType):
    """Iterates over a ``typed.Set``."""

    def __init__(self, iterable):
        self.parent = iterable.parent
        self.iterable = iterable
        super().__init__(
            f"iter[{iterable.parent}->{iterable.yield_type}],{iterable.name}", iterable.yield_type
        )
