"""reversed and map, and iterators that are kept."""

import numpy as np
import pytest

from harness import check_all


def backwards(t):
    seen = []
    for x in reversed(t):
        seen.append(x)
    for i, x in enumerate(reversed(t)):
        seen.append(i * x)
    for x, y in zip(t, reversed(t)):
        seen.append(x - y)
    return seen, list(reversed(t))


def test_reversed():
    check_all(backwards, [((1, 2, 3),), (np.arange(5.0),), (np.arange(6)[::2],), ([1, 5, 9],), ([1.5],)])


def test_reversed_range():
    check_all(
        lambda a, b, c: list(reversed(range(a, b, c))),
        [(0, 5, 1), (0, 0, 1), (2, 15, 3), (7, -4, -2), (-(2**63), 2**63 - 1, 2**62), (3, 2, 5)],
    )


def test_reversed_list_that_shrinks():
    def shrinking(n):
        values, seen = list(range(n)), []
        for x in reversed(values):
            seen.append(x)
            if len(values) > 2:
                values.pop()
                values.pop()
        return seen

    check_all(shrinking, [(0,), (1,), (5,), (6,)])


def cube(x):
    return x * x * x


def mapped(t):
    total = 0
    for x in map(cube, t):
        total += x
    for x in map(lambda p, q: 2 * p - q, t, range(100)):
        total += x
    return total, list(map(abs, t)), sum(map(cube, t))


def test_map():
    check_all(mapped, [((1, -2, 3),), (np.arange(-2, 5),), ([4, -1],), ([0.5],)])


# ---- Iterators that are kept: Python's remember where they stand


def iterated_twice(make):
    def twice(t, stop):
        iterator, total = make(t), 0
        for x in iterator:
            total += x[0]
            if x[0] == stop:
                break
        for x in iterator:
            total += 100 * x[0]
        return total

    return twice


def iterated_in_a_loop(t):
    pairs, total = enumerate(t), 0
    for i in range(3):
        for k, x in pairs:
            total += i * x + k
    return total


def zipped_with_itself(t):
    pairs = enumerate(t)
    return list(zip(pairs, pairs))


def flat_with_itself(a):
    elements = a.flat
    return list(zip(elements, elements))


def flat_counted_then_iterated(a):
    elements, total = a.flat, 0.0
    for i, x in enumerate(elements):
        total += i * x
    for x in elements:
        total += 100 * x
    return float(total)


def test_a_flat_iterator_given_to_another():
    a = np.arange(6.0).reshape(2, 3)
    check_all(flat_counted_then_iterated, [(a,), (a.T,)], strict=False, native=False)
    check_all(
        lambda a: [(float(x), float(y)) for x, y in flat_with_itself(a)], [(a,)], strict=False, native=False
    )
    check_all(lambda a: [float(x * y) for x, y in zip(a.flat, a.T.flat)], [(a,)])


def made_in_a_loop(t):
    total = 0
    for i in range(3):
        pairs = zip(t, t)
        if i != 1:
            for x, y in pairs:
                total += x * y
    return total


ITERATED_TWICE = {
    "zip": lambda t: zip(t, t),
    "enumerate": lambda t: enumerate(t),
    "reversed": lambda t: reversed((t, t)),
    "map": lambda t: map(lambda x: (x, x), t),
}


@pytest.mark.parametrize("name", ITERATED_TWICE)
def test_iterators_go_on_where_they_stand(name):
    twice = iterated_twice(ITERATED_TWICE[name])
    check_all(twice, [((1, 2, 3, 4), 2), ((1, 2, 3, 4), 9)], strict=False, native=False)


def test_iterators_used_again():
    for func in (iterated_in_a_loop, zipped_with_itself):
        check_all(func, [((1, 2, 3, 4),)], strict=False, native=False)


def test_an_iterator_made_anew_in_each_round():
    check_all(made_in_a_loop, [((1, 2, 3),), (np.arange(4.0),)])


# ---- Beside objects: no frame is left within such a loop


def reversed_beside_objects(d, t):
    total = 0
    for x in reversed(t):
        total += d[int(x)]
    return total


def mapped_beside_objects(d, t):
    total = 0
    for x in map(abs, t):
        total += d[int(x)]
    return total


def indices_beside_objects(d, t):
    total = 0
    for i, j in np.ndindex(len(t), 2):
        total += d[i] * d[j]
    return total


def elements_beside_objects(d, t):
    total = 0
    for (i,), x in np.ndenumerate(np.array(t)):
        total += d[i] * int(x)
    return total


@pytest.mark.filterwarnings("ignore::hotloop.core.errors.HotloopPerformanceWarning")
@pytest.mark.parametrize(
    "func",
    [reversed_beside_objects, mapped_beside_objects, indices_beside_objects, elements_beside_objects],
    ids=lambda f: f.__name__,
)
def test_beside_objects(func):
    squares = {i: i * i for i in range(10)}
    rows = [(squares, t) for t in ((1, 2, 3), [4, 5], np.arange(4))]
    check_all(func, [row for row in rows for _ in range(2)], strict=False, native=False)
