"""Black-Scholes: the price of European options. A log, an exp, a square root and two error functions an
element.
"""

import math

import numpy as np

SIZES = (1_000, 100_000)
C_RESULT = None
OUTPUT = 0
TOLERANCE = (1e-12, 1e-11)
SLEEF = True

INVERSE_ROOT_TWO = 1.0 / math.sqrt(2.0)


def black_scholes(prices, spot, strike, years, rate, volatility):
    for i in range(prices.shape[1]):
        deviation = volatility * math.sqrt(years[i])
        d1 = (math.log(spot[i] / strike[i]) + (rate + 0.5 * volatility * volatility) * years[i]) / deviation
        d2 = d1 - deviation
        below1 = 0.5 + 0.5 * math.erf(d1 * INVERSE_ROOT_TWO)
        below2 = 0.5 + 0.5 * math.erf(d2 * INVERSE_ROOT_TWO)
        discounted = strike[i] * math.exp(-rate * years[i])
        prices[0, i] = spot[i] * below1 - discounted * below2
        prices[1, i] = discounted * (1.0 - below2) - spot[i] * (1.0 - below1)


def arguments(size):
    rng = np.random.default_rng(7)
    spot, strike, years = rng.uniform(5, 30, size), rng.uniform(1, 100, size), rng.uniform(0.25, 10, size)
    return np.zeros((2, size)), spot, strike, years, 0.02, 0.3


def c_arguments(prices, spot, strike, years, rate, volatility):
    return prices, spot, strike, years, rate, volatility, prices.shape[1]
