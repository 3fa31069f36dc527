"""What a function beside objects may say: inner functions, comprehensions, displays, names, matches, calls.

Each program runs several times with arguments of several types and gives what CPython gives, result or
exception; and the function itself is compiled: only single operations are the interpreter's.
"""

import numpy as np
import pytest

from hotloop import njit

pytestmark = pytest.mark.filterwarnings("ignore::hotloop.core.errors.HotloopPerformanceWarning")


class Model:
    def __init__(self, k):
        self.k = k
        self.log = []

    def predict(self, x):
        return x * self.k


def outcome(function, make):
    try:
        return function(*make())
    except Exception as error:
        return type(error), str(error)


def agrees(function, *makes, times=3):
    """Compare with CPython, call by call; the function is compiled afterwards."""
    compiled = njit(function)
    for make in makes:
        for _ in range(times):
            expected, got = outcome(function, make), outcome(compiled, make)
            assert type(got) is type(expected) and got == expected
    assert all(result is not None for _, result in compiled._specialisations()), (
        "it ran in the interpreter as a whole"
    )


ARGUMENTS = [
    lambda: ([Model(k) for k in (2, 1, 3)], 3.0),
    lambda: ([Model(k) for k in (3, 4)], 1),
    lambda: ([Model(k) for k in (3, 4)], 1.5),
]
PROGRAMS = []


def program(function):
    PROGRAMS.append(function)
    return function


# -- comprehensions and generator expressions


@program
def list_comprehension(models, x):
    return [m.predict(x) for m in models]


@program
def dict_comprehension(models, x):
    return {m.k: m.predict(x) for m in models}


@program
def set_comprehension(models, x):
    return {m.k for m in models}, {(a, b) for a in range(2) for b in range(2)}


@program
def nested_comprehension(models, x):
    return [[m.k * j for j in range(3) if j != 1] for m in models]


@program
def comprehension_with_walrus(models, x):
    return [y for m in models if (y := m.k) > 2]


@program
def generators(models, x):
    g = (m.k * x for m in models)
    first = next(g)
    words = ",".join(str(m.k) for m in models)
    return first, list(g), tuple(v * v for v in range(4)), any(m.k > 2 for m in models), words


@program
def sum_of_generator(models, x):
    return sum(m.predict(x) for m in models)


# -- inner functions


@program
def lambda_for_sorting(models, x):
    return [m.k for m in sorted(models, key=lambda m: -m.k * x)]


@program
def list_sorting(models, x):
    xs = [3.0, 1.0, 2.0]
    xs.sort(key=lambda v: -v)
    return xs, sorted(xs, key=lambda v: v * models[0].k), max(xs, key=lambda v: abs(v - 2))


@program
def nonlocal_from_both_sides(models, x):
    n = 0

    def bump(v):
        nonlocal n
        n += v
        return n

    for m in models:
        bump(m.k)
    out = list(map(bump, [1, 2, 3]))
    n += 100
    out.append(bump(1))
    return n, out


@program
def late_binding(models, x):
    functions = []
    for i in range(3):
        functions.append(lambda: i * x + models[0].k)
    return [f() for f in functions]


@program
def early_binding(models, x):
    functions = [lambda v, i=i: v * i for i in range(3)]
    return [f(models[0].k) for f in functions]


@program
def recursive_inner(models, x):
    def fact(k):
        return 1 if k <= 1 else k * fact(k - 1)

    return fact(5) + models[0].predict(fact(3)), list(map(fact, [1, 2, 3]))


@program
def mutually_recursive(models, x):
    def even(n):
        return True if n == 0 else odd(n - 1)

    def odd(n):
        return False if n == 0 else even(n - 1)

    return even(models[0].k), odd(models[0].k), list(map(even, range(4)))


@program
def defaults(models, x):
    def g(a, b=x, *, c=models[0].k, d=5):
        return a + b + c + d

    return g(1), g(1, 2, c=3), list(map(g, [1, 2]))


@program
def function_in_function(models, x):
    def outer(a):
        def inner(b):
            return a * b + x

        return inner

    f = outer(models[0].k)
    return f(2), outer(3)(4), list(map(f, [1, 2]))


@program
def native_lambda(models, x):
    f = lambda a: a * 2.0 + x  # noqa: E731
    total = 0.0
    for i in range(100):
        total += f(i)
    return total + models[0].k


@program
def functions_in_tuples(models, x):
    pairs = [(lambda a: a + 1, 1), (lambda a: a + 2, models[0].k)]
    return [f(v) for f, v in pairs]


@program
def one_of_two_lambdas(models, x):
    f = (lambda a: a + 1) if x > 2 else (lambda a: a - 1)
    return f(models[0].k)


@program
def unbound_function(models, x):
    if models[0].k > 100:
        f = lambda a: a  # noqa: E731
    models[0].predict(x)
    return f(1)


@program
def unbound_shared(models, x):
    def show():
        return y

    if models[0].k > 2:
        y = 1
        del y
    return show()


@program
def accumulated_beside_a_closure(models, x):
    total = 0
    acc = lambda v: total + v  # noqa: E731
    for i in range(4):
        total += i * models[0].k
    return acc(1), total


@program
def the_same_function_object(models, x):
    def f(v):
        return v

    f.mark = models[0].k
    kept = [f]
    return f in kept, kept.index(f), f.mark, f.__closure__ is None


@program
def class_definition(models, x):
    class Local:
        y = x

        def f(self):
            return self.y + models[0].k

    return Local().f()


# -- displays


@program
def dict_display(models, x):
    d = {"a": models[0].k, "b": x, **{"c": 1}}
    d["z"] = 3
    return d, {}, {1: 2, x: 3}


@program
def set_display(models, x):
    return {models[0].k, x, *[1, 2]}


@program
def unpacked_displays(models, x):
    a, b, *c = [m.k for m in models] + [1, 2]
    return (*c, a, b), [*c, *models[0].log], {**{"a": 1}, "b": a}


@program
def starred_target(models, x):
    a, *b = models
    return a.k, [m.k for m in b]


@program
def too_few_for_a_starred_target(models, x):
    a, b, c, *d = models
    return a.k


@program
def dict_methods(models, x):
    d = {}
    for m in models:
        d[m.k] = d.get(m.k, 0) + 1
    total = 0
    for k, v in d.items():
        total += k * v
    return d, total, sorted(d), [k for k in d], {v: k for k, v in d.items()}


@program
def bytes_and_big_integers(models, x):
    return b"abc" + bytes([models[0].k]), 1208925819614629174706176 + models[0].k


# -- calls


@program
def star_calls(models, x):
    def g(*a, **k):
        return a, sorted(k.items())

    args = [1, 2]
    kw = {"p": models[0].k}
    return g(*args, **kw), g(0, *args, q=3, **kw), dict(**kw, r=x), max(*args)


@program
def keyword_twice(models, x):
    return dict(**{"a": models[0].k}, **{"a": 2})


@program
def no_mapping(models, x):
    return dict(**models)


@program
def no_iterable(models, x):
    return max(*models[0].k)


# -- names

LEVEL = 1
SETTINGS = {"n": 3}


@program
def global_statement(models, x):
    global LEVEL
    before = LEVEL
    LEVEL = LEVEL + models[0].k
    LEVEL += 1
    after = LEVEL
    LEVEL = before
    return after


@program
def deleted_global(models, x):
    global LEVEL
    before = LEVEL
    del LEVEL
    try_again = models[0].k
    LEVEL = before
    return try_again


@program
def global_object(models, x):
    total = 0
    for i in range(SETTINGS["n"]):
        total += i
    return total, models[0].k


@program
def undefined_name(models, x):
    return models[0].predict(nosuchname)  # noqa: F821


@program
def imports(models, x):
    import colorsys
    import json
    from collections import OrderedDict

    return json.dumps({"a": models[0].k}), OrderedDict(a=1), colorsys.rgb_to_hsv(0.1, 0.2, 0.3)


@program
def missing_import(models, x):
    from json import nosuchname

    return nosuchname, models[0].k


@program
def attributes(models, x):
    models[0].foo = 3
    value = models[0].foo
    del models[0].foo
    return value, hasattr(models[0], "foo"), getattr(models[0], "foo", 7), callable(models[0].predict)


@program
def missing_attribute(models, x):
    del models[0].nosuchname


# -- statements and expressions


@program
def match_class(models, x):
    match models[0]:
        case Model(k=3):
            return "three"
        case Model(k=other):
            return other


@program
def match_mapping(models, x):
    match {"a": models[0].k, "b": 2}:
        case {"c": c}:
            return c
        case {"a": a, **rest}:
            return a, rest


@program
def match_sequence(models, x):
    match [models[0].k, 5]:
        case [2, other]:
            return other
        case [a, *rest]:
            return a, rest
    return 0


@program
def match_builtin(models, x):
    match x:
        case int(n):
            return "int", n, models[0].k
        case float(n):
            return "float", n


@program
def walrus(models, x):
    if (n := models[0].k) > 2:
        return n
    return 0


@program
def ternaries(models, x):
    y = models[0] if x > 2 else 5
    z = x if x > 2 else models[0].k
    return (y if y == 5 else y.k), z


@program
def none_or_object(models, x):
    v = None if x > 2 else models[0]
    if v is None:
        return "none"
    return v.k


@program
def augmented(models, x):
    models[0].k += 1
    models[0].log += [1]
    d = {"a": 1}
    d["a"] += x
    models[0].k **= 2
    return models[0].k, models[0].log, d


@program
def comparisons(models, x):
    return (
        1 < models[0].k < 5,
        0 < x < models[0].k,
        models[0] is models[0],
        models[0] in models,
        models[0] not in models,
    )


@program
def slices(models, x):
    log = models[0].log
    log.extend([1, 2, 3, 4])
    log[1:2] = [7, 8]
    del log[0]
    return log[1:3], log[::2], log[-1]


ASSERTION = """
def assertion(models, x):
    assert models[0].k == 2, f"bad {models[0].k}"
    return 1
"""
exec(ASSERTION)  # pytest puts code of its own into an assert of a test module
program(locals()["assertion"])


@program
def exception_as_a_value(models, x):
    error = ValueError("x", x)
    models[0].log.append(error)
    raise error


@program
def loops(models, x):
    out = []
    for m in models:
        for i in range(3):
            if i == 1:
                continue
            out.append((m.k, i) if i else None)
        else:
            out.append(-1)
    left = list(models)
    while left:
        out.append(left.pop().k)
    return out


@program
def enumerate_and_zip(models, x):
    total = 0
    for i, m in enumerate(models):
        total += i * m.k
    for m, j in zip(models, range(10)):
        total += j * m.k
    return total


# -- text


@program
def f_strings(models, x):
    m = models[0]
    return f"{m.k:>5}|{m.k!r}|{x:.2f}|{m.log!s}|{m.k=}" + str(m.k)


@program
def f_strings_as_arguments(models, x):
    models[0].log.append(f"{x:.3f} and {x}")
    models[0].log.append("%d-%s" % (3, x))
    return models[0].log


@program
def formats(models, x):
    return "%s and %5.2f" % (models[0].k, x), "{:>4}|{}".format(models[0].k, x), repr(models[0].k)


@program
def string_methods(models, x):
    s = "a,b;c"
    return s.split(","), s.upper() + "x", len(s), s[1:], s.replace("a", str(models[0].k)), "b" in s


@program
def dates(models, x):
    import datetime

    day = datetime.datetime(2020, 1, 1) + datetime.timedelta(days=models[0].k)
    return day.isoformat(), day.year, (day - datetime.datetime(2019, 1, 1)).days


# -- arrays beside objects


@program
def functions_of_numpy_that_are_not_compiled(models, x):
    a = np.linspace(0, 1, 50)
    b = np.apply_along_axis(sorted, 0, a)
    c = np.fft.rfft(a).real
    total = 0.0
    for i in range(c.shape[0]):
        total += c[i] + b[i]
    return total < 100.0, models[0].k


@program
def arrays_in_a_dict(models, x):
    d = {"array": np.arange(3.0), 1: "one"}
    total = 0.0
    for i in range(len(d["array"])):
        total += d["array"][i]
    return sorted(map(str, d)), total


@pytest.mark.parametrize("function", PROGRAMS, ids=lambda f: f.__name__)
def test_program(function):
    agrees(function, *ARGUMENTS)


def test_print_of_objects(capsys):
    def f(models, x):
        print(models[0].k, x, "a", sep="-")
        return 1

    agrees(f, *ARGUMENTS, times=1)
    assert capsys.readouterr().out == "2-3.0-a\n" * 2 + "3-1-a\n" * 2 + "3-1.5-a\n" * 2


def test_cells_are_shared_with_functions_that_escape():
    kept = []

    @njit
    def f(keep, n):
        total = 0

        def add(v):
            nonlocal total
            total += v

        keep.append(add)
        for i in range(n):
            total += i
        return total

    assert f(kept, 4) == 6
    add = kept.pop()
    add(10)
    assert add.__closure__[0].cell_contents == 16
    assert type(add) is type(lambda: 0)


def test_nonlocal_of_a_function_outside():
    def make():
        count = 0

        @njit
        def bump(thing):
            nonlocal count
            count += thing.k
            return count

        return bump, lambda: count

    bump, count = make()
    for _ in range(3):
        bump(Model(2))
    assert bump(Model(1)) == count() == 7


def test_callbacks_of_scipy():
    optimize = pytest.importorskip("scipy.optimize")

    def fit(x, y):
        def loss(p):
            r = y - p[0] * x - p[1]
            return (r * r).sum()

        result = optimize.minimize(loss, np.zeros(2))
        p = result.x
        worst = 0.0
        for i in range(x.shape[0]):
            worst = max(worst, abs(y[i] - p[0] * x[i] - p[1]))
        return worst

    x = np.linspace(0.0, 1.0, 20)
    compiled = njit(fit)
    for _ in range(3):
        assert compiled(x, 3.0 * x + 1.0) == pytest.approx(fit(x, 3.0 * x + 1.0), abs=1e-4)
    assert all(result is not None for _, result in compiled._specialisations())


def test_apply_of_pandas():
    pandas = pytest.importorskip("pandas")

    def f(df, scale):
        out = df.apply(lambda row: row.a * scale + row.b, axis=1).to_numpy()
        total = 0.0
        for i in range(out.shape[0]):
            total += out[i]
        return float(total)

    frame = pandas.DataFrame({"a": [1.0, 2.0, 3.0], "b": [4.0, 5.0, 6.0]})
    agrees(f, lambda: (frame, 2.0))


def test_a_native_lambda_is_called_as_machine_code():
    """In a function that is left, too: the rest makes it again."""
    from harness import counters

    @njit
    def f(model, n):
        double = lambda v: v * 2.0  # noqa: E731
        k = model.k
        total = 0.0
        for i in range(n):
            total += double(i) * k
        return total

    for _ in range(3):
        before = counters()
        assert f(Model(2), 100) == sum(i * 4.0 for i in range(100))
        after = counters()
    assert after["fallback"] - before["fallback"] <= 2
