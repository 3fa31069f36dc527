"""A program of many threads that does at once what touches shared state of our C code: see test_sanitized.

Compiling (types and strings are interned), the first opening of the compiler, the disk cache, specialising
one function, exceptions and tracebacks, recursion, code without the GIL, and freeing of code and arrays.
"""

import sys
import threading

import numpy as np

from hotloop import _hotloop, njit

ROUNDS, THREADS = 6, 6
ARGUMENTS = [
    1,
    2.5,
    1j,
    True,
    np.float32(2),
    np.arange(6.0),
    np.arange(6),
    np.arange(12.0).reshape(3, 4),
    (1, 2.5),
]


def double(x):
    return x + x


@njit(strict=True)
def shared(x):
    return x, double(x) if isinstance(x, int) else x


@njit(nogil=True, strict=True)
def total(a):
    result = 0.0
    for i in range(a.size):
        result += np.sqrt(a[i])
    return result


@njit(strict=True)
def down(n):
    if n < 0:
        raise ValueError("negative", n)
    return n if n == 0 else down(n - 1)


def work(number):
    rows = np.arange(1000.0)
    for k in range(ROUNDS):
        factor = number * ROUNDS + k
        fresh = njit(lambda a, factor=factor: a * factor + a.sum(), strict=True)
        assert fresh(np.ones(4))[0] == factor + 4.0
        cached = njit(lambda x: x * 3 + 1, cache=True, strict=True)
        assert cached(k) == 3 * k + 1
        shared(ARGUMENTS[(number + k) % len(ARGUMENTS)])
        assert abs(total(rows) - 21065.8) < 1.0
        assert down(20) == 0
        try:
            down(-1)
        except ValueError as error:
            assert error.args == ("negative", -1)
        assert "fmul" in fresh.inspect("opt")


def main():
    failed = []

    def guarded(number):
        try:
            work(number)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=guarded, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(_hotloop.__file__, failed, flush=True)
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
