"""One strict row for each thing that is promised to compile: none of them may reach the interpreter.

The other files of this folder look at each item closely; this one is the promise as a list, in its order.

PYTEST_DONT_REWRITE: pytest would put other code in place of the assert statements under test.
"""

import cmath
import math

import numpy as np
import pytest
from layouts import DTYPES, layouts, numbers

from harness import check, counters, route_fault

LIMIT = 3
VECTOR, MATRIX = numbers(6), numbers((3, 4))
GLOBAL_ARRAY = numbers(4)


def helper(x, scale=2):
    return x * scale


def self_recursive(n):
    return 0 if n == 0 else n + self_recursive(n - 1)


def ping(n):
    return 0 if n == 0 else 1 + pong(n - 1)


def pong(n):
    return 0 if n == 0 else 2 + ping(n - 1)


def variadic(a, *rest):
    return a + len(rest) + rest[0]


def loops(n):
    total = 0
    for i in range(n):
        if i == 2:
            continue
        elif i > 6:
            break
        total += i
    else:
        total += 100
    while total > 5:
        total -= 3
    else:
        total *= 2
    return total


def ranges(n):
    total = 0
    for i in range(n):
        total += i
    for i in range(1, n):
        total += 10 * i
    for i in range(n, -1, -2):
        total += 100 * i
    return total


def unpacked(t):
    a, (b, c) = t
    return c, (b, a)


def raises(n):
    if n > 0:
        raise ValueError("positive", n)
    return n


def asserts(n):
    assert n > 0, "n must be positive"
    return n


def iterates(a):
    total = 0.0
    for row in a:
        for x in row:
            total += x
    return total


def assigns(a, b):
    a[0] = 1.0
    a[1:, 1] = b[1:]
    a[2] = 5
    a[:, ::2] *= 2.0
    return a


def sum_enumerated(a):
    total = 0.0
    for i, x in enumerate(a, 1):
        total += i * x
    return total


def sum_zipped(a, b):
    total = 0.0
    for x, y in zip(a, b):
        total += x * y
    return total


def closes_over(k):
    def f(x):
        return x * k

    return f


LANGUAGE = {
    "int": (lambda a: a + 1, (5,)),
    "float": (lambda a: a * 0.5, (5.0,)),
    "complex": (lambda a: a * 1j, (1 + 2j,)),
    "bool": (lambda a: not a, (True,)),
    "None": (lambda a: a is None, (None,)),
    "None returned": (lambda: None, ()),
    "tuples nested and mixed": (lambda a: ((a, 1.5), (True, (None, a))), (2,)),
    "tuples unpacked and returned": (unpacked, ((1, (2.5, True)),)),
    "constant string in assert": (asserts, (1,)),
    "constant string in exception": (raises, (1,)),
    "arithmetic": (lambda a, b: (a + b, a - b, a * b, a / b, a // b, a % b, a**2, -a, +a), (7, -3)),
    "bits": (lambda a, b: (a & b, a | b, a ^ b, ~a, a << b, a >> b), (6, 3)),
    "identity, membership": (
        lambda a, b: (a is None, b is not None, b in (1, 2), b not in (2, 3)),
        (None, 2),
    ),
    "comparisons": (lambda a, b: (a < b, a <= b, a == b, a != b, a > b, a >= b), (1, 2)),
    "chained comparison": (lambda a, b, c: a < b <= c, (1, 2, 2)),
    "and, or": (lambda a, b: (a and b, a or b), (0, 5)),
    "ternary": (lambda a, b: a if a > b else b, (1, 2)),
    "if while for else break continue": (loops, (5,)),
    "range": (ranges, (7,)),
    "enumerate": (sum_enumerated, (VECTOR,)),
    "zip": (sum_zipped, (VECTOR, VECTOR)),
    "len": (lambda a, t: (len(a), len(t)), (VECTOR, (1, 2))),
    "min max": (lambda a, b, t: (min(a, b), max(a, b), min(t), max(t)), (1, 2, (3, 4))),
    "abs": (lambda a, b, c: (abs(a), abs(b), abs(c)), (-1, -2.5, 3 + 4j)),
    "sum": (lambda t: (sum(t), sum(t, 5)), ((1, 2),)),
    "round": (lambda a: (round(a), round(a, 1)), (2.55,)),
    "divmod": (lambda a, b: divmod(a, b), (7, -2)),
    "pow": (lambda a, b: pow(a, b), (3, 4)),
    "conversions": (lambda a: (int(a), float(a), bool(a), complex(a)), (2.5,)),
    "isinstance": (lambda a, b: (isinstance(a, int), isinstance(b, (int, float))), (1, 2.5)),
    "defaults": (lambda a, b=3, c=0.5: a * b + c, (2,)),
    "*args": (variadic, (1, 2, 3)),
    "calls between compiled functions": (lambda x: helper(x) + helper(x, scale=5), (3,)),
    "self recursion": (self_recursive, (5,)),
    "mutual recursion": (ping, (5,)),
    "frozen global": (lambda x: x * LIMIT, (2,)),
    "frozen global array": (lambda i: GLOBAL_ARRAY[i], (2,)),
    "frozen closure value": (closes_over(4), (2,)),
    "raise with arguments": (raises, (5,)),
    "assert": (asserts, (0,)),
    "math": (lambda x: math.floor(x) + math.pi, (2.5,)),
    "cmath": (lambda z: cmath.isfinite(z), (1j,)),
}


ARRAYS = {
    "attributes": (
        lambda a: (a.shape, a.ndim, a.size, a.strides, a.itemsize, a.nbytes, a.dtype == np.float64),
        (MATRIX,),
    ),
    "index by integers": (lambda a: (a[1, 2], a[-1, -1], a[1][2]), (MATRIX,)),
    "slices": (lambda a: (a[1:], a[:, ::2], a[::-1]), (MATRIX,)),
    "ellipsis": (lambda a: a[..., 1], (MATRIX,)),
    "newaxis": (lambda a: (a[None], a[:, np.newaxis]), (MATRIX,)),
    "tuple index": (lambda a, t: (a[t], a[(1, 2)]), (MATRIX, (2, 3))),
    "view": (lambda a: a[1:, 1:], (MATRIX,)),
    "assignment with broadcasting": (assigns, (numbers((3, 3)), numbers(3))),
    "empty": (lambda n: np.empty((n, 2)).shape, (3,)),
    "zeros": (lambda n: np.zeros(n), (3,)),
    "ones": (lambda n: np.ones((n, n), np.int32), (3,)),
    "full": (lambda n: np.full(n, 2.5), (3,)),
    "empty_like": (lambda a: np.empty_like(a).shape, (MATRIX,)),
    "zeros_like": (lambda a: np.zeros_like(a), (MATRIX,)),
    "ones_like": (lambda a: np.ones_like(a), (MATRIX,)),
    "full_like": (lambda a: np.full_like(a, 3), (MATRIX,)),
    "arange": (lambda n: (np.arange(n), np.arange(1, n), np.arange(0.0, n, 0.5)), (4,)),
    "linspace": (lambda n: np.linspace(0, 1, n), (5,)),
    "eye": (lambda n: np.eye(n), (3,)),
    "copy": (lambda a: (a.copy(), np.copy(a)), (MATRIX,)),
    "reshape": (lambda a: (a.reshape(4, 3), a.reshape(-1)), (MATRIX,)),
    "ravel": (lambda a: a.ravel(), (MATRIX,)),
    "T": (lambda a: a.T, (MATRIX,)),
    "astype": (lambda a: a.astype(np.float32), (MATRIX,)),
    "fill": (lambda a: a.fill(2.0), (numbers(4),)),
    "sum": (lambda a: (a.sum(), np.sum(a)), (VECTOR,)),
    "prod": (lambda a: a.prod(), (VECTOR,)),
    "min": (lambda a: a.min(), (VECTOR,)),
    "max": (lambda a: a.max(), (VECTOR,)),
    "mean": (lambda a: a.mean(), (VECTOR,)),
    "dot": (lambda a, b: (np.dot(a, b), a.dot(b)), (np.arange(3.0), np.arange(3.0))),
    "@": (lambda a, b: a @ b, (np.arange(6.0).reshape(2, 3), np.arange(3.0))),
    "iteration": (iterates, (MATRIX,)),
    "ufunc on scalars": (lambda x: np.floor(x) + np.maximum(x, 2.0), (2.5,)),
    "expression": (lambda a, b: a * 2 + b / 4 - a * b, (VECTOR, VECTOR)),
    "comparison": (lambda a, b: (a > b, a == 1.0), (VECTOR, VECTOR[::-1])),
}


@pytest.mark.parametrize("name", LANGUAGE)
def test_language(name):
    func, args = LANGUAGE[name]
    check(func, *args, ulp=2)


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays(name):
    func, args = ARRAYS[name]
    check(func, *args)


def test_keywords():
    check(lambda a, b=2, *, c=3: a * b + c, 1, c=4, b=0.5)


@pytest.mark.parametrize("dtype", DTYPES, ids=lambda t: np.dtype(t).name)
def test_dtype(dtype):
    check(lambda a: (a[1], a[::2], a.copy()), numbers(4, dtype))


@pytest.mark.parametrize("ndim", range(8))
def test_dimensions(ndim):
    check(lambda a: (a.shape, a.T, a.sum()), np.ones(tuple(range(1, ndim + 1))))


@pytest.mark.parametrize("name", layouts())
def test_layout(name):
    check(lambda a: (a[1, 1], a[1:], a.shape), layouts()[name])


MATH = [
    "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "ceil", "copysign", "cos", "cosh",
    "degrees", "erf", "erfc", "exp", "exp2", "expm1", "fabs", "floor", "frexp", "gamma", "gcd", "hypot",
    "isfinite", "isinf", "isnan", "ldexp", "lgamma", "log", "log10", "log1p", "log2", "nextafter", "pow",
    "radians", "sin", "sinh", "sqrt", "tan", "tanh", "trunc",
    "cbrt", "comb", "dist", "factorial", "fmod", "fsum", "isclose", "isqrt", "lcm", "modf", "perm", "prod",
    "remainder", "ulp",
]  # fmt: skip
MATH_ARGUMENTS = {
    "atan2": (0.5, 2.0), "copysign": (1.0, -2.0), "gcd": (12, 18), "hypot": (3.0, 4.0), "ldexp": (0.5, 3),
    "nextafter": (1.0, 2.0), "pow": (2.0, 0.5), "acosh": (1.5,), "comb": (5, 2), "perm": (5, 2),
    "factorial": (5,), "isqrt": (17,), "dist": ((1.0, 2.0), (3.0, 5.0)), "prod": ((2, 3),),
    "fsum": ((0.1, 0.2),), "fmod": (7.5, 2.0), "isclose": (1.0, 1.5), "lcm": (4, 6), "remainder": (7.5, 2.0),
}  # fmt: skip
CMATH = [
    "acos", "acosh", "asin", "asinh", "atan", "atanh", "cos", "cosh", "exp", "isfinite", "isinf", "isnan",
    "log", "log10", "phase", "polar", "sin", "sinh", "sqrt", "tan", "tanh",
]  # fmt: skip
UFUNCS = [
    "abs", "absolute", "add", "subtract", "multiply", "divide", "true_divide", "floor_divide", "remainder",
    "mod", "fmod", "divmod", "power", "pow", "float_power", "negative", "positive", "sign", "fabs",
    "square", "sqrt", "cbrt", "reciprocal", "rint", "gcd", "lcm", "conj", "conjugate", "exp", "exp2",
    "expm1", "log", "log2", "log10", "log1p", "logaddexp", "logaddexp2", "sin", "cos", "tan", "arcsin",
    "arccos", "arctan", "arctan2", "asin", "acos", "atan", "atan2", "hypot", "sinh", "cosh", "tanh",
    "arcsinh", "arccosh", "arctanh", "asinh", "acosh", "atanh", "deg2rad", "rad2deg", "degrees", "radians",
    "bitwise_and", "bitwise_or", "bitwise_xor", "bitwise_not", "invert", "bitwise_invert", "left_shift",
    "right_shift", "bitwise_left_shift", "bitwise_right_shift", "greater", "greater_equal", "less",
    "less_equal", "equal", "not_equal", "logical_and", "logical_or", "logical_xor", "logical_not",
    "maximum", "minimum", "fmax", "fmin", "isfinite", "isinf", "isnan", "signbit", "copysign", "nextafter",
    "ldexp", "floor", "ceil", "trunc", "spacing",
]  # fmt: skip
WHOLE = {"gcd", "lcm", "invert", *(name for name in UFUNCS if "bitwise" in name or "shift" in name)}


def named(module, name, count):
    """`lambda x, ...: module.name(x, ...)` of `count` arguments, with the name in the source."""
    arguments = ", ".join("xyz"[:count])
    return eval(f"lambda {arguments}: {module}.{name}({arguments})", {"np": np, "math": math, "cmath": cmath})


@pytest.mark.parametrize("name", MATH)
def test_math(name):
    args = MATH_ARGUMENTS.get(name, (0.5,))
    check(named("math", name, len(args)), *args, ulp=8)


@pytest.mark.parametrize("name", CMATH)
def test_cmath(name):
    check(named("cmath", name, 1), 0.5 + 0.25j, ulp=8)


def test_cmath_rect():
    check(lambda r, phi: cmath.rect(r, phi), 2.0, 0.5, ulp=4)


@pytest.mark.parametrize("name", UFUNCS)
def test_ufunc(name):
    count = getattr(np, name).nin
    first, second = (
        (6, 3)
        if name in WHOLE
        else (1.5 if name in ("arccosh", "acosh") else 0.5, 3 if name == "ldexp" else 2.0)
    )
    check(named("np", name, count), *(first, second)[:count], ulp=8)


OPTIONS = [
    {}, {"nopython": True}, {"fastmath": True}, {"fastmath": {"nnan", "contract"}}, {"fastmath": False},
    {"nogil": True}, {"boundscheck": True}, {"boundscheck": False}, {"boundscheck": None},
    {"error_model": "python"}, {"error_model": "numpy"}, {"inline": "always"}, {"inline": "never"},
    {"semantics": "python"}, {"semantics": "numba"}, {"cache": True}, {"cache": False}, {"strict": True},
]  # fmt: skip


def text_of(options):
    """A name that does not depend on the order of a set."""
    return ", ".join(f"{name}={sorted(v) if isinstance(v, set) else v}" for name, v in options.items())


@pytest.mark.parametrize("options", OPTIONS, ids=text_of)
def test_option(options):
    options = {name: frozenset(v) if isinstance(v, set) else v for name, v in options.items()}
    check(sum_zipped, np.arange(8.0), np.arange(8.0), options=options)


SIGNATURES = [
    "float64(float64[:], float64[:])", ["f8(f8[:], f8[:])", "f4(f4[:], f4[:])"],
]  # fmt: skip


def refused(compiled):
    with pytest.raises(TypeError, match="No matching definition"):
        compiled(np.arange(8), np.arange(8))


@pytest.mark.parametrize("signature", SIGNATURES, ids=str)
def test_signature_as_text(signature, oracle_only):
    if oracle_only:
        pytest.skip("needs the package")
    import hotloop

    compiled = hotloop.njit(signature, strict=True)(sum_zipped)
    before = counters()
    assert compiled(np.arange(8.0), np.arange(8.0)) == 140.0
    assert route_fault(before, counters()) is None
    refused(compiled)


def test_signature_of_types(oracle_only):
    if oracle_only:
        pytest.skip("needs the package")
    from hotloop import njit, types

    array = types.float64[::1]
    for signature in (
        (array, array),
        types.float64(array, array),
        [(array, array), types.float64(array, array)],
    ):
        compiled = njit(signature, strict=True)(sum_zipped)
        assert compiled(np.arange(8.0), np.arange(8.0)) == 140.0
        refused(compiled)
