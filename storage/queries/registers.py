"""What an old register is compared with: forms that write its list, places by name, members already there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.groups import in_groups
from storage.models import Batch, Entity, EntityUse, Form, Place
from storage.queries.places import resolve
from storage.queries.volunteers import PlaceName, places_by, places_where

_COMMUNES = ("", "xa", "phuong", "thi tran", "dac khu")
_VILLAGES = (
    "", "thon", "ban", "xom", "to dan pho", "tdp", "to", "khu pho", "khu", "tieu khu", "ap", "buon", "bon",
    "lang", "plei", "thon ban",
)  # fmt: skip


def writers(session: Session, list_id: int) -> list[tuple[int, Mapping[str, str]]]:
    """The published form versions that write a list, and which question fills which property."""
    query = (
        select(EntityUse.form_version_id, EntityUse.properties)
        .join(Form, Form.current_id == EntityUse.form_version_id)
        .where(EntityUse.list_id == list_id, Form.deleted_at.is_(None))
        .order_by(Form.xml_form_id, EntityUse.id)
    )
    return [(version, properties) for version, properties in session.execute(query)]


def earlier(session: Session, project_id: int, kind: str, list_id: int) -> Iterator[Mapping[str, Any]]:
    """What was chosen for earlier registers of a list that still stand, the oldest first."""
    query = (
        select(Batch.summary)
        .where(Batch.project_id == project_id, Batch.kind == kind, Batch.undone_at.is_(None))
        .order_by(Batch.id)
    )
    for summary in session.scalars(query):
        if summary.get("list_id") == list_id and "register" in summary:
            yield summary["register"]


def communes_named(session: Session, bare: str) -> list[PlaceName]:
    """The communes of today that are called so or swallowed one that was; the name without its kind."""
    names = [f"{kind} {bare}".strip() for kind in _COMMUNES]
    query = select(Place.code, Place.valid_to).where(Place.level == "commune", Place.folded.in_(names))
    rows = session.execute(query).all()
    codes = {code for code, ended in rows if ended is None}
    codes |= {now for code, ended in rows if ended is not None and (now := resolve(session, code))}
    return places_by(session, Place.code, codes, Place.level == "commune")


def villages_named(session: Session, bare: Collection[str]) -> list[PlaceName]:
    """The villages of today with one of these names, each without the word for its kind."""
    names = {f"{kind} {name}".strip() for name in bare for kind in _VILLAGES}
    return places_by(session, Place.folded, names, Place.level == "village")


def places_coded(session: Session, texts: Collection[str], level: str) -> dict[str, PlaceName]:
    """Places of today by code or uuid as written."""
    found = {one.code: one for one in places_by(session, Place.code, texts, Place.level == level)}
    query = select(Place.uuid, Place.code).where(Place.level == level, Place.valid_to.is_(None))
    for some in in_groups(sorted(texts)):
        pairs = {str(uuid): code for uuid, code in session.execute(query.where(Place.uuid.in_(some)))}
        by_code = {one.code: one for one in places_by(session, Place.code, pairs.values())}
        found |= {uuid: by_code[code] for uuid, code in pairs.items() if code in by_code}
    return found


def villages_in(session: Session, commune: str) -> list[PlaceName]:
    """The villages of a commune today."""
    return places_where(session, Place.parent_code == commune, Place.level == "village")


def uuids(session: Session, codes: Collection[str]) -> dict[str, str]:
    """The uuids of villages, by code."""
    found: dict[str, str] = {}
    for some in in_groups(sorted(codes)):
        query = select(Place.code, Place.uuid).where(Place.code.in_(some), Place.uuid.is_not(None))
        found |= {code: str(uuid) for code, uuid in session.execute(query)}
    return found


@dataclass(frozen=True, slots=True)
class There:
    """A member of a list: what people choose it by, what is known of it, where it lies."""

    label: str
    data: Mapping[str, str]
    place_code: str


def members_at(session: Session, list_id: int, places: Collection[str] | None) -> Iterator[There]:
    """The living members of a list at some places; None: all of them."""
    every = select(Entity.label, Entity.data, Entity.place_code).where(
        Entity.list_id == list_id, Entity.deleted_at.is_(None)
    )
    groups = [[]] if places is None else in_groups(sorted(places))
    for some in groups:
        query = every if places is None else every.where(Entity.place_code.in_(some))
        for label, data, place in session.execute(query):
            yield There(label, data, place or "")
