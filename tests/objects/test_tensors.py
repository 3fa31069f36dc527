"""Tensors of torch: their memory in native loops, everything else torch's own.

The oracle is the same function run by CPython on clones of the tensors. What is compared: class, dtype,
shape, strides and bits of the result, whose memory it is, every argument afterwards, or the exception.
"""

import math
import sys
import struct

import numpy as np
import pytest

from hotloop import _hotloop, njit

torch = pytest.importorskip("torch")
if not hasattr(torch.Tensor, "__dlpack_c_exchange_api__"):
    pytest.skip("this torch has no exchange interface", allow_module_level=True)

pytestmark = pytest.mark.filterwarnings("ignore::hotloop.core.errors.HotloopPerformanceWarning")

DTYPES = [torch.float32, torch.float64, torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8]


def clone(value):
    """The argument again, in memory of its own, with the same strides."""
    if not isinstance(value, torch.Tensor):
        return value.copy() if isinstance(value, np.ndarray) else value
    if value.requires_grad or value.device.type != "cpu" or type(value) is not torch.Tensor:
        return value.detach().clone().requires_grad_(value.requires_grad)
    copy = torch.empty_strided(value.shape, value.stride(), dtype=value.dtype)
    return copy.copy_(value)


def bits(value):
    """What tells two values apart, in words."""
    if isinstance(value, torch.Tensor):
        kind = (type(value), value.dtype, tuple(value.shape), value.requires_grad)
        if value.device.type == "meta" or value.layout != torch.strided:
            return kind, value.layout
        plain = value.detach().resolve_conj().resolve_neg().reshape(-1).contiguous()
        memory = plain.view(torch.uint8).tolist() if plain.numel() else []
        return kind, value.stride(), str(memory)
    if isinstance(value, float):
        return float, struct.pack("d", value)
    if isinstance(value, (tuple, list)):
        return type(value), [bits(item) for item in value]
    return type(value), repr(value)


def has_memory(value):
    return isinstance(value, torch.Tensor) and value.device.type == "cpu" and value.layout == torch.strided


def memory_of(value, args):
    """Where in which argument a tensor lies, for each one in the value."""
    if isinstance(value, (tuple, list)):
        return [memory_of(item, args) for item in value]
    if not has_memory(value):
        return None
    for i, argument in enumerate(args):
        if argument is value:
            return i, "itself"
        if has_memory(argument):
            own = argument.untyped_storage()
            if own.data_ptr() and own.data_ptr() == value.untyped_storage().data_ptr():
                return i, value.data_ptr() - argument.data_ptr()
    return None


def outcome(function, args):
    try:
        result = function(*args)
    except Exception as error:
        seen = ("raises", type(error), str(error))
    else:
        seen = ("returns", bits(result), memory_of(result, args))
    versions = [a._version > 0 for a in args if isinstance(a, torch.Tensor) and not a.is_inference()]
    return seen, [bits(a) for a in args], versions


def agrees(function, *args, times=2):
    """Compare with CPython; return the compiled function."""
    compiled = njit(function)
    for _ in range(times):
        ours, theirs = [clone(a) for a in args], [clone(a) for a in args]
        expected, got = outcome(function, theirs), outcome(compiled, ours)
        assert got == expected
    return compiled


def is_native(function, *args):
    """As `agrees`, and nothing was left to torch."""
    agrees(njit(strict=True)(function).py_func, *args)
    compiled = njit(strict=True)(function)
    before = _hotloop._conformance_counters()
    compiled(*[clone(a) for a in args])
    after = _hotloop._conformance_counters()
    assert after["native"] == before["native"] + 1 and after["fallback"] == before["fallback"]
    return compiled


def some(dtype, *shape):
    """Numbers small enough for every type, of both signs where it has them."""
    numbers = torch.arange(math.prod(shape)).reshape(shape) * 7 % 11
    return (numbers if dtype == torch.uint8 else numbers - 4).to(dtype)


# ---- elements


def total(t):
    s = 0
    for i in range(len(t)):
        s += t[i]
    return s


def total_of_products(t, u):
    s = 0.0
    for i in range(t.shape[0]):
        s += t[i] * u[i]
    return s


def scaled(t, u):
    for i in range(t.shape[0]):
        u[i] = t[i] * 2 + 1
    return u


def in_place(t):
    t[0] += 3
    t[1] = t[0] * 2
    t[2] -= t[1]
    return t


def rows(t):
    s = 0
    for i in range(t.shape[0]):
        for j in range(t.shape[1]):
            s += t[i, j]
            t[i][j] = i - j
    return s


def items(t):
    s = 0.0
    for x in t:
        s += x.item()
    return s


def count_positive(t):
    n = 0
    for x in t:
        if x > 0 and not x == 3:
            n += 1
    return n


def largest(t):
    best = t[0]
    for x in t:
        if x > best:
            best = x
    return best


def sizes(t):
    n, m = t.shape
    return n, m, t.size(0), t.size(-1), t.dim(), t.ndim, t.numel(), len(t), len(t.shape), t.shape[1]


def pairs(t, u):
    s = 0.0
    for i, (x, y) in enumerate(zip(t, u)):
        s += i * float(x) - int(y)
    return s


def roots(t):
    s = 0.0
    for i in range(len(t)):
        s += math.sqrt(abs(t[i])) + math.exp(t[i] - 10)
    return s


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize(
    "function", [total, scaled, in_place, items, count_positive, largest], ids=lambda f: f.__name__
)
def test_elements_are_native(function, dtype):
    extra = [some(dtype, 9)] if function is scaled else []
    is_native(function, some(dtype, 9), *extra)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_two_axes_are_native(dtype):
    is_native(rows, some(dtype, 3, 4))
    is_native(rows, some(dtype, 4, 3).T)
    is_native(rows, some(dtype, 6, 8)[::2, 1::3])


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_sizes_and_pairs_are_native(dtype):
    is_native(sizes, some(dtype, 3, 4))
    is_native(pairs, some(dtype, 5), some(torch.float64, 4))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_functions_of_floats_are_native(dtype):
    is_native(roots, some(dtype, 9))
    is_native(total_of_products, some(dtype, 9), some(torch.float32, 9))


def element(t):
    return t[1]


def row(t):
    return t[1]


def middle(t):
    return t[1:-1], t[::2]


def same_object(t):
    return t


def value(t):
    return t[1] * 2


@pytest.mark.parametrize("function", [element, row, middle, same_object, value], ids=lambda f: f.__name__)
@pytest.mark.parametrize("shape", [(5,), (4, 3)], ids=str)
def test_what_a_function_returns_is_what_torch_gives(function, shape):
    """Views share the memory, arithmetic gives a new tensor, the tensor itself is the same object."""
    if function is value and len(shape) > 1:
        agrees(value, some(torch.float32, *shape))
    else:
        is_native(function, some(torch.float32, *shape))


def test_a_view_is_read_where_it_is_used():
    def f(t):
        x = t[0]
        t[0] = 5
        y = x + 1
        x += 10
        return y, t[0].item()

    agrees(f, some(torch.float32, 4))


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_memory_is_shared(dtype):
    @njit(strict=True)
    def write(t, i, x):
        t[i] = x

    t = some(dtype, 6)
    address = t.data_ptr()
    write(t, 2, 9)
    write(t[3:], -1, 8)
    assert t.data_ptr() == address and t[2] == 9 and t[5] == 8


def test_the_loop_becomes_vectors():
    @njit(strict=True)
    def f(t, u):
        for i in range(t.shape[0]):
            u[i] = t[i] * 2.5 + 1.0

    f(torch.zeros(100), torch.zeros(100))
    (types,) = [types for types, _ in f._specialisations()]
    assert "mulps" in f._inspect(tuple(types), "asm")


# ---- arithmetic by torch's rules

NUMBERS = [0, 1, -1, 2, 7, 0.5, -2.25, 1e10, 0.1, True, 2**40, float("nan"), float("inf")]
OPERATORS = {
    "+": (lambda x, y: x + y),
    "-": (lambda x, y: x - y),
    "*": (lambda x, y: x * y),
    "/": (lambda x, y: x / y),
    "%": (lambda x, y: x % y),
    "//": (lambda x, y: x // y),
    "**": (lambda x, y: x**y),
    "&": (lambda x, y: x & y),
    "<": (lambda x, y: x < y),
    ">=": (lambda x, y: x >= y),
    "==": (lambda x, y: x == y),
    "!=": (lambda x, y: x != y),
}


def with_number(symbol):
    namespace = {}
    exec(f"def f(t, n):\n    return t[1] {symbol} n, n {symbol} t[2]\n", namespace)
    return namespace["f"]


def with_tensor(symbol):
    namespace = {}
    exec(f"def f(t, u):\n    return t[1] {symbol} u[2], u[0] {symbol} t[3]\n", namespace)
    return namespace["f"]


def changed(symbol):
    namespace = {}
    exec(
        f"def f(t, u):\n    t[1] {symbol}= u\n    s = t[2] * 1\n    s {symbol}= u\n    return s\n", namespace
    )
    return namespace["f"]


@pytest.mark.parametrize("symbol", OPERATORS)
@pytest.mark.parametrize("dtype", [*DTYPES, torch.bool], ids=str)
def test_operators_with_numbers(symbol, dtype):
    function = with_number(symbol)
    compiled = njit(function)
    for n in NUMBERS:
        t = some(dtype, 4)
        assert outcome(compiled, [clone(t), n]) == outcome(function, [clone(t), n]), n


@pytest.mark.parametrize("symbol", OPERATORS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.int64, torch.uint8, torch.bool], ids=str)
def test_operators_with_tensors(symbol, dtype):
    function = with_tensor(symbol)
    compiled = njit(function)
    for other in [*DTYPES, torch.bool, torch.bfloat16, torch.complex64]:
        t, u = some(dtype, 4), some(other, 3)
        assert outcome(compiled, [clone(t), clone(u)]) == outcome(function, [clone(t), clone(u)]), other


@pytest.mark.parametrize("symbol", ["+", "-", "*", "/", "%", "**"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.int64, torch.int8, torch.bool], ids=str)
def test_operators_in_place(symbol, dtype):
    function = changed(symbol)
    compiled = njit(function)
    for u in [*NUMBERS, *(some(other, 3)[1] for other in DTYPES)]:
        t = some(dtype, 4)
        assert outcome(compiled, [clone(t), clone(u)]) == outcome(function, [clone(t), clone(u)]), u


@pytest.mark.parametrize(
    "dtype", [*DTYPES, torch.bool, torch.float16, torch.bfloat16, torch.complex64], ids=str
)
def test_what_an_element_takes(dtype):
    def f(t, x):
        t[1] = x

    compiled = njit(f)
    values = [*NUMBERS, 255, 256, -255, -256, 127, 128, -129, 2**31, -(2**31), 1e300, 3.5e38, 1j, None, "x"]
    values += [np.float32(1.5), np.float64(2.5), np.int64(3), np.bool_(True), np.arange(3.0)[1]]
    values += [some(other, 3)[1] for other in (*DTYPES, torch.bool, torch.complex64)] + [torch.ones(3)]
    for x in values:
        t = some(dtype, 4)
        assert outcome(compiled, [clone(t), x]) == outcome(f, [clone(t), x]), x


def test_numpy_arrays_beside_tensors():
    def f(t, a):
        for i in range(len(a)):
            a[i] = t[i] * 2
        return a

    for dtype in (torch.float32, torch.int64, torch.int16):
        for other in (np.float64, np.float32, np.int64):
            agrees(f, some(dtype, 5), np.zeros(5, other))

    def g(t, a):
        s = 0.0
        for i in range(len(a)):
            s = s + a[i] * t[i]
        return s

    agrees(g, some(torch.float32, 5), np.arange(5.0))


# ---- names of one tensor


def kept_twice(t):
    x = t[0] * 2
    return x, x


def changed_through_a_name(t):
    a = t[0] * 2
    b = a
    b += 1
    return a


def changed_in_a_loop(t):
    first = t[0] * 1
    s = first
    for x in t:
        s += x
    return first, s


def put_away(t, keep):
    s = t[0] * 0
    for x in t:
        s += x
        keep.append(s)
    return s


def identity(t):
    a = t[0] * 2
    b = a
    return a is b, t is t, t[0] is t[0]


def maybe(t, n):
    x = None
    for i in range(n):
        x = t[i] * 2
    return x


def running(t):
    s = t[0] * 0
    n = 0
    for x in t:
        s += x
        n += 1
    return s / n, n


@pytest.mark.parametrize(
    "function", [kept_twice, changed_through_a_name, changed_in_a_loop, identity], ids=lambda f: f.__name__
)
def test_a_tensor_with_several_names_is_one(function):
    for dtype in (torch.float32, torch.int64):
        agrees(function, some(dtype, 4))


def test_a_tensor_that_is_put_away_is_one():
    compiled = njit(put_away)
    for _ in range(2):
        keep = []
        s = compiled(some(torch.float32, 4), keep)
        assert all(kept is s for kept in keep) and len(keep) == 4
    agrees(lambda t, n: maybe(t, n), some(torch.float32, 4), 3)
    agrees(maybe, some(torch.float32, 4), 3)
    agrees(maybe, some(torch.float32, 4), 0)
    agrees(running, some(torch.float32, 4))


# ---- what stays torch's


def use(t):
    t[0] = t[1] + 1
    s = 0
    for i in range(len(t)):
        s = s + t[i]
    return s, t.sum(), t * 2, t.shape


class Subclass(torch.Tensor):
    def __getitem__(self, index):
        return 42


OTHERS = {
    "requires grad": lambda: torch.ones(3, requires_grad=True),
    "a view that requires grad": lambda: torch.ones(3, requires_grad=True) * 1,
    "bfloat16": lambda: torch.ones(3, dtype=torch.bfloat16),
    "float16": lambda: torch.ones(3, dtype=torch.float16),
    "complex64": lambda: torch.ones(3, dtype=torch.complex64),
    "conjugate": lambda: torch.ones(3, dtype=torch.complex64).conj(),
    "negative": lambda: (torch.ones(3, dtype=torch.complex64) * 1j).conj().imag,
    "meta": lambda: torch.ones(3, device="meta"),
    "sparse": lambda: torch.ones(3).to_sparse(),
    "without axes": lambda: torch.tensor(1.5),
    "empty": lambda: torch.ones(0),
    "expanded": lambda: torch.ones(1).expand(3),
    "uint16": lambda: torch.ones(3).to(torch.uint16),
}


@pytest.mark.parametrize("name", OTHERS)
def test_every_kind_of_tensor_behaves_as_torch_has_it(name):
    compiled = njit(use)
    for _ in range(3):
        assert outcome(compiled, [OTHERS[name]()]) == outcome(use, [OTHERS[name]()])


def test_subclasses_are_objects():
    compiled = njit(element)
    assert compiled(torch.ones(3).as_subclass(Subclass)) == 42


def test_a_tensor_made_for_inference_is_torchs():
    with torch.inference_mode():
        t = torch.ones(3)
        assert outcome(njit(value), [t])[0] == outcome(value, [t])[0]

    def write(t):
        t[0] = 2

    with pytest.raises(RuntimeError, match="inference"):
        njit(write)(t)


def test_tensors_that_transformations_wrap_are_torchs():
    compiled = njit(value)
    compiled(torch.ones(3))
    x = torch.arange(6.0).reshape(2, 3)
    assert torch.equal(torch.vmap(compiled)(x), x[:, 1] * 2)
    assert torch.func.grad(compiled)(x[1]).tolist() == [0, 2, 0]
    assert torch.func.functionalize(compiled)(x[1]).item() == 8


def test_modes_see_every_operation():
    from torch.utils._python_dispatch import TorchDispatchMode

    class Log(TorchDispatchMode):
        def __init__(self):
            super().__init__()
            self.seen = []

        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            self.seen.append(str(func))
            return func(*args, **(kwargs or {}))

    def logged(function):
        t = torch.ones(3)
        with Log() as log:
            function(t)
        return log.seen

    compiled = njit(value)
    compiled(torch.ones(3))
    assert logged(compiled) == logged(value) != []


def test_gradients_know_of_native_writes():
    """Memory that autograd has saved was written: the backward pass says so, as it does for CPython."""

    def write(x, i):
        if i >= 0:
            x[i] = 5.0

    for function in (write, njit(write)):
        for i in (-1, 1):
            w, x = torch.ones(3, requires_grad=True), torch.arange(3.0)
            y = (w * x).sum()
            function(x, i)
            if i < 0:
                y.backward()
                continue
            with pytest.raises(RuntimeError, match="modified by an inplace operation"):
                y.backward()


def test_operations_of_whole_tensors_are_torchs():
    def f(x, y):
        z = x @ y + torch.relu(x).sum()
        s = 0.0
        for i in range(z.shape[0]):
            for j in range(z.shape[1]):
                s += float(z[i, j])
        return z, s, np.exp(x), np.asarray(y).sum()

    agrees(f, torch.randn(3, 3), torch.randn(3, 3), times=3)


def test_a_compiled_caller_passes_tensors_on():
    @njit
    def inner(t, i):
        t[i] += 1
        return t[i]

    def outer(t, inner):
        s = 0.0
        for i in range(len(t)):
            s += float(inner(t, i))
        return s

    @njit
    def compiled(t):
        s = 0.0
        for i in range(len(t)):
            s += float(inner(t, i))
        return s

    t = some(torch.float32, 5)
    assert compiled(clone(t)) == outer(clone(t), inner.py_func)


def test_numpy_and_torch_share_the_memory():
    @njit
    def f(x):
        a = x.numpy()
        for i in range(a.size):
            a[i] = a[i] * 2
        return a, torch.from_numpy(a)

    for _ in range(3):
        x = torch.arange(5.0)
        a, y = f(x)
        assert a.ctypes.data == x.data_ptr() == y.data_ptr() and y.tolist() == [0, 2, 4, 6, 8]


def test_an_index_outside():
    def f(t, i):
        return t[0, i]

    for i in (3, -4, 2**40):
        agrees(f, some(torch.float32, 2, 3), i)
        agrees(element, some(torch.float32, 1))


def test_references_are_given_back():
    import sys

    @njit
    def f(t):
        u = t.clone()
        for i in range(len(u)):
            u[i] = t[i] + 1
        return u[1:]

    t = torch.arange(4.0)
    for _ in range(3):
        f(t)
    before = sys.getrefcount(t)
    kept = [f(t) for _ in range(20)]
    assert sys.getrefcount(t) == before and len(kept) == 20


def test_torch_is_not_imported():
    import subprocess
    import sys

    text = "import hotloop, sys\nhotloop.njit(lambda x: x)(object())\nassert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-W", "ignore", "-c", text], check=True)


class Failing:
    def fail(self):
        sys._clear_type_cache()  # so that looking at the tensor looks its class through
        raise KeyError("lost?")


def test_an_exception_lives_while_a_tensor_is_looked_at():
    compiled = njit(lambda t, failing: (failing.fail(), t[0]))
    for _ in range(3):
        with pytest.raises(KeyError, match="lost"):
            compiled(some(torch.float32, 4), Failing())
