"""k-means: a million points in eight groups, each core with its share of the points."""

import numpy as np
from _compare import Comparison, close, pretty_time, timed

from hotloop import njit, prange


def kmeans(points, centres, rounds):
    """Return the centres of k groups of points after some rounds of Lloyd's algorithm (1982).

    Parameters
    ----------
    points : float64 array, shape (n, dimensions)
    centres : float64 array, shape (k, dimensions)
        Where to begin.
    rounds : int
    """
    n, dimensions = points.shape
    k = centres.shape[0]
    nearest = np.zeros(n, dtype=np.int64)
    for _ in range(rounds):
        for i in prange(n):
            smallest = np.inf
            for c in range(k):
                distance = 0.0
                for d in range(dimensions):
                    distance += (points[i, d] - centres[c, d]) ** 2
                if distance < smallest:
                    smallest = distance
                    nearest[i] = c
        sums = np.zeros((k, dimensions))
        counts = np.zeros(k)
        for i in range(n):
            counts[nearest[i]] += 1.0
            for d in range(dimensions):
                sums[nearest[i], d] += points[i, d]
        for c in range(k):
            if counts[c] > 0.0:
                centres[c] = sums[c] / counts[c]
    return centres


def groups(n):
    """Return n points around eight places, and eight of the points."""
    rng = np.random.default_rng(1)
    places = rng.uniform(-10.0, 10.0, (8, 2))
    points = places[rng.integers(0, 8, n)] + rng.standard_normal((n, 2))
    return points, points[:8].copy()


def main():
    points, centres = groups(3_000)

    def fresh(function):
        return lambda: function(points, centres.copy(), 5)

    table = Comparison("k-means, 3,000 points, 8 groups, 5 rounds")
    table.row("one core", fresh(kmeans), fresh(njit(kmeans)), agree=close)
    compiled = njit(parallel=True)(kmeans)
    table.row("all cores", fresh(kmeans), fresh(compiled), agree=close)

    points, centres = groups(1_000_000)
    _, seconds = timed(compiled, points, centres, 10)
    print(f"A million points, 10 rounds, on all cores in {pretty_time(seconds)}.")


if __name__ == "__main__":
    main()
