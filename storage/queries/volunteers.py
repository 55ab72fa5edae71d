"""Volunteers: whose phones lie in some places, how each is doing, and the places their lists name."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from forms.vietnamese import person_key
from storage.cuts import Texts, within
from storage.groups import in_groups
from storage.models import Actor, AppUser, Place, PlacePath, Submission
from storage.queries.batches import items_of
from storage.scope import WHOLE, current


def inside(session: Session, place: str) -> frozenset[str]:
    """A place and all it holds today."""
    rows = session.scalars(
        select(PlacePath.descendant).where(PlacePath.ancestor == place, PlacePath.valid_to.is_(None))
    )
    return frozenset((place, *rows))


def seen(session: Session, codes: Collection[str]) -> frozenset[str]:
    """Those of the places that lie in the scope in force."""
    mine = current().codes
    if mine is None:
        return frozenset(codes)
    return frozenset(
        code
        for some in in_groups(sorted(codes))
        for code in session.scalars(
            select(PlacePath.descendant).where(
                PlacePath.ancestor.in_(mine),
                PlacePath.valid_to.is_(None),
                PlacePath.descendant.in_(some),
            )
        )
    )


@dataclass(frozen=True, slots=True)
class PhoneLine:
    """An app user as a line of a list."""

    actor_id: int
    name: str
    phone: str
    organisation: str
    place_codes: tuple[str, ...]
    has_access: bool
    last_used_at: datetime | None


def phone_lines(
    session: Session, project_id: int, *conditions: ColumnElement[bool], batch_id: int | None = None
) -> list[PhoneLine]:
    """The phones of a project that satisfy the conditions, those without access last, newest first."""
    query = (
        select(
            AppUser.actor_id,
            Actor.display_name,
            AppUser.phone,
            AppUser.organisation,
            AppUser.place_codes,
            AppUser.token_hash.is_not(None),
            AppUser.last_used_at,
        )
        .join(Actor, Actor.id == AppUser.actor_id)
        .where(AppUser.project_id == project_id, Actor.deleted_at.is_(None), *conditions)
        .order_by(AppUser.token_hash.is_(None), AppUser.actor_id.desc())
    )
    if batch_id is not None:
        query = query.where(AppUser.actor_id.in_(numbers_of_batch(session, batch_id)))
    return [
        PhoneLine(number, name, phone or "", organisation or "", tuple(places), access, seen)
        for number, name, phone, organisation, places, access, seen in session.execute(query)
    ]


def phones_working_in(session: Session, project_id: int, places: Collection[str]) -> list[PhoneLine]:
    """The phones with access one of whose own places is among these, by name."""
    named = Texts(AppUser.place_codes).table_valued("value")
    works = select(named.c.value).where(named.c.value.in_(sorted(places))).exists()
    found = phone_lines(session, project_id, AppUser.token_hash.is_not(None), works)
    return sorted(found, key=lambda one: person_key(one.name))


def phones_of(session: Session, project_id: int, numbers: Iterable[int]) -> list[AppUser]:
    """The living phones of these numbers that have access, in the order given."""
    wanted = list(dict.fromkeys(numbers))
    found: dict[int, AppUser] = {}
    for some in in_groups(wanted):
        query = select(AppUser).where(
            AppUser.project_id == project_id,
            AppUser.actor_id.in_(some),
            AppUser.token_hash.is_not(None),
        )
        found.update((one.actor_id, one) for one in session.scalars(query))
    return [found[number] for number in wanted if number in found]


def with_phone(session: Session, number: str, project_id: int | None = None) -> Sequence[AppUser]:
    """Who has access under a phone number; in one project if it is named."""
    query = select(AppUser).where(AppUser.phone == number, AppUser.token_hash.is_not(None))
    if project_id is not None:
        query = query.where(AppUser.project_id == project_id)
    return session.scalars(query.order_by(AppUser.actor_id.desc())).all()


def taken(session: Session, project_id: int, numbers: Collection[str]) -> dict[str, str]:
    """Those of the phone numbers somebody has access with, and his name."""
    rows = session.execute(
        select(AppUser.phone, Actor.display_name)
        .join(Actor, Actor.id == AppUser.actor_id)
        .where(AppUser.project_id == project_id, AppUser.token_hash.is_not(None), AppUser.phone.in_(numbers))
    )
    return {phone: name for phone, name in rows if phone is not None}


@dataclass(frozen=True, slots=True)
class PlaceName:
    """A place in force, with the name of the one above it."""

    code: str
    level: str
    name: str
    parent_code: str
    parent_name: str

    @property
    def full(self) -> str:
        """The name with the one above."""
        return f"{self.name}, {self.parent_name}" if self.parent_name else self.name


def places_where(
    session: Session, *conditions: ColumnElement[bool], limit: int | None = None
) -> list[PlaceName]:
    """The places in force that satisfy the conditions, by code."""
    above = Place.__table__.alias("above")
    query = (
        select(Place.code, Place.level, Place.name, Place.parent_code, above.c.name)
        .outerjoin(above, above.c.code == Place.parent_code)
        .where(Place.valid_to.is_(None), *conditions)
        .order_by(Place.code)
        .limit(limit)
    )
    return [
        PlaceName(code, level, name, parent or "", parent_name or "")
        for code, level, name, parent, parent_name in session.execute(query)
    ]


def places_by(
    session: Session,
    column: InstrumentedAttribute[str] | InstrumentedAttribute[str | None],
    values: Collection[str],
    *conditions: ColumnElement[bool],
) -> list[PlaceName]:
    """The places in force one of whose columns has one of many values."""
    return [
        place
        for some in in_groups(sorted(values))
        for place in places_where(session, column.in_(some), *conditions)
    ]


def organisations(session: Session, project_id: int) -> list[str]:
    """The organisations the volunteers of a project come from, by name."""
    query = select(AppUser.organisation).where(
        AppUser.project_id == project_id, AppUser.organisation.is_not(None), AppUser.organisation != ""
    )
    return sorted({name for name in session.scalars(query.distinct()) if name})


def numbers_of_batch(session: Session, batch_id: int) -> list[int]:
    """The app users a batch made."""
    return [int(one.key) for one in items_of(session, batch_id, "app_user")]


def senders(session: Session, numbers: Collection[int]) -> frozenset[int]:
    """Those of the actors who have sent anything, deleted records included."""
    query = select(Submission.submitter_id).where(Submission.submitter_id.in_(numbers)).distinct()
    # Whether somebody has sent anything does not depend on who asks.
    with within(WHOLE):
        return frozenset(number for number in session.scalars(query) if number is not None)


def place_lines(session: Session, codes: Collection[str]) -> Mapping[str, PlaceName]:
    """Places by code, whether in force or not."""
    above = Place.__table__.alias("above")
    found: dict[str, PlaceName] = {}
    for some in in_groups(sorted(codes)):
        rows = session.execute(
            select(Place.code, Place.level, Place.name, Place.parent_code, above.c.name)
            .outerjoin(above, above.c.code == Place.parent_code)
            .where(Place.code.in_(some))
        )
        found.update(
            (code, PlaceName(code, level, name, parent or "", parent_name or ""))
            for code, level, name, parent, parent_name in rows
        )
    return found
