"""LAPACK's routines as compiled code calls them (runtime/lapack.c); the bodies are what the interpreter runs.

Matrices are in Fortran's order and are overwritten; each function returns LAPACK's info, 0 if all went well.
"""

import numpy as np


def number_of(kind):
    """Return the number of an element type: float32 0, float64 1, complex64 2, complex128 3."""
    if np.dtype(kind).kind == "f":
        return 0 if np.dtype(kind) == np.float32 else 1
    return 2 if np.dtype(kind) == np.complex64 else 3


def gesv(kind, n, nrhs, a, b):
    """Solve a x = b; b becomes x."""
    try:
        b[...] = np.linalg.solve(a, b)
    except np.linalg.LinAlgError:
        return 1
    return 0


def getrf(kind, n, a, sign):
    """Factor a into triangles, the upper one with the diagonal; sign becomes that of the rows' order."""
    sign[0], info = 1, 0
    for k in range(n):
        best = k + int(np.argmax(np.abs(a[k:, k])))
        if best != k:
            a[[k, best]] = a[[best, k]]
            sign[0] = -sign[0]
        if a[k, k] == 0:
            info = info or k + 1
        else:
            a[k + 1 :, k] /= a[k, k]
            a[k + 1 :, k + 1 :] -= a[k + 1 :, k : k + 1] * a[k : k + 1, k + 1 :]
    return info


def potrf(kind, n, a):
    """Factor a positive matrix; its lower triangle becomes the factor."""
    try:
        a[...] = np.linalg.cholesky(a)
    except np.linalg.LinAlgError:
        return 1
    return 0


def geqrf(kind, m, n, a, tau):
    """Factor a into reflections, below its diagonal and in tau, and an upper triangle."""
    h, t = np.linalg.qr(a, mode="raw")
    a[...], tau[...] = h.T, t
    return 0


def orgqr(kind, m, n, k, a, tau):
    """Make the first n columns of the product of k reflections."""
    q = np.eye(m, n, dtype=a.dtype)
    for i in range(k - 1, -1, -1):
        v = np.concatenate((np.zeros(i, a.dtype), np.ones(1, a.dtype), a[i + 1 :, i]))
        q -= tau[i] * np.outer(v, v.conj() @ q)
    a[...] = q
    return 0


def syevd(kind, vectors, n, a, w):
    """Find the eigenvalues of a symmetric matrix, and the vectors, which replace it."""
    w[...], a[...] = np.linalg.eigh(a)
    return 0


def gesdd(kind, job, m, n, a, s, u, vt):
    """Find singular values (job 0), as many vectors as there are values (1), or all vectors (2)."""
    if job == 0:
        s[...] = np.linalg.svd(a, compute_uv=False)
    else:
        u[...], s[...], vt[...] = np.linalg.svd(a, full_matrices=job == 2)
    return 0


def gelsd(kind, m, n, nrhs, a, b, s, rcond, rank):
    """Find least squares: b's first rows become the solution, the rest what is left over."""
    x, left, rank[0], s[...] = np.linalg.lstsq(a, b[:m], rcond=rcond)
    b[n:] = 0
    b[:n] = x
    if left.size:
        b[n] = np.sqrt(left)
    return 0
