"""Campaigns: what is due when, who has reported, and whom to remind."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from collector.actions import campaign_boards
from collector.actions import campaigns as actions
from collector.actions.campaigns import Amendment, NewCampaign, State
from collector.actions.start import surveys_folder
from collector.desk import board_page
from collector.desk.page import now, scoped, start_of_today
from collector.fileresponse import disposition
from collector.parts import parts
from forms.places import PROVINCE
from forms.problems import Problem
from storage.database import db, transaction
from storage.problems import CampaignUnusable, PlaceUnknown
from storage.queries import campaigns, lists, projects
from storage.queries.campaigns import UNITS

blueprint = Blueprint("campaigns", __name__)

_YEARS = range(1900, 2200)
"""Years a campaign may be in: a day later than all days are would stop every page that counts to it."""


@scoped(blueprint, "/campaigns")
def index(project_id: int) -> str:
    """The campaigns of a project, each with how far it is; `?past=1` shows the closed ones."""
    session = db.session()
    past = request.args.get("past") == "1"
    several = [one for one in campaigns.campaigns_of(session, project_id) if bool(one.closed_at) == past]
    moment, province = now(), parts().settings.pilot_province
    return render_template(
        "campaigns.html",
        project=projects.get_project(session, project_id),
        past=past,
        several=[
            (one, actions.days_left(one, moment), actions.boards(session, one, now=moment))
            for one in sorted(several, key=lambda one: _by_urgency(actions.days_left(one, moment)))
        ],
        year=start_of_today().year,
        province=lists.place_names(session, {province}).get(province, province),
        states=State,
    )


def _by_urgency(left: int) -> tuple[bool, int]:
    """What is due next comes first; what is over, last of all the oldest."""
    return left < 0, abs(left)


@scoped(blueprint, "/campaigns/<int(max=2147483647):number>")
def show(project_id: int, number: int) -> str:
    """One campaign commune by commune; `?form=`, `?only=`, `?sort=`, `?q=` say how it is looked at."""
    session = db.session()
    campaign = campaigns.get_campaign(session, project_id, number)
    moment = now()
    at = board_page.standing(session, campaign, moment)
    communes = campaign_boards.communes_of(at.board, at.seen) if at.board else []
    left = actions.days_left(campaign, moment)
    return render_template(
        "campaign.html",
        at=at,
        campaign=campaign,
        area=lists.place_names(session, {campaign.place_code}).get(campaign.place_code, ""),
        left=left,
        communes=communes,
        total=len(at.board.communes) if at.board else 0,
        map=board_page.map_for(session, at, communes),
        texts=board_page.texts(at, communes, left),
        page=board_page,
        states=State,
        now=moment,
    )


@scoped(blueprint, "/campaigns/<int(max=2147483647):number>/communes/<seg:code>")
def commune(project_id: int, number: int, code: str) -> str:
    """A commune of a campaign, village by village; the communes before and after it as the board has them."""
    session = db.session()
    campaign = campaigns.get_campaign(session, project_id, number)
    at = board_page.standing(session, campaign, now())
    several = campaign_boards.communes_of(at.board, at.seen) if at.board else []
    every = several if any(one.code == code for one in several) else campaign_boards.communes_of_all(at.board)
    place = next((number for number, one in enumerate(every) if one.code == code), None)
    if place is None or at.board is None:
        raise PlaceUnknown(code=code)
    here = every[place]
    return render_template(
        "campaign_commune.html",
        at=at,
        campaign=campaign,
        left=actions.days_left(campaign, now()),
        here=here,
        lines=sorted(here.tally.lines, key=board_page.by_state),
        before=every[place - 1] if place else None,
        after=every[place + 1] if place + 1 < len(every) else None,
        place=place + 1,
        several=len(every),
        reporters=board_page.reporters(session, project_id, here),
        page=board_page,
        states=State,
    )


@scoped(blueprint, "/campaigns/<int(max=2147483647):number>/board.csv")
def table(project_id: int, number: int) -> Response:
    """The board as a table for spreadsheets: a line for each unit, narrowed as the page is."""
    session = db.session()
    campaign = campaigns.get_campaign(session, project_id, number)
    at = board_page.standing(session, campaign, now())
    out = io.StringIO(newline="")
    if at.board is not None:
        communes = campaign_boards.communes_of(at.board, at.seen)
        csv.writer(out).writerows(campaign_boards.table(at.board, communes, board_page.table_words()))
    response = Response(b"\xef\xbb\xbf" + out.getvalue().encode(), content_type="text/csv; charset=utf-8")
    form = at.board.asked.xml_form_id if at.board else ""
    name = f"campaign-{number}_{form}_{start_of_today():%Y-%m-%d}.csv"
    response.headers["Content-Disposition"] = disposition(name)
    return response


@scoped(blueprint, "/campaigns/<int(max=2147483647):number>/edit")
def edit(project_id: int, number: int) -> str:
    """The form to change a campaign."""
    return _edit(project_id, number)


@scoped(blueprint, "/campaigns/<int(max=2147483647):number>/edit", methods=("POST",))
def amend(project_id: int, number: int) -> ResponseReturnValue:
    """Change name, last day and grace of a campaign, with a reason."""
    given = request.form
    try:
        wanted = Amendment(
            given.get("name", ""),
            _day(given, "due_on"),
            _number(given, "grace_days"),
            given.get("reason", ""),
        )
        with transaction() as session:
            actions.amend(session, project_id, number, wanted)
    except CampaignUnusable as problem:
        return _edit(project_id, number, problem), 400
    flash(gettext("The campaign was changed."))
    return redirect(url_for(".show", project_id=project_id, number=number), 303)


def _edit(project_id: int, number: int, problem: Problem | None = None) -> str:
    return render_template(
        "campaign_edit.html",
        campaign=campaigns.get_campaign(db.session(), project_id, number),
        problem=problem,
        given=request.form,
        most=actions.LONGEST_GRACE,
    )


def _number(given: MultiDict[str, str], name: str) -> int:
    text = given.get(name, "").strip() or "0"
    if not text.isdecimal() or len(text) > 3:  # noqa: PLR2004 - days
        raise CampaignUnusable(field=name)
    return int(text)


@scoped(blueprint, "/campaigns/new")
def ask(project_id: int) -> str:
    """The form for a campaign made by hand."""
    return _form(project_id)


@scoped(blueprint, "/campaigns/new", methods=("POST",))
def make(project_id: int) -> ResponseReturnValue:
    """Make a campaign."""
    try:
        wanted = _wanted(request.form)
        with transaction() as session:
            number = actions.create(session, project_id, wanted, now=now()).id
    except Problem as problem:
        return _form(project_id, problem), 400
    return redirect(url_for(".show", project_id=project_id, number=number), 303)


@scoped(blueprint, "/campaigns/calendar", methods=("POST",))
def load(project_id: int) -> ResponseReturnValue:
    """Make the campaigns the plans ask for in a year."""
    year = request.form.get("year", type=int) or start_of_today().year
    if year not in _YEARS:
        raise CampaignUnusable(field="year")
    entries = actions.read_calendar(surveys_folder() / "programme" / "calendar.csv")
    with transaction() as session:
        province = parts().settings.pilot_province
        made = actions.load_calendar(session, project_id, entries, year=year, province=province, now=now())
    flash(gettext("%(count)s campaigns made.", count=len(made)))
    return redirect(url_for(".index", project_id=project_id), 303)


@scoped(blueprint, "/campaigns/<int(max=2147483647):number>/close", methods=("POST",))
def close(project_id: int, number: int) -> ResponseReturnValue:
    """End a campaign, or open an ended one again."""
    with transaction() as session:
        actions.close(session, project_id, number, now=now())
    return redirect(url_for(".show", project_id=project_id, number=number), 303)


def _form(project_id: int, problem: Problem | None = None) -> str:
    session = db.session()
    today = start_of_today().date()
    return render_template(
        "campaign_new.html",
        problem=problem,
        surveys=[line for line in lists.survey_lines(session, project_id) if line.form.current_id],
        provinces=lists.places_of_level(session, PROVINCE),
        province=parts().settings.pilot_province,
        units=UNITS,
        today=today,
        due=today + timedelta(days=30),
        given=request.form,
    )


def _wanted(given: MultiDict[str, str]) -> NewCampaign:
    opens, due = _day(given, "opens_on"), _day(given, "due_on")
    return NewCampaign(
        name=given.get("name", "")[:255],
        place_code=given.get("place", "").strip(),
        opens_on=opens,
        due_on=due,
        period_from=_day(given, "period_from", opens),
        period_to=_day(given, "period_to", due + timedelta(days=60)),
        forms={form_id: given.get(f"unit-{form_id}", "") for form_id in given.getlist("form")},
        grace_days=_number(given, "grace_days"),
    )


def _day(given: MultiDict[str, str], name: str, blank: date | None = None) -> date:
    text = given.get(name, "").strip()
    if not text and blank is not None:
        return blank
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise CampaignUnusable(field=name) from error
    if day.year not in _YEARS:
        raise CampaignUnusable(field=name)
    return day
