"""What people noted beside records."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import SubmissionComment


def comments_of(session: Session, submission_id: int) -> Sequence[SubmissionComment]:
    """The comments on a record, oldest first."""
    return session.scalars(
        select(SubmissionComment)
        .where(SubmissionComment.submission_id == submission_id)
        .order_by(SubmissionComment.id)
    ).all()
