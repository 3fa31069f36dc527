"""Numba's ``np.ufunc`` namespace under hotloop's name: ufuncs made of compiled functions."""

_HOMES = {
    "hotloop.np.ufunc.decorators": ("GUVectorize", "Vectorize", "guvectorize", "vectorize"),
    "hotloop.np.ufunc.dufunc": ("DUFunc",),
    "hotloop.np.ufunc.gufunc": ("GUFunc",),
}
# NumPy's numbers for what a reduction starts with.
PyUFunc_Zero, PyUFunc_One, PyUFunc_None, PyUFunc_ReorderableNone = 0, 1, -1, -2


def __getattr__(name):
    from importlib import import_module

    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"module 'hotloop.np.ufunc' has no attribute {name!r}")
