"""Collatz: how many steps all numbers below a limit take to reach 1. Integers, branches without a pattern."""

SIZES = (1_000, 100_000)
C_RESULT = "i8"


def collatz(limit):
    total = 0
    for start in range(1, limit):
        n = start
        while n != 1:
            if n % 2 == 0:
                n //= 2
            else:
                n = 3 * n + 1
            total += 1
    return total


def arguments(size):
    return (size,)


def c_arguments(limit):
    return (limit,)
