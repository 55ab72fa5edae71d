"""③ What somebody may fill: the forms with all that belongs to them, cut to his places.

Each thing is named by a digest of what it is, so that a phone fetches what is new to it and nothing else.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import orjson
from flask import Response, request

from collector.actions import web_sent
from collector.actions.delivery import Handed
from collector.clock import moment
from collector.handed import handed_file
from collector.packing import packed
from collector.parcels import ACCEPTS
from collector.parts import parts
from collector.visits import Visit
from collector.webforms.doors import base, caller, fill, form_of, owner, project_id, who
from collector.webforms.made import Told, told
from collector.wording import fill as fill_in
from forms.webform import Lack
from forms.webform.lack_words import FEATURES
from storage.database import db
from storage.models import FormVersion
from storage.queries import forms, projects, webforms
from storage.queries.forms import Listed

_NO_VERSION = "___"
"""How an address says that a form has no version."""

Sizes = Mapping[tuple[int, str], int]


@fill.get("/shelf")
def shelf() -> Response:
    """The forms the caller may fill, each with what has to be fetched for it."""
    visit = caller("open_form.list", "open_form.read")
    session = db.session()
    listed = forms.listed_forms(session, visit.project_ids, only=visit.only)
    numbers = [one.version_id for one in listed]
    # First, because one that was not made yet is kept in a transaction of its own.
    made = {one.version_id: told(one.version_id, one.md5, now=moment()) for one in listed}
    held = webforms.holder(session, owner(visit))
    sizes = webforms.file_sizes(session, numbers)
    versions = webforms.versions(session, numbers)
    said = {
        "who": who(visit),
        "project": {"id": project_id(), "name": projects.get_project(session, project_id()).name},
        "limit": ACCEPTS,
        "forms": [
            offered(visit, one, versions[one.version_id], made[one.version_id], sizes) | {"once": held.once}
            for one in listed
        ],
    }
    return answer(said)


def answer(said: Mapping[str, Any]) -> Response:
    """A shelf, or that it is the one the asker has."""
    tag = hashlib.sha256(orjson.dumps(said)).hexdigest()[:32]
    if "If-None-Match" in request.headers and request.if_none_match.contains_weak(tag):
        response = Response(status=304)
    else:
        body = orjson.dumps({"as_of": moment().isoformat(), **said})
        response = packed(Response(body, content_type="application/json"))
    response.set_etag(tag, weak=True)
    response.vary.add("Accept-Language")
    return response


def offered(visit: Visit, one: Listed, version: FormVersion, made: Told, sizes: Sizes) -> dict[str, Any]:
    """A form as a shelf names it; `sizes` are bytes of its stored files, by version and name."""
    address = f"{base()}/forms/{quote(one.xml_form_id, safe='')}/versions/{_step(one.version)}"
    files = parts().deliveries.files(db.session(), visit.asker(one.project_id), one.version_id)
    return {
        "id": one.xml_form_id,
        "version": one.version,
        "hash": made.digest,
        "title": one.name,
        "state": "open",
        "definition": f"{address}/definition",
        "size": len(made.body),
        "files": [_file(file, f"{address}/files", sizes.get((one.version_id, file.name))) for file in files],
        "edits": not visit.is_link and web_sent.may_edit(version),
        "pages": made.pages,
        "hard": made.hard,
        "lacks": [_lack(lack) for lack in made.lacks],
        "languages": [{"label": label, "tag": tag} for label, tag in made.languages],
    }


def _lack(lack: Lack) -> dict[str, Any]:
    said = FEATURES[lack.feature]
    sentence = f"{fill_in(said.cause, lack.details)} {fill_in(said.remedy, lack.details)}".strip()
    return {
        "question": lack.question,
        "label": lack.label,
        "feature": lack.feature,
        "sentence": sentence,
        "hard": lack.hard,
    }


def _file(file: Handed, under: str, size: int | None) -> dict[str, Any]:
    return {
        "name": file.name,
        "hash": file.md5,
        "size": len(file.made) if file.made is not None else size,
        "url": f"{under}/{quote(file.name, safe='')}",
    }


def _step(version: str) -> str:
    return quote(version or _NO_VERSION, safe="")


def _version(form_id: str, version: str) -> tuple[Visit, FormVersion]:
    """A published version the caller may fill. Raises FormNotFound, FormVersionNotFound, NotAllowed."""
    visit = caller("open_form.read")
    form = form_of(visit, form_id)
    return visit, forms.get_version(db.session(), form, "" if version == _NO_VERSION else version)


@fill.get("/forms/<seg:form_id>/versions/<seg:version>/definition")
def definition(form_id: str, version: str) -> Response:
    """A form as the browser's engine wants it: JSON, kept gzipped."""
    _visit, found = _version(form_id, version)
    return defined(told(found.id, found.md5, now=moment()))


def defined(made: Told) -> Response:
    """A form as it is kept, or that it is the one the asker has."""
    if "If-None-Match" in request.headers and request.if_none_match.contains_weak(made.digest):
        response = Response(status=304)
    elif request.accept_encodings["gzip"] > 0:
        response = Response(made.body, content_type="application/json")
        response.headers["Content-Encoding"] = "gzip"
    else:
        response = Response(gzip.decompress(made.body), content_type="application/json")
    response.set_etag(made.digest, weak=True)
    response.vary.add("Accept-Encoding")
    return response


@fill.get("/forms/<seg:form_id>/versions/<seg:version>/files/<seg:name>")
def file(form_id: str, version: str, name: str) -> Response:
    """A file of a form: as it is stored, or made for the caller's places."""
    visit, found = _version(form_id, version)
    return handed_file(visit.asker(project_id()), found.id, name)
