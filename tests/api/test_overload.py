"""extending.overload: what users say that a call means in compiled code."""

import subprocess
import sys
import textwrap
from pathlib import Path

import hotloop
import pytest
from hotloop import njit, types
from hotloop.core.errors import HotloopPerformanceWarning, TypingError
from hotloop.extending import overload

import numpy as np

pytestmark = pytest.mark.core


def size_of(x):
    return np.size(x)


@overload(size_of)
def _size_of(x):
    if isinstance(x, types.Array):
        return lambda x: x.size
    if isinstance(x, types.Number):
        return lambda x: 1
    return None


def scaled(x, by=2, offset=0.0):
    return x * by + offset


@overload(scaled)
def _scaled(x, by=2, offset=0.0):
    if by == types.float64:
        return lambda x, by=2, offset=0.0: x / by
    return lambda x, by=2, offset=0.0: x * by + offset


class Marker:
    """Callable only in compiled code."""


@overload(Marker)
def _marker(x):
    if x == types.complex128:
        raise TypingError("a marker takes real numbers")
    return lambda x: -x


def test_chosen_by_type():
    @njit(strict=True)
    def f(a, x):
        return size_of(a), size_of(x)

    assert f(np.zeros((2, 3)), 7) == (6, 1)
    assert f(1.5, np.zeros(4)) == (1, 4)


def test_keywords_and_defaults():
    @njit(strict=True)
    def f(x, y):
        return scaled(x), scaled(x, offset=1.0), scaled(x, by=y), scaled(x, 3, offset=y)

    assert f(5, 4.0) == (10.0, 11.0, 1.25, 19.0)


def test_what_python_cannot_call():
    assert njit(strict=True)(lambda x: Marker(x))(3) == -3


def test_refusals():
    with pytest.raises(TypingError, match="^a marker takes real numbers "):
        njit(strict=True)(lambda x: Marker(x))(1j)
    function = njit(strict=False)(lambda x: size_of(x))
    assert (
        function((1, 2)) == 2
    )  # no implementation for a tuple: Python's own function is compiled instead, or run


def stub(x, y=1):
    """Only compiled code can call it."""


@overload(stub)
def _stub(x, y=1):
    return (lambda x, y=1: x + y) if isinstance(x, types.Integer) else None


def test_a_stub_is_no_implementation():
    assert njit(strict=True)(lambda x: stub(x, 4))(3) == 7
    with pytest.raises(
        TypingError, match=r"^stub\(\) has no body, and no overload takes arguments of these types "
    ):
        njit(strict=True)(lambda x: stub(x))(1.5)
    with pytest.warns(HotloopPerformanceWarning, match="stub\\(\\) has no body"):
        njit(strict=False)(lambda x: stub(x))(1.5)


def test_what_is_known_by_name_only():
    """A dtype's type has no Python object behind it here, and no overload."""
    assert njit(strict=True)(lambda a: a.dtype.type(3) + a[0])(np.ones(2, np.float32)) == 4.0


def test_the_latest_comes_first():
    def pick(x):
        return 0

    @overload(pick)
    def _first(x):
        return lambda x: 1

    @overload(pick)
    def _second(x):
        return (lambda x: 2) if x == types.int64 else None

    @njit(strict=True)
    def f(a, b):
        return pick(a), pick(b)

    assert f(1, 1.0) == (2, 1)


def test_of_a_numpy_function():
    """In a process of its own: what it says holds for all."""
    code = """
    import numpy as np
    from hotloop import njit, types
    from hotloop.extending import overload

    @overload(np.busday_count)
    def _count(a, b):
        return lambda a, b: b - a

    print(njit(strict=True)(lambda a, b: np.busday_count(a, b))(3, 10))
    """
    site = str(Path(hotloop.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {site!r})\n" + textwrap.dedent(code)],
        capture_output=True,
        text=True,
    )
    assert done.stdout == "7\n", done.stderr


def test_a_changed_implementation_is_not_taken_from_the_cache(tmp_path):
    program = """
    import sys; sys.path.insert(0, {site!r})
    from hotloop import njit
    from hotloop.extending import overload

    def value(x): return 0

    @overload(value)
    def _value(x):
        return lambda x: {result}

    @njit(cache=True, strict=True)
    def f(x): return value(x)

    print(f(1), sum(f.stats.cache_hits.values()))
    """
    site, printed = str(Path(hotloop.__file__).parents[1]), []
    for result in (10, 10, 20):
        (tmp_path / "program.py").write_text(textwrap.dedent(program).format(site=site, result=result))
        done = subprocess.run([sys.executable, "program.py"], cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        printed.append(done.stdout)
    assert printed == ["10 0\n", "10 1\n", "20 0\n"]


class Hashed:
    """A callable whose class sees that it is hashed."""

    hashed = 0

    def __hash__(self):
        Hashed.hashed += 1
        return 1

    def __call__(self, x):
        return x + 1


HASHED = Hashed()


@pytest.mark.filterwarnings("ignore::hotloop.core.errors.HotloopPerformanceWarning")
def test_looking_for_one_hashes_no_object():
    overload(lambda: None)(lambda: lambda: 1)
    function = njit(strict=False)(lambda x: HASHED(x))
    assert function(2) == 3
    assert Hashed.hashed == 0


@pytest.mark.parametrize(
    ("typing_function", "reason"),
    [
        (lambda x: {}["missing"], r"the overload .*<lambda>\(\) raised KeyError: 'missing'"),
        (lambda: None, r"the overload .*<lambda>\(\) raised TypeError: .* takes 0 positional arguments"),
        (lambda x: 3, r"the overload .*<lambda>\(\) returned 3, which is no function"),
    ],
)
def test_an_overload_that_fails_is_named(typing_function, reason):
    def plain(x):
        return x

    overload(plain)(typing_function)
    with pytest.raises(TypingError, match=reason):
        njit(strict=True)(lambda x: plain(x))(3)
