"""What other libraries ask of hotloop; Numba's ``extending``, of which `is_jitted` is offered so far."""


def is_jitted(function):
    """Whether *function* is compiled by hotloop."""
    from . import _hotloop

    return isinstance(function, _hotloop.Dispatcher)
