"""Mandelbrot: escape times of a picture's points. One dependent chain of floating-point operations each."""

import numpy as np

SIZES = (60, 400)
C_RESULT = None
OUTPUT = 0


def mandelbrot(steps, limit):
    height, width = steps.shape
    for row in range(height):
        y0 = -1.0 + 2.0 * row / height
        for column in range(width):
            x0 = -2.0 + 3.0 * column / width
            x = 0.0
            y = 0.0
            n = 0
            while n < limit and x * x + y * y <= 4.0:
                x, y = x * x - y * y + x0, 2.0 * x * y + y0
                n += 1
            steps[row, column] = n


def arguments(size):
    return np.zeros((2 * size // 3, size), dtype=np.int64), 200


def c_arguments(steps, limit):
    return steps, *steps.shape, limit
