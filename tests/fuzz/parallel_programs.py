"""Random loops of prange, as source text with rows of arguments: reductions, private values, inner loops.

All is of integers, so that no order of additions shows. What a round writes lies at its own index. No round
leaves the loop. Begin reading at `programs`.
"""

import numpy as np
from array_programs import ArrayProgram
from drawing import Drawing

REDUCTIONS = {
    "s": "s += {}",
    "t": "t -= {}",
    "p": "p *= {} | 1",
    "x": "x ^= {}",
    "o": "o |= {}",
    "z": "z &= {}",
    "m": "m = min(m, {})",
    "q": "q = max(q, {})",
    "h": "h += c * ({} & 3)",
    "r": "r = r + c * ({} & 3)",
    "e": "e = np.maximum(c * i - ({} & 7), e)",
    "y": "y = y and {} % 7 > 0",
    "w": "w = {} % 11 == 10 or w",
    "high": "new = {}\nif new > high:\n    high, at = new, i",
    "low": "new = {}\nif low > new:\n    low = new",
    "g0": "k = {} % 3\ng0[k] -= k + 1",
    "g1": "k = {} % 3\ng1[k] = max(g1[k], i - k)",
    "g2": "k = {} % 3\nif g2[k] < k * i:\n    g2[k] = k * i",
    "g3": "g3[{} % 3] ^= i",
    "all_": "k = {} % 3\nall_[k] = all_[k] and i % 5 < 3 + k",
}


class Writer(Drawing):
    def __init__(self, random):
        super().__init__(random)
        self.names = ["i", "n", "a[i]", "b[i]", "a[-1 - i]", "b[i // 2]"]

    def value(self, depth=2):
        if depth == 0 or self.chance(3):
            return self.pick([*self.names, str(self.number(-4, 9))])
        x, y = self.value(depth - 1), self.value(depth - 1)
        return self.pick([f"({x} {self.pick('+-*&|^')} {y})", f"({x} // 3)", f"({x} % 7)", f"abs({x})",
                          f"({x} if {y} % 2 else {self.value(0)})", f"min({x}, {y})"])  # fmt: skip

    def statement(self, indent, depth):
        kind = self.pick(["reduce", "reduce", "store", "private", "if", "inner"][: 5 + (depth > 0)])
        if kind == "reduce":
            for line in REDUCTIONS[self.pick(REDUCTIONS)].format(self.value()).splitlines():
                self.emit(indent, line)
        elif kind == "store":
            self.emit(indent, f"{self.pick(['out[i]', 'out[i]', 'wide[i, 1]', 'wide[i]'])} = {self.value()}")
        elif kind == "private":
            name = self.fresh("v")
            self.emit(indent, f"{name} = {self.value()}")
            self.names.append(name)
        elif kind == "if":
            self.emit(indent, f"if {self.value()} {self.pick(['<', '==', '>='])} {self.value(0)}:")
            self.block(indent + 1, depth - 1)
        else:
            name = self.fresh("j")
            self.emit(indent, f"for {name} in range({self.pick(['3', 'i % 4', 'n % 5'])}):")
            self.names.append(name)
            self.block(indent + 1, depth - 1)

    def block(self, indent, depth):
        names = self.names[:]
        for _ in range(self.number(1, 3)):
            self.statement(indent, depth)
        self.names = names

    def loop(self):
        bounds = self.pick(["n", "len(a)", "1, n", "0, n, 2", "n, 0, -1", "n // 2"])
        self.emit(1, f"for i in prange({bounds}):")
        self.block(2, 2)


def programs(random):
    """A program and its rows of arguments: below, at and above what is worth a thread."""
    w = Writer(random)
    w.emit(0, "def f(n, a, b, c, out, wide):")
    w.emit(1, "s = t = x = o = 0")
    w.emit(1, "p, z, m, q = np.int64(1), -1, 10**6, -(10**6)")
    w.emit(1, "y, w, high, low, at = True, False, -20, 20, 0")
    w.emit(1, "h, all_ = np.zeros(3, np.int64), np.ones(3, np.bool_)")
    w.emit(1, "r, e = h, c")
    w.emit(1, "g0, g1, g2, g3 = h.copy(), h.copy(), h.copy(), h.copy()")
    for _ in range(random.randint(1, 2)):
        w.loop()
    w.emit(1, "return s, t, p, x, o, z, m, q, h, y, w, high, low, at, all_, r, e, g0, g1, g2, g3")
    draw = np.random.default_rng(random.randrange(1 << 30))
    rows = []
    for n in (0, 1, 7, 200):
        a, b = draw.integers(-50, 50, n + 1), draw.integers(-9, 9, n + 1)
        rows.append((n, a, b, np.arange(3), np.zeros(n + 1, np.int64), np.zeros((n + 1, 2), np.int64)))
    return ArrayProgram("\n".join(w.lines) + "\n", rows)
