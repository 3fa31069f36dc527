"""Random numbers in prange loops: the same for any number of threads, from the seed set outside."""

import random

import numpy as np
import pytest
from harness import compiled_copy

from hotloop import get_num_threads, prange, set_num_threads


@pytest.fixture(autouse=True)
def state_is_restored():
    threads, states = get_num_threads(), (np.random.get_state(), random.getstate())
    yield
    set_num_threads(threads)
    np.random.set_state(states[0])
    random.setstate(states[1])


def compiled(func):
    return compiled_copy(func, {"strict": True, "parallel": True})


def runs(func, *args, seed=5):
    """What the compiled function gives after the seed, and draws afterwards, with 1, 2, 3 and 8 threads."""
    results = []
    for threads in (1, 2, 3, 8):
        set_num_threads(threads)
        np.random.seed(seed)
        random.seed(seed)
        value = compiled(func)(*args)
        results.append((value, np.random.rand(), np.random.randn(), random.random()))
    return results


def check_same(func, *args, **how):
    first, *others = runs(func, *args, **how)
    for other in others:
        assert repr(other) == repr(first)
    return first[0]


def uniform(n):
    out = np.empty(n)
    for i in prange(n):
        out[i] = np.random.rand()
    return out


@pytest.mark.parametrize("n", [0, 1, 2, 5, 127, 128, 129, 5000])
def test_numbers_do_not_depend_on_the_threads(n):
    out = check_same(uniform, n)
    assert len(set(out.tolist())) == n and ((out >= 0) & (out < 1)).all()
    if n > 1:
        assert (check_same(uniform, n, seed=6) != out).all()


def test_numbers_are_uniform_and_parts_independent():
    np.random.seed(1)
    out = compiled(uniform)(128 * 4000).reshape(128, 4000)
    assert abs(out.mean() - 0.5) < 0.002 and abs(out.var() - 1 / 12) < 0.0005
    correlation = np.corrcoef(out) - np.eye(128)
    assert np.abs(correlation).max() < 0.09  # 16,256 pairs of 4,000 numbers: 5.7 standard deviations


def test_regions_differ_and_serial_draws_stand_between():
    def both(n):
        first = uniform(n)
        between = np.random.rand()
        return first, between, uniform(n), np.random.rand()

    first, between, second, after = check_same(both, 300)
    assert not (set(first.tolist()) & set(second.tolist())) and between != after


def test_every_kind_of_draw():
    def draws(n):
        numbers, integers, total = np.empty((n, 4)), np.empty(n, np.int64), 0.0
        for i in prange(n):
            numbers[i, 0] = np.random.normal(1.0, 2.0)
            numbers[i, 1] = random.gauss(0.0, 1.0)
            numbers[i, 2] = random.random()
            numbers[i, 3] = np.random.gamma(2.5, 1.0)
            integers[i] = np.random.randint(0, 1000) + 1000 * random.randint(0, 5)
            total += np.random.exponential()
        return numbers, integers, total

    numbers, integers, total = check_same(draws, 2000)
    assert abs(numbers.mean(axis=0) - [1, 0, 0.5, 2.5]).max() < 0.2 and abs(total / 2000 - 1) < 0.1
    assert len(set(integers.tolist())) > 1500


def test_draws_in_what_is_called_and_in_loops_within():
    def walk(steps):
        x = 0.0
        for _ in range(steps):
            x += np.random.standard_normal()
        return x

    def walks(n):
        total, out = 0.0, np.empty(n)
        for i in prange(n):
            out[i] = walk(i % 7)
            for _k in prange(3):
                total += random.random()
        return out, total

    out, total = check_same(walks, 500)
    assert np.count_nonzero(out) == 500 - 72 and 600 < total < 900


def test_a_seed_inside_is_the_part_s_own():
    def seeded(n):
        out = np.empty(n)
        for i in prange(n):
            np.random.seed(i)
            out[i] = np.random.rand()
        return out

    out = check_same(seeded, 200)
    assert out.tolist() == [np.random.RandomState(i).random_sample() for i in range(200)]


def test_an_error_leaves_the_state_usable():
    def fails(n):
        out = np.empty(n)
        for i in prange(n):
            out[i] = np.random.normal(0.0, 150.0 - i)
        return out

    for threads in (1, 2, 8):
        set_num_threads(threads)
        np.random.seed(3)
        with pytest.raises(ValueError, match="scale < 0"):
            compiled(fails)(300)
        assert np.random.rand() != np.random.RandomState(3).random_sample()


def test_a_loop_that_draws_nothing_leaves_the_state_alone():
    def doubled(a):
        for i in prange(len(a)):
            a[i] *= 2
        return a

    np.random.seed(3)
    compiled(doubled)(np.ones(1000))
    assert np.random.rand() == np.random.RandomState(3).random_sample()
