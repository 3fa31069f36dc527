"""What compiled functions offer to Python code, on top of the C type `Dispatcher`.

The C type holds the function, calls it and compiles it; its methods that begin with an underscore speak of
types as text.  Here they get Numba's public names and its type objects.  The functions below are set on the C
type when this module is loaded, which happens before the first Dispatcher is made.
"""

from .. import _hotloop
from . import options as _options

Dispatcher = _hotloop.Dispatcher

STAGES = ("bytecode", "cfg", "ssa", "typed", "parallel", "opt", "llvm", "llvm_opt", "asm")
_UNTYPED_STAGES = STAGES[:3]
_VARARGS = 4


class Overload:
    """One specialisation of a compiled function.

    Attributes
    ----------
    signature : Signature
        The types it takes and gives.
    entry_point : callable
        What runs it: the compiled function, which picks the specialisation by the arguments.
    library : Overload
        The object itself; `get_llvm_str` and `get_asm_str` are on it.
    objectmode : bool
        Whether it runs in the interpreter.
    """

    typing_error = None
    lifted = ()

    def __init__(self, dispatcher, arg_texts, ret_text):
        from .typetext import from_text
        from .types import pyobject
        from .typing import Signature

        self.entry_point = dispatcher
        self.arg_texts = arg_texts
        self.objectmode = ret_text is None or "object" in arg_texts
        ret = pyobject if ret_text is None else from_text(ret_text)
        self.signature = Signature(ret, tuple(map(from_text, arg_texts)), None)

    @property
    def library(self):
        """The object itself."""
        return self

    @property
    def type_annotation(self):
        """The typed intermediate representation, as text."""
        return self.inspect("typed")

    def inspect(self, stage):
        """Return the text of a stage."""
        return self.entry_point._inspect(self.arg_texts, stage)

    def get_llvm_str(self):
        """Return the optimised LLVM IR."""
        return self.inspect("llvm_opt")

    def get_asm_str(self):
        """Return the assembly."""
        return self.inspect("asm")

    def __repr__(self):
        return f"Overload(signature={self.signature})"


def _overloads(self):
    """Return the specialisations by argument types, oldest first."""
    found = {}
    for arg_texts, ret_text in self._specialisations():
        overload = Overload(self, arg_texts, ret_text)
        found.setdefault(overload.signature.args, overload)
    return found


def _signatures(self):
    """Return the argument types of the specialisations."""
    return list(_overloads(self))


def _nopython_signatures(self):
    """Return the signatures of the specialisations that are machine code."""
    return [overload.signature for overload in _overloads(self).values() if not overload.objectmode]


def _overload(self, signature):
    """Return the specialisation that *signature* names; KeyError when there is none."""
    from .sigutils import normalize_signature

    overloads = _overloads(self)
    args = tuple(normalize_signature(signature)[0])
    if args not in overloads:
        raise KeyError(signature)
    return overloads[args]


def _get_overload(self, sig):
    """Return what runs the specialisation for a signature."""
    return _overload(self, sig).entry_point


def compile(self, sig):
    """Compile for a signature, unless that has been done, and return what runs it."""
    from .sigutils import normalize_signature
    from .typetext import to_text

    args, return_type = normalize_signature(sig)
    known = _overloads(self).get(tuple(args))
    if known is not None:
        return known.entry_point
    if not self._can_compile:
        raise RuntimeError("compilation disabled")
    _check_count(self.py_func.__code__, len(args))
    self._compile(tuple(map(to_text, args)), None if return_type is None else to_text(return_type))
    return self


def _check_count(code, given):
    """Raise TypeError when a signature has not one type for each parameter."""
    takes = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & _VARARGS)
    if given != takes:
        raise TypeError(
            f"Signature mismatch: {given} argument types given, but function takes {takes} arguments"
        )


def recompile(self):
    """Compile all specialisations again, for example after a global has changed."""
    args = [arg_texts for arg_texts, _ in self._specialisations()]
    allowed = self._can_compile
    self._reset()
    self._can_compile = True
    try:
        for arg_texts in args:
            self._compile(arg_texts, None)
    finally:
        self._can_compile = allowed


def disable_compile(self, val=True):
    """Compile no further specialisations at calls; with False, do so again."""
    if val and not self._specialisations():
        raise AssertionError("disable_compile() needs a compiled signature; call compile(signature) first")
    self._can_compile = not val


def enable_caching(self):
    """Keep what is compiled from now on in the cache on disk."""
    self._options["cache"] = True


def _targetoptions(self):
    """Return the decorator's options that were set."""
    return _options.as_given(self._options)


_stats_class = None


def _stats(self):
    """Return how often specialisations came from the cache on disk and how often not."""
    global _stats_class
    import os
    from collections import Counter, namedtuple

    from .typetext import from_text

    if _stats_class is None:
        _stats_class = namedtuple("_CompileStats", "cache_path cache_hits cache_misses")
    counters = []
    for by_text in self._stats():
        counter = Counter()
        for arg_texts, times in by_text.items():
            counter[tuple(map(from_text, arg_texts))] += times
        counters.append(counter)
    folder = self._cache_path
    return _stats_class(folder and os.path.abspath(folder), *counters)


def inspect(self, stage, signature=None):
    """Return what a stage of the compiler made of the function.

    Parameters
    ----------
    stage : {'bytecode', 'cfg', 'ssa', 'typed', 'parallel', 'opt', 'llvm', 'llvm_opt', 'asm'}
        The stage; the first three do not depend on types.
    signature : signature, optional
        The specialisation; all, one after the other, if not given.

    Returns
    -------
    str
        The text that HOTLOOP_DUMP prints.
    """
    if stage not in STAGES:
        raise ValueError(f"stage must be one of {', '.join(STAGES)}; got {stage!r}")
    if signature is not None:
        return _overload(self, signature).inspect(stage)
    args = [arg_texts for arg_texts, _ in self._specialisations()]
    if stage in _UNTYPED_STAGES:
        args = args[:1] or [()]
    return "\n".join(self._inspect(arg_texts, stage) for arg_texts in args)


def _inspector(name, stage, what):
    """Return the method that gives the text of a stage for one signature, or a dict for all."""

    def method(self, signature=None, **kwargs):
        if signature is not None:
            return _overload(self, signature).inspect(stage)
        return {args: overload.inspect(stage) for args, overload in _overloads(self).items()}

    method.__name__ = name
    method.__doc__ = f"Return {what} for a signature, or a dict from signatures to texts."
    return method


def inspect_types(self, file=None, signature=None, pretty=False, style="default", **kwargs):
    """Print the typed intermediate representation of one specialisation, or of all.

    Parameters
    ----------
    file : file, optional
        Where to print; standard output if not given.
    signature : signature, optional
        The specialisation.
    pretty : bool, optional
        Return the report's page instead, which a notebook shows; see `report`.
    style : str, optional
        Accepted for Numba's sake.
    """
    if pretty:
        return _page(self, file, signature)
    overloads = _overloads(self) if signature is None else {signature: _overload(self, signature)}
    for args, overload in overloads.items():
        print(
            f"{self.py_func.__name__} {args}",
            "-" * 80,
            overload.type_annotation,
            "=" * 80,
            sep="\n",
            file=file,
        )


def _page(self, file, signature):
    """Return the page about one specialisation, or about all."""
    from ..magic import Page
    from ..report import records_of

    if file is not None:
        raise ValueError("`file` must be None if `pretty=True`")
    return Page(records_of(self, None if signature is None else _overload(self, signature).arg_texts))


def inspect_disasm_cfg(self, signature=None):
    """Return the graph of the machine code in Graphviz's language, or a dict for all signatures."""
    from .asmgraph import graph

    if signature is not None:
        return graph(_overload(self, signature).inspect("asm"))
    return {args: graph(overload.inspect("asm")) for args, overload in _overloads(self).items()}


def report(self, file=None):
    """Write a page that shows what became of each line, and return its name; see `hotloop.report`."""
    from ..report import of_function

    return of_function(self, file)


def typeof_pyval(self, val):
    """Return the type of an argument; `pyobject` when it has none."""
    from . import types
    from .typing.typeof import typeof

    try:
        return typeof(val)
    except ValueError:
        return types.pyobject


def fold_argument_types(self, args, kws):
    """Return the function's signature and the types of all its parameters for a call with these types.

    Parameters
    ----------
    args : tuple of types
        Types of the positional arguments.
    kws : dict
        Types of the keyword arguments.
    """
    from inspect import signature

    from .errors import TypingError
    from .types import Omitted, StarArgTuple

    pysig = signature(self.py_func)
    try:
        bound = pysig.bind(*args, **kws).arguments
    except TypeError as error:
        raise TypingError(
            f"Cannot bind 'args={args} kws={kws}' to signature '{pysig}' due to \"TypeError: {error}\"."
        ) from None
    folded = []
    for name, parameter in pysig.parameters.items():
        if parameter.kind == parameter.VAR_POSITIONAL:
            folded.append(StarArgTuple(bound.get(name, ())))
        else:
            folded.append(bound[name] if name in bound else Omitted(parameter.default))
    return pysig, tuple(folded)


def _numba_type(self):
    """Return the type of the compiled function as a value."""
    from .types import Dispatcher as DispatcherType

    return DispatcherType(self)


def parallel_diagnostics(self, signature=None, level=1):
    """Print which prange loops run in parallel, with which reductions, and why others do not.

    Parameters
    ----------
    signature : signature, optional
        The specialisation; all if not given.
    level : int, optional
        From 2 on with the source of each loop's line.
    """
    import linecache

    overloads = _overloads(self) if signature is None else {signature: _overload(self, signature)}
    for args, overload in overloads.items():
        print(f"Parallel loops of {self.py_func.__name__} {args}")
        loops = _parallel_loops(overload)
        for line, text in loops:
            print(f"  line {line}: {text}")
            if level >= 2:
                print(f"      {linecache.getline(self.py_func.__code__.co_filename, line).strip()}")
        if not loops:
            print("  none")


def get_metadata(self, signature=None):
    """Return what is known of a specialisation, or a dict for all signatures.

    Parameters
    ----------
    signature : signature, optional
        The specialisation.

    Returns
    -------
    dict
        ``signature``; ``objectmode``, whether the interpreter runs it; ``parallel_loops``, what became of
        each prange loop, by line.
    """
    if signature is not None:
        return _metadata(_overload(self, signature))
    return {args: _metadata(overload) for args, overload in _overloads(self).items()}


def _metadata(overload):
    """Return the metadata of one specialisation."""
    return {
        "signature": overload.signature,
        "objectmode": overload.objectmode,
        "parallel_loops": dict(_parallel_loops(overload)),
    }


def _parallel_loops(overload):
    """Return (line, what became of it) for each prange loop, in the order of the lines."""
    loops = [line.split(":", 1) for line in overload.inspect("parallel").splitlines()]
    return sorted((int(line), text.strip()) for line, text in loops)


def get_call_template(self, args, kws):
    """Compile for a call with these types, and return what is known of the call.

    Parameters
    ----------
    args : tuple of types
        Types of the positional arguments.
    kws : dict
        Types of the keyword arguments.

    Returns
    -------
    tuple
        A class with the function's name as ``key`` and its signatures as ``cases``, the Python signature, the
        types of all parameters, and no keywords.
    """
    pysig, folded = self.fold_argument_types(args, kws)
    if self._can_compile:
        self.compile(tuple(map(_value_type, folded)))
    name = self.py_func.__name__
    namespace = {"key": name, "cases": self.nopython_signatures}
    return type(f"CallTemplate({name})", (), namespace), pysig, folded, {}


def _value_type(ty):
    """Return the type of a default that is left out, or the type itself."""
    from .types import Omitted
    from .typing.typeof import typeof

    return typeof(ty.value) if isinstance(ty, Omitted) else ty


def _reduce(self):
    """Return what pickle writes."""
    from .serialize import reduce

    return reduce(self)


def _itself(self, memo=None):
    """A compiled function is copied by reference, as functions are."""
    return self


def _repr(self):
    """Show the Python function."""
    return f"{type(self).__name__}({self.py_func})"


_ATTRIBUTES = {
    "__copy__": _itself,
    "__deepcopy__": _itself,
    "__numba__": "py_func",
    "__reduce__": _reduce,
    "__repr__": _repr,
    "_numba_type_": property(_numba_type),
    "compile": compile,
    "disable_compile": disable_compile,
    "enable_caching": enable_caching,
    "fold_argument_types": fold_argument_types,
    "get_call_template": get_call_template,
    "get_metadata": get_metadata,
    "get_overload": _get_overload,
    "inspect": inspect,
    "inspect_asm": _inspector("inspect_asm", "asm", "the assembly"),
    "inspect_cfg": _inspector("inspect_cfg", "cfg", "the control-flow graph"),
    "inspect_disasm_cfg": inspect_disasm_cfg,
    "inspect_llvm": _inspector("inspect_llvm", "llvm_opt", "the optimised LLVM IR"),
    "inspect_types": inspect_types,
    "nopython_signatures": property(_nopython_signatures),
    "overloads": property(_overloads),
    "parallel_diagnostics": parallel_diagnostics,
    "recompile": recompile,
    "report": report,
    "signatures": property(_signatures),
    "stats": property(_stats),
    "targetoptions": property(_targetoptions),
    "typeof_pyval": typeof_pyval,
}

for _name, _value in _ATTRIBUTES.items():
    setattr(Dispatcher, _name, _value)
