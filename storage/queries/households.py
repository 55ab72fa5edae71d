"""Households as units of work: who is to visit them, who has, which are to be visited again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from forms.places import COMMUNE, VILLAGE
from storage.groups import in_groups
from storage.models import (
    Actor,
    Batch,
    BatchItem,
    Entity,
    EntityList,
    EntityStamp,
    EntityVersion,
    Place,
    PlacePath,
    SubmissionVersion,
)

LIST = "households"


@dataclass(frozen=True, slots=True, eq=False)
class Household:
    """A live household of the list. `surveyed_by` and `surveyed_at` are of its last visit by a form."""

    uuid: str
    label: str
    village: str
    computed: Mapping[str, str]
    surveyed_at: datetime | None = None
    surveyed_by: int | None = None
    surveyor: str = ""

    @property
    def enumerator(self) -> str:
        """Who is to visit it, by name; "" for nobody."""
        return self.computed.get("enumerator", "")

    @property
    def enumerator_id(self) -> int | None:
        """The same as the number of his phone."""
        number = self.computed.get("enumerator_id", "")
        return int(number) if number.isdigit() else None

    @property
    def to_recheck(self) -> bool:
        """Whether it was drawn for a second visit."""
        return self.computed.get("recheck") == "1"


def household_list(session: Session, project_id: int) -> EntityList | None:
    """The list of households of a project, None before the first form that makes one is published."""
    return session.scalars(
        select(EntityList).where(EntityList.project_id == project_id, EntityList.name == LIST)
    ).one_or_none()


def villages_in(session: Session, place: str) -> list[Place]:
    """The villages in force in a place, or the one it is, in the order of the alphabet."""
    inside = select(PlacePath.descendant).where(PlacePath.ancestor == place, PlacePath.valid_to.is_(None))
    return list(
        session.scalars(
            select(Place)
            .where(Place.code.in_(inside), Place.level == VILLAGE, Place.valid_to.is_(None))
            .order_by(Place.sort_key, Place.code)
        )
    )


def communes_seen(session: Session, list_id: int, limit: int) -> list[Place]:
    """Communes in force to choose from: those whose households the list has had."""
    known = select(EntityStamp.commune_code).where(EntityStamp.list_id == list_id)
    query = select(Place).where(Place.code.in_(known), Place.level == COMMUNE, Place.valid_to.is_(None))
    return list(session.scalars(query.order_by(Place.sort_key, Place.code).limit(limit)))


def households_of(
    session: Session, list_id: int, villages: Collection[str], *, since: datetime
) -> list[Household]:
    """The households of these villages, by village and name, each with its last visit since a moment."""
    found: list[Household] = []
    for some in in_groups(sorted(villages)):
        found += _households(session, list_id, some, since)
    return found


def _households(session: Session, list_id: int, villages: Sequence[str], since: datetime) -> list[Household]:
    where = (Entity.list_id == list_id, Entity.deleted_at.is_(None), Entity.place_code.in_(villages))
    visits = _visits(session, where, since)
    rows = session.execute(
        select(Entity.id, Entity.uuid, Entity.label, Entity.place_code, Entity.computed)
        .where(*where)
        .order_by(Entity.place_code, Entity.label, Entity.id)
    )
    return [
        Household(row.uuid, row.label, row.place_code or "", row.computed, *visits.get(row.id, ()))
        for row in rows
    ]


def _visits(
    session: Session, where: Sequence[ColumnElement[bool]], since: datetime
) -> dict[int, tuple[datetime, int | None, str]]:
    """The last version of each entity that a form brought: when, by whom, his name."""
    last = (
        select(EntityVersion.entity_id, func.max(EntityVersion.version).label("version"))
        .join(Entity, Entity.id == EntityVersion.entity_id)
        .where(*where, EntityVersion.submission_version_id.is_not(None), EntityVersion.created_at >= since)
        .group_by(EntityVersion.entity_id)
        .subquery()
    )
    mine = (last.c.entity_id == EntityVersion.entity_id) & (last.c.version == EntityVersion.version)
    rows = session.execute(
        select(
            EntityVersion.entity_id,
            EntityVersion.created_at,
            SubmissionVersion.submitter_id,
            Actor.display_name,
        )
        .join(last, mine)
        .join(SubmissionVersion, SubmissionVersion.id == EntityVersion.submission_version_id)
        .outerjoin(Actor, Actor.id == SubmissionVersion.submitter_id)
    )
    return {entity: (visited, number, name or "") for entity, visited, number, name in rows}


def households_by(session: Session, list_id: int, uuids: Collection[str]) -> list[Household]:
    """The live households of these ids, without their visits."""
    found = []
    for some in in_groups(sorted(uuids)):
        rows = session.execute(
            select(Entity.uuid, Entity.label, Entity.place_code, Entity.computed).where(
                Entity.list_id == list_id,
                Entity.deleted_at.is_(None),
                Entity.uuid.in_(some),
            )
        )
        found += [Household(row.uuid, row.label, row.place_code or "", row.computed) for row in rows]
    return found


def items_of(session: Session, batch: Batch) -> dict[str, Mapping[str, str]]:
    """The households a batch changed, each with the computed properties it had before."""
    query = select(BatchItem.key, BatchItem.before).where(
        BatchItem.batch_id == batch.id, BatchItem.noun == "household"
    )
    return {row.key: row.before or {} for row in session.execute(query.order_by(BatchItem.id))}
