"""One draw from each distribution of NumPy's RandomState, operation for operation as NumPy computes it.

Parameters are NumPy scalars that have been checked; so are the results.  These streams are frozen in NumPy
since version 1.16, with the faults they had: a formula must not be improved here.
"""

import numpy as np

from ..core.streams import (
    acos,
    cos,
    exp,
    fmod,
    log,
    log1p,
    numpy_bits32,
    numpy_bits64,
    numpy_double,
    numpy_normal,
    power,
)

PI = 3.141592653589793


def mask_of(limit):
    """Return the smallest number of the form 2**n - 1 that is not below the limit."""
    mask = limit | (limit >> np.uint64(1))
    mask = mask | (mask >> np.uint64(2))
    mask = mask | (mask >> np.uint64(4))
    mask = mask | (mask >> np.uint64(8))
    mask = mask | (mask >> np.uint64(16))
    return mask | (mask >> np.uint64(32))


def below_or_equal(limit, mask):
    """Return a number in [0, limit], both uint64, by rejection under the mask."""
    while True:
        value = (numpy_bits32() if mask <= np.uint64(0xFFFFFFFF) else numpy_bits64()) & mask
        if value <= limit:
            return value


def interval(limit):
    """Return an index in [0, limit]."""
    if limit == 0:
        return np.int64(0)
    wide = np.int64(limit).astype(np.uint64)
    return below_or_equal(wide, mask_of(wide)).astype(np.int64)


# ---- continuous


def draw_standard_exponential():
    """-log(1 - U): U is never 1."""
    return -log(1.0 - numpy_double())


def draw_exponential(scale):
    """Exponential distribution."""
    return scale * draw_standard_exponential()


def draw_uniform(low, span):
    """Uniform distribution over [low, low + span)."""
    return low + span * numpy_double()


def draw_normal(loc, scale):
    """Normal distribution."""
    return loc + scale * numpy_normal()


def draw_lognormal(mean, sigma):
    """exp of a normal number."""
    return exp(draw_normal(mean, sigma))


def gamma_below_1(shape):
    """Standard gamma distribution with a shape below 1, by rejection from two pieces."""
    while True:
        u = numpy_double()
        v = draw_standard_exponential()
        if u <= 1.0 - shape:
            x = power(u, 1.0 / shape)
            if x <= v:
                return x
        else:
            y = -log((1 - u) / shape)
            x = power(1.0 - shape + shape * y, 1.0 / shape)
            if x <= (v + y):
                return x


def gamma_above_1(shape):
    """Standard gamma distribution with a shape above 1 (Marsaglia and Tsang)."""
    b = shape - 1.0 / 3.0
    c = 1.0 / np.sqrt(9 * b)
    while True:
        x = numpy_normal()
        v = 1.0 + c * x
        while v <= 0.0:
            x = numpy_normal()
            v = 1.0 + c * x
        v = v * v * v
        u = numpy_double()
        if u < 1.0 - 0.0331 * (x * x) * (x * x):
            return b * v
        if log(u) < 0.5 * x * x + b * (1.0 - v + log(v)):
            return b * v


def draw_standard_gamma(shape):
    """Gamma distribution with scale 1."""
    if shape == 1.0:
        return draw_standard_exponential()
    if shape == 0.0:
        return np.float64(0.0)
    return gamma_below_1(shape) if shape < 1.0 else gamma_above_1(shape)


def draw_gamma(shape, scale):
    """Gamma distribution."""
    return scale * draw_standard_gamma(shape)


def beta_by_powers(a, b):
    """Beta distribution with both parameters at most 1 (Johnk)."""
    while True:
        u = numpy_double()
        v = numpy_double()
        x = power(u, 1.0 / a)
        y = power(v, 1.0 / b)
        if (x + y) <= 1.0:
            if x + y > 0:
                return x / (x + y)
            log_x = log(u) / a
            log_y = log(v) / b
            log_m = log_x if log_x > log_y else log_y
            log_x = log_x - log_m
            log_y = log_y - log_m
            return exp(log_x - log(exp(log_x) + exp(log_y)))


def draw_beta(a, b):
    """Beta distribution."""
    if a <= 1.0 and b <= 1.0:
        return beta_by_powers(a, b)
    of_a = draw_standard_gamma(a)
    of_b = draw_standard_gamma(b)
    return of_a / (of_a + of_b)


def draw_chisquare(df):
    """Chi-square distribution."""
    return 2.0 * draw_standard_gamma(df / 2.0)


def draw_noncentral_chisquare(df, nonc):
    """Noncentral chi-square distribution."""
    if nonc == 0:
        return draw_chisquare(df)
    if 1 < df:
        central = draw_chisquare(df - 1)
        n = numpy_normal() + np.sqrt(nonc)
        return central + n * n
    i = draw_poisson(nonc / 2.0)
    out = draw_chisquare(df + np.float64(2 * i))
    return np.float64(np.nan) if nonc != nonc else out


def draw_f(dfnum, dfden):
    """F distribution."""
    numerator = draw_chisquare(dfnum) * dfden
    return numerator / (draw_chisquare(dfden) * dfnum)


def draw_noncentral_f(dfnum, dfden, nonc):
    """Noncentral F distribution."""
    t = draw_noncentral_chisquare(dfnum, nonc) * dfden
    return t / (draw_chisquare(dfden) * dfnum)


def draw_standard_cauchy():
    """The quotient of two normal numbers."""
    numerator = numpy_normal()
    return numerator / numpy_normal()


def draw_standard_t(df):
    """Student's t distribution."""
    numerator = numpy_normal()
    denominator = draw_standard_gamma(df / 2)
    return np.sqrt(df / 2) * numerator / np.sqrt(denominator)


def draw_pareto(a):
    """Pareto II distribution."""
    return exp(draw_standard_exponential() / a) - 1


def draw_weibull(a):
    """Weibull distribution with scale 1."""
    if a == 0.0:
        return np.float64(0.0)
    return power(draw_standard_exponential(), 1.0 / a)


def draw_power(a):
    """Power distribution with exponent a - 1."""
    return power(1 - exp(-draw_standard_exponential()), 1.0 / a)


def draw_laplace(loc, scale):
    """Laplace distribution."""
    u = numpy_double()
    while u == 0.0:
        u = numpy_double()
    if u >= 0.5:
        return loc - scale * log(2.0 - u - u)
    return loc + scale * log(u + u)


def draw_gumbel(loc, scale):
    """Gumbel distribution."""
    u = 1.0 - numpy_double()
    while u >= 1.0:
        u = 1.0 - numpy_double()
    return loc - scale * log(-log(u))


def draw_logistic(loc, scale):
    """Logistic distribution."""
    u = numpy_double()
    while u <= 0.0:
        u = numpy_double()
    return loc + scale * log(u / (1.0 - u))


def draw_rayleigh(mode):
    """Rayleigh distribution."""
    return mode * np.sqrt(-2.0 * log1p(-numpy_double()))


def draw_wald(mean, scale):
    """Wald (inverse Gaussian) distribution."""
    mu_2l = mean / (2 * scale)
    y = numpy_normal()
    y = mean * y * y
    x = mean + mu_2l * (y - np.sqrt(4 * scale * y + y * y))
    u = numpy_double()
    return x if u <= mean / (mean + x) else mean * mean / x


def draw_triangular(left, mode, right):
    """Triangular distribution."""
    base = right - left
    left_base = mode - left
    ratio = left_base / base
    left_product = left_base * base
    right_product = (right - mode) * base
    u = numpy_double()
    if u <= ratio:
        return left + np.sqrt(u * left_product)
    return right - np.sqrt((1.0 - u) * right_product)


def vonmises_spread(kappa):
    """Return the parameter of the wrapped Cauchy distribution that angles are first drawn from."""
    if kappa < 1e-5:
        return 1.0 / kappa + kappa
    r = 1 + np.sqrt(1 + 4 * kappa * kappa)
    rho = (r - np.sqrt(2 * r)) / (2 * kappa)
    return (1 + rho * rho) / (2 * rho)


def vonmises_cosine(kappa):
    """Return the cosine of an angle around 0."""
    s = vonmises_spread(kappa)
    while True:
        u = numpy_double()
        z = cos(PI * u)
        w = (1 + s * z) / (s + z)
        y = kappa * (s - w)
        v = numpy_double()
        if (y * (2 - y) - v >= 0) or (log(y / v) + 1 - y >= 0):
            return w


def draw_vonmises(mu, kappa):
    """Von Mises distribution."""
    if kappa != kappa:
        return np.float64(np.nan)
    if kappa < 1e-8:
        return PI * (2 * numpy_double() - 1)
    result = acos(vonmises_cosine(kappa))
    if numpy_double() < 0.5:
        result = -result
    result = result + mu
    size = fmod(np.abs(result) + PI, 2 * PI) - PI
    return -size if result < 0 else size


# ---- discrete


def log_gamma(x):
    """Return the logarithm of the gamma function by a series at 7 or above, stepped down from there."""
    if x == 1.0 or x == 2.0:
        return np.float64(0.0)
    n = np.int64(7 - x) if x < 7.0 else np.int64(0)
    x0 = x + np.float64(n)
    x2 = (1.0 / x0) * (1.0 / x0)
    series = np.float64(-1.39243221690590e00) * x2 + 1.796443723688307e-01
    series = series * x2 - 2.955065359477124e-02
    series = series * x2 + 6.410256410256410e-03
    series = series * x2 - 1.917526917526918e-03
    series = series * x2 + 8.417508417508418e-04
    series = series * x2 - 5.952380952380952e-04
    series = series * x2 + 7.936507936507937e-04
    series = series * x2 - 2.777777777777778e-03
    series = series * x2 + 8.333333333333333e-02
    result = series / x0 + 0.5 * 1.8378770664093453e00 + (x0 - 0.5) * log(x0) - x0
    if x < 7.0:
        for _ in range(n):
            result = result - log(x0 - 1.0)
            x0 = x0 - 1.0
    return result


def floor_of(x):
    """Return the floor of a double as C converts it to an integer."""
    return np.floor(x).astype(np.int64)


def poisson_by_products(lam):
    """Poisson distribution with a small mean: how many uniform numbers until their product is small."""
    limit = exp(-lam)
    x = np.int64(0)
    product = np.float64(1.0)
    while True:
        product = product * numpy_double()
        if not product > limit:
            return x
        x = x + 1


def poisson_by_rejection(lam):
    """Poisson distribution with a mean of 10 or more (Hormann's PTRS)."""
    root, log_lam = np.sqrt(lam), log(lam)
    b = 0.931 + 2.53 * root
    a = -0.059 + 0.02483 * b
    inv_alpha = 1.1239 + 1.1328 / (b - 3.4)
    vr = 0.9277 - 3.6224 / (b - 2)
    while True:
        u = numpy_double() - 0.5
        v = numpy_double()
        us = 0.5 - np.abs(u)
        k = floor_of((2 * a / us + b) * u + lam + 0.43)
        if us >= 0.07 and v <= vr:
            return k
        if k < 0 or (us < 0.013 and v > us):
            continue
        left = log(v) + log(inv_alpha) - log(a / (us * us) + b)
        if left <= (-lam + np.float64(k) * log_lam - log_gamma(np.float64(k) + 1)):
            return k


def draw_poisson(lam):
    """Poisson distribution."""
    if lam >= 10:
        return poisson_by_rejection(lam)
    if lam == 0:
        return np.int64(0)
    return poisson_by_products(lam)


def draw_negative_binomial(n, p):
    """Negative binomial distribution."""
    return draw_poisson(draw_gamma(n, (1 - p) / p))


def draw_geometric(p):
    """Geometric distribution."""
    if p < 0.333333333333333333333333:
        return np.ceil(log1p(-numpy_double()) / log(1 - p)).astype(np.int64)
    x = np.int64(1)
    total, product, q = p, p, 1.0 - p
    u = numpy_double()
    while u > total:
        product = product * q
        total = total + product
        x = x + 1
    return x


def draw_zipf(a):
    """Zipf distribution."""
    am1 = a - 1.0
    b = power(2.0, am1)
    while True:
        u = 1.0 - numpy_double()
        v = numpy_double()
        x = np.floor(power(u, -1.0 / am1))
        if x > 9223372036854775807.0 or x < 1.0:
            continue
        t = power(1.0 + 1.0 / x, am1)
        if v * x * (t - 1.0) / (b - 1.0) <= t / b:
            return x.astype(np.int64)


def draw_logseries(p):
    """Logarithmic series distribution."""
    r = log(1.0 - p)
    while True:
        v = numpy_double()
        if v >= p:
            return np.int64(1)
        u = numpy_double()
        q = 1.0 - exp(r * u)
        if v <= q * q:
            result = floor_of(1 + log(v) / log(q))
            if result < 1 or v == 0.0:
                continue
            return result
        return np.int64(1) if v >= q else np.int64(2)


# ---- binomial


def binomial_by_inversion(n, p):
    """Binomial distribution with a small mean: adding probabilities up to a uniform number."""
    q = 1.0 - p
    count = np.float64(n)
    none = exp(count * log(q))
    mean = count * p
    bound = np.minimum(count, mean + 10.0 * np.sqrt(mean * q + 1)).astype(np.int64)
    x, px, u = np.int64(0), none, numpy_double()
    while u > px:
        x = x + 1
        if x > bound:
            x, px, u = np.int64(0), none, numpy_double()
        else:
            u = u - px
            px = (np.float64(n - x + 1) * p * px) / (np.float64(x) * q)
    return x


def stirling_rest(f):
    """Return the terms of Stirling's series in the acceptance test below."""
    f2 = f * f
    return (13680.0 - (462.0 - (132.0 - (99.0 - 140.0 / f2) / f2) / f2) / f2) / f / 166320.0


def binomial_candidate(xm, p1, xl, xr, c, laml, lamr, p2, p3, p4, m, n):
    """Return (y, v, how): a value, a number to test it with, and 0: rejected, 1: accepted, 2: to test."""
    u = numpy_double() * p4
    v = numpy_double()
    if u <= p1:
        return floor_of(xm - p1 * v + u), v, 1
    if u <= p2:
        x = xl + (u - p1) / c
        v = v * c + 1.0 - np.abs(np.float64(m) - x + 0.5) / p1
        return floor_of(x), v, 0 if v > 1.0 else 2
    if u <= p3:
        y = floor_of(xl + log(v) / laml)
        return y, v * (u - p2) * laml, 0 if y < 0 or v == 0.0 else 2
    y = floor_of(xr - log(v) / lamr)
    return y, v * (u - p3) * lamr, 0 if y > n or v == 0.0 else 2


def binomial_accepts(y, v, n, m, r, q, xm, nrq):
    """Tell whether a value passes: by the ratio of probabilities near the mode, else by bounds on it."""
    k = np.abs(y - m)
    far = np.float64(k)
    if not (k > 20 and far < (nrq / 2.0 - 1)):
        s = r / q
        a = s * np.float64(n + 1)
        ratio = np.float64(1.0)
        for i in range(m + 1, y + 1):
            ratio = ratio * (a / np.float64(i) - s)
        for i in range(y + 1, m + 1):
            ratio = ratio / (a / np.float64(i) - s)
        return not v > ratio
    rho = (far / nrq) * ((far * (far / 3.0 + 0.625) + 0.16666666666666666) / nrq + 0.5)
    t = np.float64(-k * k) / (2 * nrq)
    log_v = log(v)
    if log_v < (t - rho):
        return True
    if log_v > (t + rho):
        return False
    x1, f1 = np.float64(y) + 1, np.float64(m) + 1
    z, w = np.float64(n) + 1 - np.float64(m), np.float64(n) - np.float64(y) + 1
    limit = xm * log(f1 / x1) + (np.float64(n - m) + 0.5) * log(z / w)
    limit = limit + np.float64(y - m) * log(w * r / (x1 * q))
    limit = limit + stirling_rest(f1) + stirling_rest(z) + stirling_rest(x1) + stirling_rest(w)
    return not log_v > limit


def binomial_by_rejection(n, p):
    """Binomial distribution with a larger mean (Kachitvichyanukul and Schmeiser's BTPE)."""
    count = np.float64(n)
    r = np.minimum(p, 1.0 - p)
    q = 1.0 - r
    fm = count * r + r
    m = floor_of(fm)
    p1 = np.floor(2.195 * np.sqrt(count * r * q) - 4.6 * q) + 0.5
    xm = np.float64(m) + 0.5
    xl, xr = xm - p1, xm + p1
    c = 0.134 + 20.5 / (15.3 + np.float64(m))
    a = (fm - xl) / (fm - xl * r)
    laml = a * (1.0 + a / 2.0)
    a = (xr - fm) / (xr * q)
    lamr = a * (1.0 + a / 2.0)
    p2 = p1 * (1.0 + 2.0 * c)
    p3 = p2 + c / laml
    p4 = p3 + c / lamr
    nrq = count * r * q
    while True:
        y, v, how = binomial_candidate(xm, p1, xl, xr, c, laml, lamr, p2, p3, p4, m, n)
        if how == 1 or (how == 2 and binomial_accepts(y, v, n, m, r, q, xm, nrq)):
            return y


def binomial_below_half(n, p):
    """Binomial distribution with p at most 1/2."""
    return binomial_by_inversion(n, p) if p * np.float64(n) <= 30.0 else binomial_by_rejection(n, p)


def draw_binomial(n, p):
    """Binomial distribution."""
    return binomial_below_half(n, p) if p <= 0.5 else n - binomial_below_half(n, 1.0 - p)


# ---- hypergeometric


def hypergeometric_by_steps(good, bad, sample):
    """Hypergeometric distribution with a small sample, drawn one by one."""
    d1 = bad + good - sample
    d2 = np.float64(min(bad, good))
    y, k = d2, sample
    while y > 0.0:
        u = numpy_double()
        y = y - np.floor(u + y / np.float64(d1 + k))
        k = k - 1
        if k == 0:
            break
    z = (d2 - y).astype(np.int64)
    return sample - z if good > bad else z


def log_arrangements(z, less, more, m):
    """Return the logarithm of the denominator of the probability of z."""
    first = log_gamma(np.float64(z + 1)) + log_gamma(np.float64(less - z + 1))
    return first + log_gamma(np.float64(m - z + 1)) + log_gamma(np.float64(more - m + z + 1))


def hypergeometric_by_rejection(good, bad, sample):
    """Hypergeometric distribution with a larger sample (Stadlober's HRUA*)."""
    less, more, total = min(good, bad), max(good, bad), good + bad
    m = min(sample, total - sample)
    d4 = np.float64(less) / np.float64(total)
    d5 = 1.0 - d4
    d6 = np.float64(m) * d4 + 0.5
    d7 = np.sqrt(np.float64(total - m) * np.float64(sample) * d4 * d5 / np.float64(total - 1) + 0.5)
    d8 = 1.7155277699214135 * d7 + 0.8989161620588988
    d9 = floor_of(np.float64(m + 1) * np.float64(less + 1) / np.float64(total + 2))
    d10 = log_arrangements(d9, less, more, m)
    d11 = np.minimum(np.float64(min(m, less)) + 1.0, np.floor(d6 + 16 * d7))
    while True:
        x = numpy_double()
        y = numpy_double()
        w = d6 + d8 * (y - 0.5) / x
        if w < 0.0 or w >= d11:
            continue
        z = floor_of(w)
        t = d10 - log_arrangements(z, less, more, m)
        if (x * (4.0 - x) - 3.0) <= t:
            break
        if x * (x - t) >= 1:
            continue
        if 2.0 * log(x) <= t:
            break
    if good > bad:
        z = m - z
    return good - z if m < sample else z


def draw_hypergeometric(good, bad, sample):
    """Hypergeometric distribution."""
    if sample > 10:
        return hypergeometric_by_rejection(good, bad, sample)
    return hypergeometric_by_steps(good, bad, sample)
