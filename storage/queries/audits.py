"""What was done, newest first: for the log of the server, of a project, of one record or entity."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, false, or_, select, tuple_, union_all
from sqlalchemy.orm import Session

from storage.auditing.actions import named
from storage.cuts import visible, within
from storage.models import Actor, Audit, Entity, EntityList, Form, FormVersion, Project, Submission
from storage.scope import WHOLE, Scope
from storage.snapshot import snapshot

_PAGE = 1000

Seen = Mapping[int, Scope]
"""Projects whose audits somebody may see, with his places in each."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which audits: an action or a category of them, moments (`start` included, `end` not), subjects.

    `projects`: those the asker may see; None is everything.
    """

    projects: Seen | None = None
    action: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    actor_id: int | None = None
    form_id: int | None = None
    limit: int | None = None
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Named:
    """What some audits name by number."""

    actors: Mapping[int, Actor]
    projects: Mapping[int, Project]
    forms: Mapping[int, Form]
    versions: Mapping[int, FormVersion]
    datasets: Mapping[int, EntityList]

    def actee(self, audit: Audit) -> Actor | Project | Form | EntityList | None:
        """What was acted on, as it is now; None for what has no row of its own or is gone."""
        number = audit.actee_id
        if number is None or audit.actee_kind is None:
            return None
        kinds: Mapping[str, Mapping[int, Actor | Project | Form | EntityList]] = {
            "project": self.projects,
            "form": self.forms,
            "dataset": self.datasets,
        }
        return kinds.get(audit.actee_kind, self.actors).get(number)


@dataclass(frozen=True, slots=True)
class Page:
    """Some audits, and what they name where that was asked for."""

    rows: Sequence[Audit]
    named: Named | None


def pages(wanted: Wanted, *, naming: bool) -> Iterator[Page]:
    """The audits, newest first, some at a time; nobody waits for a slow line inside a question."""
    left, offset = wanted.limit, wanted.offset
    after: Audit | None = None
    while left is None or left > 0:
        size = _PAGE if left is None else min(left, _PAGE)
        with snapshot() as session:
            rows = _page(session, wanted, after, size, offset)
            page = Page(rows, named_in(session, rows) if naming else None)
        if rows:
            yield page
        if len(rows) < size:
            return
        after, offset = rows[-1], 0
        left = None if left is None else left - size


def _page(session: Session, wanted: Wanted, after: Audit | None, size: int, offset: int) -> Sequence[Audit]:
    conditions = _conditions(wanted)
    if after is not None:
        conditions.append(tuple_(Audit.logged_at, Audit.id) < tuple_(after.logged_at, after.id))
    order = (Audit.logged_at.desc(), Audit.id.desc())
    # The places are in the conditions: whoever sees several projects has others in each.
    with within(WHOLE):
        if wanted.action is None:
            found = select(Audit).where(*conditions).order_by(*order).offset(offset).limit(size)
            return session.scalars(found).all()
        # One walk down the index for each action: the newest of all are among the newest of each.
        walks = [
            select(Audit.id).where(Audit.action == action, *conditions).order_by(*order).limit(size + offset)
            for action in named(wanted.action)
        ]
        several = union_all(*(select(one.subquery().c.id) for one in walks))
        found = select(Audit).where(Audit.id.in_(several)).order_by(*order).offset(offset).limit(size)
        return session.scalars(found).all()


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.projects is not None:
        seen = (
            and_(Audit.project_id == number, visible(Audit.place_code, scope))
            for number, scope in wanted.projects.items()
        )
        conditions.append(or_(false(), *seen))
    if wanted.start is not None:
        conditions.append(Audit.logged_at >= wanted.start)
    if wanted.end is not None:
        conditions.append(Audit.logged_at < wanted.end)
    if wanted.actor_id is not None:
        conditions.append(Audit.actor_id == wanted.actor_id)
    if wanted.form_id is not None:
        conditions.append(Audit.form_id == wanted.form_id)
    return conditions


def of_submission(
    session: Session, record: Submission, *, limit: int | None = None, offset: int = 0
) -> Sequence[Audit]:
    """What happened to a record the asker sees, entities it brought included, newest first."""
    mine = (Audit.instance_id == record.instance_id) & (Audit.form_id == record.form_id)
    return _all_of(session, mine, limit, offset)


def of_entity(
    session: Session, entities: EntityList, member: Entity, *, limit: int | None = None, offset: int = 0
) -> Sequence[Audit]:
    """What happened to an entity the asker sees, newest first."""
    mine = (
        (Audit.entity_uuid == member.uuid) & (Audit.actee_kind == "dataset") & (Audit.actee_id == entities.id)
    )
    return _all_of(session, mine, limit, offset)


def _all_of(session: Session, mine: ColumnElement[bool], limit: int | None, offset: int) -> Sequence[Audit]:
    found = select(Audit).where(mine).order_by(Audit.logged_at.desc(), Audit.id.desc())
    # Whoever sees the thing now sees what happened to it before, wherever it lay.
    with within(WHOLE):
        return session.scalars(found.offset(offset).limit(limit)).all()


def named_in(session: Session, audits: Iterable[Audit]) -> Named:
    """Who and what these audits name."""
    several = list(audits)

    def kind(name: str) -> set[int]:
        return {one.actee_id for one in several if one.actee_kind == name and one.actee_id is not None}

    others = {"project", "form", "dataset"}
    actors = {one.actor_id for one in several if one.actor_id is not None}
    actors |= {one.actee_id for one in several if one.actee_kind not in others and one.actee_id is not None}
    forms = {one.id: one for one in session.scalars(select(Form).where(Form.id.in_(kind("form"))))}
    shown = {one.current_id or one.draft_id or 0 for one in forms.values()}
    return Named(
        {one.id: one for one in session.scalars(select(Actor).where(Actor.id.in_(actors)))},
        {one.id: one for one in session.scalars(select(Project).where(Project.id.in_(kind("project"))))},
        forms,
        {one.id: one for one in session.scalars(select(FormVersion).where(FormVersion.id.in_(shown)))},
        {
            one.id: one
            for one in session.scalars(select(EntityList).where(EntityList.id.in_(kind("dataset"))))
        },
    )
