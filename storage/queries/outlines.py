"""Outlines of places asked for: which are in force, and the files they came in."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forms.maps import Outline
from forms.outline_problems import OutlineFileGone
from forms.places import COMMUNE, PROVINCE
from forms.values import Point
from storage.groups import in_groups
from storage.models import OutlineFile, Place, PlaceOutline

FILES_SHOWN = 20
"""Files of outlines that are listed, the newest."""


def outlines_of(session: Session, codes: Collection[str]) -> dict[str, Outline]:
    """The outlines in force of these places: of each that has one, the newest that was not taken back."""
    found: dict[str, Outline] = {}
    for some in in_groups(sorted(codes)):
        newest = (
            select(PlaceOutline.code.label("code"), func.max(PlaceOutline.file_id).label("file_id"))
            .join(OutlineFile, OutlineFile.id == PlaceOutline.file_id)
            .where(
                PlaceOutline.code.in_(some),
                OutlineFile.done_at.is_not(None),
                OutlineFile.undone_at.is_(None),
            )
            .group_by(PlaceOutline.code)
            .subquery()
        )
        rows = session.execute(
            select(PlaceOutline.code, PlaceOutline.rings, PlaceOutline.latitude, PlaceOutline.longitude).join(
                newest,
                (newest.c.code == PlaceOutline.code) & (newest.c.file_id == PlaceOutline.file_id),
            )
        )
        for code, rings, latitude, longitude in rows:
            shape = tuple(tuple((corner[0], corner[1]) for corner in ring) for ring in rings)
            found[code] = Outline(shape, Point(latitude, longitude))
    return found


def places_in(session: Session, area: str) -> dict[str, str]:
    """The places right in a province, "" the provinces: code to name, in the order of the alphabet."""
    right_in = Place.parent_code == area if area else Place.level == PROVINCE
    rows = session.execute(
        select(Place.code, Place.name)
        .where(right_in, Place.valid_to.is_(None))
        .order_by(Place.sort_key, Place.code)
    )
    return {row.code: row.name for row in rows}


def files_of(session: Session) -> Sequence[OutlineFile]:
    """The files that were entered, the newest first, at most FILES_SHOWN."""
    return session.scalars(
        select(OutlineFile)
        .where(OutlineFile.done_at.is_not(None))
        .order_by(OutlineFile.id.desc())
        .limit(FILES_SHOWN)
    ).all()


def get_file(session: Session, number: int) -> OutlineFile:
    """A file that was entered and not taken back. Raises OutlineFileGone."""
    found = session.get(OutlineFile, number)
    if found is None or found.done_at is None or found.undone_at is not None:
        raise OutlineFileGone(number=number)
    return found


def middles(session: Session) -> dict[str, tuple[float, float]]:
    """Latitude and longitude inside each commune whose outline is in force, by code."""
    newest = (
        select(PlaceOutline.code.label("code"), func.max(PlaceOutline.file_id).label("file_id"))
        .join(OutlineFile, OutlineFile.id == PlaceOutline.file_id)
        .join(Place, Place.code == PlaceOutline.code)
        .where(Place.level == COMMUNE, OutlineFile.done_at.is_not(None), OutlineFile.undone_at.is_(None))
        .group_by(PlaceOutline.code)
        .subquery()
    )
    rows = session.execute(
        select(PlaceOutline.code, PlaceOutline.latitude, PlaceOutline.longitude).join(
            newest, (newest.c.code == PlaceOutline.code) & (newest.c.file_id == PlaceOutline.file_id)
        )
    )
    return {code: (latitude, longitude) for code, latitude, longitude in rows}
