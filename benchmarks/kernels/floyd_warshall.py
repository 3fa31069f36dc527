"""Floyd-Warshall: all shortest paths of a graph, three loops around a comparison and a store."""

import numpy as np

SIZES = (64, 300)
C_RESULT = None
OUTPUT = 0


def floyd_warshall(d, edges):
    n = d.shape[0]
    for i in range(n):
        for j in range(n):
            d[i, j] = edges[i, j]
    for k in range(n):
        for i in range(n):
            first = d[i, k]
            for j in range(n):
                through = first + d[k, j]
                if through < d[i, j]:
                    d[i, j] = through


def arguments(size):
    edges = np.random.default_rng(11).random((size, size))
    return np.zeros((size, size)), edges


def c_arguments(d, edges):
    return d, edges, d.shape[0]
