"""A small picture of a house among hills, made of nothing: no two alike, and nobody's home."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Iterator

_WIDTH, _HEIGHT = 240, 180
_GROUND = 130
_WALL, _ROOF, _DOOR, _EARTH = (176, 137, 92), (112, 62, 46), (70, 50, 40), (122, 142, 74)


def png(dice: random.Random) -> bytes:
    """The picture as a PNG of a few kilobytes."""
    rows = b"".join(b"\0" + row for row in _rows(dice))
    header = struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _rows(dice: random.Random) -> Iterator[bytes]:
    sky = bytes((dice.randint(150, 200), dice.randint(195, 215), 230))
    hill = bytes((dice.randint(60, 100), dice.randint(110, 140), dice.randint(70, 100)))
    peak, top, left = dice.randint(20, _WIDTH - 20), dice.randint(25, 70), dice.randint(30, 110)
    for y in range(_HEIGHT):
        row = bytearray(sky * _WIDTH if y < _GROUND else bytes(_EARTH) * _WIDTH)
        if top <= y < _GROUND:
            half = 2 * (y - top) + 1
            _paint(row, peak - half, peak + half, hill)
        if 82 <= y < 102:
            half = 34 + 2 * (y - 82)
            _paint(row, left + 50 - half, left + 50 + half, bytes(_ROOF))
        elif 102 <= y < 150:
            _paint(row, left, left + 100, bytes(_WALL))
            if y >= 116:
                _paint(row, left + 42, left + 60, bytes(_DOOR))
        yield bytes(row)


def _paint(row: bytearray, start: int, end: int, colour: bytes) -> None:
    start, end = max(0, start), min(_WIDTH, end)
    row[3 * start : 3 * end] = colour * max(0, end - start)
