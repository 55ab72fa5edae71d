"""Entities as the office writes them: made, changed, judged, deleted and put back by a person or a program.

Every function holds the entity's lock itself; call it at the beginning of a transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from forms.entities import Change, entity_uuid
from forms.problems import EntityLabelMissing
from storage.cuts import within
from storage.entities.lists import property_names
from storage.entities.problems import (
    EntityChangedMeanwhile,
    EntityExists,
    EntityNotFound,
    EntityNotInConflict,
    EntityPropertyUnknown,
)
from storage.entities.reading import get_entity, known_among
from storage.entities.writing import Changes, Source, Trace, find, find_many, lock
from storage.models import Entity, EntityList
from storage.scope import WHOLE


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

    Raises EntityIdUnusable, EntityLabelMissing, EntityPropertyUnknown, EntityExists (also for a deleted one).
    """
    _require_properties(session, where, several)
    changes = [Change(entity_uuid(one.uuid), (one.label or "").strip(), one.data) for one in several]
    seen: set[str] = set()
    for change in changes:
        if not change.label:
            raise EntityLabelMissing(uuid=change.uuid)
        if change.uuid in seen:
            raise EntityExists(uuid=change.uuid, list=where.name)
        seen.add(change.uuid)
    lock(session, seen)
    with within(WHOLE):
        # An id is taken wherever its entity lies.
        taken = known_among(session, where.id, [change.uuid for change in changes])
    for known in taken:
        raise EntityExists(uuid=known, list=where.name)
    writing = Changes(session, source)
    made = writing.create_many(where, changes)
    writing.finish()
    return made


def update(
    session: Session, where: EntityList, written: Written, source: Source, terms: Terms | None = None
) -> Entity:
    """Write the next version of an entity.

    Raises EntityNotFound, EntityPropertyUnknown, EntityChangedMeanwhile, EntityNotInConflict, and
    EntityLabelMissing for a label that is given and blank.
    """
    _require_properties(session, where, [written])
    asked = terms or Terms()
    entity = _locked(session, where, written.uuid)
    if asked.base_version not in {None, entity.version}:
        raise EntityChangedMeanwhile(uuid=entity.uuid, current=entity.version, provided=asked.base_version)
    if asked.resolve and entity.conflict is None:
        raise EntityNotInConflict(uuid=entity.uuid)
    if written.label is not None and not written.label.strip():
        raise EntityLabelMissing(uuid=entity.uuid)
    writing = Changes(session, source)
    change = Change(entity.uuid, (written.label or "").strip(), written.data)
    writing.update(where, entity, change, Trace(base_version=entity.version))
    if asked.resolve:
        entity.conflict = None
    writing.finish()
    return entity


def update_many(session: Session, where: EntityList, several: Sequence[Written], source: Source) -> None:
    """Write the next version of each of these entities, all of them or none; some hundred at once.

    Raises EntityNotFound, EntityPropertyUnknown, EntityLabelMissing as `update` does.
    """
    _require_properties(session, where, several)
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


def resolve(session: Session, where: EntityList, uuid: str) -> Entity:
    """Somebody has looked at a conflict and leaves the entity as it is; phones need not be told.

    Raises EntityNotFound, EntityNotInConflict.
    """
    entity = _locked(session, where, uuid)
    if entity.conflict is None:
        raise EntityNotInConflict(uuid=entity.uuid)
    entity.conflict = None
    session.flush()
    return entity


def delete(session: Session, where: EntityList, uuid: str, source: Source) -> Entity:
    """Take an entity out of every list. Raises EntityNotFound, also for one that is out already."""
    entity = _locked(session, where, uuid)
    writing = Changes(session, source)
    writing.delete(entity)
    writing.finish()
    return entity


def restore(session: Session, where: EntityList, uuid: str, source: Source) -> Entity:
    """Put a deleted entity back. Raises EntityNotFound, also for one that is not out."""
    entity = _locked(session, where, uuid, deleted=True)
    writing = Changes(session, source)
    writing.restore(entity)
    writing.finish()
    return entity


def _locked(session: Session, where: EntityList, uuid: str, *, deleted: bool = False) -> Entity:
    number = entity_uuid(uuid)
    lock(session, [number])
    if find(session, where.id, number) is None:
        raise EntityNotFound(uuid=number, list=where.name)
    return get_entity(session, where, number, deleted=deleted)


def _require_properties(session: Session, where: EntityList, several: Sequence[Written]) -> None:
    known = set(property_names(session, where.id))
    for one in several:
        for name in one.data:
            if name not in known:
                raise EntityPropertyUnknown(list=where.name, name=name[:100])
