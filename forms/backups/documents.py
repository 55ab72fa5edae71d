"""What a backup says of itself: openly (its head), and to whoever has the key (its manifest)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from forms.backups.problems import BackupDocumentUnreadable

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Head:
    """What everybody may read: no name, no answer, no number of a person.

    `name` is the moment it was made, as it is called in its place. `needs` and `manifest` are the SHA-256 of
    its list of pieces and of its manifest; `size` and `new_size` are sizes in the place, packed and sealed.
    """

    name: str
    made_at: datetime
    kind: str
    revision: str
    sealed: bool
    needs: str
    manifest: str
    pieces: int
    size: int
    new_pieces: int
    new_size: int
    rows: int
    files: int

    def written(self) -> bytes:
        """As JSON."""
        said = asdict(self) | {"format": FORMAT, "made_at": self.made_at.isoformat()}
        return json.dumps(said, indent=1, sort_keys=True).encode()


def read_head(name: str, data: bytes) -> Head:
    """A head. Raises BackupDocumentUnreadable."""
    said = _read(name, data)
    try:
        said["made_at"] = datetime.fromisoformat(said["made_at"])
        return Head(**said)
    except (TypeError, ValueError, KeyError) as error:
        raise BackupDocumentUnreadable(name=name, reason="its head is damaged") from error


@dataclass(frozen=True, slots=True)
class TableHeld:
    """A table in a backup: columns, how many rows, their digest, and `pieces`: id, bytes, rows of each."""

    name: str
    columns: Sequence[str]
    rows: int
    digest: str
    pieces: Sequence[tuple[str, int, int]]


@dataclass(frozen=True, slots=True)
class Shape:
    """A database without its rows: statements before the rows come, after them, and counters' states."""

    before: Sequence[str] = ()
    after: Sequence[str] = ()
    counters: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a restore needs, and what it is held to.

    `kind`: sqlite or postgresql, `engine` its version; `naming` is the key that names pieces, in hexadecimal
    digits; `files` lists SHA-256 and size of every file, as pieces; `missing` are files the database names
    that were not there; `audit_end` is the last link of the log, `position:hash`; `erasures` are the lines of
    `collector erasures export`.
    """

    made_at: datetime
    version: str
    kind: str
    engine: str
    revision: str
    naming: str
    secret_key: str
    shape: Shape
    tables: Sequence[TableHeld]
    files: TableHeld
    files_size: int
    missing: Sequence[str]
    audit_end: str
    erasures: Sequence[str] = field(default_factory=tuple)

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(one.rows for one in self.tables)

    def table(self, name: str) -> TableHeld | None:
        """One of its tables."""
        return next((one for one in self.tables if one.name == name), None)

    def written(self) -> bytes:
        """As JSON."""
        said = asdict(self) | {"format": FORMAT, "made_at": self.made_at.isoformat()}
        return json.dumps(said, ensure_ascii=False, sort_keys=True).encode()


def read_manifest(name: str, data: bytes) -> Manifest:
    """A manifest. Raises BackupDocumentUnreadable."""
    said = _read(name, data)
    try:
        said["made_at"] = datetime.fromisoformat(said["made_at"])
        said["shape"] = Shape(**said["shape"])
        said["tables"] = [_table(one) for one in said["tables"]]
        said["files"] = _table(said["files"])
        return Manifest(**said)
    except (TypeError, ValueError, KeyError) as error:
        raise BackupDocumentUnreadable(name=name, reason="its manifest is damaged") from error


def _table(said: Mapping[str, Any]) -> TableHeld:
    pieces = [(str(one[0]), int(one[1]), int(one[2])) for one in said["pieces"]]
    return TableHeld(said["name"], said["columns"], said["rows"], said["digest"], pieces)


def _read(name: str, data: bytes) -> dict[str, Any]:
    try:
        said: dict[str, Any] = json.loads(data)
        of = said.pop("format")
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise BackupDocumentUnreadable(name=name, reason="it is damaged") from error
    if of != FORMAT:
        raise BackupDocumentUnreadable(
            name=name, reason=f"it has the format {of}, this server reads {FORMAT}"
        )
    return said
