"""hotloop.cuda: a machine without a GPU, as programs find it that ask before they use one."""

import numpy as np
import pytest

from hotloop import cuda


def test_there_is_no_gpu():
    assert cuda.is_available() is False


@cuda.jit
def bare(a):
    a[0] = 1


@cuda.jit("void(float64[:])", device=True)
def with_signature(a):
    a[0] = 1


@pytest.mark.parametrize("kernel", [bare, with_signature])
def test_a_kernel_can_be_made_but_not_launched(kernel):
    a = np.zeros(1)
    with pytest.raises(cuda.CudaSupportError, match=f"^cannot launch {kernel.__name__}: .* prange .*[.]$"):
        kernel[1, 32](a)
    assert a[0] == 0 and kernel.py_func.__name__ == kernel.__name__


@pytest.mark.parametrize("name", ["to_device", "device_array", "get_current_device", "synchronize"])
def test_what_needs_a_gpu_says_so(name):
    with pytest.raises(cuda.CudaSupportError, match=f"^cannot call cuda.{name}: "):
        getattr(cuda, name)()


def test_unknown_names():
    with pytest.raises(ImportError, match="nothing_of_this_name"):
        exec("from hotloop.cuda import nothing_of_this_name")
