"""The pieces of a backup fetched, opened, held to their names; of a broken one is said what hangs on it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from collector.backup_problems import NoIdentity
from forms.backups.documents import Head, Manifest, TableHeld, read_manifest
from forms.backups.pieces import Namer, file_pieces
from forms.backups.problems import BackupDocumentUnreadable, BackupKeyWrong
from forms.backups.sealing import Opener
from storage.backups.index import Index
from storage.backups.problems import BackupPieceBroken
from storage.backups.repository import Repository

MISSING, DAMAGED = "is missing", "is damaged"


@dataclass(frozen=True, slots=True)
class FileHeld:
    """A file in a backup."""

    sha256: str
    size: int


def manifest_of(repository: Repository, head: Head, opener: Opener) -> Manifest:
    """The manifest of a backup. Raises BackupDocumentUnreadable, BackupKeyWrong, NoIdentity."""
    sealed = repository.manifest(head)
    try:
        data = opener.open(sealed)
    except BackupKeyWrong as error:
        if not opener.has_keys:
            raise NoIdentity from error
        raise
    except ValueError as error:
        raise BackupDocumentUnreadable(name=head.name, reason="its manifest is damaged") from error
    return read_manifest(head.name, data)


class Pieces:
    """The pieces of one backup."""

    def __init__(self, repository: Repository, name: str, manifest: Manifest, opener: Opener) -> None:
        self._repository = repository
        self._name = name
        self._manifest = manifest
        self._opener = opener
        self._namer = Namer(bytes.fromhex(manifest.naming))
        self._index: Index = repository.index()

    def close(self) -> None:
        """Let the list of what is there go."""
        self._index.close()

    def rows(self, table: TableHeld, progress: Callable[[int], None] = lambda _rows: None) -> Iterator[bytes]:
        """The rows of a table, piece by piece. Raises BackupPieceBroken."""
        done = 0
        for number, size, rows in table.pieces:
            data = self._piece(bytes.fromhex(number))
            whole = isinstance(data, bytes) and len(data) == size
            if not whole or self._namer.of_rows(data) != bytes.fromhex(number):  # type: ignore[arg-type]
                affected = (
                    f"rows {done + 1} to {done + rows} of the table {table.name}"
                    if table.name
                    else f"files {done + 1} to {done + rows} of the list of files"
                )
                fault = data if isinstance(data, str) else DAMAGED
                raise BackupPieceBroken(piece=number, name=self._name, fault=fault, affected=affected)
            yield data  # type: ignore[misc]
            done += rows
            progress(rows)

    def files(self) -> Iterator[FileHeld]:
        """Every file there should be. Raises BackupPieceBroken."""
        for data in self.rows(self._manifest.files):
            for line in data.decode().splitlines():
                digest, _, size = line.partition(" ")
                yield FileHeld(digest, int(size))

    def file(self, held: FileHeld, write: Callable[[bytes], object]) -> str:
        """Hand the bytes of a file on as they come; returns what is wrong with it, "" for nothing."""
        made = hashlib.sha256()
        for part in range(file_pieces(held.size)):
            number = self._namer.of_file(held.sha256, part)
            data = self._piece(number)
            if isinstance(data, str):
                return f"piece {number.hex()} {data}"
            made.update(data)
            write(data)
        return "" if made.hexdigest() == held.sha256 else DAMAGED

    def _piece(self, number: bytes) -> bytes | str:
        """The bytes of a piece, or what is wrong with it."""
        stored = self._index.find(number)
        if stored is None:
            return MISSING
        try:
            sealed = self._repository.place.get(stored.name)
        except KeyError:
            return MISSING
        if hashlib.sha256(sealed).digest() != stored.sha256:
            return DAMAGED
        try:
            return self._opener.open(sealed)
        except ValueError:
            return DAMAGED
