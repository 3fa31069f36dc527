"""The rows of test_table: (text of a function, calls, allowances)."""

import numpy as np
from layouts import DTYPES, layouts, numbers

A = np.arange(24.0).reshape(4, 6)
M = numbers((4, 6))
V = numbers((7,))
I = np.array([0, 3, -1, 2])  # noqa: E741
ALL = [(numbers((4, 6), dtype),) for dtype in DTYPES]
REAL = [row for row in ALL if row[0].dtype.kind != "c"]
LAYOUTS = [(a,) for a in layouts().values()]
EMPTY = np.zeros((0, 3))


def calls(*args):
    """Calls with one argument each."""
    return [(a,) for a in args]


INDEXING = [
    ("a: np.nonzero(a)", [*ALL, *LAYOUTS, *calls(V[:0], EMPTY)]),
    ("a: (np.flatnonzero(a), np.argwhere(a))", [*ALL, *calls(V[:0], EMPTY)]),
    ("a, i: (np.take(a, i), np.take(a, i, axis=1), np.take(a, i, -2))", [(A, I), (A, np.array([9, 1]))]),
    ("a, i: np.take(a, i, axis=2)", [(A, I)]),
    ("a, i: np.take(a, i)", [(V, 6), (V, 7), (V, -8), (A, 24), (V, np.uint8(3))]),
    ("a, i: np.take(a, i, axis=0)", [(A, 3), (A, 4), (A, -5)]),
    ("a, m: (np.compress(m, a, axis=0), np.compress(m, a), np.extract(a > 3, a))", [(A, I > 0)]),
    ("a: np.broadcast_to(a, (3, 4, 6))", calls(A, A[0], A[:, :1], A[:, :5], A[None, None])),
    ("a, b: np.broadcast_arrays(a, b)", [(A, A[0]), (V, V[:1]), (A, A[:, :1]), (V, 2.5)]),
    ("a: np.broadcast_to(a, (2, 3)) + 0", calls(2.5, 3)),
    ("a: (np.take(a, (1, 2)), np.take(a, 3), np.take(a, [[0], [-1]]))", calls(V)),
    ("a: np.broadcast_to(a, 7)", calls(V, V[:1], A)),
]

C = numbers((2, 3, 4))
SUMS = {"rtol": 1e-13}

AXES = [
    ("a: (np.swapaxes(a, 0, -1), a.swapaxes(1, 2), np.matrix_transpose(a))", calls(C)),
    ("a: (np.moveaxis(a, 0, -1), np.moveaxis(a, -1, 0), np.moveaxis(a, (0, 1), (-1, 0)))", calls(C)),
    (
        "a, n: (np.transpose(a, n), a.transpose(n), np.transpose(a, axes=n), a.transpose(n[0], n[1], n[2]))",
        [(C, (2, 0, 1)), (C, (-1, 1, 0)), (C, (0, 0, 1)), (np.asfortranarray(C), (1, 0, 2))],
    ),
    ("a: (np.transpose(a, (1, 0)), a.transpose(-1, 0), np.transpose(a, None), a.transpose())", calls(A)),
    ("a: np.linalg.cond(a)", calls(np.zeros((0, 0)))),
    ("a: (np.expand_dims(a, 0), np.expand_dims(a, -1), np.expand_dims(a, (0, 2)))", calls(A, V)),
    ("a: (np.squeeze(a, 0), np.squeeze(a, axis=(0, -1)))", calls(C[:1, :, :1], C)),
    ("a: a.squeeze(0)", calls(C[:1], C)),
    ("a: (np.permute_dims(a, (2, 0, 1)), np.permute_dims(a))", calls(C)),
    ("a: (np.atleast_1d(a), np.atleast_2d(a), np.atleast_3d(a))", calls(3.5, V, A, C)),
    ("a, b: np.atleast_2d(a, b)", [(V, A)]),
]

REDUCTIONS = (
    [
        (
            f"a: (np.{name}(a, axis=(0, 2)), np.{name}(a, axis=(-1, 0)), np.{name}(a, axis=(2, 1, 0)))",
            calls(C),
            SUMS,
        )
        for name in ("sum", "prod", "mean", "min", "max", "any", "all", "var", "std", "count_nonzero")
    ]
    + [
        (
            "a: (np.F(a, keepdims=True), np.F(a, 1, keepdims=True), np.F(a, (0, -1), keepdims=True))".replace(
                "F", name
            ),
            calls(C, C[:, :, 0:1]),
            SUMS,
        )
        for name in ("sum", "prod", "mean", "min", "max", "any", "all", "var", "std", "count_nonzero")
    ]
    + [
        (
            f"a: (np.{name}(a), np.{name}(a, 0), np.{name}(a, axis=-1), np.{name}(a, 1, keepdims=True))",
            [*REAL, *LAYOUTS, *calls(np.where(M > 2, np.nan, M))],
        )
        for name in ("argmin", "argmax")
    ]
    + [
        ("a: (np.sum(a, initial=3), np.sum(a, 0, initial=2.5), np.prod(a, initial=2))", calls(C), SUMS),
        (
            "a: (np.min(a, initial=0.5), np.max(a, axis=0, initial=-7), np.max(a, (0, 1), initial=1))",
            calls(C, C[:0]),
        ),
        (
            "a, m: (np.sum(a, where=m), np.prod(a, 0, where=m), np.mean(a, where=m), a.mean(1, where=m))",
            [(M, M > 0)],
            SUMS,
        ),
        ("a, o: (np.sum(a, 0, out=o), np.max(a, axis=0, out=o), o)", [(A, np.zeros(6))]),
        ("a: (np.sum((a, a)), np.max((a[0], a[1], 7.5)), np.min((1, a[0])), np.mean((1, 2)))", calls(V)),
        ("a: (np.sum(a, axis=()), np.max(a, ()))", calls(A)),
        ("a: np.sum(a, axis=(0, 0))", calls(A)),
        ("a: np.sum(a, axis=(0, 2))", calls(A)),
        ("a: (np.sum(a), np.mean(a), np.var(a), a.min(), np.argmax(a))", calls(np.array(2.5), np.array(3))),
        ("a: np.argmin(a, axis=0)", calls(np.zeros((0, 3)))),
        ("a: np.argmin(a, axis=2)", calls(A)),
        ("a: np.ptp(a, 0, keepdims=True)", calls(A)),
    ]
)

RANDOM = np.random.default_rng(3)
X = RANDOM.standard_normal(300)
WITH_NAN = np.where(np.abs(M) > 2, np.nan, M)
FEW = RANDOM.integers(-4, 5, 60)
UNSIGNED = FEW.astype(np.uint8) % 7

SORTING = [
    (
        "a: (np.sort(a), np.sort(a, 0), np.sort(a, axis=None))",
        [*REAL, *LAYOUTS, *calls(WITH_NAN, X, X[:13], EMPTY)],
    ),
    ("a: np.sort(a)", calls(*(np.arange(n) * 7919 % 1009 for n in (0, 1, 2, 11, 12, 13, 24, 25, 100, 1009)))),
    ("a: (np.argsort(a, kind='stable'), np.argsort(a, 0, kind='stable'))", [*REAL, *calls(WITH_NAN, EMPTY)]),
    ("a: (np.argsort(a), a.argsort(), np.argsort(a, axis=None))", calls(X, X.reshape(3, 100)[:, ::2])),
    ("a: np.unique(a)", [*REAL, *calls(WITH_NAN, FEW, X, EMPTY)]),
    ("a: np.unique(a, return_counts=True)", calls(FEW, WITH_NAN, EMPTY)),
    ("a: np.unique(a, True, True, True)", calls(FEW, FEW.reshape(6, 10))),
    ("a: np.unique(a, return_inverse=True)", calls(FEW)),
    (
        "a, b: (np.union1d(a, b), np.intersect1d(a, b), np.setdiff1d(a, b), np.setxor1d(a, b))",
        [(FEW[:20], FEW[20:40] + 2), (V, V[:3]), (FEW[:0], FEW)],
    ),
    (
        "a, b: (np.isin(a, b), np.isin(a, b, invert=True))",
        [(FEW.reshape(6, 10), FEW[:3]), (V, FEW), (FEW, V[:0])],
    ),
    (
        "a: (np.median(a), np.median(a, 0), np.median(a, axis=1, keepdims=True))",
        [*REAL, *calls(WITH_NAN, EMPTY.T)],
    ),
    ("a: np.median(a)", calls(X, X[:7], V[:0], V[:1])),
    (
        "a: (np.quantile(a, 0.3), np.quantile(a, 0.75, axis=0), np.percentile(a, 90, axis=1, keepdims=True))",
        calls(A, M, numbers((4, 6), np.int32), WITH_NAN),
    ),
    ("a, q: (np.quantile(a, q), np.percentile(a, 100 * q))", [(X, np.array([0, 0.1, 0.5, 0.999, 1]))]),
    ("a, q: np.percentile(a, q)", [(X, 25), (X, 50.0), (X, 101), (V, -1), (V[:0], 50), (V, 100)]),
    ("a: np.percentile(a, (25, 50, 75))", calls(X)),
]

STACKING = [
    ("a: (np.stack((a, a + 1)), np.stack((a, a), axis=1), np.stack((a, a, a), -1))", calls(V, A)),
    ("a: np.stack((a, a[1:]))", calls(V)),
    (
        "a, b: (np.vstack((a, b)), np.hstack((a, b)), np.dstack((a, b)), np.column_stack((a, b)))",
        [(V, V * 2), (A, A.astype(np.int8))],
    ),
    ("a, b: np.column_stack((a, b))", [(A, A[:, 0])]),
    ("a, b: np.hstack((a, b))", [(V, A)]),
    ("a: (np.append(a, 3.5), np.append(a, a), np.append(a, (1, 2)))", calls(V, A)),
    ("a: (np.append(a, a, axis=0), np.append(a, a, 1))", calls(A)),
    ("a: (np.repeat(a, 3), np.repeat(a, 2, axis=0), np.repeat(a, 0, 1), np.repeat(7, 3))", calls(A)),
    (
        "a, n: np.repeat(a, n)",
        [(V, np.arange(7)), (V, np.arange(3)), (V, -1), (V, np.array([2])), (V, -np.arange(7))],
    ),
    ("a: (np.tile(a, 3), np.tile(a, (2, 2)), np.tile(a, (2, 1, 3)), np.tile(1, 4))", calls(V, A, EMPTY)),
    ("a: (np.delete(a, 1), np.delete(a, -1, axis=0), np.delete(a, slice(1, 3), 1))", calls(A)),
    ("a, i: np.delete(a, i)", [(V, I), (V, V > 0), (V, 9), (V, np.array([9])), (V, V[1:] > 0)]),
    ("a: np.delete(a, 7, axis=1)", calls(A)),
    ("a: (np.insert(a, 1, 5), np.insert(a, -1, 2.5), np.insert(a, 3, (1, 2)))", calls(V)),
    (
        "a: (np.insert(a, 1, 5, axis=0), np.insert(a, 2, a[:, 0], axis=1), np.insert(a, 0, a[0], axis=0))",
        calls(A),
    ),
    ("a: np.insert(a, 9, 1.0)", calls(V)),
    ("a: np.insert(a, 1, a[0], axis=1)", calls(A)),
    ("a: (np.rot90(a), np.rot90(a, 2), np.rot90(a, -1), np.rot90(a, 4))", calls(A)),
]

LISTS = [
    (
        "a, b: (np.concatenate([a, b]), np.vstack([a, a]), np.hstack([a, b]), np.stack([a, a], axis=1))",
        [(V, V[::-1].copy())],
    ),
    (
        "a, b: (np.concatenate([a, b], axis=1), np.column_stack([a, b]), np.dstack([a, b]))",
        [(A, A * 2), (A, A[:2])],
    ),
    ("a, b: np.stack([a, b])", [(V, V[:3].copy())]),
    ("a, n: np.split(a, n)", [(A, 2), (A, 3), (V, 7)]),
    ("a, n: (np.array_split(a, n), np.array_split(a, n, axis=1))", [(A, 3), (A, 4)]),
    ("a, i: (np.split(a, i), np.split(a, (1, 3)))", [(A, np.array([1, 3])), (A, np.array([0, 9]))]),
    ("a: (np.hsplit(a, 2), np.vsplit(a, 2))", calls(A)),
]

SMALL = [
    (
        "a: (np.round(a), np.around(a, 1), a.round(2), np.round(a, -1))",
        calls(M * 3.3, (M * 3.3).astype(np.float32), (M * 3.3).astype(np.float16), V * 1j),
    ),
    ("a: (np.round(a), np.round(a, 3))", calls(FEW, np.float64(2.345), 2.5)),
    ("a, x: np.polyval(a, x)", [(V, 2.0), (V, V), (FEW[:4], 3), (FEW[:4], V)]),
    ("a, i: a[np.ix_(i, i)]", [(A, I)]),
    (
        "a: (np.asfortranarray(a), np.roll(a, 2, axis=0), np.roll(a, -1, axis=1), np.diag(a), np.diag(a, 1))",
        calls(A, A.T),
    ),
    ("a: np.copyto(a, 3.5)", calls(A.copy())),
]

MATRICES = [
    ("n: (np.tri(n), np.tri(n, 2), np.tri(3, n, 1), np.tri(3, 4, -1, np.int8), np.tri(2, 2, -5))", calls(4)),
    ("a: (np.tril(a), np.triu(a), np.tril(a, 1), np.triu(a, -1), np.triu(a, 9))", calls(A, A.T, C, V)),
    ("n: (np.tril_indices(n), np.triu_indices(n, 1), np.tril_indices(n, -1, 5))", calls(4)),
    ("a: (np.diagonal(a), np.diagonal(a, 1), a.diagonal(-2), np.diagonal(a, 10))", calls(A, A.T)),
    ("a: np.diagflat(a)", calls(A[:2, :2])),
    ("a: np.fill_diagonal(a, 7)", calls(A, A.T)),
    ("a: (np.vander(a), np.vander(a, 3), np.vander(a, 2, increasing=True))", calls(V, FEW[:4])),
    (
        "a, b: np.cross(a, b)",
        [(V[:3], V[3:6]), (A.reshape(8, 3), V[:3]), (V[:3], A.reshape(8, 3)), (V[:4], V[:4])],
    ),
    ("a: np.cross((1.0, 0.0, 0.0), a)", calls(V[:3])),
    ("a, b: np.kron(a, b)", [(V, V[:2]), (A, A[:2, :3])]),
    ("a, b: (np.meshgrid(a, b), np.meshgrid(a, b, indexing='ij'))", [(V, FEW[:3])]),
    ("i: np.unravel_index(i, (4, 6))", calls(7, 23, 24, -1, np.array([0, 5, 23]), np.array([1, 24]))),
    ("n: (np.hanning(n), np.hamming(n), np.blackman(n), np.bartlett(n))", calls(0, 1, 2, 7, 12), {"ulp": 4}),
    ("a: np.sinc(a)", calls(V, V.astype(np.float32), 0.0, 0.5), {"ulp": 4}),
]

SAMPLES = [
    ("a: (np.trapezoid(a), np.trapezoid(a, dx=0.5), np.trapezoid(a, axis=0))", calls(A, C), SUMS),
    ("a, x: np.trapezoid(a, x)", [(V, np.sort(V) * 2), (A, np.arange(6) ** 2)], SUMS),
    (
        "x, a, b: np.interp(x, a, b)",
        [
            (np.array([-1, 0, 0.5, 2, 2.5, 6, 9, np.nan]), np.arange(7.0), V),
            (2.5, np.arange(7), V),
            (1, V[:0], V[:0]),
            (X.reshape(3, 100), np.sort(X[::7]), X[::7]),
            (1.0, V, V[1:]),
            (np.array([3, 1]), np.arange(7), V),
        ],
    ),
    (
        "x, a, b: (np.interp(x, a, b, left=-1), np.interp(x, a, b, -1, 7.5))",
        [(np.array([-1, 9.5]), np.arange(7), V)],
    ),
    (
        "a, b: (np.convolve(a, b), np.convolve(a, b, 'same'), np.convolve(a, b, mode='valid'))",
        [(V, V[:3]), (V[:3], V), (V, V[:4]), (V[:2], V), (FEW, FEW[:4]), (V, V[:0]), (V, V)],
        SUMS,
    ),
    (
        "a, b: (np.correlate(a, b), np.correlate(a, b, 'same'), np.correlate(a, b, mode='full'))",
        [(V, V[:3]), (V[:3], V), (V, V[:4]), (FEW, FEW[:4]), (V, V[:2] * 1j), (V[:2] * (1 + 1j), V)],
        SUMS,
    ),
    ("a: np.gradient(a)", calls(V, FEW, V[:1], V[:2])),
    ("a: (np.gradient(a, 0.5, axis=0), np.gradient(a, axis=-1))", calls(A)),
    ("a: (np.bincount(a), np.bincount(a, minlength=20))", calls(UNSIGNED, np.arange(0), FEW)),
    ("a, w: np.bincount(a, w)", [(UNSIGNED, X[:60]), (UNSIGNED, X), (UNSIGNED, FEW)]),
    ("a: np.bincount(a, minlength=-1)", calls(UNSIGNED)),
    (
        "x, b: (np.digitize(x, b), np.digitize(x, b, right=True))",
        [(V, np.array([-1, 0, 1.25])), (V, np.array([2, 1, 0.25])), (FEW, np.array([-2, 0])), (V, V)],
    ),
    ("a: (np.histogram(a), np.histogram(a, 4), np.histogram(a, 5, (-1, 1)))", calls(X, FEW, V, V[:0], V[:1])),
    ("a: np.histogram(a, bins=6, density=True)", calls(X)),
    (
        "a, b: np.histogram(a, b)",
        [(X, np.array([-2, -1, 0, 0.5, 3])), (X, np.array([1, 0])), (FEW, np.arange(-3, 3))],
    ),
    ("a: np.histogram(a, 0)", calls(X)),
    ("a: np.histogram(a)", calls(WITH_NAN)),
    ("a: np.average(a)", calls(A, FEW), SUMS),
    ("a, w: np.average(a, weights=w)", [(A, A), (V, V), (FEW, FEW * 2 + 1), (A, V)], SUMS),
    ("a, w: np.average(a, axis=1, weights=w)", [(A, np.arange(6)), (A, np.arange(5))], SUMS),
    (
        "a: (np.cov(a), np.cov(a, bias=True), np.cov(a, rowvar=False), np.cov(a, ddof=0))",
        calls(M, V, FEW),
        SUMS,
    ),
    ("a, b: (np.cov(a, b), np.corrcoef(a, b))", [(V, V[::-1].copy())], SUMS),
    ("a: np.corrcoef(a)", calls(M), SUMS),
    ("a: (np.diff(a, axis=0), np.diff(a, 2, axis=1), np.ediff1d(a))", calls(A, FEW.reshape(6, 10))),
]

NAN = (
    [
        (
            f"a: (np.{name}(a), np.{name}(a, 0), np.{name}(a, axis=1, keepdims=True))",
            calls(WITH_NAN, A, FEW.reshape(6, 10), WITH_NAN[:, ::-1]),
            SUMS,
        )
        for name in ("nansum", "nanprod", "nanmean", "nanvar", "nanstd", "nanmin", "nanmax")
    ]
    + [
        (f"a: (np.{name}(a), np.{name}(a, 0), np.{name}(a, axis=1))", calls(WITH_NAN[:, :3], A, A * np.nan))
        for name in ("nanargmin", "nanargmax")
    ]
    + [
        ("a: (np.nancumsum(a), np.nancumsum(a, 1), np.nancumprod(a, axis=0))", calls(WITH_NAN, A)),
        ("a: np.nanmedian(a)", calls(WITH_NAN, FEW, A * np.nan)),
        ("a: (np.nansum(a), np.nanmean(a))", calls(WITH_NAN * 1j), SUMS),
        (
            "a: (np.nan_to_num(a), np.nan_to_num(a, nan=2.0, posinf=3.0, neginf=-3))",
            calls(
                np.array([1, np.nan, np.inf, -np.inf]),
                np.array([np.nan, np.inf], np.float32),
                FEW,
                np.inf,
                np.array([np.nan + 1j, complex(1, -np.inf)]),
            ),
        ),
        ("a: (np.isposinf(a), np.isneginf(a))", calls(np.array([1, np.nan, np.inf, -np.inf]), 2.0)),
    ]
)

S = numbers((2, 3, 4))
T = numbers((2, 4, 3))

PRODUCTS = [
    (
        "a, b: (a @ b, np.matmul(a, b))",
        [
            (S, T),
            (S, T[0]),
            (S[0], T),
            (S, T[0, :, 0]),
            (S[0, 0], T),
            (S.astype(np.float32), T.astype(np.float32)),
            (S.astype(int), T.astype(int)),
            (S * 1j, T),
            (S[None], T[:, None, 0]),
            (S[:1], T),
            (S, S),
        ],
        SUMS,
    ),
    (
        "a, b: np.dot(a, b)",
        [(S, T), (S, T[0]), (S[0], T), (S, T[0, :, 0]), (S[0, 0], T), (S * 1j, T), (S, T.astype(int))],
        SUMS,
    ),
]

PAIRS = [(numbers((3, 4), dtype), numbers((4, 2), dtype)) for dtype in DTYPES]
PRODUCTS += [
    (
        "a, b: (a @ b, np.dot(a, b), np.dot(a, b[:, 0]), a[0] @ b, np.dot(a[0], b[:, 1]))",
        PAIRS,
        {"rtol": 1e-3},
    ),
    ("a, b: (a.T @ b[:3], np.dot(a[:, ::2], b[::2]), a[::-1] @ b)", PAIRS, {"rtol": 1e-3}),
    ("a, b: a @ b", [(M, M), (V, M), (M, V), (V, V[:3])]),
    ("a, b: np.dot(a, b)", [(M, M), (V, M), (M, V), (V, V[:3]), (M, 2.0), (3, V)]),
]

G = RANDOM.standard_normal((5, 5))
POSITIVE = G @ G.T + np.eye(5)
Z = G + 1j * RANDOM.standard_normal((5, 5))
TALL = RANDOM.standard_normal((7, 3))
SINGULAR = np.ones((3, 3))
KINDS = calls(
    G, G.astype(np.float32), Z, Z.astype(np.complex64), np.round(G * 3).astype(int), np.asfortranarray(G)
)
NEAR = {"rtol": 2e-4}  # float32 is among them

LINALG = [
    ("a: np.linalg.inv(a)", [*KINDS, *calls(SINGULAR, TALL, np.zeros((0, 0)))], NEAR),
    (
        "a: (np.linalg.det(a), tuple(np.linalg.slogdet(a)))",
        [*KINDS, *calls(SINGULAR, np.zeros((2, 2)), TALL)],
        NEAR,
    ),
    ("a: np.linalg.solve(a, a[0])", [*KINDS, *calls(SINGULAR)], NEAR),
    ("a, b: np.linalg.solve(a, b)", [(G, G[:, :2]), (G, Z), (G, TALL), (G, TALL[:, 0]), (Z, G[0])], NEAR),
    (
        "a: np.linalg.cholesky(a)",
        calls(POSITIVE, POSITIVE.astype(np.float32), Z @ np.conj(Z.T) + np.eye(5), -np.eye(2), TALL),
        NEAR,
    ),
    ("a: tuple(np.linalg.qr(a))", [*KINDS, *calls(TALL, TALL.T)], NEAR),
    ("a: np.linalg.qr(a, mode='r')", calls(TALL, TALL.T, Z), NEAR),
    ("a: np.linalg.eigvalsh(a)", calls(POSITIVE, POSITIVE.astype(np.float32), Z + np.conj(Z.T)), NEAR),
    (
        "a: (np.linalg.eigh(a)[0], np.abs(np.linalg.eigh(a)[1]))",
        calls(POSITIVE, POSITIVE.astype(np.float32), Z + np.conj(Z.T)),
        NEAR,
    ),
    ("a: tuple(np.linalg.svd(a))", [*KINDS, *calls(TALL, TALL.T)], NEAR),
    ("a: tuple(np.linalg.svd(a, full_matrices=False))", calls(TALL, TALL.T, Z), NEAR),
    ("a: (np.linalg.svd(a, compute_uv=False), np.linalg.svdvals(a))", [*KINDS, *calls(TALL)], NEAR),
    ("a: np.linalg.matrix_rank(a)", [*KINDS, *calls(SINGULAR, TALL)]),
    ("a: (np.linalg.cond(a), np.linalg.pinv(a))", calls(G, TALL, TALL.T, Z), NEAR),
    (
        "a, b: np.linalg.lstsq(a, b)",
        [
            (TALL, TALL[:, 0] + 1),
            (TALL, TALL[:, :2] ** 2),
            (TALL.T, TALL[:3, 0]),
            (SINGULAR, SINGULAR),
            (TALL, G),
        ],
        NEAR,
    ),
    ("a, n: np.linalg.matrix_power(a, n)", [(G, 0), (G, 1), (G, 3), (G, 10), (G, -2)], NEAR),
    (
        "a: (np.linalg.norm(a), np.linalg.norm(a, 2), np.linalg.norm(a, 1), np.linalg.norm(a, np.inf))",
        calls(V, FEW, V * 1j, G),
        {"rtol": 1e-13},
    ),
    (
        "a: (np.linalg.norm(a, axis=1), np.linalg.norm(a, 1, 0), np.linalg.norm(a, axis=0, keepdims=True))",
        calls(G, TALL, Z),
        SUMS,
    ),
    ("a: (np.linalg.norm(a, 0), np.linalg.norm(a, 3), np.linalg.norm(a, -np.inf))", calls(V), {"ulp": 8}),
    ("a: (np.linalg.norm(a, 'fro'), np.linalg.norm(a, 'nuc'), np.linalg.norm(a, -2))", calls(G), SUMS),
]

CREATION = [
    (
        "a, b: (np.logspace(a, b), np.logspace(a, b, 4), np.logspace(a, b, 3, False, 2.0))",
        [(0, 2), (-1.5, 1.0)],
        {"ulp": 4},
    ),
    (
        "a, b: (np.geomspace(a, b), np.geomspace(a, b, 4), np.geomspace(a, b, 3, endpoint=False))",
        [(1, 1000), (-1000.0, -1.0), (0, 1), (8.0, 2)],
        {"ulp": 4},
    ),
    ("a: np.where(a)", calls(A > 3, FEW)),
    (
        "a: (np.angle(a), np.angle(a, deg=True), np.isreal(a), np.iscomplex(a))",
        calls(V * (1 + 1j), V, 1j),
        {"ulp": 4},
    ),
]

W = np.array([3.0, np.nan, -1.0, 7.0, 0.5])
GRID = np.arange(6.0).reshape(2, 3)

FURTHER = [
    (
        "a, k: (np.partition(a, k)[k], np.sort(np.partition(a, k)[:k]))",
        [(V, 3), (V, 0), (V, -1), (W, 2), (V, 7)],
    ),
    ("a, k: np.partition(a, k, axis=0)[k]", [(A[::-1], 2), (A[::-1], -1), (A.T, 4)]),
    ("a, k: a[np.argpartition(a, k)[k]]", [(V, 3), (W, 1), (V, -8)]),
    ("a, b: (np.lexsort((a, b)), np.lexsort((b, a, b)))", [(V > 0, V), (np.array([1, 0, 1, 0]), I)]),
    (
        "a: (np.nanquantile(a, 0.3), np.nanpercentile(a, (10, 90)), np.nanpercentile(a, 50.0))",
        calls(W, V, I, W[1:2]),
    ),
    ("a: (np.pad(a, 2), np.pad(a, (1, 0)), np.pad(a, ((0, 1),), constant_values=7))", calls(V, GRID, I)),
    ("a: np.pad(a, ((1, 2), (0, 3)))", calls(GRID)),
    ("a: (np.pad(a, 7, 'edge'), np.pad(a, 7, mode='wrap'))", calls(V, V[:1], V[:2], GRID)),
    ("a: (np.pad(a, 9, 'reflect'), np.pad(a, 9, 'symmetric'))", calls(V, V[:1], V[:2], GRID)),
    ("a: np.pad(a, -1)", calls(V)),
    ("a: (np.resize(a, 5), np.resize(a, (3, 4)), np.resize(a, (0, 2)))", calls(V, GRID, GRID.T, V[:0])),
    (
        "a: (np.trim_zeros(a), np.trim_zeros(a, 'f'), np.trim_zeros(a, trim='b'))",
        calls(np.array([0, 0, 1, 0, 2, 0]), V, V * 0),
    ),
    ("x, y: (np.polyfit(x, y, 2), np.polyfit(x, y, 0))", [(np.arange(7), V), (V, A[0, :1] + V)], NEAR),
    ("x, y: np.polyfit(x, y, 1)", [(np.arange(4.0), A), (V, V[1:])], NEAR),
    ("p, x: (np.polyval(p, x), np.polyval(p, 0.5))", [(V, V), (I, A)], {"rtol": 1e-13}),
    ("a: (np.tril_indices_from(a), np.triu_indices_from(a, 1))", calls(A, V)),
    ("n: (np.indices((n, 2)), np.indices((n,)), np.indices((2, n, 3), np.float32))", calls(3, 0)),
    ("i, j: np.ravel_multi_index((i, j), (4, 6))", [(I % 4, I % 6), (3, 5), (4, 0), (0, -1)]),
    ("a: (np.isrealobj(a), np.iscomplexobj(a), np.isscalar(a))", calls(V, V * 1j, 2.5, 1j, 3)),
    ("a: np.frexp(a)", calls(V, A, W, np.array([0.0, -0.0, np.inf, 5e-324]))),
    ("a: np.modf(a)", calls(V, A, W, np.array([0.0, -0.0, np.inf, -2.5], np.float32))),
    (
        "a: (np.unwrap(a), np.unwrap(a, discont=4.0))",
        calls(V, V * 5, np.array([0, np.pi, 2 * np.pi, 0.1]), V[:0]),
        {"ulp": 8},
    ),
    ("a: np.dsplit(a, 2)", calls(C, A)),
    ("a: np.select((a > 3, a > 1), (a, a * 10), -1)", calls(V, A, I)),
    ("a, b: np.select((a > 0, b > 0), (a, b))", [(V, W[:1]), (A, V[:6])]),
    ("a: np.take_along_axis(a, np.argsort(a, axis=1), 1)", calls(A[:, ::-1], M)),
    ("a: np.take_along_axis(a, np.argsort(a, axis=0), axis=0)", calls(A[::-1], M)),
    ("a, i: np.take_along_axis(a, i, -1)", [(A, I[:, None]), (A, I[None]), (V, I), (A, I)]),
]

ROWS = [
    *INDEXING,
    *AXES,
    *REDUCTIONS,
    *SORTING,
    *STACKING,
    *LISTS,
    *SMALL,
    *MATRICES,
    *SAMPLES,
    *NAN,
    *PRODUCTS,
    *LINALG,
    *CREATION,
    *FURTHER,
]
