"""Files made of a survey for programs: asked for, looked after, fetched; links to one that end."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint, Response, request
from marshmallow import validate
from marshmallow.fields import Boolean, Field, Integer, List

from collector import bodies
from collector.accounts.guard import identity
from collector.actions import file_links, taking_away
from collector.actions.releases import Maker, Wanted
from collector.api.first import first_unless_said, routed
from collector.clock import moment
from collector.fileresponse import blob_response
from collector.parts import parts
from forms.values import iso_instant
from storage.database import db, transaction
from storage.models import ExtractFile
from storage.queries import releases
from storage.queries.releases import Made

blueprint = Blueprint("api_extracts", __name__, url_prefix="/api")
first_unless_said(blueprint)
Document = dict[str, Any]

ONE = "<int(max=2147483647):number>"
_SEVERAL = List(bodies.Text(), validate=validate.Length(max=200))
CHOICES: dict[str, Field[Any]] = {
    "formats": _SEVERAL,
    "shape": bodies.Text(),
    "words": bodies.Text(),
    "protection": bodies.Text(),
    "purpose": bodies.Text(validate=validate.Length(max=2000)),
    "language": bodies.Text(),
    "places": _SEVERAL,
    "from": bodies.Text(),
    "to": bodies.Text(),
    "states": _SEVERAL,
}
NEW_EXTRACT = bodies.Incoming.from_dict(
    {"form": bodies.Text(required=True), "photos": Boolean(), **CHOICES}, name="NewExtract"
)()
LINK_ASKED = bodies.Incoming.from_dict(
    {"days": Integer(strict=True, validate=validate.Range(1, max(file_links.DAYS)))}, name="NewFileLink"
)()


def maker() -> Maker:
    """Whoever asks, now."""
    return Maker(identity().actor_id, moment())


def chosen(said: Document) -> Document:
    """What a body says of files, under the names `Wanted` has for it."""
    names = {"from": "start", "to": "end"}
    return {
        names.get(key, key): tuple(one) if isinstance(one, list) else one
        for key, one in said.items()
        if key in CHOICES
    }


@routed(blueprint, "/extracts")
def listing(project_id: int) -> Response:
    """What the asker asked for himself, the newest first."""
    session = db.session()
    several = releases.own_extracts(session, project_id, identity().actor_id)
    return answer([extract_of(one) for one in releases.with_files(session, several)])


@routed(blueprint, "/extracts", method="POST")
def make(project_id: int) -> Response:
    """Ask for files; they are made in the background."""
    said = bodies.document(NEW_EXTRACT)
    with transaction() as session:
        photos = said.get("photos", False)
        wanted = Wanted("", forms=(said["form"],), photos=photos, **chosen(said))
        made = taking_away.ask(session, identity(), project_id, wanted, maker())
        return answer(extract_of(releases.with_files(session, [made])[0]))


@routed(blueprint, f"/extracts/{ONE}")
def single(project_id: int, number: int) -> Response:
    """How far one is, and its files."""
    session = db.session()
    found = releases.extract_of(session, project_id, number, identity().actor_id)
    return answer(extract_of(releases.with_files(session, [found])[0]))


@routed(blueprint, f"/files/{ONE}")
def file(project_id: int, number: int) -> Response:
    """One file of an extract of one's own, or of a release."""
    with transaction(noticed=False) as session:
        found = releases.file_of(session, project_id, number)
        taking_away.take(session, identity(), found, request.args.get("purpose", ""), maker())
        sha256, name = found[0].blob_sha256, found[0].name
    return blob_response(parts().blobs, sha256, name)


@routed(blueprint, f"/files/{ONE}/link", method="POST")
def link(project_id: int, number: int) -> Response:
    """An address that opens one file for some days."""
    said = bodies.document(LINK_ASKED)
    with transaction() as session:
        found = releases.file_of(session, project_id, number)
        taking_away.check(session, identity(), found, maker())
        days = said.get("days", file_links.DAYS[0])
        token, until = file_links.make(session, parts().vault, found, days, maker())
        name, free = found[0].name, file_links.is_without_people(found[1])
    origin = parts().settings.public_url or request.host_url.rstrip("/")
    return answer({
        "url": f"{origin}/shared/{token}/{name}",
        "until": iso_instant(until),
        "signedInOnly": not free,
    })


def answer(document: object) -> Response:
    """A JSON answer nobody keeps."""
    response = Response(orjson.dumps(document), content_type="application/json; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return response


def extract_of(made: Made) -> Document:
    """An extract as programs see it."""
    one = made.extract
    return {
        "id": one.id,
        "kind": one.kind,
        "form": made.form or None,
        "state": one.state,
        "done": one.done,
        "total": one.total,
        "problem": one.problem,
        "askedAt": iso_instant(one.asked_at),
        "madeAt": iso_instant(one.made_at) if one.made_at else None,
        "expiresAt": iso_instant(one.expires_at) if one.expires_at else None,
        "digest": one.digest,
        "manifest": one.manifest,
        "files": [_file(file) for file in made.files],
    }


def _file(one: ExtractFile) -> Document:
    return {
        "id": one.id,
        "format": one.format,
        "name": one.name,
        "size": one.size,
        "sha256": one.blob_sha256,
    }
