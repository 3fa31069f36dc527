"""np.random in compiled code: NumPy's own numbers, from NumPy's own state, and that state afterwards."""

import numpy as np
import prelude
import pytest
from harness import compiled_copy, counters, outcome_fault, route_fault, Run, Tolerance, settings

SEEDS = range(12)


@pytest.fixture(autouse=True)
def state_is_restored():
    state = np.random.get_state()
    yield
    np.random.set_state(state)


def state():
    name, words, index, has_gauss, gauss = np.random.get_state()
    return words.tobytes(), index, has_gauss, gauss


def same(func, *args, seeds=SEEDS, before=None):
    """Run `func` by CPython and compiled after each seed; results and NumPy's state must be the same bits."""
    for seed in seeds:
        runs, states = [], []
        counted = counters()
        for f in (func, compiled_copy(func, {"strict": True})):
            np.random.seed(seed)
            if before:
                before()
            runs.append(Run(f, args, {}))
            states.append(state())
        runs[0].apply_result_rule()
        if settings.oracle_only:
            runs[1].apply_result_rule()
        fault = outcome_fault(*runs, Tolerance(layout=False)) or memory_fault(*runs)
        if not fault and not settings.oracle_only:
            fault = route_fault(counted, counters())
        assert not fault, f"seed {seed}, {args}: {fault}"
        assert states[0] == states[1], f"seed {seed}, {args}: the states afterwards differ"


def memory_fault(reference, compiled):
    for a, b in zip(reference.argument_arrays, compiled.argument_arrays):
        if a.tobytes() != b.tobytes():
            return f"an argument afterwards: compiled {b!r}, NumPy {a!r}"
    return None


# ---- every distribution: one number, many, an array; parameters that reach each of its formulas

ROWS = {
    "beta": [(0.5, 0.7), (2.0, 3.5), (0.3, 4.0), (1e-3, 1e-3), (1, 1)],
    "binomial": [
        (10, 0.3),
        (10, 0.9),
        (1000, 0.4),
        (1000, 0.6),
        (100000, 0.01),
        (200, 0.5),
        (0, 0.5),
        (5, 0.0),
        (5, 1.0),
    ],
    "chisquare": [(1.0,), (2.0,), (7.5,), (1,)],
    "exponential": [(), (2.5,), (0.0,)],
    "f": [(2.0, 3.0), (10, 1)],
    "gamma": [(0.5, 2.0), (1.0, 1.0), (3.7,), (0.0, 1.0), (2, 3)],
    "geometric": [(0.5,), (0.1,), (1.0,), (0.34,)],
    "gumbel": [(), (1.0, 2.0)],
    "hypergeometric": [
        (10, 5, 3),
        (5, 10, 3),
        (100, 50, 60),
        (50, 100, 120),
        (15, 15, 15),
        (1000, 20, 400),
        (3, 0, 2),
    ],
    "laplace": [(), (1.0, 0.5)],
    "logistic": [(), (1.0, 0.5)],
    "lognormal": [(), (0.5, 0.25)],
    "logseries": [(0.1,), (0.6,), (0.99,), (0.0,)],
    "negative_binomial": [(3.0, 0.5), (1.5, 0.05), (1, 1)],
    "noncentral_chisquare": [(3.0, 1.5), (0.5, 2.0), (2.0, 0.0), (1.0, 40.0)],
    "noncentral_f": [(3.0, 4.0, 1.5), (0.5, 2.0, 0.0)],
    "normal": [(), (1.0, 2.0), (0.0, 0.0), (3, 4)],
    "pareto": [(1.5,), (3,)],
    "poisson": [(), (0.0,), (3.5,), (10.0,), (123.4,), (1e6,), (9.9999,)],
    "power": [(0.5,), (3,)],
    "rayleigh": [(), (2.0,)],
    "standard_cauchy": [()],
    "standard_exponential": [()],
    "standard_gamma": [(0.3,), (1,), (4.5,)],
    "standard_normal": [()],
    "standard_t": [(1.0,), (5.5,)],
    "triangular": [(0.0, 0.5, 1.0), (-3, -3, 2), (1.0, 2.0, 2.0)],
    "uniform": [(), (2.0, 5.0), (5.0, 2.0), (-1, 1)],
    "vonmises": [(0.0, 1.0), (3.0, 0.0), (-3.0, 1e-6), (1.0, 1e-9), (2.0, 300.0)],
    "wald": [(1.0, 1.0), (3.0, 0.5)],
    "weibull": [(1.5,), (0.0,), (0.3,)],
    "zipf": [(2.0,), (1.3,), (6,)],
    "random_sample": [()],
    "random": [()],
    "ranf": [()],
    "sample": [()],
}


def programs(name, count):
    """One draw, a loop of draws and arrays of draws of the function of this name."""
    values = ", ".join("abc"[:count])
    head = f"{values}, " if values else ""
    source = f"""
def one({values}):
    return np.random.{name}({values})
def many({head}n):
    first = np.random.{name}({values})
    last, total = first, first
    for i in range(n):
        last = np.random.{name}({values})
        total += last
    return first, last, total
def arrays({head}n):
    first = np.random.{name}({head}size=n), np.random.{name}({head}size=(2, n))
    more = np.random.{name}({head}size=(n,)), np.random.{name}({head}size=())
    return first, more, np.random.{name}({head}size=None)
"""
    namespace = {"np": np, "__name__": __name__}
    exec(source, namespace)
    return namespace["one"], namespace["many"], namespace["arrays"]


@pytest.mark.parametrize("name", ROWS)
def test_streams(name):
    made = {len(row): programs(name, len(row)) for row in ROWS[name]}
    for row in ROWS[name]:
        one, many, arrays = made[len(row)]
        same(one, *row)
        same(many, *row, 300, seeds=range(4))
        same(arrays, *row, 7, seeds=range(4))
        same(arrays, *row, 0, seeds=range(1))


def test_arguments_by_name_and_constants():
    def named():
        return (
            np.random.normal(scale=2.0, loc=1),
            np.random.normal(loc=3.0, size=2),
            np.random.uniform(high=4),
            np.random.gamma(2.0, scale=3.0),
            np.random.weibull(2.0),
            np.random.weibull(a=0.5, size=3),
            np.random.power(2),
            np.random.standard_gamma(shape=0.5),
        )

    same(named)


def test_rand_and_randn():
    same(
        lambda: (
            np.random.rand(),
            np.random.randn(),
            np.random.rand(3),
            np.random.randn(2, 3),
            np.random.randn(),
        )
    )
    same(lambda n, m: (np.random.rand(n, m, 2), np.random.randn(n)), 4, 5)


@pytest.mark.parametrize("name", ROWS)
def test_the_prelude_s_functions_run_plain(name, oracle_only):
    """As Python they draw the same, which tells a wrong formula from a wrong compilation."""
    if oracle_only:
        pytest.skip("needs the package")
    plain, own = prelude.function(f"numpy.random.{name}"), getattr(np.random, name)
    for row in ROWS[name]:
        results = []
        for f in (own, plain):
            np.random.seed(3)
            with np.errstate(all="ignore"):
                results.append(([f(*row) for _ in range(20)], f(*row, size=3).tolist(), state()))
        assert results[0] == results[1], row


# ---- the state


def test_the_kept_normal_number_goes_in_and_out():
    same(lambda: np.random.standard_normal(), before=np.random.standard_normal)
    same(lambda: np.random.randn(3), before=np.random.standard_normal)
    same(lambda: (np.random.rand(), np.random.normal(1.0, 2.0)), before=np.random.standard_normal)


def test_draws_inside_and_outside_take_turns():
    same_draws = compiled_copy(draw_three, {"strict": True})
    np.random.seed(5)
    expected = [f() for _ in range(300) for f in (np.random.rand, draw_three, np.random.standard_normal)]
    np.random.seed(5)
    assert [
        f() for _ in range(300) for f in (np.random.rand, same_draws, np.random.standard_normal)
    ] == expected


def draw_three():
    return np.random.rand(), np.random.standard_normal(), np.random.randint(0, 10)


@pytest.mark.parametrize("used", range(618, 626))
def test_the_end_of_the_words(used):
    same(lambda: (np.random.rand(), np.random.rand()), seeds=[1], before=lambda: np.random.bytes(4 * used))
    same(lambda: np.random.randint(0, 2**40), seeds=[1], before=lambda: np.random.bytes(4 * used))
    same(lambda: np.random.randint(7, 9, 3), seeds=[1], before=lambda: np.random.bytes(4 * used))


def test_seeds_inside():
    def seeded(seed):
        first = np.random.rand()
        np.random.seed(seed)
        return first, np.random.standard_normal(), np.random.rand()

    for seed in (0, 1, 2**31, 2**32 - 1):
        same(seeded, seed)
    same(seeded, np.int32(5))
    same(seeded, -1)
    same(seeded, 2**32)
    same(lambda: np.random.seed(7), before=np.random.standard_normal)


def test_fresh_seeds_differ():
    def fresh():
        np.random.seed()
        return np.random.rand()

    compiled = compiled_copy(fresh, {"strict": True})
    assert len({compiled() for _ in range(20)}) == 20
    np.random.seed(3)
    compiled_copy(lambda: np.random.seed(None), {"strict": True})()
    words, index, has_gauss, _ = state()
    assert index == 624 and not has_gauss
    np.random.seed(3)
    assert words != state()[0]


def test_another_bit_generator():
    """Whatever NumPy draws from is drawn from here, through its C interface."""
    before = np.random.get_bit_generator()

    def draws():
        return (
            np.random.rand(),
            np.random.standard_normal(),
            np.random.randint(0, 1000, 5),
            np.random.gamma(2.5),
        )

    compiled = compiled_copy(draws, {"strict": True})
    results = []
    try:
        for f in (draws, compiled):
            np.random.set_bit_generator(np.random.PCG64(11))
            results.append((f(), np.random.rand(), np.random.standard_normal()))
    finally:
        np.random.set_bit_generator(before)
    assert repr(results[0]) == repr(results[1])


def test_other_generators_are_not_taken_for_the_global_one():
    from hotloop.core.errors import TypingError

    own = np.random.RandomState(3)

    def draw():
        return method()

    method = own.normal
    with pytest.raises(TypingError):
        compiled_copy(draw, {"strict": True})()


# ---- integers

INTEGERS = [np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64, np.bool_]


def test_integers():
    rows = [(0, 1), (0, 2), (-5, 5), (0, 256), (0, 2**32), (0, 2**32 + 1), (-(2**63), 2**63 - 1), (3, 1000)]
    for row in [*rows, (5, 5), (5, 4), (0, 0), (0, -3), (np.int32(3), np.uint8(9))]:
        same(lambda low, high: np.random.randint(low, high), *row)
        same(lambda low, high: np.random.randint(low, high, size=9), *row)
    same(
        lambda n: (np.random.randint(n), np.random.randint(n, size=(2, 2)), np.random.randint(n, dtype=int)),
        17,
    )
    same(lambda n: np.random.randint(n), 0)


@pytest.mark.parametrize("dtype", INTEGERS)
def test_integers_of_a_dtype(dtype):
    same(lambda: np.random.randint(0, 2, 40, dtype))
    same(lambda: (np.random.randint(0, 2, dtype=dtype), np.random.randint(1, 2, 3, dtype)))
    if dtype is not np.bool_:
        same(lambda: (np.random.randint(3, 100, 40, dtype), np.random.randint(3, 100, dtype=dtype)))
        info = np.iinfo(dtype)
        low, high = max(int(info.min), -(2**62)), min(int(info.max), 2**62)
        same(lambda low, high: np.random.randint(low, high, 40, dtype), low, high)
        same(lambda low, high: np.random.randint(low, high + 1, 40, dtype), low, high)


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int16, np.uint32, np.bool_])
def test_integers_out_of_the_range_of_a_dtype(dtype):
    for low, high in [(-(2**40), 3), (0, 2**40), (-1, 1), (0, 3), (200, 300), (4, 1)]:
        same(lambda low, high: np.random.randint(low, high, 3, dtype), low, high)
        same(lambda low, high: np.random.randint(low, high, 0, dtype), low, high)
        same(lambda low, high: np.random.randint(low, high, (2, -1), dtype), low, high)
        same(lambda low, high: np.random.randint(low, high, dtype=dtype), low, high)


def test_results_of_python_types():
    same(lambda: (np.random.randint(0, 2, dtype=bool), np.random.randint(0, 2, size=3, dtype=bool)))
    same(lambda: np.random.randint(0, 9, size=3, dtype="uint8"))


# ---- several numbers at once


def test_multinomial():
    p = np.array([0.1, 0.2, 0.3, 0.4])
    for row in [
        (20, p),
        (0, p),
        (10000, p),
        (5, np.array([1.0])),
        (3, np.array([1, 0])),
        (-1, p),
        (3, p * 2),
    ]:
        same(lambda n, p: np.random.multinomial(n, p), *row)
        same(lambda n, p: (np.random.multinomial(n, p, 3), np.random.multinomial(n, p, size=(2, 2))), *row)
    same(lambda n, p: np.random.multinomial(n, p), 50, np.array([0, 0.5, 0, 0.25, 0.25]))
    same(lambda n, p: np.random.multinomial(n, p), 5, np.array([0.5, np.nan, 0.5]))
    same(lambda n, p: np.random.multinomial(n, p), 5, np.array([0.8, 0.8, 0.5]))
    same(
        lambda n, p: np.random.multinomial(n, p),
        5,
        np.array([0.3333334, 0.3333334, 0.3333334, 0], np.float32),
    )


def test_dirichlet():
    for alpha in (
        np.array([0.5, 1.0, 3.0]),
        np.array([2, 3]),
        np.array([1.0]),
        np.array([0.5, 0.0]),
        np.zeros(0),
    ):
        same(lambda a: np.random.dirichlet(a), alpha)
        same(lambda a: (np.random.dirichlet(a, 3), np.random.dirichlet(a, size=(2, 2))), alpha)


# ---- orders and choices


@pytest.mark.parametrize("n", [0, 1, 2, 5, 300])
def test_shuffle_and_permutation(n):
    def shuffled(x):
        np.random.shuffle(x)
        return np.random.permutation(x) + 0

    for x in (np.arange(n), np.arange(n) * 0.5, np.arange(2 * n)[::2], np.arange(n) % 2 == 0):
        same(shuffled, x)
    same(lambda n: np.random.permutation(n), n)
    same(lambda n: np.random.permutation(n), -n)


@pytest.mark.parametrize("shape", [(5, 3), (4, 2, 3), (0, 3), (3, 0), (1, 4)])
def test_shuffle_of_rows(shape):
    def shuffled(x):
        np.random.shuffle(x)
        return np.random.permutation(x)

    x = np.arange(np.prod(shape)).reshape(shape)
    same(shuffled, x)
    same(shuffled, x.astype(np.float32).copy(order="F"))


def test_choice():
    a = np.arange(10) * 0.5
    for size in (None, 4, (2, 3), 0):
        same(choices_of(size), a)
        same(choices_of(size), 10)
    same(lambda a: (np.random.choice(a), np.random.choice(a, replace=False)), a)
    same(lambda a: np.random.choice(a, 11, replace=False), a)
    same(lambda a: np.random.choice(a, -1, replace=False), a)
    same(lambda a: np.random.choice(a, -1), a)
    same(lambda a: np.random.choice(a, 0), a[:0])
    same(lambda a: np.random.choice(a, 3), a[:0])
    same(lambda a: np.random.choice(a), 0)
    same(lambda a: np.random.choice(a, 2), -1)


def test_lists():
    def shuffled(n):
        x = [3 * i for i in range(n)]
        np.random.shuffle(x)
        return x, np.random.permutation(x), np.random.choice(x), np.random.choice(x, 3)

    same(shuffled, 9)
    same(lambda: (np.random.choice([1.5, 2.5], p=[0.25, 0.75]), np.random.choice(2, 3, p=(0.5, 0.5))))
    same(lambda: (np.random.multinomial(20, [0.25, 0.75]), np.random.dirichlet((1.0, 2.0))))
    same(lambda: np.random.dirichlet([3.0]))


def choices_of(size):
    return lambda a: (np.random.choice(a, size), np.random.choice(a, size=size, replace=False))


def test_choice_by_probabilities():
    a, p = np.arange(5) * 0.5, np.array([0.1, 0.0, 0.4, 0.3, 0.2])

    def choices(a, p):
        return (
            np.random.choice(a, p=p),
            np.random.choice(a, 7, p=p),
            np.random.choice(a, (2, 2), False, p),
            np.random.choice(a, p=p, replace=False),
        )

    same(choices, a, p)
    same(choices, 5, p)
    same(choices, a, p.astype(np.float32))
    for bad in (p[:4], p * 2, p - 0.1, p * np.nan):
        same(lambda a, p: np.random.choice(a, 2, p=p), a, bad)
    same(lambda a, p: np.random.choice(a, 5, False, p), a, p)


# ---- errors

BAD = {
    "beta": [(0.0, 1.0), (1.0, -1.0)],
    "binomial": [(-1, 0.5), (5, 1.5), (5, np.nan), (-1, 2.0)],
    "chisquare": [(0.0,), (-1,)],
    "exponential": [(-1.0,), (-0.0,)],
    "f": [(0.0, 1.0), (1.0, 0.0)],
    "gamma": [(-1.0, 1.0), (1.0, -1.0)],
    "geometric": [(0.0,), (1.5,), (np.nan,)],
    "hypergeometric": [(1, 1, 3), (-1, 5, 2), (5, -1, 2), (2, 2, 0)],
    "laplace": [(0.0, -1.0)],
    "logseries": [(1.0,), (-0.5,)],
    "negative_binomial": [(0, 0.5), (1, 1.5)],
    "noncentral_chisquare": [(0.0, 1.0), (1.0, -1.0)],
    "noncentral_f": [(0.0, 1.0, 1.0), (1.0, 0.0, 1.0), (1.0, 1.0, -1.0)],
    "normal": [(0.0, -1.0)],
    "poisson": [(-1.0,), (np.nan,), (1e19,)],
    "triangular": [(1.0, 0.5, 2.0), (0.0, 3.0, 2.0), (1.0, 1.0, 1.0)],
    "uniform": [(0.0, np.inf), (-1e308, 1e308)],
    "vonmises": [(0.0, -1.0)],
    "wald": [(0.0, 1.0), (1.0, 0.0)],
    "zipf": [(1.0,), (np.nan,)],
}


@pytest.mark.parametrize("name", BAD)
def test_errors(name):
    one, _, arrays = programs(name, len(BAD[name][0]))
    for row in BAD[name]:
        same(one, *row, seeds=[1])
        same(arrays, *row, 3, seeds=[1])
        same(arrays, *row, -1, seeds=[1])


def test_negative_sizes():
    same(lambda n: np.random.rand(n), -1)
    same(lambda n: np.random.normal(size=(2, n)), -1)
    same(lambda n: np.random.randint(0, 5, n), -1)
