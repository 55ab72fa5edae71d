"""What belongs to a draft, and goes with it."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from storage.models import (
    EncryptedRecord,
    Finding,
    Form,
    FormVersion,
    RecordLook,
    Submission,
    SubmissionFile,
    SubmissionVersion,
)
from storage.projection import catalogue


def published_as(session: Session, form_id: int, version: str) -> FormVersion | None:
    """The published version of that name, if there is one."""
    return session.scalars(
        select(FormVersion).where(
            FormVersion.form_id == form_id,
            FormVersion.version == version,
            FormVersion.published_at.is_not(None),
        )
    ).one_or_none()


def in_trash(session: Session, form: Form, version: str) -> bool:
    """Whether a deleted form of the same project and id published that version: it stays taken."""
    taken = (
        select(FormVersion.id)
        .join(Form, Form.id == FormVersion.form_id)
        .where(
            Form.project_id == form.project_id,
            Form.xml_form_id == form.xml_form_id,
            Form.deleted_at.is_not(None),
            FormVersion.version == version,
            FormVersion.published_at.is_not(None),
        )
    )
    return session.scalar(select(taken.exists())) is True


def remove_answers(session: Session, form_id: int) -> None:
    """Remove every answer sent to the draft of a form, and the tables they lay in."""
    # First of all: an answer that is being written now must be among those that are removed.
    catalogue.hold(session, form_id)
    mine = select(Submission.id).where(Submission.form_id == form_id, Submission.draft.is_(True))
    versions = select(SubmissionVersion.id).where(SubmissionVersion.submission_id.in_(mine))
    session.execute(delete(SubmissionFile).where(SubmissionFile.version_id.in_(versions)))
    session.execute(delete(Finding).where(Finding.submission_id.in_(mine)))
    for beside in (EncryptedRecord, RecordLook):
        session.execute(delete(beside).where(beside.submission_id.in_(mine)))
    session.execute(delete(SubmissionVersion).where(SubmissionVersion.submission_id.in_(mine)))
    session.execute(delete(Submission).where(Submission.form_id == form_id, Submission.draft.is_(True)))
    catalogue.drop(session, form_id, draft=True)
