"""The module `random`: its functions, from the generator behind them, operation for operation as CPython."""

import math
import sys

import numpy as np

from .. import implements
from .streams import acos, check_fits, cos, exp, log
from .streams import python_bits32, python_double, python_normal, python_seed, python_seed_entropy

SINCE_3_12 = sys.version_info >= (3, 12)
TWO_PI = 2.0 * math.pi
NORMAL_FACTOR = 4 * math.exp(-0.5) / math.sqrt(2.0)
LOG_4 = math.log(4.0)
GAMMA_BOUND = 1.0 + math.log(4.5)


def whole(value):
    """Return an integer; a float has no bits to combine, so it is refused while compiling."""
    return int(value | 0)


@implements("random.seed")
def seed(a=None):
    """random.seed: the state that follows from an int, or a fresh one."""
    if a is None:
        python_seed_entropy()
    else:
        if isinstance(a, np.generic):
            raise TypeError(BAD_SEED)
        python_seed(whole(a))


# ---- integers


def bits(k):
    """Return k random bits, 1 to 64, as uint64: the upper ones of each word drawn, the lower word first."""
    if k <= 32:
        return np.uint64(python_bits32()) >> np.uint64(32 - k)
    low = np.uint64(python_bits32())
    return low | ((np.uint64(python_bits32()) >> np.uint64(64 - k)) << np.uint64(32))


@implements("random.getrandbits")
def getrandbits(k):
    """random.getrandbits: an int of k random bits."""
    if k < 0:
        raise ValueError("number of bits must be non-negative")
    check_fits(k < 64)
    return int(bits(k)) if k > 0 else 0


def below(n):
    """Return a number in [0, n), n above 0, both uint64."""
    k, rest = 0, n
    while rest != 0:
        rest = rest >> np.uint64(1)
        k = k + 1
    value = bits(k)
    while value >= n:
        value = bits(k)
    return value


def moved(first, value):
    """Return first + value, an int."""
    return int(np.int64(first).astype(np.uint64) + value)


def distance(first, end):
    """Return end - first, as uint64, for an end that is not below."""
    return np.int64(end).astype(np.uint64) - np.int64(first).astype(np.uint64)


def raise_empty_range(start, stop, width):
    """Say that there is nothing between start and stop."""
    if SINCE_3_12:
        raise ValueError("empty range in randrange(%s, %s)" % (start, stop))
    raise ValueError("empty range for randrange() (%d, %d, %d)" % (start, stop, width))


def raise_empty_steps(start, stop, step):
    """Say that no step leads from start towards stop."""
    if SINCE_3_12:
        raise ValueError("empty range in randrange(%s, %s, %s)" % (start, stop, step))
    raise ValueError("empty range for randrange()")


@implements("random.randrange")
def randrange(start, stop=None, step=1):
    """random.randrange: an element of range(start, stop, step)."""
    first = whole(start)
    if stop is None:
        if first > 0:
            return moved(0, below(distance(0, first)))
        raise ValueError("empty range for randrange()")
    end, stride = whole(stop), whole(step)
    if stride == 1:
        if first >= end:
            raise_empty_range(first, end, end - first)
        return moved(first, below(distance(first, end)))
    if stride == 0:
        raise ValueError("zero step for randrange()")
    width = end - first
    check_fits((width < 0) == (end < first))
    n = (width + stride - 1) // stride if stride > 0 else (width + stride + 1) // stride
    if n <= 0:
        raise_empty_steps(first, end, stride)
    return first + stride * moved(0, below(distance(0, n)))


@implements("random.randint")
def randint(a, b):
    """random.randint: an int in [a, b]."""
    last = whole(b)
    check_fits(last < 2**63 - 1)
    return randrange(a, last + 1)


@implements("random.choice")
def choice(seq):
    """random.choice: an element."""
    if len(seq) == 0:
        raise IndexError("Cannot choose from an empty sequence")
    return seq[moved(0, below(distance(0, len(seq))))]


@implements("random.shuffle")
def shuffle(x):
    """random.shuffle: the elements in a random order."""
    for i in range(len(x) - 1, 0, -1):
        j = moved(0, below(distance(0, i + 1)))
        x[i], x[j] = x[j], x[i]


# ---- real numbers


@implements("random.random")
def random():
    """random.random: a number in [0, 1)."""
    return python_double()


@implements("random.uniform")
def uniform(a, b):
    """random.uniform: a number between a and b."""
    return a + (b - a) * python_double()


@implements("random.triangular")
def triangular(low=0.0, high=1.0, mode=None):
    """random.triangular: the triangular distribution."""
    u = python_double()
    if mode is None:
        c = 0.5
    else:
        if high - low == 0:
            return float(low)
        c = (mode - low) / (high - low)
    if u > c:
        return high + (low - high) * math.sqrt((1.0 - u) * (1.0 - c))
    return low + (high - low) * math.sqrt(u * c)


@implements("random.normalvariate")
def normalvariate(mu=0.0, sigma=1.0):
    """random.normalvariate: the normal distribution (Kinderman and Monahan)."""
    while True:
        u1 = python_double()
        u2 = 1.0 - python_double()
        z = NORMAL_FACTOR * (u1 - 0.5) / u2
        if z * z / 4.0 <= -log(u2):
            return mu + z * sigma


@implements("random.gauss")
def gauss(mu=0.0, sigma=1.0):
    """random.gauss: the normal distribution, two numbers at a time."""
    return mu + python_normal() * sigma


@implements("random.lognormvariate")
def lognormvariate(mu, sigma):
    """random.lognormvariate: exp of a normal number."""
    x = normalvariate(mu, sigma)
    result = exp(x)
    if result == math.inf and x != math.inf:
        raise OverflowError("math range error")
    return float(result)


@implements("random.expovariate")
def expovariate(lambd):
    """random.expovariate: the exponential distribution."""
    return -log(1.0 - python_double()) / lambd


@implements("random.vonmisesvariate")
def vonmisesvariate(mu, kappa):
    """random.vonmisesvariate: angles around mu."""
    if kappa <= 1e-6:
        return TWO_PI * python_double()
    s = 0.5 / kappa
    r = s + math.sqrt(1.0 + s * s)
    while True:
        z = cos(math.pi * python_double())
        d = z / (r + z)
        u2 = python_double()
        if u2 < 1.0 - d * d or u2 <= (1.0 - d) * exp(d):
            break
    q = 1.0 / r
    angle = acos((q + z) / (1.0 + q * z))
    if python_double() > 0.5:
        return (mu + angle) % TWO_PI
    return (mu - angle) % TWO_PI


def gamma_above_1(alpha, beta):
    """The gamma distribution with alpha above 1 (Cheng)."""
    ainv = math.sqrt(2.0 * alpha - 1.0)
    b = alpha - LOG_4
    c = alpha + ainv
    while True:
        u1 = python_double()
        if not (u1 > 1e-7 and u1 < 0.9999999):
            continue
        u2 = 1.0 - python_double()
        v = log(u1 / (1.0 - u1)) / ainv
        x = alpha * exp(v)
        z = u1 * u1 * u2
        r = b + c * v - x
        if r + GAMMA_BOUND - 4.5 * z >= 0.0 or r >= log(z):
            return x * beta


def gamma_below_1(alpha, beta):
    """The gamma distribution with alpha below 1 (Kennedy and Gentle's GS)."""
    while True:
        u = python_double()
        b = (math.e + alpha) / math.e
        p = b * u
        if p <= 1.0:
            x = p ** (1.0 / alpha)
            if python_double() <= exp(-x):
                return x * beta
        else:
            x = -log((b - p) / alpha)
            if python_double() <= x ** (alpha - 1.0):
                return x * beta


@implements("random.gammavariate")
def gammavariate(alpha, beta):
    """random.gammavariate: the gamma distribution."""
    if alpha <= 0.0 or beta <= 0.0:
        raise ValueError("gammavariate: alpha and beta must be > 0.0")
    if alpha > 1.0:
        return gamma_above_1(alpha, beta)
    if alpha == 1.0:
        return -log(1.0 - python_double()) * beta
    return gamma_below_1(alpha, beta)


@implements("random.betavariate")
def betavariate(alpha, beta):
    """random.betavariate: the beta distribution."""
    y = gammavariate(alpha, 1.0)
    return y / (y + gammavariate(beta, 1.0)) if y else 0.0


@implements("random.paretovariate")
def paretovariate(alpha):
    """random.paretovariate: the Pareto distribution."""
    u = 1.0 - python_double()
    return u ** (-1.0 / alpha)


@implements("random.weibullvariate")
def weibullvariate(alpha, beta):
    """random.weibullvariate: the Weibull distribution."""
    u = 1.0 - python_double()
    return alpha * (-log(u)) ** (1.0 / beta)


if SINCE_3_12:
    expovariate.__defaults__ = (1.0,)
if sys.version_info >= (3, 13):
    BAD_SEED = "The only supported seed types are:\nNone, int, float, str, bytes, and bytearray."
else:
    BAD_SEED = "The only supported seed types are: None,\nint, float, str, bytes, and bytearray."
