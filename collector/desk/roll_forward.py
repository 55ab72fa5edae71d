"""The lists of a project into a new year: a look at what would change, the deed, the way back."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from collector.accounts.guard import identity
from collector.actions import roll_forward
from collector.desk.page import asked_number, now, scoped, start_of_today
from storage.database import db
from storage.queries import projects
from storage.queries.batches import batches_of

blueprint = Blueprint("roll_forward", __name__)

_YEARS = range(2020, 2101)


@scoped(blueprint, "/new-year")
def look(project_id: int) -> str:
    """What a year would change, `?year=` given; what was done so far stands below."""
    session = db.session()
    project = projects.get_project(session, project_id)
    year = asked_number("year") or 0
    step = roll_forward.look(session, project_id, roll_forward.new_year(year)) if year in _YEARS else None
    return render_template(
        "new_year.html",
        project=project,
        year=year if step else start_of_today().year + 1,
        step=step,
        batches=batches_of(session, project_id, roll_forward.KIND),
    )


@scoped(blueprint, "/new-year", methods=("POST",))
def run(project_id: int) -> ResponseReturnValue:
    """Do it."""
    year = request.form.get("year", type=int)
    if year in _YEARS:
        to = roll_forward.new_year(year or 0)
        roll_forward.run(project_id, to, identity().actor_id, now=now())
        flash(gettext("The lists stand in the year %(year)s now.", year=year))
    return redirect(url_for(".look", project_id=project_id), 303)


@scoped(blueprint, "/new-year/<int(max=2147483647):number>/undo", methods=("POST",))
def undo(project_id: int, number: int) -> ResponseReturnValue:
    """Take a roll-forward back."""
    roll_forward.undo(project_id, number, identity().actor_id, now=now())
    flash(gettext("Brought back."))
    return redirect(url_for(".look", project_id=project_id), 303)
