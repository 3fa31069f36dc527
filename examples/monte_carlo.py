"""Monte Carlo: pi from points in a square, and a call option from simulated prices, on one core and on all.

Compiled code draws from NumPy's own generator, so with the same seed the serial answers are those of plain
Python, bit for bit. On all cores each part of the loop has a stream of its own, made from the same seed: the
estimate is another one, and the same in every run.
"""

import math

import numpy as np
from _compare import Comparison, pretty_time, timed

from hotloop import njit, prange


def estimate_pi(n, seed):
    """Return four times the share of n random points of the unit square that lie in the circle."""
    np.random.seed(seed)
    inside = 0
    for _ in prange(n):
        x = np.random.random()
        y = np.random.random()
        if x * x + y * y < 1.0:
            inside += 1
    return 4.0 * inside / n


def option_price(paths, seed, spot, strike, rate, volatility, years):
    """Return the price of a European call: the discounted mean of what it pays at the end of each path."""
    np.random.seed(seed)
    drift = (rate - 0.5 * volatility**2) * years
    deviation = volatility * math.sqrt(years)
    paid = 0.0
    for _ in prange(paths):
        price = spot * math.exp(drift + deviation * np.random.standard_normal())
        paid += max(price - strike, 0.0)
    return math.exp(-rate * years) * paid / paths


def black_scholes(spot, strike, rate, volatility, years):
    """Return the exact price of the call (Black and Scholes, 1973)."""
    deviation = volatility * math.sqrt(years)
    d1 = (math.log(spot / strike) + (rate + 0.5 * volatility**2) * years) / deviation

    def below(x):
        return 0.5 * math.erfc(-x / math.sqrt(2.0))

    return spot * below(d1) - strike * math.exp(-rate * years) * below(d1 - deviation)


def within(tolerance):
    """Return a comparison of two estimates of the same number."""
    return lambda left, right: abs(left - right) < tolerance


def main():
    market = (100.0, 105.0, 0.03, 0.2, 1.0)
    table = Comparison("Monte Carlo, 100,000 points and paths")
    table.row("pi", estimate_pi, njit(estimate_pi), 100_000, 1)
    table.row("pi, all cores", estimate_pi, njit(parallel=True)(estimate_pi), 100_000, 1, agree=within(0.05))
    option = (100_000, 2, *market)
    table.row("option", option_price, njit(option_price), *option, agree=within(1e-9))
    table.row(
        "option, all cores", option_price, njit(parallel=True)(option_price), *option, agree=within(0.5)
    )

    compiled = njit(parallel=True)(option_price)
    compiled(10, 2, *market)
    price, seconds = timed(compiled, 1_000_000, 3, *market)
    exact = black_scholes(*market)
    print(f"A million paths on all cores in {pretty_time(seconds)}: {price:.3f}, exact {exact:.3f}")


if __name__ == "__main__":
    main()
