"""What the compiler need not know still gets CPython's answer, by whatever way."""

import pytest

from harness import check_all

ROWS = {
    "int power, negative exponent": (lambda a, b: a**b, [(2, -1), (-3, -2), (1, -5), (0, -1), (2, 3)]),
    "fraction of a negative base": (lambda a, b: a**b, [(-8.0, 1 / 3), (-2.0, 0.5), (2.0, 0.5)]),
    "beyond 64 bits, argument": (lambda a: a // 3, [(2**70,), (-(2**64),), (5,)]),
    "beyond 64 bits, constant": (lambda a: a % 18446744073709551629, [(5,), (-5,)]),
    "tuple repeated": (lambda t, n: t * n, [((1, 2), 3), ((1, 2.0), 0)]),
    "tuple methods": (lambda t, x: (t.count(x), t.index(x)), [((1, 2, 1), 1), ((1, 2), 5)]),
    "float method": (lambda x: (x.is_integer(), x.hex()), [(2.0,), (0.1,)]),
    "text": (lambda n: f"{n:>5}|" + str(n).upper(), [(12,), (1.5,)]),
    "list": (lambda n: [i * i for i in range(n)], [(4,), (0,)]),
    "dict": (lambda n: {i: i * i for i in range(n)}, [(4,)]),
    "set": (lambda n: {i % 3 for i in range(n)}, [(7,)]),
    "sorted": (lambda t: sorted(t, key=lambda x: -x), [((3, 1, 2),)]),
    "keywords": (lambda a: complex(real=a, imag=2), [(1.5,)]),
    "object argument": (lambda s: s.strip().split(","), [(" a,b ",)]),
    "star keywords": (lambda **kw: sorted(kw), [()]),
}


@pytest.mark.parametrize("name", ROWS)
def test_same_answer(name):
    func, rows = ROWS[name]
    check_all(func, rows, strict=False)


def handled(a, b):
    try:
        return a // b
    except ZeroDivisionError as error:
        return str(error)
    finally:
        a += 1


def counted(n):
    for i in range(n):
        yield i * i


def drained(n):
    return sum(counted(n)), list(counted(n))


def starred(t):
    first, *rest = t
    return rest, first


@pytest.mark.parametrize(
    "func, rows", [(handled, [(7, 2), (7, 0)]), (drained, [(5,)]), (starred, [((1, 2, 3),), ((1,),)])]
)
def test_statements(func, rows):
    check_all(func, rows, strict=False)
