"""Optimisation: the lowest point of Rosenbrock's valley in two ways, and a short round trip by annealing."""

import math

import numpy as np
from _compare import Comparison, close

from hotloop import njit


def descend(x, y, step, rounds):
    """Follow the gradient of Rosenbrock's function (1 - x)**2 + 100 (y - x**2)**2 downhill."""
    for _ in range(rounds):
        slope_x = -2.0 * (1.0 - x) - 400.0 * x * (y - x * x)
        slope_y = 200.0 * (y - x * x)
        x -= step * slope_x
        y -= step * slope_y
    return x, y


def nelder_mead(points, rounds):
    """Move a triangle downhill (Nelder and Mead, 1965); return its best corner and the value there."""
    n = points.shape[1]
    values = np.empty(n + 1)
    for i in range(n + 1):
        x, y = points[i, 0], points[i, 1]
        values[i] = (1.0 - x) ** 2 + 100.0 * (y - x * x) ** 2
    for _ in range(rounds):
        best, worst = values.argmin(), values.argmax()
        centre = np.zeros(n)
        for i in range(n + 1):
            if i != worst:
                centre += points[i] / n
        for factor in (2.0, 1.0, 0.5, -0.5):  # far behind the centre, behind it, before it
            trial = centre + factor * (centre - points[worst])
            value = (1.0 - trial[0]) ** 2 + 100.0 * (trial[1] - trial[0] ** 2) ** 2
            if value < values[worst]:
                break
        if value < values[worst]:
            points[worst] = trial
            values[worst] = value
        else:
            for i in range(n + 1):
                points[i] = 0.5 * (points[i] + points[best])
                values[i] = (1.0 - points[i, 0]) ** 2 + 100.0 * (points[i, 1] - points[i, 0] ** 2) ** 2
    best = values.argmin()
    return points[best, 0], points[best, 1], values[best]


def annealed_tour(cities, rounds, seed):
    """Shorten a round trip by reversing random pieces of it, at first also where that makes it longer."""

    def gap(a, b):
        return math.sqrt((cities[a, 0] - cities[b, 0]) ** 2 + (cities[a, 1] - cities[b, 1]) ** 2)

    np.random.seed(seed)
    n = cities.shape[0]
    tour = np.arange(n)
    length = 0.0
    for i in range(n):
        length += gap(tour[i], tour[(i + 1) % n])
    for round in range(rounds):
        heat = 0.3 * (1.0 - round / rounds) ** 3
        i, j = np.random.randint(1, n), np.random.randint(1, n)
        if i > j:
            i, j = j, i
        a, b, c, d = tour[i - 1], tour[i], tour[j], tour[(j + 1) % n]
        change = gap(a, c) + gap(b, d) - gap(a, b) - gap(c, d)
        if change < 0.0 or (heat > 0.0 and np.random.random() < math.exp(-change / heat)):
            while i < j:
                tour[i], tour[j] = tour[j], tour[i]
                i += 1
                j -= 1
            length += change
    return length


def main():
    table = Comparison("Optimisation")
    table.row("gradient descent", descend, njit(descend), -1.0, 1.0, 1e-3, 50_000)

    def triangle(function):
        return lambda rounds: function(np.array([[-1.0, 1.0], [-0.9, 1.0], [-1.0, 1.1]]), rounds)

    table.row("Nelder-Mead", triangle(nelder_mead), triangle(njit(nelder_mead)), 200, agree=close)
    cities = np.random.default_rng(0).random((60, 2))
    length = table.row("annealing", annealed_tour, njit(annealed_tour), cities, 50_000, 1, agree=close)
    print(f"A round trip through 60 cities of length {length:.2f}.")


if __name__ == "__main__":
    main()
