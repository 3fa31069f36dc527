"""One engine in a process of its own, which takes commands over a pipe: run.py starts one per engine.

    python worker.py hotloop|numba|c|python

Reads one JSON object a line, answers with one a line. `{"do": "variants"}` lists what can be measured,
`{"do": "answer"}` stores the kernel's answer in a file, `{"do": "time"}` measures. A failure is answered
with its text and ends nothing. Times are CPU times of the calling thread, so that another program on the
machine disturbs less, and that of BLAS's threads, which spin for a while after a product among the
arguments, is not counted; of kernels that run on all cores, the clock's.
"""

import importlib
import json
import os
import sys
import time
import timeit
import traceback

import clib
import kernels
import numpy as np


class JitEngine:
    """hotloop or Numba: `njit` of the kernel, called from Python."""

    def __init__(self, name):
        self.engine = importlib.import_module(name)
        self.version = self.engine.__version__
        self.functions = {}

    def variants(self, kernel):
        return ["njit"]

    def function(self, kernel):
        if kernel.name not in self.functions:
            self.functions[kernel.name] = self.compiled(kernel)
        return self.functions[kernel.name]

    def compiled(self, kernel):
        if not kernel.parallel:
            return self.engine.njit(kernel.function)
        kernel.module.prange = self.engine.prange
        return self.engine.njit(parallel=True)(kernel.function)

    def call(self, kernel, variant, arguments):
        return self.function(kernel)(*arguments)

    def repeater(self, kernel, variant, arguments):
        """Return a function that calls the compiled kernel that many times, with timeit's loop.

        All names are local to the loop: where Python looks up global ones is no business of an engine.
        """
        names = ["kernel", *(f"a{i}" for i in range(len(arguments)))]
        statement = f"kernel({', '.join(names[1:])})"
        setup = f"{', '.join(names)}, = values"
        values = self.function(kernel), *arguments
        return timeit.Timer(statement, setup, globals={"values": values}).timeit


class PythonEngine(JitEngine):
    """The interpreter: the reference for the answers."""

    def __init__(self):
        self.version = sys.version.split()[0]

    def function(self, kernel):
        return kernel.function


class CEngine:
    """The same loops in C, called in a loop in C."""

    def __init__(self):
        self.version = clib.versions()

    def variants(self, kernel):
        return list(clib.variants(kernel))

    def call(self, kernel, variant, arguments):
        return clib.call(kernel, variant, arguments)

    def repeater(self, kernel, variant, arguments):
        return clib.repeater(kernel, variant, arguments)


ENGINES = {
    "hotloop": lambda: JitEngine("hotloop"),
    "numba": lambda: JitEngine("numba"),
    "python": PythonEngine,
    "c": CEngine,
}


class Stopwatch:
    """One measured thing: its loop, the arguments it works on, and how often to call it per measurement."""

    def __init__(self, repeat, arguments, seconds, clock):
        self.repeat = repeat
        self.clock = clock
        self.arguments = arguments  # kept alive: C has their addresses only
        self.times = 1
        while (taken := self.run()) < seconds:
            self.times = max(2 * self.times, int(1.2 * self.times * seconds / max(taken, 1e-6)))

    def run(self):
        start = self.clock()
        self.repeat(self.times)
        return self.clock() - start

    def best(self, batches):
        """Return the seconds of one call: the fastest of some batches."""
        return min(self.run() for _ in range(batches)) / self.times


class Worker:
    """The commands, by name."""

    def __init__(self, engine):
        self.engine = engine
        self.watches = {}

    def version(self, request):
        return self.engine.version

    def variants(self, request):
        return self.engine.variants(kernels.load(request["kernel"]))

    def answer(self, request):
        """Run the kernel once on fresh arguments and store its answer as an .npy file."""
        kernel = kernels.load(request["kernel"])
        arguments = kernel.arguments(request["size"])
        with np.errstate(over="ignore"):
            returned = self.engine.call(kernel, request["variant"], arguments)
        np.save(request["path"], kernel.answer(returned, arguments))

    def time(self, request):
        """Return the seconds one call takes."""
        key = request["kernel"], request["size"], request["variant"]
        if key not in self.watches:
            kernel = kernels.load(request["kernel"])
            arguments = kernel.arguments(request["size"])
            self.engine.call(kernel, request["variant"], arguments)
            repeat = self.engine.repeater(kernel, request["variant"], arguments)
            clock = time.perf_counter if kernel.parallel else time.thread_time
            self.watches[key] = Stopwatch(repeat, arguments, request["seconds"], clock)
        return self.watches[key].best(request["batches"])


def serve(worker, requests, replies):
    """Answer requests until the pipe is closed."""
    for line in requests:
        request = json.loads(line)
        try:
            reply = {"value": getattr(worker, request["do"])(request)}
        except Exception:
            reply = {"error": traceback.format_exc(limit=-3)}
        replies.write(json.dumps(reply) + "\n")
        replies.flush()


def main():
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what an engine prints must not get among the replies
    serve(Worker(ENGINES[sys.argv[1]]()), sys.stdin, replies)


if __name__ == "__main__":
    main()
