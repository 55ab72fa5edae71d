"""The entities of a list as programs read them: each with its current version, its makers and its source.

Every question is cut to the reader's places by `storage.cuts`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Row, Select, func, select, true
from sqlalchemy.orm import Session, aliased

from storage.entities.problems import EntityNotFound
from storage.models import (
    Actor,
    Entity,
    EntityList,
    EntityProperty,
    EntityStamp,
    EntityVersion,
    SubmissionVersion,
)
from storage.queries.tallies import actors_by_id
from storage.snapshot import snapshot

_PAGE = 1000

Line: TypeAlias = Row[Any]
"""An entity: the columns below, as far as they are asked for; `received` only of a single one."""

_ENTITY: tuple[Any, ...] = (
    Entity.id,
    Entity.uuid,
    Entity.label,
    Entity.version,
    Entity.conflict,
    Entity.creator_id,
    Entity.created_at,
    Entity.updated_at,
    Entity.deleted_at,
)
_VERSION: tuple[Any, ...] = (
    EntityVersion.creator_id.label("version_creator_id"),
    EntityVersion.created_at.label("version_created_at"),
    EntityVersion.user_agent,
    EntityVersion.submission_version_id,
    EntityVersion.base_version,
    EntityVersion.trunk_version,
    EntityVersion.branch_id,
    EntityVersion.branch_base_version,
    EntityVersion.conflicting,
)
_DATA: tuple[Any, ...] = (Entity.data, Entity.computed)


@dataclass(frozen=True)
class Page:
    """Some entities; `actors` are those who made them or their versions, `agents` the programs of records."""

    lines: Sequence[Line]
    actors: Mapping[int, Actor] = field(default_factory=dict)
    agents: Mapping[int, str | None] = field(default_factory=dict)

    def agent(self, line: Line | EntityVersion) -> str:
        """The program a version was written with; "" where nobody told."""
        return line.user_agent or self.agents.get(line.submission_version_id or 0) or ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entities of a list, and how: live ones or those `deleted` (None: both), those of `condition`.

    `data`: with what they say, `versions`: with their current versions; `named`: with the actors behind them.
    """

    list_id: int
    deleted: bool | None = False
    condition: ColumnElement[bool] = field(default_factory=true)
    data: bool = False
    versions: bool = False
    named: bool = False
    limit: int | None = None


def pages(wanted: Wanted) -> Iterator[Page]:
    """The newest first, some thousand at a time, each page in one moment of its own."""
    before: int | None = None
    left = wanted.limit
    while left is None or left > 0:
        size = _PAGE if left is None else min(left, _PAGE)
        query = _asked(wanted).order_by(Entity.id.desc()).limit(size)
        if before is not None:
            query = query.where(Entity.id < before)
        with snapshot() as session:
            lines = session.execute(query).all()
            page = _page(session, lines, named=wanted.named, versions=wanted.versions)
        if lines:
            yield page
            before = lines[-1].id
        if len(lines) < size:
            return
        left = None if left is None else left - len(lines)


_STATES: Mapping[bool | None, ColumnElement[bool]] = {
    False: Entity.deleted_at.is_(None),
    True: Entity.deleted_at.is_not(None),
    None: true(),
}


def _asked(wanted: Wanted, *more: Any) -> Select[Any]:
    columns = (
        *_ENTITY,
        *(_VERSION if wanted.versions else ()),
        *(_DATA if wanted.data else ()),
        *more,
    )
    query = select(*columns).where(
        Entity.list_id == wanted.list_id, _STATES[wanted.deleted], wanted.condition
    )
    if not wanted.versions:
        return query
    other = aliased(EntityVersion)
    last = select(func.max(other.version)).where(other.entity_id == Entity.id).scalar_subquery()
    return query.join(EntityVersion, EntityVersion.entity_id == Entity.id).where(
        EntityVersion.version == last
    )


def says_something(name: str) -> ColumnElement[bool]:
    """That a property of an entity is there and not empty."""
    return func.coalesce(Entity.data[name].as_string(), "") != ""


def _page(session: Session, lines: Sequence[Line], *, named: bool, versions: bool) -> Page:
    numbers = {line.creator_id for line in lines}
    if not versions:
        return Page(lines, actors_by_id(session, numbers) if named else {})
    numbers |= {line.version_creator_id for line in lines}
    return Page(lines, actors_by_id(session, numbers) if named else {}, _agents(session, lines))


def _agents(session: Session, lines: Iterable[Line | EntityVersion]) -> Mapping[int, str | None]:
    numbers = {line.submission_version_id for line in lines if line.submission_version_id}
    if not numbers:
        return {}
    rows = session.execute(
        select(SubmissionVersion.id, SubmissionVersion.user_agent).where(SubmissionVersion.id.in_(numbers))
    )
    return {number: agent for number, agent in rows}  # noqa: C416 - a Row is no pair to dict()


def single(session: Session, of: EntityList, uuid: str, *, deleted: bool = False) -> Page:
    """One entity, with what it says, as a page. Raises EntityNotFound."""
    wanted = Wanted(of.id, deleted, Entity.uuid == uuid, data=True, versions=True)
    lines = session.execute(_asked(wanted, EntityVersion.received)).all()
    if not lines:
        raise EntityNotFound(uuid=uuid, list=of.name)
    return _page(session, lines, named=True, versions=True)


def creators(session: Session, list_id: int) -> Sequence[Actor]:
    """Who made the live entities of a list, by name."""
    makers = select(Entity.creator_id).where(Entity.list_id == list_id, Entity.deleted_at.is_(None))
    found = select(Actor).where(Actor.id.in_(makers)).order_by(Actor.display_name, Actor.id)
    return session.scalars(found).all()


def counted(session: Session, list_ids: Collection[int]) -> Mapping[int, Mapping[str, Any]]:
    """Of each list: how many live `entities`, how many with `conflicts`, when the `lastEntity` was made."""
    rows = session.execute(
        select(
            Entity.list_id, func.count(Entity.id), func.count(Entity.conflict), func.max(Entity.created_at)
        )
        .where(Entity.list_id.in_(list_ids), Entity.deleted_at.is_(None))
        .group_by(Entity.list_id)
    )
    found: dict[int, Mapping[str, Any]] = {
        number: {"entities": 0, "conflicts": 0, "lastEntity": None} for number in list_ids
    }
    for number, entities, conflicts, last in rows:
        found[number] = {"entities": entities, "conflicts": conflicts, "lastEntity": last}
    return found


def changed_at(session: Session, of: EntityList) -> datetime:
    """When a list, a property or an entity of it last changed."""
    entities = select(
        func.max(Entity.created_at), func.max(Entity.updated_at), func.max(Entity.deleted_at)
    ).where(Entity.list_id == of.id)
    properties = select(func.max(EntityProperty.created_at)).where(EntityProperty.list_id == of.id)
    moments = [*session.execute(entities).one(), session.scalar(properties), of.created_at]
    return max(moment for moment in moments if moment is not None)


def list_state(session: Session, of: EntityList) -> tuple[int, ...]:
    """Numbers that grow with every change to a list, its properties or an entity of it."""
    changes, places = session.execute(
        select(func.coalesce(func.sum(EntityStamp.stamp), 0), func.count()).where(
            EntityStamp.list_id == of.id
        )
    ).one()
    return of.id, of.stamp, int(changes), places


def deleted_lists(session: Session, project_id: int) -> Sequence[EntityList]:
    """The lists of a project that were deleted, by the name they had."""
    query = select(EntityList).where(EntityList.project_id == project_id, EntityList.deleted_name != "")
    return session.scalars(query.order_by(EntityList.deleted_name, EntityList.id)).all()
