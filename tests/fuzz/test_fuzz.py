"""Random programs, run by CPython and compiled; both must do the same.

HOTLOOP_FUZZ_SECONDS (60) or HOTLOOP_FUZZ_MINUTES say how long, HOTLOOP_FUZZ_SEED where to begin: the seed is
printed, and the same one gives the same programs. A failing program is shown whole; those without objects are
shrunk.
"""

import linecache
import math
import os
import random
import sys
import time

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

import harness

sys.path.insert(0, os.path.dirname(__file__))

import array_programs
import object_programs
import parallel_programs
import random_programs

BATCH = 20
SECONDS = 60 * float(os.environ.get("HOTLOOP_FUZZ_MINUTES", 0)) or float(
    os.environ.get("HOTLOOP_FUZZ_SECONDS", 60)
)
FIRST_SEED = int(os.environ.get("HOTLOOP_FUZZ_SEED", random.randrange(10**9)))


def define(source, number):
    """The program's `f`, with its source where tracebacks and error texts find it."""
    name = f"<program {number}>"
    linecache.cache[name] = len(source), None, source.splitlines(True), name
    from hotloop import prange

    scope = {"np": np, "math": math, "prange": prange, "__name__": "programs"}
    exec(compile(source, name, "exec"), scope)
    return scope["f"]


def agree(source, rows, number, options=None):
    """Run it both ways with each row of arguments; nothing may stay alive behind it."""
    before = harness.live_blocks()
    f = define(source, number)
    try:
        for row in rows:
            harness.check(f, *row, layout=False, options=options)
    finally:
        harness.forget()
    assert harness.live_blocks() == before, f"native blocks left alive: {harness.live_blocks() - before}"


def batch(number, counts):
    """Some programs of one seed, of each generator."""
    scalars = random_programs.programs().map(lambda program: (program, [program.args]))
    arrays = st.randoms(use_true_random=False).map(array_programs.programs)
    run_batch(number, counts, scalars)
    run_batch(number, counts, arrays.map(lambda program: (program, program.rows)))


def run_batch(number, counts, programs):

    @seed(number)
    @settings(max_examples=BATCH, deadline=None, database=None, suppress_health_check=list(HealthCheck),
              phases=(Phase.generate, Phase.shrink), print_blob=False)  # fmt: skip
    @given(programs)
    def run(drawn):
        program, rows = drawn
        counts.append(len(program.source))
        agree(program.source, rows, number)

    run()


def one_with_objects(number, counts):
    """One program of one seed that uses Python's objects."""
    program = object_programs.programs(random.Random(number))
    try:
        object_programs.agree(program)
    except BaseException as error:
        error.add_note(repr(program))
        raise
    counts.append(len(program.source))


def one_in_parallel(number, counts):
    program = parallel_programs.programs(random.Random(number))
    try:
        agree(program.source, program.rows, number, {"parallel": True})
    except BaseException as error:
        error.add_note(repr(program))
        raise
    counts.append(len(program.source))


def run_for_a_while(batch):
    started, counts = time.monotonic(), []
    print(f"HOTLOOP_FUZZ_SEED={FIRST_SEED}")
    number = FIRST_SEED
    while time.monotonic() - started < SECONDS:
        try:
            batch(number, counts)
        except BaseException as error:
            error.add_note(f"to see it again: HOTLOOP_FUZZ_SEED={number}")
            raise
        number += 1
    assert counts, "no program was run"
    print(f"{len(counts)} programs, {sum(counts)} characters")


def test_random_programs():
    run_for_a_while(batch)


def test_random_programs_with_objects():
    run_for_a_while(one_with_objects)


def test_random_programs_in_parallel():
    run_for_a_while(one_in_parallel)
