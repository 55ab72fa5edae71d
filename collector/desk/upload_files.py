"""Files in the columns of other systems: which there are, asked for by place, year and purpose."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from collector.accounts.guard import identity
from collector.actions import taking_away, upload_files
from collector.actions.releases import Maker, Wanted
from collector.desk.downloads import communes
from collector.desk.extracts import wait_if_small
from collector.desk.page import language, now, scoped, start_of_today
from collector.desk.phones import places_typed
from collector.errors import say
from forms.datasets.column_maps import ColumnMap
from forms.problems import Problem
from storage.database import db, transaction
from storage.queries import lists, projects

blueprint = Blueprint("upload_files", __name__)

_YEARS = 4
"""Years that can be picked, the present one included."""


@scoped(blueprint, "/downloads/systems")
def index(project_id: int) -> str:
    """The files there are, system by system."""
    session = db.session()
    lines = [line for line in lists.survey_lines(session, project_id) if line.form.current_id]
    tallies = lists.tallies(session, [line.form.id for line in lines], since=start_of_today())
    year = start_of_today().year
    return render_template(
        "upload_files.html",
        project=projects.get_project(session, project_id),
        systems=_systems(),
        surveys={line.form.xml_form_id: line.title for line in lines},
        records={
            line.form.xml_form_id: tallies[line.form.id].records for line in lines if line.form.id in tallies
        },
        communes=communes(),
        years=[year - ago for ago in range(_YEARS)],
        formats=upload_files.FORMATS,
    )


def _systems() -> Sequence[tuple[str, Sequence[ColumnMap]]]:
    """The files by system, in the order of the table that says what they are."""
    several: dict[str, list[ColumnMap]] = {}
    for one in upload_files.maps().values():
        several.setdefault(one.system, []).append(one)
    return [(group[0].system_title, group) for group in several.values()]


@scoped(blueprint, "/downloads/systems/make", methods=("POST",))
def make(project_id: int) -> ResponseReturnValue:
    """Ask for the file whose button was pressed, `file=ID:FORMAT`; on to the page of it."""
    said = request.form
    file_id, _, kind = said.get("file", "").partition(":")
    places, doubt = places_typed(said.get("place", ""))
    if doubt:
        return render_template("error.html", status=400, sentence=doubt), 400
    typed = said.get("year", "")
    year = int(typed) if typed.isdecimal() and len(typed) < 5 else 0  # noqa: PLR2004 - digits of a year
    year = year if year in upload_files.YEARS else start_of_today().year
    chosen = (kind,) if kind in upload_files.FORMATS else upload_files.FORMATS[:1]
    wanted = Wanted(
        "", formats=chosen, places=places, language=language(), purpose=said.get("purpose", "")[:2000]
    )
    try:
        one = upload_files.map_of(file_id)
        with transaction() as session:
            maker = Maker(identity().actor_id, now())
            asked = taking_away.ask_upload(session, identity(), project_id, (one, wanted, year), maker)
            number, form_id = asked.id, asked.form_id
    except Problem as problem:
        return render_template("error.html", status=400, sentence=say(problem)), 400
    wait_if_small(number, form_id)
    return redirect(url_for("desk.extracts.show", project_id=project_id, number=number), 303)
