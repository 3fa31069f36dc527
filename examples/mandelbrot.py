"""A picture: the Mandelbrot set, computed point by point and written to examples/out/mandelbrot.png.

The comparison uses a small picture, because plain Python needs about a second for it; the file is then
drawn in full size by the compiled function. The PNG itself is written with the standard library alone.
"""

import struct
import zlib
from pathlib import Path

import numpy as np
from _compare import Comparison, pretty_time, timed

from hotloop import njit

OUT = Path(__file__).resolve().parent / "out" / "mandelbrot.png"


def escape_times(width, height, limit):
    """Return for each point of the plane how many steps z*z + c takes to leave the circle of radius 2."""
    steps = np.zeros((height, width), dtype=np.int32)
    for row in range(height):
        for column in range(width):
            c = complex(-2.0 + 3.0 * column / width, -1.0 + 2.0 * row / height)
            z = 0j
            n = 0
            while n < limit and z.real * z.real + z.imag * z.imag <= 4.0:
                z = z * z + c
                n += 1
            steps[row, column] = n
    return steps


def colours(steps, limit):
    """Return an RGB picture: black inside the set, blue to gold outside."""
    shade = np.log1p(steps) / np.log1p(limit)
    picture = np.stack([shade**0.8, shade, np.sqrt(shade) * (1.2 - shade)], axis=-1)
    picture[steps == limit] = 0.0
    return (255 * picture.clip(0.0, 1.0)).astype(np.uint8)


def write_png(path, picture):
    """Write an RGB picture (height, width, 3) of bytes as a PNG file."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    height, width, _ = picture.shape
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    lines = b"".join(b"\0" + line.tobytes() for line in picture)  # each line starts with its filter: none
    path.parent.mkdir(exist_ok=True)
    parts = (chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(lines)), chunk(b"IEND", b""))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(parts))


def main():
    compiled = njit(escape_times)
    table = Comparison("Mandelbrot set, 240 x 160 points, at most 100 steps")
    table.row("escape_times", escape_times, compiled, 240, 160, 100)

    limit = 500
    steps, seconds = timed(compiled, 1200, 800, limit)
    write_png(OUT, colours(steps, limit))
    print(f"1200 x 800 points, at most {limit} steps, in {pretty_time(seconds)}; the picture: {OUT}")


if __name__ == "__main__":
    main()
