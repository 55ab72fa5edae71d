"""What hangs together with a record: the entities it made, and the members that name one of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from storage.models import Entity, EntityList, EntityProperty, EntityVersion, SubmissionVersion

_ENDING = "_id"
"""Properties that name a member of another list end so: `household_id`."""


@dataclass(frozen=True, slots=True)
class Member:
    """A living entity: its list and id; `name` is the property that names another one."""

    list_id: int
    uuid: str
    name: str = ""


def made_by(session: Session, submission_id: int, list_name: str) -> list[Member]:
    """The living entities of a list that a record made."""
    rows = session.execute(
        select(Entity.list_id, Entity.uuid)
        .join(EntityVersion, EntityVersion.entity_id == Entity.id)
        .join(SubmissionVersion, SubmissionVersion.id == EntityVersion.submission_version_id)
        .join(EntityList, EntityList.id == Entity.list_id)
        .where(
            SubmissionVersion.submission_id == submission_id,
            EntityVersion.version == 1,
            EntityList.name == list_name,
            Entity.deleted_at.is_(None),
        )
        .order_by(Entity.id)
    )
    return [Member(list_id, uuid) for list_id, uuid in rows]


def naming(session: Session, project_id: int, uuid: str) -> Iterator[Member]:
    """The living entities of a project that name that one in a property."""
    rows = session.execute(
        select(EntityProperty.list_id, EntityProperty.name)
        .join(EntityList, EntityList.id == EntityProperty.list_id)
        .where(
            EntityList.project_id == project_id,
            EntityList.deleted_at.is_(None),
            EntityProperty.name.endswith(_ENDING, autoescape=True),
        )
        .order_by(EntityProperty.list_id, EntityProperty.name)
    ).all()
    names: dict[int, list[str]] = {}
    for list_id, name in rows:
        names.setdefault(list_id, []).append(name)
    for list_id, several in names.items():
        found = session.execute(
            select(Entity.uuid, Entity.data)
            .where(
                Entity.list_id == list_id,
                Entity.deleted_at.is_(None),
                or_(*(Entity.data[name].as_string() == uuid for name in several)),
            )
            .order_by(Entity.id)
        )
        for other, data in found:
            yield from (Member(list_id, other, name) for name in several if data.get(name) == uuid)
