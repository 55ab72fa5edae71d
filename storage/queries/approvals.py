"""Who signed for the figures of a place in a period, and which are locked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from storage.models import Approval

CONFIRMED, LOCKED, OPEN = "confirmed", "locked", "open"
"""The states: signed by the commune, closed by the province, taken back."""


def history(session: Session, project_id: int, place_code: str, period: str) -> Sequence[Approval]:
    """What was done for the figures of a place in a period, the newest first."""
    return session.scalars(
        select(Approval)
        .where(
            Approval.project_id == project_id, Approval.place_code == place_code, Approval.period == period
        )
        .order_by(Approval.id.desc())
    ).all()


def newest(session: Session, project_id: int, periods: Collection[str] = ()) -> list[Approval]:
    """What holds for each place and period somebody has signed for; of these periods, or of all."""
    last = (
        select(func.max(Approval.id))
        .where(Approval.project_id == project_id)
        .group_by(Approval.place_code, Approval.period)
    )
    query = select(Approval).where(Approval.id.in_(last)).order_by(Approval.place_code, Approval.period)
    if periods:
        query = query.where(Approval.period.in_(sorted(periods)))
    return list(session.scalars(query))


def locked(session: Session, project_id: int, periods: Collection[str] = ()) -> set[tuple[str, str]]:
    """The places and periods whose figures are locked."""
    several = newest(session, project_id, periods)
    return {(one.place_code, one.period) for one in several if one.state == LOCKED}


def note_changed(
    session: Session, project_id: int, several: Collection[tuple[str, str]], now: datetime
) -> None:
    """Note that what locked figures rest on has changed since, the first time it does."""
    for place_code, period in several:
        found = history(session, project_id, place_code, period)
        if found and found[0].state == LOCKED and found[0].changed_at is None:
            session.execute(update(Approval).where(Approval.id == found[0].id).values(changed_at=now))
