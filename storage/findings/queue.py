"""What there is to mend: findings in the order in which they are worth looking at, counted and filtered.

Of a record that was deleted, alone or with its form, rejected or confirmed as a duplicate nothing has to be
mended.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from forms.checks.check import SEVERITIES
from forms.places import VILLAGE
from forms.vietnamese import sort_key
from storage.database import Base
from storage.findings.problems import FindingNotFound
from storage.findings.reporting import OPEN
from storage.findings.urgency import NEVER, Urgency, urgency
from storage.groups import in_groups
from storage.models import Actor, Finding, Form, FormVersion, Place, Submission, SubmissionVersion
from storage.queries.counting import counting
from storage.queries.places import subtree

A_PAGE = 50

NOBODY = "nobody"
"""As an owner: findings nobody was given."""

_LARGEST_NUMBER = 2**63 - 1
_AT_ONCE = 500
_SENT = Base.metadata.tables["sent_back"]
_VERSIONS = Base.metadata.tables["submission_versions"]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which findings of a project; "" and None leave a question open.

    `place` is the code of a place with all that lies in it, `owner` the number of an account or NOBODY,
    `after` the finding after which the page begins. `waiting`: only those whose record waits for its author
    (True), or none of them (False).
    """

    project_id: int
    state: str = OPEN
    severity: str = ""
    check: str = ""
    form: str = ""
    place: str = ""
    owner: str = ""
    after: int | None = None
    limit: int = A_PAGE
    waiting: bool | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A finding with what its record, its place and its people are called; "" where there is none.

    `due` is the day on which the campaign of its record is.
    """

    finding: Finding
    form_id: str
    title: str
    instance_id: str
    name: str
    place: str
    owner: str
    sender: str
    due: date | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """How many findings a check has in a survey; `form_id` "" where they belong to none."""

    check: str
    severity: str
    form: int | None
    form_id: str
    title: str
    number: int


def listing(session: Session, asked: Asked) -> list[Line]:
    """A page of them, the first to mend first."""
    order = urgency(session, asked.project_id)
    after = () if asked.after is None else (_behind(session, asked, order),)
    # First the numbers alone: whatever else a line says is looked up for the page only.
    found = session.scalars(_ordered(asked, order, *after).limit(asked.limit)).all()
    return _lines(session, _wide(order).where(Finding.id.in_(found))) if found else []


def _ordered(asked: Asked, order: Urgency, *more: ColumnElement[bool]) -> Select[int]:
    return _slim(Finding.id).where(*_conditions(asked), *more).order_by(*order.columns)


def one(session: Session, project_id: int, number: int) -> Line:
    """A finding of the project, whatever its state. Raises FindingNotFound."""
    wide = _wide(urgency(session, project_id))
    found = _lines(session, wide.where(Finding.project_id == project_id, Finding.id == number))
    if not found:
        raise FindingNotFound(number=number)
    return found[0]


def beside(session: Session, asked: Asked, finding: Finding) -> tuple[int | None, int | None]:
    """The numbers of the finding before one and of the one after it, in the order of a list."""
    order = urgency(session, asked.project_id)
    here = _place_of(session, order, finding.project_id or 0, finding.id)
    if here is None:
        return None, None
    return _next(session, asked, order, here, sooner=True), _next(session, asked, order, here, sooner=False)


def _next(
    session: Session, asked: Asked, order: Urgency, here: tuple[int, int, int], *, sooner: bool
) -> int | None:
    """The nearest finding: mostly one as grave and due as soon, a step away in the index."""
    mine = _slim(Finding.id).where(*_conditions(asked))
    number = Finding.id.desc() if sooner else Finding.id.asc()
    alike = (Finding.severity == SEVERITIES[here[0]],) if here[0] < len(SEVERITIES) else ()
    step = mine.where(*alike, order.due == here[1], Finding.id < here[2] if sooner else Finding.id > here[2])
    found: int | None = session.scalar(step.order_by(number).limit(1))
    if found is not None:
        return found
    columns = [one.desc() for one in order.columns] if sooner else list(order.columns)
    far: int | None = session.scalar(
        mine.where(order.beyond(here, sooner=sooner)).order_by(*columns).limit(1)
    )
    return far


def numbers(session: Session, asked: Asked) -> Sequence[int]:
    """The numbers of as many as `asked.limit` of them, in order."""
    order = urgency(session, asked.project_id)
    return session.scalars(_ordered(asked, order).limit(asked.limit)).all()


@dataclass(frozen=True)
class Tally:
    """How many there are: by kind, whichever check is asked for, and by commune (code, name, number).

    The code is "" where there is no place.
    """

    kinds: Sequence[Count]
    places: Sequence[tuple[str, str, int]]


def tally(session: Session, asked: Asked) -> Tally:
    """Count them once, by kind and by place; the worst kinds and the places with most come first."""
    mine = _conditions(replace(asked, check=""))
    columns = (Finding.check, Finding.severity, Finding.form_id, Finding.place_code)
    rows = session.execute(_slim(*columns, func.count()).where(*mine).group_by(*columns)).all()
    several: Counter[tuple[str, int | None]] = Counter()
    weights: dict[tuple[str, int | None], str] = {}
    places: Counter[str] = Counter()
    for check, severity, form, place, number in rows:
        several[check, form] += number
        weights[check, form] = min(weights.get((check, form), severity), severity, key=_weight)
        if asked.check in {"", check}:
            places[place or ""] += number
    titles = _titles(session, {form for _check, form in several if form is not None})
    kinds = [
        Count(check, weights[check, form], form, *titles.get(form or 0, ("", "")), number)
        for (check, form), number in several.items()
    ]
    kinds.sort(key=lambda one: (_weight(one.severity), -one.number, one.check, one.form_id))
    return Tally(kinds, _by_commune(session, places))


def counts(session: Session, asked: Asked) -> Sequence[Count]:
    """How many there are of each check in each survey, whichever check is asked for; the worst first."""
    return tally(session, asked).kinds


def _weight(severity: str) -> int:
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)


def _titles(session: Session, forms: Collection[int]) -> dict[int, tuple[str, str]]:
    """Id and title of forms, by number."""
    current = aliased(FormVersion)
    rows = session.execute(
        select(Form.id, Form.xml_form_id, current.name)
        .outerjoin(current, current.id == Form.current_id)
        .where(Form.id.in_(forms))
    )
    return {number: (form_id, title or form_id) for number, form_id, title in rows}


def _by_commune(session: Session, counted: Mapping[str, int]) -> list[tuple[str, str, int]]:
    """What was counted by place, villages with their commune; the most first."""
    around = aliased(Place)
    known: dict[str, tuple[str, str]] = {}
    for some in in_groups(sorted(counted), _AT_ONCE):
        rows = session.execute(
            select(Place.code, Place.name, Place.level, around.code, around.name)
            .outerjoin(around, around.code == Place.parent_code)
            .where(Place.code.in_(some))
        )
        for code, name, level, outer, outer_name in rows:
            known[code] = (outer, outer_name) if level == VILLAGE and outer else (code, name)
    several: Counter[tuple[str, str]] = Counter()
    for code, number in counted.items():
        several[known.get(code, (code, code))] += number
    lines = [(code, name, number) for (code, name), number in several.items()]
    return sorted(lines, key=lambda line: (-line[2], sort_key(line[1])))


def open_findings(
    session: Session, project_id: int, *, most: int | None = None, waiting: bool | None = False
) -> int:
    """How many there are to mend in a project; with `most` it is not counted any further.

    What was sent back to its author waits for him, unless `waiting` says otherwise (None: both count).
    """
    mine = _conditions(Asked(project_id, waiting=waiting))
    some = _slim(Finding.id).where(*mine).limit(most).subquery()
    return int(session.scalars(select(func.count()).select_from(some)).one())


def _live() -> ColumnElement[bool]:
    return or_(Finding.submission_id.is_(None), counting())


def _conditions(asked: Asked) -> tuple[ColumnElement[bool], ...]:
    in_trash = select(Form.id).where(Form.project_id == asked.project_id, Form.deleted_at.is_not(None))
    here = or_(Finding.form_id.is_(None), Finding.form_id.not_in(in_trash))
    mine = [Finding.project_id == asked.project_id, _live(), here]
    if asked.state:
        mine.append(Finding.state == asked.state)
    if asked.severity:
        mine.append(Finding.severity == asked.severity)
    if asked.check:
        mine.append(Finding.check == asked.check)
    if asked.form:
        named = select(Form.id).where(Form.project_id == asked.project_id, Form.xml_form_id == asked.form)
        mine.append(Finding.form_id.in_(named))
    if asked.place:
        mine.append(Finding.place_code.in_(subtree([asked.place])))
    if asked.owner:
        nobody = asked.owner == NOBODY
        mine.append(Finding.owner_id.is_(None) if nobody else Finding.owner_id == _number(asked.owner))
    if asked.waiting is not None:
        mine.append(_waiting() if asked.waiting else or_(Finding.submission_id.is_(None), ~_waiting()))
    return tuple(mine)


def _waiting() -> ColumnElement[bool]:
    """Whether the record was sent back to its author, and nothing came since."""
    # Plain tables: whose record it is, the finding itself says.
    sent, later = _SENT.c, _VERSIONS.c
    answered = select(later.id).where(
        later.submission_id == sent.submission_id, later.created_at > sent.created_at
    )
    back = select(sent.submission_id).where(sent.answered_at.is_(None), ~answered.correlate(_SENT).exists())
    return Finding.submission_id.in_(back)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < len(str(2**31)) else 0


def _place_of(session: Session, order: Urgency, project_id: int, number: int) -> tuple[int, int, int] | None:
    query = _slim(*order.columns).where(Finding.project_id == project_id, Finding.id == number)
    row = session.execute(query).one_or_none()
    return None if row is None else (row[0], row[1], row[2])


def _behind(session: Session, asked: Asked, order: Urgency) -> ColumnElement[bool]:
    # What no number of a finding can be is asked of no database.
    number = asked.after if asked.after is not None and 0 < asked.after <= _LARGEST_NUMBER else 0
    last = _place_of(session, order, asked.project_id, number)
    return Finding.id > 0 if last is None else order.beyond(last)


def _slim(*columns: Any) -> Select[Any]:
    return select(*columns).select_from(Finding).outerjoin(Submission, Submission.id == Finding.submission_id)


def _wide(order: Urgency) -> Select[Any]:
    sender, owner = aliased(Actor), aliased(Actor)
    current = aliased(FormVersion)
    return (
        _slim(
            Finding,
            Form.xml_form_id,
            current.name,
            Submission.instance_id,
            SubmissionVersion.instance_name,
            Place.name,
            owner.display_name,
            sender.display_name,
            order.due,
        )
        .outerjoin(
            SubmissionVersion,
            (SubmissionVersion.submission_id == Submission.id) & SubmissionVersion.current.is_(True),
        )
        .outerjoin(Form, Form.id == Finding.form_id)
        .outerjoin(current, current.id == Form.current_id)
        .outerjoin(Place, Place.code == Finding.place_code)
        .outerjoin(owner, owner.id == Finding.owner_id)
        .outerjoin(sender, sender.id == Submission.submitter_id)
        .order_by(*order.columns)
    )


def _lines(session: Session, query: Select[Any]) -> list[Line]:
    return [
        Line(
            finding,
            form_id or "",
            title or form_id or "",
            instance_id or "",
            name or instance_id or "",
            place or finding.place_code or "",
            owner or "",
            sender or "",
            date.fromordinal(due) if due != NEVER else None,
        )
        for finding, form_id, title, instance_id, name, place, owner, sender, due in session.execute(query)
    ]
