"""Submissions, their versions and files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, Row, Select, delete, func, insert, select, update
from sqlalchemy.orm import Session

from storage.compression import dictionary, unpack
from storage.database import Base
from storage.models import (
    Blob,
    Finding,
    Form,
    FormVersion,
    Submission,
    SubmissionFile,
    SubmissionVersion,
)
from storage.problems import SubmissionNotFound

# The hot path speaks to the tables directly: the unit of work of the ORM costs as much as the rest.
_NEW_SUBMISSION = insert(Base.metadata.tables["submissions"])
_NEW_VERSION = insert(Base.metadata.tables["submission_versions"])
_NEW_FILE = insert(Base.metadata.tables["submission_files"])
_NEW_FINDING = insert(Base.metadata.tables["findings"])
_NEW_BLOB = insert(Base.metadata.tables["blobs"])


@dataclass(frozen=True, slots=True)
class Known:
    """A version that is already stored, as intake compares it."""

    version_id: int
    submission_id: int
    root_instance_id: str
    xml_sha256: str
    current: bool
    deleted: bool


def known_version(session: Session, form_id: int, instance_id: str, *, draft: bool) -> Known | None:
    """The stored version with that instance id in that form, if any."""
    row = session.execute(
        select(
            SubmissionVersion.id,
            SubmissionVersion.submission_id,
            Submission.instance_id,
            SubmissionVersion.xml_sha256,
            SubmissionVersion.current,
            Submission.deleted_at.is_not(None),
        )
        .join(Submission, Submission.id == SubmissionVersion.submission_id)
        .where(
            SubmissionVersion.form_id == form_id,
            SubmissionVersion.draft == draft,
            SubmissionVersion.instance_id == instance_id,
        )
    ).one_or_none()
    return None if row is None else Known(*row)


def add_submission(session: Session, values: Mapping[str, Any]) -> int:
    """Insert a submission; returns its number."""
    return _number(session.connection().execute(_NEW_SUBMISSION, values))


def add_version(session: Session, values: Mapping[str, Any]) -> int:
    """Insert a version; returns its number."""
    return _number(session.connection().execute(_NEW_VERSION, values))


def _number(result: CursorResult[Any]) -> int:
    key: int = result.inserted_primary_key[0]
    return key


def add_blobs(session: Session, sizes: Mapping[str, int], now: datetime) -> None:
    """Enter stored blobs (digest to size) that are not known yet."""
    if not sizes:
        return
    known = set(session.scalars(select(Blob.sha256).where(Blob.sha256.in_(sizes))))
    fresh = [
        {"sha256": sha256, "md5": None, "size": size, "created_at": now}
        for sha256, size in sizes.items()
        if sha256 not in known
    ]
    if fresh:
        session.connection().execute(_NEW_BLOB, fresh)


def add_files(session: Session, version_id: int, files: Mapping[str, str | None]) -> None:
    """Enter the files a version names, in order, with the digest of those that are here."""
    if files:
        session.connection().execute(
            _NEW_FILE,
            [
                {"version_id": version_id, "name": name, "position": position, "blob_sha256": digest}
                for position, (name, digest) in enumerate(files.items())
            ],
        )


def files_of(session: Session, version_id: int) -> dict[str, str | None]:
    """The files a version names, with the digest of those that are here."""
    rows = session.execute(
        select(SubmissionFile.name, SubmissionFile.blob_sha256)
        .where(SubmissionFile.version_id == version_id)
        .order_by(SubmissionFile.position)
    )
    return {name: digest for name, digest in rows}


def fill_files(session: Session, version_id: int, files: Mapping[str, str]) -> int:
    """Put digests to files a version awaits (or holds otherwise); returns how many changed."""
    held = files_of(session, version_id)
    changed = {name: digest for name, digest in files.items() if name in held and held[name] != digest}
    for name, digest in changed.items():
        session.execute(
            update(SubmissionFile)
            .where(SubmissionFile.version_id == version_id, SubmissionFile.name == name)
            .values(blob_sha256=digest)
        )
    return len(changed)


def count_files(session: Session, submission_id: int, version_id: int, now: datetime) -> None:
    """Bring a submission's counts of files in line with those of its current version."""
    present = select(func.count(SubmissionFile.blob_sha256)).where(SubmissionFile.version_id == version_id)
    expected = select(func.count()).select_from(SubmissionFile).where(SubmissionFile.version_id == version_id)
    session.execute(
        update(Submission)
        .where(Submission.id == submission_id)
        .values(
            files_present=present.scalar_subquery(), files_expected=expected.scalar_subquery(), updated_at=now
        )
    )


def add_findings(session: Session, submission_id: int, findings: Sequence[Any], now: datetime) -> None:
    """Enter what reading found odd (`forms.rows.Finding`)."""
    if findings:
        session.connection().execute(
            _NEW_FINDING,
            [
                {
                    "submission_id": submission_id,
                    "check": one.check,
                    "path": one.path,
                    "key": one.key,
                    "value": one.value,
                    "created_at": now,
                }
                for one in findings
            ],
        )


def retire(session: Session, version_id: int) -> None:
    """A version that is no longer the current one."""
    session.execute(update(SubmissionVersion).where(SubmissionVersion.id == version_id).values(current=False))


def mark_edited(session: Session, submission_id: int) -> None:
    """Count an edit; what was reviewed before wants a new look."""
    session.execute(
        update(Submission)
        .where(Submission.id == submission_id)
        .values(edits=Submission.edits + 1, review_state="edited")
    )


def forget_findings(session: Session, submission_id: int) -> None:
    """Remove what was found in answers that are about to be replaced."""
    session.execute(delete(Finding).where(Finding.submission_id == submission_id))


def get_submission(session: Session, form: Form, instance_id: str, *, draft: bool = False) -> Submission:
    """The record of that id, deleted ones too. Raises SubmissionNotFound."""
    found = session.scalars(
        select(Submission).where(
            Submission.form_id == form.id, Submission.draft == draft, Submission.instance_id == instance_id
        )
    ).one_or_none()
    if found is None:
        raise SubmissionNotFound(instance=instance_id)
    return found


def current_version_of(session: Session, submission_id: int) -> SubmissionVersion:
    """The version whose answers count."""
    return session.scalars(
        select(SubmissionVersion).where(
            SubmissionVersion.submission_id == submission_id, SubmissionVersion.current.is_(True)
        )
    ).one()


def versions_of(session: Session, submission_id: int) -> Sequence[SubmissionVersion]:
    """Every version of a record, newest first."""
    return session.scalars(
        select(SubmissionVersion)
        .where(SubmissionVersion.submission_id == submission_id)
        .order_by(SubmissionVersion.id.desc())
    ).all()


def findings_of(session: Session, submission_id: int) -> Sequence[Finding]:
    """What was found odd in a record, in order of appearance."""
    return session.scalars(
        select(Finding).where(Finding.submission_id == submission_id).order_by(Finding.id)
    ).all()


def stored_xml(session: Session, version_id: int) -> tuple[bytes | None, str | None]:
    """The bytes of a version as they came, or None and the name of the blob that holds them."""
    packed, blob, form_xml = session.execute(
        select(SubmissionVersion.xml, SubmissionVersion.xml_blob, FormVersion.xml)
        .join(FormVersion, FormVersion.id == SubmissionVersion.form_version_id)
        .where(SubmissionVersion.id == version_id)
    ).one()
    if packed is None:
        return None, blob
    return unpack(packed, dictionary(form_xml)), None


def page(
    form_id: int, *, draft: bool = False, deleted: bool = False
) -> Select[tuple[Submission, SubmissionVersion]]:
    """Submissions of a form with their current version, newest first; cut it with limit and offset."""
    return (
        select(Submission, SubmissionVersion)
        .join(
            SubmissionVersion,
            (SubmissionVersion.submission_id == Submission.id) & SubmissionVersion.current.is_(True),
        )
        .where(
            Submission.form_id == form_id,
            Submission.draft == draft,
            Submission.deleted_at.is_not(None) if deleted else Submission.deleted_at.is_(None),
        )
        .order_by(Submission.id.desc())
    )


def counts(session: Session, form_ids: Sequence[int]) -> dict[int, tuple[int, datetime | None]]:
    """Per form: how many live submissions, and when the last one came."""
    rows: Sequence[Row[tuple[int, int, datetime | None]]] = session.execute(
        select(Submission.form_id, func.count(), func.max(Submission.created_at))
        .where(Submission.form_id.in_(form_ids), Submission.draft.is_(False), Submission.deleted_at.is_(None))
        .group_by(Submission.form_id)
    ).all()
    return {form_id: (number, last) for form_id, number, last in rows}
