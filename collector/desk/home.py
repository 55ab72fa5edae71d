"""The first page: what is to be done today, how far the campaigns are, words and a picture to send on.

Whoever only fills in forms finds there which, and until when.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answer

from collector.actions.filling import ToFill, to_fill
from collector.desk import today_words as words
from collector.desk.page import FIRST_PROJECT, NUMBER, may, now, phone_address, scoped, seeing
from collector.desk.today import NO_CALENDAR, Today, area_of, calendar_of, shown_of, today_of
from forms.values import HOME
from storage.database import db
from storage.models import AppUser, Project
from storage.queries import lists, morning, projects
from storage.scope import current

blueprint = Blueprint("home", __name__)

ROWS, ROWS_OF_UNITS = 8, 12
"""Places on the page: of a province no more than fit on one screen, of a commune nearly all its villages."""


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """The first project the reader may look into; else what he may fill in, or that there is nothing."""
    session = db.session()
    mine = _mine(session)
    if not mine:
        return render_template("home.html", today=None, filling=_filling(session), words=words)
    if mine[0].id != FIRST_PROJECT:
        return redirect(url_for(".project", project_id=mine[0].id), 303)
    return _page(session, mine[0], mine)


@blueprint.get(f"/projects/<{NUMBER}:project_id>/today")
def project(project_id: int) -> str:
    """The same for any project."""
    session = db.session()
    return _page(session, projects.get_project(session, project_id), _mine(session))


def _mine(session: Session) -> Sequence[Project]:
    return [one for one in projects.list_projects(session) if may("form.list", one.id)]


@dataclass(frozen=True)
class Filling:
    """What the reader fills in of one project, and the names of his places, "" where he has none."""

    project: Project
    places: str
    forms: Sequence[ToFill]


def _filling(session: Session) -> list[Filling]:
    """The projects the reader may fill in forms of."""
    found = []
    for one in projects.list_projects(session):
        if may("open_form.list", one.id):
            with seeing("open_form.list", one.id):
                names = lists.place_names(session, current().codes or ())
                forms = to_fill(session, one.id, now())
            found.append(Filling(one, ", ".join(sorted(names.values())), forms))
    return found


def _page(session: Session, shown: Project, mine: Sequence[Project]) -> str:
    today = today_of(session, shown)
    last = today.arrived.last_at
    return render_template(
        "home.html",
        today=today,
        day=format_date(now().astimezone(HOME).date(), "EEEE, dd/MM/yyyy", rebase=False),
        last=last.astimezone(HOME).time() if last else None,
        others=[one for one in mine if one.id != shown.id],
        start=_start(session, shown.id),
        rows=ROWS_OF_UNITS if today.calendar.of_units else ROWS,
        words=words,
        text=_text(session, today),
    )


def _text(session: Session, today: Today) -> str:
    """The message about the campaign that is shown; "" without one."""
    if today.shown is None:
        return ""
    number = today.shown.campaign.id
    path = url_for("desk.campaigns.show", project_id=today.project.id, number=number)
    with seeing("campaign.read", today.project.id):
        area = area_of(session, today.project.id, today.shown)
    return words.text_of(
        today.shown,
        area,
        of_units=today.calendar.of_units,
        now=now(),
        address=f"{phone_address()}{path}",
    )


@dataclass(frozen=True)
class Start:
    """What a new project takes: whether it has a survey, a phone that was used; the phones with access."""

    survey: bool
    phone: bool
    phones: Sequence[AppUser]


def _start(session: Session, project_id: int) -> Start | None:
    """The first steps, for who may take them, until a record has come."""
    if not may("form.create", project_id):
        return None
    with seeing("form.create", project_id):
        if morning.has_records(session, project_id):
            return None
        surveys = lists.survey_lines(session, project_id)
        phones = lists.phones_in_use(session, project_id)
    published = any(line.form.current_id for line in surveys)
    return Start(published, any(phone.last_used_at for phone in phones), phones)


@scoped(blueprint, "/today.png")
def picture(project_id: int) -> Answer:
    """The table of the campaign that is shown, as a picture; `?campaign=` says which."""
    session = db.session()
    # Only one campaign is drawn: of one that is named the others need not be counted.
    named = "campaign" in request.args
    calendar = NO_CALENDAR if named else calendar_of(session, project_id)
    shown = shown_of(session, project_id, calendar) or abort(404)
    with seeing("campaign.read", project_id):
        table = words.table_of(shown, area_of(session, project_id, shown), now=now())
    # Pillow takes a while to import, and most processes never draw.
    from collector.desk.today_picture import draw

    response = Response(draw(table), content_type="image/png")
    response.headers["Content-Disposition"] = 'inline; filename="bang-so-lieu.png"'
    # Kept by the browser, and asked for each time: whoever signs out shows it to nobody.
    response.headers["Cache-Control"] = "private, no-cache"
    response.add_etag()
    return response.make_conditional(request)


@blueprint.get("/favicon.ico")
def icon() -> Answer:
    """Where browsers look for a picture beside what is no page, such as a photo."""
    return redirect(url_for("static", filename="mark.svg"), 301)
