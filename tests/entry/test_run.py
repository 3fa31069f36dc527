"""The tests of tests/run once more, each call entered at its line starts (midway.py)."""

import importlib

import pytest
from entry import midway

# Not those of one-line functions (ufuncs), nor those of what a frame holds as an object of Python (lists).
MODULES = [
    "array_assign", "array_attributes", "array_create", "array_display", "array_fancy", "array_fusion",
    "array_identity", "array_index", "array_iterate", "array_like", "array_methods", "array_ownership",
    "array_reduction", "array_reshape", "builtin", "call", "complex", "control", "elementwise", "float",
    "generator_expression", "int", "kernels", "math", "named_tuple", "operator_module",
    "optional_argument", "promotion", "regressions", "statements", "strict_list", "try", "tuple",
    "ufunc_array",
]  # fmt: skip


@pytest.fixture(autouse=True)
def enter_midway(monkeypatch, oracle_only):
    if oracle_only:
        pytest.skip("only hotloop can enter a function in the middle")
    for module in MODULES:
        for name in "check", "check_all":
            monkeypatch.setattr(f"run.test_{module}.{name}", getattr(midway, name), raising=False)


def borrow(module):
    """The tests of one module under names of their own."""
    for name, value in vars(importlib.import_module(f"run.test_{module}")).items():
        if name.startswith("test_"):
            globals()[f"test_{module}_{name.removeprefix('test_')}"] = value


for _module in MODULES:
    borrow(_module)


def test_something_was_entered():
    assert midway.entered["calls"] > 100
