"""A backup while the server runs: the database first, at one moment, then the files it names.

In that order every file the database names is there. What was copied by an earlier backup, or by one that was
interrupted, is not copied again.
"""

from __future__ import annotations

import fcntl
import hashlib
import socket
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO, Protocol

from collector.actions import erasure_replay
from collector.backup_problems import BackupHereAlready, BackupInsideItself
from forms.backups.documents import Head, Manifest, Shape, TableHeld
from forms.backups.keeping import STAMP, Keep, kept
from forms.backups.pieces import FILE_PIECE, Namer, Tally, cut, file_pieces
from forms.backups.sealing import Sealer
from storage.backups.places import Place, open_place
from storage.backups.problems import BackupPlaceAway
from storage.backups.repository import IDENTITY, Repository, Writing, sha256
from storage.backups.rows import Source, kind_of, open_source
from storage.blobs import BlobStore
from storage.database import db
from storage.models import Blob

ROWS, FILES, END = "rows", "files", "end"
_EMPTY = "it holds no backup, though some were made there (name it with --to if it is a new disk)"
_READ = 1 << 20
_FILES = "SELECT sha256, size FROM blobs ORDER BY created_at, sha256"
_REVISION = "SELECT version_num FROM alembic_version"
_AUDIT_END = "SELECT position, hash FROM audit_seals ORDER BY position DESC LIMIT 1"


class Tell(Protocol):
    """Hears how far it is."""

    def __call__(self, stage: str, done: int, total: int, /) -> None:
        """`done` of `total` rows or files; what `total` is may be a guess."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is backed up, where to and how.

    `secret_key` is the server's; `locked` the identity under a passphrase, if one was chosen.
    `expected`: backups were made there before, so an empty place is a disk that is not plugged in.
    """

    home: Path
    database_url: str
    blobs: BlobStore
    secret_key: str
    version: str
    place: Place
    sealer: Sealer
    namer: Namer
    keep: Keep
    clock: Callable[[], datetime]
    locked: bytes | None = None
    expected: bool = False


@dataclass(slots=True)
class Outcome:
    """A backup that was made. `missing`: files the database still names that were not there.

    `gone` and `freed`: backups whose time was over, and the bytes that went with them.
    """

    head: Head
    missing: list[str]
    gone: int
    freed: int


@dataclass(slots=True)
class _Found:
    """What is gathered on the way."""

    needs: bytearray = field(default_factory=bytearray)
    pieces: int = 0
    bytes: int = 0
    tables: list[TableHeld] = field(default_factory=list)
    shape: Shape = field(default_factory=Shape)
    engine: str = ""
    revision: str = ""
    audit_end: str = ""
    missing: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


def back_up(job: Job, tell: Tell) -> Outcome:
    """Make a backup. Raises BackupPlaceAway, BackupPlaceFull, BackupPlaceBusy, BackupHereAlready."""
    if job.expected and not Repository(job.place).heads():
        raise BackupPlaceAway(where=job.place.where, reason=_EMPTY)
    who = job.namer.of_server(f"{socket.gethostname()}:{job.home}")
    with _alone(job.home), Writing(job.place, job.sealer, who, job.clock) as writing:
        return _Making(job, writing, tell).run()


def place_of(address: str, endpoint: str | None, home: Path) -> Place:
    """The place for backups. Raises BackupPlaceUnknown, BackupInsideItself."""
    if "://" not in address or address.startswith("file:"):
        folder = Path(address.removeprefix("file://")).expanduser().resolve()
        if address.strip() and (folder == home or folder.is_relative_to(home)):
            raise BackupInsideItself(where=str(folder))
    return open_place(address, endpoint)


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    with (home / "backup.turn").open("ab") as turn:
        try:
            fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BackupHereAlready from error
        yield


class _Making:
    def __init__(self, job: Job, writing: Writing, tell: Tell) -> None:
        self._job = job
        self._writing = writing
        self._tell = tell
        self._found = _Found()
        self._heads = writing.heads()

    def run(self) -> Outcome:
        if self._job.locked is not None and self._writing.identity() != self._job.locked:
            self._writing.place.put({IDENTITY: self._job.locked})
        with tempfile.TemporaryFile(dir=self._job.home) as listed:
            made_at = self._database(listed)
            # Before the files: one erased from here on may be missing, and is told of as erased.
            files_size = self._files(listed)
        # After the rows: what was erased while they were read is in them, and has to go again.
        erasures = tuple(erasure_replay.lines(db.session()))
        db.session().rollback()
        head = self._finish(made_at, files_size, erasures)
        self._tell(END, 0, 1)
        gone, freed = self._prune(head)
        self._tell(END, 1, 1)
        return Outcome(head, self._found.lost, gone, freed)

    # The database ---------------------------------------------------------------------------------------

    def _database(self, listed: BinaryIO) -> datetime:
        """Copy all rows, and write down which files they name; returns of which moment they are."""
        made_at = self._job.clock()
        source = open_source(self._job.database_url, self._job.home)
        found = self._found
        try:
            found.shape, found.engine = source.shape(), source.engine
            found.revision = str(_one(source, _REVISION)[0])
            end = _one(source, _AUDIT_END)
            found.audit_end = f"{end[0]}:{end[1]}" if end[0] else ""
            newest = max(self._heads.values(), key=lambda one: one.made_at, default=None)
            before, total = 0, newest.rows if newest else 0
            for name, columns in source.tables():
                held = self._table(name, columns, source.rows(name, columns), (before, total))
                found.tables.append(held)
                before += held.rows
            listed.writelines(f"{sha} {size}\n".encode() for sha, size in source.ask(_FILES))
        finally:
            source.close()
        # Whoever is interrupted from here on need not read the rows into the place again.
        self._writing.flush()
        return made_at

    def _table(
        self, name: str, columns: Sequence[str], rows: Iterator[bytes], so_far: tuple[int, int]
    ) -> TableHeld:
        tally, pieces = Tally(), []
        before, total = so_far
        for piece in cut(rows, tally):
            number = self._job.namer.of_rows(piece.data)
            self._keep(number, partial(bytes, piece.data))
            pieces.append((number.hex(), len(piece.data), piece.rows))
            self._tell(ROWS, before + tally.rows, max(total, before + tally.rows))
        return TableHeld(name, list(columns), tally.rows, tally.digest, pieces)

    def _keep(self, number: bytes, make: Callable[[], bytes]) -> None:
        stored = self._writing.keep(number, make)
        self._found.needs += number
        self._found.pieces += 1
        self._found.bytes += stored.size

    # The files ------------------------------------------------------------------------------------------

    def _files(self, listed: BinaryIO) -> int:
        """Copy what is not there yet; returns the bytes of all files."""
        listed.seek(0)
        total, size_of_all = sum(1 for _line in listed), 0
        listed.seek(0)
        for done, line in enumerate(listed, 1):
            digest, _, said = line.decode().partition(" ")
            size = int(said)
            if self._file(digest, size):
                size_of_all += size
            else:
                self._miss(digest)
            self._tell(FILES, done, total)
        listed.seek(0)
        held = (
            self._table("", (), iter(listed), (0, 0)) if total else TableHeld("", [], 0, Tally().digest, [])
        )
        self._found.tables.append(held)
        return size_of_all

    def _file(self, digest: str, size: int) -> bool:
        numbers = [self._job.namer.of_file(digest, part) for part in range(file_pieces(size))]
        if all(self._writing.known.find(one) for one in numbers):
            for one in numbers:
                self._keep(one, bytes)
            return True
        try:
            if len(numbers) > 1 and self._digest(digest) != digest:
                return False
            with self._job.blobs.open(digest) as file:
                for one in numbers:
                    data = file.read(FILE_PIECE)
                    if len(numbers) == 1 and sha256(data) != digest:
                        return False
                    self._keep(one, partial(bytes, data))
        except KeyError:
            return False
        return True

    def _digest(self, name: str) -> str:
        made = hashlib.sha256()
        with self._job.blobs.open(name) as file:
            while data := file.read(_READ):
                made.update(data)
        return made.hexdigest()

    def _miss(self, digest: str) -> None:
        """A file that is not there, or damaged: lost if it still is named, else erased meanwhile."""
        self._found.missing.append(digest)
        session = db.session()
        if session.get(Blob, digest) is not None:
            self._found.lost.append(digest)
        session.rollback()

    # The end --------------------------------------------------------------------------------------------

    def _finish(self, made_at: datetime, files_size: int, erasures: tuple[str, ...]) -> Head:
        job, found, writing = self._job, self._found, self._writing
        writing.flush()
        *tables, files = found.tables
        manifest = Manifest(
            made_at=made_at,
            version=job.version,
            kind=kind_of(job.database_url),
            engine=found.engine,
            revision=found.revision,
            naming=job.namer.key.hex(),
            secret_key=job.secret_key,
            shape=found.shape,
            tables=tables,
            files=files,
            files_size=files_size,
            missing=found.missing,
            audit_end=found.audit_end,
            erasures=erasures,
        )
        needs, sealed = bytes(found.needs), writing.seal_document(manifest.written())
        head = Head(
            name=f"{made_at:{STAMP}}",
            made_at=made_at,
            kind=manifest.kind,
            revision=found.revision,
            sealed=job.sealer.seals,
            needs=sha256(needs),
            manifest=sha256(sealed),
            pieces=found.pieces,
            size=found.bytes + len(sealed) + len(needs),
            new_pieces=writing.written.pieces,
            new_size=writing.written.bytes + len(sealed) + len(needs),
            rows=manifest.rows,
            files=files.rows - len(found.missing),
        )
        writing.finish(head, needs, sealed)
        return head

    def _prune(self, head: Head) -> tuple[int, int]:
        moments = {name: one.made_at for name, one in self._heads.items()} | {head.name: head.made_at}
        stay = kept(moments, self._job.keep)
        taken = self._writing.prune(stay)
        return len(moments) - len(stay), taken.bytes


def _one(source: Source, sentence: str) -> tuple[object, ...]:
    return next(iter(list(source.ask(sentence))), ("", ""))
