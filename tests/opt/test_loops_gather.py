"""Loops whose indices come from memory: they are checked a block ahead of the loads and stores that use them.

Sizes lie around the block's length (128) and around vectors. An index that fails stands at the first, a
middle and the last place of a block, so that the block is run again by the cold copy, and what was written
before must be there.
"""

import numpy as np
import pytest
from harness import check_all

import hotloop

SIZES = [0, 1, 7, 8, 127, 128, 129, 255, 257, 400]
RANDOM = np.random.default_rng(7)


def positions(n, low=0, dtype=np.int64):
    return RANDOM.integers(low * n, max(n, 1), n).astype(dtype)


def with_bad(n, at, value, low=0):
    """n positions, and a bad one at a place."""
    a = positions(n, low)
    a[at % n] = value
    return a


def gather(out, x, k):
    for i in range(out.size):
        out[i] = x[k[i]]


def gather_sum(x, k):
    total = 0.0
    for i in range(k.size):
        total += x[k[i]]
    return total


def scatter(y, k, x):
    for i in range(k.size):
        y[k[i]] = x[i]


def histogram(counts, k):
    for i in range(k.size):
        counts[k[i]] += 1


def permute(k):
    for i in range(k.size):
        k[i] = k[k[i]]


def exchange(k, x):
    for i in range(k.size):
        x[k[i]] = i


def two_axes(a, k, m):
    total = 0.0
    for i in range(k.size):
        total += a[k[i], m[i]]
    return total


def of_sum(x, k):
    total = 0.0
    for i in range(k.size):
        total += x[k[i] + i - i // 2] * k[i]
    return total


def through_two(x, k, m):
    total = 0.0
    for i in range(k.size):
        total += x[k[m[i]]]
    return total


def with_math(x, k):
    total = 0.0
    for i in range(k.size):
        total += np.exp(-x[k[i]]) + np.tanh(x[i])
    return total


def with_raise(out, x, k):
    for i in range(k.size):
        if x[i] < 0.0:
            raise ValueError("negative", i)
        out[k[i]] = x[i]
    return out


def rounds(x, k, n):
    total = 0.0
    for _ in range(n):
        for i in range(k.size):
            total += x[k[i]]
    return total


def rows(data, columns, starts, x, y):
    for i in range(y.size):
        total = 0.0
        for j in range(starts[i], starts[i + 1]):
            total += data[j] * x[columns[j]]
        y[i] = total


def downwards(x, k):
    last = -1.0
    for i in range(k.size - 1, -1, -1):
        last = x[k[i]] - last
    return last


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("low", [0, -1])
def test_all_indices_are_good(n, low):
    x = RANDOM.random(n)
    check_all(gather, [(np.zeros(n), x, positions(n, low))])
    check_all(gather_sum, [(x, positions(n, low)), (x, positions(n, 0, np.uint16) % max(n, 1))])
    check_all(scatter, [(np.zeros(n), positions(n, low), x)])
    check_all(histogram, [(np.zeros(n, np.int64), positions(n, low))])
    check_all(through_two, [(x, positions(n, low), positions(n, low))])
    check_all(with_math, [(x, positions(n, low))], rtol=1e-13)
    check_all(downwards, [(x, positions(n, low))])
    check_all(rounds, [(x, positions(n, low), 3)])
    check_all(two_axes, [(RANDOM.random((n, n)), positions(n, low), positions(n, low))])


@pytest.mark.parametrize("n", [1, 8, 127, 128, 129, 300])
@pytest.mark.parametrize("at", [0, 5, 127, 128, -1])
@pytest.mark.parametrize("away", [0, -1, 10**6, -(2**63), 2**63 - 1])
def test_one_index_is_bad(n, at, away):
    bad = {0: n, -1: -n - 1}.get(away, away)
    x = RANDOM.random(n)
    check_all(gather, [(np.zeros(n), x, with_bad(n, at, bad))])
    check_all(gather_sum, [(x, with_bad(n, at, bad, -1))])
    check_all(scatter, [(np.zeros(n), with_bad(n, at, bad), x)])
    check_all(histogram, [(np.zeros(n, np.int64), with_bad(n, at, bad, -1))])
    check_all(through_two, [(x, positions(n), with_bad(n, at, bad)), (x, with_bad(n, at, bad), positions(n))])
    check_all(rounds, [(x, with_bad(n, at, bad), 2)])
    check_all(downwards, [(x, with_bad(n, at, bad))])


@pytest.mark.parametrize("n", [1, 127, 128, 129, 300])
def test_arrays_one_element_short(n):
    check_all(gather, [(np.zeros(n), RANDOM.random(n - 1), positions(n))])
    check_all(gather, [(np.zeros(n), RANDOM.random(n), positions(n - 1))])
    check_all(scatter, [(np.zeros(n), positions(n), RANDOM.random(n - 1))])
    check_all(of_sum, [(RANDOM.random(2 * n - 1), positions(n))])


@pytest.mark.parametrize("n", [5, 128, 300])
def test_written_array_holds_the_indices(n):
    check_all(permute, [(positions(n, -1),)])

    def check_exchange(make):
        plain, compiled = make(), make()
        exchange(*plain)
        hotloop.njit(exchange)(*compiled)
        assert all(np.array_equal(a, b) for a, b in zip(plain, compiled, strict=True))

    base = positions(n + 3) % n

    def overlapping():
        b = base.copy()
        return b[:n], b[3:]

    def same():
        b = base[:n].copy()
        return b, b

    check_exchange(overlapping)
    check_exchange(same)


@pytest.mark.parametrize("at", [0, 100, 127, 128, 299])
def test_other_errors_keep_their_place(at):
    x, late = RANDOM.random(300), positions(300)
    x[at] = -1.0
    late[200] = 1000
    check_all(with_raise, [(np.zeros(300), x, late)])


def test_short_rows():
    starts = np.cumsum(np.concatenate([[0], RANDOM.integers(0, 9, 50)]))
    columns = RANDOM.integers(0, 40, starts[-1])
    data, x = RANDOM.random(starts[-1]), RANDOM.random(40)
    check_all(rows, [(data, columns, starts, x, np.zeros(50)), (data, columns, starts, x[:-1], np.zeros(50))])


def test_short_rows_are_unrolled():
    """A loop whose index check stays runs four rounds between two jumps; the tests in front of it are few."""
    compiled = hotloop.njit(rows)
    compiled(np.ones(4), np.arange(4), np.array([0, 3, 4]), np.ones(4), np.zeros(2))
    hot = compiled.inspect("asm").partition("rows.0.cold1:")[0]
    assert hot.count("mulsd") >= 4
    assert "ashr" not in compiled.inspect("opt").partition("func @rows.0.cold1")[0]


def weighted(out, x, k, w):
    for i in range(out.size):
        out[i] = out[i] + w[i] * x[k[i]] - x[i]


def shuffle(a, k):
    for i in range(a.size):
        a[i] = a[k[i]]


@pytest.mark.parametrize("n", [5, 8, 128, 300])
@pytest.mark.parametrize("shift", [-3, 0, 3, 1000])
def test_gathers_from_an_overlapping_array(n, shift):
    """What a round has written is read by later ones."""
    base, k, w = RANDOM.random(3000), positions(n, -1), RANDOM.random(n)

    def run(function, *more):
        a = base.copy()
        function(a[1000 : 1000 + n], a[1000 + shift : 1000 + shift + n], k, *more)
        return a

    assert np.array_equal(run(gather), run(hotloop.njit(gather)))
    assert np.array_equal(run(weighted, w), run(hotloop.njit(weighted), w))
    check_all(shuffle, [(base[:n].copy(), k)])
    check_all(weighted, [(w.copy(), base[:n].copy(), k, w), (w.copy(), base[:n].copy(), k % n, w[:-1])])


def test_gathered_arrays_are_known_as_apart():
    """So that the loop which uses the indices goes in vectors; not where there is one array only."""
    compiled = [hotloop.njit(function) for function in (gather, weighted, shuffle)]
    compiled[0](np.zeros(4), np.ones(4), np.arange(4))
    compiled[1](np.zeros(4), np.ones(4), np.arange(4), np.ones(4))
    compiled[2](np.zeros(4), np.arange(4))
    assert [function.inspect("opt").count("array.apart") for function in compiled] == [2, 2, 0]
