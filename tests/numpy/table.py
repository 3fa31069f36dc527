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
    ("a, m: (np.compress(m, a, axis=0), np.compress(m, a), np.extract(a > 3, a))", [(A, I > 0)]),
    ("a: np.broadcast_to(a, (3, 4, 6))", calls(A, A[0], A[:, :1], A[:, :5], A[None, None])),
    ("a: np.broadcast_to(a, 7)", calls(V, V[:1], A)),
]

C = numbers((2, 3, 4))
SUMS = {"rtol": 1e-13}

AXES = [
    ("a: (np.swapaxes(a, 0, -1), a.swapaxes(1, 2), np.matrix_transpose(a))", calls(C)),
    ("a: (np.moveaxis(a, 0, -1), np.moveaxis(a, -1, 0), np.moveaxis(a, (0, 1), (-1, 0)))", calls(C)),
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

ROWS = [*INDEXING, *AXES, *REDUCTIONS]
