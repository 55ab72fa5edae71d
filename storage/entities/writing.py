"""Entities made, changed, deleted and put back: versions, places and stamps, all in one transaction.

Two transactions never change one entity at once: each first holds a lock that is there before the entity
is. Locks are rows, 256 of them, so that both databases know them; SQLite has one writer anyway.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from forms.entities import Change, State, worse
from storage.cells.marks import mark_members
from storage.database import Base
from storage.entities.placing import Placing
from storage.entities.problems import EntityDeleted, EntityExists
from storage.models import Entity, EntityList

_NEW_VERSIONS = insert(Base.metadata.tables["entity_versions"])


@dataclass(frozen=True, slots=True)
class Source:
    """Who changes entities and when, and by what: a submission version, an import, or by hand.

    `user_agent`: the program it came with, where it came over the wire.
    """

    actor_id: int | None
    now: datetime
    submission_version_id: int | None = None
    batch_id: int | None = None
    user_agent: str | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """How a version came about: on what it rests, and what it met."""

    base_version: int | None = None
    trunk_version: int | None = None
    branch_id: str | None = None
    branch_base_version: int | None = None
    conflict: str | None = None
    conflicting: Sequence[str] = field(default_factory=tuple)


def lock(session: Session, uuids: Iterable[str]) -> None:
    """Hold these entities, there or not, until the transaction ends; take all of them at once.

    In one order everywhere, or two transactions could wait for each other.
    """
    buckets = sorted({int(uuid[:2], 16) for uuid in uuids})
    if buckets:
        session.connection().execute(_LOCK, {"buckets": buckets}).all()


_LOCKS = Base.metadata.tables["entity_locks"]
_LOCK = (
    select(_LOCKS.c.bucket)
    .where(_LOCKS.c.bucket.in_(bindparam("buckets", expanding=True)))
    .order_by(_LOCKS.c.bucket)
    .with_for_update()
)


def find(session: Session, list_id: int, uuid: str) -> Entity | None:
    """The entity of that id, deleted or not, as it is by now."""
    return session.scalars(
        select(Entity)
        .where(Entity.list_id == list_id, Entity.uuid == uuid)
        # What this session read before the lock may be old.
        .execution_options(populate_existing=True)
    ).one_or_none()


def find_many(session: Session, list_id: int, uuids: Iterable[str]) -> dict[str, Entity]:
    """The same of some hundred ids at once, by id."""
    found = session.scalars(
        select(Entity)
        .where(Entity.list_id == list_id, Entity.uuid.in_(sorted(uuids)))
        .execution_options(populate_existing=True)
    )
    return {one.uuid: one for one in found}


class Changes:
    """The changes of one transaction to entities whose locks it holds; `finish` writes them."""

    def __init__(self, session: Session, source: Source) -> None:
        self._session = session
        self._source = source
        self._placing = Placing(session)
        self._stamps: Counter[tuple[int, str]] = Counter()
        self._places: dict[int, set[str | None]] = {}
        self._versions: list[tuple[Entity, dict[str, Any]]] = []

    def create(self, where: EntityList, change: Change, trace: Trace | None = None) -> Entity:
        """Make an entity, version 1. Raises EntityExists, EntityDeleted."""
        known = find(self._session, where.id, change.uuid)
        if known is not None and known.deleted_at is not None:
            raise EntityDeleted(uuid=change.uuid)
        if known is not None:
            raise EntityExists(uuid=change.uuid, list=where.name)
        return self.create_many(where, [change], trace)[0]

    def create_many(
        self, where: EntityList, changes: Sequence[Change], trace: Trace | None = None
    ) -> list[Entity]:
        """Make entities that are known not to be there, version 1 each."""
        made = [
            Entity(
                list_id=where.id,
                uuid=change.uuid,
                version=1,
                label=change.label,
                data=dict(change.data),
                computed={},
                place_code=self._placing.of(where, change.data),
                creator_id=self._source.actor_id,
                created_at=self._source.now,
            )
            for change in changes
        ]
        self._session.add_all(made)
        for entity, change in zip(made, changes, strict=True):
            self._add_version(entity, change, trace or Trace())
            self._bump(entity.list_id, entity.place_code)
        return made

    def update(self, where: EntityList, entity: Entity, change: Change, trace: Trace | None = None) -> None:
        """Write the next version of an entity; what the change does not say stays.

        A conflict that is there stays too, until somebody resolves it.
        """
        traced = trace or Trace(base_version=entity.version)
        after = State(entity.label, entity.data).with_change(change)
        before = entity.place_code
        entity.label, entity.data = after.label, dict(after.data)
        entity.version += 1
        entity.conflict = worse(entity.conflict, traced.conflict)
        entity.updated_at = self._source.now
        entity.place_code = self._placing.of(where, entity.data)
        self._add_version(entity, change, traced)
        self._bump(entity.list_id, before)
        self._places[entity.list_id].add(entity.place_code)
        if self._placing.commune(before) != self._placing.commune(entity.place_code):
            self._bump(entity.list_id, entity.place_code)

    def delete(self, entity: Entity) -> None:
        """Take an entity out of every list; it stays known, so that its id is not used again."""
        self._set_deleted(entity, self._source.now)

    def restore(self, entity: Entity) -> None:
        """Put a deleted entity back as it was."""
        self._set_deleted(entity, None)

    def _set_deleted(self, entity: Entity, deleted_at: datetime | None) -> None:
        entity.deleted_at, entity.updated_at = deleted_at, self._source.now
        self._bump(entity.list_id, entity.place_code)

    def compute(self, entity: Entity, computed: dict[str, str]) -> None:
        """Write what the server works out: no conflict, no version of its own (`entities.computing`)."""
        entity.computed = computed
        entity.version += 1
        self._bump(entity.list_id, entity.place_code, once=True)

    def finish(self) -> None:
        """Write all of it; the stamps last, because many wait for the row of a commune."""
        self._session.flush()
        if self._versions:
            rows = [{"entity_id": entity.id, **values} for entity, values in self._versions]
            self._session.connection().execute(_NEW_VERSIONS, rows)
            self._versions.clear()
        for (list_id, commune), by in sorted(self._stamps.items()):
            bump(self._session, list_id, commune, by=by)
        self._stamps.clear()
        for list_id, codes in self._places.items():
            mark_members(self._session, list_id, codes)
        self._places.clear()

    def _bump(self, list_id: int, place_code: str | None, *, once: bool = False) -> None:
        self._places.setdefault(list_id, set()).add(place_code)
        key = list_id, self._placing.commune(place_code)
        self._stamps[key] = 1 if once else self._stamps[key] + 1

    def _add_version(self, entity: Entity, change: Change, trace: Trace) -> None:
        values = {
            "version": entity.version,
            "label": entity.label,
            "data": dict(entity.data),
            "received": change.received,
            "base_version": trace.base_version,
            "trunk_version": trace.trunk_version,
            "branch_id": trace.branch_id,
            "branch_base_version": trace.branch_base_version,
            "conflict": trace.conflict,
            "conflicting": list(trace.conflicting),
            "submission_version_id": self._source.submission_version_id,
            "batch_id": self._source.batch_id,
            "user_agent": self._source.user_agent,
            "creator_id": self._source.actor_id,
            "created_at": self._source.now,
        }
        self._versions.append((entity, values))


def bump(session: Session, list_id: int, commune: str, *, by: int = 1) -> None:
    """Count a change to a list within a commune, seen by whoever sees it."""
    here = {"of": list_id, "where": commune, "by": by}
    connection = session.connection()
    if not connection.execute(_BUMP, here).all():
        # Two who are first at once clash here; one of them begins again.
        connection.execute(_FIRST, here)


_STAMPS = Base.metadata.tables["entity_stamps"]
_BUMP = (
    update(_STAMPS)
    .where(_STAMPS.c.list_id == bindparam("of"), _STAMPS.c.commune_code == bindparam("where"))
    .values(stamp=_STAMPS.c.stamp + bindparam("by"))
    .returning(_STAMPS.c.stamp)
)
_FIRST = insert(_STAMPS).values(
    list_id=bindparam("of"), commune_code=bindparam("where"), stamp=bindparam("by")
)
