"""Numba's ``misc`` namespace under hotloop's name: see `hotloop.misc.special`."""
