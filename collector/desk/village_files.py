"""Villages from a spreadsheet on the desk: sent, looked at, entered, taken back."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from collector.accounts.guard import identity
from collector.actions import village_import
from collector.actions.village_import import Sent
from collector.desk import uploads
from collector.desk.page import NUMBER, now, scoped
from collector.desk.places import may_change
from collector.errors import say
from forms.problems import Problem
from storage.database import db
from storage.queries.batches import A_PAGE, batches_of, get_batch

blueprint = Blueprint("village_files", __name__)

_TICKET = "villages"
SHOWN = 30
"""Rows of a list that its preview shows."""
FAULTS_SHOWN = 200


@scoped(blueprint, "/places/villages")
def index(project_id: int) -> str:
    """Where a list is sent, and those that were."""
    _require_whole(project_id)
    return _index()


@scoped(blueprint, "/places/villages", methods=("POST",))
def look(project_id: int) -> ResponseReturnValue:
    """Say what a list holds and what is wrong with it; nothing is entered yet."""
    _require_whole(project_id)
    sent = uploads.sent()
    if sent is None:
        return _index(sentence=uploads.nothing_chosen()), 400
    given = Sent(sent.data, sent.name, convert=request.form.get("as_typed") != "1")
    try:
        found = village_import.preview(db.session(), given)
    except Problem as problem:
        return _index(sentence=say(problem)), 400
    ticket = ""
    if not found.faults:
        ticket = uploads.ticket(_TICKET, uploads.keep(sent), project_id, given.convert)
    page = _index(found=found, file_name=sent.name, ticket=ticket, shown=SHOWN, faults_shown=FAULTS_SHOWN)
    return page, 200 if ticket else 400


@scoped(blueprint, "/places/villages/enter", methods=("POST",))
def enter(project_id: int) -> ResponseReturnValue:
    """Enter the villages of a list that was looked at."""
    _require_whole(project_id)
    file, [convert] = uploads.reopened(_TICKET, project_id)
    data = file.data()
    if data is None:
        return _index(sentence=uploads.gone()), 400
    try:
        same = frozenset(request.form.getlist("same", type=int))
        given = Sent(data, file.name, bool(convert), same)
        number = village_import.bring_in(given, actor_id=identity().actor_id, now=now())
    except Problem as problem:
        return _index(sentence=say(problem)), 400
    if not number:
        flash(gettext("Everything on the list is known already; nothing was changed."))
        return redirect(url_for(".index", project_id=project_id), 303)
    rows = get_batch(db.session(), None, {village_import.KIND}, number).summary["rows"]
    flash(ngettext("%(num)s village was entered.", "%(num)s villages were entered.", rows))
    return redirect(url_for(".index", project_id=project_id), 303)


@scoped(blueprint, f"/places/villages/<{NUMBER}:number>/undo", methods=("POST",))
def undo(project_id: int, number: int) -> ResponseReturnValue:
    """Take a list back."""
    _require_whole(project_id)
    try:
        village_import.undo(number, actor_id=identity().actor_id, now=now())
    except Problem as problem:
        flash(say(problem), "error")
    else:
        flash(gettext("The list was taken back."))
    return redirect(url_for(".index", project_id=project_id), 303)


def _index(**more: object) -> str:
    imports = batches_of(db.session(), None, village_import.KIND, limit=A_PAGE)
    return render_template("village_files.html", imports=imports, **more)


def _require_whole(project_id: int) -> None:
    if not may_change(project_id):
        abort(403)
