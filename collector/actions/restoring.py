"""A server put back from a backup: files first, the database in one stroke, both held to the manifest.

The database is put in place last: a restore that was interrupted has left files under their own digests,
which the next one finds, and nothing else.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from collector.actions.backing_up import FILES, ROWS, Tell
from collector.actions.backup_keys import write_secret
from collector.actions.backup_pieces import FileHeld, Pieces, manifest_of
from forms.backups.documents import Head, Manifest, TableHeld
from forms.backups.keeping import newest_until
from forms.backups.pieces import Tally
from forms.backups.sealing import Opener
from storage.backups.problems import (
    BackupOfLater,
    BackupOfOtherKind,
    BackupUnfaithful,
    NoBackups,
    NotEmptyHere,
)
from storage.backups.repository import Repository
from storage.backups.rows import Source, Target, kind_of, move_aside, open_target
from storage.blobs import BlobStore, Staged
from storage.migrate import newest_step

RESTORED = "restored.json"
_KINDS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
_SECRET = "secret_key"  # noqa: S105 - the name of a file
_AT_ONCE, _AT_ONCE_BYTES = 32, 32 << 20
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Goal:
    """Where a backup is restored to. `replace`: what is there is moved aside first."""

    home: Path
    database_url: str
    blobs_url: str
    now: datetime
    replace: bool = False


@dataclass(slots=True)
class Restored:
    """What was restored, equal to the manifest; `lost` are files that were not, and what hangs on each."""

    head: Head
    manifest: Manifest
    files: int = 0
    aside: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A backup to restore, opened; `erasures` are those that the newest backup of its place knows of."""

    repository: Repository
    head: Head
    manifest: Manifest
    opener: Opener
    erasures: Sequence[str]


def choose(repository: Repository, at: datetime | None, opener: Opener) -> Chosen:
    """The newest backup, or the newest made by a moment. Raises NoBackups, BackupKeyWrong, NoIdentity."""
    heads = repository.heads()
    moments = {name: one.made_at for name, one in heads.items()}
    name, newest = newest_until(moments, at), newest_until(moments, None)
    if name is None or newest is None:
        when = "yet" if at is None else f"of {at:%Y-%m-%d %H:%M} UTC or before"
        raise NoBackups(where=repository.place.where, when=when)
    manifest = manifest_of(repository, heads[name], opener)
    last = manifest if newest == name else manifest_of(repository, heads[newest], opener)
    return Chosen(repository, heads[name], manifest, opener, last.erasures)


def make_room(chosen: Chosen, goal: Goal) -> list[str]:
    """See that nothing is in the way, or move it; returns where it lies now.

    Raises BackupOfOtherKind, BackupOfLater, NotEmptyHere, ServerStillRuns.
    """
    kind, other = chosen.manifest.kind, kind_of(goal.database_url)
    if kind != other:
        raise BackupOfOtherKind(kind=_KINDS[kind], other=_KINDS[other])
    if chosen.manifest.revision > newest_step():
        raise BackupOfLater(revision=chosen.manifest.revision)
    goal.home.mkdir(parents=True, exist_ok=True, mode=0o750)
    if goal.replace:
        return _move(goal)
    key = goal.home / _SECRET
    if key.exists() and key.read_text().strip() != chosen.manifest.secret_key:
        raise NotEmptyHere(what=f"another server's data in {goal.home}")
    open_target(goal.database_url).give_up()
    return []


def _move(goal: Goal) -> list[str]:
    aside = goal.home / f"before-restore-{goal.now:%Y%m%dT%H%M%S}"
    found = [move_aside(goal.database_url, aside, goal.now)]
    moved = [goal.home / _SECRET, goal.home / RESTORED]
    parts = urlsplit(goal.blobs_url)
    if parts.scheme == "file":
        # Left where they are, those the backup does not name would be swept with the next week.
        moved.append(Path(unquote(parts.path)))
    for one in moved:
        if one.exists():
            aside.mkdir(exist_ok=True)
            shutil.move(one, aside / one.name)
            found.append(str(aside))
    return sorted({one for one in found if one})


def put_key(chosen: Chosen, home: Path) -> None:
    """Put the server's key where it was."""
    if not (home / _SECRET).exists():
        write_secret(home / _SECRET, chosen.manifest.secret_key.encode())


def restore(chosen: Chosen, goal: Goal, blobs: BlobStore, tell: Tell) -> Restored:
    """Put files and database back. Raises BackupPieceBroken, BackupUnfaithful; then no database is there."""
    pieces = Pieces(chosen.repository, chosen.head.name, chosen.manifest, chosen.opener)
    made = Restored(chosen.head, chosen.manifest)
    try:
        broken = _Filling(pieces, chosen.manifest, blobs, tell).run(made)
        target = open_target(goal.database_url)
        try:
            fill(target, chosen.manifest, pieces, tell)
            source = target.source()
            try:
                faithful(source, chosen, tell)
                made.lost = _affected(source, broken)
            finally:
                source.close()
            target.finish()
        except BaseException:
            target.give_up()
            raise
    finally:
        pieces.close()
    _note(goal.home, chosen)
    return made


def fill(target: Target, manifest: Manifest, pieces: Pieces, tell: Tell) -> None:
    """Make the tables, put all rows back, then what rests on them."""
    done = 0

    def told(rows: int) -> None:
        nonlocal done
        done += rows
        tell(ROWS, done, manifest.rows)

    target.begin(manifest.shape)
    for table in manifest.tables:
        target.add(table.name, table.columns, pieces.rows(table, told))
    target.complete(manifest.shape)


def faithful(source: Source, chosen: Chosen, tell: Tell = lambda _stage, _done, _all: None) -> None:
    """Hold what was restored to the manifest: tables, rows, digests, shape. Raises BackupUnfaithful."""
    manifest, wrong = chosen.manifest, []
    if _major(source.engine) == _major(manifest.engine) and source.shape() != manifest.shape:
        wrong.append("the shape of its tables")
    wrong += differing(source, manifest.tables, tell)
    if wrong:
        raise BackupUnfaithful(name=chosen.head.name, what=", ".join(wrong[:_SHOWN]))


def _major(version: str) -> str:
    return version.partition(".")[0]


def differing(
    source: Source,
    tables: Sequence[TableHeld],
    tell: Tell = lambda _stage, _done, _all: None,
) -> list[str]:
    """The tables whose rows are others than they should be, each in words."""
    wrong, done, total = [], 0, sum(one.rows for one in tables)
    for table in tables:
        tally = Tally()
        for row in source.rows(table.name, table.columns):
            tally.add(row)
        if tally.rows != table.rows:
            wrong.append(f"{table.name} ({tally.rows} rows instead of {table.rows})")
        elif tally.digest != table.digest:
            wrong.append(f"{table.name} (other contents)")
        done += table.rows
        tell("compare", done, total)
    return wrong


class _Filling:
    """Files put back; one that is there already is left."""

    def __init__(self, pieces: Pieces, manifest: Manifest, blobs: BlobStore, tell: Tell) -> None:
        self._pieces = pieces
        self._manifest = manifest
        self._blobs = blobs
        self._tell = tell
        self._waiting: list[Staged] = []

    def run(self, made: Restored) -> list[tuple[str, str]]:
        """Put all back; returns the digests of those that could not be, with what is wrong."""
        missing, broken = frozenset(self._manifest.missing), []
        total = self._manifest.files.rows
        for done, held in enumerate(self._pieces.files(), 1):
            if held.sha256 not in missing:
                fault = "" if self._blobs.exists(held.sha256) else self._one(held)
                if fault:
                    broken.append((held.sha256, fault))
                else:
                    made.files += 1
            self._tell(FILES, done, total)
        self._keep()
        return broken

    def _one(self, held: FileHeld) -> str:
        staged = self._blobs.stage()
        fault = self._pieces.file(held, staged.write)
        if fault:
            staged.discard()
            return fault
        self._waiting.append(staged)
        if len(self._waiting) >= _AT_ONCE or sum(one.size for one in self._waiting) >= _AT_ONCE_BYTES:
            self._keep()
        return ""

    def _keep(self) -> None:
        several, self._waiting = self._waiting, []
        if several:
            self._blobs.keep(several)


def _affected(source: Source, broken: Sequence[tuple[str, str]]) -> list[str]:
    """Files that could not be put back, each with the records it belongs to."""
    told = []
    for digest, fault in broken:
        # Digests only: nothing in this sentence comes from outside.
        asked = (
            "SELECT f.name, v.instance_id FROM submission_files f"  # noqa: S608 - digests
            f" JOIN submission_versions v ON v.id = f.version_id WHERE f.blob_sha256 = '{digest}' LIMIT "
            f"{_SHOWN}"
        )
        of = ", ".join(f"{name} of {record}" for name, record in source.ask(asked)) or "no record"
        told.append(f"{digest}: {fault}; {of}")
    return told


def _note(home: Path, chosen: Chosen) -> None:
    """What doctor compares with later: no row and no key of anything, only counts and digests."""
    manifest = chosen.manifest
    said = {
        "backup": chosen.head.name,
        "files": manifest.files.rows - len(manifest.missing),
        "audit_end": manifest.audit_end,
        "tables": {
            one.name: {"columns": list(one.columns), "rows": one.rows, "digest": one.digest}
            for one in manifest.tables
        },
    }
    write_secret(home / RESTORED, json.dumps(said, indent=1).encode())
