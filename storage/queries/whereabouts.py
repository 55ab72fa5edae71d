"""What places lay in on a day: the chain from a code up to its province, with the names of that day.

Figures are added up along these chains, so that a district of 2024 and a commune of 2026 come from the
same records. Asked for codes that somebody has seen in figures, so nothing here is cut to anyone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.cuts import seen_of, within
from storage.groups import in_groups
from storage.models import Place, PlaceChange, PlaceLink, PlacePath, PlaceSpan
from storage.places.operations import codes_of
from storage.queries.places import on_day
from storage.scope import WHOLE

_SEVERAL = 500
"""Codes named in one statement."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place as it was on a day, or is."""

    code: str
    name: str
    level: str
    parent_code: str | None


@dataclass(frozen=True)
class Chains:
    """Codes to what they lay in, innermost first and themselves included; and what each of these was."""

    above: Mapping[str, Sequence[str]]
    spots: Mapping[str, Spot]


def chains_of(session: Session, codes: Collection[str], on: date | None = None) -> Chains:
    """The chains of these codes on a day (today without one); one nobody knows is all alone.

    A code that was nothing on that day stands where what became of it lay, else where it lies today.
    """
    with within(WHOLE):
        if on is None:
            return _of_today(session, codes)
        above = _of_day(session, codes, on)
        rest = _of_today(session, [code for code in codes if code not in above])
        spots = _spots(session, {code for chain in above.values() for code in chain}, on)
        return Chains({**rest.above, **above}, {**rest.spots, **spots})


def _of_today(session: Session, codes: Collection[str]) -> Chains:
    spots: dict[str, Spot] = {}
    wanted = {code for code in codes if code}
    while wanted:
        columns = (Place.code, Place.name, Place.level, Place.parent_code)
        rows = [
            Spot(*row)
            for some in in_groups(sorted(wanted), _SEVERAL)
            for row in session.execute(select(*columns).where(Place.code.in_(some)))
        ]
        spots |= {spot.code: spot for spot in rows}
        wanted = {spot.parent_code for spot in rows if spot.parent_code} - spots.keys()
    return Chains({code: _up(spots, code) for code in codes}, spots)


def _up(spots: Mapping[str, Spot], code: str) -> list[str]:
    above = [code]
    while (spot := spots.get(above[-1])) is not None and spot.parent_code:
        above.append(spot.parent_code)
    return above


def _of_day(session: Session, codes: Iterable[str], on: date) -> dict[str, list[str]]:
    columns = (PlacePath.descendant, PlacePath.via, PlacePath.depth, PlacePath.ancestor)
    found: dict[str, dict[str, list[str]]] = {}
    for some in in_groups(sorted(filter(None, codes)), _SEVERAL):
        rows = session.execute(
            select(*columns)
            .where(PlacePath.descendant.in_(some), on_day(PlacePath.valid_from, PlacePath.valid_to, on))
            .order_by(PlacePath.descendant, PlacePath.depth)
        )
        for code, via, _depth, ancestor in rows:
            found.setdefault(code, {}).setdefault(via, []).append(ancestor)
    return {code: ways.get("tree") or ways["link"] for code, ways in found.items()}


def _spots(session: Session, codes: Collection[str], on: date) -> dict[str, Spot]:
    columns = (PlaceSpan.code, PlaceSpan.name, PlaceSpan.level, PlaceSpan.parent_code)
    return {
        row.code: Spot(*row)
        for some in in_groups(sorted(codes), _SEVERAL)
        for row in session.execute(
            select(*columns).where(
                PlaceSpan.code.in_(some), on_day(PlaceSpan.valid_from, PlaceSpan.valid_to, on)
            )
        )
    }


def lying_in(session: Session, codes: Collection[str], area: str, on: date | None) -> set[str]:
    """Those of these codes that lie in the area today, or lay in it on that day."""
    found: set[str] = set()
    for some in in_groups(sorted(filter(None, codes)), _SEVERAL):
        rows = select(PlacePath.descendant).where(
            PlacePath.descendant.in_(some),
            PlacePath.ancestor == area,
            PlacePath.valid_to.is_(None) | on_day(PlacePath.valid_from, PlacePath.valid_to, on),
        )
        found.update(session.scalars(rows))
    return found


def own_of(session: Session, codes: Collection[str]) -> set[str]:
    """Those of these codes that lie in the places of whoever asks."""
    return {code for some in in_groups(sorted(codes), _SEVERAL) for code in seen_of(session, some)}


@dataclass(frozen=True, slots=True)
class Break:
    """A day on which units became others, so that figures before and after it are of different ones."""

    on: date
    kind: str
    legal_basis: str | None


def breaks_between(session: Session, first: date, last: date, codes: Collection[str]) -> list[Break]:
    """The operations on these places that took effect after `first` and until `last`, once each day."""
    with within(WHOLE):
        several = session.scalars(
            select(PlaceChange)
            .where(
                PlaceChange.undone_at.is_(None),
                PlaceChange.effective_on > first,
                PlaceChange.effective_on <= last,
            )
            .order_by(PlaceChange.effective_on, PlaceChange.id)
        ).all()
        found = {
            (one.effective_on, one.kind): Break(one.effective_on, one.kind, one.legal_basis)
            for one in several
            if _touches(session, one, codes)
        }
    return list(found.values())


def _touches(session: Session, change: PlaceChange, codes: Collection[str]) -> bool:
    if not codes_of(change).isdisjoint(codes):
        return True
    mine = PlaceLink.change_id == change.id
    for some in in_groups(sorted(codes), _SEVERAL):
        linked = select(PlaceLink.id).where(mine, PlaceLink.old_code.in_(some) | PlaceLink.new_code.in_(some))
        if session.scalar(linked.limit(1)) is not None:
            return True
    return False
