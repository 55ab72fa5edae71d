"""Places into the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from forms import places
from forms.earlier_places import RESOLUTIONS, Province, by_province, read_earlier
from forms.place_tree import Span, Unit
from storage.database import transaction
from storage.models import Place, PlaceSpan
from storage.places.loading import Reform, enter, is_recorded
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
    """Enter the 34 provinces, the 3,321 communes of today, and the villages of a file.

    `earlier` is a list of what was before, as `forms.earlier_places` reads it. With a `province` only the
    villages of its communes are taken. What is there already keeps what it is. Returns how many codes
    were new or learnt what they were before. Raises PlaceUnknown, EarlierPlacesUnreadable.
    """
    provinces, communes = places.provinces(), places.all_communes()
    if province is not None and province not in {one.code for one in provinces}:
        raise PlaceUnknown(code=province)
    listed = places.read_villages(villages.read_bytes()) if villages and villages.exists() else []
    wanted = {one.code for one in communes if province in {None, one.parent}}
    several = [
        *provinces,
        *communes,
        *(village for village in listed if village.parent in wanted),
        *(places.unlisted_village(commune) for commune in communes),
    ]
    number = len(enter(session, [unit_of(one) for one in several]))
    before = by_province(read_earlier(earlier)) if earlier else []
    return number + sum(enter_earlier(session, one, now=now) for one in before)


def load_earlier(
    text: bytes, *, now: datetime, progress: Callable[[int, int], None] = lambda _done, _all: None
) -> int:
    """Enter what was before a reform, a province of today in each transaction; today's are there.

    Returns how many codes learnt what they were; none for a province that was loaded before. Raises
    EarlierPlacesUnreadable.
    """
    several = by_province(read_earlier(text))
    number = 0
    for done, province in enumerate(several, start=1):
        with transaction() as session:
            number += enter_earlier(session, province, now=now)
        progress(done, len(several))
    return number


def enter_earlier(session: Session, province: Province, *, now: datetime) -> int:
    """The same for one province, in a transaction of the caller's."""
    if not province.links or is_recorded(session, province.links[-1]):
        return 0
    on = max(link.on for link in province.links)
    number = RESOLUTIONS.get(province.code) if on == _SINCE else None
    basis = f"Nghị quyết {number}/NQ-UBTVQH15 ngày 16/06/2025" if number else ""
    return len(enter(session, province.units, [Reform(on, basis, province.links)], now=now))


def adopt(session: Session) -> int:
    """Give the places of a release that knew no history theirs; returns how many there were."""
    unknown = session.scalars(select(Place).where(~exists().where(PlaceSpan.code == Place.code))).all()
    units = []
    for place in unknown:
        units.append(
            unit_of(
                places.Place(place.code, place.level, place.name, place.parent_code or "", place.attributes)
            )
        )
        place.attributes = {name: text for name, text in place.attributes.items() if name != "uuid"}
    session.flush()
    return len(enter(session, sorted(units, key=lambda unit: places.LEVELS.index(unit.spans[-1].level))))


def unit_of(place: places.Place, since: date | None = _SINCE) -> Unit:
    """A place of a list as the unit it is since a day."""
    attributes = dict(place.attributes)
    uuid = attributes.pop("uuid", None)
    span = Span(place.level, place.name, place.parent or None, since, None, attributes)
    return Unit(place.code, (span,), uuid)
