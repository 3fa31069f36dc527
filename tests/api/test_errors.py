"""Error and warning classes: names, inheritance, texts."""

import pickle

import hotloop
import pytest
from hotloop.core import errors

# Numba's 44 classes: name -> bases.
BASES = {
    "ByteCodeSupportError": "NumbaError",
    "CompilerError": "NumbaError",
    "ConstantInferenceError": "NumbaError",
    "DeprecationError": "NumbaError",
    "ForbiddenConstruct": "LoweringError",
    "ForceLiteralArg": "NumbaError",
    "IRError": "NumbaError",
    "InternalError": "NumbaError",
    "InternalTargetMismatchError": "InternalError",
    "LiteralTypingError": "TypingError",
    "LoweringError": "NumbaError",
    "NonexistentTargetError": "InternalError",
    "NotDefinedError": "IRError",
    "NumbaAssertionError": "TypingError",
    "NumbaAttributeError": "TypingError",
    "NumbaDebugInfoWarning": "NumbaWarning",
    "NumbaDeprecationWarning": "NumbaWarning DeprecationWarning",
    "NumbaError": "Exception",
    "NumbaExperimentalFeatureWarning": "NumbaWarning",
    "NumbaIRAssumptionWarning": "NumbaPedanticWarning",
    "NumbaIndexError": "TypingError",
    "NumbaInvalidConfigWarning": "NumbaWarning",
    "NumbaKeyError": "TypingError",
    "NumbaNotImplementedError": "TypingError",
    "NumbaParallelSafetyWarning": "NumbaWarning",
    "NumbaPedanticWarning": "NumbaWarning",
    "NumbaPendingDeprecationWarning": "NumbaWarning PendingDeprecationWarning",
    "NumbaPerformanceWarning": "NumbaWarning",
    "NumbaRuntimeError": "NumbaError",
    "NumbaSystemWarning": "NumbaWarning",
    "NumbaTypeError": "TypingError",
    "NumbaTypeSafetyWarning": "NumbaWarning",
    "NumbaValueError": "TypingError",
    "NumbaWarning": "Warning",
    "RedefinedError": "IRError",
    "RequireLiteralValue": "TypingError",
    "TypingError": "NumbaError",
    "UnsupportedBytecodeError": "Exception",
    "UnsupportedError": "NumbaError",
    "UnsupportedParforsError": "NumbaError",
    "UnsupportedRewriteError": "UnsupportedError",
    "UntypedAttributeError": "TypingError",
    "VerificationError": "IRError",
}


@pytest.mark.parametrize("name", BASES)
def test_bases(name):
    cls = getattr(errors, name)
    assert [base.__name__.replace("Hotloop", "Numba") for base in cls.__bases__] == BASES[name].split()
    assert cls.__doc__
    assert getattr(hotloop, name) is cls


def test_no_other_classes():
    assert {name for name in errors.__all__ if not name.startswith("Hotloop")} == set(BASES)


@pytest.mark.parametrize("name", [name for name in BASES if name.startswith("Numba")])
def test_names_are_aliases(name):
    hotloops = "Hotloop" + name[len("Numba") :]
    assert getattr(errors, hotloops) is getattr(errors, name) is getattr(hotloop, hotloops)
    assert getattr(errors, name).__name__ == hotloops


@pytest.mark.parametrize("name", sorted(errors.classes()))
def test_every_class_shows_just_a_text(name):
    error = errors.from_text(name, "what is wrong")
    assert type(error) is errors.classes()[name] and str(error) == "what is wrong"


@pytest.mark.parametrize(
    "name",
    sorted(
        {
            "TypingError",
            "UnsupportedError",
            "LoweringError",
            "UntypedAttributeError",
            "NumbaPerformanceWarning",
        }
    ),
)
def test_c_raises_with_a_text(name):
    """The classes that C raises are made from a text alone, and pickle."""
    error = errors.classes()[name]("what is wrong")
    assert (str(error), error.msg, error.loc) == ("what is wrong", "what is wrong", None)
    assert str(pickle.loads(pickle.dumps(error))) == "what is wrong"


class Place:
    """A place as Numba has them."""

    def strformat(self):
        """Return the place as text."""
        return 'File "x.py", line 3:'


def test_place_is_appended():
    error = errors.TypingError("wrong", loc=Place())
    assert str(error) == 'wrong\nFile "x.py", line 3:\n' and error.msg == "wrong"


def test_contexts():
    error = errors.TypingError("wrong")
    assert error.add_context("typing of x") is error.add_context("typing of x") is error
    assert str(error) == "wrong\nDuring: typing of x" and error.contexts == ["typing of x"]
    error.patch_message("other")
    assert str(error) == "other"


SPECIAL = [
    (lambda: errors.NotDefinedError("x"), "failed to analyze the bytecode. Variable 'x' is not defined."),
    (lambda: errors.InternalError(ValueError("inner")), "inner"),
    (
        lambda: errors.InternalTargetMismatchError("overload", "cpu", "gpu"),
        "Overload being resolved on a target",
    ),
    (lambda: errors.UntypedAttributeError("int64", "foo"), "Unknown attribute 'foo' of type int64"),
    (lambda: errors.UntypedAttributeError("`a` has no b"), "`a` has no b"),
    (lambda: errors.UnsupportedBytecodeError("bad", loc="here"), "bad. Raised from here"),
    (lambda: errors.UnsupportedBytecodeError("bad"), "bad"),
    (lambda: errors.ForceLiteralArg([1]), "Pseudo-exception to force literal arguments in the dispatcher"),
]


@pytest.mark.parametrize("make, text", SPECIAL)
def test_special_constructors(make, text):
    assert text in str(make())


def test_unsupported_numpy_function():
    from hotloop import types

    import numpy

    error = errors.UntypedAttributeError(types.Module(numpy), "foo")
    assert "Use of unsupported NumPy function 'numpy.foo'" in str(error)


def test_force_literal_combines():
    one, two = errors.ForceLiteralArg([0]), errors.ForceLiteralArg([2])
    assert (one | two).requested_args == frozenset([0, 2])
    with pytest.raises(TypeError, match="must be a"):
        one.combine(3)
    bound = one.bind_fold_arguments(print)
    assert bound.fold_arguments is print and bound.__cause__ is one


@pytest.mark.fake
def test_core_gets_the_classes():
    import fake_core

    assert fake_core.exceptions["TypingError"] is errors.TypingError
    assert fake_core.exceptions["HotloopPerformanceWarning"] is errors.NumbaPerformanceWarning
