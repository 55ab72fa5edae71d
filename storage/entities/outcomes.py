"""What becomes of the entities of each submission: one outcome for a submission, from its arrival on.

An outcome is written with the submission itself, so that no death of a process between the two can lose
it: `waiting` until somebody has applied it, then done, failed (with a reason), held (in `entity_held`, for
an earlier change), or pending (for the office's approval).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from forms.problems import Problem
from storage.database import Base, Instant
from storage.entities.applying import Applied, Awaited
from storage.entities.problems import SeveralEntitiesFailed
from storage.entities.telling import tell
from storage.groups import in_groups
from storage.models import EntityHeld, EntityOutcome, EntityUse, Form, Submission, SubmissionVersion
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


@dataclass(frozen=True, slots=True)
class Open:
    """An outcome held against others, with what counts of its record. `fresh`: nobody has looked at it."""

    number: int
    state: str
    fresh: bool
    version_id: int
    approved: bool
    deleted: bool


_SUBMISSIONS = Base.metadata.tables["submissions"]
_CAME_WITH = _VERSIONS.alias("came_with")
_TAKE = (
    select(
        _OUTCOMES.c.state,
        _OUTCOMES.c.updated_at,
        _VERSIONS.c.id,
        _SUBMISSIONS.c.review_state,
        _SUBMISSIONS.c.deleted_at,
    )
    .join(_CAME_WITH, _CAME_WITH.c.id == _OUTCOMES.c.submission_version_id)
    .join(_SUBMISSIONS, _SUBMISSIONS.c.id == _CAME_WITH.c.submission_id)
    .join(_VERSIONS, (_VERSIONS.c.submission_id == _SUBMISSIONS.c.id) & _VERSIONS.c.current.is_(True))
    .where(_OUTCOMES.c.submission_version_id == bindparam("number"))
    .with_for_update(of=_OUTCOMES)
)


def take(session: Session, number: int) -> Open:
    """The outcome, held until the transaction ends; `version_id` is what the record says now."""
    row = session.connection().execute(_TAKE, {"number": number}).one()
    state, touched, version_id, review_state, deleted_at = row
    return Open(
        number, state, touched is None, version_id, review_state == "approved", deleted_at is not None
    )


_FORMS = Base.metadata.tables["forms"]
_RECORD = (
    select(
        _VERSIONS.c.id,
        _VERSIONS.c.form_version_id,
        _VERSIONS.c.submitter_id,
        _VERSIONS.c.xml,
        _VERSIONS.c.xml_blob,
        _SUBMISSIONS.c.instance_id,
        _FORMS.c.project_id,
        _FORMS.c.generation,
    )
    .join(_SUBMISSIONS, _SUBMISSIONS.c.id == _VERSIONS.c.submission_id)
    .join(_FORMS, _FORMS.c.id == _SUBMISSIONS.c.form_id)
    .join(_CAME_WITH, _CAME_WITH.c.submission_id == _SUBMISSIONS.c.id)
    .where(_CAME_WITH.c.id == bindparam("number"), _VERSIONS.c.current.is_(True))
)


class Record(NamedTuple):
    """A record's current version, and what it takes to read it; `xml` None: the blob holds it."""

    version_id: int
    form_version_id: int
    sender_id: int | None
    xml: bytes | None
    xml_blob: str | None
    instance_id: str
    project_id: int
    generation: int


def record_of(session: Session, number: int) -> Record:
    """What the record of an outcome says now."""
    return Record(*session.connection().execute(_RECORD, {"number": number}).one())


def conclude(session: Session, outcome: Open, state: str, now: datetime) -> None:
    """Done or pending: nothing is waited for any longer."""
    _set(session, outcome, state, None, now)


def fail(session: Session, outcome: Open, problem: Problem, now: datetime) -> None:
    """Why none of the submission's entities was applied, kept so that it can be said in any language."""
    _set(session, outcome, FAILED, _plain(problem), now)
    tell(session, "entity.error", outcome.number, now, problem=type(problem).__name__)


def _set(session: Session, outcome: Open, state: str, error: dict[str, Any] | None, now: datetime) -> None:
    if not outcome.fresh and state != HELD:
        _forget_held(session, outcome.number)
    settled = {"number": outcome.number, "now_state": state, "now_error": error, "now": now}
    session.connection().execute(_SETTLE, settled)


_SETTLE = (
    update(_OUTCOMES)
    .where(_OUTCOMES.c.submission_version_id == bindparam("number"))
    .values(
        state=bindparam("now_state"),
        error=bindparam("now_error", type_=_OUTCOMES.c.error.type),
        updated_at=bindparam("now", type_=Instant()),
    )
)


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


def hold(session: Session, outcome: Open, awaited: Iterable[Awaited], now: datetime) -> None:
    """Let the submission wait for others; what waited before counts its days from then."""
    since = session.scalar(
        select(func.min(EntityHeld.held_at)).where(EntityHeld.submission_version_id == outcome.number)
    )
    _forget_held(session, outcome.number)
    session.add_all(
        EntityHeld(
            submission_version_id=outcome.number,
            list_id=one.list_id,
            uuid=one.uuid,
            branch_id=one.branch_id,
            base_version=one.base_version,
            held_at=since or now,
        )
        for one in awaited
    )
    session.flush()
    _set(session, outcome, HELD, None, now)
    tell(session, "submission.backlog.hold", outcome.number, now)


def _forget_held(session: Session, number: int) -> None:
    session.execute(delete(EntityHeld).where(EntityHeld.submission_version_id == number))


def wake(session: Session, done: Sequence[Applied], now: datetime) -> list[int]:
    """Set waiting whoever was held for one of these changes; returns them, the next on the branch first."""
    changed: dict[tuple[int, str], list[Applied]] = {}
    for one in done:
        changed.setdefault((one.list_id, one.uuid), []).append(one)
    uuids = sorted({one.uuid for one in done})
    woken: dict[int, None] = {}
    for some in in_groups(uuids):
        found = session.connection().execute(_HELD, {"uuids": some})
        for list_id, uuid, branch, base, number in found:
            if any(_follows(branch, base, one) for one in changed.get((list_id, uuid), ())):
                woken[number] = None
    if woken:
        session.execute(
            update(EntityOutcome)
            .where(EntityOutcome.submission_version_id.in_(woken), EntityOutcome.state == HELD)
            .values(state=WAITING, updated_at=now)
            .execution_options(synchronize_session=False)
        )
        for number in woken:
            tell(session, "submission.backlog.reprocess", number, now)
    return list(woken)


_HELD_ROWS = Base.metadata.tables["entity_held"]
_HELD = (
    select(
        _HELD_ROWS.c.list_id,
        _HELD_ROWS.c.uuid,
        _HELD_ROWS.c.branch_id,
        _HELD_ROWS.c.base_version,
        _HELD_ROWS.c.submission_version_id,
    )
    .where(_HELD_ROWS.c.uuid.in_(bindparam("uuids", expanding=True)))
    .order_by(_HELD_ROWS.c.base_version, _HELD_ROWS.c.id)
)


def _follows(branch_id: str | None, base: int, one: Applied) -> bool:
    """Whether a held change may rest on what was done: on its number, or as the next on its branch."""
    if base in {1, one.version}:
        return True
    return branch_id == one.branch_id and base == (one.branch_base_version or 0) + 1


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


def pending_for(session: Session, list_id: int) -> int:
    """How many records wait for approval to make entities of a list."""
    writes = select(EntityUse.id).where(
        EntityUse.form_version_id == SubmissionVersion.form_version_id, EntityUse.list_id == list_id
    )
    query = (
        select(func.count())
        .select_from(EntityOutcome)
        .join(SubmissionVersion, SubmissionVersion.id == EntityOutcome.submission_version_id)
        .join(Submission, Submission.id == SubmissionVersion.submission_id)
        .where(
            EntityOutcome.state == PENDING,
            Submission.deleted_at.is_(None),
            or_(Submission.review_state.is_(None), Submission.review_state != "rejected"),
            writes.exists(),
        )
    )
    return session.scalar(query) or 0


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
