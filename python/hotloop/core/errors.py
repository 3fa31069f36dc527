"""Error and warning classes: Numba's names and inheritance, shared with the C core.

Every class takes the text to show first, then optionally the place it is about, so that C raises one with
nothing but a text.  The few classes whose constructor asks for something else (Numba's signatures are kept)
are built from a text by `from_text`.  A class called ``Hotloop...`` is the same object as its ``Numba...``
name.
"""


class HotloopWarning(Warning):
    """Base class of hotloop's warnings.

    Parameters
    ----------
    msg : str
        The text to show.
    loc : object, optional
        Where; its ``strformat()``, when it has one, is appended.
    highlighting : bool, optional
        Accepted for Numba's sake; texts are never coloured.
    """

    def __init__(self, msg, loc=None, highlighting=True):
        self.msg = msg
        self.loc = loc
        super().__init__(_with_place(msg, loc))


class HotloopPerformanceWarning(HotloopWarning):
    """An operation is not as fast as it could be, for example because it runs in the interpreter."""


class HotloopDeprecationWarning(HotloopWarning, DeprecationWarning):
    """A deprecated feature is used."""


class HotloopPendingDeprecationWarning(HotloopWarning, PendingDeprecationWarning):
    """A feature is used that will be deprecated."""


class HotloopParallelSafetyWarning(HotloopWarning):
    """An operation in a parallel loop may not be safe to run in parallel."""


class HotloopTypeSafetyWarning(HotloopWarning):
    """A conversion may lose information."""


class HotloopExperimentalFeatureWarning(HotloopWarning):
    """An experimental feature is used."""


class HotloopInvalidConfigWarning(HotloopWarning):
    """A configuration value makes no sense."""


class HotloopPedanticWarning(HotloopWarning):
    """The compiler found something odd about itself."""


class HotloopIRAssumptionWarning(HotloopPedanticWarning):
    """The intermediate representation is not as assumed."""


class HotloopDebugInfoWarning(HotloopWarning):
    """Debug information could not be written."""


class HotloopSystemWarning(HotloopWarning):
    """The system's configuration stands in the way."""


class HotloopError(Exception):
    """Base class of hotloop's errors.

    Parameters
    ----------
    msg : str
        The text to show.
    loc : object, optional
        Where; its ``strformat()``, when it has one, is appended.
    highlighting : bool, optional
        Accepted for Numba's sake; texts are never coloured.
    """

    def __init__(self, msg, loc=None, highlighting=True):
        self.msg = msg
        self.loc = loc
        super().__init__(_with_place(msg, loc))

    @property
    def contexts(self):
        """The texts added by `add_context`, first added first."""
        return self.__dict__.setdefault("_contexts", [])

    def add_context(self, msg):
        """Append ``During: msg`` to the text, once, and return the error."""
        if msg not in self.contexts:
            self.contexts.append(msg)
            self.args = (f"{self}\nDuring: {msg}",)
        return self

    def patch_message(self, new_message):
        """Replace the text."""
        self.args = (new_message,) + self.args[1:]


class UnsupportedError(HotloopError):
    """hotloop has no implementation of this."""


class UnsupportedBytecodeError(Exception):
    """A bytecode instruction that cannot be compiled."""

    def __init__(self, msg, loc=None):
        super().__init__(msg if loc is None else f"{msg}. Raised from {loc}")


class UnsupportedRewriteError(UnsupportedError):
    """A rewrite met something it does not support."""


class IRError(HotloopError):
    """Building the intermediate representation failed."""


class RedefinedError(IRError):
    """A variable is defined twice."""


class NotDefinedError(IRError):
    """A variable is used that was never defined."""

    def __init__(self, name, loc=None):
        self.name = name
        super().__init__(
            f"The compiler failed to analyze the bytecode. Variable '{name}' is not defined.", loc=loc
        )


class VerificationError(IRError):
    """The intermediate representation breaks one of its rules."""


class DeprecationError(HotloopError):
    """A feature that is gone is used."""


class LoweringError(HotloopError):
    """Turning typed code into machine code failed."""


class UnsupportedParforsError(HotloopError):
    """Parallel loops are not supported here."""


class ForbiddenConstruct(LoweringError):
    """A construct that cannot be compiled, such as ``locals()``."""


class TypingError(HotloopError):
    """The types of a function do not fit together."""


class UntypedAttributeError(TypingError):
    """A value of this type has no such attribute; made from a text alone, it shows that."""

    def __init__(self, value, attr=None, loc=None):
        if attr is None:
            msg = value
        elif getattr(getattr(value, "pymod", None), "__name__", None) == "numpy":
            msg = f"Use of unsupported NumPy function 'numpy.{attr}' or unsupported use of the function."
        else:
            msg = f"Unknown attribute '{attr}' of type {value}"
        super().__init__(msg, loc=loc)


class ByteCodeSupportError(HotloopError):
    """The function's bytecode could not be read."""


class CompilerError(HotloopError):
    """The compiler failed as a whole."""


class ConstantInferenceError(HotloopError):
    """A value that has to be a constant is none."""


class InternalError(HotloopError):
    """Wraps an error inside the compiler; `old_exception` is what was wrapped."""

    def __init__(self, exception):
        super().__init__(str(exception))
        self.old_exception = exception


class InternalTargetMismatchError(InternalError):
    """Something is resolved on a target it was not declared for."""

    def __init__(self, kind, target_hw, hw_clazz):
        super().__init__(
            f"{kind.title()} being resolved on a target from which it does not inherit. "
            f"Local target is {target_hw}, declared target class is {hw_clazz}."
        )


class NonexistentTargetError(InternalError):
    """A target is asked for that does not exist."""


class RequireLiteralValue(TypingError):
    """An argument has to be a compile-time constant."""


class ForceLiteralArg(HotloopError):
    """Asks the dispatcher to type some arguments by their values.

    Parameters
    ----------
    arg_indices : iterable of int
        The positions of those arguments.
    fold_arguments : callable, optional
        Turns ``(args, kwargs)`` into positional arguments.
    loc : object, optional
        Where the request comes from.
    """

    def __init__(self, arg_indices, fold_arguments=None, loc=None):
        super().__init__("Pseudo-exception to force literal arguments in the dispatcher", loc=loc)
        self.requested_args = frozenset(arg_indices)
        self.fold_arguments = fold_arguments

    def bind_fold_arguments(self, fold_arguments):
        """Return a copy with *fold_arguments*, chained to this error."""
        copy = ForceLiteralArg(self.requested_args, fold_arguments, loc=self.loc)
        copy.__cause__ = self
        return copy

    def combine(self, other):
        """Return a request for the arguments of both."""
        if not isinstance(other, ForceLiteralArg):
            raise TypeError(f"*other* must be a {ForceLiteralArg} but got a {type(other)} instead")
        return ForceLiteralArg(self.requested_args | other.requested_args)

    __or__ = combine


class LiteralTypingError(TypingError):
    """A value cannot be a literal type."""


class HotloopValueError(TypingError):
    """ValueError while inferring types."""


class HotloopTypeError(TypingError):
    """TypeError while inferring types."""


class HotloopAttributeError(TypingError):
    """AttributeError while inferring types."""


class HotloopAssertionError(TypingError):
    """AssertionError while inferring types."""


class HotloopNotImplementedError(TypingError):
    """NotImplementedError while inferring types."""


class HotloopKeyError(TypingError):
    """KeyError while inferring types."""


class HotloopIndexError(TypingError):
    """IndexError while inferring types."""


class HotloopRuntimeError(HotloopError):
    """RuntimeError while compiling."""


def _with_place(msg, loc):
    """Return *msg* followed by the place, when there is one."""
    return f"{msg}\n{loc.strformat()}\n" if loc else f"{msg}"


# Numba's names.
NumbaWarning = HotloopWarning
NumbaPerformanceWarning = HotloopPerformanceWarning
NumbaDeprecationWarning = HotloopDeprecationWarning
NumbaPendingDeprecationWarning = HotloopPendingDeprecationWarning
NumbaParallelSafetyWarning = HotloopParallelSafetyWarning
NumbaTypeSafetyWarning = HotloopTypeSafetyWarning
NumbaExperimentalFeatureWarning = HotloopExperimentalFeatureWarning
NumbaInvalidConfigWarning = HotloopInvalidConfigWarning
NumbaPedanticWarning = HotloopPedanticWarning
NumbaIRAssumptionWarning = HotloopIRAssumptionWarning
NumbaDebugInfoWarning = HotloopDebugInfoWarning
NumbaSystemWarning = HotloopSystemWarning
NumbaError = HotloopError
NumbaValueError = HotloopValueError
NumbaTypeError = HotloopTypeError
NumbaAttributeError = HotloopAttributeError
NumbaAssertionError = HotloopAssertionError
NumbaNotImplementedError = HotloopNotImplementedError
NumbaKeyError = HotloopKeyError
NumbaIndexError = HotloopIndexError
NumbaRuntimeError = HotloopRuntimeError

__all__ = sorted(name for name, value in globals().items() if isinstance(value, type) and name[0] != "_")


def classes():
    """Return all error and warning classes by name, as the C core wants them."""
    return {name: globals()[name] for name in __all__}


def from_text(name, text):
    """Return an error of class *name* that shows just *text*, whatever its constructor asks for.

    Examples
    --------
    >>> str(from_text("NotDefinedError", "`x` has no value here"))
    '`x` has no value here'
    """
    cls = globals()[name]
    error = cls.__new__(cls, text)
    base = HotloopWarning if issubclass(cls, Warning) else HotloopError
    if issubclass(cls, base):
        base.__init__(error, text)
    return error
