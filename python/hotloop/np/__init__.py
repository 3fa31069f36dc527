"""Numba's ``np`` namespace under hotloop's name: see `hotloop.np.numpy_support`."""
