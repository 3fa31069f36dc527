"""What tests of parallel loops ask: CPython's answer with 1, 2 and 8 threads, from loops that are regions."""

from harness import check, compiled_copy

from hotloop import set_num_threads

PARALLEL = {"parallel": True}


def regions(func, of_arrays=False):
    """How many parallel regions the last copy of `func` has: of prange loops, or of array expressions."""
    copy = compiled_copy(func, {"strict": True, **PARALLEL})
    types = copy._specialisations()[-1][0]
    arrays = copy._inspect(types, "parallel").count(": an array expression")
    return arrays if of_arrays else copy._inspect(types, "opt").count("  parallel @") - arrays


def check_parallel(func, *args, count=1, of_arrays=False, **how):
    for threads in (1, 2, 8):
        set_num_threads(threads)
        check(func, *args, options=PARALLEL, **how)
    assert regions(func, of_arrays) == count


def diagnostics(func, *args):
    """What became of its prange loops, in words."""
    compiled = compiled_copy(func, {"strict": True, **PARALLEL})
    compiled(*args)
    return compiled.inspect("parallel")
