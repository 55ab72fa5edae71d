"""A map of places for any page: in their outlines where an office sent them, else tiles by position."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from functools import cache

from sqlalchemy.orm import Session

from collector.actions.start import shipped_places
from forms.maps import MOST, Map, Mark, drawn
from forms.values import Point
from storage.queries.figure_places import middles
from storage.queries.outlines import outlines_of

_RECORDS_ASKED = 60
"""Places whose records may be asked where they lie: each is a question of its own."""


def map_of(session: Session, project_id: int, marks: Mapping[str, Mark]) -> Map | None:
    """A map of these places (code to what is said of each), None of fewer than two or more than MOST.

    Each mark has a look (`forms.maps.LOOKS`: good, fair, bad, none, plain), the place's name, a few words
    told of it, and the address its link leads to. Draw it with the macro `places_map` of `map_parts.html`,
    which also wants the words of each look for its legend:

        marks = {"00715": Mark("bad", "Xã Lũng Cú", "3/12 thôn", url_for(...)), ...}
        picture = map_of(session, project_id, marks)
        {{ places_map(picture, {"bad": _("behind"), ...}, labelled="heading-id") }}

    Order matters only where nobody knows where the places lie: then they stand in rows in it. Where they
    lie comes from the outlines in force, the list of centres that comes with the server, and for places
    in neither (villages) from the records filled in them.
    """
    if not 1 < len(marks) <= MOST:
        return None
    outlines = outlines_of(session, marks)
    points = centres_of(marks)
    unknown = marks.keys() - outlines.keys() - points.keys()
    if 0 < len(unknown) <= _RECORDS_ASKED:
        points |= middles(session, project_id, unknown)
    return drawn(marks, points, outlines)


def centres_of(codes: Iterable[str]) -> dict[str, Point]:
    """Where those of these provinces and communes lie that the list of centres knows."""
    return {code: point for code in codes if (point := _centres().get(code)) is not None}


@cache
def _centres() -> dict[str, Point]:
    """Where provinces and communes lie: code to the middle of each; empty when the list is not there."""
    path = shipped_places("centres.csv")
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as handle:
        return {
            row["code"]: Point(float(row["latitude"]), float(row["longitude"]))
            for row in csv.DictReader(handle)
        }
