"""The heat equation on a plate, stepped on all cores, as an animated picture: examples/out/heat.png."""

import struct
import zlib
from pathlib import Path

import numpy as np
from _compare import Comparison, pretty_time, timed

from hotloop import njit, prange

OUT = Path(__file__).resolve().parent / "out" / "heat.png"


def spread(u, steps):
    """Let the heat in u spread for some steps; the edge keeps its temperature."""
    rows, columns = u.shape
    v = u.copy()
    for _ in range(steps):
        for i in prange(1, rows - 1):
            for j in range(1, columns - 1):
                v[i, j] = u[i, j] + 0.2 * (
                    u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1] - 4.0 * u[i, j]
                )
        u, v = v, u
    return u


def plate(size):
    """Return a cold plate with a hot edge and two hot spots."""
    u = np.zeros((size, size))
    u[0] = 1.0
    u[size // 2 : size // 2 + size // 8, size // 4 : size // 3] = 1.0
    u[size // 5 : size // 4, size // 2 : size // 2 + size // 4] = 1.0
    return u


def colours(u):
    """Return an RGB picture: black, red, yellow, white."""
    shade = np.stack([3.0 * u, 3.0 * u - 1.0, 3.0 * u - 2.0], axis=-1)
    return (255 * shade.clip(0.0, 1.0)).astype(np.uint8)


def write_animation(path, pictures, milliseconds):
    """Write RGB pictures of one size as an animated PNG (the PNG specification, third edition, 2023)."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    height, width, _ = pictures[0].shape
    parts = [
        b"\x89PNG\r\n\x1a\n",
        chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        chunk(b"acTL", struct.pack(">II", len(pictures), 0)),
    ]
    number = 0
    for picture in pictures:
        control = struct.pack(">IIIIIHHBB", number, width, height, 0, 0, milliseconds, 1000, 0, 0)
        data = zlib.compress(b"".join(b"\0" + line.tobytes() for line in picture))
        first = number == 0
        parts.append(chunk(b"fcTL", control))
        parts.append(chunk(b"IDAT", data) if first else chunk(b"fdAT", struct.pack(">I", number + 1) + data))
        number += 1 if first else 2
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"".join([*parts, chunk(b"IEND", b"")]))


def main():
    table = Comparison("Heat equation, 100 x 100 points, 20 steps")
    table.row("one core", spread, njit(spread), plate(100), 20)
    compiled = njit(parallel=True)(spread)
    table.row("all cores", spread, compiled, plate(100), 20)

    u, pictures, total = plate(240), [], 0.0
    for _ in range(30):
        pictures.append(colours(u))
        u, seconds = timed(compiled, u, 100)
        total += seconds
    write_animation(OUT, pictures, 80)
    print(f"240 x 240 points, 3,000 steps, in {pretty_time(total)}; the animated picture: {OUT}")


if __name__ == "__main__":
    main()
