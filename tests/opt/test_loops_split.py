"""Loops whose order-free part runs ahead in blocks of 256: sums in order, checks of `math`, stores.

Sizes lie around the block's length and around vectors. Values that fail a check stand at the first, a middle
and the last place, so that a block is run again by the cold copy, and what was written before must be there.
"""

import math

import numpy as np
import pytest
from harness import check_all

import hotloop

SIZES = [0, 1, 7, 8, 255, 256, 257, 511, 513, 1000]
RANDOM = np.random.default_rng(3)


def floats(n, low=0.1, high=3.0):
    return RANDOM.uniform(low, high, n)


def with_bad(n, at, value):
    """n good values, and a bad one at a place."""
    a = floats(n)
    if n:
        a[at % n] = value
    return a


def tanh_sum(x):
    total = 0.0
    for i in range(x.size):
        total += np.tanh(x[i])
    return total


def tanh_trace(a):
    trace = 0.0
    for i in range(a.shape[0]):
        trace += np.tanh(a[i, i])
    return trace


def two_sums(x, y):
    low, product, count = 1.0, 1.0, 0
    for i in range(x.size):
        e = np.exp(-x[i])
        low -= e * y[i]
        product *= 1.0 + e / 1000.0
        count += i
    return low, product, count


def downwards(x, start):
    total = 0.0
    for i in range(start, -1, -1):
        total += np.sin(x[i])
    return total


def by_3(x):
    total = 0.0
    for i in range(2, x.size, 3):
        total += np.cos(x[i]) * x[i - 1]
    return total


def while_loop(x, n):
    i = 0
    total = 0.0
    while i < n:
        total += np.exp(-x[i])
        i += 1
    return total, i


def single(x):
    total = np.float32(0.0)
    for i in range(x.size):
        total += np.exp(-x[i])
    return total


def rows(a, out):
    for i in range(a.shape[0]):
        total = 0.0
        for j in range(a.shape[1]):
            total += np.tanh(a[i, j])
        out[i] = total


def log_sum(x):
    total = 0.0
    for i in range(x.size):
        total += math.log(x[i])
    return total


def log_into(out, x):
    for i in range(x.size):
        out[i] = math.log(x[i])


def log_in_place(x, y):
    for i in range(x.size):
        x[i] = math.log(x[i]) + y[i]


def log_of_the_one_before(x):
    for i in range(1, x.size):
        x[i] = math.log(x[i - 1] + 2.0)


def stored_and_read_again(out, x):
    total = 0.0
    for i in range(x.size):
        out[i] = math.sqrt(x[i]) + math.exp(-x[i])
        x[i] = out[i] - 1.0
        total += out[i]
    return total


def error_in_order(out, x, limit):
    total = 0.0
    for i in range(x.size):
        total += math.exp(x[i])
        out[i] = total
        if_less = math.sqrt(limit - total)
        out[i] += if_less
    return total


def two_errors(x, y):
    total = 0.0
    for i in range(x.size):
        total += math.log(x[i])
        total += math.exp(y[i])
    return total


def divided(x, k):
    total = 0.0
    for i in range(x.size):
        total += np.tanh(x[i]) / (100 // k[i])
    return total


def same(n):
    a = floats(n)
    return (a, a)


BAD = [(0, -1.0), (3, 0.0), (255, -2.0), (256, -1.0), (300, float("nan")), (-1, -1.0)]
ROWS = {
    tanh_sum: [(floats(n),) for n in SIZES],
    tanh_trace: [(floats(n * n).reshape(n, n),) for n in (0, 1, 17, 300)],
    two_sums: [(floats(n), floats(n)) for n in SIZES] + [(floats(300), floats(299))],
    downwards: [(floats(n), n - 1) for n in SIZES] + [(floats(300), 300)],
    by_3: [(floats(n),) for n in SIZES],
    while_loop: [(floats(n), n) for n in SIZES] + [(floats(300), 301), (floats(300), 259)],
    single: [(floats(n).astype(np.float32),) for n in SIZES],
    rows: [(floats(5 * n).reshape(5, n), np.zeros(m)) for n in SIZES for m in (5, 4)],
    log_sum: [(floats(n),) for n in SIZES] + [(with_bad(600, *bad),) for bad in BAD],
    log_into: [(np.zeros(n), floats(n)) for n in SIZES]
    + [(np.zeros(600), with_bad(600, *bad)) for bad in BAD]
    + [same(n) for n in (7, 300, 600)]
    + [(np.zeros(299), floats(300))],
    log_in_place: [(floats(n), floats(n)) for n in SIZES]
    + [(with_bad(600, *bad), floats(600)) for bad in BAD]
    + [same(n) for n in (7, 300, 600)],
    log_of_the_one_before: [(floats(n),) for n in SIZES] + [(with_bad(600, 300, -5.0),)],
    stored_and_read_again: [(np.zeros(n), floats(n)) for n in SIZES]
    + [same(300)]
    + [(np.zeros(600), with_bad(600, *bad)) for bad in BAD],
    error_in_order: [(np.zeros(600), floats(600), limit) for limit in (-1.0, 3.0, 300.0, 1500.0, 1e9)],
    two_errors: [
        (with_bad(600, a, -1.0), with_bad(600, b, 1000.0))
        for a in (5, 300, 301)
        for b in (4, 6, 299, 300, 302)
    ],
    divided: [(floats(300), np.full(300, k)) for k in (1, 7)]
    + [(floats(300), np.arange(300) - z) for z in (-1, 0, 150, 299)],
}


@pytest.mark.parametrize("func", ROWS, ids=lambda func: func.__name__)
def test_loop(func):
    check_all(func, ROWS[func], rtol=1e-6 if func is single else 1e-13)


def overlapping(out, x):
    for i in range(x.size):
        out[i] = math.sqrt(x[i]) + math.exp(-x[i])


@pytest.mark.parametrize("shift", [-300, -1, 0, 1, 2, 255, 256, 300])
def test_views_that_overlap(shift):
    """What one round writes is read by a later one when `out` lies `shift` elements behind `x`."""
    compiled = hotloop.njit(overlapping)
    memory = floats(1300)
    results = []
    for run in (overlapping, compiled):
        a = memory.copy()
        run(a[300 + shift : 1000 + shift], a[300:1000])
        results.append(a)
    np.testing.assert_allclose(results[1], results[0], rtol=1e-12)


def elements(out, x):
    for i in range(x.size):
        out[i] = np.tanh(x[i])


@pytest.mark.parametrize("n", SIZES)
def test_additions_keep_their_order(n):
    """The sum has the bits of the elements added one after the other."""
    x, out = floats(n), np.empty(n)
    hotloop.njit(elements)(out, x)
    total = 0.0
    for value in out.tolist():
        total += value
    assert hotloop.njit(tanh_sum)(x) == total
