"""Outlines an office sends: read, shown which is whose, entered as a whole, taken back as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from forms.maps import Outline
from forms.outline_names import Matched, match
from forms.outline_problems import OutlinesUnmatched
from forms.outline_shapes import simplified
from forms.outlines import read_outlines
from forms.places import PROVINCE
from storage.audits import Actee, note
from storage.database import db, transaction
from storage.groups import in_groups
from storage.models import OutlineFile, PlaceOutline
from storage.queries import outlines as stored
from storage.queries.places import get_place

_AT_ONCE = 200
"""Outlines written in one transaction: the writer is free again before anybody notices."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A file as it was sent: bytes, name, the province whose communes it shows ("": the provinces)."""

    data: bytes
    filename: str
    area: str = ""
    source: str = ""
    licence: str = ""


@dataclass(frozen=True)
class Preview:
    """What a file holds: which outline is whose, the outlines as they would be drawn, all places by name."""

    matched: Matched
    outlines: Mapping[str, Outline]
    places: Mapping[str, str]

    @property
    def points(self) -> int:
        """The corners that are kept."""
        return sum(len(ring) for one in self.outlines.values() for ring in one.rings)


def preview(session: Session, sent: Sent) -> Preview:
    """What a file would bring; nothing is written.

    Raises PlaceUnknown, OutlinesUnmatched and the refusals of `forms.outlines.read_outlines`.
    """
    found = read_outlines(sent.data)
    area = get_place(session, sent.area) if sent.area else None
    inside = stored.places_in(session, sent.area)
    matched = match(found, inside)
    if not matched.outlines:
        raise OutlinesUnmatched(number=len(found), area=area.name if area else PROVINCE)
    shapes = {
        code: [ring for one in several for ring in one.rings] for code, several in matched.outlines.items()
    }
    return Preview(matched, simplified(shapes), inside)


def bring_in(sent: Sent, *, actor_id: int | None, now: datetime) -> int:
    """Enter the outlines of a file; returns its number. They are in force all at once.

    Raises as `preview`.
    """
    seen = preview(db.session(), sent)
    db.session.rollback()
    rows = [
        {
            "code": code,
            "rings": [[list(corner) for corner in ring] for ring in one.rings],
            "latitude": one.middle.latitude,
            "longitude": one.middle.longitude,
        }
        for code, one in seen.outlines.items()
    ]
    with transaction() as session:
        file = OutlineFile(
            name=sent.filename[:255],
            area=sent.area or None,
            source=sent.source[:1000],
            licence=sent.licence[:255],
            summary={
                "outlines": len(rows),
                "unmatched": len(seen.matched.strangers),
                "missing": len(seen.matched.bare),
                "points": seen.points,
            },
            actor_id=actor_id,
            created_at=now,
        )
        session.add(file)
        session.flush()
        number = file.id
    for some in in_groups(rows, _AT_ONCE):
        with transaction() as session:
            session.execute(insert(PlaceOutline), [row | {"file_id": number} for row in some])
    with transaction() as session:
        session.get_one(OutlineFile, number).done_at = now
        _noted(session, "place.outline", number, sent.area, {"outlines": len(rows)})
    return number


def undo(number: int, *, actor_id: int | None, now: datetime) -> None:
    """Take a file back: what was in force before it is again. Raises OutlineFileGone."""
    with transaction() as session:
        file = stored.get_file(session, number)
        file.undone_at, file.undone_by = now, actor_id
        _noted(session, "place.outline_undo", number, file.area or "", {})


def _noted(session: Session, action: str, number: int, area: str, more: Mapping[str, int]) -> None:
    actee = Actee("place", place_code=area or None)
    note(session, action, actee=actee, details={"fileId": number, **more})
