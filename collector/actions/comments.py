"""What somebody at the office notes beside a record; the record itself stays as it is."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from storage.models import Form, SubmissionComment
from storage.problems import CommentEmpty
from storage.queries import submissions

LONGEST = 4000
"""Characters of a comment; the rest is cut."""


def comment(
    session: Session, form: Form, instance_id: str, body: str, *, by: int | None, now: datetime
) -> SubmissionComment:
    """Note something beside a record, a deleted one too. Raises CommentEmpty, SubmissionNotFound."""
    text = body.strip()[:LONGEST]
    if not text:
        raise CommentEmpty
    record = submissions.get_submission(session, form, instance_id)
    made = SubmissionComment(submission_id=record.id, body=text, actor_id=by, created_at=now)
    session.add(made)
    session.flush()
    return made
