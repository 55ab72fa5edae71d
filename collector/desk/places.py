"""The map on the desk: found, opened, seen with its history, changed on a day, and changed back."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from collector.accounts.guard import identity
from collector.actions import place_changes
from collector.actions.place_changes import Operation
from collector.desk.page import NUMBER, now, scoped
from collector.errors import say
from forms.place_changes import Part
from forms.places import COMMUNE, VILLAGE
from forms.problems import Problem
from forms.values import HOME
from storage.database import db
from storage.models import Place
from storage.places import operations
from storage.places.closure import spans_of
from storage.places.villages import next_code
from storage.queries import places
from storage.queries.ended_places import find_ended
from storage.queries.volunteers import place_lines

blueprint = Blueprint("places", __name__)

CHANGES = ("rename", "move", "merge", "split", "close", "open")


@scoped(blueprint, "/places")
def index(project_id: int) -> str:
    """The provinces, or what `?q=` finds, in the place of `?under=` if there is one; what ended apart."""
    session = db.session()
    words, under = request.args.get("q", "").strip()[:100], request.args.get("under", "")
    within = [under] if under else ()
    found = places.find(session, words, within=within, limit=50) if words else None
    whole = may_change(project_id)
    return render_template(
        "places.html",
        words=words,
        under=under,
        found=found,
        ended=find_ended(session, words, within=within) if words else [],
        above={place.code: places.ancestors(session, place.code) for place in found or ()},
        provinces=places.children(session, None) if found is None else [],
        changes=operations.changes_of(session, limit=20) if whole else [],
        whole=whole,
    )


@scoped(blueprint, "/places/<seg:code>")
def show(project_id: int, code: str) -> str:
    """A place: what lies in it, what its code was before, and what was done to it."""
    session = db.session()
    place = places.get_place(session, code)
    return render_template(
        "place.html",
        place=place,
        above=places.ancestors(session, code),
        inside=places.children(session, code),
        spans=[*reversed(spans_of(session, [code]).get(code, []))],
        names=places.names(session, code),
        became=places.became(session, code),
        changes=operations.changes_of(session, code),
        whole=may_change(project_id),
        today=_today(),
        code_free=next_code(session, code) if place.level == COMMUNE else "",
    )


@scoped(blueprint, "/places/<seg:code>/change", methods=("POST",))
def change(project_id: int, code: str) -> ResponseReturnValue:
    """Say what an operation would do; with `sure` it is done."""
    _require_whole(project_id)
    place = places.get_place(db.session(), code)
    try:
        operation = _asked(place)
        if request.form.get("sure") != "1":
            seen = place_changes.preview(db.session(), operation, now=now())
            spans = [span for line in seen.lines for span in (line.before, line.after) if span]
            names = place_lines(db.session(), {span.parent for span in spans if span.parent})
            return render_template(
                "place_change.html", place=place, operation=operation, seen=seen, names=names
            )
        number = place_changes.carry_out(operation, actor_id=identity().actor_id, now=now())
    except Problem as problem:
        page = render_template("place_change.html", place=place, operation=None, sentence=say(problem))
        return page, 400
    flash(gettext("Done. It can be taken back under number %(number)s.", number=number))
    target = code if operation.kind != "open" else operation.codes[0]
    return redirect(url_for(".show", project_id=project_id, code=target), 303)


@scoped(blueprint, f"/places/changes/<{NUMBER}:number>/undo", methods=("POST",))
def undo(project_id: int, number: int) -> ResponseReturnValue:
    """Take an operation back."""
    _require_whole(project_id)
    try:
        place_changes.undo(number, actor_id=identity().actor_id, now=now())
    except Problem as problem:
        flash(say(problem), "error")
    else:
        flash(gettext("Operation %(number)s was taken back.", number=number))
    return redirect(url_for(".index", project_id=project_id), 303)


def may_change(project_id: int) -> bool:
    """Whether the reader may change the map: it belongs to all, so only who sees all of it may."""
    return (
        identity().may("place.update", project_id) and identity().scope(("place.update",), project_id).whole
    )


def _require_whole(project_id: int) -> None:
    if not may_change(project_id):
        abort(403)


def _today() -> date:
    return now().astimezone(HOME).date()


def _field(name: str) -> str:
    return " ".join(request.form.get(name, "").split())[:2000]


def _asked(place: Place) -> Operation:
    """The operation a form describes. Raises PlacePartsUnusable and the like later, when it is planned."""
    kind = request.form.get("kind", "")
    if kind not in CHANGES:
        abort(400)
    try:
        on = date.fromisoformat(_field("on"))
    except ValueError:
        on = _today()
    codes, more = _codes(kind, place)
    if kind == "split":
        more["parts"] = tuple(
            _part(line) for line in request.form.get("parts", "").splitlines() if line.strip()
        )
    return Operation(kind, codes, on, _field("basis"), _field("target"), _field("name"), **more)


def _codes(kind: str, place: Place) -> tuple[tuple[str, ...], dict[str, Any]]:
    if kind == "open":
        return (_field("code"),), {"level": _field("level") or VILLAGE}
    if kind == "merge":
        return tuple(dict.fromkeys([place.code, *_field("codes").replace(",", " ").split()])), {}
    return (place.code,), {}


def _part(line: str) -> Part:
    head, _, inside = line.partition(":")
    code, _, name = head.partition("=")
    return Part(code.strip(), " ".join(name.split()), tuple(inside.replace(",", " ").split()))
