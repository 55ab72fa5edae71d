"""A volunteer gets his code again by himself, with his phone number and PIN; he sees what came back to him.

Open to everyone, so it tells nobody more than a wrong PIN would: the answer to an unknown number, to one
without a PIN and to a wrong PIN is the same, and takes as long.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from markupsafe import Markup

from collector.actions import pins
from collector.actions.qr import code_in_page, collect_settings, png_code
from collector.desk.page import now, phone_address
from collector.desk.tickets import opened, sealed
from collector.fileresponse import disposition
from collector.parts import parts
from storage.cuts import within
from storage.database import db
from storage.models import AppUser
from storage.problems import NotSignedIn, TooManyAttempts
from storage.queries import projects, returned
from storage.scope import WHOLE

blueprint = Blueprint("selfservice", __name__)

PICTURE_LASTS = timedelta(minutes=10)
_LONGEST = 30
_TICKET = "picture"


@blueprint.get("/qr")
def form() -> str:
    """Ask for phone number and PIN."""
    return render_template("selfservice.html", several=None)


@blueprint.post("/qr")
def take() -> ResponseReturnValue:
    """The codes of whoever knows both, and the records that came back to him."""
    number, pin = (request.form.get(name, "")[:_LONGEST] for name in ("phone", "pin"))
    try:
        mine = pins.fetch(number, pin, request.remote_addr or "", parts().vault, now=now())
    except NotSignedIn:
        sentence = gettext(
            "Phone number or PIN is wrong. Ask your commune for a new PIN if you have lost it."
        )
        return _again(number, sentence), 403
    except TooManyAttempts as problem:
        minutes = problem.details["minutes"]
        sentence = gettext("Wrong too often. Wait %(minutes)s minutes and try again.", minutes=minutes)
        return _again(number, sentence), 429
    # The PIN has said who this is; nobody is signed in.
    with within(WHOLE):
        several = [_told(db.session.get_one(AppUser, one)) for one in mine]
        return render_template("selfservice.html", several=several, sentence="")


def _again(number: str, sentence: str) -> str:
    return render_template("selfservice.html", several=None, number=number, sentence=sentence)


def _told(phone: AppUser) -> dict[str, Any]:
    session = db.session()
    project = projects.get_project(session, phone.project_id)
    address, name = _address(phone), phone.actor.display_name
    return {
        "name": name,
        "project": project.name,
        "address": address,
        # Markup: the drawing is ours, made of numbers only.
        "code": Markup(code_in_page(collect_settings(address, project.name, holder=name))),  # noqa: S704
        "ticket": sealed(_TICKET, phone.actor_id, (now() + PICTURE_LASTS).isoformat()),
        "returned": returned.open_of(session, phone.project_id, phone.actor_id),
    }


def _address(phone: AppUser) -> str:
    token = parts().vault.open(phone.token_sealed) if phone.token_sealed else abort(404)
    return f"{phone_address()}/v1/key/{token}/projects/{phone.project_id}"


@blueprint.post("/qr/picture")
def picture() -> Response:
    """The code as a picture, for a Collect on the same phone: it reads codes from pictures too."""
    actor_id, until = opened(_TICKET, request.form.get("ticket", ""))
    if now() > datetime.fromisoformat(until):
        abort(400)
    with within(WHOLE):
        phone = db.session.get_one(AppUser, actor_id)
        project = projects.get_project(db.session(), phone.project_id)
        data = png_code(collect_settings(_address(phone), project.name, holder=phone.actor.display_name))
    response = Response(data, content_type="image/png")
    response.headers["Content-Disposition"] = disposition("ma-qr-collect.png")
    return response
