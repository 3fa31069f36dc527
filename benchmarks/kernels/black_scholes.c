/* Black-Scholes, as in black_scholes.py: with the C library and over SLEEF. */
#include "bench.h"
#include "simd.h"

#define INVERSE_ROOT_TWO 0x1.6a09e667f3bccp-1 /* 1.0 / sqrt(2.0), as Python rounds it */

KERNEL(void, black_scholes_c,
       (double *restrict prices, const double *restrict spot, const double *restrict strike,
        const double *restrict years, double rate, double volatility, int64_t n),
       (prices, spot, strike, years, rate, volatility, n)) {
    for (int64_t i = 0; i < n; i++) {
        double deviation = volatility * sqrt(years[i]);
        double d1 =
            (log(spot[i] / strike[i]) + (rate + 0.5 * volatility * volatility) * years[i]) / deviation;
        double d2 = d1 - deviation;
        double below1 = 0.5 + 0.5 * erf(d1 * INVERSE_ROOT_TWO);
        double below2 = 0.5 + 0.5 * erf(d2 * INVERSE_ROOT_TWO);
        double discounted = strike[i] * exp(-rate * years[i]);
        prices[i] = spot[i] * below1 - discounted * below2;
        prices[n + i] = discounted * (1.0 - below2) - spot[i] * (1.0 - below1);
    }
}

/* The options i to i + lanes - 1. */
static inline void price(double *restrict prices, const double *restrict spot, const double *restrict strike,
                         const double *restrict years, double rate, double volatility, int64_t n, int64_t i,
                         int64_t lanes) {
    Vec s = load(spot + i, lanes), k = load(strike + i, lanes), t = load(years + i, lanes);
    Vec deviation = volatility * __builtin_elementwise_sqrt(t);
    Vec d1 = (SLEEF(log)(s / k) + (rate + 0.5 * volatility * volatility) * t) / deviation;
    Vec d2 = d1 - deviation;
    Vec below1 = 0.5 + 0.5 * SLEEF(erf)(d1 * INVERSE_ROOT_TWO);
    Vec below2 = 0.5 + 0.5 * SLEEF(erf)(d2 * INVERSE_ROOT_TWO);
    Vec discounted = k * SLEEF(exp)(-rate * t);
    store(prices + i, s * below1 - discounted * below2, lanes);
    store(prices + n + i, discounted * (1.0 - below2) - s * (1.0 - below1), lanes);
}

KERNEL(void, black_scholes_sleef,
       (double *restrict prices, const double *restrict spot, const double *restrict strike,
        const double *restrict years, double rate, double volatility, int64_t n),
       (prices, spot, strike, years, rate, volatility, n)) {
    int64_t i = 0;
    for (; i + WIDTH <= n; i += WIDTH)
        price(prices, spot, strike, years, rate, volatility, n, i, WIDTH);
    if (i < n) price(prices, spot, strike, years, rate, volatility, n, i, n - i);
}
