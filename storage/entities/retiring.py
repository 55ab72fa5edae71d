"""Entity lists and properties that nobody needs any more: whether they are in use, and taking them away.

A list that is deleted keeps its entities and its file, but no name: see `EntityList`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, cast, func, select
from sqlalchemy.orm import Session

from storage.audits import note, of_dataset
from storage.cells.marks import list_source, mark, mark_definitions
from storage.cuts import within
from storage.entities.lists import properties
from storage.entities.problems import (
    EntityListInUse,
    EntityListNotFound,
    EntityPropertyInUse,
    EntityPropertyNotFound,
)
from storage.entities.uses import Use, property_writers, uses_of
from storage.models import Entity, EntityList
from storage.queries.projects import touch_forms
from storage.scope import WHOLE

_SHOWN = 3


def delete_list(session: Session, of: EntityList, *, actor_id: int | None, now: datetime) -> None:
    """Take a list away that no form writes or reads, drafts included. Raises EntityListInUse."""
    used = uses_of(session, of)
    if used.forms:
        raise EntityListInUse(
            list=of.name,
            forms=", ".join(used.forms),
            sourceForms=plain(used.writers),
            linkedForms=plain(used.readers),
            draftSourceForms=plain(used.draft_writers),
            draftLinkedForms=plain(used.draft_readers),
        )
    note(session, "dataset.delete", actee=of_dataset(of), actor_id=actor_id, now=now)
    mark(session, of.project_id, list_source(of.name), None, None)
    mark_definitions(session, of.project_id)
    of.deleted_name, of.name, of.deleted_at = of.name, f"~{of.id}", now
    of.follows = None
    touch_forms(session, of.project_id)
    session.flush()


def plain(uses: Iterable[Use]) -> list[dict[str, str]]:
    """Forms as the wire names them."""
    return [
        {"name": one.name, "xmlFormId": one.xml_form_id}
        | ({"repeatPath": f"{one.repeat}/"} if one.repeat else {})
        for one in uses
    ]


def deleted_list(session: Session, project_id: int, number: int) -> EntityList:
    """A list of a project that was deleted, by its number. Raises EntityListNotFound."""
    found = session.get(EntityList, number)
    if found is None or found.project_id != project_id or not found.deleted_name:
        raise EntityListNotFound(list=str(number))
    return found


def delete_property(
    session: Session, of: EntityList, name: str, *, actor_id: int | None, now: datetime
) -> None:
    """Take a property away that no published form writes and that is blank in every entity.

    Raises EntityPropertyNotFound, EntityPropertyInUse.
    """
    known = next((one for one in properties(session, of.id) if one.name == name), None)
    if known is None:
        raise EntityPropertyNotFound(list=of.name, name=name[:100])
    writers = property_writers(session, of).get(name, [])
    with within(WHOLE):
        # What others wrote where one sees nothing is not to be lost either; he is told how much, not what.
        holds = _says_something(name)
        filled = session.scalar(
            select(func.count()).where(Entity.list_id == of.id, Entity.deleted_at.is_(None), holds)
        )
    if writers or filled:
        raise EntityPropertyInUse(
            name=name,
            forms=len(writers),
            entities=filled,
            prerequisites=_prerequisites(session, of, name, writers, filled or 0),
        )
    session.delete(known)
    if of.place_property == name:
        of.place_property = None
    of.stamp = EntityList.stamp + 1
    note(
        session,
        "dataset.update.property.delete",
        actee=of_dataset(of),
        details={"properties": [name]},
        actor_id=actor_id,
        now=now,
    )
    session.flush()
    session.refresh(of)


def _says_something(name: str) -> ColumnElement[bool]:
    return func.trim(func.coalesce(_value(Entity.data, name), _value(Entity.computed, name), "")) != ""


def _value(column: Any, name: str) -> ColumnElement[str]:
    return cast(column[name].as_string(), String)


def _prerequisites(
    session: Session, of: EntityList, name: str, writers: list[Use], filled: int
) -> dict[str, Any]:
    """What stands in the way, as Central tells it: the forms, and some of the entities one sees."""
    some = session.execute(
        select(Entity.uuid, Entity.label)
        .where(Entity.list_id == of.id, Entity.deleted_at.is_(None), _says_something(name))
        .limit(_SHOWN)
    )
    told: dict[str, Any] = {}
    if writers:
        told["dependentForms"] = {"details": {"forms": plain(writers)}}
    if filled:
        entities = [{"uuid": uuid, "label": label} for uuid, label in some]
        told["nonEmptyEntities"] = {"details": {"totalCount": filled, "entities": entities}}
    return told
