"""What calls of a `DUFunc` or `GUFunc` mean in compiled code: its function, in a loop over arrays."""

import numpy

from ...core import types
from ...core.typetext import from_text
from ..numpy_support import as_dtype
from .kernels import result_type, scalar_text

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
    if output is not None:  # which operands may overlap
        made = f"loop({wide}, np.empty(shape, kind{last}))"
        return f"def call({plain}, out):\n    shape = out.shape\n    out[...] = {made}\n    return out\n"
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


# ---- generalised ufuncs


def generalised_implementer(function, layout, inputs, outputs, loops):
    """Return the same for a `GUFunc`, whose outputs compiled code gives it.

    Parameters
    ----------
    function : compiled function
        Takes the core arrays.
    layout : str
        As NumPy's errors show it.
    inputs, outputs : list of list of str
        The names of the core dimensions.
    loops : tuple of tuple of str or None
        The operands' element types of the loops there are; None: one is compiled for any.
    """
    cores = [*inputs, *outputs]

    def implement(*args):
        if len(args) != len(cores):
            raise TypeError(
                f"{function.__name__} takes {len(cores)} operands in compiled code, outputs included"
            )
        elements = [arg.dtype if isinstance(arg, types.Array) else arg for arg in args]
        lead = [getattr(arg, "ndim", 0) - len(core) for arg, core in zip(args, cores, strict=True)]
        if min(lead) < 0 or not all(isinstance(arg, types.Array) for arg in args[len(inputs) :]):
            return None
        if len({max(lead), *lead[len(inputs) :]}) > 1:
            raise TypeError(f"an output of {function.__name__} has fewer axes than its inputs")
        if loops is not None and tuple(map(scalar_text, elements)) not in loops:
            raise TypeError(f"ufunc {function.__name__!r} has no loop for ({', '.join(map(str, elements))})")
        is_array = [isinstance(arg, types.Array) for arg in args]
        return _generalised_source(function, layout, len(inputs), cores, lead, is_array)

    return implement


def _generalised_source(function, layout, nin, cores, lead, is_array):
    """Return the Python function that is compiled: operands have so many axes in front of their core ones."""
    names, depth = [f"x{k}" for k in range(len(cores))], max(lead)
    text = f"def call({', '.join(names)}):\n"
    first = {}
    for k, core in enumerate(cores):
        kind, number = ("Input", k) if k < nin else ("Output", k - nin)
        for axis, dim in enumerate(core):
            size = f"x{k}.shape[{lead[k] + axis}]"
            known = first.setdefault(dim, dim if dim.isdigit() else size)
            wrong = (
                f"{function.__name__}: {kind} operand {number} has a mismatch in its core dimension {axis}, "
                f"with gufunc signature {layout} (size %s is different from %s)"
            )
            if known != size:
                text += (
                    f"    if {size} != {known}:\n        raise ValueError({wrong!r} % ({size}, {known}))\n"
                )
    for k in range(nin):
        for output in range(nin, len(cores)) if is_array[k] else ():
            text += f"    if np.may_share_memory(x{k}, x{output}):\n        x{k} = x{k}.copy()\n"
        if lead[k]:
            text += f"    x{k} = np.broadcast_to(x{k}, x{nin}.shape[:{depth}] + x{k}.shape[{lead[k]}:])\n"
    for level in range(depth):
        text += f"{'    ' * (level + 1)}for i{level} in range(x{nin}.shape[{level}]):\n"
    parts = [_core_part(k, k >= nin and not core, depth if lead[k] else 0) for k, core in enumerate(cores)]
    text += f"{'    ' * (depth + 1)}function({', '.join(parts)})\n"
    return _made(text + f"    return {', '.join(names[nin:])}\n", {"np": numpy, "function": function})


def _core_part(k, is_number, lead):
    """Return the text of what one round gets of an operand; a number that it fills is a vector of one."""
    index = [f"i{level}" for level in range(lead)]
    if is_number:
        return (
            f"x{k}[{', '.join([*index[:-1], f'{index[-1]}:{index[-1]} + 1'])}]"
            if lead
            else f"x{k}.reshape(1)"
        )
    return f"x{k}[{', '.join(index)}]" if lead else f"x{k}"
