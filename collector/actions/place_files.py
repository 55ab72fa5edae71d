"""③ The places a phone may choose from, as files: its provinces and its communes.

The villages are not among them: they are an entity list that follows the places
(`collector.actions.villages`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from forms import places
from forms.places import COMMUNE, PROVINCE
from storage.models import Place, PlacePath
from storage.queries.former import Former, former_units
from storage.queries.reach import Reach

_SEVERAL = 500


def province_list(session: Session, reach: Reach) -> bytes:
    """The file `provinces.csv` of a phone: the provinces its places lie in."""
    around = select(PlacePath.ancestor).where(
        PlacePath.descendant.in_(reach.codes), PlacePath.valid_to.is_(None)
    )
    found = session.scalars(
        select(Place)
        .where(Place.level == PROVINCE, Place.valid_to.is_(None), Place.code.in_(around))
        .order_by(Place.sort_key, Place.code)
    )
    return places.provinces_csv(map(plain, found))


def commune_list(session: Session, reach: Reach) -> bytes:
    """The file `communes.csv` of a phone: the communes among its places, and around them."""
    found: list[Place] = []
    former: dict[str, Former] = {}
    codes = sorted(reach.seen)
    for start in range(0, len(codes), _SEVERAL):
        several = list(_communes(session, codes[start : start + _SEVERAL]))
        found.extend(several)
        former |= former_units(session, [place.code for place in several])
    listed = sorted(found, key=lambda one: (one.sort_key, one.code))
    return places.communes_csv(_with_former(plain(one), former.get(one.code)) for one in listed)


def _with_former(place: places.Place, former: Former | None) -> places.Place:
    if former is None:
        return place
    said = {
        "legacy_communes": ", ".join(former.communes),
        "legacy_districts": ", ".join(former.districts),
    }
    return replace(place, attributes={**said, **place.attributes})


def _communes(session: Session, codes: Sequence[str]) -> Iterable[Place]:
    return session.scalars(
        select(Place).where(Place.code.in_(codes), Place.level == COMMUNE, Place.valid_to.is_(None))
    )


def plain(place: Place) -> places.Place:
    """A place as the room that computes knows it."""
    texts = {name: "" if value is None else str(value) for name, value in place.attributes.items()}
    if place.valid_from is not None:
        texts.setdefault("valid_from", place.valid_from.isoformat())
    return places.Place(place.code, place.level, place.name, place.parent_code or "", texts)
