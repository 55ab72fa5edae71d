"""A smallest possible .xls: nothing in the tool box writes one, and officers still send them.

Source: [MS-CFB] the container (one FAT sector, one directory sector, one stream), [MS-XLS] the records.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

_SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_SMALLEST_STREAM = 4096


def xls(sheets: Mapping[str, Sequence[Sequence[object]]]) -> bytes:
    """The bytes of an .xls with these sheets; cells are texts, numbers, booleans or None."""
    return _container(_workbook(sheets))


def _record(code: int, body: bytes) -> bytes:
    return struct.pack("<HH", code, len(body)) + body


def _text(text: str, *, length: str) -> bytes:
    return struct.pack(f"<{length}B", len(text), 1) + text.encode("utf-16-le")


def _workbook(sheets: Mapping[str, Sequence[Sequence[object]]]) -> bytes:
    begin = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0x0DBB, 0x07CC, 0, 6))
    end = _record(0x000A, b"")
    bodies = [_sheet(rows) for rows in sheets.values()]
    names = [_text(name, length="B") for name in sheets]
    at = len(begin) + sum(len(_record(0x0085, bytes(6) + name)) for name in names) + len(end)
    bounds = b""
    for name, body in zip(names, bodies, strict=True):
        bounds += _record(0x0085, struct.pack("<IH", at, 0) + name)
        at += len(body)
    return begin + bounds + end + b"".join(bodies)


def _sheet(rows: Sequence[Sequence[object]]) -> bytes:
    begin = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0x0DBB, 0x07CC, 0, 6))
    cells = [_cell(row, column, value) for row, line in enumerate(rows) for column, value in enumerate(line)]
    return begin + b"".join(cells) + _record(0x000A, b"")


def _cell(row: int, column: int, value: object) -> bytes:
    place = struct.pack("<HHH", row, column, 0)
    if value is None:
        return b""
    if isinstance(value, bool):
        return _record(0x0205, place + struct.pack("<BB", value, 0))
    if isinstance(value, (int, float)):
        return _record(0x0203, place + struct.pack("<d", value))
    return _record(0x0204, place + _text(str(value), length="H"))


def _container(stream: bytes) -> bytes:
    """Sector 0 the FAT, sector 1 the directory, then the stream."""
    stream = stream.ljust(max(_SMALLEST_STREAM, -(-len(stream) // _SECTOR) * _SECTOR), b"\0")
    sectors = len(stream) // _SECTOR
    chain = [_FAT, _END, *range(3, sectors + 2), _END]
    fat = struct.pack(f"<{_SECTOR // 4}I", *chain, *[_FREE] * (_SECTOR // 4 - len(chain)))
    entries = [_entry("Root Entry", 5, 1, _END, 0), _entry("Workbook", 2, _FREE, 2, len(stream))]
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIIII", 0, 1, 1, 0, _SMALLEST_STREAM, _END, 0, _END, 0, 0)
    return header.ljust(_SECTOR, b"\xff") + fat + b"".join(entries).ljust(_SECTOR, b"\0") + stream


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    label = (name + "\0").encode("utf-16-le")
    return (
        label.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(label), kind, 1, _FREE, _FREE, child)
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )
