"""Who has looked at which record: one line for each person, record and day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import Actor, RecordLook

MOST = 50
"""Looks a page shows."""


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody's first look at a record on a day."""

    name: str
    at: datetime


def add(session: Session, submission_id: int, actor_id: int, now: datetime) -> None:
    """Note a look, unless that person has one of that day."""
    day = now.date()
    if session.get(RecordLook, (submission_id, actor_id, day)) is None:
        session.add(RecordLook(submission_id=submission_id, actor_id=actor_id, day=day, first_at=now))
        session.flush()


def looks_at(session: Session, submission_id: int) -> Sequence[Look]:
    """The last looks at a record, newest first."""
    rows = session.execute(
        select(Actor.display_name, RecordLook.first_at)
        .join(Actor, Actor.id == RecordLook.actor_id)
        .where(RecordLook.submission_id == submission_id)
        .order_by(RecordLook.first_at.desc(), RecordLook.actor_id)
        .limit(MOST)
    )
    return [Look(*row) for row in rows]
