"""What a call of a `DUFunc` means in compiled code: its function for numbers, a loop over it for arrays."""

import numpy

from ...core import types
from ...core.typetext import from_text
from ..numpy_support import as_dtype
from .kernels import result_type

_WRONG = "operands could not be broadcast together with shapes "


def implementer(function, nin, loops, frozen):
    """Return what says which Python function implements a call with arguments of some types; see `overload`.

    Parameters
    ----------
    function : compiled function
        Takes *nin* numbers.
    loops : tuple
        The argument types and the result type of each loop that there is, as texts: the key of a cached
        function that calls the ufunc is made of them and of the function.
    frozen : bool
        Whether there are no other loops.
    """

    def implement(*args, out=None):
        if len(args) not in (nin, nin + 1):
            raise TypeError(f"{function.__name__} takes {nin} numbers or arrays and an output")
        operands, output = args[:nin], args[nin] if len(args) > nin else out
        elements = [arg.dtype if isinstance(arg, types.Array) else arg for arg in operands]
        if not all(isinstance(element, types.Number | types.Boolean) for element in elements):
            return None
        casts, result = _loop(function, elements, loops, frozen)
        axes = [arg.ndim if isinstance(arg, types.Array) else None for arg in operands]
        return _source(function, axes, output, [*casts, as_dtype(result).type])

    return implement


def _loop(function, elements, loops, frozen):
    """Return what each operand is cast to, None where nothing, and the result's type: NumPy's choice."""
    given = [as_dtype(element) for element in elements]
    for casting in ("equiv", "safe"):
        for args, result in loops:
            wanted = [as_dtype(from_text(text)) for text in args]
            if all(map(numpy.can_cast, given, wanted, [casting] * len(given))):
                return [want.type for want in wanted], from_text(result)
    if frozen:
        names = ", ".join(map(str, elements))
        raise TypeError(f"ufunc {function.__name__!r} has no loop for ({names})")
    return [None] * len(given), types.unliteral(result_type(function, tuple(elements)))


def _source(function, axes, output, kinds):
    """Return the Python function that is compiled: over arrays with so many axes, and None for a number."""
    from ...prelude.numpy.broadcast import broadcast

    names = [f"x{i}" for i in range(len(axes))]
    ndim = max((n for n in axes if n is not None), default=None)
    namespace = {"np": numpy, "function": function, "broadcast": broadcast}
    namespace.update({f"kind{i}": kind for i, kind in enumerate(kinds)})
    if not ndim and output is None:
        numbers = [name if n is None else f"{name}[()]" for name, n in zip(names, axes, strict=True)]
        return _made(f"def call({', '.join(names)}):\n    return {_element(numbers, kinds)}\n", namespace)
    ndim = output.ndim if output is not None else ndim
    index = ", ".join(f"i{k}" for k in range(ndim)) or "()"
    items = [name if n is None else f"{name}[{index}]" for name, n in zip(names, axes, strict=True)]
    loop = f"def loop({', '.join(names)}, out):\n"
    for k in range(ndim):
        loop += f"{'    ' * (k + 1)}for i{k} in range(out.shape[{k}]):\n"
    loop += f"{'    ' * (ndim + 1)}out[{index}] = {_element(items, kinds)}\n    return out\n"
    namespace["loop"] = _made(loop, namespace)
    return _made(_call(names, axes, output, len(kinds) - 1), namespace)


def _element(items, kinds):
    """Return the text of one result."""
    *casts, kind = kinds
    called = [
        item if cast is None else f"kind{i}({item})"
        for i, (item, cast) in enumerate(zip(items, casts, strict=True))
    ]
    call = f"function({', '.join(called)})"
    return call if None in casts else f"kind{len(casts)}({call})"


def _call(names, axes, output, last):
    """Return the text of what makes the operands one shape, and the output, for the loop."""
    arrays = [name for name, n in zip(names, axes, strict=True) if n is not None]
    shapes = [f"{name}.shape" for name in arrays]
    stretched = [f"np.broadcast_to({name}, shape)" if name in arrays else name for name in names]
    plain, wide = ", ".join(names), ", ".join(stretched)
    if output is not None:
        return f"def call({plain}, out):\n    shape = out.shape\n    return loop({wide}, out)\n"
    text, new = f"def call({plain}):\n    shape = {shapes[0]}\n", f"np.empty(shape, kind{last})"
    if len({n for n in axes if n is not None}) == 1:
        text += f"    if {' == '.join(['shape', *shapes])}:\n        return loop({plain}, {new})\n"
    for other in shapes[1:]:
        text += f"    shape = broadcast(shape, {other})\n"
    wrong = _WRONG + "".join(_shape_text(n) + " " for n in axes if n is not None)
    text += f"    if min((1,) + shape) < 0:\n        raise ValueError({wrong!r} % ({' + '.join(shapes)}))\n"
    return text + f"    return loop({wide}, {new})\n"


def _shape_text(ndim):
    """Return the text of a shape, with a %s for each size."""
    return "(%s,)" if ndim == 1 else f"({','.join(['%s'] * ndim)})"


def _made(text, namespace):
    exec(compile(text, "<ufunc>", "exec"), namespace)
    return namespace[text[4 : text.index("(")]]
