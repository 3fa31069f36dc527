"""Matrices by hand: multiplication, LU and Cholesky as the textbook writes them, beside np.dot and @.

The loops give the same bits compiled and interpreted. np.dot and @ hand the work to the BLAS library in
both cases, so there is little to gain there; they are here to show that they work inside a compiled
function.
"""

import numpy as np
from _compare import Comparison, close

from hotloop import njit

SIZE = 100


def multiply(a, b):
    """Return the matrix product, three loops."""
    rows, inner, columns = a.shape[0], a.shape[1], b.shape[1]
    c = np.zeros((rows, columns))
    for i in range(rows):
        for k in range(inner):
            for j in range(columns):
                c[i, j] += a[i, k] * b[k, j]
    return c


def lu(a):
    """Return L (unit diagonal) and U with a = L @ U, Doolittle's method without pivoting."""
    n = a.shape[0]
    lower, upper = np.eye(n), a.copy()
    for k in range(n):
        for i in range(k + 1, n):
            factor = upper[i, k] / upper[k, k]
            lower[i, k] = factor
            upper[i, k] = 0.0
            for j in range(k + 1, n):
                upper[i, j] -= factor * upper[k, j]
    return lower, upper


def cholesky(a):
    """Return the lower triangular L with a = L @ L.T for a symmetric positive definite matrix."""
    n = a.shape[0]
    lower = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1):
            s = a[i, j]
            for k in range(j):
                s -= lower[i, k] * lower[j, k]
            lower[i, j] = np.sqrt(s) if i == j else s / lower[j, j]
    return lower


def dot(a, b):
    """Return the matrix product through np.dot."""
    return np.dot(a, b)


def at(a, b):
    """Return the matrix product through the @ operator."""
    return a @ b


def main():
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((2, SIZE, SIZE))
    definite = a @ a.T + SIZE * np.eye(SIZE)

    table = Comparison(f"Matrices, {SIZE} x {SIZE}")
    product = table.row("three loops", multiply, njit(multiply), a, b)
    lower, upper = table.row("LU", lu, njit(lu), definite)
    root = table.row("Cholesky", cholesky, njit(cholesky), definite)
    by_dot = table.row("np.dot", dot, njit(dot), a, b, agree=close)
    by_at = table.row("@", at, njit(at), a, b, agree=close)

    assert np.allclose(product, by_dot) and np.allclose(product, by_at)
    assert np.allclose(lower @ upper, definite)
    assert np.allclose(root @ root.T, definite)
    print("three loops, np.dot and @ give one product; L U and L L^T give the matrix back")


if __name__ == "__main__":
    main()
