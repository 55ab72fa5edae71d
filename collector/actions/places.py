"""Places into the database."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from forms import earlier_places, places
from forms.earlier_places import RESOLUTIONS, Earlier
from forms.place_tree import Link, Span, Unit
from storage.places.loading import Reform, enter
from storage.problems import PlaceUnknown

_SINCE = date.fromisoformat(places.IN_FORCE_SINCE)


def load_places(
    session: Session,
    province: str | None = None,
    villages: Path | None = None,
    earlier: bytes | None = None,
    *,
    now: datetime,
) -> int:
    """Enter the 34 provinces, the 3,321 communes, what came before them, and the villages of a file.

    `earlier` is a list of units as `forms.earlier_places` reads it. With a `province` only the villages
    of its communes are taken. What is there already keeps what it is. Returns how many codes were new or
    learnt what they were before. Raises PlaceUnknown.
    """
    provinces, communes = places.provinces(), places.all_communes()
    if province is not None and province not in {one.code for one in provinces}:
        raise PlaceUnknown(code=province)
    today = [*provinces, *communes]
    before = earlier_places.read_earlier(earlier) if earlier else []
    listed = places.read_villages(villages.read_bytes()) if villages and villages.exists() else []
    wanted = {one.code for one in communes if province in {None, one.parent}}
    below = [
        *(village for village in listed if village.parent in wanted),
        *(places.unlisted_village(commune) for commune in communes),
    ]
    units = [
        *earlier_places.units(before, [unit_of(one) for one in today]),
        *(unit_of(one) for one in below),
    ]
    return len(enter(session, units, _reforms(before, today), now=now))


def unit_of(place: places.Place, since: date | None = _SINCE) -> Unit:
    """A place of a list as the unit it is since a day."""
    attributes = dict(place.attributes)
    uuid = attributes.pop("uuid", None)
    span = Span(place.level, place.name, place.parent or None, since, None, attributes)
    return Unit(place.code, (span,), uuid)


def _reforms(before: Iterable[Earlier], today: Iterable[places.Place]) -> list[Reform]:
    found: dict[tuple[str, date], list[Link]] = {}
    for province, link in earlier_places.links(before, today):
        found.setdefault((province, link.on), []).append(link)
    return [Reform(on, _legal_basis(province), links) for (province, on), links in sorted(found.items())]


def _legal_basis(province: str) -> str:
    number = RESOLUTIONS.get(province)
    return f"Nghị quyết {number}/NQ-UBTVQH15 ngày 16/06/2025" if number else "Nghị quyết 202/2025/QH15"
