"""What an intake asks and writes: statement by statement, because everybody waits for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from forms.rows import Finding
from storage.database import Base
from storage.swift import Swift

_SUBMISSIONS = Base.metadata.tables["submissions"]
_VERSIONS = Base.metadata.tables["submission_versions"]
_FILES = Base.metadata.tables["submission_files"]
_FINDINGS = Base.metadata.tables["findings"]
_BLOBS = Base.metadata.tables["blobs"]


def _insert(table: Any, *, returning: bool = False) -> Swift:
    columns = [column for column in table.columns if not (returning and column.primary_key)]
    if table is _FINDINGS:
        columns = [column for column in columns if not column.primary_key]
    statement = insert(table).values({
        column.name: bindparam(column.name, type_=column.type) for column in columns
    })
    return Swift(statement.returning(table.c.id) if returning else statement.inline())


_NEW_SUBMISSION = _insert(_SUBMISSIONS, returning=True)
_NEW_VERSION = _insert(_VERSIONS, returning=True)
_NEW_FILE = _insert(_FILES)
_NEW_FINDING = _insert(_FINDINGS)
_NEW_BLOB = _insert(_BLOBS)
_BLOB = Swift(select(_BLOBS.c.size).where(_BLOBS.c.sha256 == bindparam("sha256")))
_KNOWN = Swift(
    select(
        _VERSIONS.c.id,
        _VERSIONS.c.submission_id,
        _SUBMISSIONS.c.instance_id,
        _VERSIONS.c.xml_sha256,
        _VERSIONS.c.current,
        _SUBMISSIONS.c.deleted_at.is_not(None),
    )
    .join(_SUBMISSIONS, _SUBMISSIONS.c.id == _VERSIONS.c.submission_id)
    .where(
        _VERSIONS.c.form_id == bindparam("form_id"),
        _VERSIONS.c.draft == bindparam("draft"),
        _VERSIONS.c.instance_id == bindparam("instance_id"),
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


def known_version(connection: Connection, form_id: int, instance_id: str, *, draft: bool) -> Known | None:
    """The stored version with that instance id in that form, if any."""
    row = _KNOWN.one(connection, {"form_id": form_id, "draft": draft, "instance_id": instance_id})
    if row is None:
        return None
    return Known(row[0], row[1], row[2], row[3], current=bool(row[4]), deleted=bool(row[5]))


def add_submission(connection: Connection, values: Mapping[str, Any]) -> int:
    """Insert a submission; returns its number."""
    return _NEW_SUBMISSION.number(connection, values)


def add_version(connection: Connection, values: Mapping[str, Any]) -> int:
    """Insert a version; returns its number."""
    return _NEW_VERSION.number(connection, values)


def add_blobs(connection: Connection, sizes: Mapping[str, int], now: datetime) -> None:
    """Enter stored blobs (digest to size) that are not known yet."""
    fresh = [
        {"sha256": sha256, "md5": None, "size": size, "created_at": now}
        for sha256, size in sizes.items()
        if _BLOB.one(connection, {"sha256": sha256}) is None
    ]
    if fresh:
        _NEW_BLOB.many(connection, fresh)


def add_files(connection: Connection, version_id: int, files: Mapping[str, str | None]) -> None:
    """Enter the files a version names, in order, with the digest of those that are here."""
    if files:
        _NEW_FILE.many(
            connection,
            [
                {"version_id": version_id, "name": name, "position": position, "blob_sha256": digest}
                for position, (name, digest) in enumerate(files.items())
            ],
        )


def add_findings(
    connection: Connection, submission_id: int, findings: Iterable[Finding], now: datetime
) -> None:
    """Enter what reading found odd."""
    rows = [
        {
            "submission_id": submission_id,
            "check": one.check,
            "path": one.path,
            "key": one.key,
            "value": one.value,
            "created_at": now,
        }
        for one in findings
    ]
    if rows:
        _NEW_FINDING.many(connection, rows)


def held_files(connection: Connection, version_id: int) -> dict[str, str | None]:
    """The files a version names, with the digest of those that are here."""
    rows = connection.execute(
        select(_FILES.c.name, _FILES.c.blob_sha256)
        .where(_FILES.c.version_id == version_id)
        .order_by(_FILES.c.position)
    )
    return {name: digest for name, digest in rows}


def fill_files(connection: Connection, version_id: int, files: Mapping[str, str]) -> int:
    """Put digests to files a version awaits (or holds otherwise); returns how many changed."""
    held = held_files(connection, version_id)
    changed = {name: digest for name, digest in files.items() if name in held and held[name] != digest}
    for name, digest in changed.items():
        connection.execute(
            update(_FILES)
            .where(_FILES.c.version_id == version_id, _FILES.c.name == name)
            .values(blob_sha256=digest)
        )
    return len(changed)


def count_files(connection: Connection, submission_id: int, version_id: int, now: datetime) -> None:
    """Bring a submission's counts of files in line with those of its current version."""
    mine = _FILES.c.version_id == version_id
    present = select(func.count(_FILES.c.blob_sha256)).where(mine).scalar_subquery()
    expected = select(func.count()).select_from(_FILES).where(mine).scalar_subquery()
    connection.execute(
        update(_SUBMISSIONS)
        .where(_SUBMISSIONS.c.id == submission_id)
        .values(files_present=present, files_expected=expected, updated_at=now)
    )


def retire(connection: Connection, version_id: int) -> None:
    """A version that is no longer the current one."""
    connection.execute(update(_VERSIONS).where(_VERSIONS.c.id == version_id).values(current=False))


def mark_edited(connection: Connection, submission_id: int) -> None:
    """Count an edit; what was reviewed before wants a new look."""
    connection.execute(
        update(_SUBMISSIONS)
        .where(_SUBMISSIONS.c.id == submission_id)
        .values(edits=_SUBMISSIONS.c.edits + 1, review_state="edited")
    )


def forget_findings(connection: Connection, submission_ids: Sequence[int]) -> None:
    """Remove what was found in answers that are about to be replaced."""
    connection.execute(delete(_FINDINGS).where(_FINDINGS.c.submission_id.in_(submission_ids)))
