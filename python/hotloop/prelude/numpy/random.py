"""np.random: the functions of NumPy's global RandomState, drawing from that very state.

A call takes numbers as parameters and None, an int or a tuple as size.  Parameters are checked before the
array is made, in NumPy's order and words.
"""

import numpy as np

from .. import implements
from ..core.streams import numpy_bits32, numpy_double, numpy_normal, numpy_seed, numpy_seed_entropy
from .distributions import (
    below_or_equal,
    draw_beta,
    draw_binomial,
    draw_chisquare,
    draw_exponential,
    draw_f,
    draw_gamma,
    draw_geometric,
    draw_gumbel,
    draw_hypergeometric,
    draw_laplace,
    draw_logistic,
    draw_lognormal,
    draw_logseries,
    draw_negative_binomial,
    draw_noncentral_chisquare,
    draw_noncentral_f,
    draw_normal,
    draw_pareto,
    draw_poisson,
    draw_power,
    draw_rayleigh,
    draw_standard_cauchy,
    draw_standard_exponential,
    draw_standard_gamma,
    draw_standard_t,
    draw_triangular,
    draw_uniform,
    draw_vonmises,
    draw_wald,
    draw_weibull,
    draw_zipf,
    interval,
    mask_of,
)
from .sampling import (
    above_0,
    above_0_to_1,
    above_1,
    at_least_0,
    careful_sum,
    count_of,
    from_0_below_1,
    from_0_to_1,
    sample,
    whole,
    whole_at_least_0,
)

MAX_POISSON = 9.223372006484771e18


@implements("numpy.random.seed")
def seed(seed=None):
    """np.random.seed: the state that follows from 32 bits, or a fresh one."""
    if seed is None:
        numpy_seed_entropy()
    else:
        n = whole(seed)
        if n < 0 or n > 0xFFFFFFFF:
            raise ValueError("Seed must be between 0 and 2**32 - 1")
        numpy_seed(n)


# ---- uniform numbers


@implements("numpy.random.random_sample", "numpy.random.random", "numpy.random.ranf", "numpy.random.sample")
def random_sample(size=None):
    """np.random.random_sample: numbers in [0, 1)."""
    return sample(np.float64, numpy_double, (), size)


@implements("numpy.random.rand")
def rand(*shape):
    """np.random.rand: the same, the shape as arguments."""
    return random_sample(None if len(shape) == 0 else shape)


@implements("numpy.random.uniform")
def uniform(low=0.0, high=1.0, size=None):
    """np.random.uniform: numbers in [low, high)."""
    first = np.float64(low)
    span = np.float64(high) - first
    if not np.isfinite(span):
        raise OverflowError("Range exceeds valid bounds")
    return sample(np.float64, draw_uniform, (first, span), size)


# ---- integers


def check_range(low, high, kind):
    """Raise unless [low, high) is a range of numbers of this kind."""
    dtype = np.dtype(kind)
    if dtype.kind != "i" and low < 0:
        raise ValueError("low is out of bounds for " + dtype.name)
    if dtype.itemsize < 8:
        bits = bits_of(dtype)
        last = (1 << (bits - 1)) - 1 if dtype.kind == "i" else (1 << bits) - 1
        if dtype.kind == "i" and low < -last - 1:
            raise ValueError("low is out of bounds for " + dtype.name)
        if high > last + 1:
            raise ValueError("high is out of bounds for " + dtype.name)
    if low >= high:
        if low == 0:
            raise ValueError("high <= 0")
        raise ValueError("low >= high")


def moved(value, low, kind):
    """Return low + value as a number of this kind."""
    return (low.astype(np.uint64) + value).astype(kind)


def next_part(word, left, limit, mask, bits):
    """Return (value, word, left): a number in [0, limit] of `bits` bits; `left` parts are left of 32 bits."""
    while True:
        if left == 0:
            word, left = numpy_bits32(), 32 // bits
        else:
            word = word >> np.uint64(bits)
        left = left - 1
        value = word & mask
        if value <= limit:
            return value, word, left


def fill_with_parts(items, low, limit, mask, bits):
    """Fill with numbers of `bits` bits in [low, low + limit]."""
    word, left = np.uint64(0), 0
    for i in range(items.shape[0]):
        value, word, left = next_part(word, left, limit, mask, bits)
        items[i] = moved(value, low, items.dtype.type)


def bits_of(dtype):
    """Return how many bits NumPy draws for a number of this dtype."""
    return 1 if dtype.kind == "b" else 8 * dtype.itemsize


def fill_with_integers(items, low, limit, mask):
    """Fill with numbers in [low, low + limit]."""
    dtype = items.dtype
    if limit == 0:
        for i in range(items.shape[0]):
            items[i] = moved(limit, low, dtype.type)
    elif dtype.itemsize < 4:
        fill_with_parts(items, low, limit, mask, bits_of(dtype))
    else:
        for i in range(items.shape[0]):
            items[i] = moved(below_or_equal(limit, mask), low, dtype.type)


def limit_of(low, high):
    """Return high - 1 - low, as uint64."""
    return (np.int64(high) - np.int64(1) - low).astype(np.uint64)


def randint_array(low, high, size, kind):
    """Return an array of random integers in [low, high)."""
    if count_of(size) != 0:
        check_range(low, high, kind)
    out = np.empty(size, kind)
    if out.size > 0:
        first = np.int64(low)
        limit = limit_of(first, high)
        fill_with_integers(out.reshape(-1), first, limit, mask_of(limit))
    return out


def randint_scalar(low, high, kind):
    """Return a random integer in [low, high)."""
    check_range(low, high, kind)
    first = np.int64(low)
    limit = limit_of(first, high)
    mask = mask_of(limit)
    if limit == 0:
        return moved(limit, first, kind)
    if np.dtype(kind).itemsize < 4:
        return moved(next_part(np.uint64(0), 0, limit, mask, bits_of(np.dtype(kind)))[0], first, kind)
    return moved(below_or_equal(limit, mask), first, kind)


@implements("numpy.random.randint")
def randint(low, high=None, size=None, dtype=int):
    """np.random.randint: integers in [low, high), or in [0, low)."""
    if high is None:
        return randint(0, low, size, dtype)
    first, end, kind = int(whole(low)), int(whole(high)), np.dtype(dtype).type
    if size is None:
        value = randint_scalar(first, end, kind)
        if dtype is int:
            return int(value)
        return bool(value) if dtype is bool else value
    return randint_array(first, end, size, kind)


# ---- continuous distributions


@implements("numpy.random.standard_normal")
def standard_normal(size=None):
    """np.random.standard_normal: normal numbers with mean 0 and deviation 1."""
    return sample(np.float64, numpy_normal, (), size)


@implements("numpy.random.randn")
def randn(*shape):
    """np.random.randn: the same, the shape as arguments."""
    return standard_normal(None if len(shape) == 0 else shape)


@implements("numpy.random.normal")
def normal(loc=0.0, scale=1.0, size=None):
    """np.random.normal: the normal distribution."""
    return sample(np.float64, draw_normal, (np.float64(loc), at_least_0(scale, "scale")), size)


@implements("numpy.random.lognormal")
def lognormal(mean=0.0, sigma=1.0, size=None):
    """np.random.lognormal: exp of a normal number."""
    return sample(np.float64, draw_lognormal, (np.float64(mean), at_least_0(sigma, "sigma")), size)


@implements("numpy.random.standard_exponential")
def standard_exponential(size=None):
    """np.random.standard_exponential: the exponential distribution with scale 1."""
    return sample(np.float64, draw_standard_exponential, (), size)


@implements("numpy.random.exponential")
def exponential(scale=1.0, size=None):
    """np.random.exponential: the exponential distribution."""
    return sample(np.float64, draw_exponential, (at_least_0(scale, "scale"),), size)


@implements("numpy.random.standard_gamma")
def standard_gamma(shape, size=None):
    """np.random.standard_gamma: the gamma distribution with scale 1."""
    return sample(np.float64, draw_standard_gamma, (at_least_0(shape, "shape"),), size)


@implements("numpy.random.gamma")
def gamma(shape, scale=1.0, size=None):
    """np.random.gamma: the gamma distribution."""
    return sample(np.float64, draw_gamma, (at_least_0(shape, "shape"), at_least_0(scale, "scale")), size)


@implements("numpy.random.beta")
def beta(a, b, size=None):
    """np.random.beta: the beta distribution."""
    return sample(np.float64, draw_beta, (above_0(a, "a"), above_0(b, "b")), size)


@implements("numpy.random.chisquare")
def chisquare(df, size=None):
    """np.random.chisquare: the chi-square distribution."""
    return sample(np.float64, draw_chisquare, (above_0(df, "df"),), size)


@implements("numpy.random.noncentral_chisquare")
def noncentral_chisquare(df, nonc, size=None):
    """np.random.noncentral_chisquare: the noncentral chi-square distribution."""
    return sample(np.float64, draw_noncentral_chisquare, (above_0(df, "df"), at_least_0(nonc, "nonc")), size)


@implements("numpy.random.f")
def f(dfnum, dfden, size=None):
    """np.random.f: the F distribution."""
    return sample(np.float64, draw_f, (above_0(dfnum, "dfnum"), above_0(dfden, "dfden")), size)


@implements("numpy.random.noncentral_f")
def noncentral_f(dfnum, dfden, nonc, size=None):
    """np.random.noncentral_f: the noncentral F distribution."""
    parameters = (above_0(dfnum, "dfnum"), above_0(dfden, "dfden"), at_least_0(nonc, "nonc"))
    return sample(np.float64, draw_noncentral_f, parameters, size)


@implements("numpy.random.standard_cauchy")
def standard_cauchy(size=None):
    """np.random.standard_cauchy: the Cauchy distribution."""
    return sample(np.float64, draw_standard_cauchy, (), size)


@implements("numpy.random.standard_t")
def standard_t(df, size=None):
    """np.random.standard_t: Student's t distribution."""
    return sample(np.float64, draw_standard_t, (above_0(df, "df"),), size)


@implements("numpy.random.pareto")
def pareto(a, size=None):
    """np.random.pareto: the Pareto II distribution."""
    return sample(np.float64, draw_pareto, (above_0(a, "a"),), size)


@implements("numpy.random.weibull")
def weibull(a, size=None):
    """np.random.weibull: the Weibull distribution."""
    return sample(np.float64, draw_weibull, (at_least_0(a, "a"),), size)


@implements("numpy.random.power")
def power(a, size=None):
    """np.random.power: the power distribution."""
    return sample(np.float64, draw_power, (above_0(a, "a"),), size)


@implements("numpy.random.laplace")
def laplace(loc=0.0, scale=1.0, size=None):
    """np.random.laplace: the Laplace distribution."""
    return sample(np.float64, draw_laplace, (np.float64(loc), at_least_0(scale, "scale")), size)


@implements("numpy.random.gumbel")
def gumbel(loc=0.0, scale=1.0, size=None):
    """np.random.gumbel: the Gumbel distribution."""
    return sample(np.float64, draw_gumbel, (np.float64(loc), at_least_0(scale, "scale")), size)


@implements("numpy.random.logistic")
def logistic(loc=0.0, scale=1.0, size=None):
    """np.random.logistic: the logistic distribution."""
    return sample(np.float64, draw_logistic, (np.float64(loc), at_least_0(scale, "scale")), size)


@implements("numpy.random.rayleigh")
def rayleigh(scale=1.0, size=None):
    """np.random.rayleigh: the Rayleigh distribution."""
    return sample(np.float64, draw_rayleigh, (at_least_0(scale, "scale"),), size)


@implements("numpy.random.wald")
def wald(mean, scale, size=None):
    """np.random.wald: the Wald distribution."""
    return sample(np.float64, draw_wald, (above_0(mean, "mean"), above_0(scale, "scale")), size)


@implements("numpy.random.vonmises")
def vonmises(mu, kappa, size=None):
    """np.random.vonmises: the von Mises distribution."""
    return sample(np.float64, draw_vonmises, (np.float64(mu), at_least_0(kappa, "kappa")), size)


@implements("numpy.random.triangular")
def triangular(left, mode, right, size=None):
    """np.random.triangular: the triangular distribution."""
    low, peak, high = np.float64(left), np.float64(mode), np.float64(right)
    if low > peak:
        raise ValueError("left > mode")
    if peak > high:
        raise ValueError("mode > right")
    if low == high:
        raise ValueError("left == right")
    return sample(np.float64, draw_triangular, (low, peak, high), size)


# ---- discrete distributions


@implements("numpy.random.binomial")
def binomial(n, p, size=None):
    """np.random.binomial: the binomial distribution."""
    chance = from_0_to_1(p, "p")
    return sample(np.int64, draw_binomial, (whole_at_least_0(n, "n"), chance), size)


@implements("numpy.random.negative_binomial")
def negative_binomial(n, p, size=None):
    """np.random.negative_binomial: the negative binomial distribution."""
    return sample(np.int64, draw_negative_binomial, (above_0(n, "n"), from_0_to_1(p, "p")), size)


@implements("numpy.random.poisson")
def poisson(lam=1.0, size=None):
    """np.random.poisson: the Poisson distribution."""
    mean = np.float64(lam)
    if not mean >= 0:
        raise ValueError("lam < 0 or lam is NaN")
    if not mean <= MAX_POISSON:
        raise ValueError("lam value too large")
    return sample(np.int64, draw_poisson, (mean,), size)


@implements("numpy.random.geometric")
def geometric(p, size=None):
    """np.random.geometric: the geometric distribution."""
    return sample(np.int64, draw_geometric, (above_0_to_1(p, "p"),), size)


@implements("numpy.random.zipf")
def zipf(a, size=None):
    """np.random.zipf: the Zipf distribution."""
    return sample(np.int64, draw_zipf, (above_1(a, "a"),), size)


@implements("numpy.random.logseries")
def logseries(p, size=None):
    """np.random.logseries: the logarithmic series distribution."""
    return sample(np.int64, draw_logseries, (from_0_below_1(p, "p"),), size)


@implements("numpy.random.hypergeometric")
def hypergeometric(ngood, nbad, nsample, size=None):
    """np.random.hypergeometric: the hypergeometric distribution."""
    good, bad, taken = whole(ngood), whole(nbad), whole(nsample)
    if good + bad < taken:
        raise ValueError("ngood + nbad < nsample")
    if good < 0:
        raise ValueError("ngood < 0")
    if bad < 0:
        raise ValueError("nbad < 0")
    if taken < 1:
        raise ValueError("nsample < 1 or nsample is NaN")
    return sample(np.int64, draw_hypergeometric, (good, bad, taken), size)


# ---- distributions of several numbers


def rows_shape(size, n):
    """Return the shape of an array of rows of n numbers."""
    if size is None:
        return (n,)
    return (*size, n) if isinstance(size, tuple) else (size, n)


def skips_empty_draws():
    """Tell whether this NumPy draws no number where none of the trials can have an outcome (before 2.5)."""
    state = np.random.RandomState(1)
    before = state.get_state()[2]
    state.multinomial(0, [0.5, 0.5])
    return state.get_state()[2] == before


SKIPS_EMPTY_DRAWS = skips_empty_draws()


def fill_multinomial(row, n, pvals):
    """Share n trials out among the outcomes, each in turn by its probability among those left."""
    left, rest = n, np.float64(1.0)
    for j in range(row.shape[0] - 1):
        chance = np.float64(pvals[j])
        none = SKIPS_EMPTY_DRAWS and (left == 0 or chance == 0)
        count = np.int64(0) if none else draw_binomial(left, chance / rest)
        row[j] = count
        left = left - count
        if left <= 0:
            break
        rest = rest - chance
    if left > 0:
        row[row.shape[0] - 1] = left


def check_outcomes(pvals):
    """Raise unless these are probabilities of which all but the last do not exceed 1 together."""
    for j in range(pvals.shape[0]):
        if not (pvals[j] >= 0 and pvals[j] <= 1):
            raise ValueError("pvals < 0, pvals > 1 or pvals contains NaNs")
    if careful_sum(pvals, pvals.shape[0] - 1) > 1.0 + 1e-12:
        if pvals.dtype.kind == "f" and pvals.dtype.itemsize < 8 and pvals.sum() < 1.0001:
            raise ValueError(
                "sum(pvals[:-1].astype(np.float64)) > 1.0. The pvals array is cast to 64-bit floating "
                "point prior to checking the sum. Precision changes when casting may cause problems even if "
                "the sum of the original pvals is valid."
            )
        raise ValueError("sum(pvals[:-1]) > 1.0")


@implements("numpy.random.multinomial")
def multinomial(n, pvals, size=None):
    """np.random.multinomial: how many of n trials have each of several outcomes."""
    if isinstance(pvals, (list, tuple)):
        return multinomial(n, np.asarray(pvals), size)
    trials, d = whole(n), pvals.shape[0]
    check_outcomes(pvals)
    out = np.zeros(rows_shape(size, d), np.int64)
    if trials < 0:
        raise ValueError("n < 0")
    rows = out.reshape(out.size // d if d > 0 else 0, d)
    for i in range(rows.shape[0]):
        fill_multinomial(rows[i], trials, pvals)
    return out


@implements("numpy.random.dirichlet")
def dirichlet(alpha, size=None):
    """np.random.dirichlet: rows of gamma numbers with sum 1."""
    if isinstance(alpha, (list, tuple)):
        return dirichlet(np.asarray(alpha), size)
    k = alpha.shape[0]
    for j in range(k):
        if alpha[j] <= 0:
            raise ValueError("alpha <= 0")
    out = np.zeros(rows_shape(size, k), np.float64)
    rows = out.reshape(out.size // k if k > 0 else 0, k)
    for i in range(rows.shape[0]):
        total = np.float64(0.0)
        for j in range(k):
            rows[i, j] = draw_standard_gamma(np.float64(alpha[j]))
            total = total + rows[i, j]
        scale = 1 / total
        for j in range(k):
            rows[i, j] = rows[i, j] * scale
    return out


# ---- orders and choices


@implements("numpy.random.shuffle")
def shuffle(target):
    """np.random.shuffle: the elements, or the parts along the first axis, in a random order.

    `target` is no `x`, so that a list stays the list that is changed.
    """
    if isinstance(target, list) or target.ndim == 1:
        for i in range(len(target) - 1, 0, -1):
            j = interval(i)
            target[i], target[j] = target[j], target[i]
    elif target.size > 0:
        kept = np.empty_like(target[0])
        for i in range(target.shape[0] - 1, 0, -1):
            j = interval(i)
            if i != j:
                kept[...] = target[j]
                target[j] = target[i]
                target[i] = kept


@implements("numpy.random.permutation")
def permutation(x):
    """np.random.permutation: range(x), or a copy of an array, in a random order."""
    if isinstance(x, (int, np.integer)):
        out = np.arange(int(x))
        shuffle(out)
        return out
    if isinstance(x, list):
        return permutation(np.asarray(x))
    if x.ndim == 1:
        out = x.copy()
        shuffle(out)
        return out
    order = permutation(x.shape[0])
    out = np.empty(x.shape, x.dtype.type)
    for i in range(out.shape[0]):
        out[i] = x[order[i]]
    return out


def check_population(n, size, is_array):
    """Raise where there is nothing to choose from."""
    if n <= 0 and count_of(size) != 0:
        if is_array:
            raise ValueError("'a' cannot be empty unless no samples are taken")
        raise ValueError("a must be greater than 0 unless no samples are taken")


def check_probabilities(p, n, tolerance):
    """Raise unless p is a distribution over n values."""
    if p.shape[0] != n:
        raise ValueError("'a' and 'p' must have same size")
    total = careful_sum(p, n)
    if total != total:
        raise ValueError("probabilities contain NaN")
    for i in range(n):
        if p[i] < 0:
            raise ValueError("probabilities are not non-negative")
    if abs(total - 1.0) > tolerance:
        raise ValueError("probabilities do not sum to 1")


def distribution(p):
    """Return the cumulative probabilities, the last exactly 1."""
    out = np.cumsum(p)
    last = out[out.shape[0] - 1]
    for i in range(out.shape[0]):
        out[i] = out[i] / last
    return out


def place(cumulative, u):
    """Return how many of the cumulative probabilities are at most u."""
    low, high = 0, cumulative.shape[0]
    while low < high:
        middle = (low + high) // 2
        if cumulative[middle] <= u:
            low = middle + 1
        else:
            high = middle
    return np.int64(low)


def draw_place(cumulative):
    """Draw an index by the cumulative probabilities."""
    return place(cumulative, numpy_double())


def fill_with_distinct(items, probabilities):
    """Fill with different indices, each batch drawn by the probabilities of those not yet taken."""
    p, taken = probabilities.copy(), np.zeros(probabilities.shape[0], np.bool_)
    n, size = 0, items.shape[0]
    while n < size:
        batch = random_sample(size - n)
        for k in range(n):
            p[items[k]] = 0
        cumulative = distribution(p)
        for k in range(batch.shape[0]):
            index = place(cumulative, batch[k])
            if not taken[index]:
                taken[index] = True
                items[n] = index
                n = n + 1
        for k in range(n):
            taken[items[k]] = False


def distinct_by_probabilities(size, p):
    """Return an array of different indices drawn by their probabilities."""
    out = np.zeros(size, np.int64)
    if np.count_nonzero(p > 0) < out.size:
        raise ValueError("Fewer non-zero entries in p than size")
    fill_with_distinct(out.reshape(-1), p)
    return out


def distinct(n, size):
    """Return an array of different indices below n."""
    out = np.empty(size, np.int64)
    items, order = out.reshape(-1), permutation(n)
    for i in range(items.shape[0]):
        items[i] = order[i]
    return out


def choose_one(n, replace, p):
    """Return a random index below n."""
    if p is None:
        return int(randint(0, n)) if replace else int(permutation(n)[0])
    if replace:
        return int(draw_place(distribution(p)))
    return int(distinct_by_probabilities(1, p)[0])


def choose(n, size, replace, p):
    """Return an array of random indices below n."""
    if replace:
        return randint(0, n, size) if p is None else sample(np.int64, draw_place, (distribution(p),), size)
    if count_of(size) > n:
        raise ValueError("Cannot take a larger sample than population when 'replace=False'")
    if count_of(size) < 0:
        raise ValueError("Negative dimensions are not allowed")
    return distinct(n, size) if p is None else distinct_by_probabilities(size, p)


@implements("numpy.random.choice")
def choice(a, size=None, replace=True, p=None):
    """np.random.choice: elements of an array, or of range(a), by their probabilities."""
    if isinstance(a, (list, tuple)):
        return choice(np.asarray(a), size, replace, p)
    if isinstance(p, (list, tuple)):
        return choice(a, size, replace, np.asarray(p))
    if isinstance(a, (int, np.integer)):
        n = int(a)
        check_population(n, size, False)
    else:
        n = a.shape[0]
        check_population(n, size, True)
    probabilities = None if p is None else p.astype(np.float64)
    if p is not None:
        check_probabilities(
            probabilities, n, 3.4526698e-04 if p.dtype.itemsize == 4 else 1.4901161193847656e-08
        )
    if size is None:
        index = choose_one(n, replace, probabilities)
        return index if isinstance(a, (int, np.integer)) else a[index]
    indices = choose(n, size, replace, probabilities)
    if isinstance(a, (int, np.integer)):
        return indices
    out = np.empty(indices.shape, a.dtype.type)
    items, places = out.reshape(-1), indices.reshape(-1)
    for i in range(items.shape[0]):
        items[i] = a[places[i]]
    return out
