"""Units that exist no more, found by the name people still say, and what they are part of today."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from forms.vietnamese import folded
from storage.models import Place
from storage.places.closure import links_of
from storage.queries.places import subtree


@dataclass(frozen=True, slots=True)
class Ended:
    """A unit that exists no more, and the units of today it became or is part of."""

    place: Place
    now: Sequence[Place]


def find_ended(session: Session, text: str, *, within: Collection[str] = (), limit: int = 20) -> list[Ended]:
    """Units that ended whose name has a word that starts like the text, or which had that code.

    Accents do not matter; those that ended last come first. `within` keeps what became part of any of
    these places.
    """
    wanted = folded(text)
    if not wanted:
        return []
    query = select(Place).where(
        Place.valid_to.is_not(None),
        or_(Place.folded.startswith(wanted), Place.folded.contains(f" {wanted}"), Place.code == text.strip()),
    )
    if within:
        query = query.where(Place.code.in_(subtree(within)))
    found = session.scalars(
        query.order_by(Place.valid_to.desc(), Place.sort_key, Place.code).limit(limit)
    ).all()
    now = _today(session, [place.code for place in found])
    return [Ended(place, now[place.code]) for place in found]


def _today(session: Session, codes: Collection[str]) -> dict[str, list[Place]]:
    """The units in force that each of these codes became, one change after the other."""
    became: dict[str, set[str]] = {}
    wanted = set(codes)
    while wanted:
        became |= {code: set() for code in wanted}
        for link in links_of(session, wanted):
            became[link.old].add(link.new)
        wanted = set().union(*became.values()) - became.keys()
    several = session.scalars(select(Place).where(Place.code.in_(sorted(became)), Place.valid_to.is_(None)))
    in_force = {place.code: place for place in several}
    return {
        code: [in_force[one] for one in sorted(_onward(code, became)) if one in in_force] for code in codes
    }


def _onward(code: str, became: dict[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    ahead = {code}
    while ahead:
        ahead = set().union(*(became[one] for one in ahead)) - reached
        reached |= ahead
    return reached
