"""Codes of villages on paper: short address, QR code and PIN, one, four or eight to a sheet of A4."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, abort, request, stream_template
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext
from markupsafe import Markup

from collector.accounts.guard import identity
from collector.actions import pins
from collector.actions.qr import code_in_page
from collector.actions.village_codes import MOST, address_of
from collector.desk.page import is_out_of_reach, phone_address, scoped, whole_number
from collector.desk.sheets import TO_A_SHEET
from collector.parts import parts
from storage.audits import Actee, note
from storage.database import db, transaction
from storage.models import AppUser
from storage.queries import projects, volunteers

blueprint = Blueprint("village_sheets", __name__)

MISSING, EVERY, NONE = "missing", "every", "none"
"""Whose PIN is made for a print: of those that have none, of all, of nobody."""


@dataclass(frozen=True, slots=True)
class Card:
    """What is printed for a village. `pin` is empty unless it was made for this print."""

    name: str
    above: str
    address: str
    code: Markup
    pin: str


@scoped(blueprint, "/village-codes/sheet", methods=("POST",))
def make(project_id: int) -> ResponseReturnValue:
    """The sheets of the villages ticked. A PIN stands on this page and nowhere else."""
    phones = _asked(project_id)
    how = request.form.get("pins", NONE)
    needy = [one for one in phones if how == EVERY or (how == MISSING and not one.pin_hash)]
    if needy and not identity().may("field_key.update", project_id):
        abort(403)
    numbers = [one.actor_id for one in needy]
    # Made before the database is held: keeping a PIN takes its time.
    fresh = pins.hashed(parts().vault, numbers) if numbers else {}
    if fresh:
        with transaction() as session:
            pins.give(session, fresh)
            for number in fresh:
                phone = Actee("field_key", number, project_id)
                note(session, "field_key.update", actee=phone, details={"data": {"pin": True}})
    return _print(project_id, _asked(project_id), {number: pin for number, (pin, _kept) in fresh.items()})


def _asked(project_id: int) -> list[AppUser]:
    """The villages ticked, or all of a batch; only those with access and a short code."""
    session = db.session()
    numbers = request.form.getlist("phone", type=whole_number)
    batch = request.form.get("batch", type=whole_number)
    if batch is not None:
        numbers = volunteers.numbers_of_batch(session, batch)
    several = volunteers.phones_of(session, project_id, numbers[:MOST])
    return [one for one in several if one.short_code and one.village]


def _print(project_id: int, phones: Sequence[AppUser], fresh: Mapping[int, str]) -> ResponseReturnValue:
    session = db.session()
    places = volunteers.place_lines(session, {one.village for one in phones if one.village})
    base = phone_address()
    rows = []
    for phone in phones:
        place = places.get(phone.village or "")
        above = place.parent_name if place else ""
        rows.append(_Row(phone.actor_id, phone.actor.display_name, above, address_of(base, phone)))
    with force_locale("vi"):
        steps = [
            gettext("Scan the code with the camera, or open Chrome and type the address."),
            gettext("Type the PIN once, then choose “Add to home screen”."),
            gettext("Fill in the forms, also without signal. Look at “not sent yet” when there is signal."),
        ]
        lost = gettext("PIN lost, new phone? The commune gives a new PIN; the address stays the same.")
        words = {"pin": gettext("PIN"), "keep": gettext("Give this PIN to nobody outside the village.")}
    size = request.form.get("per", type=int)
    told = stream_template(
        "village_sheet.html",
        project=projects.get_project(session, project_id),
        cards=_cards(rows, fresh),
        number=len(rows),
        per=size if size in TO_A_SHEET else TO_A_SHEET[1],
        steps=steps,
        lost=lost,
        words=words,
        with_pins=bool(fresh),
        without=len(rows) - len(fresh),
        out_of_reach=is_out_of_reach(base),
    )
    return Response(told, content_type="text/html; charset=utf-8")


@dataclass(frozen=True, slots=True)
class _Row:
    """What is read of a village before the page begins, so that no database waits for a slow line."""

    number: int
    name: str
    above: str
    address: str


def _cards(rows: Sequence[_Row], fresh: Mapping[int, str]) -> Iterator[Card]:
    for row in rows:
        # Markup: the drawing is ours, made of numbers only.
        drawing = Markup(code_in_page(row.address))  # noqa: S704
        yield Card(row.name, row.above, row.address.partition("://")[2], drawing, fresh.get(row.number, ""))
