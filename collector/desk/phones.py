"""The phones of a project: given access by a QR code, seen at work, withdrawn."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from collector.accounts.guard import identity
from collector.actions.accounts import NewPhone, create_app_user, revoke
from collector.actions.qr import collect_settings, png_code, svg_code
from collector.desk.page import NUMBER, is_out_of_reach, now, phone_address, scoped
from collector.fileresponse import disposition
from collector.parts import parts
from storage.database import db, transaction
from storage.models import AppUser
from storage.queries import actors, lists, projects

blueprint = Blueprint("phones", __name__)

_LONGEST_NAME = 100


@scoped(blueprint, "/phones")
def index(project_id: int) -> str:
    """Every phone, the withdrawn ones last."""
    return _index(project_id)


def _index(project_id: int, **more: object) -> str:
    session = db.session()
    phones = actors.app_users_of(session, project_id)
    return render_template(
        "phones.html",
        project=projects.get_project(session, project_id),
        phones=phones,
        sent=lists.sent_by(session, [phone.actor_id for phone in phones]),
        surveys=lists.survey_lines(session, project_id),
        **more,
    )


@scoped(blueprint, "/phones", methods=("POST",))
def give(project_id: int) -> ResponseReturnValue:
    """Give a phone access, to every survey or to those ticked."""
    name = request.form.get("name", "").strip()[:_LONGEST_NAME]
    known = {line.form.id for line in lists.survey_lines(db.session(), project_id)}
    ticked = tuple(number for number in request.form.getlist("form", type=int) if number in known)
    every = request.form.get("forms") != "some"
    if not name or not name.isprintable():
        return _index(project_id, sentence=gettext("Give the phone a name: its holder or its village.")), 400
    if not every and not ticked:
        return _index(project_id, sentence=gettext("Tick at least one survey, or choose all.")), 400
    phone = NewPhone(project_id, name, None if every else ticked, created_by=identity().actor_id)
    with transaction() as session:
        projects.get_project(session, project_id)
        made, _token = create_app_user(session, phone, parts().vault, now=now())
        number = made.actor_id
    return redirect(url_for(".show", project_id=project_id, number=number), 303)


@scoped(blueprint, f"/phones/<{NUMBER}:number>")
def show(project_id: int, number: int) -> str:
    """A phone's QR code, for its screen or for a printed sheet."""
    session = db.session()
    phone = _phone(project_id, number)
    chosen = actors.form_ids_of(session, number)
    address = phone_address()
    return render_template(
        "phone.html",
        phone=phone,
        project=projects.get_project(session, project_id),
        url=_url(phone) if phone.token_sealed else "",
        out_of_reach=is_out_of_reach(address),
        surveys=[line for line in lists.survey_lines(session, project_id) if line.form.id in chosen],
        sent=lists.sent_by(session, [number]).get(number, 0),
    )


@scoped(blueprint, f"/phones/<{NUMBER}:number>/qr.svg")
def qr_svg(project_id: int, number: int) -> Response:
    """The code as a drawing, sharp on a screen and on paper."""
    return Response(svg_code(_code(project_id, number)), content_type="image/svg+xml")


@scoped(blueprint, f"/phones/<{NUMBER}:number>/qr.png")
def qr_png(project_id: int, number: int) -> Response:
    """The code as a picture, to send to the person who holds the phone."""
    phone = _phone(project_id, number)
    response = Response(png_code(_code(project_id, number)), content_type="image/png")
    response.headers["Content-Disposition"] = disposition(f"QR {phone.actor.display_name}.png")
    return response


@scoped(blueprint, f"/phones/<{NUMBER}:number>/revoke", methods=("POST",))
def withdraw(project_id: int, number: int) -> ResponseReturnValue:
    """Take the access away; what the phone sent stays."""
    with transaction() as session:
        phone = _phone(project_id, number)
        name = phone.actor.display_name
        revoke(session, phone, now=now())
    flash(gettext("The access of “%(name)s” is withdrawn. What it sent is kept.", name=name))
    return redirect(url_for(".index", project_id=project_id), 303)


def _phone(project_id: int, number: int) -> AppUser:
    phone = actors.get_app_user(db.session(), project_id, number)
    return phone if phone is not None else abort(404)


def _url(phone: AppUser) -> str:
    if phone.token_sealed is None:
        abort(404)
    token = parts().vault.open(phone.token_sealed)
    return f"{phone_address()}/v1/key/{token}/projects/{phone.project_id}"


def _code(project_id: int, number: int) -> str:
    project = projects.get_project(db.session(), project_id)
    return collect_settings(_url(_phone(project_id, number)), project.name)
