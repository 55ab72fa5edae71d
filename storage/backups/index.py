"""Which pieces a place holds: read from it at the beginning, on disk, so that a million take no memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_FOLDER = "pieces"


class Stored(NamedTuple):
    """A piece in a place: its id, the SHA-256 of its bytes there, and how many."""

    id: bytes
    sha256: bytes
    size: int

    @property
    def name(self) -> str:
        """Its file: the id, and the digest by which anybody can tell whether it is whole."""
        told = self.id.hex()
        return f"{_FOLDER}/{told[:2]}/{told}-{self.sha256.hex()}"


def read_name(name: str, size: int) -> Stored | None:
    """The piece a file is; None for what is no piece."""
    told, _, digest = name.rpartition("/")[2].partition("-")
    try:
        return Stored(bytes.fromhex(told), bytes.fromhex(digest), size)
    except ValueError:
        return None


class Index:
    """Pieces by id, in a file of SQLite's own that goes when it is closed."""

    def __init__(self) -> None:
        self._line = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._line.execute("PRAGMA journal_mode=OFF")
        self._line.execute(
            "CREATE TABLE pieces (id BLOB PRIMARY KEY, sha256 BLOB, size INTEGER, written REAL, needed "
            "INTEGER)  WITHOUT ROWID"
        )

    def close(self) -> None:
        """Let it go."""
        self._line.close()

    def fill(self, several: Iterable[tuple[Stored, float]]) -> None:
        """Note pieces that are there, and when they were written."""
        self._line.execute("BEGIN")
        self._line.executemany(
            "INSERT OR REPLACE INTO pieces VALUES (?, ?, ?, ?, 0)",
            ((one.id, one.sha256, one.size, written) for one, written in several),
        )
        self._line.execute("COMMIT")

    def find(self, number: bytes) -> Stored | None:
        """A piece, if it is there."""
        row = self._line.execute("SELECT id, sha256, size FROM pieces WHERE id = ?", (number,)).fetchone()
        return None if row is None else Stored(*row)

    def forget(self, number: bytes) -> None:
        """It is not there, or not as it should be."""
        self._line.execute("DELETE FROM pieces WHERE id = ?", (number,))

    def need(self, numbers: Iterable[bytes]) -> None:
        """Mark pieces that somebody needs."""
        self._line.execute("BEGIN")
        self._line.executemany("UPDATE pieces SET needed = 1 WHERE id = ?", ((one,) for one in numbers))
        self._line.execute("COMMIT")

    def unneeded(self, before: float) -> Iterator[Stored]:
        """Those nobody needs, written before a moment."""
        asked = "SELECT id, sha256, size FROM pieces WHERE needed = 0 AND written < ?"
        for row in self._line.execute(asked, (before,)):
            yield Stored(*row)
