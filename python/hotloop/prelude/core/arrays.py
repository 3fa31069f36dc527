"""Facts about arrays and dtypes that are known while compiling, and contiguous memory as one axis.

`layout`, `refuse` and the views but `flat` are intrinsics: compiled code gets their answers from inference
(infer/known.def); the bodies here are what the interpreter runs.  A `kind` throughout the prelude is a NumPy
scalar type, as `np.float32`.
"""

import numpy as np


def layout(a):
    """Return how the elements lie: "C" or "F" for contiguous in that order, "A" for anything else."""
    if a.flags.c_contiguous:
        return "C"
    return "F" if a.flags.f_contiguous else "A"


def contiguous_view(a, shape):
    """Return a view of this shape of an array whose elements lie in C order without gaps."""
    return a.view().reshape(shape)


def strided_view(a, shape, strides):
    """Return the view from the array's first element; the strides are a tuple or an array of int64."""
    return np.lib.stride_tricks.as_strided(a, shape, strides, writeable=a.flags.writeable)


def readonly_view(a):
    """Return a view that refuses writes."""
    view = a.view()
    view.flags.writeable = False
    return view


def refuse(reason):
    """Say why these arguments are not compiled: what reaches a call of this runs in the interpreter."""
    raise NotImplementedError(reason)


def flat(a):
    """Return the elements of a contiguous array as a one-dimensional view, in the order of memory."""
    if layout(a) == "F":
        return a.T.reshape(-1)
    return a.reshape(-1)


def kind_of(dtype):
    """Return the scalar type of whatever NumPy takes for a dtype."""
    return np.dtype(dtype).type


def is_integer(kind):
    """Tell whether elements of this kind are bools or integers."""
    letter = np.dtype(kind).kind
    return letter == "b" or letter == "i" or letter == "u"


def is_complex(kind):
    """Tell whether elements of this kind are complex."""
    return np.dtype(kind).kind == "c"
