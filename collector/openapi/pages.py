"""Where tools find the descriptions of the doors; people read them at `/api` (collector/desk/programs.py)."""

from __future__ import annotations

from importlib.metadata import version

import orjson
from flask import Blueprint, Response, current_app, request

from collector.openapi.document import document
from collector.openapi.reading import Group, groups

blueprint = Blueprint("openapi", __name__)
_MADE = "collector.openapi"


def described(door: str) -> tuple[bytes, list[Group]]:
    """The document of a door as bytes, and as groups to read; made once in a process."""
    made = current_app.extensions.setdefault(_MADE, {})
    if door not in made:
        found = document(current_app, door, version("collector"))
        made[door] = orjson.dumps(found), groups(found)
    kept: tuple[bytes, list[Group]] = made[door]
    return kept


def _answer(door: str) -> Response:
    response = Response(described(door)[0], content_type="application/json; charset=utf-8")
    response.headers["Cache-Control"] = "public, no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


@blueprint.get("/v1/openapi.json")
def wire() -> Response:
    """What ODK Central's clients find here, as OpenAPI 3.1."""
    return _answer("/v1/")


@blueprint.get("/api/openapi.json")
def ours() -> Response:
    """What is this server's own, as OpenAPI 3.1."""
    return _answer("/api/")
