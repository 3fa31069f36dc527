"""print, f-strings and str: the interpreter's text, in its order, through sys.stdout."""

import contextlib
import io

import numpy as np
import pytest

from tests.harness import check_all, compiled_copy, live_blocks


def printed(function, *args):
    """What a call writes to sys.stdout, and how it ends."""
    stream = io.StringIO()
    with contextlib.redirect_stdout(stream):
        try:
            result = repr(function(*args))
        except Exception as error:
            result = f"{type(error).__name__}: {error}"
    return stream.getvalue(), result


def check_print(function, *args, options=None):
    """The compiled function prints and returns what the interpreted one does."""
    copies = [list(a) if isinstance(a, list) else a for a in args]
    expected, before = printed(function, *args), live_blocks()
    assert printed(compiled_copy(function, {"strict": True, **(options or {})}), *copies) == expected
    assert live_blocks() == before


def values(n, a):
    print()
    print(n, n * 0.5, True, None, "text", a, a[0], (n, a[1], "y"), sep=" | ", end="!\n")
    print([n, 2], a[::2], range(n), a.sum(), 1j * n, flush=True)
    print(*(1, 2, n))
    b = a + 1
    print(b, b[1:], sep=None)
    for i in range(2):
        print("i =", i, end=" ")


@pytest.mark.parametrize("dtype", [np.float64, np.int16, np.float32, np.complex128, np.bool_])
def test_values(dtype):
    check_print(values, 3, np.arange(4).astype(dtype))


def test_exact_scalars_in_containers():
    check_print(lambda a: print((a[0], a[1] > 0), [a[2]]), np.arange(3.0))


def changed(a):
    a.append(5)
    print(a)
    a[0] = 9
    print(a)
    return a


def test_a_list_argument_is_shown_as_it_is_now():
    check_print(changed, [1, 2])
    check_print(changed, [1, 2], options={"nogil": True})


def test_nogil():
    check_print(values, 3, np.arange(4.0), options={"nogil": True})


def test_order_with_errors():
    def fails(n):
        print("before")
        print(5 // n)
        print("behind")

    check_print(fails, 0)
    check_print(fails, 2)


def test_called_by_another_function():
    check_print(lambda n: [values(i + 3, np.ones(4)) for i in range(n)], 2)


def test_f_strings():
    def texts(n, x):
        print(f"n = {n}, x = {x:.3f} {x!r:>20} {n:04d} {{}} {'a':>3} {(n, x)} {x}")
        s = f"{n}-{x}" + "!" + str(n) + repr(x)
        if n > 2:
            raise ValueError(f"bad {n} {x:8.2f}", s)
        return s, f"{n}", "const" + "ant"

    for n, x in [(1, 2.5), (5, 2.5), (np.int8(1), np.float32(0.1)), (-7, 1e300)]:
        check_print(texts, n, x)
    check_all(lambda n: f"{n!s}{n:>8}", [(3,), (2.5,)])


def test_assert_with_text():
    def positive(n):
        if n <= 0:
            raise AssertionError(f"not positive: {n}")
        return n

    check_all(positive, [(1,), (-1,)])


def test_the_exception_of_the_stream_arrives():
    class Full(io.StringIO):
        def write(self, text):
            raise OSError("disk full")

    compiled = compiled_copy(lambda n: print(n), {"strict": True})
    with contextlib.redirect_stdout(Full()), pytest.raises(OSError, match="disk full"):
        compiled(1)


def test_in_parallel_threads():
    from hotloop import njit, prange

    @njit(parallel=True, strict=True)
    def lines(n):
        for i in prange(n):
            print("line", i)

    stream = io.StringIO()
    with contextlib.redirect_stdout(stream):
        lines(40)
    text = stream.getvalue()
    assert sorted(text.split()) == sorted(["line", *map(str, range(40))] + ["line"] * 39)
