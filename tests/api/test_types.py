"""Types, typeof, from_dtype and signatures against the table of facts; interning and pickling of types."""

import copy
import json
import pickle
from pathlib import Path

import expressions
import pytest
from hotloop import types
from hotloop.core.types import abstract

FACTS = [json.loads(line) for line in (Path(__file__).parent / "facts.jsonl").read_text().splitlines()]
NAMES = expressions.namespace("hotloop")


def test_table_is_complete():
    """Every expression has its fact, in the same order."""
    assert [expression for expression, _ in FACTS] == expressions.ALL


@pytest.mark.parametrize("expression, expected", FACTS, ids=[expression for expression, _ in FACTS])
def test_fact(expression, expected):
    """An expression gives the value, the text and the attributes of the table, or its error."""
    assert expressions.describe(expression, NAMES) == expected


SAMPLES = [
    types.int8,
    types.float64[:, ::1],
    types.Tuple((types.int64, types.float64[:])),
    types.UniTuple(types.int8, 3),
    types.literal(3),
    types.literal("x"),
    types.Optional(types.float64),
    types.NamedTuple((types.int8, types.int64), expressions.Point),
    types.EnumMember(expressions.Color, types.int64),
    types.NestedArray(types.int16, (2, 3)),
    types.ListType(types.float64),
    types.NPDatetime("s"),
    types.Record([("a", {"type": types.int8, "offset": 0})], 1, False),
]


@pytest.mark.parametrize("ty", SAMPLES, ids=str)
def test_pickle_and_copy_give_the_same_object(ty):
    assert pickle.loads(pickle.dumps(ty)) is ty
    assert copy.copy(ty) is ty
    assert copy.deepcopy(ty) is ty


@pytest.mark.parametrize("ty", SAMPLES, ids=str)
def test_equal_types_hash_alike(ty):
    again = pickle.loads(pickle.dumps(ty))
    assert again == ty and hash(again) == hash(ty) and not again != ty


def test_signature_pickles():
    sig = types.float64(types.int64, types.float64[:])
    assert pickle.loads(pickle.dumps(sig)) == sig


def test_signature_is_not_equal_to_other_things():
    assert (types.float64(types.int64) == 3) is False


def test_unused_types_are_forgotten():
    """Interning does not keep types alive."""
    before = len(abstract._interned)
    made = [types.UniTuple(types.int8, 1000 + count) for count in range(50)]
    assert len(abstract._interned) == before + 50
    del made
    assert len(abstract._interned) == before


def test_bound_signature():
    sig = types.float64(types.int64, types.int8)
    method = sig.as_method()
    assert (method.recvr, method.args, method.is_method) == (types.int64, (types.int8,), True)
    assert method.as_function() == sig
    assert sig.as_function() is sig and method.as_method() is method


def test_deferred_type_is_defined_once():
    ty = types.deferred_type()
    ty.define(types.int8)
    assert ty.get() is types.int8
    with pytest.raises(TypeError, match="deferred type already defined"):
        ty.define(types.int16)


def test_classes_of_users_are_not_internal():
    class Mine(types.Type):
        """A user's type."""

    assert not Mine("mine").is_internal and types.int8.is_internal
    assert Mine("mine") is not Mine("other")


def test_dump(capsys):
    types.int8.dump(tab=">")
    assert capsys.readouterr().out == f">DUMP Integer[code={types.int8._code}, name=int8]\n"


@pytest.mark.parametrize(
    "module", "abstract common containers function_type functions misc npytypes scalars".split()
)
def test_numbas_modules_exist(module):
    """The classes are also found where Numba has them."""
    from importlib import import_module

    found = import_module("hotloop.core.types." + module)
    assert any(
        getattr(types, name, None) is value for name, value in vars(found).items() if isinstance(value, type)
    )


def test_short_module_names():
    import hotloop
    import hotloop.errors
    import hotloop.types

    assert hotloop.types is hotloop.core.types is types
    assert hotloop.errors is hotloop.core.errors
    assert hotloop.typing is hotloop.core.typing
    assert hotloop.config is hotloop.core.config
