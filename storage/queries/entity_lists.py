"""③ Entity lists as phones are handed them: which there are, their hash, their members, who is gone.

The hash names a state of the list, not the bytes of its file (openrosa.md §7.4.5): it is made of numbers
that grow with every change, so that asking for it costs the same for ten members and for a million.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import md5
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from forms.entity_csv import Member
from storage.entities.placing import USUAL
from storage.entities.reading import purged_among
from storage.groups import in_groups
from storage.models import Entity, EntityList, EntityProperty, EntityStamp
from storage.queries.reach import Reach
from storage.snapshot import snapshot

_PAGE = 2000
_PLACES = 40
"""Places read in one question: a few thousand households."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of a project. `stamp` grows with its properties.

    `placed`: a property names the place of each member, so the list is cut to a phone's places; a list
    without one goes to everybody. `owner_only`: each phone sees what it made itself.
    """

    id: int
    project_id: int
    name: str
    approval_required: bool
    stamp: int
    properties: tuple[str, ...]
    placed: bool
    owner_only: bool = False

    @property
    def type(self) -> str:
        """How a manifest calls it."""
        return "approvalEntityList" if self.approval_required else "entityList"


def listings(session: Session, project_id: int, names: Collection[str] | None = None) -> dict[str, Listing]:
    """The lists of a project by name; only those of `names` if given."""
    wanted = (
        select(*_LIST, EntityProperty.name)
        .outerjoin(EntityProperty, EntityProperty.list_id == EntityList.id)
        .where(EntityList.project_id == project_id, EntityList.deleted_at.is_(None))
        .order_by(EntityList.name, EntityProperty.id)
    )
    if names is not None:
        wanted = wanted.where(EntityList.name.in_(names))
    held: dict[tuple[Any, ...], list[str]] = {}
    for *of, name in session.execute(wanted):
        held.setdefault(tuple(of), []).extend([name] if name is not None else [])
    return {of[2]: _listing(of, properties) for of, properties in held.items()}


_LIST: tuple[Any, ...] = (
    EntityList.id,
    EntityList.project_id,
    EntityList.name,
    EntityList.approval_required,
    EntityList.stamp,
    EntityList.place_property,
    EntityList.owner_only,
)


def _listing(of: tuple[Any, ...], properties: list[str]) -> Listing:
    number, project_id, name, approval_required, stamp, place_property, owner_only = of
    placed = bool(place_property) or any(one in USUAL for one in properties)
    return Listing(number, project_id, name, approval_required, stamp, tuple(properties), placed, owner_only)


def list_hash(session: Session, listing: Listing, reach: Reach) -> str:
    """What names the state of a list as that phone sees it: 32 hex digits (openrosa.md §7.4.5)."""
    return list_hashes(session, [listing], reach)[listing.name]


def list_hashes(session: Session, several: Sequence[Listing], reach: Reach) -> dict[str, str]:
    """The same of several lists at once, by name.

    Read before the members are, and each change is counted in the transaction that makes it, so what a
    phone is handed for a hash is never older than the hash.
    """
    cut = [one.id for one in several if one.placed and not reach.whole]
    uncut = [one.id for one in several if one.id not in cut]
    counts = _counts(session, uncut) | _counts(session, cut, reach.counted)
    return {
        one.name: _digest(
            (one.id, one.stamp, *counts.get(one.id, (0, 0))),
            (reach.key if one.id in cut else "") + (f"/{reach.owner}" if _is_owned(one, reach) else ""),
        )
        for one in several
    }


def _is_owned(listing: Listing, reach: Reach) -> bool:
    return listing.owner_only and reach.owner is not None


def _counts(
    session: Session, list_ids: Sequence[int], places: Collection[str] | None = None
) -> dict[int, tuple[int, int]]:
    """How often each list changed, and in how many places; only within `places` if given."""
    if not list_ids:
        return {}
    counted = select(EntityStamp.list_id, func.sum(EntityStamp.stamp), func.count())
    counted = counted.where(EntityStamp.list_id.in_(list_ids)).group_by(EntityStamp.list_id)
    if places is not None:
        counted = counted.where(EntityStamp.commune_code.in_(places))
    return {list_id: (int(changes), number) for list_id, changes, number in session.execute(counted)}


def _digest(numbers: Sequence[int], key: str) -> str:
    told = f"{'-'.join(str(number) for number in numbers)} {key}"
    return md5(told.encode(), usedforsecurity=False).hexdigest()


def members(listing: Listing, reach: Reach) -> Iterator[list[Member]]:
    """The living members a phone sees, in pages; each page is one moment of its own."""
    wanted = _members(listing.id)
    if _is_owned(listing, reach):
        wanted = wanted.where(Entity.creator_id == reach.owner)
    if not listing.placed or reach.whole:
        yield from _every_member(wanted)
        return
    for some in in_groups(sorted(reach.seen), _PLACES):
        with snapshot() as session:
            rows = session.execute(
                wanted.where(Entity.place_code.in_(some)).order_by(Entity.place_code, Entity.id)
            ).all()
        if rows:
            yield [_member(row) for row in rows]


def _every_member(wanted: Select[Any]) -> Iterator[list[Member]]:
    """All members, those without a place first: in the order of the index, which no page has to sort."""
    place, last = "", 0
    for placed in (False, True):
        while True:
            query = wanted.order_by(Entity.place_code, Entity.id).limit(_PAGE)
            if placed:
                further = or_(Entity.place_code > place, Entity.id > last)
                query = query.where(Entity.place_code >= place, further)
            else:
                query = query.where(Entity.place_code.is_(None), Entity.id > last)
            with snapshot() as session:
                rows = session.execute(query).all()
            if rows:
                place, last = rows[-1].place_code or "", rows[-1].id
                yield [_member(row) for row in rows]
            if len(rows) < _PAGE:
                break
        place, last = "", 0


_COLUMNS: tuple[Any, ...] = (
    Entity.id,
    Entity.uuid,
    Entity.label,
    Entity.version,
    Entity.data,
    Entity.computed,
    Entity.place_code,
)


def _members(list_id: int) -> Select[Any]:
    return select(*_COLUMNS).where(Entity.list_id == list_id, Entity.deleted_at.is_(None))


def _member(row: Any) -> Member:
    return Member(row.uuid, row.label, row.version, {**row.data, **row.computed})


def known_states(
    session: Session, listing: Listing, reach: Reach, uuids: Collection[str]
) -> Mapping[str, bool]:
    """Of these members, whether the phone has to drop them; who was never here is left out.

    A member that lies outside its places is gone for this phone (openrosa.md §7.5).
    """
    found: dict[str, bool] = {}
    for some in in_groups(sorted(set(uuids))):
        rows = session.execute(
            select(Entity.uuid, Entity.deleted_at, Entity.place_code, Entity.creator_id).where(
                Entity.list_id == listing.id, Entity.uuid.in_(some)
            )
        )
        for uuid, deleted_at, place, creator in rows:
            theirs = _is_owned(listing, reach) and creator != reach.owner
            found[uuid] = deleted_at is not None or theirs or not is_seen(listing, reach, place)
        found |= dict.fromkeys(purged_among(session, listing.id, some), True)
    return found


def label_of(session: Session, listing: Listing, uuid: str) -> str | None:
    """What a member is called, a deleted one too; None where there is none."""
    return session.scalar(
        select(Entity.label).where(Entity.list_id == listing.id, Entity.uuid == uuid.lower())
    )


def is_seen(listing: Listing, reach: Reach, place: str | None) -> bool:
    """Whether a phone sees a member that stands at that place."""
    return not listing.placed or reach.whole or place in reach.seen
