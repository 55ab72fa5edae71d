"""The map changed on the desk, step by step: what happens, to whom and from which day, what moves, done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from collector.accounts.guard import identity
from collector.actions import place_changes
from collector.actions.place_changes import Operation
from collector.desk.page import NUMBER, now, scoped
from collector.desk.places import may_change
from collector.errors import say
from forms.place_changes import Part
from forms.places import COMMUNE, LEVELS, PROVINCE, VILLAGE
from forms.problems import Problem
from forms.values import HOME
from storage.database import db
from storage.models import Place
from storage.places import operations
from storage.places.villages import next_code
from storage.queries import places
from storage.queries.volunteers import place_lines

blueprint = Blueprint("place_changes", __name__)

CHANGES = ("merge", "split", "move", "rename", "open", "close")
MOST_PARTS = 9
AT_ONCE = 2_000
"""Records that follow while the page waits; of more the worker takes care, and a page tells how far."""

_BELOW = {PROVINCE: COMMUNE, COMMUNE: VILLAGE}
_FOUND = 30


@dataclass(frozen=True, slots=True)
class Choice:
    """A place to choose: its code, its name, and in what it lies."""

    code: str
    name: str
    within: str


@scoped(blueprint, "/places/<seg:code>/change")
def ask(project_id: int, code: str) -> str:
    """What happens to a place, then (`?kind=`) the particulars; `?find=` looks for others."""
    _require_whole(project_id)
    session = db.session()
    place = places.get_place(session, code)
    kind = request.args.get("kind", "")
    if kind and kind not in _possible(place):
        abort(404)
    return _form(place, kind)


@scoped(blueprint, "/places/<seg:code>/change", methods=("POST",))
def change(project_id: int, code: str) -> ResponseReturnValue:
    """Say what an operation would do; with `sure` it is done."""
    _require_whole(project_id)
    place = places.get_place(db.session(), code)
    try:
        operation = _asked(place)
        if request.form.get("sure") != "1":
            return _preview(project_id, place, operation)
        number = place_changes.carry_out(operation, actor_id=identity().actor_id, now=now(), at_once=AT_ONCE)
    except Problem as problem:
        db.session().rollback()
        kind = request.form.get("kind", "")
        return _form(places.get_place(db.session(), code), kind, say(problem)), 400
    if operation.kind in {"open", "rename"}:
        flash(gettext("Done. It can be taken back under number %(number)s.", number=number))
        target = code if operation.kind != "open" else operation.codes[0]
        return redirect(url_for("desk.places.show", project_id=project_id, code=target), 303)
    return redirect(url_for(".show", project_id=project_id, number=number), 303)


@scoped(blueprint, f"/places/changes/<{NUMBER}:number>")
def show(project_id: int, number: int) -> ResponseReturnValue:
    """An operation: what was done, how far the records have followed, and the way back."""
    _require_whole(project_id)
    session = db.session()
    done = operations.get_change(session, number)
    codes = [one for one in (*done.details.get("codes", ()), done.details.get("target")) if one]
    progress = place_changes.progress_of(session, done)
    response = make_response(
        render_template(
            "place_done.html",
            change=done,
            progress=progress,
            holders=done.before.get("holders") or {},
            touched=place_lines(session, set(codes)),
        )
    )
    if not progress.settled:
        # The page tells how far it is by itself, without a script.
        response.headers["Refresh"] = "5"
    return response


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
    return redirect(url_for(".show", project_id=project_id, number=number), 303)


def _require_whole(project_id: int) -> None:
    if not may_change(project_id):
        abort(403)


def _today() -> date:
    return now().astimezone(HOME).date()


def _possible(place: Place) -> tuple[str, ...]:
    """What can happen to a place: one that ended stays as it is."""
    if place.valid_to is not None:
        return ()
    left_out = {"move"} if place.parent_code is None else set()
    left_out |= {"open"} if place.level not in _BELOW else set()
    return tuple(kind for kind in CHANGES if kind not in left_out)


# The steps ----------------------------------------------------------------------------------------------


def _form(place: Place, kind: str, sentence: str = "") -> str:
    session = db.session()
    words = request.args.get("find", "").strip()[:100]
    parts = min(max(2, request.values.get("parts", 2, type=int)), MOST_PARTS)
    inside = places.children(session, place.code) if kind in {"split", "open"} else []
    return render_template(
        "place_ask.html",
        place=place,
        kind=kind,
        kinds=_possible(place),
        sentence=sentence,
        given=request.form,
        words=words,
        beside=_beside(session, place) if kind == "merge" else _homes(session, place, kind),
        found=_found(session, place, kind, words) if words else [],
        parts=parts,
        most_parts=MOST_PARTS,
        inside=inside,
        below=_BELOW.get(place.level, ""),
        code_free=next_code(session, place.code) if place.level == COMMUNE and kind == "open" else "",
        codes_free=_codes_free(session, place, parts) if kind == "split" else [],
        today=_today(),
    )


def _beside(session: Session, place: Place) -> list[Choice]:
    """The units of the same level around it."""
    several = places.children(session, place.parent_code)
    return [Choice(one.code, one.span.name, "") for one in several if one.code != place.code]


def _homes(session: Session, place: Place, kind: str) -> list[Choice]:
    """The units it might come to lie in: those beside the one it lies in."""
    if kind != "move" or place.parent_code is None:
        return []
    home = places.get_place(session, place.parent_code)
    several = places.children(session, home.parent_code)
    return [Choice(one.code, one.span.name, "") for one in several if one.code != home.code]


def _found(session: Session, place: Place, kind: str, words: str) -> list[Choice]:
    """Units anywhere that fit: of the same level to merge with, of the one above to move into."""
    level = place.level if kind == "merge" else LEVELS[max(0, LEVELS.index(place.level) - 1)]
    levels = [level] if level in {PROVINCE, COMMUNE, VILLAGE} else [PROVINCE]
    several = places.find(session, words, level=levels[0], limit=_FOUND)
    return [
        Choice(one.code, one.name, ", ".join(up.span.name for up in places.ancestors(session, one.code)))
        for one in several
        if one.code not in {place.code, place.parent_code}
    ]


def _codes_free(session: Session, place: Place, parts: int) -> list[str]:
    """Codes for the parts of a village: its own, and the next ones of its commune; others are official."""
    if place.level != VILLAGE or place.parent_code is None:
        return [place.code] + [""] * (parts - 1)
    commune, _, number = next_code(session, place.parent_code).rpartition("-")
    return [place.code, *(f"{commune}-{int(number) + more:03d}" for more in range(parts - 1))]


def _preview(project_id: int, place: Place, operation: Operation) -> str:
    session = db.session()
    seen = place_changes.preview(session, operation, now=now(), project_id=project_id)
    spans = [span for line in seen.lines for span in (line.before, line.after) if span]
    names = place_lines(session, {span.parent for span in spans if span.parent})
    fields = [(name, text) for name, text in request.form.items(multi=True) if name not in _NOT_ASKED]
    return render_template(
        "place_change.html",
        place=place,
        operation=operation,
        seen=seen,
        effects=seen.effects,
        names=names,
        fields=fields,
        at_once=AT_ONCE,
    )


_NOT_ASKED = frozenset({"csrf_token", "sure", "people"})


# What was asked for -------------------------------------------------------------------------------------


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
        more["parts"] = _parts()
    sure = request.form.get("sure") == "1"
    more["people"] = not sure or request.form.get("people") == "1"
    return Operation(kind, codes, on, _field("basis"), _field("target"), _field("name"), **more)


def _codes(kind: str, place: Place) -> tuple[tuple[str, ...], dict[str, Any]]:
    if kind == "open":
        return (_field("code"),), {"level": _field("level") or VILLAGE}
    if kind == "merge":
        others = " ".join(request.form.getlist("codes")).replace(",", " ").split()
        return tuple(dict.fromkeys([place.code, *others])), {}
    return (place.code,), {}


def _parts() -> tuple[Part, ...]:
    """The parts of a split: code and name of each, and of every place inside to which part it goes."""
    codes, names = request.form.getlist("part_code"), request.form.getlist("part_name")
    goes: Sequence[tuple[str, str]] = [
        (name.removeprefix("to-"), text) for name, text in request.form.items() if name.startswith("to-")
    ]
    return tuple(
        Part(code.strip(), " ".join(name.split()), tuple(one for one, part in goes if part == str(number)))
        for number, (code, name) in enumerate(zip(codes, names, strict=False), start=1)
        if code.strip()
    )
