"""Sign-ins that failed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.models import FailedSignIn


def failures(session: Session, attempt: str, *, since: datetime) -> int:
    """How often this name and address (as one digest) failed since then."""
    query = select(func.count()).where(FailedSignIn.attempt == attempt, FailedSignIn.created_at >= since)
    return session.scalars(query).one()
