"""np.random.Generator as an argument: NumPy's own numbers, and the generator's state afterwards."""

import sys
import threading

import numpy as np
import prelude
import pytest
from harness import Run, Tolerance, compiled_copy, counters, outcome_fault, route_fault, settings

from hotloop import prange
from hotloop.core.errors import NumbaPerformanceWarning

KINDS = [np.random.PCG64, np.random.PCG64DXSM, np.random.MT19937, np.random.Philox, np.random.SFC64]


def same(func, *args, kinds=(np.random.PCG64, np.random.MT19937), seeds=range(4)):
    """Run `func(generator, *args)` by CPython and compiled: results and states must be the same bits."""
    for kind in kinds:
        for seed in seeds:
            runs, states, counted = [], [], counters()
            for f in (func, compiled_copy(func, {"strict": True})):
                generator = np.random.Generator(kind(seed))
                runs.append(Run(lambda *a, f=f, g=generator: f(g, *a), args, {}))
                states.append(repr(generator.bit_generator.state))
            runs[0].apply_result_rule()
            if settings.oracle_only:
                runs[1].apply_result_rule()
            fault = outcome_fault(*runs, Tolerance(layout=False))
            if not fault and not settings.oracle_only:
                fault = route_fault(counted, counters())
            assert not fault, f"{kind.__name__}({seed}), {args}: {fault}"
            assert states[0] == states[1], f"{kind.__name__}({seed}), {args}: the states afterwards differ"
            for a, b in zip(runs[0].argument_arrays, runs[1].argument_arrays):
                assert a.tobytes() == b.tobytes()


ROWS = {
    "random": [()],
    "uniform": [(), (2.0, 5.0), (-1, 1), (5.0, 2.0), (-1e308, 1e308)],
    "normal": [(), (1.0, 2.0), (3, 4), (0.0, -1.0)],
    "lognormal": [(), (0.5, 0.25), (0.0, -1.0)],
    "exponential": [(), (2.5,), (-1.0,)],
    "standard_normal": [()],
    "standard_exponential": [()],
    "standard_gamma": [(0.3,), (1,), (4.5,), (0.0,), (-1.0,)],
    "gamma": [(0.5, 2.0), (3.7,), (-1.0,), (1.0, -1.0)],
    "beta": [(0.5, 0.7), (2.0, 3.5), (0.0, 1.0)],
    "chisquare": [(1.0,), (7.5,), (0,)],
    "noncentral_chisquare": [(3.0, 1.5), (0.5, 2.0), (2.0, 0.0), (0.0, 1.0)],
    "f": [(2.0, 3.0), (10, 1), (0.0, 1.0)],
    "noncentral_f": [(3.0, 4.0, 1.5), (1.0, 1.0, -1.0)],
    "standard_cauchy": [()],
    "standard_t": [(1.0,), (5.5,), (0.0,)],
    "pareto": [(1.5,), (0.0,)],
    "weibull": [(1.5,), (0.0,), (-1.0,)],
    "power": [(0.5,), (3,), (0.0,)],
    "laplace": [(), (1.0, 0.5), (0.0, -1.0)],
    "gumbel": [(), (1.0, 2.0)],
    "logistic": [(), (1.0, 0.5)],
    "rayleigh": [(), (2.0,), (-1.0,)],
    "wald": [(1.0, 1.0), (3.0, 0.5), (0.0, 1.0)],
    "vonmises": [(0.0, 1.0), (3.0, 0.0), (1.0, 300.0), (0.0, -1.0)],
    "triangular": [(0.0, 0.5, 1.0), (-3, -3, 2), (1.0, 0.5, 2.0), (1.0, 1.0, 1.0)],
    "binomial": [(10, 0.3), (10, 0.9), (1000, 0.4), (0, 0.5), (-1, 0.5), (5, 1.5)],
    "negative_binomial": [(3.0, 0.5), (1.5, 0.05), (0, 0.5), (np.nan, 0.5), (1e18, 1e-3), (1, 0.0)],
    "poisson": [(), (0.0,), (3.5,), (123.4,), (-1.0,), (1e19,)],
    "geometric": [(0.5,), (0.1,), (1.0,), (0.0,)],
    "zipf": [(2.0,), (1.3,), (1.0,)],
    "logseries": [(0.1,), (0.99,), (1.0,)],
    "hypergeometric": [(10, 5, 3), (100, 50, 60), (5, 5, 0), (1, 1, 3), (-1, 5, 2), (2 * 10**9, 1, 1)],
    "integers": [(10,), (0, 5), (-3, 2**40), (0, 2**32), (-(2**63), 2**63 - 1), (0,), (5, 5), (7, 3)],
}


def programs(name, count):
    values = ", ".join("abc"[:count])
    head = f"{values}, " if values else ""
    source = f"""
def one(generator{", " + values if values else ""}):
    return generator.{name}({values}), generator.random()
def arrays(generator, {head}n):
    first = generator.{name}({head}size=n), generator.{name}({head}size=(2, n))
    return first, generator.{name}({head}size=())
"""
    namespace = {"np": np, "__name__": __name__}
    exec(source, namespace)
    return namespace["one"], namespace["arrays"]


@pytest.mark.parametrize("name", ROWS)
def test_streams(name):
    made = {len(row): programs(name, len(row)) for row in ROWS[name]}
    for row in ROWS[name]:
        one, arrays = made[len(row)]
        same(one, *row)
        same(arrays, *row, 7, seeds=range(2))
        same(arrays, *row, 0, seeds=[1])
        same(arrays, *row, -1, seeds=[1])


@pytest.mark.parametrize("name", ROWS)
def test_the_prelude_s_functions_run_plain(name, oracle_only):
    if oracle_only:
        pytest.skip("needs the package")
    plain = prelude.function(f"Generator.{name}")
    for row in ROWS[name]:
        results = []
        for f in (lambda g, *a, **kw: getattr(g, name)(*a, **kw), plain):
            generator = np.random.default_rng(3)
            try:
                with np.errstate(all="ignore"):
                    drawn = [f(generator, *row) for _ in range(5)], f(generator, *row, size=3).tolist()
            except (ValueError, OverflowError) as error:
                drawn = type(error), str(error)
            results.append((drawn, generator.bit_generator.state))
        assert repr(results[0]) == repr(results[1]), row


def test_plain_orders(oracle_only):
    if oracle_only:
        pytest.skip("needs the package")
    for n in (0, 1, 2, 30):
        a, b = np.arange(n), np.arange(n)
        np.random.default_rng(3).shuffle(a)
        prelude.function("Generator.shuffle")(np.random.default_rng(3), b)
        assert (a == b).all()


@pytest.mark.parametrize("kind", KINDS)
def test_bit_generators(kind):
    def draws(generator, n):
        total = 0.0
        for _ in range(n):
            total += generator.random() + generator.standard_normal() + generator.integers(0, 1000)
        return (
            total,
            generator.random(3),
            generator.integers(0, 100, 5, np.int8),
            generator.standard_exponential(),
        )

    same(draws, 200, kinds=[kind])


@pytest.mark.parametrize(
    "dtype", [np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.uint64, np.bool_]
)
def test_integers_of_a_dtype(dtype):
    same(lambda g: (g.integers(0, 2, 41, dtype), g.integers(0, 2, dtype=dtype), g.integers(1, 2, 3, dtype)))
    same(lambda g, low, high: g.integers(low, high, 5, dtype), 0, 2**40)
    same(lambda g, low, high: g.integers(low, high, dtype=dtype), -1, 1)
    if dtype is not np.bool_:
        same(lambda g: (g.integers(3, 100, (3, 5), dtype), g.integers(3, 100, dtype=dtype)))


def test_float32():
    same(
        lambda g: (
            g.random(5, np.float32),
            g.random(dtype=np.float32),
            g.standard_normal(5, dtype=np.float32),
        )
    )
    same(lambda g: (g.standard_exponential(5, dtype=np.float32), g.standard_gamma(0.5, 5, np.float32)))


@pytest.mark.parametrize("n", [0, 1, 2, 5, 300])
def test_orders(n):
    def shuffled(generator, x):
        generator.shuffle(x)
        return generator.permutation(x) + 0

    same(shuffled, np.arange(n))
    same(shuffled, np.arange(2 * n)[::2] * 0.5)
    same(shuffled, np.arange(3 * n).reshape(n, 3))
    same(lambda generator, n: generator.permutation([2 * i for i in range(n)]) + 0, n + 1)
    same(lambda generator, n: generator.permutation(n), n)


def test_two_generators_and_the_global_one():
    def draws(a, b, n):
        total = 0.0
        for i in range(n):
            total += a.random() - b.normal() * np.random.rand()
            if i % 3 == 0:
                total += b.random()
        return total

    results = []
    for f in (draws, compiled_copy(draws, {"strict": True})):
        np.random.seed(3)
        a, b = np.random.default_rng(1), np.random.Generator(np.random.MT19937(2))
        results.append((f(a, b, 100), f(a, a, 100), a.random(), b.random(), np.random.rand()))
    assert results[0] == results[1]


def draw_in_callee(generator, n):
    return generator.standard_normal(n).sum()


def test_generators_travel():
    def draws(pair, n):
        generator, scale = pair
        return draw_in_callee(generator, n) * scale

    for f in (draws, compiled_copy(draws, {"strict": True})):
        generator = np.random.default_rng(5)
        assert f((generator, 2.0), 4) == np.random.default_rng(5).standard_normal(4).sum() * 2.0


def test_a_generator_comes_back_itself():
    def given(generator):
        return generator, generator.random()

    generator = np.random.default_rng(5)
    assert compiled_copy(given, {"strict": True})(generator)[0] is generator


def test_its_type():
    import hotloop

    compiled = hotloop.njit(lambda generator: generator.random())
    compiled(np.random.default_rng(5))
    assert compiled.signatures == [(hotloop.types.npy_rng,)]
    assert hotloop.typeof(np.random.default_rng(5)) is hotloop.types.npy_rng


def test_nothing_is_kept_after_a_call():
    def draws(generator, n):
        return generator.normal(0.0, n)

    compiled = compiled_copy(draws, {"strict": True})
    generator = np.random.default_rng(1)
    compiled(generator, 1)
    before = sys.getrefcount(generator), sys.getrefcount(generator.bit_generator)
    for _ in range(20):
        compiled(generator, 1)
        with pytest.raises(ValueError, match="scale < 0"):
            compiled(generator, -1)
    assert (sys.getrefcount(generator), sys.getrefcount(generator.bit_generator)) == before
    taken = []
    lock = generator.bit_generator.lock
    thread = threading.Thread(
        target=lambda: taken.append(lock.acquire(blocking=False) and not lock.release())
    )
    thread.start()
    thread.join()
    assert taken == [True]


def test_threads_draw_each_number_once():
    def total(generator, n):
        s = 0.0
        for _ in range(n):
            s += generator.random()
        return s

    for options in ({}, {"nogil": True}):
        compiled = compiled_copy(total, {"strict": True, **options})
        generator = np.random.default_rng(8)
        results = []

        def work(results=results, compiled=compiled, generator=generator):
            for _ in range(30):
                results.append(compiled(generator, 300))
                results.append(generator.random(200).sum())

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert len(set(results)) == 240
        other = np.random.default_rng(8)
        other.random(4 * 30 * 500)
        assert other.bit_generator.state == generator.bit_generator.state


def test_a_parallel_loop_that_draws_runs_serially(oracle_only):
    if oracle_only:
        pytest.skip("looks at the compiler's own warning")

    def fill(generator, n):
        out = np.empty(n)
        for i in prange(n):
            out[i] = drawn(generator)
        return out

    def drawn(generator):
        return generator.random() + 1

    compiled = compiled_copy(fill, {"strict": True, "parallel": True})
    with pytest.warns(NumbaPerformanceWarning, match="draws from a Generator"):
        numbers = compiled(np.random.default_rng(1), 1000)
    assert np.array_equal(numbers, np.random.default_rng(1).random(1000) + 1)
