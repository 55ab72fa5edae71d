"""Rows and files cut into pieces that are kept once, under names that say nothing.

A table is a stream of rows, each a line. It is cut where the content says so, so that one row more or less
changes the piece it is in and no other: the next night's backup copies that piece. A name is a digest under
a key of the server: whoever sees the names cannot tell whether a file he has is among them.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

LEAST: Final = 256 << 10
AVERAGE: Final = 512 << 10
MOST: Final = 4 << 20
"""Bytes of a piece of rows: at least (but for the last of a table), what is cut off after that on average,
and at most (but for a single row that is longer)."""
FILE_PIECE: Final = 8 << 20
"""Bytes of a piece of a file."""
ID_BYTES: Final = 20
_WHOLE = 1 << 256
_FOUR_BYTES = 1 << 32


class Tally:
    """How many rows a table has, and a digest of them that asks for no order.

    Why no order: a table that was restored lies in another one, with the same rows.
    """

    def __init__(self) -> None:
        self.rows = 0
        self._sum = 0

    def add(self, row: bytes) -> None:
        """One row more."""
        self.rows += 1
        self._sum += int.from_bytes(hashlib.blake2b(row, digest_size=32).digest(), "big")

    @property
    def digest(self) -> str:
        """64 hexadecimal digits: the sum of the rows' digests."""
        return f"{self._sum % _WHOLE:064x}"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some rows of a table, one after the other as lines."""

    data: bytes
    rows: int


def cut(rows: Iterable[bytes], tally: Tally) -> Iterator[Piece]:
    """The pieces of a table; each row is noted in the tally."""
    held: list[bytes] = []
    size = 0
    for row in rows:
        tally.add(row)
        held.append(row)
        size += len(row)
        # A long row is as likely to end a piece as the short ones it weighs.
        if size >= LEAST and (size >= MOST or zlib.crc32(row) * AVERAGE < len(row) * _FOUR_BYTES):
            yield Piece(b"".join(held), len(held))
            held, size = [], 0
    if held:
        yield Piece(b"".join(held), len(held))


@dataclass(frozen=True, slots=True)
class Namer:
    """Names pieces, under a key of 32 bytes that only the server and its (sealed) backups know."""

    key: bytes

    def of_rows(self, data: bytes) -> bytes:
        """The id of rows: of their bytes, so that it proves them."""
        return hashlib.blake2b(data, digest_size=ID_BYTES, key=self.key, person=b"rows").digest()

    def of_file(self, sha256: str, number: int) -> bytes:
        """The id of a piece of a file: known without reading it."""
        said = f"{sha256}:{number}".encode()
        return hashlib.blake2b(said, digest_size=ID_BYTES, key=self.key, person=b"file").digest()

    def of_server(self, where: str) -> str:
        """What one server on one machine is called among those that may use the same place."""
        return hashlib.blake2b(where.encode(), digest_size=8, key=self.key, person=b"server").hexdigest()


def file_pieces(size: int) -> int:
    """How many pieces a file of so many bytes is kept in; an empty one has one."""
    return max(1, -(-size // FILE_PIECE))
