"""np.array of lists of numbers, lists, tuples and arrays, as deep as their types say; and arrays as lists."""

import numpy as np

from .. import implements

UNEQUAL = "setting an array element with a sequence. The requested array has an inhomogeneous shape after "
FIRST = UNEQUAL + "1 dimensions. The detected shape was (%d,) + inhomogeneous part."
SECOND = UNEQUAL + "2 dimensions. The detected shape was (%d, %d) + inhomogeneous part."


def no_shape(axes):
    """Return the shape of a sequence without items."""
    return () if axes == 0 else (0, *no_shape(axes - 1))


def shape_of(values, axes):
    """Return the shape by the first items; without any, the axes inside have none either."""
    if isinstance(values, np.ndarray):
        return values.shape
    if axes == 1:
        return (len(values),)
    for x in values:
        return (len(values), *shape_of(x, axes - 1))
    return no_shape(axes)


def check_size(n, wanted, rows):
    """Raise NumPy's error for items of unequal size; `rows` are the sizes of the axes outside."""
    if len(rows) == 0 or n == wanted:
        return
    if len(rows) == 1:
        raise ValueError(FIRST % rows[0])
    raise ValueError(SECOND % (rows[0], rows[1]))


def fill(out, values, rows):
    """Store the values."""
    check_size(len(values), out.shape[0], rows)
    i = 0
    for x in values:
        if out.ndim == 1:
            out[i] = x
        elif isinstance(x, np.ndarray):
            check_size(x.shape[0], out.shape[1], (*rows, out.shape[0]))
            out[i] = x
        else:
            fill(out[i], x, (*rows, out.shape[0]))
        i += 1


@implements("numpy.array.lists")
def array_of(items, axes, dtype):
    """Return np.array(items, dtype), which has so many axes."""
    out = np.empty(shape_of(items, axes), dtype)
    fill(out, items, ())
    return out


@implements("ndarray.tolist")
def tolist(a):
    """Return the elements in lists, as deep as the array has axes, as Python's numbers."""
    if a.ndim == 0:
        return a.item()
    if a.ndim == 1:
        return [x.item() for x in a]
    return [tolist(row) for row in a]
