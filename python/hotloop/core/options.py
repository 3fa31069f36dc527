"""The decorators' options: which there are, which values they take, and the form the C core gets them in."""

from . import config

# The bits of the "fastmath" option in the core; True means all of them.
FASTMATH_FLAGS = {"nnan": 1, "ninf": 2, "nsz": 4, "arcp": 8, "contract": 16, "afn": 32, "reassoc": 64}
FASTMATH_ALL = 127

_PARALLEL_SWITCHES = (
    "comprehension",
    "reduction",
    "inplace_binop",
    "setitem",
    "numpy",
    "stencil",
    "fusion",
    "prange",
)

# What each option is when it is not given; `boundscheck`, `strict` and `semantics` also look at the settings.
_DEFAULTS = {
    "_dbg_extend_lifetimes": False,
    "_dbg_optnone": False,
    "_nrt": True,
    "boundscheck": None,
    "cache": False,
    "debug": None,
    "error_model": "python",
    "fastmath": False,
    "forceinline": False,
    "forceobj": False,
    "inline": "never",
    "locals": None,
    "looplift": True,
    "no_cfunc_wrapper": False,
    "no_cpython_wrapper": False,
    "no_rewrites": False,
    "nogil": False,
    "nopython": True,
    "parallel": False,
    "semantics": None,
    "strict": None,
}


def normalize(options):
    """Return all options in the form the C core takes; raise where one is unknown or has a wrong value.

    Parameters
    ----------
    options : dict
        The options as given to the decorator.

    Returns
    -------
    dict
        Every option, with its default where it was not given.

    Examples
    --------
    >>> normalize({"fastmath": {"nnan", "contract"}})["fastmath"]
    17
    """
    check_names(options)
    full = {**_DEFAULTS, **options}
    for name, check in _CHECKS.items():
        full[name] = check(full[name])
    return full


def check_names(options):
    """Raise KeyError where there is no option of a name."""
    unused = set(options) - set(_DEFAULTS)
    if unused:
        error = KeyError(f"Unrecognized options: {unused}. Known options are {_DEFAULTS.keys()}")
        add_spelling(error, unused, _DEFAULTS)
        raise error


def add_spelling(error, names, known):
    """Add to an error about unknown names the known ones that were probably meant."""
    from difflib import get_close_matches

    for name in sorted(map(str, names)):
        near = get_close_matches(name, known, 1)
        if near:
            error.add_note(f"hint: write {near[0]!r} instead of {name!r}")


def fastmath_bits(value):
    """Return the bits for a ``fastmath`` option: a bool, a set of flags or a dict from flags to bools."""
    if value is True:
        return FASTMATH_ALL
    if value is False or value is None:
        return 0
    if not isinstance(value, (set, frozenset, dict)):
        raise ValueError("Expected fastmath option(s) to be either a bool, dict or set")
    invalid = set(value) - set(FASTMATH_FLAGS) - {"fast"}
    if invalid:
        error = ValueError(f"Unrecognized fastmath flags: {invalid}")
        add_spelling(error, invalid, FASTMATH_FLAGS)
        raise error
    chosen = {flag for flag in value if not isinstance(value, dict) or value[flag]}
    return FASTMATH_ALL if "fast" in chosen else sum(FASTMATH_FLAGS[flag] for flag in chosen)


def fastmath_value(bits):
    """Return the ``fastmath`` option that gives these bits: a bool or a set of flags."""
    if bits in (0, FASTMATH_ALL):
        return bool(bits)
    return {flag for flag, bit in FASTMATH_FLAGS.items() if bits & bit}


def _inline(value):
    if value not in ("always", "never") and not callable(value):
        raise ValueError(
            "kwarg 'inline' must be one of the strings 'always' or 'never', or it can be a callable "
            f"that returns True/False. Found value {value}"
        )
    return value


def _parallel(value):
    if isinstance(value, bool):
        return value
    if not isinstance(value, dict):
        raise ValueError("Expect parallel option to be either a bool or a dict")
    unknown = {name: switch for name, switch in value.items() if name not in _PARALLEL_SWITCHES}
    if unknown:
        raise NameError(f"Unrecognized parallel options: {unknown.keys()}")
    return {name: bool(value.get(name, True)) for name in _PARALLEL_SWITCHES}


def _choice(name, choices):
    """Return the check of an option that takes one of *choices*."""

    def check(value):
        if value not in choices:
            raise ValueError(f"{name} must be {' or '.join(map(repr, choices))}, not {value!r}")
        return value

    return check


def _semantics(value):
    return _choice("semantics", ("python", "numba"))(config.SEMANTICS if value is None else value)


def _boundscheck(value):
    """HOTLOOP_BOUNDSCHECK, when set, overrides the decorator, as in Numba."""
    if config.BOUNDSCHECK is not None:
        return bool(config.BOUNDSCHECK)
    return None if value is None else bool(value)


def _locals(value):
    """The types of local variables, as text."""
    if not value:
        return {}
    from .typetext import to_text
    from .types import Type

    if not isinstance(value, dict):
        raise TypeError(f"locals must be a dict from names to types, not {value!r}")
    for name, ty in value.items():
        if not isinstance(ty, Type):
            raise TypeError(f"locals maps names to types, but {name!r} is given {ty!r}")
    return {name: to_text(ty) for name, ty in value.items()}


_CHECKS = {name: bool for name, default in _DEFAULTS.items() if isinstance(default, bool)}
_CHECKS.update(
    boundscheck=_boundscheck,
    debug=lambda value: bool(config.DEBUGINFO_DEFAULT if value is None else value),
    error_model=_choice("error_model", ("python", "numpy")),
    fastmath=fastmath_bits,
    inline=_inline,
    locals=_locals,
    parallel=_parallel,
    semantics=_semantics,
    strict=lambda value: bool(config.STRICT if value is None else value),
)


def as_given(full):
    """Return the options that differ from their defaults, and always ``nopython`` and ``boundscheck``."""
    given = {"nopython": full["nopython"], "boundscheck": full["boundscheck"]}
    usual = normalize({})
    given.update((name, value) for name, value in full.items() if value != usual.get(name, value))
    if "fastmath" in given:
        given["fastmath"] = fastmath_value(given["fastmath"])
    return given
