"""The accesses of villages: who answers for a place fills by its short code and PIN, in a browser."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forms.places import UNLISTED_ENDING, VILLAGE
from storage.cuts import within
from storage.groups import in_groups
from storage.models import Actor, AppUser, Place
from storage.portable_turns import take_turn
from storage.queries.volunteers import PlaceName, places_where
from storage.scope import WHOLE

_TURN = 0x56696C6C


@dataclass(frozen=True, slots=True)
class VillageAccess:
    """The access of a village as a line of a list; without `has_access` it was withdrawn."""

    actor_id: int
    village: str
    name: str
    short_code: str
    has_access: bool
    has_pin: bool
    last_used_at: datetime | None


def in_turn(session: Session) -> None:
    """Wait until nobody else is giving villages their accesses; until this transaction ends, nobody can."""
    take_turn(session, _TURN)


def villages_in(session: Session, commune: str) -> list[PlaceName]:
    """The villages of a commune that are in force and seen, sorted as in Vietnamese."""
    query = (
        select(Place.code)
        .where(Place.parent_code == commune, Place.level == VILLAGE, Place.valid_to.is_(None))
        .where(~Place.code.endswith(UNLISTED_ENDING))
        .order_by(Place.sort_key, Place.code)
    )
    order = {code: number for number, code in enumerate(session.scalars(query))}
    found = places_where(session, Place.parent_code == commune, Place.level == VILLAGE)
    return sorted((one for one in found if one.code in order), key=lambda one: order[one.code])


def accesses(session: Session, project_id: int, villages: Collection[str]) -> dict[str, VillageAccess]:
    """The access of each of these villages, by code; where one was withdrawn and another made, that."""
    found: dict[str, VillageAccess] = {}
    for some in in_groups(sorted(villages)):
        query = (
            select(
                AppUser.actor_id,
                func.coalesce(AppUser.village, ""),
                Actor.display_name,
                func.coalesce(AppUser.short_code, ""),
                AppUser.token_hash.is_not(None),
                AppUser.pin_hash.is_not(None),
                AppUser.last_used_at,
            )
            .join(Actor, Actor.id == AppUser.actor_id)
            .where(AppUser.project_id == project_id, AppUser.village.in_(some), Actor.deleted_at.is_(None))
            .order_by(AppUser.token_hash.is_not(None), AppUser.actor_id)
        )
        # The last one stands: those that open the door come after those that do not.
        for row in session.execute(query):
            one = VillageAccess(*row)
            found[one.village] = one
    return found


def by_commune(session: Session, project_id: int) -> Mapping[str, int]:
    """How many villages of each commune have a code, by the commune's code."""
    rows = session.execute(
        select(Place.parent_code, func.count())
        .join(AppUser, AppUser.village == Place.code)
        .where(AppUser.project_id == project_id, AppUser.token_hash.is_not(None))
        .group_by(Place.parent_code)
    )
    return {commune: number for commune, number in rows if commune is not None}


def codes_taken(session: Session, codes: Collection[str]) -> frozenset[str]:
    """Those of these short codes that somebody has or had, wherever he is."""
    with within(WHOLE):
        found = session.scalars(select(AppUser.short_code).where(AppUser.short_code.in_(sorted(codes))))
        return frozenset(code for code in found if code)
