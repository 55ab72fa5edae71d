"""One page of the list of a form's records: first the numbers of its lines in their order, then the lines.

By receipt and by name a page is a short walk in an index, wherever it begins after a record; by place and by
state the records are sorted for it. A page by its number skips what stands before it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Select,
    and_,
    any_,
    bindparam,
    case,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session

from storage.cuts import visible
from storage.database import Base
from storage.models import Actor, Finding, SentBack, Submission, SubmissionVersion
from storage.queries.choosing import Filter
from storage.scope import current

_T = Base.metadata.tables
_NAMES = _T["record_names"].c
_PLACES, _AROUND = _T["places"].alias("here"), _T["places"].alias("around")

NAME, PLACE, STATE, DATE = "name", "place", "state", "date"
ORDERS = (DATE, NAME, PLACE, STATE)

_RANK = case(
    (Submission.review_state.is_(None), 0),
    (Submission.review_state == "hasIssues", 1),
    (Submission.review_state == "edited", 2),
    (Submission.review_state == "rejected", 3),
    else_=4,
)
"""What still has to be done comes first."""


@dataclass(frozen=True, slots=True)
class Order:
    """By what the list is sorted; `down`: the last first."""

    by: str = DATE
    down: bool = True


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of the list: `limit` lines after `skip` others, or after the record `after`."""

    limit: int
    skip: int = 0
    after: int | None = None


@dataclass(frozen=True, slots=True)
class RecordLine:
    """A record as a line of a list. `sent_back`: at some time; it may have been answered since."""

    number: int
    instance_id: str
    name: str
    received_at: datetime
    sender: str
    device_id: str
    files_present: int
    files_expected: int
    findings: int
    edits: int
    state: str | None
    duplicate: bool
    place: str
    around: str
    sent_back: bool


def keys(session: Session, chosen: Filter, order: Order, part: Part) -> list[int]:
    """The numbers of the records of that part, in order."""
    if order.by == NAME:
        query = _by_name(session, chosen, order, part)
    else:
        query = select(Submission.id).where(chosen.condition())
        if order.by == DATE and part.after is not None:
            query = query.where(Submission.id < part.after if order.down else Submission.id > part.after)
        query = _sorted(query, order)
    if part.after is None or order.by not in {DATE, NAME}:
        query = query.offset(part.skip or None)
    return list(session.execute(query.limit(part.limit)).scalars())


def _sorted(query: Select[Any], order: Order) -> Select[Any]:
    columns: list[ColumnElement[Any]] = [Submission.id.expression]
    if order.by == STATE:
        # Among those of one state the newest stands first.
        return query.order_by(_RANK.desc() if order.down else _RANK, Submission.id.desc())
    if order.by == PLACE:
        query = query.outerjoin(_PLACES, _PLACES.c.code == Submission.place_code)
        query = query.outerjoin(
            _AROUND, and_(_AROUND.c.code == _PLACES.c.parent_code, _PLACES.c.level == "village")
        )
        # Villages of a commune stand together behind what is of the commune itself.
        columns = [
            func.coalesce(_AROUND.c.sort_key, _PLACES.c.sort_key),
            func.coalesce(_AROUND.c.code, _PLACES.c.code),
            case((_AROUND.c.code.is_(None), ""), else_=_PLACES.c.sort_key),
            Submission.id.expression,
        ]
        first = columns[0].desc().nulls_last() if order.down else columns[0].asc().nulls_last()
        return query.order_by(first, *(one.desc() if order.down else one for one in columns[1:]))
    return query.order_by(*(one.desc() if order.down else one for one in columns))


def _by_name(session: Session, chosen: Filter, order: Order, part: Part) -> Select[Any]:
    # The walk is in the index of the names: each record is looked at as its name comes.
    record = select(Submission.id).where(
        Submission.id == _NAMES.submission_id,
        chosen.condition(),
        visible(Submission.place_code.expression, current()),
    )
    query = select(_NAMES.submission_id).where(
        _NAMES.form_id == chosen.form_id, record.correlate(_T["record_names"]).exists()
    )
    if part.after is not None:
        query = query.where(_beyond(session, part.after, down=order.down))
    both = (_NAMES.name_key, _NAMES.submission_id)
    return query.order_by(*(one.desc() if order.down else one for one in both))


def _beyond(session: Session, number: int, *, down: bool) -> ColumnElement[bool]:
    # Where the name of somebody else's record stands would tell what it is about.
    seen = select(Submission.id).where(
        Submission.id == number, visible(Submission.place_code.expression, current())
    )
    mine = (_NAMES.submission_id == number, seen.exists())
    key = session.execute(select(_NAMES.name_key).where(*mine)).scalar() or ""
    name, record = _NAMES.name_key, _NAMES.submission_id
    # The first part alone can be looked up in an index.
    if down:
        return and_(name <= key, or_(name < key, record < number))
    return and_(name >= key, or_(name > key, record > number))


def count(session: Session, chosen: Filter, most: int) -> int:
    """How many records there are; one more than `most` for any larger number."""
    found = select(Submission.id).where(chosen.condition()).limit(most + 1).subquery()
    return session.scalar(select(func.count()).select_from(found)) or 0


_FINDINGS = (
    select(func.count())
    .where(Finding.submission_id == Submission.id, Finding.state == "open")
    .correlate(Submission)
    .scalar_subquery()
)

_SENT_BACK = (
    select(SentBack.submission_id).where(SentBack.submission_id == Submission.id).correlate(Submission)
)

_ALL_LINES = (
    select(
        Submission.id,
        Submission.instance_id,
        func.coalesce(SubmissionVersion.instance_name, ""),
        Submission.created_at,
        func.coalesce(Actor.display_name, ""),
        func.coalesce(Submission.device_id, ""),
        Submission.files_present,
        Submission.files_expected,
        _FINDINGS,
        Submission.edits,
        Submission.review_state,
        Submission.duplicate_of.is_not(None),
        func.coalesce(_PLACES.c.name, ""),
        func.coalesce(_AROUND.c.name, ""),
        _SENT_BACK.exists(),
    )
    .join(
        SubmissionVersion,
        (SubmissionVersion.submission_id == Submission.id) & SubmissionVersion.current.is_(True),
    )
    .outerjoin(Actor, Actor.id == Submission.submitter_id)
    .outerjoin(_PLACES, _PLACES.c.code == Submission.place_code)
    .outerjoin(_AROUND, and_(_AROUND.c.code == _PLACES.c.parent_code, _PLACES.c.level == "village"))
)

# Built once: to put this together takes longer than to ask it.
_LINES: Mapping[str, Select[Any]] = {
    "sqlite": _ALL_LINES.where(
        Submission.id.in_(bindparam("numbers", expanding=True, type_=BigInteger)),
    ),
    # One list instead of fifty values, which take as long to bind as the answer to come.
    "postgresql": _ALL_LINES.where(Submission.id == any_(bindparam("numbers", type_=ARRAY(BigInteger)))),
}


def lines(session: Session, numbers: Sequence[int]) -> list[RecordLine]:
    """The lines of some records, in that order."""
    if not numbers:
        return []
    asked = _LINES[session.get_bind().dialect.name]
    found = {row[0]: RecordLine(*row) for row in session.execute(asked, {"numbers": list(numbers)})}
    return [found[number] for number in numbers if number in found]
