"""Entities as the office writes them: made, changed, judged, deleted and put back by a person or a program.

Every function holds the entity's lock itself; call it at the beginning of a transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy.orm import Session

from forms.entities import Change, entity_uuid
from forms.problems import EntityLabelMissing
from storage.audits import note, of_dataset, of_entity
from storage.cuts import within
from storage.entities.lists import properties
from storage.entities.problems import (
    EntityChangedMeanwhile,
    EntityExists,
    EntityIdsDeleted,
    EntityNotFound,
    EntityNotInConflict,
    EntityPropertyComputed,
    EntityPropertyUnknown,
)
from storage.entities.reading import get_entity, known_among, purged_among
from storage.entities.writing import Changes, Source, Trace, find, find_many, lock
from storage.models import Entity, EntityList
from storage.scope import WHOLE

_SHOWN = 10
"""Ids that are named in a refusal."""


@dataclass(frozen=True, slots=True)
class Written:
    """What somebody writes of an entity: properties and label that are not there stay as they are."""

    uuid: str
    label: str | None = None
    data: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a change rests on. `base_version` None: on whatever is there; `resolve`: it ends the conflict."""

    base_version: int | None = None
    resolve: bool = False


def create(session: Session, where: EntityList, several: Sequence[Written], source: Source) -> list[Entity]:
    """Make entities, all of them or none; for a whole file, some hundred in each transaction.

    Raises EntityIdUnusable, EntityLabelMissing, EntityPropertyUnknown, EntityPropertyComputed, EntityExists,
    EntityIdsDeleted.
    """
    require_properties(session, where, several)
    changes = [Change(entity_uuid(one.uuid), (one.label or "").strip(), one.data) for one in several]
    seen: set[str] = set()
    for change in changes:
        if not change.label:
            raise EntityLabelMissing(uuid=change.uuid)
        if change.uuid in seen:
            raise EntityExists(uuid=change.uuid, list=where.name)
        seen.add(change.uuid)
    lock(session, seen)
    require_free(session, where, [change.uuid for change in changes])
    writing = Changes(session, source)
    made = writing.create_many(where, changes)
    writing.finish()
    if source.batch_id is None:
        _note_made(session, where, made, source)
    return made


def require_free(session: Session, where: EntityList, uuids: Sequence[str]) -> None:
    """Refuse ids that the list knows already, wherever their entities lie, deleted for good ones too.

    Raises EntityExists, EntityIdsDeleted.
    """
    with within(WHOLE):
        taken = known_among(session, where.id, uuids)
        purged = purged_among(session, where.id, uuids)
    gone = [uuid for uuid in uuids if uuid in purged or (uuid in taken and taken[uuid][0])]
    if gone:
        raise EntityIdsDeleted(uuids=", ".join(gone[:_SHOWN]))
    for known in taken:
        raise EntityExists(uuid=known, list=where.name)


def _note_made(session: Session, where: EntityList, made: Sequence[Entity], source: Source) -> None:
    if len(made) == 1:
        _note(session, "entity.create", where, made[0], source)
    elif made:
        note(
            session,
            "entity.bulk.create",
            actee=of_dataset(where),
            details={"count": len(made)},
            actor_id=source.actor_id,
            now=source.now,
        )


def _note(session: Session, action: str, where: EntityList, one: Entity, source: Source) -> None:
    note(
        session,
        action,
        actee=of_entity(where, one),
        details={"entityId": one.id, "entity": {"uuid": one.uuid, "dataset": where.name}},
        actor_id=source.actor_id,
        now=source.now,
    )


def update(
    session: Session, where: EntityList, written: Written, source: Source, terms: Terms | None = None
) -> Entity:
    """Write the next version of an entity.

    Raises EntityNotFound, EntityPropertyUnknown, EntityPropertyComputed, EntityChangedMeanwhile,
    EntityNotInConflict, and EntityLabelMissing for a label that is given and blank.
    """
    asked = terms or Terms()
    entity = _locked(session, where, written.uuid)
    _require_terms(entity, asked)
    require_properties(session, where, [written])
    if written.label is not None and not written.label.strip():
        raise EntityLabelMissing(uuid=entity.uuid)
    writing = Changes(session, source)
    change = Change(entity.uuid, (written.label or "").strip(), written.data)
    writing.update(where, entity, change, Trace(base_version=entity.version))
    if asked.resolve:
        _settle(entity)
    writing.finish()
    _note(session, "entity.update.version", where, entity, source)
    if asked.resolve:
        _note(session, "entity.update.resolve", where, entity, source)
    return entity


def _require_terms(entity: Entity, asked: Terms) -> None:
    if asked.resolve and entity.conflict is None:
        raise EntityNotInConflict(uuid=entity.uuid)
    if asked.base_version not in {None, entity.version}:
        raise EntityChangedMeanwhile(uuid=entity.uuid, current=entity.version, provided=asked.base_version)


def _settle(entity: Entity) -> None:
    entity.conflict, entity.resolved_version = None, entity.version


def update_many(session: Session, where: EntityList, several: Sequence[Written], source: Source) -> None:
    """Write the next version of each of these entities, all of them or none; some hundred at once.

    Raises EntityNotFound, EntityPropertyUnknown, EntityLabelMissing as `update` does.
    """
    require_properties(session, where, several)
    by_id = {entity_uuid(one.uuid): one for one in several}
    lock(session, by_id)
    known = find_many(session, where.id, by_id)
    writing = Changes(session, source)
    for number, one in by_id.items():
        entity = known.get(number)
        if entity is None or entity.deleted_at is not None:
            raise EntityNotFound(uuid=number, list=where.name)
        if one.label is not None and not one.label.strip():
            raise EntityLabelMissing(uuid=number)
        writing.update(where, entity, Change(number, (one.label or "").strip(), one.data))
    writing.finish()


def resolve(
    session: Session, where: EntityList, uuid: str, source: Source, terms: Terms | None = None
) -> Entity:
    """Somebody has looked at a conflict and leaves the entity as it is; phones need not be told.

    Raises EntityNotFound, EntityNotInConflict, EntityChangedMeanwhile.
    """
    entity = _locked(session, where, uuid)
    _require_terms(entity, replace(terms or Terms(), resolve=True))
    _settle(entity)
    entity.updated_at = source.now
    session.flush()
    _note(session, "entity.update.resolve", where, entity, source)
    return entity


def delete(session: Session, where: EntityList, uuid: str, source: Source) -> Entity:
    """Take an entity out of every list. Raises EntityNotFound, also for one that is out already."""
    entity = _locked(session, where, uuid)
    writing = Changes(session, source)
    writing.delete(entity)
    writing.finish()
    _note(session, "entity.delete", where, entity, source)
    return entity


def restore(session: Session, where: EntityList, uuid: str, source: Source) -> Entity:
    """Put a deleted entity back. Raises EntityNotFound, also for one that is not out."""
    entity = _locked(session, where, uuid, deleted=True)
    writing = Changes(session, source)
    writing.restore(entity)
    writing.finish()
    _note(session, "entity.restore", where, entity, source)
    return entity


def turn_out(
    session: Session, where: EntityList, uuids: Collection[str], source: Source, *, back: bool = False
) -> list[str]:
    """Take those of some hundred entities out that are in, or with `back` put those in that are out.

    Returns their ids; what the list does not know, or is so already, is left as it is. The caller notes it.
    """
    lock(session, uuids)
    writing = Changes(session, source)
    several = [
        one for one in find_many(session, where.id, uuids).values() if (one.deleted_at is not None) is back
    ]
    for entity in several:
        (writing.restore if back else writing.delete)(entity)
    writing.finish()
    return [one.uuid for one in several]


def _locked(session: Session, where: EntityList, uuid: str, *, deleted: bool = False) -> Entity:
    number = entity_uuid(uuid)
    lock(session, [number])
    if find(session, where.id, number) is None:
        raise EntityNotFound(uuid=number, list=where.name)
    return get_entity(session, where, number, deleted=deleted)


def require_properties(session: Session, where: EntityList, several: Iterable[Written]) -> None:
    """Refuse properties that nobody may write. Raises EntityPropertyUnknown, EntityPropertyComputed."""
    known = {one.name: one.computed for one in properties(session, where.id)}
    for name in {name for one in several for name in one.data}:
        if name not in known:
            raise EntityPropertyUnknown(list=where.name, name=name[:100])
        if known[name]:
            raise EntityPropertyComputed(list=where.name, name=name)
