"""Campaigns: what is due when, who has reported, and whom to remind."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from collector.actions import campaigns as actions
from collector.actions.campaigns import NewCampaign, State
from collector.actions.start import surveys_folder
from collector.desk.page import now, scoped, start_of_today
from collector.parts import parts
from forms.places import PROVINCE
from forms.problems import Problem
from storage.database import db, transaction
from storage.problems import CampaignUnusable
from storage.queries import campaigns, lists, projects
from storage.queries.campaigns import UNITS

blueprint = Blueprint("campaigns", __name__)


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
    """One campaign: by survey and commune, with the names of those awaited, ready to be copied."""
    session = db.session()
    campaign = campaigns.get_campaign(session, project_id, number)
    moment = now()
    return render_template(
        "campaign.html",
        campaign=campaign,
        area=lists.place_names(session, {campaign.place_code}).get(campaign.place_code, ""),
        left=actions.days_left(campaign, moment),
        boards=actions.boards(session, campaign, now=moment),
        states=State,
        now=moment,
    )


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
    )


def _day(given: MultiDict[str, str], name: str, blank: date | None = None) -> date:
    text = given.get(name, "").strip()
    if not text and blank is not None:
        return blank
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CampaignUnusable(field=name) from error
