"""What dispatch/tensor.c needs of torch; imported when a call first meets a tensor."""

import sys


def interface():
    """Give torch's class of tensors and how their memory is seen; None where torch has no such interface.

    Returns
    -------
    tuple
        The class; its DLPack exchange interface; what tells how many modes see every operation; what
        tells a tensor without memory; what is told of memory that was written; what makes one of a number.
    """
    torch = sys.modules.get("torch")
    try:
        exchange = torch.Tensor.__dlpack_c_exchange_api__
        modes = torch._C._len_torch_function_stack, torch._C._len_torch_dispatch_stack
        functional = torch._is_functional_tensor
        written = torch.autograd.graph.increment_version
    except AttributeError:
        return None
    dtypes = {
        name: getattr(torch, name)
        for name in ("bool", "uint8", "int8", "int16", "int32", "int64", "float32", "float64")
    }

    def make(value, name):
        return torch.scalar_tensor(value, dtype=dtypes[name], device="cpu")

    return torch.Tensor, exchange, *modes, functional, written, make
