"""Entities of a list for OData, CSV and maps: which a `$filter` and a `$search` mean, and their rows.

Every question is cut to the reader's places by `storage.cuts`.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import Select, Text, func, select, true
from sqlalchemy.orm import Session

from forms.odata.checking import read_filter
from forms.odata.documents import ENTITY_SYSTEM
from forms.odata.entities import LABEL, EntityModel, EntitySelection
from forms.odata.model import ID
from forms.odata.rows import Row
from forms.odata.tree import Expression, Field, Source
from forms.values import iso_instant
from forms.vietnamese import folded
from storage import portable, portable_texts
from storage.cuts import within
from storage.models import Actor, Entity, EntityList, EntityProperty
from storage.portable import Some, Truth
from storage.queries.odata_filter import asks_deleted, compiled, ordered
from storage.scope import Scope, current
from storage.snapshot import report_snapshot

_PAGE = 1_000
_MOST_WORDS = 20

_Select: TypeAlias = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class EntityFilter:
    """Which entities are meant; `asks_deleted`: the filter says itself what is to become of deleted ones.

    `condition` is over `Entity`.
    """

    condition: Truth = field(default_factory=true)
    asks_deleted: bool = False


def entities_filter(
    session: Session, of: EntityList, text: str, *, now: datetime, search: str = ""
) -> EntityFilter:
    """The entities of a list that a `$filter` and a `$search` mean; all of them where both are blank.

    Raises what `forms.odata.checking.read_filter` raises.
    """
    model = entity_model(session, of)
    tree = read_filter(text, model.reach) if text.strip() else None
    condition = true() if tree is None else compiled(tree, _column, now)
    return EntityFilter(
        condition & found_by(search, model.properties), tree is not None and asks_deleted(tree)
    )


def entity_model(session: Session, of: EntityList) -> EntityModel:
    """The list as OData sees it."""
    names = select(EntityProperty.name).where(EntityProperty.list_id == of.id).order_by(EntityProperty.id)
    return EntityModel(of.name, session.scalars(names).all())


def found_by(search: str, properties: Sequence[str]) -> Truth:
    """That an entity holds every word of a search in its label, its id or a property, accents apart."""
    words = folded(search).split()[:_MOST_WORDS]
    if not words:
        return true()
    texts = [Entity.label, Entity.uuid, *(_property(name) for name in properties)]
    whole: Some = portable.string("")
    for text in texts:
        whole = whole.concat(" ").concat(func.coalesce(text, "", type_=Text()))
    searched = portable_texts.Folded(whole)
    condition: Truth = true()
    for word in words:
        condition &= portable_texts.contains(searched, portable.string(word))
    return condition


def _property(name: str) -> Some:
    """What an entity says; what the server worked out comes before what was written."""
    return func.coalesce(Entity.computed[name].as_string(), Entity.data[name].as_string(), type_=Text())


_NOTED: dict[str, Some] = {
    ID: Entity.uuid.expression,
    LABEL: Entity.label.expression,
    "createdAt": Entity.created_at.expression,
    "creatorId": Entity.creator_id.expression,
    "creatorName": select(Actor.display_name)
    .where(Actor.id == Entity.creator_id)
    .correlate(Entity)
    .scalar_subquery(),
    "updates": Entity.version - 1,
    "updatedAt": Entity.updated_at.expression,
    "deletedAt": Entity.deleted_at.expression,
    "version": Entity.version.expression,
    "conflict": Entity.conflict.expression,
}


def _column(asked: Field) -> Some:
    return _property(asked.path) if asked.source is Source.ANSWER else _NOTED[asked.path]


@dataclass(frozen=True)
class WantedEntities:
    """What is asked for of a list; `after` is the id of the entity after which to go on."""

    list_id: int
    model: EntityModel
    selection: EntitySelection
    now: datetime
    filter: Expression | None = None
    search: str = ""
    order: tuple[tuple[Field, bool], ...] = ()
    top: int | None = None
    skip: int = 0
    after: str | None = None


class EntityFeed:
    """The rows of what is wanted. `more` tells afterwards whether `top` left any; `last` is the last id."""

    def __init__(self, wanted: WantedEntities) -> None:
        self._wanted = wanted
        self._scope: Scope = current()
        self.more = False
        self.last = ""

    def count(self) -> int:
        """How many there are, `top`, `skip` and `after` apart."""
        with within(self._scope), report_snapshot() as session:
            return int(session.execute(self._meant(select(func.count()).select_from(Entity))).scalar_one())

    def pages(self) -> Iterator[list[Row]]:
        """The rows, some thousand at a time: the newest first, or as sorted."""
        yield from self._in_order() if self._wanted.order else self._newest_first()

    def _newest_first(self) -> Iterator[list[Row]]:
        wanted = self._wanted
        skip, left, before = wanted.skip, wanted.top, self._anchor()
        while True:
            size = _PAGE if left is None else min(_PAGE, left)
            query = self._meant(select(Entity.id)).order_by(Entity.id.desc())
            if before is not None:
                query = query.where(Entity.id < before)
            with within(self._scope), report_snapshot() as session:
                found = session.scalars(query.offset(skip or None).limit(size + 1)).all()
                rows = self._read(session, found[:size])
            yield rows
            left = None if left is None else left - len(found[:size])
            before, skip = (found[size - 1] if len(found) > size else before), 0
            self.more = len(found) > size
            if not self.more or left == 0:
                return

    def _in_order(self) -> Iterator[list[Row]]:
        wanted = self._wanted
        clauses = [
            value.desc().nulls_last() if descending else value.asc().nulls_first()
            for value, descending in ((ordered(one, _column), down) for one, down in wanted.order)
        ]
        last = Entity.id.desc() if wanted.order[0][1] else Entity.id.asc()
        query = self._meant(select(Entity.id)).order_by(*clauses, last).offset(wanted.skip or None)
        query = query.limit(None if wanted.top is None else wanted.top + 1)
        with within(self._scope), report_snapshot() as session:
            numbers = array("q", session.scalars(query.execution_options(yield_per=_PAGE)))
        self.more = wanted.top is not None and len(numbers) > wanted.top
        end = len(numbers) - self.more
        for at in range(0, max(end, 1), _PAGE):
            with within(self._scope), report_snapshot() as session:
                rows = self._read(session, numbers[at : min(at + _PAGE, end)])
            yield rows

    def _anchor(self) -> int | None:
        after = self._wanted.after
        if after is None:
            return None
        query = select(Entity.id).where(Entity.list_id == self._wanted.list_id, Entity.uuid == after.lower())
        with within(self._scope), report_snapshot() as session:
            # Nobody comes after an entity that never was.
            return session.scalar(query) or 0

    def _meant(self, query: _Select) -> _Select:
        wanted = self._wanted
        query = query.where(Entity.list_id == wanted.list_id)
        if wanted.filter is None or not asks_deleted(wanted.filter):
            query = query.where(Entity.deleted_at.is_(None))
        if wanted.filter is not None:
            query = query.where(compiled(wanted.filter, _column, wanted.now))
        return query.where(found_by(wanted.search, wanted.model.properties)) if wanted.search else query

    def _read(self, session: Session, numbers: Sequence[int]) -> list[Row]:
        query = (
            select(
                Entity.id,
                Entity.uuid,
                Entity.label,
                Entity.version,
                Entity.conflict,
                Entity.creator_id,
                Actor.display_name,
                Entity.created_at,
                Entity.updated_at,
                Entity.deleted_at,
                Entity.data,
                Entity.computed,
            )
            .outerjoin(Actor, Actor.id == Entity.creator_id)
            .where(Entity.id.in_(list(numbers)))
        )
        by_number = {line.id: line for line in session.execute(query)} if numbers else {}
        read = [by_number[number] for number in numbers if number in by_number]
        if read:
            self.last = read[-1].uuid
        return [_row(line, self._wanted.selection) for line in read]


def _row(line: Any, selection: EntitySelection) -> Row:
    row: Row = {ID: line.uuid} if ID in selection.first else {}
    if LABEL in selection.first:
        row[LABEL] = line.label
    if selection.system:
        noted = {
            "createdAt": iso_instant(line.created_at),
            # A program that reads a number here never minds that it is text.
            "creatorId": str(line.creator_id or 0),
            "creatorName": line.display_name,
            "updates": line.version - 1,
            "updatedAt": iso_instant(line.updated_at) if line.updated_at else None,
            "deletedAt": iso_instant(line.deleted_at) if line.deleted_at else None,
            "version": line.version,
            "conflict": line.conflict,
        }
        row["__system"] = {name: noted[name] for name in ENTITY_SYSTEM if name in selection.system}
    said = {**line.data, **line.computed}
    row.update((spelled, said.get(own, "")) for spelled, own in selection.properties.items())
    return row
