"""⑧ The list `villages`, kept in step with the places: what a village is called and where it lies.

Why: a village is a place with a history and a member of a list that the yearly count updates; phones know
only the list. The places say its name, code, commune and former units; the count says the rest, and what
it said is never overwritten here. See docs/decisions/0010-villages-follow-the-places.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from forms.entities import Change
from forms.places import VILLAGE, VILLAGE_COLUMNS
from storage.cells.marks import mark_members
from storage.entities.lists import COMPUTED, ensure_properties
from storage.entities.writing import Changes, Source, bump, lock
from storage.models import Entity, EntityList, EntityVersion, Place

VILLAGES = "villages"
"""The list that follows the places, in every project whose forms ask for it."""

PLACE_FILES = ("provinces.csv", "communes.csv")
"""Files that are made from the places themselves."""

OWNED = (
    "village_code",
    "commune_code",
    "legacy_commune_code",
    "legacy_commune_name",
    "legacy_district_name",
    "border",
    "especially_difficult",
)
"""What the places say of a village, now and later; its other properties only when it becomes a member."""

OF_COMMUNE = ("border", "especially_difficult")
"""What holds for a village because it does for its commune, unless said otherwise."""

PAGE = 500
"""Places looked at in one transaction."""


def ensure_followed(
    session: Session, project_id: int, file_names: Iterable[str], *, now: datetime
) -> EntityList | None:
    """Make the list, or give it the columns of a village list, where a form asks for `villages.csv`."""
    if f"{VILLAGES}.csv" not in file_names:
        return None
    found = session.scalars(
        select(EntityList).where(EntityList.project_id == project_id, EntityList.name == VILLAGES)
    ).one_or_none()
    if found is None:
        found = EntityList(
            project_id=project_id, name=VILLAGES, approval_required=False, stamp=1, created_at=now
        )
        session.add(found)
    if found.follows is None:
        found.follows, found.place_property = "", "village_code"
        session.flush()
    columns = VILLAGE_COLUMNS[2:]
    ensure_properties(session, found, [one for one in columns if not one.startswith(COMPUTED)], now=now)
    computed = [one for one in columns if one.startswith(COMPUTED)]
    ensure_properties(session, found, computed, computed=True, now=now)
    return found


def served_files(session: Session, project_id: int) -> frozenset[str]:
    """The files this server makes for a project's forms, where nobody filled them by hand."""
    names = session.scalars(
        select(EntityList.name).where(EntityList.project_id == project_id, EntityList.deleted_at.is_(None))
    )
    return frozenset({*PLACE_FILES, f"{VILLAGES}.csv", *(f"{name}.csv" for name in names)})


def followed_lists(session: Session, stamp: str) -> Sequence[EntityList]:
    """The lists that are behind the places as `stamp` names them."""
    return session.scalars(
        select(EntityList)
        .where(EntityList.follows.is_not(None), EntityList.follows != stamp)
        .order_by(EntityList.id)
    ).all()


def namesakes(session: Session) -> frozenset[tuple[str, str]]:
    """(commune, name) of villages that are there twice: they are told apart by the commune they were in."""
    rows = session.execute(
        select(Place.parent_code, Place.name)
        .where(Place.level == VILLAGE, Place.valid_to.is_(None))
        .group_by(Place.parent_code, Place.name)
        .having(func.count() > 1)
    )
    return frozenset((row[0] or "", row[1]) for row in rows)


@dataclass(frozen=True, slots=True)
class Step:
    """One page: the last code looked at ("" = there are no more), and how many members changed."""

    last: str
    changed: int


def follow_page(
    session: Session, of: EntityList, after: str, source: Source, twice: frozenset[tuple[str, str]]
) -> Step:
    """Bring the members of the villages whose codes come next in step with the places."""
    places = session.scalars(
        select(Place).where(Place.level == VILLAGE, Place.code > after).order_by(Place.code).limit(PAGE)
    ).all()
    if not places:
        return Step("", 0)
    uuids = [uuid for place in places if (uuid := _uuid(place))]
    lock(session, uuids)
    known = {
        one.uuid: one
        for one in session.scalars(select(Entity).where(Entity.list_id == of.id, Entity.uuid.in_(uuids)))
    }
    communes = {
        one.code: one
        for one in session.scalars(select(Place).where(Place.code.in_({p.parent_code for p in places})))
    }
    changes = Changes(session, source)
    fresh: list[tuple[Place, Change]] = []
    changed = 0
    for place in places:
        if not _uuid(place):
            continue
        change = _change(place, communes.get(place.parent_code or ""), twice)
        entity = known.get(change.uuid)
        if entity is not None:
            changed += _in_step(changes, of, entity, change, closed=place.valid_to is not None)
        elif place.valid_to is None:
            fresh.append((place, change))
    changes.finish()
    _enter(session, of, fresh, source)
    return Step(places[-1].code, changed + len(fresh))


def _change(place: Place, commune: Place | None, twice: frozenset[tuple[str, str]]) -> Change:
    said = {name: text for name, value in place.attributes.items() if (text := _text(value))}
    of_commune = commune.attributes if commune is not None else {}
    for name in OF_COMMUNE:
        said.setdefault(name, _text(of_commune.get(name)))
    said |= {"village_code": place.code, "commune_code": place.parent_code or ""}
    before = said.get("legacy_commune_name", "")
    label = f"{place.name} ({before} cũ)" if before and _is_twice(place, twice) else place.name
    columns = [name for name in VILLAGE_COLUMNS[2:] if not name.startswith(COMPUTED)]
    return Change(_uuid(place), label, {name: said.get(name, "") for name in columns})


def _uuid(place: Place) -> str:
    """The id a village keeps; on servers of the first release it is among its attributes."""
    return place.uuid or str(place.attributes.get("uuid") or "")


def _is_twice(place: Place, twice: frozenset[tuple[str, str]]) -> bool:
    return (place.parent_code or "", place.name) in twice


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, bool) else str(value)


def _in_step(changes: Changes, of: EntityList, entity: Entity, change: Change, *, closed: bool) -> bool:
    if closed:
        if entity.deleted_at is None:
            changes.delete(entity)
            return True
        return False
    differs = {name: change.data[name] for name in OWNED if entity.data.get(name, "") != change.data[name]}
    back = entity.deleted_at is not None
    if back:
        changes.restore(entity)
    if differs or entity.label != change.label:
        changes.update(of, entity, Change(entity.uuid, change.label, differs))
        return True
    return back


def _enter(session: Session, of: EntityList, fresh: Sequence[tuple[Place, Change]], source: Source) -> None:
    """New members, all at once: a country has a hundred thousand villages."""
    if not fresh:
        return
    rows = [_row(of, place, change, source) for place, change in fresh]
    made = session.execute(insert(Entity).returning(Entity.id, Entity.uuid), rows)
    numbers: Mapping[str, int] = {uuid: number for number, uuid in made}
    session.execute(
        insert(EntityVersion),
        [
            {
                "entity_id": numbers[change.uuid],
                "version": 1,
                "label": change.label,
                "data": row["data"],
                "received": change.received,
                "conflicting": [],
                "batch_id": source.batch_id,
                "creator_id": source.actor_id,
                "created_at": source.now,
            }
            for (_place, change), row in zip(fresh, rows, strict=True)
        ],
    )
    for commune, number in sorted(Counter(place.parent_code or "" for place, _change in fresh).items()):
        bump(session, of.id, commune, by=number)
    mark_members(session, of.id, {place.code for place, _change in fresh})


def _row(of: EntityList, place: Place, change: Change, source: Source) -> dict[str, Any]:
    return {
        "list_id": of.id,
        "uuid": change.uuid,
        "version": 1,
        "label": change.label,
        "data": {name: text for name, text in change.data.items() if text},
        "computed": {},
        "place_code": place.code,
        "creator_id": source.actor_id,
        "created_at": source.now,
    }
