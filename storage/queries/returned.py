"""Records sent back to their authors: which wait for an answer, which were answered.

An answer is a version of the record that came after it was sent back; it is looked for, never noted, so
that intake has nothing to do for it. What is noted is a word of the office that the matter is settled.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from storage.models import Actor, AppUser, Form, FormVersion, SentBack, Submission, SubmissionVersion


@dataclass(frozen=True, slots=True)
class Returned:
    """A record sent back for the last time. `answered_at` None: its author has not corrected it yet."""

    id: int
    project_id: int
    xml_form_id: str
    title: str
    instance_id: str
    name: str
    received_at: datetime
    sender_id: int | None
    sender: str
    phone: str
    reason: str
    sent_at: datetime
    answered_at: datetime | None
    settled: bool


def _answered() -> Select[datetime | None]:
    later = aliased(SubmissionVersion)
    return select(func.min(later.created_at)).where(
        later.submission_id == SentBack.submission_id, later.created_at > SentBack.created_at
    )


def _last() -> Select[int | None]:
    other = aliased(SentBack)
    return select(func.max(other.id)).where(other.submission_id == SentBack.submission_id)


def _query(project_id: int, *, answered: bool | None) -> Select[*tuple[Any, ...]]:
    edited = _answered().correlate(SentBack).scalar_subquery()
    query = (
        select(
            SentBack.id,
            Form.project_id,
            Form.xml_form_id,
            FormVersion.name,
            Submission.instance_id,
            SubmissionVersion.instance_name,
            Submission.created_at,
            Submission.submitter_id,
            Actor.display_name,
            AppUser.phone,
            SentBack.reason,
            SentBack.created_at,
            func.coalesce(SentBack.answered_at, edited),
            SentBack.answered_at.is_not(None),
        )
        .join(Submission, Submission.id == SentBack.submission_id)
        .join(
            SubmissionVersion,
            (SubmissionVersion.submission_id == Submission.id) & SubmissionVersion.current.is_(True),
        )
        .join(Form, Form.id == Submission.form_id)
        .join(FormVersion, FormVersion.id == SubmissionVersion.form_version_id)
        .outerjoin(Actor, Actor.id == Submission.submitter_id)
        .outerjoin(AppUser, AppUser.actor_id == Submission.submitter_id)
        .where(
            Form.project_id == project_id,
            Form.deleted_at.is_(None),
            Submission.deleted_at.is_(None),
            SentBack.id == _last().correlate(SentBack).scalar_subquery(),
        )
        .order_by(SentBack.id.desc())
    )
    if answered is None:
        return query
    is_open = SentBack.answered_at.is_(None) & edited.is_(None)
    return query.where(~is_open if answered else is_open)


def _lines(session: Session, query: Select[*tuple[Any, ...]]) -> list[Returned]:
    several = []
    for row in session.execute(query):
        number, project, form_id, title, instance, name, received, sender_id, sender, phone, *rest = row
        whose = (sender_id, sender or "", phone or "")
        several.append(
            Returned(
                number,
                project,
                form_id,
                title or form_id,
                instance,
                name or instance,
                received,
                *whose,
                *rest,
            )
        )
    return several


def listing(session: Session, project_id: int, *, answered: bool, limit: int) -> list[Returned]:
    """The records of a project that were sent back, answered or not, the last sent back first."""
    return _lines(session, _query(project_id, answered=answered).limit(limit))


def open_of(session: Session, project_id: int, actor_id: int) -> list[Returned]:
    """The records of one author that wait for his answer."""
    query = _query(project_id, answered=False).where(Submission.submitter_id == actor_id)
    return _lines(session, query)


def of_record(session: Session, project_id: int, submission_id: int) -> Returned | None:
    """How a record was last sent back, None when it never was."""
    query = _query(project_id, answered=None).where(SentBack.submission_id == submission_id)
    return next(iter(_lines(session, query)), None)


def waiting(session: Session, submission_ids: Collection[int]) -> frozenset[int]:
    """Those of the records that wait for their authors."""
    edited = _answered().correlate(SentBack).scalar_subquery()
    return frozenset(
        session.scalars(
            select(SentBack.submission_id).where(
                SentBack.submission_id.in_(submission_ids),
                SentBack.answered_at.is_(None),
                edited.is_(None),
            )
        )
    )


def get(session: Session, project_id: int, number: int) -> tuple[SentBack, Submission] | None:
    """One return with its record."""
    row = session.execute(
        select(SentBack, Submission)
        .join(Submission, Submission.id == SentBack.submission_id)
        .join(Form, Form.id == Submission.form_id)
        .where(SentBack.id == number, Form.project_id == project_id)
    ).one_or_none()
    return None if row is None else (row[0], row[1])
