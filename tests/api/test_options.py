"""The decorators' options: their values, their defaults, and what is refused."""

import pytest
from hotloop import njit, types, vectorize
from hotloop.core import config, options

NUMBAS = """
_dbg_extend_lifetimes _dbg_optnone _nrt boundscheck debug error_model fastmath forceinline forceobj inline
looplift no_cfunc_wrapper no_cpython_wrapper no_rewrites nogil nopython parallel
""".split()
HOTLOOPS = ["cache", "locals", "semantics", "strict"]


@pytest.fixture
def settings(monkeypatch):
    """Settings as without environment variables, to be changed."""
    for name, value in {
        "BOUNDSCHECK": None,
        "STRICT": 0,
        "SEMANTICS": "python",
        "DEBUGINFO_DEFAULT": 0,
    }.items():
        monkeypatch.setattr(config, name, value)
    return monkeypatch


def test_all_options_are_there(settings):
    assert set(options.normalize({})) == {*NUMBAS, *HOTLOOPS}


def test_defaults(settings):
    on = {name for name, value in options.normalize({}).items() if value}
    assert on == {"_nrt", "error_model", "inline", "looplift", "nopython", "semantics"}
    assert options.normalize({})["boundscheck"] is None


@pytest.mark.parametrize(
    "value, bits",
    [
        (True, 127),
        (False, 0),
        (set(), 0),
        ({}, 0),
        ({"fast"}, 127),
        ({"nnan"}, 1),
        ({"ninf"}, 2),
        ({"nsz"}, 4),
        ({"arcp"}, 8),
        ({"contract"}, 16),
        ({"afn"}, 32),
        ({"reassoc"}, 64),
        ({"nnan", "reassoc"}, 65),
        ({"nnan": True, "ninf": False}, 1),
        (frozenset(["contract"]), 16),
    ],
)
def test_fastmath(value, bits):
    assert options.normalize({"fastmath": value})["fastmath"] == bits
    assert options.fastmath_bits(options.fastmath_value(bits)) == bits


REFUSED = [
    (
        {"foo": 1},
        KeyError,
        r"Unrecognized options: \{'foo'\}. Known options are dict_keys\(\['_dbg_extend_lifetimes'",
    ),
    ({"fastmath": {"x"}}, ValueError, r"Unrecognized fastmath flags: \{'x'\}"),
    ({"fastmath": {"x": True}}, ValueError, r"Unrecognized fastmath flags: \{'x'\}"),
    ({"fastmath": ["nnan"]}, ValueError, r"Expected fastmath option\(s\) to be either a bool, dict or set"),
    ({"fastmath": "nnan"}, ValueError, r"Expected fastmath option\(s\) to be either a bool, dict or set"),
    ({"fastmath": 3}, ValueError, r"Expected fastmath option\(s\) to be either a bool, dict or set"),
    (
        {"inline": "x"},
        ValueError,
        "kwarg 'inline' must be one of the strings 'always' or 'never'.*Found value x",
    ),
    ({"inline": 3}, ValueError, "kwarg 'inline' must be one of .* Found value 3"),
    ({"parallel": 3}, ValueError, "Expect parallel option to be either a bool or a dict"),
    ({"parallel": {"x": 1}}, NameError, r"Unrecognized parallel options: dict_keys\(\['x'\]\)"),
    ({"error_model": "x"}, ValueError, "error_model must be 'python' or 'numpy', not 'x'"),
    ({"semantics": "x"}, ValueError, "semantics must be 'python' or 'numba', not 'x'"),
    ({"locals": ["x"]}, TypeError, r"locals must be a dict from names to types, not \['x'\]"),
    ({"locals": {"x": 3}}, TypeError, "locals maps names to types, but 'x' is given 3"),
]


@pytest.mark.parametrize("given, error, text", REFUSED, ids=[str(row[0]) for row in REFUSED])
def test_refused(given, error, text):
    with pytest.raises(error, match=text):
        options.normalize(given)


def test_parallel_switches():
    full = options.normalize({"parallel": {"fusion": False}})["parallel"]
    assert full.pop("fusion") is False
    assert len(full) == 7 and all(full.values())


def test_parallel_dict_is_not_changed():
    given = {"fusion": False}
    options.normalize({"parallel": given})
    assert given == {"fusion": False}


def test_locals_are_texts():
    assert options.normalize({"locals": {"x": types.float32}})["locals"] == {"x": "f32"}


def test_settings_give_defaults(settings):
    settings.setattr(config, "STRICT", 1)
    settings.setattr(config, "SEMANTICS", "numba")
    full = options.normalize({})
    assert full["strict"] is True and full["semantics"] == "numba"
    full = options.normalize({"strict": False, "semantics": "python"})
    assert full["strict"] is False and full["semantics"] == "python"


@pytest.mark.parametrize(
    "setting, given, result", [(1, False, True), (0, True, False), (None, True, True), (None, 0, False)]
)
def test_boundscheck_setting_wins(settings, setting, given, result):
    settings.setattr(config, "BOUNDSCHECK", setting)
    assert options.normalize({"boundscheck": given})["boundscheck"] is result


def test_as_given(settings):
    given = {"fastmath": {"nnan"}, "nogil": True, "inline": "always"}
    assert options.as_given(options.normalize(given)) == {"nopython": True, "boundscheck": None, **given}
    assert options.as_given(options.normalize({})) == {"nopython": True, "boundscheck": None}


def abs_value(x):
    return abs(x)


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        (lambda: njit(fastmaths=True)(abs_value), "hint: write 'fastmath' instead of 'fastmaths'"),
        (lambda: njit(fastmath={"contracts"})(abs_value), "hint: write 'contract' instead of 'contracts'"),
        (lambda: vectorize(nopyton=True)(abs_value), "hint: write 'nopython' instead of 'nopyton'"),
        (lambda: njit(staticmethod(abs_value)), "hint: put the decorator below @staticmethod"),
        (lambda: njit(int), "hint: decorate the functions that the class calls; classes are not compiled"),
        (
            lambda: njit("float65(float64)")(abs_value),
            "in the signature 'float65(float64)'; hint: write 'float64'",
        ),
        (
            lambda: njit("float64(float64")(abs_value),
            "in the signature 'float64(float64'; hint: write it as in 'float64(int64, float64[:])'",
        ),
    ],
)
def test_what_was_probably_meant(given, hint):
    with pytest.raises((KeyError, NameError, SyntaxError, TypeError, ValueError)) as caught:
        given()
    assert caught.value.__notes__ == [hint]


def test_what_the_signatures_are_for():
    function = njit(["float64(float64)", "int64(int64)"])(abs_value)
    with pytest.raises(TypeError, match="No matching definition for argument type") as caught:
        function(1j)
    assert caught.value.__notes__ == ["hint: its signatures are for (float64) and (int64)"]
