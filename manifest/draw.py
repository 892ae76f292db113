#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Draws the icons of the Teams app: an app with a tick, on a desk. draw.py [FOLDER] writes color.png and outline.png.

Teams wants the one full-bleed in 192 x 192 with its symbol within the middle 96 x 96, and the other white on nothing in 32 x 32.
"""
import pathlib
import struct
import sys
import zlib

ACCENT = (0x4F, 0x52, 0xB2)  # also accentColor of manifest.json
WHITE = (0xFF, 0xFF, 0xFF)
FINE = 4  # samples of a pixel along each side

# The symbol in a square of 1 x 1, y downwards: left, top, right, bottom, radius of the corners.
TILE = (0.22, 0.04, 0.78, 0.60, 0.10)
TOP = (0.00, 0.68, 1.00, 0.82, 0.05)
LEGS = ((0.12, 0.75, 0.25, 0.98, 0.05), (0.75, 0.75, 0.88, 0.98, 0.05))
TICK = ((0.36, 0.33), (0.46, 0.43), (0.64, 0.23))
TICK_HALF = 0.048  # of its stroke


def in_box(x, y, box):
    left, top, right, bottom, radius = box
    dx = max(left + radius - x, 0, x - right + radius)
    dy = max(top + radius - y, 0, y - bottom + radius)
    return dx * dx + dy * dy <= radius * radius


def near_line(x, y, begin, end, half):
    (ax, ay), (bx, by) = begin, end
    length = (bx - ax) ** 2 + (by - ay) ** 2
    along = min(1, max(0, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length))
    return (x - ax - along * (bx - ax)) ** 2 + (y - ay - along * (by - ay)) ** 2 <= half * half


def in_symbol(x, y):
    if any(in_box(x, y, box) for box in (TOP, *LEGS)):
        return True
    return in_box(x, y, TILE) and not any(near_line(x, y, a, b, TICK_HALF) for a, b in zip(TICK, TICK[1:]))


def cover(size, margin):
    """How much of each pixel the symbol covers, 0 to 1, in rows."""
    scale = size - 2 * margin
    steps = [(step + 0.5) / FINE for step in range(FINE)]
    return [[sum(in_symbol((column + dx - margin) / scale, (row + dy - margin) / scale) for dx in steps for dy in steps) / FINE**2
             for column in range(size)] for row in range(size)]


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(rows, color_type):
    """rows of bytes; color_type 2: red, green, blue; 6: and how solid."""
    pixels = {2: 3, 6: 4}[color_type]
    head = struct.pack(">IIBBBBB", len(rows[0]) // pixels, len(rows), 8, color_type, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def color():
    return [b"".join(bytes(round(back + (front - back) * part) for back, front in zip(ACCENT, WHITE)) for part in row)
            for row in cover(192, 48)]


def outline():
    return [b"".join(bytes((*WHITE, round(255 * part))) for part in row) for row in cover(32, 2)]


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent)
    (folder / "color.png").write_bytes(png(color(), 2))
    (folder / "outline.png").write_bytes(png(outline(), 6))


if __name__ == "__main__":
    main()
