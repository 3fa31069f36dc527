"""The file `order` tells the truth: which files there are, what each implements, what each uses."""

import ast

import prelude
import pytest


@pytest.fixture(autouse=True)
def installed(oracle_only):
    if oracle_only:
        pytest.skip("needs the package")


def test_every_file_is_listed():
    files = [p for p in prelude.package().rglob("*.py") if p.name != "__init__.py"]
    modules = [".".join(p.relative_to(prelude.package()).with_suffix("").parts) for p in files]
    assert sorted(prelude.order()) == sorted("hotloop.prelude." + module for module in modules)


def test_every_name_is_implemented_where_listed():
    for module, names in prelude.order().items():
        assert sorted(names) == sorted(prelude.implemented(module)), module


def test_no_name_is_listed_twice():
    names = [name for names in prelude.order().values() for name in names]
    assert len(names) == len(set(names))


def test_files_use_only_files_above():
    above = {"hotloop.prelude"}
    for module in prelude.order():
        for node in ast.walk(prelude.source_of(module)):
            if isinstance(node, ast.ImportFrom) and node.level:
                package = module.rsplit(".", node.level)[0]
                used = f"{package}.{node.module}" if node.module else package
                assert used in above, f"{module} uses {used}, which is not above it"
        above.add(module)
