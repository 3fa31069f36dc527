"""Functions that the front end is tried on, each with the argument lists it is called with."""

import math

SCALE = 2.5
PAIR = (3, (1, 2.0))


def straight(a, b):
    c = a * b + SCALE
    return c - a // b, c**2, -a, ~b, +a


def branches(a, b):
    if a > b:
        r = 1
    elif a == b:
        r = 2
    else:
        r = 3
    return r if r != 2 else (a, b)


def logic(a, b, c):
    x = a and b or c
    y = not (a or b)
    return x, y, a < b <= c, a is None, b is not None, (a if b else c)


def membership(a):
    return a in (1, 2), a not in {3, 4}, a in PAIR


def collatz(n):
    steps = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return steps


def loop_else(n):
    for i in range(2, n):
        if n % i == 0:
            found = i
            break
        if i == 50:
            continue
    else:
        found = -1
    return found


def while_else(n):
    total = 0
    while n > 0:
        n -= 1
        if n == 3:
            break
        if n % 2:
            continue
        total += n
    else:
        total = -total
    return total, n


def nested(n, m):
    total = 0
    for i in range(n):
        for j in range(m):
            if j > i:
                break
            total += i * j
        else:
            total += 100
    return total


def three_iterators(a, b):
    out = 0
    for i, x in enumerate(a):
        for y, z in zip(b, a):
            for k in range(2):
                out += i + x * y - z * k
    return out


def early_return(a):
    for i, x in enumerate(a):
        for y in a[i:]:
            if x + y == 7:
                return i, (x, y)
    return None


def primes(n):
    count = 0
    for i in range(2, n):
        prime = True
        j = 2
        while j * j <= i:
            if i % j == 0:
                prime = False
                break
            j += 1
        if prime:
            count += 1
    return count


def maybe_unbound(n):
    for i in range(n):
        last = i
    if n > 3:
        extra = last * 2
    return last, extra


def deleted(n):
    x = n
    if n > 1:
        del x
    if n > 2:
        x = 5
    return x


def deletes_unbound(n):
    if n:
        y = n
    del y
    return n


def unpacking(t):
    a, (b, c) = t
    a, b = b, a
    (d, e), f = (a, b), c
    return d, e, f


def swap_three(a, b, c):
    a, b, c = c, a, b
    return a, b, c


def subscripts(a):
    b = a[1:]
    c = a[:-1]
    d = a[::2]
    return b, c, d, a[0], a[-1], a[1:3]


def stores(n):
    a = list(range(n))
    for i in range(n):
        a[i] += a[i - 1]
        a[i] *= 2
    a[1:3] = (7, 8)
    return a


def starred(a, b):
    t = (*a, 1, *b)
    return max(*t), (*t,), math.hypot(*b)


def keywords(a, b=2, *rest, k=3, m=4):
    return a, b, rest, k, m


def calls(x):
    return keywords(x, k=9), keywords(1, 2, x, m=x), round(x, ndigits=1), "%s" % x


def methods(x):
    return x.bit_length(), (x.numerator + x.real), math.floor(x / 2)


def walrus(n):
    while (m := n // 3) > 2:
        n = m
    return n, m


def matching(n):
    match n:
        case 0:
            return "none"
        case 1 | 2:
            return "few"
        case -1:
            return "odd"
        case _:
            return "many"


def raises(n):
    if n < 0:
        raise ValueError("negative", n)
    if n == 0:
        raise ZeroDivisionError
    return n


def asserts(n):
    assert n > 0
    assert n > 1, ("small", n)
    assert n > 2, "still" if n == 2 else "never"
    return n


def divides(a, b):
    return a / b + a % b


def default_args(a, b=(1, 2), *, c="x"):
    return a, b, c


def big(n):
    return n + 9223372036854775807, -9223372036854775808, 1e300, -0.0, 2j, ..., None, True


def state_machine(n):
    state, out = 0, 0
    while True:
        if state == 0:
            state = 1 if n & 1 else 2
        elif state == 1:
            out += n
            state = 2
        else:
            n >>= 1
            if not n:
                break
            state = 0
    return out


def ternary_in_call(a, b):
    return max(a if a > 2 else b, b or a, (a and b))


def many_locals(n):
    a = b = c = d = n
    for a in range(n):
        for b in range(a):
            c = c + d
            d = a if b else c
    return a, b, c, d


def is_chain(a):
    r = 0
    while a is not None:
        r += 1
        a = None if r > 3 else a
    return r


def make_closure(k):
    pair = (k, 1)

    def closure(x):
        return x * k + pair[1]

    return closure


def cell_local(n):
    total = n
    if n > 100:
        return lambda: total
    total += 1
    return total


CALLS = [
    (straight, [(7, 2), (-7, 2)]),
    (branches, [(1, 2), (2, 2), (3, 2)]),
    (logic, [(0, 1, 2), (1, 0, 5), (1, 2, 3), (0, 0, 0)]),
    (membership, [(1,), (4,), (3,)]),
    (collatz, [(1,), (27,)]),
    (loop_else, [(2,), (91,), (97,)]),
    (while_else, [(0,), (3,), (9,)]),
    (nested, [(0, 0), (4, 3), (3, 6)]),
    (three_iterators, [([], []), ([1, 2, 3], [4, 5])]),
    (early_return, [([1, 2],), ([3, 1, 4],), ([9, 3, 4],)]),
    (primes, [(30,)]),
    (maybe_unbound, [(0,), (2,), (5,)]),
    (deleted, [(0,), (2,), (3,)]),
    (deletes_unbound, [(0,), (1,)]),
    (unpacking, [((1, (2, 3)),), ((1, (2, 3, 4)),), ((1, 2, 3),)]),
    (swap_three, [(1, 2, 3)]),
    (subscripts, [((1, 2, 3, 4),)]),
    (stores, [(5,), (1,), (0,)]),
    (starred, [((1, 2), (3.0, 4.0))]),
    (keywords, [(1,), (1, 2, 3, 4)]),
    (calls, [(1.25,)]),
    (methods, [(37,)]),
    (walrus, [(100,), (1,)]),
    (matching, [(0,), (2,), (-1,), (9,)]),
    (raises, [(-1,), (0,), (1,)]),
    (asserts, [(0,), (1,), (2,), (3,)]),
    (divides, [(7, 2), (7, 0)]),
    (default_args, [(1,), (1, 2)]),
    (big, [(-5,)]),
    (state_machine, [(0,), (45,)]),
    (ternary_in_call, [(1, 5), (3, 0)]),
    (many_locals, [(0,), (1,), (4,)]),
    (is_chain, [(None,), (1,)]),
    (make_closure(3), [(4,)]),
    (cell_local, [(4,)]),
]
