"""What an intake asks and writes: statement by statement, because everybody waits for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from storage.database import Base, Instant
from storage.queries.forms import IntakeTarget
from storage.swift import Line, Swift

_SUBMISSIONS = Base.metadata.tables["submissions"]
_VERSIONS = Base.metadata.tables["submission_versions"]
_FILES = Base.metadata.tables["submission_files"]
_BLOBS = Base.metadata.tables["blobs"]


def _insert(table: Any, *, returning: bool = False) -> Swift:
    columns = [column for column in table.columns if not (returning and column.primary_key)]
    statement = insert(table).values({
        column.name: bindparam(column.name, type_=column.type) for column in columns
    })
    return Swift(statement.returning(table.c.id) if returning else statement.inline())


_NEW_SUBMISSION = _insert(_SUBMISSIONS, returning=True)
_NEW_VERSION = _insert(_VERSIONS, returning=True)
_NEW_FILE = _insert(_FILES)
_NEW_BLOB = _insert(_BLOBS)
_ENCRYPTED = Base.metadata.tables["encrypted_records"]
_NEW_ENCRYPTED = _insert(_ENCRYPTED)
_READABLE = Swift(delete(_ENCRYPTED).where(_ENCRYPTED.c.submission_id == bindparam("number")))
_BLOB = Swift(select(_BLOBS.c.size).where(_BLOBS.c.sha256 == bindparam("sha256")))
_KNOWN = Swift(
    select(
        _VERSIONS.c.id,
        _VERSIONS.c.submission_id,
        _SUBMISSIONS.c.instance_id,
        _VERSIONS.c.xml_sha256,
        _VERSIONS.c.current,
        _SUBMISSIONS.c.deleted_at.is_not(None),
        _SUBMISSIONS.c.place_code,
        _SUBMISSIONS.c.submitter_id,
        _SUBMISSIONS.c.reported_on,
    )
    .join(_SUBMISSIONS, _SUBMISSIONS.c.id == _VERSIONS.c.submission_id)
    .where(
        _VERSIONS.c.form_id == bindparam("form_id"),
        _VERSIONS.c.draft == bindparam("draft"),
        _VERSIONS.c.instance_id == bindparam("instance_id"),
    )
    # Who sends files to a record waits for who edits it, or the edit would never get them.
    .with_for_update(key_share=True)
)

_HELD = Swift(
    select(_FILES.c.name, _FILES.c.blob_sha256)
    .where(_FILES.c.version_id == bindparam("version"))
    .order_by(_FILES.c.position)
)
_FILL = Swift(
    update(_FILES)
    .where(_FILES.c.version_id == bindparam("version"), _FILES.c.name == bindparam("file"))
    .values(blob_sha256=bindparam("digest"))
)
_MINE = _SUBMISSIONS.c.id == bindparam("number")
_COUNT = Swift(
    update(_SUBMISSIONS)
    .where(_MINE)
    .values(
        files_present=bindparam("present"),
        files_expected=bindparam("expected"),
        updated_at=bindparam("now", type_=Instant()),
    )
)
_CURRENT = Swift(
    select(_VERSIONS.c.id).where(
        _VERSIONS.c.submission_id == bindparam("number"), _VERSIONS.c.current.is_(True)
    )
)
_RETIRE = Swift(update(_VERSIONS).where(_VERSIONS.c.id == bindparam("version")).values(current=False))
_EDITED = Swift(
    update(_SUBMISSIONS).where(_MINE).values(edits=_SUBMISSIONS.c.edits + 1, review_state="edited")
)
_PLACED = Swift(
    update(_SUBMISSIONS)
    .where(_MINE)
    .values(
        place_sent=bindparam("sent"),
        place_code=bindparam("code"),
        reported_on=bindparam("day", type_=_SUBMISSIONS.c.reported_on.type),
    )
)


@dataclass(frozen=True, slots=True)
class Known:
    """A version that is already stored, as intake compares it."""

    version_id: int
    submission_id: int
    root_instance_id: str
    xml_sha256: str
    current: bool
    deleted: bool
    place_code: str | None
    submitter_id: int | None
    day: date | None


def known_version(line: Line, form_id: int, instance_id: str, *, draft: bool) -> Known | None:
    """The stored version with that instance id in that form, if any.

    On PostgreSQL the record is held against other deliveries until the transaction ends.
    """
    row = _KNOWN.one(line, {"form_id": form_id, "draft": draft, "instance_id": instance_id})
    if row is None:
        return None
    number, submission, root, digest, current, deleted, place, submitter, told = row
    # One driver hands days over as text.
    day = date.fromisoformat(told) if isinstance(told, str) else told
    return Known(number, submission, root, digest, bool(current), bool(deleted), place, submitter, day)


def current_version(line: Line, submission_id: int) -> int:
    """The number of the version whose answers count."""
    return _CURRENT.number(line, {"number": submission_id})


def add_submission(line: Line, values: Mapping[str, Any]) -> int:
    """Insert a submission; returns its number."""
    return _NEW_SUBMISSION.number(line, values)


def add_version(line: Line, values: Mapping[str, Any]) -> int:
    """Insert a version; returns its number."""
    return _NEW_VERSION.number(line, values)


def add_encrypted(line: Line, number: int, of: IntakeTarget, form_file: str) -> None:
    """Note that nobody can read the current version of a record, sent for that version of its form."""
    values = {"submission_id": number, "form_id": of.form_id, "form_version_id": of.form_version_id}
    _NEW_ENCRYPTED.many(line, [{**values, "form_file": form_file}])


def forget_encrypted(line: Line, number: int) -> None:
    """A record gets another current version."""
    _READABLE.many(line, [{"number": number}])


def add_blobs(line: Line, sizes: Mapping[str, int], now: datetime) -> None:
    """Enter stored blobs (digest to size) that are not known yet."""
    fresh = [
        {"sha256": sha256, "md5": None, "size": size, "created_at": now}
        # In one order everywhere, or two uploads with the same files could wait for each other.
        for sha256, size in sorted(sizes.items())
        if _BLOB.one(line, {"sha256": sha256}) is None
    ]
    if fresh:
        _NEW_BLOB.many(line, fresh)


def add_files(line: Line, version_id: int, files: Mapping[str, str | None]) -> None:
    """Enter the files a version names, in order, with the digest of those that are here."""
    if files:
        _NEW_FILE.many(
            line,
            [
                {"version_id": version_id, "name": name, "position": position, "blob_sha256": digest}
                for position, (name, digest) in enumerate(files.items())
            ],
        )


def held_files(line: Line, version_id: int) -> dict[str, str | None]:
    """The files a version names, in order, with the digest of those that are here."""
    return dict(_HELD.all(line, {"version": version_id}))


def fill_files(line: Line, version_id: int, files: Mapping[str, str]) -> int:
    """Put digests to files a version awaits (or holds otherwise); returns how many changed."""
    held = held_files(line, version_id)
    changed = [
        {"version": version_id, "file": name, "digest": digest}
        for name, digest in files.items()
        if name in held and held[name] != digest
    ]
    if changed:
        _FILL.many(line, changed)
    return len(changed)


def count_files(line: Line, submission_id: int, version_id: int, now: datetime) -> None:
    """Bring a submission's counts of files in line with those of its current version."""
    held = held_files(line, version_id)
    present = sum(digest is not None for digest in held.values())
    _COUNT.many(line, [{"number": submission_id, "present": present, "expected": len(held), "now": now}])


def retire(line: Line, version_id: int) -> None:
    """A version that is no longer the current one."""
    _RETIRE.many(line, [{"version": version_id}])


def mark_edited(line: Line, submission_id: int) -> None:
    """Count an edit; what was reviewed before wants a new look."""
    _EDITED.many(line, [{"number": submission_id}])


def put_in_place(line: Line, several: Iterable[tuple[int, str | None, str | None, date | None]]) -> None:
    """Note where and when records count: number, code as sent, code of today, day."""
    rows = [{"number": number, "sent": sent, "code": code, "day": day} for number, sent, code, day in several]
    if rows:
        _PLACED.many(line, rows)
