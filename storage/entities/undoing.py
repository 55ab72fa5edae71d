"""A batch taken back from the entities it made or changed; what somebody changed since stays."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forms.entities import Change
from storage.entities.writing import Changes, Source, find, lock
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


def take_back(session: Session, batch_id: int, several: Sequence[tuple[int, str]], source: Source) -> int:
    """Bring some entities back to what they were before a batch, some hundred at once; returns how many.

    What the batch made is deleted; what it changed gets a new version that says what the one before said.
    """
    lock(session, [uuid for _list, uuid in several])
    changes = Changes(session, source)
    taken = 0
    for list_id, uuid in several:
        entity = find(session, list_id, uuid)
        if entity is None or entity.deleted_at is not None:
            continue
        first, last = session.execute(
            select(func.min(EntityVersion.version), func.max(EntityVersion.version)).where(
                EntityVersion.entity_id == entity.id, EntityVersion.batch_id == batch_id
            )
        ).one()
        # What the server worked out since has a number, but is nobody's change.
        if newest_version(session, entity.id) != last:
            continue
        if first == 1:
            changes.delete(entity)
        else:
            changes.update(session.get_one(EntityList, list_id), entity, _before(session, entity, first - 1))
        taken += 1
    changes.finish()
    return taken


def newest_version(session: Session, entity_id: int) -> int:
    """The last version of an entity that somebody wrote."""
    newest = select(func.max(EntityVersion.version)).where(EntityVersion.entity_id == entity_id)
    return session.scalar(newest) or 0


def _before(session: Session, entity: Entity, version: int) -> Change:
    old = session.scalars(
        select(EntityVersion)
        .where(EntityVersion.entity_id == entity.id, EntityVersion.version <= version)
        .order_by(EntityVersion.version.desc())
        .limit(1)
    ).one()
    added = dict.fromkeys(entity.data.keys() - old.data.keys(), "")
    return Change(entity.uuid, old.label, {**added, **old.data})
