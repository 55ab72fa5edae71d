"""Codes on paper: one, four or eight to a sheet of A4, with a new PIN each if wanted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, abort, request, stream_template
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext
from markupsafe import Markup

from collector.accounts.guard import identity
from collector.actions import pins
from collector.actions.people import find
from collector.actions.qr import code_in_page, collect_settings
from collector.desk.page import is_out_of_reach, phone_address, scoped, whole_number
from collector.desk.phones import address_of, search_asked
from collector.parts import parts
from storage.audits import Actee, note
from storage.database import db, transaction
from storage.models import AppUser
from storage.queries import projects, volunteers
from storage.queries.volunteers import PlaceName

blueprint = Blueprint("sheets", __name__)

TO_A_SHEET = (1, 4, 8)
MOST_CARDS = 1000
"""Codes in one print: a browser lays out so many in some seconds."""
_PLACES_TOLD = 4


@dataclass(frozen=True, slots=True)
class Card:
    """What is printed for a person. `pin` is empty unless it was made for this print."""

    name: str
    organisation: str
    places: str
    code: Markup
    pin: str


@scoped(blueprint, "/phones/sheet")
def show(project_id: int) -> ResponseReturnValue:
    """The codes of those asked for, without PINs."""
    return _print(project_id, {})


@scoped(blueprint, "/phones/sheet", methods=("POST",))
def make(project_id: int) -> ResponseReturnValue:
    """The same; with `pins=1` each gets a new PIN, which stands on this page and nowhere else."""
    if request.form.get("pins") != "1":
        return _print(project_id, {})
    if not identity().may("field_key.update", project_id):
        abort(403)
    # The answer goes straight to the printer: a PIN must not lie anywhere between two pages.
    fresh = pins.hashed(parts().vault, [phone.actor_id for phone in _asked(project_id) if phone.phone])
    with transaction() as session:
        pins.give(session, fresh)
        for number in fresh:
            phone = Actee("field_key", number, project_id)
            note(session, "field_key.update", actee=phone, details={"data": {"pin": True}})
    return _print(project_id, {number: pin for number, (pin, _kept) in fresh.items()})


def _asked(project_id: int) -> list[AppUser]:
    """The phones ticked, or all that the search finds."""
    session = db.session()
    ticked = request.values.getlist("phone", type=whole_number)
    if not ticked or request.values.get("all") == "1":
        ticked = [line.actor_id for line in find(session, project_id, search_asked()).lines]
    return volunteers.phones_of(session, project_id, ticked)


def _print(project_id: int, fresh: Mapping[int, str]) -> ResponseReturnValue:
    session = db.session()
    phones = _asked(project_id)
    per = request.values.get("per", type=int)
    places = volunteers.place_lines(session, {code for phone in phones for code in phone.place_codes})
    project = projects.get_project(session, project_id)
    rows = [_Row.of(phone, places) for phone in phones[:MOST_CARDS]]
    with force_locale("vi"):
        steps = [
            gettext("Install ODK Collect from the Play Store and open it."),
            gettext("Choose “Configure with QR code” and scan this code."),
            gettext("The surveys come by themselves. Filled forms are sent when there is signal."),
        ]
        lost = gettext(
            "New phone? Open %(address)s and type phone number and PIN.", address=f"{phone_address()}/qr"
        )
        words = {"pin": gettext("PIN"), "keep": gettext("Give this code to nobody.")}
    size = per if per in TO_A_SHEET else TO_A_SHEET[1]
    told = stream_template(
        "phone_sheet.html",
        project=project,
        cards=_cards(rows, project.name, fresh),
        number=len(rows),
        left_out=len(phones) - len(rows),
        per=size,
        steps=steps,
        lost=lost,
        words=words,
        with_pins=bool(fresh),
        out_of_reach=is_out_of_reach(phone_address()),
    )
    return Response(told, content_type="text/html; charset=utf-8")


@dataclass(frozen=True, slots=True)
class _Row:
    """What is read of a person before the page begins, so that no database waits for a slow line."""

    number: int
    name: str
    organisation: str
    places: str
    address: str

    @classmethod
    def of(cls, phone: AppUser, places: Mapping[str, PlaceName]) -> _Row:
        named = [places[code] for code in phone.place_codes if code in places]
        told = ", ".join(one.name for one in named[:_PLACES_TOLD])
        more = "…" if len(named) > _PLACES_TOLD else ""
        above = ", ".join(dict.fromkeys(one.parent_name for one in named if one.parent_name))
        return cls(
            phone.actor_id,
            phone.actor.display_name,
            phone.organisation or "",
            " · ".join(filter(None, (told + more, above))),
            address_of(phone.token_sealed or b"", phone.project_id),
        )


def _cards(rows: Sequence[_Row], project: str, fresh: Mapping[int, str]) -> Iterator[Card]:
    for row in rows:
        code = code_in_page(collect_settings(row.address, project, holder=row.name))
        # Markup: the drawing is ours, made of numbers only.
        drawing = Markup(code)  # noqa: S704
        yield Card(row.name, row.organisation, row.places, drawing, fresh.get(row.number, ""))
