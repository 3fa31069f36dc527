"""The C extension as the Python package uses it.

Types cross as text; see `hotloop.core.typetext`.  The attributes that users see on compiled functions beside
these are set on the class by `hotloop.core.dispatcher`.
"""

from collections.abc import Callable

class Dispatcher:
    """A compiled function: callable, binds as a method, can be weakly referenced, has the attributes that
    functools.update_wrapper copies.  Attributes may be set on the class.

    `options` has every key of `hotloop.core.options`; "cache" is looked at when something is compiled.
    """

    py_func: Callable
    _options: dict
    _can_compile: bool
    """False: a call that fits no specialisation raises TypeError "No matching definition for argument type(s)
    ..."."""

    def __init__(self, py_func: Callable, options: dict) -> None: ...
    def __call__(self, *args, **kwargs): ...
    def __get__(self, instance, owner=None): ...
    def _compile(self, arg_texts: tuple[str, ...], ret_text: str | None) -> None:
        """Compile for these types; raises TypingError and others given to `set_exceptions`."""

    def _specialisations(self) -> list[tuple[tuple[str, ...], str | None]]:
        """Argument types and result type of each specialisation, oldest first; None: interpreted."""

    def _foreign_lines(self) -> list[tuple[int, str, int | None]]:
        """Line, reason and share of the time in percent (None: not measured) of what is left to objects."""

    def _inspect(self, arg_texts: tuple[str, ...], stage: str) -> str:
        """Text of a stage: bytecode, cfg, ssa (these take `()` too), typed, parallel, opt, llvm, llvm_opt
        or asm."""

    def _continuations(self) -> int:
        """How many rests of the function were compiled, for what objects turned out to be."""

    def _reset(self) -> None:
        """Forget all specialisations."""

    def _stats(self) -> tuple[dict[tuple[str, ...], int], dict[tuple[str, ...], int]]:
        """How often a specialisation was found in the cache on disk, and how often not."""

def typeof(obj: object) -> str:
    """Text of an object's type; ValueError when it has none."""

def named_tuple_text(cls: type) -> str | None:
    """What stands for a class of named tuples in the text of a type; None for any other class."""

def named_tuple_class(address: int) -> type:
    """Return the class of named tuples that a type's text means; ValueError when none lies there."""

def set_exceptions(classes: dict[str, type]) -> None:
    """Take the classes to raise and warn with, by name; called once, at import."""

def describe_backend() -> str:
    """LLVM's version, the processor compiled for and its features, a line each; ImportError without LLVM."""

def observe(callable: Callable | None) -> None:
    """Call it after each compilation: function, argument types, {stage: text}, LLVM's remarks, None or why it
    failed as (file, line, text)."""

def _conformance_counters() -> dict[str, int]:
    """Calls that ran machine code ("native") and calls that ran in the interpreter ("fallback")."""

def prelude_units() -> dict[str, int]:
    """Large functions of the prelude: how many were compiled, how often one compiled before served, and how
    often one that came with the package."""

def kept_units() -> list[tuple[str, bytes]]:
    """Digest and object of each large function of the prelude that this process has compiled."""

def max_threads() -> int:
    """The most threads a parallel loop may have."""

def num_threads() -> int:
    """How many it may use when this Python thread starts it."""

def set_num_threads(n: int) -> None:
    """Sets that; ValueError when there are not so many."""

def chunk_size() -> int:
    """Rounds of a part of a parallel loop; 0: one part for each thread."""

def set_chunk_size(n: int) -> int:
    """Sets that and returns what it was; ValueError below 0."""

def threading_layer() -> str | None:
    """The library that parallel loops run on; None before the first one."""

def make_ufunc(name: str, doc: str, nin: int, nout: int, identity: int, signature: str | None, loops: list):
    """A NumPy ufunc over compiled kernels; see `hotloop.np.ufunc.kernels`."""
