"""How many findings the records of each enumerator have."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.groups import in_groups
from storage.models import Actor, Finding, Submission
from storage.queries.counting import counting


def flags(session: Session, form_id: int) -> tuple[Counter[str], Counter[str]]:
    """By enumerator: findings that are open, and those that were accepted with a reason."""
    rows = session.execute(
        select(Submission.submitter_id, Finding.state, func.count())
        .join(Submission, Submission.id == Finding.submission_id)
        .where(Submission.form_id == form_id, counting(), Finding.state.in_(["open", "accepted"]))
        .group_by(Submission.submitter_id, Finding.state)
    ).all()
    several = {state: Counter[str]() for state in ("open", "accepted")}
    for sender, state, count in rows:
        several[state][f"sender:{sender}"] += count
    return several["open"], several["accepted"]


def names(session: Session, senders: list[int]) -> dict[str, str]:
    """The names of enumerators."""
    return {
        f"sender:{number}": name
        for some in in_groups(senders)
        for number, name in session.execute(select(Actor.id, Actor.display_name).where(Actor.id.in_(some)))
    }
