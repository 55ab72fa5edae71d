"""The people of a project and their phones: given access by a QR code, found, seen at work, withdrawn."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from markupsafe import Markup

from collector.accounts.guard import identity
from collector.actions import pins, village_codes
from collector.actions.accounts import NewPhone, create_app_user, renew, revoke
from collector.actions.people import Search, State, find
from collector.actions.qr import code_in_page, collect_settings, png_code, svg_code
from collector.actions.volunteers import whereabouts
from collector.desk.page import (
    NUMBER,
    asked_number,
    is_out_of_reach,
    now,
    phone_address,
    scoped,
    whole_number,
)
from collector.fileresponse import disposition
from collector.parts import parts
from collector.wording import fill
from forms.volunteers import LONGEST_NAME, LONGEST_ORGANISATION, phone_number, split
from storage import audits
from storage.database import db, transaction
from storage.models import AppUser
from storage.queries import actors, lists, projects, returned, volunteers

blueprint = Blueprint("phones", __name__)

A_PAGE = 50
_LONGEST_REASON = 255


@scoped(blueprint, "/phones")
def index(project_id: int) -> str:
    """Who was found, newest first, a page at a time, the withdrawn ones last."""
    return _index(project_id)


def search_asked() -> Search:
    """What the page's form asks for."""
    state = request.values.get("state", "")
    return Search(
        request.values.get("q", "").strip()[:LONGEST_NAME],
        request.values.get("place", "").strip()[:40],
        request.values.get("org", ""),
        State(state) if state in set(State) else State.ANY,
        request.values.get("batch", type=whole_number),
    )


def _index(project_id: int, **more: object) -> str:
    session = db.session()
    search = search_asked()
    found = find(session, project_id, search)
    page = asked_number("page") or 1
    lines = found.lines[(page - 1) * A_PAGE : page * A_PAGE]
    return render_template(
        "phones.html",
        project=projects.get_project(session, project_id),
        search=search,
        states=State,
        found=found,
        lines=lines,
        page=page,
        pages=max(1, -(-len(found.lines) // A_PAGE)),
        sent=lists.sent_by(session, [line.actor_id for line in lines]),
        organisations=volunteers.organisations(session, project_id),
        surveys=lists.survey_lines(session, project_id),
        typed=request.form,
        **more,
    )


@scoped(blueprint, "/phones", methods=("POST",))
def give(project_id: int) -> ResponseReturnValue:
    """Give a phone access, to every survey or to those ticked, everywhere or in the places named."""
    name = request.form.get("name", "").strip()[:LONGEST_NAME]
    known = {line.form.id for line in lists.survey_lines(db.session(), project_id)}
    ticked = tuple(number for number in request.form.getlist("form", type=int) if number in known)
    every = request.form.get("forms") != "some"
    typed = request.form.get("phone", "").strip()
    number = phone_number(typed)
    places, doubt = places_typed(request.form.get("places", ""))
    sentences = (
        (not name or not name.isprintable(), gettext("Give the phone a name: its holder or its village.")),
        (not every and not ticked, gettext("Tick at least one survey, or choose all.")),
        (bool(typed) and number is None, gettext("That is no phone number: ten digits that begin with 0.")),
        (bool(doubt), doubt),
    )
    for wrong, sentence in sentences:
        if wrong:
            return _index(project_id, sentence=sentence), 400
    organisation = request.form.get("organisation", "").strip()[:LONGEST_ORGANISATION]
    phone = NewPhone(
        project_id,
        name,
        None if every else ticked,
        places,
        identity().actor_id,
        phone=number,
        organisation=organisation or None,
    )
    with transaction() as session:
        projects.get_project(session, project_id)
        made, _token = create_app_user(session, phone, parts().vault, now=now())
        number_made = made.actor_id
    return redirect(url_for(".show", project_id=project_id, number=number_made), 303)


def places_typed(text: str) -> tuple[tuple[str, ...], str]:
    """The codes of the places typed, and what is wrong with them."""
    places, remarks = whereabouts(db.session(), split(text[:2000]))
    told = " ".join(fill(one.cause, one.details) + " " + fill(one.remedy, one.details) for one in remarks)
    return tuple(places), told


@scoped(blueprint, f"/phones/<{NUMBER}:number>")
def show(project_id: int, number: int) -> str:
    """A phone's QR code, for its screen or for a printed sheet; what it sent back to its holder."""
    return _show(project_id, number)


def _show(project_id: int, number: int, **more: object) -> str:
    session = db.session()
    phone = _phone(project_id, number)
    chosen = actors.form_ids_of(session, number)
    address = phone_address()
    return render_template(
        "phone.html",
        phone=phone,
        project=projects.get_project(session, project_id),
        places=volunteers.place_lines(session, phone.place_codes),
        url=_url(phone) if phone.token_sealed else None,
        address=address,
        out_of_reach=is_out_of_reach(address),
        surveys=[line for line in lists.survey_lines(session, project_id) if line.form.id in chosen],
        sent=lists.sent_by(session, [number]).get(number, 0),
        returned=returned.open_of(session, project_id, number),
        village=_of_village(phone, address),
        **more,
    )


@dataclass(frozen=True, slots=True)
class OfVillage:
    """What the page of a village's access shows: its short address, and that as a code."""

    address: str
    code: Markup


def _of_village(phone: AppUser, address: str) -> OfVillage | None:
    if not phone.village or not phone.short_code or phone.token_hash is None:
        return None
    short = village_codes.address_of(address, phone)
    # Markup: the drawing is ours, made of numbers only.
    return OfVillage(short, Markup(code_in_page(short)))  # noqa: S704


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
    """Take the access away, for a reason; what the phone sent stays."""
    reason = request.form.get("reason", "").strip()[:_LONGEST_REASON]
    with transaction() as session:
        phone = _phone(project_id, number)
        name = phone.actor.display_name
        revoke(session, phone, now=now(), reason=reason)
    flash(gettext("The access of “%(name)s” is withdrawn. What it sent is kept.", name=name))
    return redirect(url_for(".index", project_id=project_id), 303)


@scoped(blueprint, f"/phones/<{NUMBER}:number>/renew", methods=("POST",))
def give_again(project_id: int, number: int) -> ResponseReturnValue:
    """A new code for the same person; the one before is refused from now on."""
    with transaction() as session:
        renew(session, _phone(project_id, number), parts().vault, now=now())
    flash(gettext("This is a new code. The one before works no longer."))
    return redirect(url_for(".show", project_id=project_id, number=number), 303)


@scoped(blueprint, f"/phones/<{NUMBER}:number>/pin", methods=("POST",))
def new_pin(project_id: int, number: int) -> ResponseReturnValue:
    """A new PIN, shown on this page and never again."""
    phone = _phone(project_id, number)
    if phone.token_sealed is None:
        abort(404)
    fresh = pins.hashed(parts().vault, [number])
    with transaction() as session:
        pins.give(session, fresh)
        details = {"data": {"pin": True}}
        audits.note(
            session, "field_key.update", actee=audits.of_actor(phone.actor, project_id), details=details
        )
    return _show(project_id, number, pin=fresh[number][0])


@scoped(blueprint, f"/phones/<{NUMBER}:number>/edit", methods=("POST",))
def edit(project_id: int, number: int) -> ResponseReturnValue:
    """Another phone number, organisation or places; the code stays the same."""
    typed = request.form.get("phone", "").strip()
    wanted = phone_number(typed)
    places, doubt = places_typed(request.form.get("places", ""))
    if typed and wanted is None:
        doubt = gettext("That is no phone number: ten digits that begin with 0.")
    if doubt:
        return _show(project_id, number, sentence=doubt), 400
    with transaction():
        phone = _phone(project_id, number)
        phone.phone = wanted
        phone.organisation = request.form.get("organisation", "").strip()[:LONGEST_ORGANISATION] or None
        phone.place_codes = list(places)
        phone.actor.updated_at = now()
        audits.note(db.session(), "field_key.update", actee=audits.of_actor(phone.actor, project_id))
    return redirect(url_for(".show", project_id=project_id, number=number), 303)


def _phone(project_id: int, number: int) -> AppUser:
    phone = actors.get_app_user(db.session(), project_id, number)
    return phone if phone is not None and phone.actor.deleted_at is None else abort(404)


def _url(phone: AppUser) -> str:
    if phone.token_sealed is None:
        abort(404)
    return address_of(phone.token_sealed, phone.project_id)


def address_of(sealed: bytes, project_id: int) -> str:
    """The address Collect is set up with."""
    return f"{phone_address()}/v1/key/{parts().vault.open(sealed)}/projects/{project_id}"


def _code(project_id: int, number: int) -> str:
    project = projects.get_project(db.session(), project_id)
    phone = _phone(project_id, number)
    return collect_settings(_url(phone), project.name, holder=phone.actor.display_name)
