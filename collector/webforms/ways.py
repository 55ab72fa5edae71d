"""Ways in: an account that is signed in, a token, a village's code with its PIN."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint, Response, jsonify, request

from collector import visits
from collector.accounts.guard import identity
from collector.accounts.secrets import fingerprint
from collector.actions import village_entry
from collector.clock import moment
from collector.parts import parts
from collector.visits import codes_of
from collector.webforms import trying
from collector.webforms.doors import places
from storage.database import db
from storage.problems import NotSignedIn, TokenUnknown
from storage.queries import forms, projects, webforms
from storage.queries.forms import draft_by_token
from storage.webform_problems import WebFormClosed

blueprint = Blueprint("w_ways", __name__, url_prefix="/w")

_LONGEST = 4096
"""Bytes of a PIN's request; it has six digits."""


@blueprint.after_request
def _private(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/me")
def me() -> Response:
    """Who is signed in, and in which projects he may fill."""
    who = identity()
    if who.actor_id is None:
        raise NotSignedIn
    session = db.session()
    several = [one for one in projects.list_projects(session) if who.may("open_form.list", one.id)]
    codes = {code for one in several for code in codes_of(who.scope(("submission.create",), one.id))}
    return jsonify({
        "id": who.actor_id,
        "name": who.name,
        "projects": [{"id": one.id, "name": one.name} for one in several],
        "places": places(tuple(sorted(codes))),
    })


@blueprint.get("/key/<token>")
def key(token: str) -> Response:
    """What a token opens."""
    session = db.session()
    project_id = webforms.project_of_token(session, fingerprint(token))
    if project_id is None:
        draft = draft_by_token(session, token)
        if draft is None:
            raise TokenUnknown
        return jsonify(trying.opened(*draft))
    visit = visits.by_key(token, project_id, even_closed=True)
    held = webforms.holder(session, visit.actor_id or 0)
    form = webforms.form_named(session, held.form_id) if held.form_id else None
    if form is not None and form.state == "closed":
        raise WebFormClosed(form=forms.current_version(session, form).name)
    return jsonify({
        "id": visit.actor_id,
        "kind": held.kind,
        "name": held.name,
        "project": {"id": project_id, "name": projects.get_project(session, project_id).name},
        "form": form.xml_form_id if form else None,
        "once": held.once,
        "places": places(visit.place_codes),
    })


@blueprint.post("/v/<code>")
def village(code: str) -> Response:
    """The token of a village for its code and PIN."""
    pin = _said().get("pin")
    opened = village_entry.enter(
        code, pin if isinstance(pin, str) else "", request.remote_addr or "", parts().vault, now=moment()
    )
    return jsonify({
        "token": opened.token,
        "id": opened.actor_id,
        "project_id": opened.project_id,
        "name": opened.name,
        "place": opened.place and {"code": opened.place[0], "name": opened.place[1]},
    })


def _said() -> dict[str, Any]:
    if (request.content_length or 0) > _LONGEST:
        return {}
    try:
        found = orjson.loads(request.get_data())
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}
