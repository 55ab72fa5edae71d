"""What there is to mend: findings in the order in which they are worth looking at, counted and filtered.

Of a record that was deleted, alone or with its form, rejected or confirmed as a duplicate nothing has to be
mended.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from forms.checks.check import ERROR, INFO, WARNING
from storage.findings.problems import FindingNotFound
from storage.findings.reporting import OPEN
from storage.models import Actor, Finding, Form, FormVersion, Place, Submission, SubmissionVersion
from storage.queries.counting import counting
from storage.queries.places import subtree

A_PAGE = 50

NOBODY = "nobody"
"""As an owner: findings nobody was given."""

_LARGEST_NUMBER = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Asked:
    """Which findings of a project; "" and None leave a question open.

    `place` is the code of a place with all that lies in it, `owner` the number of an account or NOBODY,
    `after` the finding after which the page begins.
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


@dataclass(frozen=True, slots=True)
class Line:
    """A finding with what its record, its place and its people are called; "" where there is none."""

    finding: Finding
    form_id: str
    title: str
    instance_id: str
    name: str
    place: str
    owner: str
    sender: str


@dataclass(frozen=True, slots=True)
class Count:
    """How many findings a check has in a survey; `form_id` "" where they belong to none."""

    check: str
    severity: str
    form: int | None
    form_id: str
    title: str
    number: int


def rank(severity: SQLColumnExpression[str]) -> ColumnElement[int]:
    """What comes first: errors, then warnings, then the rest."""
    return case((severity == ERROR, 0), (severity == WARNING, 1), (severity == INFO, 2), else_=3)


def listing(session: Session, asked: Asked) -> list[Line]:
    """A page of them, the first to mend first."""
    after = () if asked.after is None else (_behind(session, asked),)
    return _lines(session, _wide().where(*_conditions(asked), *after).limit(asked.limit))


def one(session: Session, project_id: int, number: int) -> Line:
    """A finding of the project, whatever its state. Raises FindingNotFound."""
    found = _lines(session, _wide().where(Finding.project_id == project_id, Finding.id == number))
    if not found:
        raise FindingNotFound(number=number)
    return found[0]


def beside(session: Session, asked: Asked, finding: Finding) -> tuple[int | None, int | None]:
    """The numbers of the finding before one and of the one after it, in the order of a list."""
    mine = _conditions(asked)
    place = (rank(Finding.severity), Finding.id)
    here = _place_of(finding)
    later = or_(place[0] > here[0], and_(place[0] == here[0], place[1] > here[1]))
    sooner = or_(place[0] < here[0], and_(place[0] == here[0], place[1] < here[1]))
    ids = _slim(Finding.id)
    following: int | None = session.scalar(ids.where(*mine, later).order_by(*place).limit(1))
    backwards = (place[0].desc(), place[1].desc())
    return session.scalar(ids.where(*mine, sooner).order_by(*backwards).limit(1)), following


def numbers(session: Session, asked: Asked) -> Sequence[int]:
    """The numbers of as many as `asked.limit` of them, in order."""
    query = _slim(Finding.id).where(*_conditions(asked))
    return session.scalars(query.order_by(rank(Finding.severity), Finding.id).limit(asked.limit)).all()


def counts(session: Session, asked: Asked) -> list[Count]:
    """How many there are of each check in each survey, whichever check is asked for; the worst first."""
    mine = _conditions(replace(asked, check=""))
    current = aliased(FormVersion)
    query = (
        _slim(
            Finding.check,
            func.min(rank(Finding.severity)),
            func.min(Finding.severity),
            Form.id,
            Form.xml_form_id,
            func.max(current.name),
            func.count(),
        )
        .outerjoin(Form, Form.id == Finding.form_id)
        .outerjoin(current, current.id == Form.current_id)
        .where(*mine)
        .group_by(Finding.check, Form.id, Form.xml_form_id)
    )
    rows = sorted(session.execute(query).all(), key=lambda row: (row[1], -row[6], row[0], row[4] or ""))
    return [
        Count(check, severity, form, form_id or "", title or form_id or "", number)
        for check, _, severity, form, form_id, title, number in rows
    ]


def open_findings(session: Session, project_id: int, *, most: int | None = None) -> int:
    """How many wait in a project; with `most` it is not counted any further."""
    some = _slim(Finding.id).where(*_conditions(Asked(project_id))).limit(most).subquery()
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
    return tuple(mine)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < len(str(2**31)) else 0


def _place_of(finding: Finding) -> tuple[int, int]:
    known = (ERROR, WARNING, INFO)
    return (known.index(finding.severity) if finding.severity in known else len(known)), finding.id


def _behind(session: Session, asked: Asked) -> ColumnElement[bool]:
    # What no number of a finding can be is asked of no database.
    known = asked.after is not None and 0 < asked.after <= _LARGEST_NUMBER
    last = (
        None
        if not known
        else session.scalars(
            select(Finding).where(Finding.project_id == asked.project_id, Finding.id == asked.after)
        ).one_or_none()
    )
    if last is None:
        return Finding.id > 0
    first, second = _place_of(last)
    return or_(rank(Finding.severity) > first, and_(rank(Finding.severity) == first, Finding.id > second))


def _slim(*columns: Any) -> Select[Any]:
    return select(*columns).select_from(Finding).outerjoin(Submission, Submission.id == Finding.submission_id)


def _wide() -> Select[Any]:
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
        .order_by(rank(Finding.severity), Finding.id)
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
        )
        for finding, form_id, title, instance_id, name, place, owner, sender in session.execute(query)
    ]
