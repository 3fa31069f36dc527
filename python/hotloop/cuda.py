"""Numba's ``cuda`` as it is on a machine without a GPU, for programs that ask before they use one.

Such a program imports this module, may decorate kernels, learns from `is_available` that there is no GPU, and
goes on with its functions for the CPU.  What needs a GPU raises `CudaSupportError` when it is called.
"""

_HINT = "hotloop has no GPU kernels: prange under parallel=True uses all cores"


class CudaSupportError(RuntimeError):
    """What needs a GPU has been asked for."""


class Kernel:
    """A function decorated with `jit`: it can be passed around, not launched."""

    def __init__(self, py_func):
        self.py_func = py_func
        self.__name__, self.__doc__ = py_func.__name__, py_func.__doc__
        self.__module__, self.__wrapped__ = py_func.__module__, py_func

    def __getitem__(self, configuration):
        return self

    def __call__(self, *args, **kwargs):
        raise CudaSupportError(f"cannot launch {self.__name__}: {_HINT}.")


def jit(func_or_sig=None, **options):
    """Mark a function as a kernel or, with ``device=True``, as a part of kernels.

    Parameters
    ----------
    func_or_sig : callable, signature or list of signatures, optional
        The function, when used bare; signatures are not looked at.
    **options
        Numba's options, not looked at.

    Returns
    -------
    Kernel or decorator
    """
    signature = (
        func_or_sig is None or isinstance(func_or_sig, (str, list)) or not hasattr(func_or_sig, "__code__")
    )
    return Kernel if signature else Kernel(func_or_sig)


def is_available():
    """Whether there is a GPU for kernels: no."""
    return False


def _needs_gpu(name):
    def needs_gpu(*args, **kwargs):
        raise CudaSupportError(f"cannot call cuda.{name}: {_HINT}.")

    needs_gpu.__name__ = needs_gpu.__qualname__ = name
    return needs_gpu


_CALLED = """
 as_cuda_array close current_context detect device_array device_array_like event get_current_device
list_devices mapped_array mapped_array_like managed_array pinned pinned_array pinned_array_like
profile_start profile_stop profiling select_device stream synchronize to_device
""".split()
globals().update({name: _needs_gpu(name) for name in _CALLED})
