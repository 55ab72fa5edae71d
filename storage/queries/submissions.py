"""Submissions, their versions and files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from storage.compression import dictionary, unpack
from storage.models import (
    Finding,
    Form,
    FormVersion,
    Submission,
    SubmissionFile,
    SubmissionVersion,
)
from storage.problems import SubmissionNotFound


def files_of(session: Session, version_id: int) -> dict[str, str | None]:
    """The files a version names, in order, with the digest of those that are here."""
    rows = session.execute(
        select(SubmissionFile.name, SubmissionFile.blob_sha256)
        .where(SubmissionFile.version_id == version_id)
        .order_by(SubmissionFile.position)
    )
    return {row.name: row.blob_sha256 for row in rows}


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
    """What is odd in a record, in order of appearance; what was mended since is left out."""
    return session.scalars(
        select(Finding)
        .where(Finding.submission_id == submission_id, Finding.state != "fixed")
        .order_by(Finding.id)
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


def current_bytes(
    session: Session, numbers: Sequence[int]
) -> Sequence[tuple[Submission, SubmissionVersion, bytes | None]]:
    """Some hundred records with their current versions and their packed bytes; None: a blob holds them."""
    rows = session.execute(
        select(Submission, SubmissionVersion, SubmissionVersion.xml)
        .join(
            SubmissionVersion,
            (SubmissionVersion.submission_id == Submission.id) & SubmissionVersion.current.is_(True),
        )
        .where(Submission.id.in_(numbers))
        .order_by(Submission.id)
    )
    return [(record, version, packed) for record, version, packed in rows]


def version_bytes(
    session: Session, numbers: Sequence[int]
) -> dict[int, tuple[SubmissionVersion, bytes | None]]:
    """Some hundred versions by their numbers, with their packed bytes."""
    rows = session.execute(
        select(SubmissionVersion, SubmissionVersion.xml).where(SubmissionVersion.id.in_(numbers))
    )
    return {version.id: (version, packed) for version, packed in rows}


def page(
    form_id: int, *, draft: bool = False, deleted: bool | None = False
) -> Select[Submission, SubmissionVersion]:
    """Submissions of a form with their current version, newest first; cut it with limit and offset.

    `deleted`: those alone, or none of them; None is all.
    """
    query = (
        select(Submission, SubmissionVersion)
        .join(
            SubmissionVersion,
            (SubmissionVersion.submission_id == Submission.id) & SubmissionVersion.current.is_(True),
        )
        .where(
            Submission.form_id == form_id,
            Submission.draft == draft,
        )
        .order_by(Submission.id.desc())
    )
    if deleted is None:
        return query
    return query.where(Submission.deleted_at.is_not(None) if deleted else Submission.deleted_at.is_(None))


def counts(session: Session, form_ids: Sequence[int]) -> dict[int, tuple[int, datetime | None]]:
    """Per form: how many live submissions, and when the last one came."""
    rows = session.execute(
        select(Submission.form_id, func.count(), func.max(Submission.created_at))
        .where(Submission.form_id.in_(form_ids), Submission.draft.is_(False), Submission.deleted_at.is_(None))
        .group_by(Submission.form_id)
    )
    return {row[0]: (row[1], row[2]) for row in rows}
