"""Python's `random` in compiled code: CPython's own numbers, from the module's own generator."""

import random

import numpy as np
import pytest
from harness import Run, Tolerance, compiled_copy, counters, outcome_fault, route_fault, settings

SEEDS = range(12)


@pytest.fixture(autouse=True)
def state_is_restored():
    state = random.getstate()
    yield
    random.setstate(state)


def same(func, *args, seeds=SEEDS, before=None, strict=True):
    """Run `func` by CPython and compiled after each seed: results and state afterwards are the same bits."""
    for seed in seeds:
        runs, states = [], []
        counted = counters()
        for f in (func, compiled_copy(func, {"strict": strict})):
            random.seed(seed)
            if before:
                before()
            runs.append(Run(f, args, {}))
            states.append(random.getstate())
        runs[0].apply_result_rule()
        if settings.oracle_only:
            runs[1].apply_result_rule()
        fault = outcome_fault(*runs, Tolerance(join=True))
        if not fault and not settings.oracle_only and strict:
            fault = route_fault(counted, counters())
        assert not fault, f"seed {seed}, {args}: {fault}"
        assert states[0] == states[1], f"seed {seed}, {args}: the states afterwards differ"


ROWS = {
    "random": [()],
    "betavariate": [(0.5, 0.7), (2.0, 3.5), (1, 1), (0.0, 1.0)],
    "expovariate": [(2.0,), (-1,), (0,), (0.0,)],
    "gammavariate": [(0.5, 2.0), (1.0, 1.0), (3.7, 0.5), (2, 3), (0.0, 1.0), (1.0, -1.0)],
    "gauss": [(), (1.0, 2.0), (3, 4)],
    "getrandbits": [(0,), (1,), (5,), (31,), (32,), (33,), (63,), (-1,)],
    "lognormvariate": [(0.0, 0.25), (700.0, 20.0)],
    "normalvariate": [(), (1.0, 2.0), (3, 4)],
    "paretovariate": [(1.5,), (3,), (0.0,)],
    "randint": [(0, 0), (1, 6), (-5, 5), (0, 2**40), (-(2**62), 2**62), (-(2**63), 2**63 - 2), (3, 1)],
    "randrange": [
        (1,),
        (7,),
        (0,),
        (-3,),
        (2, 9),
        (9, 2),
        (5, 5),
        (0, 20, 3),
        (20, 0, -3),
        (0, 5, 0),
        (5, 0, 2),
    ],
    "triangular": [(), (1.0, 3.0), (0.0, 10.0, 2.0), (2.0, 2.0, 2.0), (3, 1, 2), (0.0, 1.0, 1.0)],
    "uniform": [(0.0, 1.0), (3, 7), (5.0, -5)],
    "vonmisesvariate": [(0.0, 1.0), (3.0, 0.0), (1.0, 300.0), (-2.0, 0.5)],
    "weibullvariate": [(1.0, 1.5), (2, 3), (1.0, 0.0)],
}


def programs(name, count):
    """One draw, and a loop of draws of the function of this name."""
    values = ", ".join("abc"[:count])
    source = f"""
def one({values}):
    return random.{name}({values})
def many({values + ", " if values else ""}n):
    first = random.{name}({values})
    last, total = first, first
    for i in range(n):
        last = random.{name}({values})
        total += last
    return first, last, total
"""
    namespace = {"random": random, "__name__": __name__}
    exec(source, namespace)
    return namespace["one"], namespace["many"]


@pytest.mark.parametrize("name", ROWS)
def test_streams(name):
    made = {len(row): programs(name, len(row)) for row in ROWS[name]}
    for row in ROWS[name]:
        one, many = made[len(row)]
        same(one, *row)
        if sum(map(abs, row)) < 2**39 and row != (63,):  # the sum fits 64 bits
            same(many, *row, 400, seeds=range(3))


def test_names_and_keywords():
    from random import gauss, randint

    same(lambda: (gauss(sigma=2.0, mu=1), randint(a=1, b=9), random.randrange(3, stop=9, step=2)))
    same(lambda n: (random.randint(1, np.int32(9)), random.randrange(n)), np.uint8(9))


def test_the_kept_normal_number_goes_in_and_out():
    same(lambda: random.gauss(), before=random.gauss)
    same(lambda: (random.gauss(), random.gauss(), random.gauss(1, 2)), before=random.gauss)
    same(lambda: random.random(), before=random.gauss)


def draw_three():
    return random.random(), random.gauss(0.0, 1.0), random.randint(0, 10)


def test_draws_inside_and_outside_take_turns():
    compiled = compiled_copy(draw_three, {"strict": True})
    random.seed(5)
    expected = [f() for _ in range(300) for f in (random.random, draw_three, random.gauss)]
    random.seed(5)
    assert [f() for _ in range(300) for f in (random.random, compiled, random.gauss)] == expected


def test_seeds_inside():
    def seeded(seed):
        first = random.random()
        random.seed(seed)
        return first, random.gauss(0.0, 1.0), random.random()

    for seed in (0, 1, -1, 2**32 - 1, 2**32, 2**63 - 1, -(2**63), True):
        same(seeded, seed)
    same(seeded, np.int64(3))
    same(lambda: random.seed(3), before=random.gauss)


def test_fresh_seeds_differ():
    def fresh():
        random.seed()
        return random.random()

    compiled = compiled_copy(fresh, {"strict": True})
    assert len({compiled() for _ in range(20)}) == 20


def test_more_bits_than_an_int_has_are_drawn_by_the_interpreter():
    same(lambda k: random.getrandbits(k), 64, strict=False)
    same(lambda k: random.getrandbits(k), 200, strict=False)
    same(lambda a, b: random.randint(a, b), -(2**63), 2**63 - 1, strict=False)
    same(lambda a, b: random.randrange(a, b, 3), -(2**63), 2**63 - 1, strict=False)


@pytest.mark.parametrize("n", [0, 1, 2, 5, 300])
def test_shuffle(n):
    def shuffled(x):
        random.shuffle(x)
        return x.sum()

    same(shuffled, np.arange(n))
    same(shuffled, np.arange(2 * n)[::2])


def test_choice():
    same(lambda x: random.choice(x), np.arange(9) * 0.5)
    same(lambda x: random.choice(x), np.arange(0) * 0.5)
    same(lambda a, b, c: random.choice((a, b, c)), 1, 5, 7)


def test_other_generators_are_not_taken_for_the_global_one():
    from hotloop.core.errors import TypingError

    own = random.Random(3)
    for method in (own.gauss, own.random):

        def draw():
            return method()

        with pytest.raises(TypingError):
            compiled_copy(draw, {"strict": True})()


def test_lists():
    def shuffled(n):
        x = [3 * i for i in range(n)]
        random.shuffle(x)
        return x, random.choice(x)

    same(shuffled, 9)
