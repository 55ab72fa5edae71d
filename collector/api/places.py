"""Places for programs: found by name or code, on a day, in a place."""

from __future__ import annotations

from datetime import date
from typing import Any

import orjson
from flask import Blueprint, Response, request

from forms.place_problems import DayUnreadable
from forms.places import LEVELS
from storage.database import db
from storage.problems import LevelUnknown
from storage.queries import places

blueprint = Blueprint("api_places", __name__, url_prefix="/api")

MOST = 1_000
"""Places in one answer."""


@blueprint.get("/places")
def listing() -> Response:
    """What `search=` finds (without it: what lies right in `under=`, or the provinces).

    `under=` keeps what lies in a place, `level=` one level, `on=2024-12-31` says it as it was on that day;
    a search is always of today.
    """
    level, under = request.args.get("level") or None, request.args.get("under") or None
    if level is not None and level not in LEVELS:
        raise LevelUnknown(level=level, known=", ".join(LEVELS))
    session, on, words = db.session(), _day(), request.args.get("search", "").strip()[:100]
    if words:
        found = places.find(session, words, level=level, within=[under] if under else (), limit=_limit())
        several = [known for place in found if (known := places.as_of(session, place.code))]
    else:
        several = [one for one in places.children(session, under, on) if level in {None, one.span.level}][
            :MOST
        ]
    response = Response(orjson.dumps([_document(one) for one in several]), content_type="application/json")
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _day() -> date | None:
    text = request.args.get("on")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise DayUnreadable(value=text) from error


def _limit() -> int:
    return min(max(request.args.get("limit", 20, type=int), 1), MOST)


def _document(known: places.Known) -> dict[str, Any]:
    span = known.span
    return {
        "code": known.code,
        "name": span.name,
        "level": span.level,
        "parent": span.parent,
        "valid_from": span.valid_from,
        "valid_to": span.valid_to,
        "attributes": dict(span.attributes),
    }
