"""What each interviewer sent: for himself and who supervises him. Cut to the places of whoever asks.

Only what counts is counted (`storage.queries.counting`); nothing here compares one person with another.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from statistics import median
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, select
from sqlalchemy.orm import Session

from forms.rows import Cell
from storage.models import (
    AppUser,
    Finding,
    Form,
    FormVersion,
    Place,
    SentBack,
    Submission,
    SubmissionVersion,
)
from storage.projection.catalogue import answer_tables
from storage.queries import lists
from storage.queries.counting import counting
from storage.queries.places import subtree

STARTED, ENDED = "/start", "/end"
"""The questions by which a form notes how long filling it took."""

_LONGEST = 24 * 60
"""Minutes; a form left open for longer was not filled all that time."""


@dataclass(frozen=True, slots=True)
class Span:
    """Which records: of these forms, in a place with all it holds ("" is everywhere), received in a time."""

    forms: Mapping[int, str]
    place: str = ""
    start: datetime | None = None
    end: datetime | None = None

    def condition(self) -> ColumnElement[bool]:
        """The condition on `Submission`."""
        parts = [counting(), Submission.form_id.in_(list(self.forms))]
        if self.place:
            parts.append(Submission.place_code.in_(subtree([self.place])))
        if self.start is not None:
            parts.append(Submission.created_at >= self.start)
        if self.end is not None:
            parts.append(Submission.created_at < self.end)
        return and_(*parts)


@dataclass(frozen=True, slots=True)
class Sender:
    """Somebody who sends: an account or a phone. `last_used_at` is when the phone was last seen."""

    actor_id: int
    name: str
    organisation: str = ""
    last_used_at: datetime | None = None
    is_phone: bool = False
    records: int = 0


@dataclass(slots=True)
class Work:
    """What was counted of one sender."""

    days: set[date] = field(default_factory=set)
    minutes: list[float] = field(default_factory=list)
    findings: Counter[str] = field(default_factory=Counter)
    sent_back: int = 0
    places: Counter[str] = field(default_factory=Counter)
    last: datetime | None = None

    @property
    def median_minutes(self) -> float | None:
        """Half of the forms took longer; None where no form notes it."""
        return median(self.minutes) if self.minutes else None


def senders(session: Session, project_id: int, span: Span) -> list[Sender]:
    """Who sent records of the span, and the phones that were given out and sent none."""
    rows = session.execute(
        select(Submission.submitter_id, func.count())
        .where(span.condition(), Submission.submitter_id.is_not(None))
        .group_by(Submission.submitter_id)
    ).all()
    sent = {number: count for number, count in rows if number is not None}
    phones = {
        one.actor_id: one
        for one in session.scalars(select(AppUser).where(AppUser.project_id == project_id))
        if one.actor_id in sent or (one.token_hash is not None and one.actor.deleted_at is None)
    }
    if span.place:
        inside = set(session.scalars(subtree([span.place])))
        phones = {
            number: one for number, one in phones.items() if number in sent or inside & set(one.place_codes)
        }
    names = lists.names_of(session, sent)
    names |= {number: one.actor.display_name for number, one in phones.items()}
    return [_sender(number, name, phones.get(number), sent.get(number, 0)) for number, name in names.items()]


def _sender(number: int, name: str, phone: AppUser | None, records: int) -> Sender:
    if phone is None:
        return Sender(number, name, records=records)
    return Sender(number, name, phone.organisation or "", phone.last_used_at, is_phone=True, records=records)


def work_of(session: Session, span: Span, numbers: Collection[int]) -> Mapping[int, Work]:
    """What each of these sent, and what was found in it."""
    found: defaultdict[int, Work] = defaultdict(Work)
    mine = and_(span.condition(), Submission.submitter_id.in_(numbers))
    sender = Submission.submitter_id
    columns = (sender, Submission.reported_on, Submission.place_code)
    for number, day, place, count, last in _rows(
        session,
        select(*columns, func.count(), func.max(Submission.created_at)).where(mine).group_by(*columns),
    ):
        one = found[number]
        one.days |= {day} if day is not None else set()
        one.places[place or ""] += count
        one.last = max(one.last or last, last)
    of_findings = select(sender, Finding.state, func.count()).join(
        Submission, Submission.id == Finding.submission_id
    )
    states = Finding.state.in_(["open", "accepted"])
    for number, state, count in _rows(
        session, of_findings.where(mine, states).group_by(sender, Finding.state)
    ):
        found[number].findings[state] = count
    returns = select(sender, func.count(SentBack.id)).join(
        Submission, Submission.id == SentBack.submission_id
    )
    for number, count in _rows(session, returns.where(mine).group_by(sender)):
        found[number].sent_back = count
    for form_id in span.forms:
        for number, minutes in _durations(session, form_id, mine):
            found[number].minutes.append(minutes)
    return found


def _rows(session: Session, query: Select[*tuple[Any, ...]]) -> Iterator[Row[*tuple[Any, ...]]]:
    yield from session.execute(query)


def _durations(session: Session, form_id: int, mine: ColumnElement[bool]) -> Iterator[tuple[int, float]]:
    root = answer_tables(session, form_id, draft=False).get("")
    ends = (STARTED, ENDED)
    if root is None or any(
        path not in root.questions or root.questions[path].cell is not Cell.DATETIME for path in ends
    ):
        return
    started, ended = (root.column(path, "_at") for path in ends)
    query = (
        select(Submission.submitter_id, started, ended)
        .select_from(Submission)
        .join(root.joined, root.table.c.submission_id == Submission.id)
        .where(mine, Submission.form_id == form_id, started.is_not(None), ended.is_not(None))
    )
    for number, start, end in _rows(session, query):
        minutes = (end - start).total_seconds() / 60
        if 0 <= minutes <= _LONGEST:
            yield number, minutes


@dataclass(frozen=True, slots=True)
class Sent:
    """A record as a line of somebody's sheet."""

    xml_form_id: str
    title: str
    instance_id: str
    name: str
    received_at: datetime
    place: str
    findings: int


def sent_of(session: Session, span: Span, actor_id: int, limit: int) -> list[Sent]:
    """What somebody sent last."""
    findings = (
        select(func.count())
        .where(Finding.submission_id == Submission.id, Finding.state == "open")
        .correlate(Submission)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            Form.xml_form_id,
            FormVersion.name,
            Submission.instance_id,
            SubmissionVersion.instance_name,
            Submission.created_at,
            Place.name,
            findings,
        )
        .select_from(Submission)
        .join(
            SubmissionVersion,
            (SubmissionVersion.submission_id == Submission.id) & SubmissionVersion.current.is_(True),
        )
        .join(FormVersion, FormVersion.id == SubmissionVersion.form_version_id)
        .join(Form, Form.id == Submission.form_id)
        .outerjoin(Place, Place.code == Submission.place_code)
        .where(span.condition(), Submission.submitter_id == actor_id)
        .order_by(Submission.id.desc())
        .limit(limit)
    )
    return [
        Sent(form, title or form, instance, name or instance, received, place or "", count)
        for form, title, instance, name, received, place, count in rows
    ]


def findings_of(session: Session, span: Span, actor_id: int, limit: int) -> list[tuple[Finding, str]]:
    """The open findings in what somebody sent, with what each record is called, the newest first."""
    rows = session.execute(
        select(Finding, SubmissionVersion.instance_name, Submission.instance_id)
        .join(Submission, Submission.id == Finding.submission_id)
        .join(
            SubmissionVersion,
            (SubmissionVersion.submission_id == Submission.id) & SubmissionVersion.current.is_(True),
        )
        .where(span.condition(), Submission.submitter_id == actor_id, Finding.state == "open")
        .order_by(Finding.id.desc())
        .limit(limit)
    )
    return [(finding, name or instance) for finding, name, instance in rows]
