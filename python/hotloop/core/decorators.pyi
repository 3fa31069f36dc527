"""What type checkers see of the decorators: the arguments and result of the decorated function."""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, overload

from .dispatcher import Dispatcher

P = ParamSpec("P")
R = TypeVar("R")

@overload
def jit(signature_or_function: Callable[P, R], /) -> Dispatcher[P, R]: ...
@overload
def jit(
    signature_or_function: Any = None, **options: Any
) -> Callable[[Callable[P, R]], Dispatcher[P, R]]: ...
@overload
def njit(signature_or_function: Callable[P, R], /) -> Dispatcher[P, R]: ...
@overload
def njit(
    signature_or_function: Any = None, **options: Any
) -> Callable[[Callable[P, R]], Dispatcher[P, R]]: ...
def jit_module(**kwargs: Any) -> None: ...
