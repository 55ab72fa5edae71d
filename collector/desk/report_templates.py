"""An office's own files for reports on the desk: sent, replaced, taken away, put back."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from collector.accounts.guard import identity
from collector.actions import report_templates as actions
from collector.actions import reports
from collector.actions.reports import Asked
from collector.desk import tickets, uploads
from collector.desk.page import NUMBER, now, scoped
from collector.desk.standpoint import default_area, standpoint
from collector.errors import say
from collector.fileresponse import blob_response
from collector.parts import parts
from forms.problems import Problem
from storage.database import db, transaction
from storage.queries import lists
from storage.queries.report_templates import Slot, Stored, templates

blueprint = Blueprint("report_templates", __name__)

_TICKET = "report-template"


@scoped(blueprint, "/report-templates")
def index(project_id: int) -> str:
    """The files there are, and where one is sent."""
    return _index(project_id)


def _index(project_id: int, sentence: str = "") -> str:
    session = db.session()
    several = templates(session, project_id)
    undo = request.args.get("undo", "")
    return render_template(
        "report_templates.html",
        several=several,
        described={one.id: one for one in reports.descriptions()},
        people=lists.names_of(session, {one.made_by for one in several if one.made_by}),
        megabytes=actions.MOST_BYTES // 2**20,
        chosen=request.values.get("report", ""),
        sentence=sentence,
        undo=undo,
        at=standpoint(session, project_id, at_home=True),
    )


@scoped(blueprint, "/report-templates", methods=("POST",))
def take(project_id: int) -> ResponseReturnValue:
    """Keep a file that can be filled; the one of the same name is replaced."""
    sent = uploads.sent()
    if sent is None:
        return _index(project_id, uploads.nothing_chosen()), 400
    report = request.form.get("report", "")
    try:
        reports.description_of(report)
        slot = actions.slot_of(project_id, report, sent.name)
        if len(sent.data) > actions.MOST_BYTES:
            return _index(project_id, _too_large()), 400
        _try_out(project_id, slot, sent.data)
    except Problem as problem:
        return _index(project_id, say(problem)), 400
    kept = uploads.keep(sent)
    stored = actions.stored_now(kept.sha256, len(sent.data), identity().actor_id, now())
    before = _standing(project_id, slot)
    with transaction() as session:
        actions.put(session, slot, stored)
    flash(gettext("%(name)s is kept and stands beside the report now.", name=slot.name))
    return redirect(url_for(".index", project_id=project_id, undo=_ticket(slot, before)), 303)


def _too_large() -> str:
    megabytes = actions.MOST_BYTES // 2**20
    return str(gettext("The file is too large: at most %(megabytes)s MB.", megabytes=megabytes))


def _try_out(project_id: int, slot: Slot, data: bytes) -> None:
    """Fill a file once, so that what is wrong with it is said now and not on the day it is due."""
    session = db.session()
    place = _some_place(project_id, slot.serves)
    if place:
        made = reports.make(session, parts().blobs, project_id, Asked(slot.serves, place), now())
        actions.filled(slot.kind, data, actions.values_in(made))


def _some_place(project_id: int, report: str) -> str:
    """A place whose report it could be; "" where there is none yet."""
    session = db.session()
    level = reports.description_of(report).level
    home = default_area(session, project_id)
    several = lists.places_of_level(session, level)
    mine = [one.code for one in several if home in {one.code, one.parent_code}]
    return next(iter(mine or [one.code for one in several]), "")


def _standing(project_id: int, slot: Slot) -> Stored | None:
    for one in templates(db.session(), project_id, slot.serves):
        if (one.kind, one.name) == (slot.kind, slot.name):
            return Stored(one.blob_sha256, one.size, one.made_by, one.made_at)
    return None


def _ticket(slot: Slot, stored: Stored | None) -> str:
    said: list[str | int | None] = [slot.project_id, slot.kind, slot.serves, slot.name, identity().actor_id]
    if stored is not None:
        said += [stored.sha256, stored.size, stored.made_by, stored.made_at.isoformat()]
    return tickets.sealed(_TICKET, *said)


@scoped(blueprint, f"/report-templates/<{NUMBER}:number>/remove", methods=("POST",))
def remove(project_id: int, number: int) -> ResponseReturnValue:
    """Take a file away; the page it leads to offers to put it back."""
    with transaction() as session:
        slot, stored = actions.take_away(session, project_id, number)
    flash(gettext("%(name)s is taken away.", name=slot.name))
    return redirect(url_for(".index", project_id=project_id, undo=_ticket(slot, stored)), 303)


@scoped(blueprint, "/report-templates/undo", methods=("POST",))
def undo(project_id: int) -> ResponseReturnValue:
    """Have the files as they were before the last change."""
    number, kind, serves, name, actor, *file = tickets.opened(_TICKET, request.form.get("ticket", ""))
    if (number, actor) != (project_id, identity().actor_id):
        abort(400)
    stored = Stored(file[0], file[1], file[2], datetime.fromisoformat(file[3])) if file else None
    with transaction() as session:
        actions.put_back(session, Slot(project_id, kind, serves, name), stored)
    flash(gettext("The files are as before."))
    return redirect(url_for(".index", project_id=project_id), 303)


@scoped(blueprint, f"/report-templates/<{NUMBER}:number>/file")
def file(project_id: int, number: int) -> Response:
    """A file as it was sent, with its placeholders."""
    found = actions.require(db.session(), project_id, number)
    return blob_response(parts().blobs, found.blob_sha256, found.name)
