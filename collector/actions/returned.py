"""Records sent back to whoever filled them, with a reason; and settled by word of mouth."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, object_session

from storage.cells.marks import mark_records
from storage.models import Form, SentBack, Submission
from storage.problems import ReasonMissing, SubmissionNotFound
from storage.queries import submissions

HAS_ISSUES = "hasIssues"
LONGEST_REASON = 2000


def send_back(
    session: Session, form: Form, instance_ids: Iterable[str], reason: str, *, by: int | None, now: datetime
) -> int:
    """Send live records of a form back; returns how many. They wait until an edit comes.

    Raises ReasonMissing, SubmissionNotFound.
    """
    text = reason.strip()[:LONGEST_REASON]
    if not text:
        raise ReasonMissing
    several = list(dict.fromkeys(instance_ids))
    for instance_id in several:
        record = submissions.get_submission(session, form, instance_id)
        if record.deleted_at is not None:
            raise SubmissionNotFound(instance=instance_id)
        record.review_state = HAS_ISSUES
        record.updated_at = now
        mark_records(session, form.id, [(record.place_code, record.reported_on)])
        session.add(SentBack(submission_id=record.id, reason=text, actor_id=by, created_at=now))
    session.flush()
    return len(several)


def take_back(session: Session, form: Form, instance_id: str, state: str | None, *, now: datetime) -> bool:
    """Take the last sending back of a record back: its review state is `state` again.

    False where it was answered or settled meanwhile. Raises SubmissionNotFound.
    """
    record = submissions.get_submission(session, form, instance_id)
    one = session.scalars(
        select(SentBack).where(SentBack.submission_id == record.id).order_by(SentBack.id.desc()).limit(1)
    ).one_or_none()
    if one is None or one.answered_at is not None or record.review_state != HAS_ISSUES:
        return False
    settle(one, record, now=now)
    record.review_state = state
    return True


def settle(one: SentBack, record: Submission, *, now: datetime) -> None:
    """Note that the matter is settled without an edit: a new record came, or the figure was right."""
    one.answered_at = now
    if record.review_state == HAS_ISSUES:
        record.review_state = None
        record.updated_at = now
        session = object_session(record)
        if session is not None:
            mark_records(session, record.form_id, [(record.place_code, record.reported_on)])
