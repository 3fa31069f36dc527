"""Starred targets, match on sequences, imports inside a function, deletion and the walrus."""

import numpy as np

from tests.harness import check, check_all


def test_starred_targets():
    def starred(n, a, values):
        a0, *b = (n, 2, 3)
        *c, d = [1, n]
        e, *f, g = (n, 2.5)
        h, *i, j = a
        k, *m = values
        b.append(7)
        return a0, b, c, d, e, f, g, h, i, j, k, m

    check_all(
        starred, [(4, np.arange(2, 6, dtype=np.int8), [1, 2, 3]), (4, np.ones(2), [5]), (1, np.ones(1), [1])]
    )

    def too_few(values):
        *a, b, c = values
        return a, b, c

    check_all(too_few, [([1],), ([1, 2],), ([1, 2, 3],)])


def shape(t):
    match t:
        case (0, y):
            return y
        case (x, y):
            return x + y
        case [x, *rest]:
            return x + len(rest)
        case _:
            return -1


def test_match_on_sequences():
    check_all(shape, [((0, 5),), ((2, 5),), ((2, 5, 6),), ([4, 5, 6],), ([0, 3],), ([],), (3,), (range(4),)])
    check(shape, np.arange(2), strict=False)


def determinant(m):
    match m:
        case [[a, b], [c, d]]:
            return a * d - b * c
        case [[a]]:
            return a
    return 0.5


def test_match_on_arrays():
    """NumPy says whether an array is a sequence: since 2.5 it is."""
    check_all(determinant, [(np.arange(2.0, n * n + 2).reshape(n, n),) for n in range(4)])
    check(determinant, np.ones((2, 3)))
    check(determinant, np.array(1.0), strict=False)


def test_imports():
    def imports(n):
        import math
        import os.path
        from math import floor
        from math import pi as half_turn

        return math.sqrt(n) + floor(2.5) + half_turn, os is not None

    check(imports, 4)


def test_walrus_and_del():
    def walrus(n):
        s = 0
        while (k := n - s) > 0:
            s += 1
        else:
            s += 100
        del n
        return s, k

    check(walrus, 4)
