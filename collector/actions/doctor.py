"""Whether a server is well: each examination says what it found, and what to do where something is wrong."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from forms.seals import Break
from storage.auditing import sealing
from storage.blobs import BlobStore
from storage.queries import backups, health

WORKER = "worker"
_SILENT = timedelta(minutes=15)
_LEFT = timedelta(hours=1)
_APART = timedelta(minutes=2)
_UNREACHED = timedelta(days=1)
_OLD = timedelta(days=2)
_BACK_UP = "See that its disk is plugged in or the line stands, then: collector backup."
_ROOM, _SHARE = 1 << 30, 0.05
_NAMED = 3

Progress = Callable[[str], Callable[[int, int], None]]


@dataclass(frozen=True, slots=True)
class Finding:
    """What an examination found: its name, what it says, and what to do (None: all is well)."""

    about: str
    told: str
    do: str | None = None


@dataclass(frozen=True, slots=True)
class Patient:
    """What is examined: its database, files, data folder, what time it is, and whether backups are to be made."""

    session: Session
    blobs: BlobStore
    home: Path
    now: datetime
    backups: bool = True


def examine(patient: Patient, progress: Progress) -> Iterator[Finding]:
    """Every examination of a server whose database answers and has the right shape, one after the other."""
    yield _pages(patient)
    yield _files(patient, progress("Files"))
    yield _disk(patient)
    yield _clock(patient)
    yield _worker(patient)
    yield _submissions(patient)
    yield _webhooks(patient)
    yield _backup(patient)
    yield chain(patient.session, progress("Log"))


def _pages(patient: Patient) -> Finding:
    wrong = health.faults(patient.session)
    if not wrong:
        return Finding("Database", "it answers and is whole.")
    return Finding(
        "Database",
        f"its file is damaged: {'; '.join(wrong)}",
        "Stop the server, keep a copy of the file as it is, and restore the last backup.",
    )


def _files(patient: Patient, progress: Callable[[int, int], None]) -> Finding:
    missing: list[str] = []
    number = 0
    for names in health.blobs(patient.session):
        missing += [name for name in names if not patient.blobs.exists(name)]
        number += len(names)
        progress(number, number)
    if not missing:
        return Finding("Files", f"all {number} are there.")
    named = ", ".join(missing[:_NAMED])
    return Finding(
        "Files",
        f"{len(missing)} of {number} are missing: {named}.",
        "Copy them from the last backup into the folder of files; nothing else has to be done.",
    )


def _disk(patient: Patient) -> Finding:
    room = shutil.disk_usage(patient.home)
    free = f"{room.free / (1 << 30):.1f} of {room.total / (1 << 30):.0f} GB are free."
    if room.free >= _ROOM and room.free >= room.total * _SHARE:
        return Finding("Disk", free)
    return Finding("Disk", free, "Make room before it is full: phones cannot send to a full disk.")


def _clock(patient: Patient) -> Finding:
    there = health.database_clock(patient.session)
    if there is not None and abs(there - patient.now) > _APART:
        told = f"this machine says {patient.now:%Y-%m-%d %H:%M} UTC, the database {there:%Y-%m-%d %H:%M}."
        return Finding("Clock", told, "Set both by the network (timedatectl set-ntp true).")
    last = health.newest_record(patient.session)
    if last is not None and last > patient.now + _APART:
        told = f"it is {patient.now:%Y-%m-%d %H:%M} UTC here, but a submission came at {last:%Y-%m-%d %H:%M}."
        return Finding("Clock", told, "Set the clock by the network (timedatectl set-ntp true).")
    return Finding("Clock", f"{patient.now:%Y-%m-%d %H:%M} UTC.")


def _worker(patient: Patient) -> Finding:
    seen = health.seen_at_work(patient.session, WORKER)
    if seen is not None and patient.now - seen <= _SILENT:
        return Finding("Worker", "it is at work.")
    told = "it never was at work." if seen is None else f"it was last at work at {seen:%Y-%m-%d %H:%M} UTC."
    return Finding(
        "Worker", told, "Start the server (collector serve), or the worker alone (collector worker)."
    )


def _submissions(patient: Patient) -> Finding:
    number = health.unsettled(patient.session, patient.now - _LEFT)
    if not number:
        return Finding("Submissions", "all are settled.")
    return Finding(
        "Submissions",
        f"{number} wait for more than an hour to change their entity lists.",
        "See that the worker runs; its log says what holds them up.",
    )


def _webhooks(patient: Patient) -> Finding:
    failing = health.failing_webhooks(patient.session, patient.now - _UNREACHED)
    if not failing:
        return Finding("Webhooks", "none has been silent for a day.")
    return Finding(
        "Webhooks",
        f"number {', '.join(str(one.id) for one in failing)} could not be told anything for a day.",
        "Look at its page in the project: put its address right, pause it or delete it.",
    )


def _backup(patient: Patient) -> Finding:
    last, failed = backups.last_done(patient.session), backups.last_failed(patient.session)
    if last is None or last.ended_at is None:
        told = "there is none."
    else:
        told = f"the last is of {last.ended_at:%Y-%m-%d %H:%M} UTC, in {last.place}, read back and compared."
    if failed is not None:
        return Finding(
            "Backup", f"{told} The one after it failed: {failed.problem or 'see the log.'}", _BACK_UP
        )
    if last is not None and last.ended_at is not None and patient.now - last.ended_at <= _OLD:
        return Finding("Backup", told)
    if patient.backups:
        return Finding("Backup", told, _BACK_UP)
    return Finding("Backup", told, "Set COLLECTOR_BACKUP_URL to a folder on another disk, or to a bucket.")


_BROKEN = {
    "gap": "a link was taken out",
    "gone": "what was done was deleted",
    "changed": "what was done was changed",
    "notes": "the notes were changed",
}


def chain(session: Session, progress: Callable[[int, int], None] = lambda _done, _all: None) -> Finding:
    """The log of what was done against its chain."""
    looked = sealing.look_through(session, progress)
    if looked.broken is None and not looked.outside and not looked.lost:
        last = sealing.head(session)
        end = "" if last is None else f" It ends at {last.position}:{last.hash}; note that down elsewhere."
        return Finding("Log", f"all {looked.links} entries are as they were written.{end}")
    return Finding(
        "Log",
        _told(looked.broken, looked.outside, looked.lost),
        "Somebody changed the database past the server. Keep it as it is, "
        "compare it with the last backup, and tell whoever answers for the data.",
    )


def _told(broken: Break | None, outside: int, lost: int) -> str:
    said = []
    if broken is not None:
        reason = _BROKEN[broken.reason]
        said.append(f"the chain breaks at position {broken.position} (entry {broken.audit_id}): {reason}.")
    if outside:
        said.append(f"{outside} entries stand outside of the chain.")
    if lost:
        said.append(f"{lost} entries were taken out before they were sealed.")
    return " ".join(said)


def held_to(session: Session, noted: str) -> Finding:
    """The chain against an end that was noted down before, as `position:hash`."""
    position, _, digest = noted.partition(":")
    known = (
        sealing.hash_at(session, int(position))
        if position.isdigit() and len(position) < len("9" * 18)
        else None
    )
    if known == digest:
        return Finding("Log", f"it still holds the end that was noted down at {position}.")
    return Finding(
        "Log",
        f"it does not hold {noted[:90]}: entries were cut off or written anew.",
        "Keep the database as it is, and compare it with the backup of the day the end was noted down.",
    )
