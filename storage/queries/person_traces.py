"""What hangs on the things that are about a person: findings, words, who looked, what was done, what left."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from storage.erasing import leavings, withdrawing
from storage.models import (
    Audit,
    EntityVersion,
    Extract,
    Finding,
    RecordLook,
    Release,
    SentBack,
    SubmissionComment,
)


def findings(session: Session, project_id: int, submission_id: int) -> Sequence[Finding]:
    """What checks found in a record, mended or not, and what names it beside another one."""
    beside = leavings.beside_others(session, project_id, submission_id)
    mine = (Finding.submission_id == submission_id) | Finding.id.in_(beside)
    return session.scalars(select(Finding).where(mine).order_by(Finding.id)).all()


def comments(session: Session, submission_id: int) -> Sequence[SubmissionComment | SentBack]:
    """What people wrote beside a record: comments, then why it was sent back."""
    noted, sent = SubmissionComment, SentBack
    return [
        *session.scalars(select(noted).where(noted.submission_id == submission_id).order_by(noted.id)),
        *session.scalars(select(sent).where(sent.submission_id == submission_id).order_by(sent.id)),
    ]


def looks(session: Session, submission_id: int) -> Sequence[RecordLook]:
    """Who opened a record, each day, the first one first."""
    query = select(RecordLook).where(RecordLook.submission_id == submission_id)
    return session.scalars(query.order_by(RecordLook.first_at, RecordLook.actor_id)).all()


def audits_of_record(session: Session, form_id: int, instance_id: str) -> Sequence[Audit]:
    """What was done to a record, the first first."""
    return _audits(session, Audit.form_id == form_id, Audit.instance_id == instance_id)


def audits_of_entity(session: Session, uuid: str) -> Sequence[Audit]:
    """What was done to a member of a list, the first first."""
    return _audits(session, Audit.entity_uuid == uuid)


def _audits(session: Session, *where: ColumnElement[bool]) -> Sequence[Audit]:
    return session.scalars(select(Audit).where(*where).order_by(Audit.logged_at, Audit.id)).all()


def entity_versions(session: Session, entity_id: int) -> Sequence[EntityVersion]:
    """The versions of a member of a list, the first first."""
    query = select(EntityVersion).where(EntityVersion.entity_id == entity_id)
    return session.scalars(query.order_by(EntityVersion.version)).all()


def words(session: Session, project_id: int, said: str) -> Sequence[SubmissionComment | SentBack | Audit]:
    """What people wrote anywhere that names somebody: comments, reasons, notes of the log."""
    found = leavings.naming(session, project_id, said) if said else None
    if found is None:
        return ()
    return [
        *session.scalars(select(SubmissionComment).where(SubmissionComment.id.in_(found.comments))),
        *session.scalars(select(SentBack).where(SentBack.id.in_(found.sent_back))),
        *session.scalars(select(Audit).where(Audit.id.in_(found.notes))),
    ]


def given(session: Session, form_ids: Collection[int]) -> tuple[Sequence[Extract], Sequence[Release]]:
    """The files and releases that may hold records of these forms."""
    standing = withdrawing.standing(session, form_ids)
    return (
        session.scalars(select(Extract).where(Extract.id.in_(standing.extracts)).order_by(Extract.id)).all(),
        session.scalars(select(Release).where(Release.id.in_(standing.releases)).order_by(Release.id)).all(),
    )
