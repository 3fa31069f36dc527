"""vectorize and guvectorize: what they make behaves as NumPy's ufuncs do, over compiled loops."""

import math
import pickle

import numpy as np
import pytest

import hotloop
from harness import check, check_all
from hotloop import float32, float64, guvectorize, int64, njit, prange, vectorize
from hotloop.errors import TypingError


def hypot(a, b):
    return np.sqrt(a * a + b * b)


def abs_(a):
    pass


SIGNED = vectorize(["float32(float32, float32)", "float64(float64, float64)"])(hypot)
DTYPES = ["?", "i1", "u1", "i4", "i8", "u8", "f4", "f8", "F", "D"]


def native(call):
    """Return what the call gives; it must have run machine code and nothing in the interpreter."""
    before = hotloop._conformance_counters()
    result = call()
    after = hotloop._conformance_counters()
    assert after["native"] > before["native"] and after["fallback"] == before["fallback"]
    return result


def same(left, right):
    assert type(left) is type(right)
    assert np.asarray(left).dtype == np.asarray(right).dtype
    np.testing.assert_array_equal(left, right)


@pytest.mark.parametrize("dtype", DTYPES)
def test_first_call_compiles_for_its_types(dtype):
    times = vectorize(lambda a, b: a * b)
    a = np.arange(1, 20).astype(dtype)
    same(native(lambda: times(a, a[::-1])), a * a[::-1])
    assert times.types == [np.dtype(dtype).char * 2 + "->" + np.dtype(dtype).char] and times.ntypes == 1


def arguments():
    x, y = np.random.default_rng(3).random((2, 6, 8))
    return {
        "contiguous": (x, y),
        "strided": (x[:, ::2], y[:, 1::2]),
        "reversed": (x[::-1, ::-1], y),
        "transposed": (x.T, y.T),
        "broadcast": (x[:, None, :], y[0]),
        "scalar": (x, 2.5),
        "scalars": (1.5, 2),
        "zero axes": (np.array(3.0), np.array(4.0)),
        "empty": (x[:0], y[:0]),
        "lists": ([1.0, 2.0], [3, 4]),
        "readonly": (np.broadcast_to(x[0], (6, 8)), y),
        "unaligned": (np.frombuffer(b"x" + x.tobytes(), np.uint8)[1:].view(np.float64), y.ravel()),
        "swapped": (x.astype(">f8"), y),
    }


@pytest.mark.parametrize("name", arguments())
def test_operands(name):
    args = arguments()[name]
    expected = np.sqrt(np.multiply(args[0], args[0]) + np.multiply(args[1], args[1]))
    got = SIGNED(*args)
    np.testing.assert_allclose(got, expected, rtol=1e-15)
    assert type(got) is type(np.add(*args))


def test_it_takes_what_a_ufunc_takes():
    x, y = np.arange(5.0), np.arange(5.0) * 2
    out = np.full(5, -1.0)
    assert SIGNED(x, y, out=out) is out
    same(out, SIGNED(x, y))
    out = np.full(5, -1.0)
    SIGNED(x, y, out=out, where=x > 2)
    assert (out[:3] == -1).all() and (out[3:] == SIGNED(x, y)[3:]).all()
    assert SIGNED(x, y, dtype=np.float32).dtype == np.float32
    assert SIGNED(x.astype("f4"), y.astype("f4")).dtype == np.float32
    x2 = x.copy()
    SIGNED(x2, x2, out=x2)
    same(x2, SIGNED(x, x))


def test_methods():
    @vectorize(identity=0)
    def plus(a, b):
        return a + b

    x = np.arange(24.0).reshape(4, 6)
    same(plus.reduce(x), np.add.reduce(x))
    same(plus.reduce(x, axis=1, keepdims=True), np.add.reduce(x, axis=1, keepdims=True))
    same(plus.reduce(x, axis=(0, 1)), np.add.reduce(x, axis=(0, 1)))
    same(plus.accumulate(x, 1), np.add.accumulate(x, 1))
    same(plus.reduceat(x[0], [0, 2, 4]), np.add.reduceat(x[0], [0, 2, 4]))
    same(plus.outer(x[0], x[1]), np.add.outer(x[0], x[1]))
    counts = np.zeros(4)
    plus.at(counts, [0, 1, 1, 3], 1.0)
    assert counts.tolist() == [1, 2, 0, 1]
    assert plus.reduce(np.zeros(0)) == 0 and plus.identity == 0 and plus.reorderable
    assert (plus.nin, plus.nout, plus.nargs, plus.signature) == (2, 1, 3, None)


def test_without_an_identity_a_reduction_of_nothing_is_an_error():
    plus = vectorize(lambda a, b: a + b)
    with pytest.raises(ValueError, match="zero-size array"):
        plus.reduce(np.zeros(0))


def test_signatures_are_all_there_is():
    with pytest.raises(TypeError, match="not supported for the input types"):
        SIGNED(1j, 1.0)
    assert SIGNED.types == ["ff->f", "dd->d"]
    assert isinstance(SIGNED(np.float32(1), np.float32(2)), np.float32)


def test_result_type_of_a_signature():
    halves = vectorize([int64(float64)])(lambda x: x / 2)
    same(halves(np.array([3.0, 5.0, -3.0])), np.array([1, 2, -1]))


def test_casts_to_the_loops_there_are_before_compiling():
    """As Numba's: the loop of an earlier call serves what can be cast to it safely."""
    twice = vectorize(lambda x: x + x)
    twice(1.5)
    same(twice(np.arange(3)), np.array([0.0, 2.0, 4.0]))
    assert twice.types == ["d->d"]
    assert twice(1j) == 2j and twice.types == ["d->d", "D->D"]


def test_branches_and_errors():
    @vectorize
    def inverse(x):
        if x == 0:
            raise ValueError("zero")
        return 1 / x

    same(inverse(np.array([1.0, 2.0, 4.0])), np.array([1.0, 0.5, 0.25]))
    for n in (3, 100_000):
        with pytest.raises(ValueError, match="^zero$") as caught:
            inverse(np.zeros(n))
        assert caught.traceback[-1].name == "inverse"
    same(inverse(2.0), np.float64(0.5))


def test_division_by_zero_is_numpys():
    quotient = vectorize(["float64(float64, float64)", "int64(int64, int64)"])(lambda a, b: a // b)
    with np.errstate(all="ignore"):
        same(quotient(np.array([1.0, -1.0]), 0.0), np.array([1.0, -1.0]) // 0.0)


def test_loops_are_vectors_for_contiguous_arrays():
    kernel = SIGNED._kernel
    asm = kernel.inspect("asm", (float64[::1], float64[::1], float64[::1]))
    assert "vsqrtpd" in asm or "sqrtpd" in asm


def test_other_classes_may_take_over():
    class Wrapped:
        def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
            return ufunc, method, len(inputs)

    plus = vectorize(lambda a, b: a + b)
    assert plus(Wrapped(), 1) == (plus, "__call__", 2)
    assert SIGNED(1.0, Wrapped()) == (SIGNED, "__call__", 2)


def test_parallel_target():
    times = vectorize(["float64(float64, float64)"], target="parallel")(lambda a, b: a * b)
    x = np.random.default_rng(1).random(100_003)
    same(native(lambda: times(x, x[::-1])), x * x[::-1])


def test_of_a_compiled_function():
    @njit
    def cube(x):
        return x * x * x

    same(vectorize(cube)(np.arange(4)), np.arange(4) ** 3)


def test_name_doc_pickle():
    @vectorize
    def third(x):
        "A third."
        return x / 3

    assert (third.__name__, third.__doc__, repr(third)) == ("third", "A third.", "<hotloop.DUFunc 'third'>")
    copied = pickle.loads(pickle.dumps(SIGNED))
    assert copied.types == SIGNED.types and copied(3.0, 4.0) == 5.0


@pytest.mark.parametrize(
    "make, error, text",
    [
        (lambda: vectorize(target="gpu")(hypot), ValueError, "Unrecognized target: 'gpu'"),
        (lambda: vectorize(target="parallel")(hypot), TypeError, "needs signatures"),
        (lambda: vectorize(identity=3)(hypot), ValueError, "Invalid identity value 3"),
        (lambda: vectorize(["float64(float64)"])(hypot), TypeError, "takes 2 numbers; the signature has 1"),
        (lambda: guvectorize("(n),(m)->(k)")(lambda a, b, c: None), NameError, "undefined output symbols: k"),
        (
            lambda: guvectorize([(float64[:], float64[:], float64[:])], "(n),(n)->(n)")(hypot),
            TypeError,
            "takes 2",
        ),
        (lambda: guvectorize("(n,->()")(hypot), ValueError, "bad token in signature"),
        (lambda: guvectorize([(float64[:],)], "(n)", writable_args=(1,))(abs_), ValueError, "names no input"),
        (
            lambda: guvectorize([(float64[:], float64)], "(n)->()")(lambda a, b: None),
            TypeError,
            "write float64",
        ),
        (
            lambda: guvectorize([(float64, float64[:])], "(n)->()")(lambda a, b: None),
            TypeError,
            "mismatch for argument #1",
        ),
    ],
)
def test_refused(make, error, text):
    with pytest.raises(error, match=text):
        make()


@guvectorize(
    [(float64[:, :], float64[:], float64[:]), (float32[:, :], float32[:], float32[:])], "(m,n),(n)->(m)"
)
def times_vector(a, x, out):
    for i in range(a.shape[0]):
        total = a.dtype.type(0)
        for j in range(a.shape[1]):
            total += a[i, j] * x[j]
        out[i] = total


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_core_dimensions(dtype):
    a, x = np.random.default_rng(5).random((5, 3, 4)).astype(dtype), np.arange(4.0).astype(dtype)
    for left, right in (
        (a, x),
        (a[::2, ::-1], x[::-1]),
        (a[0], x),
        (a.transpose(0, 2, 1), x[:3]),
        (a[:0], x),
    ):
        got = times_vector(left, right)
        np.testing.assert_allclose(got, np.matmul(left, right), rtol=1e-6)
        assert got.dtype == np.dtype(dtype) and got.shape == left.shape[:-1]


def test_core_dimensions_must_agree():
    with pytest.raises(ValueError, match="mismatch in its core dimension"):
        times_vector(np.ones((3, 4)), np.ones(3))


def test_numbers_and_outputs_without_core_dimensions():
    @guvectorize([(int64[:], int64, int64[:])], "(n),()->(n)")
    def shifted(x, by, out):
        for i in range(len(x)):
            out[i] = x[i] + by

    same(native(lambda: shifted(np.arange(5), 2)), np.arange(5) + 2)
    same(shifted(np.arange(6).reshape(2, 3), [10, 20]), np.arange(6).reshape(2, 3) + [[10], [20]])

    @guvectorize("(n)->()")
    def total(x, out):
        out[0] = x.sum()

    same(total(np.arange(5.0)), np.float64(10))
    same(total(np.arange(6).reshape(2, 3), np.zeros(2, np.int64)), np.array([3, 12]))
    assert total.types == ["d->d", "l->l"]


def test_several_outputs_and_complex_numbers():
    @guvectorize(["complex128[:], complex128, complex128[:], float64[:]"], "(n),()->(n),()")
    def scaled(z, by, out, size):
        size[0] = 0.0
        for i in range(len(z)):
            out[i] = z[i] * by
            size[0] += abs(z[i])

    z = np.array([3 + 4j, 1j])
    out, size = scaled(z, 2j)
    same(out, z * 2j)
    assert size == 6.0


def test_error_in_a_core():
    @guvectorize([(float64[:], float64[:])], "(n)->()")
    def first(x, out):
        out[0] = x[1]

    with pytest.raises(IndexError):
        first(np.ones((4, 1)))
    same(first(np.arange(4.0).reshape(2, 2)), np.array([1.0, 3.0]))


def test_inputs_that_the_function_changes():
    """Without outputs; also where NumPy hands the function a converted copy."""

    @guvectorize([(float64[:], float64)], "(n),()", writable_args=("x",))
    def add_to(x, by):
        for i in range(len(x)):
            x[i] += by

    x = np.arange(4.0)
    assert add_to(x, 2.0) is None or add_to.nout == 0
    same(x, np.arange(4.0) + 2)
    swapped = np.arange(4.0).astype(">f8")
    add_to(swapped, 2.0)
    assert swapped.tolist() == [2, 3, 4, 5]


def test_gufunc_that_adds_to_its_output():
    """It sees the output as it is, whatever types were there before: its loop is compiled for just these."""

    @guvectorize("(n),()->(n)")
    def add_scaled(x, scale, y):
        for i in range(len(x)):
            y[i] += scale * x[i]

    for kind in ("f8", "f4", "i4", "f4"):
        y = np.full((2, 4), 3, kind)
        assert add_scaled(np.arange(4).astype(kind), 2, y) is y
        assert y.tolist() == [[3, 5, 7, 9]] * 2
    y = np.ones(4, "f4")
    add_scaled(np.arange(4, dtype="f4"), 0.5, out=y)
    assert y.tolist() == [1, 1.5, 2, 2.5]


# ---- called by compiled code


@vectorize
def smooth(x):
    return 0.5 + 0.5 * math.erf(x)


@vectorize
def mixed(x, y):
    return x * 2 + y


@vectorize(["float64(float64, float64)", "float32(float32, float32)"])
def quotient(x, y):
    return x / y


@vectorize(["int64(int32)"])
def short(x):
    return x + 1


OPERANDS = {
    "int": 2,
    "float": 2.5,
    "float32": np.float32(1.5),
    "vector": np.arange(4.0),
    "strided": np.arange(8)[::2],
    "long": np.arange(5.0),
    "matrix": np.arange(12.0).reshape(3, 4),
    "column": np.arange(3, dtype=np.float32).reshape(3, 1),
    "Fortran": np.asfortranarray(np.arange(12.0).reshape(3, 4)),
    "empty": np.zeros((0, 4)),
    "no axes": np.array(3.0),
}


@pytest.mark.parametrize("name", OPERANDS)
def test_dufunc_in_compiled_code(name):
    """It does what it does for Python: broadcasting, the choice of a loop, an error where shapes differ."""
    x = OPERANDS[name]
    rows = [(x, y) for y in OPERANDS.values()]
    check(lambda x: smooth(x), x, ulp=2, layout=False)
    check_all(lambda x, y: mixed(x, y), rows, layout=False)
    check_all(lambda x, y: quotient(x, y), rows, layout=False)


def test_dufunc_without_a_loop():
    with pytest.raises(TypingError, match="'short' has no loop for \\(float64\\)"):
        njit(strict=True)(lambda x: short(x))(np.ones(2))
    assert njit(strict=True)(lambda x: short(x))(np.ones(2, np.int8)).tolist() == [2, 2]


def test_dufunc_with_an_output():
    a, column = np.arange(4.0), np.arange(3.0).reshape(3, 1)
    check(lambda x, y, out: mixed(x, y, out) is out, a, column, np.zeros((3, 4)))
    check(lambda x, y, out: mixed(x, y, out=out).sum(), a, 2, np.zeros((3, 4), np.float32))


def test_dufunc_of_dufuncs():
    outer = vectorize(["float64(float64)"])(lambda x: smooth(x) + mixed(x, 1))
    assert outer([0.0, 1.0]).tolist() == [1.5, 0.5 + 0.5 * math.erf(1) + 3]


def test_dufunc_in_a_parallel_loop():
    def total(a):
        s = 0
        for i in prange(len(a)):
            s += mixed(a[i], i)
        return s

    check(total, np.arange(1000), options={"parallel": True})


@guvectorize("(n),(n),()->(),(n)")
def scaled_dot(x, y, factor, total, products):
    total[0] = 0
    for i in range(len(x)):
        products[i] = x[i] * y[i] * factor
        total[0] += products[i]


@guvectorize(["void(float64[:,:], float64[:], float64[:])"], "(m,n),(n)->(m)")
def apply(a, x, out):
    for i in range(a.shape[0]):
        out[i] = 0
        for j in range(a.shape[1]):
            out[i] += a[i, j] * x[j]


def call_scaled_dot(x, y, factor, total, products):
    scaled_dot(x, y, factor, total, products)
    return total, products


def call_apply(a, x, out):
    return apply(a, x, out)


def test_gufunc_in_compiled_code():
    """Loops over the axes in front, which inputs may lack, and the sizes of the core dimensions checked."""
    a, b = np.arange(24.0).reshape(2, 3, 4), np.arange(12.0).reshape(3, 4)
    rows = [
        (b[0], b[1], 2.0, np.zeros(()), np.zeros(4)),
        (a, b, 0.5, np.zeros((2, 3)), np.zeros((2, 3, 4))),
        (a, b[0], np.arange(3.0), np.zeros((2, 3)), np.zeros((2, 3, 4))),
        (a[:, :1], b, 2.0, np.zeros((2, 3)), np.zeros((2, 3, 4))),
        (b[0], np.zeros(5), 2.0, np.zeros(()), np.zeros(4)),
    ]
    check_all(call_scaled_dot, rows)
    rows = [(b, b[0], np.zeros(3)), (a, b[0], np.zeros((2, 3))), (b, a[0], np.zeros((3, 3)))]
    check_all(call_apply, [*rows, (b, b[0], np.zeros(4)), (b, b[:, 0], np.zeros(3))])
    with pytest.raises(TypingError, match="'apply' has no loop for \\(float32, float32, float32\\)"):
        njit(strict=True)(call_apply)(b.astype("f4"), b[0].astype("f4"), np.zeros(3, "f4"))


@guvectorize("(n)->(n)")
def running(x, out):
    for i in range(len(x)):
        out[i] = x[i] + x[i - 1]


def call_over_itself(a):
    mixed(a[:-1], a[1:], a[1:])
    return running(a[::-1], a)


def test_operands_that_overlap_the_output():
    check(call_over_itself, np.arange(7.0))


@pytest.mark.parametrize(
    ("decorator", "words"),
    [
        (lambda f: vectorize(f), "float64 has no compiled attribute `foo`"),
        (lambda f: vectorize(["float64(float64)"])(f), "float64 has no compiled attribute `foo`"),
        (lambda f: vectorize(njit(strict=False)(f)), "runs in the interpreter"),
    ],
)
def test_a_function_that_does_not_compile_is_named_with_the_reason(decorator, words):
    def foo_of(x):
        return x.foo

    with pytest.raises((TypeError, TypingError), match=words):
        decorator(foo_of)(np.ones(3))
