"""Outlines of places on the desk: a GeoJSON file sent, looked at, entered, taken back."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from collector.accounts.guard import identity
from collector.actions import outlines as actions
from collector.actions.maps import centres_of
from collector.actions.outlines import Preview, Sent
from collector.desk import uploads
from collector.desk.page import NUMBER, may_everywhere, now, scoped
from collector.errors import say
from collector.parts import parts
from forms.maps import Map, Mark, drawn
from forms.outlines import MOST_BYTES
from forms.places import PROVINCE
from forms.problems import Problem
from storage.database import db
from storage.queries import lists
from storage.queries.outlines import files_of

blueprint = Blueprint("outlines", __name__)

_TICKET = "outlines"
_SHOWN = 60
"""Places without an outline, and outlines without a place, that a preview names."""


@scoped(blueprint, "/places/outlines")
def index(project_id: int) -> str:
    """Where outlines are sent, and the files that were."""
    _require_whole(project_id)
    return _index()


@scoped(blueprint, "/places/outlines", methods=("POST",))
def look(project_id: int) -> ResponseReturnValue:
    """Say which outline of a file is which place, and draw them; nothing is entered yet."""
    _require_whole(project_id)
    sent = uploads.sent()
    if sent is None:
        return _index(sentence=uploads.nothing_chosen()), 400
    area, source, licence = (
        request.form.get(name, "").strip()[:500] for name in ("area", "source", "licence")
    )
    try:
        seen = actions.preview(db.session(), Sent(sent.data, sent.name, area, source, licence))
    except Problem as problem:
        return _index(sentence=say(problem)), 400
    ticket = uploads.ticket(_TICKET, uploads.keep(sent), project_id, area, source, licence)
    return _index(seen=seen, picture=_picture(seen), file_name=sent.name, ticket=ticket, shown=_SHOWN)


@scoped(blueprint, "/places/outlines/enter", methods=("POST",))
def enter(project_id: int) -> ResponseReturnValue:
    """Enter the outlines of a file that was looked at."""
    _require_whole(project_id)
    file, [area, source, licence] = uploads.reopened(_TICKET, project_id)
    data = file.data()
    if data is None:
        return _index(sentence=uploads.gone()), 400
    sent = Sent(data, file.name, str(area), str(source), str(licence))
    try:
        actions.bring_in(sent, actor_id=identity().actor_id, now=now())
    except Problem as problem:
        return _index(sentence=say(problem)), 400
    flash(gettext("The outlines are on the maps now. They can be taken back below."))
    return redirect(url_for(".index", project_id=project_id), 303)


@scoped(blueprint, f"/places/outlines/<{NUMBER}:number>/undo", methods=("POST",))
def undo(project_id: int, number: int) -> ResponseReturnValue:
    """Take a file back."""
    _require_whole(project_id)
    try:
        actions.undo(number, actor_id=identity().actor_id, now=now())
    except Problem as problem:
        flash(say(problem), "error")
    else:
        flash(gettext("The outlines were taken back; the maps are as before."))
    return redirect(url_for(".index", project_id=project_id), 303)


def _picture(seen: Preview) -> Map | None:
    here = url_for(".index")
    marks = {
        code: Mark("good" if code in seen.outlines else "bad", name, "", here)
        for code, name in seen.places.items()
    }
    return drawn(marks, centres_of(marks), seen.outlines)


def _index(**more: object) -> str:
    session = db.session()
    files = files_of(session)
    provinces = lists.places_of_level(session, PROVINCE)
    return render_template(
        "outlines.html",
        files=files,
        provinces=provinces,
        names={one.code: one.name for one in provinces},
        people=lists.names_of(session, {file.actor_id for file in files if file.actor_id}),
        province=request.form.get("area", parts().settings.pilot_province),
        megabytes=MOST_BYTES // 2**20,
        given=request.form,
        **more,
    )


def _require_whole(project_id: int) -> None:
    """The map belongs to all, so only who sees all of it gives it other outlines."""
    if not may_everywhere("place.update", project_id):
        abort(403)
