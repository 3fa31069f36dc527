"""What other libraries ask of hotloop; Numba's ``extending``, of which this is offered so far."""


def is_jitted(function):
    """Whether *function* is compiled by hotloop."""
    from . import _hotloop

    return isinstance(function, _hotloop.Dispatcher)


def register_jitable(*args, **kwargs):
    """Let compiled code call a Python function, which stays as it is: hotloop compiles it when it is called.

    Parameters
    ----------
    *args
        The function, when used bare.
    **kwargs
        Options for `jit`; the function is compiled with those of its caller.
    """
    return args[0] if args else lambda function: function
