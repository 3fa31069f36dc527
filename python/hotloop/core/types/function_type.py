"""Numba's module name for the types of functions known by their signatures."""

from .functions import FunctionPrototype, FunctionType

__all__ = ["FunctionPrototype", "FunctionType"]
