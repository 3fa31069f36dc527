r"""Types as text, the form in which they cross to the C core, and back.

The core tells Python scalars (``int float complex bool``, weak as in NumPy 2) from NumPy scalars (``i64 f64
...``). Numba's types do not: in a signature ``int64`` means Python's int, and both come back as ``int64``.
Inside arrays
only NumPy's kinds exist.  The grammar::

    type  = name | name "<" [item {"," item}] ">"
    item  = type | integer | "True" | "False" | string | layout and flags of an array

A string is in double quotes; a backslash stands before quotes and backslashes, and ``\xNN`` for each byte of
UTF-8 that is not a printable ASCII character.

A type the compiler cannot represent becomes ``object``: such a value stays a Python object.
"""

from .. import _hotloop
from . import types
from .types.misc import Tensor


class UnknownText(ValueError):
    """A text that stands for no type known here."""


_PYTHON_SCALARS = {
    types.int64: "int",
    types.float64: "float",
    types.complex128: "complex",
    types.boolean: "bool",
}
_NUMPY_SCALARS = {
    types.boolean: "b1",
    types.int8: "i8",
    types.int16: "i16",
    types.int32: "i32",
    types.int64: "i64",
    types.uint8: "u8",
    types.uint16: "u16",
    types.uint32: "u32",
    types.uint64: "u64",
    types.float16: "f16",
    types.float32: "f32",
    types.float64: "f64",
    types.complex64: "c64",
    types.complex128: "c128",
}
_OTHERS = {
    types.none: "none",
    types.range_state64_type: "range",
    types.ellipsis: "ellipsis",
    types.npy_rng: "rng",
    types.pyobject: "object",
    types.undefined: "bottom",
}
_PLAIN = {**_NUMPY_SCALARS, **_PYTHON_SCALARS, **_OTHERS}
_NAMES = {text: ty for table in (_NUMPY_SCALARS, _PYTHON_SCALARS, _OTHERS) for ty, text in table.items()}


def to_text(ty):
    """Return the core's text for a type, as it is meant in a signature.

    Examples
    --------
    >>> to_text(types.float64[:, ::1]), to_text(types.float64)
    ('array<f64,2,C>', 'float')
    """
    text = _PLAIN.get(ty)
    if text is not None:
        return text
    for cls, write in _WRITERS:
        if isinstance(ty, cls):
            return write(ty)
    return "object"


def _write_array(ty):
    dtype = _NUMPY_SCALARS.get(ty.dtype)
    if dtype is None or ty.layout not in "CFA" or type(ty) is not types.Array:
        return "object"
    flags = ("" if ty.mutable else ",ro") + ("" if ty.aligned else ",unaligned")
    return f"array<{dtype},{ty.ndim},{ty.layout}{flags}>"


def _write_tuple(ty):
    items = [to_text(item) for item in ty]
    return "object" if "object" in items else f"tuple<{','.join(items)}>"


def _write_named_tuple(ty):
    items = [to_text(item) for item in ty]
    text = _hotloop.named_tuple_text(ty.instance_class)
    return "object" if "object" in items or text is None else f"tuple<{','.join([text, *items])}>"


def _write_list(ty):
    item = to_text(ty.dtype)
    return "object" if item == "object" or not ty.reflected else f"list<{item}>"


def _write_set(ty):
    key = to_text(ty.dtype)
    return "object" if key == "object" or not ty.reflected else f"set<list<tuple<int,{key}>>>"


def _write_optional(ty):
    inner = to_text(ty.type)
    return "object" if inner == "object" else f"optional<{inner}>"


def _write_omitted(ty):
    from .typing.typeof import typeof

    try:
        return to_text(typeof(ty.value))
    except ValueError:
        return "object"


def _write_int(ty):
    value = ty.literal_value
    return f"lit<{value}>" if -(1 << 63) <= value < 1 << 63 else "object"


def _quote(value):
    chars = []
    for byte in value.encode("utf-8", "surrogatepass"):
        char = chr(byte)
        chars.append("\\" + char if char in '"\\' else char if " " <= char <= "~" else f"\\x{byte:02x}")
    return f'"{"".join(chars)}"'


def _write_tensor(ty):
    return f"tensor<{_write_array(ty.array)}>"


_WRITERS = (
    (types.IntegerLiteral, _write_int),
    (types.BooleanLiteral, lambda ty: f"lit<{ty.literal_value}>"),
    (types.StringLiteral, lambda ty: f"str<{_quote(ty.literal_value)}>"),
    (types.Array, _write_array),
    (types.BaseAnonymousTuple, _write_tuple),
    (types.BaseNamedTuple, _write_named_tuple),
    (types.List, _write_list),
    (types.Set, _write_set),
    (types.Optional, _write_optional),
    (types.Omitted, _write_omitted),
    (Tensor, _write_tensor),
)


def from_text(text):
    """Return the type that a text of the core stands for.

    Examples
    --------
    >>> from_text("tuple<int,array<f32,1,A,ro>>")
    Tuple((int64, Array(float32, 1, 'A', True, aligned=True)))
    """
    reader = _Reader(text)
    ty = reader.type()
    if reader.rest():
        raise UnknownText(f"type text {text!r} goes on after a type")
    return ty


class _Reader:
    """Reads a type from text, left to right."""

    def __init__(self, text):
        self.text = text
        self.pos = 0

    def rest(self):
        """What has not been read."""
        return self.text[self.pos :]

    def fail(self):
        raise UnknownText(f"type text {self.text!r} is not known at position {self.pos}")

    def take(self, mark):
        """Read *mark* if it comes next; whether it did."""
        found = self.text.startswith(mark, self.pos)
        self.pos += len(mark) * found
        return found

    def word(self):
        """Read up to the next bracket or comma."""
        start = self.pos
        while self.pos < len(self.text) and self.text[self.pos] not in "<>,":
            self.pos += 1
        return self.text[start : self.pos]

    def type(self):
        """Read a type."""
        name = self.word()
        if not self.take("<"):
            return _NAMES.get(name) or self.fail()
        read = _READERS.get(name) or self.fail()
        ty = read(self)
        if not self.take(">"):
            self.fail()
        return ty

    def types(self):
        """Read types up to the closing bracket."""
        items = []
        while not self.text.startswith(">", self.pos):
            items.append(self.type())
            if not self.take(","):
                break
        return items

    def array(self):
        """Read item type, dimensions, layout and flags of an array."""
        dtype = self.type()
        words = []
        while self.take(","):
            words.append(self.word())
        if len(words) < 2 or not words[0].isdigit() or not set(words[2:]) <= {"ro", "unaligned"}:
            self.fail()
        return types.Array(
            dtype, int(words[0]), words[1], readonly="ro" in words[2:], aligned="unaligned" not in words[2:]
        )

    def literal(self):
        """Read an integer or a boolean."""
        word = self.word()
        if word in ("True", "False"):
            return types.literal(word == "True")
        try:
            return types.literal(int(word))
        except ValueError:
            return self.fail()

    def string(self):
        """Read a quoted text."""
        if not self.take('"'):
            self.fail()
        found = bytearray()
        while not self.take('"'):
            if self.pos == len(self.text):
                self.fail()
            found.append(self.byte())
        return found.decode("utf-8", "surrogatepass")

    def byte(self):
        """Read a character of a quoted text."""
        if not self.take("\\"):
            char = self.rest()[0]
        elif self.take("x"):
            try:
                char = chr(int(self.rest()[:2], 16))
            except ValueError:
                self.fail()
            self.pos += 1
        else:
            char = self.rest()[:1]
            if char not in ('"', "\\"):
                self.fail()
        self.pos += 1
        return ord(char)

    def constant(self):
        """Read name and perhaps address of a function, class or module known when compiling."""
        self.string()
        if self.take(","):
            self.word()
        return types.pyfunc_type

    def tuple(self):
        """Read the items of a tuple, and before them the class of a named one."""
        if not self.text.startswith('"', self.pos):
            return types.Tuple(self.types())
        self.string()
        address = self.word() if self.take(",") else self.fail()
        cls = _hotloop.named_tuple_class(int(address, 16))
        return types.BaseTuple.from_types(self.types() if self.take(",") else (), cls)

    def set(self):
        """Read the table of a set, a list of pairs, or of nothing where it was always empty."""
        table = self.type()
        pair = table.dtype
        return types.Set(pair[1] if isinstance(pair, types.BaseTuple) else pair, reflected=True)

    def slice(self):
        """Read the types of start, stop and step."""
        items = self.types()
        if len(items) != 3:
            self.fail()
        return types.slice2_type if items[2] is types.none else types.slice3_type


_READERS = {
    "array": _Reader.array,
    "const": _Reader.constant,
    "list": lambda reader: types.List(reader.type(), reflected=True),
    "lit": _Reader.literal,
    "optional": lambda reader: types.Optional(reader.type()),
    "set": _Reader.set,
    "slice": _Reader.slice,
    "str": lambda reader: types.literal(reader.string()),
    "tensor": lambda reader: Tensor(reader.type()),
    "tensor_scalar": lambda reader: Tensor(types.Array(reader.type(), 0, "C")),
    "tuple": _Reader.tuple,
}
