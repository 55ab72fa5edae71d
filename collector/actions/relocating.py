"""A server moves: files while it still serves, then the rows while it rests; then both are compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from collector.actions.doctor import Finding, Patient, examine
from collector.settings import Settings
from storage.blobs import BlobStore
from storage.queries import health
from storage.relocating import copying, files, resting

Progress = Callable[[str], Callable[[int, int], None]]

_OF_DATA: Final = frozenset({"Database", "Files", "Log"})
"""What the doctor looks at that a move could have harmed; the rest is about the machine at work."""


@dataclass(frozen=True)
class Side:
    """A server: the address of its database and of its files, and both of them open."""

    database_url: str
    blobs_url: str
    engine: Engine
    blobs: BlobStore


@dataclass(frozen=True, slots=True)
class Moved:
    """What was moved and found the same: rows in tables, files copied and files read back."""

    tables: int
    rows: int
    copied: int
    read_back: int


def move(
    source: Side, target: Side, home: Path, sample: int | None, progress: Progress, *, now: datetime
) -> Moved:
    """Move what the two sides differ in, and compare; the source stays as it is.

    Raises ServerRuns after the files while something works with `home`, and what `storage.relocating`
    refuses.
    """
    of_rows, of_files = source.database_url != target.database_url, source.blobs_url != target.blobs_url
    if of_rows:
        copying.check(source.engine, target.engine)
    copied = files.copy_files(source.blobs, target.blobs, progress("Files")) if of_files else 0
    with resting.alone(home):
        if of_files:
            # Those that came meanwhile.
            copied += files.copy_files(source.blobs, target.blobs, progress("Files that came meanwhile"))
        sent = copying.copy(source.engine, target.engine, progress("Rows")) if of_rows else {}
        rows = copying.compare(target.engine, sent, progress("Rows read back")) if of_rows else 0
        looked = _read_back(target, sample, progress) if of_files else 0
        resting.note_move(home, _note(source, target), now)
    return Moved(len(sent), rows, copied, looked)


def _read_back(target: Side, sample: int | None, progress: Progress) -> int:
    with Session(target.engine) as session:
        wanted = set(chain.from_iterable(health.blobs(session)))
    return files.read_back(target.blobs, wanted, sample, progress("Files read back"))


def _note(source: Side, target: Side) -> dict[str, tuple[str, str, str]]:
    note = {}
    if source.database_url != target.database_url:
        note["database"] = (source.database_url, target.database_url, said(target.database_url))
    if source.blobs_url != target.blobs_url:
        note["files"] = (source.blobs_url, target.blobs_url, target.blobs_url)
    return note


def said(url: str) -> str:
    """The address of a database without its password."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    return url.replace(f":{parts.password}@", ":…@", 1)


def examined(
    session: Session, target: Side, settings: Settings, progress: Progress, *, now: datetime
) -> list[Finding]:
    """What the doctor finds wrong with a server that has arrived and does not run yet."""
    found = examine(Patient(session, target.blobs, settings, now, counted={}), progress)
    return [one for one in found if one.do is not None and one.about in _OF_DATA]
