"""Statements: if, while, for, else, break, continue; range in all forms; enumerate, zip; unbound names."""

import numpy as np
import pytest

from harness import check, check_all


def classify(n):
    if n < 0:
        return -1
    elif n == 0:
        return 0
    elif n < 10:
        kind = 1
    else:
        kind = 2
    return kind


def while_else(n, stop):
    i = 0
    while i < n:
        if i == stop:
            break
        i += 1
    else:
        return -1
    return i


def for_else(n, stop):
    found = -5
    for i in range(n):
        if i == stop:
            found = i
            break
    else:
        found = -1
    return found


def continue_odd(n):
    total = 0
    for i in range(n):
        if i % 2:
            continue
        total += i
    return total


def nested_break(n, m, limit):
    count = 0
    for i in range(n):
        for j in range(m):
            if i * j > limit:
                break
            if (i + j) % 3 == 0:
                continue
            count += 1
        else:
            count += 100
            continue
        count += 10000
    else:
        count += 1000000
    return count


def triple_nest(n):
    total = 0
    for i in range(n):
        for j in range(i, n):
            for k in range(j, i, -1):
                if k == 3:
                    break
                total += i * 100 + j * 10 + k
    return total


def while_true(n):
    steps = 0
    while True:
        if n <= 1:
            break
        n = n // 2
        steps += 1
    return steps, n


def while_in_for(n):
    total = 0
    for i in range(n):
        j = i
        while j > 0:
            total += j
            j -= 2
            if total > 50:
                return total, i, j
    return total, -1, -1


def last_value(n):
    i = -7
    for i in range(n):
        pass
    return i


def changed_inside(n):
    out = 0
    for i in range(n):
        out += i
        i = 100
        out += i
    return out


def bound_changed(n):
    count = 0
    for _ in range(n):
        n += 1
        count += 1
    return count, n


def early_return(n):
    for i in range(n):
        for j in range(n):
            if i * j == 12:
                return i, j
    return -1, -1


def pass_only(n):
    for _ in range(n):
        pass
    while n > 0:
        n -= 1
    return n


def ternaries(a, b):
    x = a if a > b else b
    y = (a if a < 0 else b) if b < 0 else (1 if a else 2)
    return x, y, (a > b) + (a < b if b else a == b)


def boolean_values(a, b, c):
    return a and b, a or b, a and b or c, (a or b) and c, not (a and b), not a or not b


def chained(a, b, c):
    return a < b < c, a <= b == c, a < b > c, a != b != c, 0 < a < 10 > b


def short_circuit(a, b):
    if b != 0 and a // b > 2:
        return 1
    if b == 0 or a % b == 0:
        return 2
    return 3


def walrus(n):
    total = 0
    while (half := n // 2) > 0:
        total += half
        n = half
    if (m := total * 2) > 5 and (k := m + 1):
        return total, m, k
    return total, m, 0


def deleted(a):
    b = a + 1
    del b
    b = a + 2
    return b


def many_locals(a):
    b = a + 1
    c = b * 2
    d = c - a
    e = d * d
    f = e + b
    g, h = f - c, d + e
    if g > h:
        g, h, b = h, b, g
    return a, b, c, d, e, f, g, h


def flags(n):
    seen_even = seen_odd = False
    first = None
    for i in range(1, n):
        if i % 2 == 0:
            seen_even = True
        else:
            seen_odd = True
    return seen_even, seen_odd, first


def fizz(n):
    a = b = c = 0
    for i in range(n):
        if i % 15 == 0:
            c += i
        elif i % 5 == 0:
            b += i
        elif i % 3 == 0:
            a += i
        else:
            continue
        a, b = b, a
    return a, b, c


def primes(n):
    count = 0
    for i in range(2, n):
        j = 2
        while j * j <= i:
            if i % j == 0:
                break
            j += 1
        else:
            count += 1
    return count


ROWS = [
    (classify, [(n,) for n in (-5, 0, 3, 50)]),
    (while_else, [(5, 3), (5, 9), (0, 0)]),
    (for_else, [(5, 3), (5, 9), (0, 0)]),
    (continue_odd, [(10,), (0,), (1,)]),
    (nested_break, [(4, 5, 3), (0, 5, 1), (3, 0, 1), (9, 9, 100), (5, 5, -1)]),
    (triple_nest, [(0,), (1,), (6,)]),
    (while_true, [(1,), (100,), (-3,)]),
    (while_in_for, [(3,), (20,), (0,)]),
    (last_value, [(0,), (1,), (5,), (-2,)]),
    (changed_inside, [(4,)]),
    (bound_changed, [(4,), (0,)]),
    (early_return, [(3,), (7,)]),
    (pass_only, [(5,), (-5,)]),
    (ternaries, [(1, 2), (2, 1), (0, 0), (-1, -2), (0, -5)]),
    (
        boolean_values,
        [(a, b, c) for a in (0, 2) for b in (0, 3) for c in (0, 4)] + [(0.0, 1.5, 2.5), (True, False, True)],
    ),
    (chained, [(1, 2, 3), (3, 2, 1), (2, 2, 2), (1, 5, 2), (1.0, 2.0, 2.0), (float("nan"), 1.0, 2.0)]),
    (short_circuit, [(9, 3), (9, 0), (7, 3), (1, 5)]),
    (walrus, [(20,), (1,), (0,), (3,)]),
    (deleted, [(1,)]),
    (many_locals, [(3,), (-4,), (2.5,)]),
    (flags, [(0,), (2,), (5,)]),
    (fizz, [(40,)]),
    (primes, [(2,), (60,)]),
]


@pytest.mark.parametrize("func, rows", ROWS, ids=lambda x: getattr(x, "__name__", ""))
def test_statement(func, rows):
    check_all(func, rows)


# ---- range

STARTS, STOPS, STEPS = [0, 3, -4, 10], [0, 5, -3, 10], [1, 2, 3, 7, -1, -2, -5, 100, -100]


def trace_range(start, stop, step):
    total, count, last = 0, 0, -99
    for i in range(start, stop, step):
        count += 1
        total += count * i
        last = i
    return total, count, last, len(range(start, stop, step))


def test_range_of_three():
    check_all(trace_range, [(a, b, s) for a in STARTS for b in STOPS for s in STEPS])


def test_range_step_zero():
    check_all(trace_range, [(0, 5, 0), (0, 0, 0)])


def test_range_at_the_edge_of_64_bits():
    top, bottom = 2**63 - 1, -(2**63)

    def visited(start, stop, step):
        count, last = 0, 0
        for i in range(start, stop, step):
            count += 1
            last = i
            if count > 20:
                break
        return count, last

    check_all(
        visited,
        [
            (top - 5, top, 2),
            (top - 5, top, 3),
            (bottom + 5, bottom, -2),
            (bottom, bottom + 4, 3),
            (top - 1, top, 5),
            (bottom, top, 2**62),
            (top, bottom, -(2**62)),
            (bottom, top, 1),
            (bottom // 2, top // 2 + 7, 1),
            (top, bottom, -1),
            (top, bottom, -2),
        ],
    )
    check_all(
        lambda a, b, s: len(range(a, b, s)),
        [(0, top, 1), (bottom, top, 1), (bottom, top, 3), (top, bottom, -1)],
    )
    rows = [
        (bottom, top, 1, 5),
        (bottom, top, 1, top),
        (bottom, top, 2, top - 1),
        (top, bottom, -3, 1),
        (5, top, 1, bottom),
    ]
    check_all(lambda a, b, s, x: x in range(a, b, s), rows)


def test_range_of_more_than_63_bits_from_a_constant():
    def first(n):
        for i in range(-(2**62), n):
            if i > -(2**62) + 3:
                break
        return i

    def first_down(n):
        for i in range(n, -(2**62) - 1, -1):
            if i < n - 3:
                break
        return i

    check_all(first, [(2**63 - 1,), (-(2**62) + 2,)])
    check_all(first_down, [(2**63 - 1,), (-(2**62) + 2,)])


@pytest.mark.parametrize("step", [1, 2, 5, -1, -3])
def test_range_with_constant_step(step):
    def count_up(a, b):
        total = 0
        for i in range(a, b, step):
            total = total * 3 % 1000003 + i
        return total

    check_all(count_up, [(a, b) for a in STARTS for b in STOPS])


def test_range_one_and_two_arguments():
    def both(a, b):
        total = 0
        for i in range(b):
            total += i
        for j in range(a, b):
            total += j * j
        return total

    check_all(both, [(a, b) for a in STARTS for b in STOPS] + [(False, True)])


def test_range_of_float_is_refused():
    def count(n):
        for _ in range(n):
            pass

    check_all(count, [(2.0,)], strict=False)


def test_range_value():
    def about(a, b, c):
        r = range(a, b, c)
        return len(r), r[0], r[-1], 4 in r, r.start, r.stop, r.step

    check_all(about, [(0, 10, 2), (10, 0, -3), (4, 5, 1), (0, 0, 1)])


def test_range_of_numpy_integers():
    def total(n):
        out = 0
        for i in range(n):
            out += i
        return out

    check_all(total, [(np.int32(5),), (np.uint8(200),), (np.int64(-3),)])


# ---- enumerate and zip


def enumerated(t, start):
    total = 0
    for i, x in enumerate(t):
        total += i * x
    for i, x in enumerate(t, start):
        total += i * x * 1000
    for i, x in enumerate(t, start=start):
        total += i * x * 7
    return total


def zipped(a, b, c):
    total, count = 0.0, 0
    for x, y, (k, z) in zip(a, b, enumerate(c)):
        total += x * y * (z + k)
        count += 1
    for (x,) in zip(a):
        total -= x
    for pair in zip(a, range(1, 100)):
        total += pair[0] * pair[1]
    return total, count


def test_enumerate():
    check_all(enumerated, [((1, 2, 3), 5), (np.arange(5), -2), (np.arange(0.0, 2.0, 0.5), 1), ((7,), 2)])


def test_zip():
    a, b, c = np.arange(5.0), np.arange(3), np.arange(4, dtype=np.float32)
    check_all(zipped, [(a, b, c), (b, a, c), ((1, 2), (3, 4), (5, 6)), (a[:0], b, c), ((1.5,), a, b)])


def test_zip_of_ranges_and_nothing():
    def total(n, m):
        out = 0
        for i, j in zip(range(n), range(10, m, 3)):
            out += i * j
        for _ in zip():
            out += 1000
        return out

    check_all(total, [(5, 20), (2, 100), (0, 50)])


# ---- Names not yet bound


def unbound_after_loop(n):
    for i in range(n):
        pass
    return i


def unbound_in_branch(flag):
    if flag:
        x = 1.5
    return x


def unbound_array(flag, a):
    if flag:
        b = a[1:]
    return b


def unbound_after_delete(flag, x):
    y = x
    if flag:
        del y
    return y


def unbound_in_loop(n):
    total = 0
    for i in range(n):
        if i > 0:
            total += late
        if i == 1 or n > 5:
            late = i
    return total


UNBOUND = [
    (unbound_after_loop, [(3,), (0,)]),
    (unbound_in_branch, [(True,), (False,)]),
    (unbound_array, [(True, np.arange(3)), (False, np.arange(3))]),
    (unbound_after_delete, [(False, 2), (True, 2)]),
    (unbound_in_loop, [(1,), (3,), (7,)]),
]


@pytest.mark.parametrize("func, rows", UNBOUND, ids=lambda x: getattr(x, "__name__", ""))
def test_unbound_local(func, rows):
    check_all(func, rows)


# ---- Types that meet at a join


def int_or_float(flag, a, b):
    return a if flag else b


def grows_to_float(n):
    x = 1
    for _ in range(n):
        x = x / 2
    return x


def test_join_of_int_and_float():
    check_all(int_or_float, [(True, 1, 2.5), (False, 1, 2.5), (True, True, 2), (False, 3j, 1.0)], join=True)
    check_all(grows_to_float, [(0,), (3,)], join=True)
    check_all(lambda a, b: (a and b, a or b), [(0, 1.5), (2, 0.0)], join=True)
    check_all(lambda a, b: (min(a, b), max(a, b)), [(1, 2.5), (3, 2.5), (2, 2.0), (2.0, 2)], join=True)


def value_or_none(x):
    if x < 0:
        return None
    return x * 2


def falls_off(x):
    if x > 0:
        return x


def none_then_value(n):
    best = None
    for i in range(n):
        if best is None or i * 7 % 5 > best:
            best = i * 7 % 5
    return best


@pytest.mark.parametrize("func", [value_or_none, falls_off, none_then_value])
def test_value_or_none(func):
    check_all(func, [(-1,), (0,), (1,), (6,)])


def test_none():
    check(lambda: None)
    check_all(lambda x: (x is None, x is not None, x == None, not x), [(None,), (0,), (1.5,), ((),)])
    check_all(lambda x, y: x if y is None else y, [(1, None), (1, 2)])
