"""What becomes of the entities of each submission: one outcome for a submission, from its arrival on.

An outcome is written with the submission itself, so that no death of a process between the two can lose
it: `waiting` until somebody has applied it, then done, failed (with a reason), held (in `entity_held`, for
an earlier change), or pending (for the office's approval).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from forms.problems import Problem
from storage.database import Base, Instant
from storage.entities.applying import Applied, Awaited
from storage.entities.problems import SeveralEntitiesFailed
from storage.models import EntityHeld, EntityOutcome, Form, Submission, SubmissionVersion
from storage.swift import Line, Swift

WAITING, HELD, PENDING, DONE, FAILED = "waiting", "held", "pending", "done", "failed"

_OUTCOMES = Base.metadata.tables["entity_outcomes"]
_VERSIONS = Base.metadata.tables["submission_versions"]
_NEW = Swift(
    insert(_OUTCOMES)
    .values(
        submission_version_id=bindparam("version"),
        state=bindparam("state"),
        created_at=bindparam("now", type_=Instant()),
    )
    .inline()
)
_KNOWN = Swift(
    select(_OUTCOMES.c.submission_version_id, _OUTCOMES.c.state)
    .join(_VERSIONS, _VERSIONS.c.id == _OUTCOMES.c.submission_version_id)
    .where(_VERSIONS.c.submission_id == bindparam("submission"))
)
_AGAIN = Swift(
    update(_OUTCOMES)
    .where(_OUTCOMES.c.submission_version_id == bindparam("version"))
    .values(state=bindparam("state"), updated_at=bindparam("now", type_=Instant()))
)


def arrive(line: Line, submission_id: int, version_id: int, now: datetime, *, edit: bool) -> int | None:
    """Note that a submission version brought entities; returns the outcome to settle, None if there is none.

    An edit changes the record, not its entities; but what failed is tried again with the corrected answers.
    """
    known = _KNOWN.one(line, {"submission": submission_id}) if edit else None
    if known is None:
        _NEW.many(line, [{"version": version_id, "state": WAITING, "now": now}])
        return version_id
    number: int = known[0]
    if known[1] != FAILED:
        return None
    _AGAIN.many(line, [{"version": number, "state": WAITING, "now": now}])
    return number


def reopen(session: Session, submission_id: int, now: datetime) -> int | None:
    """Set waiting what failed, for somebody who has mended what was wrong; returns the outcome to settle."""
    found = session.scalars(
        select(EntityOutcome)
        .join(SubmissionVersion, SubmissionVersion.id == EntityOutcome.submission_version_id)
        .where(SubmissionVersion.submission_id == submission_id, EntityOutcome.state == FAILED)
    ).first()
    if found is None:
        return None
    found.state, found.updated_at = WAITING, now
    session.flush()
    return found.submission_version_id


def take(session: Session, number: int) -> EntityOutcome:
    """The outcome, held against others until the transaction ends."""
    return session.get_one(EntityOutcome, number, with_for_update=True, populate_existing=True)


def conclude(session: Session, outcome: EntityOutcome, state: str, now: datetime) -> None:
    """Done or pending: nothing is waited for any longer."""
    _set(session, outcome, state, None, now)


def fail(session: Session, outcome: EntityOutcome, problem: Problem, now: datetime) -> None:
    """Why none of the submission's entities was applied, kept so that it can be said in any language."""
    _set(session, outcome, FAILED, _plain(problem), now)


def _set(
    session: Session, outcome: EntityOutcome, state: str, error: dict[str, Any] | None, now: datetime
) -> None:
    _forget_held(session, outcome.submission_version_id)
    outcome.state, outcome.error, outcome.updated_at = state, error, now
    session.flush()


def _plain(problem: Problem) -> dict[str, Any]:
    if isinstance(problem, SeveralEntitiesFailed):
        parts = [{"number": number, **_plain(one)} for number, one in problem.problems]
        return {"problem": type(problem).__name__, "message": str(problem), "parts": parts}
    return {
        "problem": type(problem).__name__,
        "message": str(problem),
        "sentence": problem.sentence,
        "details": dict(problem.details),
    }


def hold(session: Session, outcome: EntityOutcome, awaited: Iterable[Awaited], now: datetime) -> None:
    """Let the submission wait for others; what waited before counts its days from then."""
    number = outcome.submission_version_id
    since = session.scalar(
        select(EntityHeld.held_at)
        .where(EntityHeld.submission_version_id == number)
        .order_by(EntityHeld.held_at)
        .limit(1)
    )
    _forget_held(session, number)
    session.add_all(
        EntityHeld(
            submission_version_id=number,
            list_id=one.list_id,
            uuid=one.uuid,
            branch_id=one.branch_id,
            base_version=one.base_version,
            held_at=since or now,
        )
        for one in awaited
    )
    outcome.state, outcome.error, outcome.updated_at = HELD, None, now
    session.flush()


def _forget_held(session: Session, number: int) -> None:
    session.execute(delete(EntityHeld).where(EntityHeld.submission_version_id == number))


def wake(session: Session, done: Iterable[Applied], now: datetime) -> list[int]:
    """Set waiting whoever was held for one of these changes; returns them, the next on the branch first."""
    woken: dict[int, None] = {}
    for one in done:
        follows = or_(
            EntityHeld.base_version.in_({1, one.version}),
            (EntityHeld.branch_id == one.branch_id)
            & (EntityHeld.base_version == (one.branch_base_version or 0) + 1),
        )
        found = session.scalars(
            select(EntityHeld.submission_version_id)
            .where(EntityHeld.list_id == one.list_id, EntityHeld.uuid == one.uuid, follows)
            .order_by(EntityHeld.base_version, EntityHeld.id)
        )
        woken.update(dict.fromkeys(found))
    if woken:
        session.execute(
            update(EntityOutcome)
            .where(EntityOutcome.submission_version_id.in_(woken), EntityOutcome.state == HELD)
            .values(state=WAITING, updated_at=now)
            .execution_options(synchronize_session=False)
        )
    return list(woken)


def left_waiting(session: Session, before: datetime, limit: int) -> Sequence[int]:
    """Outcomes that somebody should have settled by then: his process died, or its database went away."""
    since = or_(
        EntityOutcome.updated_at < before,
        EntityOutcome.updated_at.is_(None) & (EntityOutcome.created_at < before),
    )
    return session.scalars(
        select(EntityOutcome.submission_version_id)
        .where(EntityOutcome.state == WAITING, since)
        .order_by(EntityOutcome.submission_version_id)
        .limit(limit)
    ).all()


def held_since_before(session: Session, before: datetime) -> Sequence[int]:
    """Outcomes that have been held since before then, in the order of their branches."""
    found = session.scalars(
        select(EntityHeld.submission_version_id)
        .where(EntityHeld.held_at < before)
        .order_by(EntityHeld.branch_id, EntityHeld.base_version, EntityHeld.id)
    )
    return list(dict.fromkeys(found))


def pending_of(session: Session, submission_id: int) -> int | None:
    """The outcome of a record that waits for approval; None where none does."""
    return session.scalars(
        select(EntityOutcome.submission_version_id)
        .join(SubmissionVersion, SubmissionVersion.id == EntityOutcome.submission_version_id)
        .where(SubmissionVersion.submission_id == submission_id, EntityOutcome.state == PENDING)
    ).first()


def pending_in(session: Session, project_id: int) -> Sequence[int]:
    """Every outcome of a project that waits for approval, oldest first."""
    return session.scalars(
        select(EntityOutcome.submission_version_id)
        .join(SubmissionVersion, SubmissionVersion.id == EntityOutcome.submission_version_id)
        .join(Submission, Submission.id == SubmissionVersion.submission_id)
        .join(Form, Form.id == Submission.form_id)
        .where(EntityOutcome.state == PENDING, Form.project_id == project_id)
        .order_by(EntityOutcome.submission_version_id)
    ).all()
