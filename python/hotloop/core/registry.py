"""Numba's module name for the class of compiled functions, which libraries ask about with isinstance."""

from .dispatcher import Dispatcher

CPUDispatcher = Dispatcher
