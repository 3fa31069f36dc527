"""Kernels: the compiled functions that a ufunc's loops are, written around the user's function."""

from ... import _hotloop
from ...core import decorators, types
from ...core.dispatcher import Dispatcher
from ...core.typetext import from_text, to_text
from ..numpy_support import as_dtype

_IDENTITIES = {0: 0, 1: 1, None: -1, "reorderable": -2}
_OPTIONS = (
    "boundscheck cache error_model fastmath forceinline inline locals nogil parallel semantics strict".split()
)


def identity_number(identity):
    """Return NumPy's number for what a reduction starts with; ValueError for what is none."""
    try:
        return _IDENTITIES[identity]
    except (KeyError, TypeError):
        raise ValueError(f"Invalid identity value {identity!r}") from None


def compiled(function, options):
    """Return the function compiled for kernels: none of it is Python's, division by zero is NumPy's."""
    if isinstance(function, Dispatcher):
        return function
    chosen = {name: value for name, value in options.items() if name in _OPTIONS and name != "cache"}
    return decorators.compiled(function, {"error_model": "numpy", **chosen, "strict": True})


def elementwise(function, nin, parallel):
    """Return the kernel that applies a compiled function of *nin* numbers to one-dimensional arrays."""
    names = [f"x{i}" for i in range(nin)]
    source = (
        f"def kernel({', '.join([*names, 'out'])}):\n"
        f"    for i in {'prange' if parallel else 'range'}(len(out)):\n"
        f"        out[i] = function({', '.join(name + '[i]' for name in names)})\n"
    )
    return _kernel(source, function, parallel=parallel)


def generalised(function, nargs):
    """Return the kernel that calls a compiled function with the core arrays of one round."""
    names = ", ".join(f"x{i}" for i in range(nargs))
    return _kernel(f"def kernel({names}):\n    function({names})\n", function)


def _kernel(source, function, **options):
    namespace = {"function": function, "prange": _prange()}
    exec(compile(source, "<ufunc>", "exec"), namespace)
    options.update(nogil=True, strict=True, error_model="numpy")
    return decorators.compiled(namespace["kernel"], options)


def _prange():
    import hotloop

    return hotloop.prange


def result_type(function, args):
    """Return the type that a compiled function gives for numbers of these types, compiling it for them."""
    texts = tuple(scalar_text(ty) for ty in args)
    function._compile(texts, None)
    result = dict(function._specialisations())[texts]
    if result in (None, "object"):
        raise TypeError(
            f"{function.__name__} runs in the interpreter for {args}: it cannot be the loop of a ufunc"
        )
    return from_text(result)


def scalar_text(ty):
    """Return the core's text of an array's element of this type."""
    return to_text(types.Array(ty, 1, "C"))[len("array<") :].split(",")[0]


def elementwise_loop(kernel, args, result):
    """Compile a kernel for numbers of these types; return the loop as `make_ufunc` takes it."""
    kinds = [*args, result]
    strided, contiguous = (
        tuple(to_text(types.Array(ty, 1, layout)) for ty in kinds) for layout in ("A", "C")
    )
    for texts in (strided, contiguous):
        kernel._compile(texts, None)
    operands = tuple((1, ()) for _ in kinds)
    return kernel, strided, contiguous, type_numbers(kinds), operands


def type_numbers(kinds):
    """Return NumPy's numbers of the types of numbers."""
    return tuple(as_dtype(ty).num for ty in kinds)


def make_ufunc(function, nin, nout, identity, signature, loops, writable=()):
    """Return the NumPy ufunc with these loops."""
    doc = function.__doc__ or ""
    return _hotloop.make_ufunc(function.__name__, doc, nin, nout, identity, signature, loops, writable)
