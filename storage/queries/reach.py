"""Whose phone sees what: the places it works in, and what of an entity list lies in them.

A phone sees its places with all they hold, and what stands at the commune around them: a village head's
phone knows the centre of the commune, not the households of the next village. Units that were merged
into one of its places are seen with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import md5

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forms.places import COMMUNE, VILLAGE
from storage.groups import in_groups
from storage.models import Batch, Place, PlaceChange, PlacePath, PlaceSpan


@dataclass(frozen=True, slots=True)
class Reach:
    """The places of a phone, resolved. `whole`: it works everywhere, and the sets are empty.

    `inside` are its places and all they hold, `above` the communes around them, `counted` the places where
    the changes of either are counted. `codes` are the places as they were given. `key` names what is seen:
    two phones with the same key see the same. `owner`: of lists that are so, it sees what this actor made.
    """

    codes: tuple[str, ...] = ()
    inside: frozenset[str] = frozenset()
    above: frozenset[str] = frozenset()
    counted: frozenset[str] = frozenset()
    key: str = ""
    owner: int | None = None

    @property
    def whole(self) -> bool:
        """Whether nothing is cut."""
        return not self.codes

    @property
    def seen(self) -> frozenset[str]:
        """Every code at which a member may stand to be seen."""
        return self.inside | self.above


EVERYWHERE = Reach()


def reach_of(session: Session, codes: Iterable[str]) -> Reach:
    """The reach of those places, resolved; none means the whole tree."""
    wanted = tuple(sorted(set(codes)))
    if not wanted:
        return EVERYWHERE
    inside = set(wanted) | set(
        session.scalars(
            select(PlacePath.descendant).where(PlacePath.ancestor.in_(wanted), PlacePath.valid_to.is_(None))
        )
    )
    above = set(
        session.scalars(
            select(PlacePath.ancestor)
            .join(Place, Place.code == PlacePath.ancestor)
            .where(PlacePath.descendant.in_(wanted), PlacePath.valid_to.is_(None), Place.level == COMMUNE)
        )
    )
    # What an office entered for the commune before it became part of this one.
    above |= set(
        session.scalars(
            select(PlacePath.descendant)
            .join(Place, Place.code == PlacePath.descendant)
            .where(
                PlacePath.ancestor.in_(above),
                PlacePath.via == "link",
                PlacePath.valid_to.is_(None),
                Place.level == COMMUNE,
            )
        )
    )
    above -= inside
    told = " ".join((*wanted, "|", *sorted(inside), "|", *sorted(above)))
    key = md5(told.encode(), usedforsecurity=False).hexdigest()
    return Reach(
        wanted, frozenset(inside), frozenset(above), frozenset(above | _counted(session, inside)), key
    )


def _counted(session: Session, codes: Iterable[str]) -> set[str]:
    """The communes and larger places among those, and the communes that the villages lie or lay in."""
    found: set[str] = set()
    for part in in_groups(sorted(codes)):
        found.update(session.scalars(select(Place.code).where(Place.code.in_(part), Place.level != VILLAGE)))
        found.update(
            session.scalars(
                select(PlacePath.ancestor)
                .join(Place, Place.code == PlacePath.ancestor)
                .where(PlacePath.descendant.in_(part), Place.level == COMMUNE)
                .distinct()
            )
        )
    return found


def places_stamp(session: Session) -> str:
    """Changes with every change of the places: what is made from them is fresh while it stays the same."""
    return "-".join(str(number or 0) for number in session.execute(_STAMP).one())


_OF_PLACES = ("villages", "place_facts")
_STAMP = select(
    select(func.max(PlaceChange.id)).scalar_subquery(),
    select(func.count(PlaceChange.undone_at)).scalar_subquery(),
    select(func.max(Batch.id)).where(Batch.kind.in_(_OF_PLACES)).scalar_subquery(),
    select(func.count(Batch.undone_at)).where(Batch.kind.in_(_OF_PLACES)).scalar_subquery(),
    select(func.max(PlaceSpan.id)).scalar_subquery(),
)
