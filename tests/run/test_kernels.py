"""Whole loop kernels, each also with arrays an element short: the same IndexError and partial writes."""

import math

import numpy as np
import pytest

from harness import check

RANDOM = np.random.default_rng(11)


def collatz(out, n):
    for i in range(n):
        k, steps = i + 1, 0
        while k != 1:
            k = k // 2 if k % 2 == 0 else 3 * k + 1
            steps += 1
        out[i] = steps


def mandelbrot(out, xs, ys, limit):
    for i in range(ys.size):
        for j in range(xs.size):
            c = complex(xs[j], ys[i])
            z = 0j
            k = 0
            while k < limit and z.real * z.real + z.imag * z.imag <= 4.0:
                z = z * z + c
                k += 1
            out[i, j] = k


def xorshift_popcount(out, n, seed):
    x = seed
    for i in range(n):
        x ^= (x << 7) & 0x7FFFFFFF
        x ^= x >> 9
        x ^= (x << 8) & 0x7FFFFFFF
        bits, count = x, 0
        while bits:
            bits &= bits - 1
            count += 1
        out[i] = count
    return x


def sum_of_squares(a, n):
    total = 0.0
    for i in range(n):
        total += a[i] * a[i]
    return total


def trace_of_tanh(a, n):
    total = 0.0
    for i in range(n):
        total += np.tanh(a[i, i])
    return a + total


def jacobi(new, old, n, m):
    for i in range(1, n - 1):
        for j in range(1, m - 1):
            new[i, j] = 0.25 * (old[i - 1, j] + old[i + 1, j] + old[i, j - 1] + old[i, j + 1])


def matrix_product(c, a, b, n, k, m):
    for i in range(n):
        for j in range(m):
            total = 0.0
            for x in range(k):
                total += a[i, x] * b[x, j]
            c[i, j] = total


def cholesky(a, n):
    for j in range(n):
        total = a[j, j]
        for k in range(j):
            total -= a[j, k] * a[j, k]
        a[j, j] = math.sqrt(total)
        for i in range(j + 1, n):
            total = a[i, j]
            for k in range(j):
                total -= a[i, k] * a[j, k]
            a[i, j] = total / a[j, j]
        for i in range(j):
            a[i, j] = 0.0


def triad(a, b, c, s, n):
    for i in range(n):
        a[i] = b[i] + s * c[i]


def chained_axpy(a, b, c, d):
    d[:] = 2.0 * a + 3.0 * b - 0.5 * c + d


def black_scholes(price, strike, time, rate, volatility, call, put, n):
    for i in range(n):
        root = volatility * math.sqrt(time[i])
        d1 = (math.log(price[i] / strike[i]) + (rate + 0.5 * volatility * volatility) * time[i]) / root
        d2 = d1 - root
        discounted = strike[i] * math.exp(-rate * time[i])
        n1 = 0.5 * (1.0 + math.erf(d1 / math.sqrt(2.0)))
        n2 = 0.5 * (1.0 + math.erf(d2 / math.sqrt(2.0)))
        call[i] = price[i] * n1 - discounted * n2
        put[i] = call[i] - price[i] + discounted


def tanh_loop(out, x, n):
    for i in range(n):
        out[i] = math.tanh(x[i])


def prefix_sum(a, n):
    for i in range(1, n):
        a[i] += a[i - 1]


def histogram(counts, a, low, width, n):
    for i in range(n):
        k = int((a[i] - low) / width)
        counts[k] += 1


def gather(out, a, where, n):
    for i in range(n):
        out[i] = a[where[i]]


def scatter(out, a, where, n):
    for i in range(n):
        out[where[i]] = a[i]


def reverse_in_place(a, n):
    for i in range(n // 2):
        a[i], a[n - 1 - i] = a[n - 1 - i], a[i]


def insertion_sort(a, n):
    for i in range(1, n):
        x, j = a[i], i - 1
        while j >= 0 and a[j] > x:
            a[j + 1] = a[j]
            j -= 1
        a[j + 1] = x


def every_third_backward(a, b, n):
    for i in range(n - 1, -1, -3):
        a[i] = b[n - 1 - i] * 2.0


def triangular(a, n):
    for i in range(n):
        for j in range(i, n):
            a[i, j] += a[j, i] * 0.5


def convolve(out, a, w, n, k):
    for i in range(n):
        total = 0.0
        for j in range(k):
            total += a[i + j] * w[j]
        out[i] = total


def lu(a, n):
    for k in range(n):
        for i in range(k + 1, n):
            a[i, k] /= a[k, k]
            for j in range(k + 1, n):
                a[i, j] -= a[i, k] * a[k, j]


def distances(out, p, n):
    for i in range(n):
        for j in range(n):
            total = 0.0
            for k in range(p.shape[1]):
                d = p[i, k] - p[j, k]
                total += d * d
            out[i, j] = math.sqrt(total)


def integer_division(out, a, b, n):
    for i in range(n):
        out[i] = int(a[i]) // int(b[i])


def find(a, x, n):
    for i in range(n):
        if a[i] == x:
            return i
    return -1


def saturated(out, a, n):
    for i in range(n):
        out[i] = min(max(a[i] * 2, 10), 200)


def negative_indices(a, b, n):
    for i in range(1, n + 1):
        a[-i] = b[-i] + b[i - 1]


def floats(*shape):
    return RANDOM.standard_normal(shape)


def definite(n):
    a = floats(n, n)
    return a @ a.T + n * np.eye(n)


def prices():
    return RANDOM.uniform(10, 50, N)


N = 70
EXACT = [
    (collatz, (np.zeros(N, np.int32), N)),
    (mandelbrot, (np.zeros((9, 13), np.int64), np.linspace(-2, 1, 13), np.linspace(-1, 1, 9), 60)),
    (xorshift_popcount, (np.zeros(N, np.uint8), N, 123456789)),
    (sum_of_squares, (floats(N), N)),
    (jacobi, (np.zeros((12, 15)), floats(12, 15), 12, 15)),
    (matrix_product, (np.zeros((5, 7)), floats(5, 6), floats(6, 7), 5, 6, 7)),
    (cholesky, (definite(9), 9)),
    (triad, (np.zeros(N), floats(N), floats(N), 1.5, N)),
    (prefix_sum, (floats(N), N)),
    (prefix_sum, (np.arange(N, dtype=np.int16), N)),
    (histogram, (np.zeros(10, np.int64), RANDOM.random(N), 0.0, 0.1, N)),
    (gather, (np.zeros(N), floats(40), RANDOM.integers(-40, 40, N), N)),
    (scatter, (np.zeros(40), floats(N), RANDOM.integers(0, 40, N), N)),
    (reverse_in_place, (floats(N), N)),
    (insertion_sort, (floats(N), N)),
    (every_third_backward, (np.zeros(N), floats(N), N)),
    (triangular, (floats(11, 11), 11)),
    (convolve, (np.zeros(N), floats(N + 4), floats(5), N, 5)),
    (lu, (definite(8), 8)),
    (distances, (np.zeros((9, 9)), floats(9, 3), 9)),
    (integer_division, (np.zeros(N, np.int64), RANDOM.integers(-99, 99, N), RANDOM.integers(1, 9, N), N)),
    (find, (np.arange(N), N - 1, N)),
    (saturated, (np.zeros(N, np.uint8), RANDOM.integers(0, 99, N), N)),
    (negative_indices, (np.zeros(N), floats(N), N)),
]  # fmt: skip
CLOSE = [
    (trace_of_tanh, (floats(10, 10), 10)),
    (black_scholes, (prices(), prices(), RANDOM.uniform(1, 5, N), 0.02, 0.3, np.zeros(N), np.zeros(N), N)),
    (tanh_loop, (np.zeros(N), floats(N), N)),
]  # fmt: skip
KERNELS = [(func, args, 0.0) for func, args in EXACT] + [(func, args, 1e-13) for func, args in CLOSE]
IDS = [f"{func.__name__}{i}" for i, (func, _, _) in enumerate(KERNELS)]


@pytest.mark.parametrize("func, args, rtol", KERNELS, ids=IDS)
def test_kernel(func, args, rtol):
    check(func, *args, rtol=rtol)


@pytest.mark.parametrize("func, args, rtol", KERNELS, ids=IDS)
def test_one_element_short(func, args, rtol):
    for i, a in enumerate(args):
        if isinstance(a, np.ndarray):
            for axis in range(a.ndim):
                short = np.delete(a, -1, axis)
                check(func, *args[:i], short, *args[i + 1 :], rtol=rtol)


@pytest.mark.parametrize("func, args, rtol", KERNELS, ids=IDS)
def test_other_layouts(func, args, rtol):
    """Backward, strided and Fortran-ordered arrays give the same."""
    check(
        func,
        *(np.repeat(a, 2, axis=-1)[..., ::2] if isinstance(a, np.ndarray) else a for a in args),
        rtol=rtol,
    )
    check(func, *(a[::-1].copy()[::-1] if isinstance(a, np.ndarray) else a for a in args), rtol=rtol)
    if any(isinstance(a, np.ndarray) and a.ndim == 2 for a in args):
        check(func, *(np.asfortranarray(a) if isinstance(a, np.ndarray) else a for a in args), rtol=rtol)


@pytest.mark.parametrize("size", [0, 1, 2, 3, 5, 8, 16, 31, 33, 257, 1025])
def test_sizes(size):
    check(triad, np.zeros(size), floats(size), floats(size), 0.3, size)
    check(sum_of_squares, floats(size), size)
    check(tanh_loop, np.zeros(size), floats(size), size, ulp=4)
    check(
        triad,
        np.zeros(size, np.float32),
        floats(size).astype(np.float32),
        floats(size).astype(np.float32),
        0.3,
        size,
    )
    check(sum_of_squares, floats(size), size + 1)


@pytest.mark.parametrize("at", [0, 1, 7, 8, 100, 255, 256, 299])
def test_failure_in_the_middle_keeps_earlier_writes(at):
    a, b = np.arange(300), np.arange(300) % 7 + 1
    b[at] = 0
    check(integer_division, np.zeros(300, np.int64), a, b, 300)
    where = np.arange(300) % 40
    where[at] = 40
    check(gather, np.zeros(300), floats(40), where, 300)
    check(scatter, np.zeros(40), floats(300), where, 300)


def test_chained_expression():
    check(chained_axpy, floats(N), floats(N), floats(N), floats(N))
    check(chained_axpy, floats(N), floats(N), floats(N), floats(N - 1))
    x = floats(N + 1)
    check(chained_axpy, x[1:], x[:-1], x[1:], x[:-1])
