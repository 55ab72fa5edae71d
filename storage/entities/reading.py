"""Entities as they are asked for: one, a list cut to places, what changed, what waits, what is in conflict.

A phone's file of a list is a long thing: `rows` is an iterator, to be read inside a snapshot together with
the stamps its hash is made of, so that a hash is never newer than the rows it stands for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from storage.entities.problems import EntityNotFound
from storage.groups import in_groups
from storage.models import (
    Entity,
    EntityHeld,
    EntityList,
    EntityOutcome,
    EntityStamp,
    Purged,
    SubmissionVersion,
)

_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Row:
    """An entity as a phone gets it. `data`: the properties that were written; `computed`: the server's."""

    uuid: str
    label: str
    version: int
    data: Mapping[str, str]
    computed: Mapping[str, str]
    place_code: str | None


Places = Select[Any] | Collection[str] | None
"""Which place codes to cut a list to: a query of codes, the codes, or None for all and those without."""


def within(places: Places) -> ColumnElement[bool] | None:
    """The condition that an entity lies in those places; None where there is no cut."""
    return None if places is None else Entity.place_code.in_(places)


def rows(session: Session, list_id: int, places: Places = None) -> Iterator[Row]:
    """The live entities of a list in those places, oldest first, read in pages."""
    query = (
        select(
            Entity.id,
            Entity.uuid,
            Entity.label,
            Entity.version,
            Entity.data,
            Entity.computed,
            Entity.place_code,
        )
        .where(Entity.list_id == list_id, Entity.deleted_at.is_(None))
        .order_by(Entity.id)
    )
    cut = within(places)
    if cut is not None:
        query = query.where(cut)
    result = session.execute(query.execution_options(yield_per=_AT_ONCE))
    for one in result:
        yield Row(one.uuid, one.label, one.version, one.data, one.computed, one.place_code)


def count(session: Session, list_id: int, places: Places = None) -> int:
    """How many live entities a list has in those places."""
    query = select(func.count()).where(Entity.list_id == list_id, Entity.deleted_at.is_(None))
    cut = within(places)
    return session.scalar(query if cut is None else query.where(cut)) or 0


def stamps(session: Session, list_id: int) -> dict[str, int]:
    """How often a list changed, by commune ("" without a place; a district or province where that is all).

    With `EntityList.stamp` that is what the hash of a list is made of: a person's is over the communes he
    sees. One row for each commune the list has ever had an entity in.
    """
    found = session.execute(
        select(EntityStamp.commune_code, EntityStamp.stamp).where(EntityStamp.list_id == list_id)
    )
    return {row.commune_code: row.stamp for row in found}


def get_entity(session: Session, of: EntityList, uuid: str, *, deleted: bool = False) -> Entity:
    """The live entity of that id; with `deleted` one that is out. Raises EntityNotFound."""
    state = Entity.deleted_at.is_not(None) if deleted else Entity.deleted_at.is_(None)
    found = session.scalars(
        select(Entity).where(Entity.list_id == of.id, Entity.uuid == uuid, state)
    ).one_or_none()
    if found is None:
        raise EntityNotFound(uuid=uuid, list=of.name)
    return found


def known_among(session: Session, list_id: int, uuids: Sequence[str]) -> dict[str, tuple[bool, str | None]]:
    """Of those ids, the ones the list knows: whether each is deleted, and its place."""
    found: dict[str, tuple[bool, str | None]] = {}
    for some in in_groups(uuids):
        several = session.execute(
            select(Entity.uuid, Entity.deleted_at, Entity.place_code).where(
                Entity.list_id == list_id, Entity.uuid.in_(some)
            )
        )
        found.update({one.uuid: (one.deleted_at is not None, one.place_code) for one in several})
    return found


def purged_among(session: Session, list_id: int, uuids: Sequence[str]) -> set[str]:
    """Of those ids, the ones whose entities of the list were deleted for good."""
    found: set[str] = set()
    for some in in_groups(uuids):
        query = select(Purged.key).where(
            Purged.kind == "entity", Purged.owner_id == list_id, Purged.key.in_(some)
        )
        found.update(session.scalars(query))
    return found


def in_conflict(session: Session, list_id: int, places: Places = None) -> Sequence[Entity]:
    """The entities somebody has to look at, hard conflicts first."""
    query = select(Entity).where(
        Entity.list_id == list_id, Entity.conflict.is_not(None), Entity.deleted_at.is_(None)
    )
    cut = within(places)
    query = query if cut is None else query.where(cut)
    return session.scalars(query.order_by(Entity.conflict, Entity.id)).all()


def held(session: Session, list_id: int | None = None) -> Sequence[EntityHeld]:
    """The changes that wait for an earlier one, longest waiting first; of one list, or of all."""
    query = select(EntityHeld).order_by(EntityHeld.held_at, EntityHeld.id)
    return session.scalars(query if list_id is None else query.where(EntityHeld.list_id == list_id)).all()


def outcome_of(session: Session, submission_id: int) -> EntityOutcome | None:
    """What became of the entities of a record; None where it brought none."""
    return session.scalars(
        select(EntityOutcome)
        .join(SubmissionVersion, SubmissionVersion.id == EntityOutcome.submission_version_id)
        .where(SubmissionVersion.submission_id == submission_id)
    ).first()
