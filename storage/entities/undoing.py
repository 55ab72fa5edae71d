"""A batch taken back from the entities it made or changed; what somebody changed since stays."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import case, delete, func, select
from sqlalchemy.orm import Session

from forms.entities import Change, State
from storage.cells.marks import mark_members
from storage.entities.placing import Placing
from storage.entities.writing import Changes, Source, bump, find_many, lock
from storage.models import Entity, EntityList, EntityVersion


def touched(session: Session, batch_id: int) -> Sequence[tuple[int, str]]:
    """List and uuid of every entity a batch made or changed."""
    rows = session.execute(
        select(Entity.list_id, Entity.uuid)
        .join(EntityVersion, EntityVersion.entity_id == Entity.id)
        .where(EntityVersion.batch_id == batch_id)
        .group_by(Entity.list_id, Entity.uuid)
        .order_by(Entity.list_id, Entity.uuid)
    )
    return [(row[0], row[1]) for row in rows]


def touched_among(session: Session, batch_id: int, list_id: int, uuids: Collection[str]) -> set[str]:
    """Those of some hundred entities of a list that a batch has made or changed so far."""
    rows = session.scalars(
        select(Entity.uuid)
        .join(EntityVersion, EntityVersion.entity_id == Entity.id)
        .where(EntityVersion.batch_id == batch_id, Entity.list_id == list_id, Entity.uuid.in_(sorted(uuids)))
    )
    return set(rows)


def take_back(session: Session, batch_id: int, several: Sequence[tuple[int, str]], source: Source) -> int:
    """Bring some entities back to what they were before a batch, some hundred at once; returns how many.

    `several` are lists and uuids, list by list. What the batch made is deleted; what it changed gets a new
    version that says what the one before said.
    """
    lock(session, [uuid for _list, uuid in several])
    changes = Changes(session, source)
    taken = 0
    for list_id, pairs in groupby(several, key=lambda pair: pair[0]):
        of = session.get_one(EntityList, list_id)
        known = find_many(session, list_id, [uuid for _list, uuid in pairs])
        living = {one.id: one for one in known.values() if one.deleted_at is None}
        written = _written(session, batch_id, living)
        before = _before(session, batch_id, living)
        for number, versions in written.items():
            # What the server worked out since has a number, but is nobody's change.
            if versions.newest != versions.last:
                continue
            entity = living[number]
            if number in before:
                changes.update(of, entity, _back(entity, before[number]))
            else:
                changes.delete(entity)
            taken += 1
    changes.finish()
    return taken


class _Written(NamedTuple):
    """The last version of an entity that the batch wrote, and the last that anybody did."""

    last: int
    newest: int


def _written(session: Session, batch_id: int, numbers: Collection[int]) -> Mapping[int, _Written]:
    mine = func.max(case((EntityVersion.batch_id == batch_id, EntityVersion.version)))
    rows = session.execute(
        select(EntityVersion.entity_id, mine, func.max(EntityVersion.version))
        .where(EntityVersion.entity_id.in_(sorted(numbers)))
        .group_by(EntityVersion.entity_id)
    )
    return {number: _Written(last, newest) for number, last, newest in rows if last is not None}


def _before(session: Session, batch_id: int, numbers: Collection[int]) -> Mapping[int, State]:
    """What entities were before a batch; those it made are left out."""
    first = (
        select(EntityVersion.entity_id, func.min(EntityVersion.version).label("version"))
        .where(EntityVersion.batch_id == batch_id, EntityVersion.entity_id.in_(sorted(numbers)))
        .group_by(EntityVersion.entity_id)
        .subquery()
    )
    last = (
        select(EntityVersion.entity_id, func.max(EntityVersion.version).label("version"))
        .join(first, first.c.entity_id == EntityVersion.entity_id)
        .where(EntityVersion.version < first.c.version)
        .group_by(EntityVersion.entity_id)
        .subquery()
    )
    mine = (last.c.entity_id == EntityVersion.entity_id) & (last.c.version == EntityVersion.version)
    rows = session.execute(
        select(EntityVersion.entity_id, EntityVersion.label, EntityVersion.data).join(last, mine)
    )
    return {number: State(label, data) for number, label, data in rows}


def _back(entity: Entity, before: State) -> Change:
    added = dict.fromkeys(entity.data.keys() - before.data.keys(), "")
    return Change(entity.uuid, before.label, {**added, **before.data})


def erase(session: Session, batch_id: int, size: int) -> int:
    """Remove some of what a batch made as if it had never been; returns how many, 0 when nothing is left.

    Only for a batch that broke off, of which nobody was told: what somebody changed since stays.
    """
    known = session.scalars(
        select(Entity)
        .join(EntityVersion, EntityVersion.entity_id == Entity.id)
        .where(EntityVersion.batch_id == batch_id, EntityVersion.version == 1, Entity.version == 1)
        .limit(size)
    ).all()
    lock(session, [one.uuid for one in known])
    placing, communes = Placing(session), set()
    codes: dict[int, set[str | None]] = {}
    for one in known:
        codes.setdefault(one.list_id, set()).add(one.place_code)
        communes.add((one.list_id, placing.commune(one.place_code)))
    numbers = [one.id for one in known]
    session.execute(delete(EntityVersion).where(EntityVersion.entity_id.in_(numbers)))
    session.execute(delete(Entity).where(Entity.id.in_(numbers)))
    for list_id, commune in sorted(communes):
        bump(session, list_id, commune)
    for list_id, several in codes.items():
        mark_members(session, list_id, several)
    return len(known)
