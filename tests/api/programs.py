"""Functions that the tests compile, in a module of their own so that they pickle by reference."""

from hotloop import njit

SCALE = 2.0


@njit
def twice(x):
    """Return twice x."""
    return x + x


def plain(x):
    """Return x scaled."""
    return x * SCALE


renamed = njit(plain)


@njit
def factorial(n):
    """Return n!."""
    return 1 if n < 2 else n * factorial(n - 1)


def make_adder(y):
    """Return a compiled closure."""

    @njit
    def add(x, z=1):
        return x + y + z

    return add


class Accumulator:
    """Has compiled methods."""

    def __init__(self, start):
        self.start = start

    @njit
    def echo(self, x):
        """Return x."""
        return x

    @staticmethod
    @njit
    def square(x):
        """Return x squared."""
        return x * x
