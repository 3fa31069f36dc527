"""What the rest of the prelude stands on, and Python's built-in functions."""
