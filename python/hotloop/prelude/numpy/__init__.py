"""NumPy's functions and array methods, by theme."""
