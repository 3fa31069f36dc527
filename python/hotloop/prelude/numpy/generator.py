"""np.random.Generator: methods of a generator that is an argument, drawn by NumPy's own functions.

They take numbers as parameters and None, an int or a tuple as size, and check parameters in NumPy's order and
words.  A `generator` here is compiled code's address of the object.
"""

import numpy as np

from .. import implements
from ..core.arrays import flat
from ..core.streams import (
    generator_bounded,
    generator_fill,
    generator_real,
    generator_sample,
    generator_whole,
)
from .random import MAX_POISSON, check_range, limit_of, moved
from .sampling import (
    above_0,
    above_0_to_1,
    above_1,
    at_least_0,
    count_of,
    from_0_below_1,
    from_0_to_1,
    sample,
    whole,
    whole_at_least_0,
)


def reals(generator, name, parameters, size):
    """Return a real number of a distribution, or an array of them."""
    return sample(np.float64, generator_real, (generator, name, *parameters), size)


def wholes(generator, name, parameters, size):
    """Return a whole number of a distribution, or an array of them."""
    return sample(np.int64, generator_whole, (generator, name, *parameters), size)


def reals_of(generator, name, name_32, parameters, size, dtype):
    """Return real numbers of float64 or float32, which have a function each."""
    if np.dtype(dtype).itemsize == 8:
        return reals(generator, name, parameters, size)
    if size is None:
        return float(generator_real(generator, name_32, *parameters))
    out = np.empty(size, np.float32)
    items = flat(out)
    for i in range(items.shape[0]):
        items[i] = np.float32(generator_real(generator, name_32, *parameters))
    return out


# ---- uniform numbers, integers


@implements("Generator.random")
def random(self, size=None, dtype=np.float64):
    """Generator.random: numbers in [0, 1)."""
    return reals_of(self, "standard_uniform", "standard_uniform_f", (), size, dtype)


@implements("Generator.uniform")
def uniform(self, low=0.0, high=1.0, size=None):
    """Generator.uniform: numbers in [low, high)."""
    first = np.float64(low)
    span = np.float64(high) - first
    if not np.isfinite(span):
        raise OverflowError("high - low range exceeds valid bounds")
    return reals(self, "uniform", (first, at_least_0(span, "high - low")), size)


def function_for(dtype):
    """Return the name of NumPy's function for integers of this size."""
    if dtype.kind == "b":
        return "bounded_bool_fill"
    if dtype.itemsize == 8:
        return "bounded_uint64_fill"
    if dtype.itemsize == 4:
        return "bounded_uint32_fill"
    return "bounded_uint16_fill" if dtype.itemsize == 2 else "bounded_uint8_fill"


def integer_array(generator, low, high, size, kind):
    """Return an array of integers in [low, high)."""
    if count_of(size) != 0:
        check_range(low, high, kind)
    out = np.empty(size, kind)
    if out.size > 0:
        bits = np.int64(low).astype(np.uint64)
        generator_fill(generator, function_for(out.dtype), bits, limit_of(np.int64(low), high), out)
    return out


def integer(generator, low, high, kind):
    """Return an integer in [low, high)."""
    check_range(low, high, kind)
    limit = limit_of(np.int64(low), high)
    value = generator_bounded(generator, function_for(np.dtype(kind)), np.uint64(0), limit)
    return moved(value, np.int64(low), kind)


@implements("Generator.integers")
def integers(self, low, high=None, size=None, dtype=np.int64):
    """Generator.integers: integers in [low, high), or in [0, low)."""
    if high is None:
        return integers(self, 0, low, size, dtype)
    first, end, kind = int(whole(low)), int(whole(high)), np.dtype(dtype).type
    if size is None:
        value = integer(self, first, end, kind)
        if dtype is int:
            return int(value)
        return bool(value) if dtype is bool else value
    return integer_array(self, first, end, size, kind)


# ---- continuous distributions


@implements("Generator.standard_normal")
def standard_normal(self, size=None, dtype=np.float64):
    """Generator.standard_normal: normal numbers with mean 0 and deviation 1."""
    return reals_of(self, "standard_normal", "standard_normal_f", (), size, dtype)


@implements("Generator.standard_exponential")
def standard_exponential(self, size=None, dtype=np.float64):
    """Generator.standard_exponential: the exponential distribution with scale 1."""
    return reals_of(self, "standard_exponential", "standard_exponential_f", (), size, dtype)


@implements("Generator.standard_gamma")
def standard_gamma(self, shape, size=None, dtype=np.float64):
    """Generator.standard_gamma: the gamma distribution with scale 1."""
    return reals_of(self, "standard_gamma", "standard_gamma_f", (at_least_0(shape, "shape"),), size, dtype)


@implements("Generator.normal")
def normal(self, loc=0.0, scale=1.0, size=None):
    """Generator.normal: the normal distribution."""
    return reals(self, "normal", (np.float64(loc), at_least_0(scale, "scale")), size)


@implements("Generator.lognormal")
def lognormal(self, mean=0.0, sigma=1.0, size=None):
    """Generator.lognormal: exp of a normal number."""
    return reals(self, "lognormal", (np.float64(mean), at_least_0(sigma, "sigma")), size)


@implements("Generator.exponential")
def exponential(self, scale=1.0, size=None):
    """Generator.exponential: the exponential distribution."""
    return reals(self, "exponential", (at_least_0(scale, "scale"),), size)


@implements("Generator.gamma")
def gamma(self, shape, scale=1.0, size=None):
    """Generator.gamma: the gamma distribution."""
    return reals(self, "gamma", (at_least_0(shape, "shape"), at_least_0(scale, "scale")), size)


@implements("Generator.beta")
def beta(self, a, b, size=None):
    """Generator.beta: the beta distribution."""
    return reals(self, "beta", (above_0(a, "a"), above_0(b, "b")), size)


@implements("Generator.chisquare")
def chisquare(self, df, size=None):
    """Generator.chisquare: the chi-square distribution."""
    return reals(self, "chisquare", (above_0(df, "df"),), size)


@implements("Generator.noncentral_chisquare")
def noncentral_chisquare(self, df, nonc, size=None):
    """Generator.noncentral_chisquare: the noncentral chi-square distribution."""
    return reals(self, "noncentral_chisquare", (above_0(df, "df"), at_least_0(nonc, "nonc")), size)


@implements("Generator.f")
def f(self, dfnum, dfden, size=None):
    """Generator.f: the F distribution."""
    return reals(self, "f", (above_0(dfnum, "dfnum"), above_0(dfden, "dfden")), size)


@implements("Generator.noncentral_f")
def noncentral_f(self, dfnum, dfden, nonc, size=None):
    """Generator.noncentral_f: the noncentral F distribution."""
    return reals(
        self,
        "noncentral_f",
        (above_0(dfnum, "dfnum"), above_0(dfden, "dfden"), at_least_0(nonc, "nonc")),
        size,
    )


@implements("Generator.standard_cauchy")
def standard_cauchy(self, size=None):
    """Generator.standard_cauchy: the Cauchy distribution."""
    return reals(self, "standard_cauchy", (), size)


@implements("Generator.standard_t")
def standard_t(self, df, size=None):
    """Generator.standard_t: Student's t distribution."""
    return reals(self, "standard_t", (above_0(df, "df"),), size)


@implements("Generator.pareto")
def pareto(self, a, size=None):
    """Generator.pareto: the Pareto II distribution."""
    return reals(self, "pareto", (above_0(a, "a"),), size)


@implements("Generator.weibull")
def weibull(self, a, size=None):
    """Generator.weibull: the Weibull distribution."""
    return reals(self, "weibull", (at_least_0(a, "a"),), size)


@implements("Generator.power")
def power(self, a, size=None):
    """Generator.power: the power distribution."""
    return reals(self, "power", (above_0(a, "a"),), size)


@implements("Generator.laplace")
def laplace(self, loc=0.0, scale=1.0, size=None):
    """Generator.laplace: the Laplace distribution."""
    return reals(self, "laplace", (np.float64(loc), at_least_0(scale, "scale")), size)


@implements("Generator.gumbel")
def gumbel(self, loc=0.0, scale=1.0, size=None):
    """Generator.gumbel: the Gumbel distribution."""
    return reals(self, "gumbel", (np.float64(loc), at_least_0(scale, "scale")), size)


@implements("Generator.logistic")
def logistic(self, loc=0.0, scale=1.0, size=None):
    """Generator.logistic: the logistic distribution."""
    return reals(self, "logistic", (np.float64(loc), at_least_0(scale, "scale")), size)


@implements("Generator.rayleigh")
def rayleigh(self, scale=1.0, size=None):
    """Generator.rayleigh: the Rayleigh distribution."""
    return reals(self, "rayleigh", (at_least_0(scale, "scale"),), size)


@implements("Generator.wald")
def wald(self, mean, scale, size=None):
    """Generator.wald: the Wald distribution."""
    return reals(self, "wald", (above_0(mean, "mean"), above_0(scale, "scale")), size)


@implements("Generator.vonmises")
def vonmises(self, mu, kappa, size=None):
    """Generator.vonmises: the von Mises distribution."""
    return reals(self, "vonmises", (np.float64(mu), at_least_0(kappa, "kappa")), size)


@implements("Generator.triangular")
def triangular(self, left, mode, right, size=None):
    """Generator.triangular: the triangular distribution."""
    low, peak, high = np.float64(left), np.float64(mode), np.float64(right)
    if low > peak:
        raise ValueError("left > mode")
    if peak > high:
        raise ValueError("mode > right")
    if low == high:
        raise ValueError("left == right")
    return reals(self, "triangular", (low, peak, high), size)


# ---- discrete distributions


@implements("Generator.binomial")
def binomial(self, n, p, size=None):
    """Generator.binomial: the binomial distribution."""
    chance = from_0_to_1(p, "p")
    return wholes(self, "binomial", (chance, whole_at_least_0(n, "n")), size)


@implements("Generator.negative_binomial")
def negative_binomial(self, n, p, size=None):
    """Generator.negative_binomial: the negative binomial distribution."""
    count, chance = np.float64(n), np.float64(p)
    if count != count:
        raise ValueError("n must not be NaN")
    count, chance = above_0(n, "n"), above_0_to_1(p, "p")
    if (1 - chance) / chance * (count + 10 * np.sqrt(count)) > MAX_POISSON:
        raise ValueError("n too large or p too small, see Generator.negative_binomial Notes")
    return wholes(self, "negative_binomial", (count, chance), size)


@implements("Generator.poisson")
def poisson(self, lam=1.0, size=None):
    """Generator.poisson: the Poisson distribution."""
    mean = np.float64(lam)
    if not mean >= 0:
        raise ValueError("lam < 0 or lam is NaN")
    if not mean <= MAX_POISSON:
        raise ValueError("lam value too large")
    return wholes(self, "poisson", (mean,), size)


@implements("Generator.geometric")
def geometric(self, p, size=None):
    """Generator.geometric: the geometric distribution."""
    return wholes(self, "geometric", (above_0_to_1(p, "p"),), size)


@implements("Generator.zipf")
def zipf(self, a, size=None):
    """Generator.zipf: the Zipf distribution."""
    return wholes(self, "zipf", (above_1(a, "a"),), size)


@implements("Generator.logseries")
def logseries(self, p, size=None):
    """Generator.logseries: the logarithmic series distribution."""
    return wholes(self, "logseries", (from_0_below_1(p, "p"),), size)


@implements("Generator.hypergeometric")
def hypergeometric(self, ngood, nbad, nsample, size=None):
    """Generator.hypergeometric: the hypergeometric distribution."""
    good, bad, taken = whole(ngood), whole(nbad), whole(nsample)
    if good >= 10**9 or bad >= 10**9:
        raise ValueError("both ngood and nbad must be less than 1000000000")
    if good + bad < taken:
        raise ValueError("ngood + nbad < nsample")
    good, bad = whole_at_least_0(ngood, "ngood"), whole_at_least_0(nbad, "nbad")
    taken = whole_at_least_0(nsample, "nsample")
    return sample(np.int64, generator_sample, (self, "hypergeometric", good, bad, taken), size)


# ---- orders


def draw_index(generator, limit):
    """Return an index in [0, limit]."""
    return int(generator_whole(generator, "interval", np.int64(limit)))


@implements("Generator.shuffle")
def shuffle(self, x):
    """Generator.shuffle: the elements, or the parts along the first axis, in a random order."""
    if isinstance(x, list) or x.ndim == 1:
        for i in range(len(x) - 1, 0, -1):
            j = draw_index(self, i)
            x[i], x[j] = x[j], x[i]
    elif x.size > 0:
        kept = np.empty_like(x[0])
        for i in range(x.shape[0] - 1, 0, -1):
            j = draw_index(self, i)
            if i != j:
                kept[...] = x[j]
                x[j] = x[i]
                x[i] = kept


@implements("Generator.permutation")
def permutation(self, x):
    """Generator.permutation: range(x), or a copy of an array, in a random order."""
    if isinstance(x, (int, np.integer)):
        out = np.arange(int(x))
        shuffle(self, out)
        return out
    if isinstance(x, list):
        return permutation(self, np.asarray(x))
    if x.ndim == 1:
        out = x.copy()
        shuffle(self, out)
        return out
    order = permutation(self, x.shape[0])
    out = np.empty(x.shape, x.dtype.type)
    for i in range(out.shape[0]):
        out[i] = x[order[i]]
    return out
