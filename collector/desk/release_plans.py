"""Releases by the calendar: for which deadlines the server makes one by itself, for somebody to approve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from collector.accounts.guard import identity
from collector.actions import release_making
from collector.actions.releases import Maker
from collector.actions.reports import of_deadline
from collector.desk.page import now, scoped
from collector.desk.wanted import said_names, wanted_from
from collector.errors import say
from forms.problems import Problem
from storage.database import db, transaction
from storage.models import Campaign, CampaignForm, ReleasePlan
from storage.queries import campaigns, projects, releases

blueprint = Blueprint("release_plans", __name__)

DAYS: Final = (-7, -3, -1, 0, 1, 3, 7)
"""How many days after the end of a deadline a release may be made; before it where negative."""


@dataclass(frozen=True, slots=True)
class Line:
    """A deadline of the calendar, the surveys it asks for, and whether releases are made for it.

    `reports` are the titles of those that answer it.
    """

    campaign: Campaign
    forms: tuple[CampaignForm, ...]
    plan: ReleasePlan | None
    reports: tuple[str, ...]


@scoped(blueprint, "/releases/calendar")
def index(project_id: int) -> str:
    """Every deadline of the calendar."""
    return _page(project_id)


def _page(project_id: int, **more: object) -> str:
    session = db.session()
    plans = {one.key: one for one in releases.plans_of(session, project_id)}
    latest: dict[str, Campaign] = {}
    for one in campaigns.campaigns_of(session, project_id):
        if one.closed_at is None:
            latest.setdefault(one.key, one)
    lines = [
        Line(
            one,
            tuple(campaigns.forms_of(session, one.id)),
            plans.get(one.key),
            tuple(report.title for report in of_deadline(one.key, one.due_on)),
        )
        for one in sorted(latest.values(), key=lambda one: (one.due_on, one.id))
    ]
    return render_template(
        "release_plans.html",
        project=projects.get_project(session, project_id),
        lines=lines,
        titles=campaigns.form_titles(session, project_id),
        days=DAYS,
        **said_names(),
        **more,
    )


@scoped(blueprint, "/releases/calendar", methods=("POST",))
def make(project_id: int) -> ResponseReturnValue:
    """Have releases made for a deadline."""
    said = request.form
    days = said.get("days", "0")
    line = release_making.Line(said.get("key", ""), int(days) if days in {str(one) for one in DAYS} else 0)
    try:
        with transaction() as session:
            several = releases.deadlines(session, project_id, line.key)
            asked = [one.xml_form_id for one in campaigns.forms_of(session, several[0].id)] if several else []
            known = campaigns.form_titles(session, project_id)
            wanted = wanted_from(said, (), tuple(one for one in asked if one in known))
            release_making.plan(session, project_id, line, wanted, Maker(identity().actor_id, now()))
    except Problem as problem:
        return _page(project_id, sentence=say(problem)), 400
    flash(gettext("A release will be made by itself and wait for your approval under “Today”."))
    return redirect(url_for(".index", project_id=project_id), 303)


@scoped(blueprint, "/releases/calendar/remove", methods=("POST",))
def remove(project_id: int) -> ResponseReturnValue:
    """Have none made any more."""
    with transaction() as session:
        key = request.form.get("key", "")
        release_making.unplan(session, project_id, key, Maker(identity().actor_id, now()))
    flash(gettext("No more releases are made for this deadline by themselves."))
    return redirect(url_for(".index", project_id=project_id), 303)
