"""Places into the database, and out again as the lists the surveys choose from."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from forms import places
from forms.places import COMMUNE, PROVINCE, VILLAGE
from storage.models import Place
from storage.problems import PlaceUnknown


def load_places(session: Session, province: str, villages: Path | None = None) -> int:
    """Enter the 34 provinces, the communes of one of them, and the villages of a file; returns how many.

    What is there already keeps its place and gets the name of the source. Raises PlaceUnknown.
    """
    provinces = places.provinces()
    if province not in {one.code for one in provinces}:
        raise PlaceUnknown(code=province)
    communes = places.communes(province)
    codes = {commune.code for commune in communes}
    listed = places.read_villages(villages.read_bytes()) if villages and villages.exists() else []
    several = [
        *provinces,
        *communes,
        *(village for village in listed if village.parent in codes),
        *(places.unlisted_village(commune) for commune in communes),
    ]
    for one in several:
        session.merge(
            Place(
                code=one.code,
                level=one.level,
                name=one.name,
                parent_code=one.parent or None,
                attributes=dict(one.attributes),
            )
        )
    session.flush()
    return len(several)


def place_lists(session: Session, province: str) -> dict[str, bytes]:
    """The files `provinces.csv`, `communes.csv` and `villages.csv` of one province, as phones get them."""
    communes = list(_below(session, [province], COMMUNE))
    villages = _below(session, [commune.code for commune in communes], VILLAGE)
    own = session.scalars(select(Place).where(Place.code == province, Place.level == PROVINCE))
    return {
        "provinces.csv": places.provinces_csv(_plain(one) for one in own),
        "communes.csv": places.communes_csv(communes),
        "villages.csv": places.villages_csv(communes, villages),
    }


def _below(session: Session, parents: list[str], level: str) -> Iterable[places.Place]:
    found = session.scalars(
        select(Place).where(Place.parent_code.in_(parents), Place.level == level).order_by(Place.code)
    )
    return [_plain(one) for one in found]


def _plain(place: Place) -> places.Place:
    return places.Place(place.code, place.level, place.name, place.parent_code or "", place.attributes)
