"""How long surveys keep what names people, and which are over their date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session

from forms.keeping import MOST_MONTHS, months_after, months_before
from forms.values import HOME
from storage.audits import note, of_form
from storage.erasing.problems import RetentionUnusable
from storage.erasing.tombstones import Order
from storage.models import Form, FormVersion, Retention, Submission, SubmissionVersion

IDENTIFIERS, RECORDS = ACTS = ("identifiers", "records")


@dataclass(frozen=True, slots=True)
class Kept:
    """A survey and how long it keeps names. `until`: when the oldest it still holds are over their date.

    `due` is how many records are over it; without a `retention` nothing was decided.
    """

    form: Form
    title: str
    retention: Retention | None
    until: date | None
    due: int = 0


def decide(session: Session, form: Form, months: int | None, act: str, order: Order) -> Retention | None:
    """Say how long a survey keeps names; None of months: nothing is decided any more.

    Raises RetentionUnusable.
    """
    held = session.get(Retention, form.id)
    details = {"months": months, "act": act if months else None}
    if months is None:
        if held is not None:
            session.delete(held)
            note(session, "erasure.retention", actee=of_form(form), details=details, notes="", now=order.now)
        return None
    if act not in ACTS or not 1 <= months <= MOST_MONTHS:
        raise RetentionUnusable(most=MOST_MONTHS)
    if held is None:
        held = Retention(form_id=form.id)
        session.add(held)
    elif (held.months, held.act) != (months, act):
        held.done_until = held.done_at = None
    held.months, held.act, held.ground = months, act, order.ground
    held.set_by, held.set_at = order.actor_id, order.now
    note(session, "erasure.retention", actee=of_form(form), details=details, notes="", now=order.now)
    return held


def over(retention: Retention, before: datetime) -> tuple[ColumnElement[bool], ...]:
    """The conditions on `Submission` of what came before a day, and was not done or changed since."""
    conditions: list[ColumnElement[bool]] = [
        Submission.form_id == retention.form_id,
        Submission.draft.is_(False),
        Submission.created_at < before,
    ]
    if retention.done_until is not None and retention.done_at is not None:
        later = exists().where(
            SubmissionVersion.submission_id == Submission.id,
            SubmissionVersion.created_at >= retention.done_at,
        )
        conditions.append(or_(Submission.created_at >= retention.done_until, later))
    return tuple(conditions)


def surveys(session: Session, project_id: int, now: datetime) -> Sequence[Kept]:
    """Every survey of a project, with how long it keeps names and how much is over its date."""
    rows = session.execute(
        select(Form, FormVersion.name, Retention)
        .join(FormVersion, FormVersion.id == Form.current_id)
        .outerjoin(Retention, Retention.form_id == Form.id)
        .where(Form.project_id == project_id, Form.deleted_at.is_(None))
        .order_by(Form.xml_form_id)
    ).all()
    return [_kept(session, form, title, retention, now) for form, title, retention in rows]


def until(session: Session, form_id: int) -> tuple[date, Retention] | None:
    """The day the oldest record of a survey is over its date, and what was decided; None where none is."""
    retention = session.get(Retention, form_id)
    found = None if retention is None else _until(session, retention)
    return None if retention is None or found is None else (found, retention)


def _until(session: Session, retention: Retention) -> date | None:
    mine = [Submission.form_id == retention.form_id, Submission.draft.is_(False)]
    if retention.done_until is not None:
        mine.append(Submission.created_at >= retention.done_until)
    # In the order of their numbers, which an index knows: they are given as records come.
    query = select(Submission.created_at).where(*mine).order_by(Submission.id).limit(1)
    first = session.scalars(query).first()
    return None if first is None else months_after(first.astimezone(HOME), retention.months).date()


def _kept(session: Session, form: Form, title: str, retention: Retention | None, now: datetime) -> Kept:
    if retention is None:
        return Kept(form, title, None, None)
    due = session.scalar(
        select(func.count())
        .select_from(Submission)
        .where(*over(retention, months_before(now, retention.months)))
    )
    return Kept(form, title, retention, _until(session, retention), due or 0)


def order_now(session: Session, form: Form, order: Order) -> Retention:
    """Let the worker do now what is due. Raises RetentionUnusable where nothing was decided."""
    held = session.get(Retention, form.id)
    if held is None:
        raise RetentionUnusable(most=MOST_MONTHS)
    held.ordered_by, held.ordered_at = order.actor_id, order.now
    held.before = months_before(order.now, held.months)
    held.done = held.total = 0
    return held


def ordered(session: Session) -> Retention | None:
    """The one that was ordered first and is not done."""
    return session.scalars(
        select(Retention).where(Retention.ordered_at.is_not(None)).order_by(Retention.ordered_at).limit(1)
    ).first()
