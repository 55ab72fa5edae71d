"""What the office says to findings: right as it is, no fault at all, somebody's to mend; and back again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from collector.accounts.permissions import ADMINISTRATOR, MANAGER, REVIEWER
from storage.database import db, transaction
from storage.findings import queue
from storage.findings.problems import (
    FindingNotFound,
    FindingReasonMissing,
    FindingStateUnknown,
    OwnerUnknown,
)
from storage.findings.reporting import ACCEPTED, FIXED, OPEN, REJECTED
from storage.groups import in_groups
from storage.models import Batch, BatchItem, Finding
from storage.queries import actors
from storage.queries.actors import Person
from storage.queries.batches import items_of, open_batch

SAID = (ACCEPTED, REJECTED, OPEN)
"""States a person may give: fixed is what only an edit makes."""

LONGEST_REASON = 2000
MOST_AT_ONCE = 5_000
"""Findings of one bulk answer."""

KIND = "findings"
_WORKERS = (ADMINISTRATOR, MANAGER, REVIEWER)
_IN_A_GROUP = 200


@dataclass(frozen=True, slots=True)
class Verdict:
    """What somebody says to a finding, and when."""

    state: str
    reason: str
    by: int | None
    now: datetime

    def checked(self) -> Verdict:
        """The same with its reason as kept. Raises FindingStateUnknown, FindingReasonMissing."""
        if self.state not in SAID:
            raise FindingStateUnknown(value=self.state, known=", ".join(SAID))
        reason = self.reason.strip()[:LONGEST_REASON]
        if self.state == ACCEPTED and not reason:
            raise FindingReasonMissing
        return replace(self, reason=reason)


def judge(session: Session, project_id: int, number: int, verdict: Verdict) -> Finding:
    """Accept a finding with a reason, reject it, or open it again.

    Raises FindingNotFound, FindingStateUnknown, FindingReasonMissing.
    """
    said, found = verdict.checked(), get(session, project_id, number)
    _say(found, said)
    return found


def assign(session: Session, project_id: int, number: int, owner: int | None) -> Finding:
    """Give a finding to somebody who may mend it, or to nobody. Raises FindingNotFound, OwnerUnknown."""
    found = get(session, project_id, number)
    if owner is not None and owner not in {one.actor_id for one in people(session, project_id)}:
        raise OwnerUnknown(name=str(owner))
    found.owner_id = owner
    return found


@dataclass(frozen=True, slots=True)
class Before:
    """A finding as it was before a decision, and the moment of that decision."""

    state: str
    reason: str | None
    owner: int | None
    at: datetime

    @classmethod
    def of(cls, found: Finding, at: datetime) -> Before:
        """It as it is now, right before somebody decides."""
        return cls(found.state, found.reason, found.owner_id, at)


def take_back(found: Finding, before: Before, *, by: int | None, now: datetime) -> bool:
    """Make a finding what it was before a decision; False where somebody said something else since."""
    if found.changed_at is not None and found.changed_at > before.at:
        return False
    found.owner_id = before.owner
    if found.state != before.state:
        found.state, found.reason = before.state, before.reason
        found.changed_at, found.changed_by = now, by
    return True


def mended(session: Session, project_id: int, number: int, *, by: int | None, now: datetime) -> None:
    """Note that a decision elsewhere, such as a joining, mended what was found. Raises FindingNotFound."""
    found = get(session, project_id, number)
    found.state, found.reason, found.changed_at, found.changed_by = FIXED, None, now, by


def people(session: Session, project_id: int) -> list[Person]:
    """Who may be given findings, as far as the asker may know of them."""
    return actors.people_of(session, project_id, _WORKERS)


def judge_many(asked: queue.Asked, verdict: Verdict) -> Batch | None:
    """Say the same to all findings a list shows, some at a time; None where there were none.

    In transactions of its own. Raises FindingStateUnknown, FindingReasonMissing.
    """
    said = verdict.checked()
    chosen = queue.numbers(db.session(), replace(asked, after=None, limit=MOST_AT_ONCE))
    if not chosen:
        return None
    with transaction() as session:
        batch = Batch(
            kind=KIND,
            project_id=asked.project_id,
            actor_id=said.by,
            summary={"state": said.state, "reason": said.reason, "number": len(chosen)},
            created_at=said.now,
        )
        session.add(batch)
        session.flush()
        number = batch.id
    for group in in_groups(chosen, _IN_A_GROUP):
        with transaction(noticed=False) as session:
            _judge_group(session, number, group, said)
    return db.session().get_one(Batch, number)


def undo(project_id: int, number: int, *, by: int | None, now: datetime) -> int:
    """Bring findings back to what they were before a bulk answer; returns how many.

    What somebody said to one of them since then stays. Raises BatchNotFound, BatchUndone.
    """
    looked = open_batch(db.session(), project_id, KIND, number)
    items = {int(item.key): item.before or {} for item in items_of(db.session(), looked.id, KIND)}
    given, done = looked.summary["state"], 0
    for group in in_groups(items, _IN_A_GROUP):
        with transaction(noticed=False) as session:
            for found in _several(session, group):
                before = items[found.id]
                if found.state == given and found.changed_at == datetime.fromisoformat(before["answered_at"]):
                    found.state, found.reason = before["state"], before["reason"]
                    found.changed_at, found.changed_by = now, by
                    done += 1
    with transaction() as session:
        batch = open_batch(session, project_id, KIND, number)
        batch.undone_at, batch.undone_by = now, by
    return done


def _judge_group(session: Session, batch: int, numbers: Sequence[int], said: Verdict) -> None:
    for found in _several(session, numbers):
        before = {"state": found.state, "reason": found.reason, "answered_at": said.now.isoformat()}
        session.add(BatchItem(batch_id=batch, noun=KIND, key=str(found.id), before=before))
        _say(found, said)


def _say(found: Finding, said: Verdict) -> None:
    # What was mended stays so, until it is found again.
    if said.state != OPEN or found.state != FIXED:
        found.state = said.state
        found.reason = said.reason or None
        found.changed_at, found.changed_by = said.now, said.by


def get(session: Session, project_id: int, number: int) -> Finding:
    """A finding of the project. Raises FindingNotFound."""
    found = session.scalars(
        select(Finding).where(Finding.project_id == project_id, Finding.id == number)
    ).one_or_none()
    if found is None:
        raise FindingNotFound(number=number)
    return found


def _several(session: Session, numbers: Sequence[int]) -> Sequence[Finding]:
    return session.scalars(select(Finding).where(Finding.id.in_(numbers)).order_by(Finding.id)).all()
