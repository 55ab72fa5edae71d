"""Forms begun in a browser: kept here sealed, and opened on another phone by a short code."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import quote

import orjson
from flask import Response, jsonify, request

from collector.actions.web_drafts import LARGEST, XML_LIMIT, Opened, Owner, Saving, WebDrafts
from collector.clock import moment
from collector.fileresponse import disposition
from collector.parcels import Parcel, unpack
from collector.parts import parts
from collector.visits import Visit
from collector.webforms.doors import base, caller, fill, form_of, owner, project_id
from storage.database import db
from storage.queries import forms
from storage.webform_problems import WebDraftUnreadable

_TEXTS = {"draft": 64 * 1024, "xml": XML_LIMIT}
_LONGEST_TITLE = 300


def _drafts() -> WebDrafts:
    return WebDrafts(parts().vault, parts().blobs)


def _owner(visit: Visit) -> Owner:
    return Owner(owner(visit), project_id(), shared=visit.is_link)


def _address() -> str:
    return request.remote_addr or ""


@fill.put("/drafts/<seg:key>")
def save_draft(key: str) -> Response:
    """Keep a draft, new or again, under the UUID its browser gave it."""
    visit = caller("submission.create")
    db.session.remove()
    with unpack(request.environ, parts().blobs, _TEXTS, LARGEST) as parcel:
        said, xml = _said(parcel), parcel.texts.get("xml")
        if xml is None:
            raise WebDraftUnreadable(part="xml")
        form = form_of(visit, _text(said, "form_id"))
        version = forms.get_version(db.session(), form, _text(said, "version", needed=False)).version
        saving = Saving(
            _uuid(key),
            form,
            version,
            _text(said, "title", needed=False)[:_LONGEST_TITLE],
            xml,
            parcel.files,
            _kept(said),
        )
        db.session.remove()
        made = _drafts().save(_owner(visit), saving, now=moment())
    return jsonify(_listed(made))


def _said(parcel: Parcel) -> dict[str, Any]:
    try:
        found = orjson.loads(parcel.texts.get("draft", b""))
    except orjson.JSONDecodeError as error:
        raise WebDraftUnreadable(part="draft") from error
    if not isinstance(found, dict):
        raise WebDraftUnreadable(part="draft")
    return found


def _kept(said: dict[str, Any]) -> frozenset[str]:
    found = said.get("keep") or []
    if not isinstance(found, list):
        raise WebDraftUnreadable(part="keep")
    return frozenset(one for one in found if isinstance(one, str))


def _text(said: dict[str, Any], name: str, *, needed: bool = True) -> str:
    found = said.get(name)
    if not isinstance(found, str) or not (found or not needed):
        if found is None and not needed:
            return ""
        raise WebDraftUnreadable(part=name)
    return found.replace("\0", "")


def _uuid(key: str) -> str:
    try:
        return str(uuid.UUID(key.removeprefix("uuid:")))
    except ValueError as error:
        raise WebDraftUnreadable(part="uuid") from error


@fill.get("/drafts")
def list_drafts() -> Response:
    """What the caller has begun; by a link nothing is listed, because others have it too."""
    found = _drafts().listing(db.session(), _owner(caller("submission.create")), now=moment())
    return jsonify([_listed(one) for one in found])


@fill.get("/drafts/<seg:key>")
def open_draft(key: str) -> Response:
    """A draft by its code, with its answers."""
    visit = caller("submission.create")
    found = _drafts().opened(_owner(visit), key, _address(), now=moment())
    # Another phone may fill other forms than the one it was begun on.
    form_of(visit, found.form_id)
    return jsonify(_listed(found) | {"xml": (found.xml or b"").decode(errors="replace")})


@fill.get("/drafts/<seg:key>/files/<seg:name>")
def draft_file(key: str, name: str) -> Response:
    """A file of a draft."""
    visit = caller("submission.create")
    pieces = _drafts().file(_owner(visit), key, name, _address(), now=moment())
    response = Response(pieces, content_type="application/octet-stream")
    response.headers["Content-Disposition"] = disposition(name)
    response.headers["Cache-Control"] = "no-store"
    return response


@fill.delete("/drafts/<seg:key>")
def delete_draft(key: str) -> Response:
    """Forget a draft, by its UUID."""
    _drafts().delete(_owner(caller("submission.create")), _uuid(key), now=moment())
    return Response(status=204)


def _listed(one: Opened) -> dict[str, Any]:
    under = f"{base()}/drafts/{quote(one.code, safe='')}/files"
    return {
        "uuid": one.uuid,
        "code": one.code,
        "form_id": one.form_id,
        "version": one.version,
        "title": one.title,
        "saved_at": one.saved_at.isoformat(),
        "expires_at": one.expires_at.isoformat(),
        "files": [
            {"name": name, "size": size, "url": f"{under}/{quote(name, safe='')}"}
            for name, size in one.files.items()
        ],
    }
