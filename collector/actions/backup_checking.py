"""A backup looked at again: whether its pieces are whole, and whether it restores to what was there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from collector.actions.backing_up import FILES, Tell
from collector.actions.backup_pieces import Pieces
from collector.actions.restoring import Chosen, faithful, fill
from forms.backups.documents import Head
from storage.backups.index import Stored
from storage.backups.repository import Repository, Writing
from storage.backups.rows import open_target
from storage.backups.scratch import scratch_database

PIECES = "pieces"


@dataclass(slots=True)
class Looked:
    """What was found of some backups: how many pieces were read, and what is wrong with which."""

    pieces: int = 0
    bytes: int = 0
    broken: list[str] = field(default_factory=list)


def look(repository: Repository, heads: list[Head], tell: Tell) -> Looked:
    """Read every piece these backups need and compare it with its name: needs no key."""
    index, found = repository.index(), Looked()
    try:
        total = sum(one.pieces for one in heads)
        seen: set[bytes] = set()
        done = 0
        for head in heads:
            repository.manifest(head)
            for number in repository.needs(head):
                done += 1
                if number not in seen:
                    seen.add(number)
                    _one(repository, index.find(number), number, found)
                tell(PIECES, done, total)
    finally:
        index.close()
    return found


def _one(repository: Repository, stored: Stored | None, number: bytes, found: Looked) -> None:
    found.pieces += 1
    if stored is None:
        found.broken.append(f"{number.hex()} is missing")
        return
    try:
        data = repository.place.get(stored.name)
    except KeyError:
        found.broken.append(f"{number.hex()} is missing")
        return
    found.bytes += len(data)
    if hashlib.sha256(data).digest() != stored.sha256:
        found.broken.append(f"{number.hex()} is damaged")


def set_aside(writing: Writing, found: Looked) -> int:
    """Take damaged pieces out of the way, so that the next backup writes them anew; returns how many."""
    moved = 0
    for told in found.broken:
        number, _, fault = told.partition(" ")
        stored = writing.known.find(bytes.fromhex(number))
        if stored is not None and fault == "is damaged":
            writing.set_aside(stored)
            moved += 1
    return moved


@dataclass(slots=True)
class Proved:
    """What a backup came to when it was restored for a try."""

    rows: int
    tables: int
    files: int
    figures: int
    wrong: list[str] = field(default_factory=list)


def prove(chosen: Chosen, into: str | None, folder: Path, tell: Tell) -> Proved:
    """Restore into a temporary place, compare, and let it go. Raises BackupPieceBroken, BackupUnfaithful.

    `into` is an empty PostgreSQL database; without it one is made beside the server's, or a file in `folder`.
    """
    manifest = chosen.manifest
    cells = manifest.table("indicator_cells")
    proved = Proved(manifest.rows, len(manifest.tables), 0, cells.rows if cells else 0)
    pieces = Pieces(chosen.repository, chosen.head.name, manifest, chosen.opener)
    try:
        with _somewhere(manifest.kind, into, folder) as url:
            target = open_target(url)
            try:
                fill(target, manifest, pieces, tell)
                source = target.source()
                try:
                    faithful(source, chosen, tell)
                finally:
                    source.close()
            finally:
                target.give_up()
        missing = frozenset(manifest.missing)
        for done, held in enumerate(pieces.files(), 1):
            if held.sha256 not in missing:
                fault = pieces.file(held, len)
                proved.files += 1
                if fault:
                    proved.wrong.append(f"{held.sha256}: {fault}")
            tell(FILES, done, manifest.files.rows)
    finally:
        pieces.close()
    return proved


@contextmanager
def _somewhere(kind: str, into: str | None, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        with TemporaryDirectory(dir=folder, prefix="verify-") as place:
            yield f"sqlite:///{Path(place) / 'collector.db'}"
    else:
        with scratch_database(into) as url:
            yield url
