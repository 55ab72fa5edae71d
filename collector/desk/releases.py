"""Releases: what was frozen under a number, what is in it, what changed, who decided; and making one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from collector.accounts.guard import identity
from collector.actions import file_links
from collector.actions import releases as actions
from collector.actions.releases import Maker
from collector.desk.interviewers import midnight
from collector.desk.page import NUMBER, language, may, now, scoped, start_of_today
from collector.desk.phones import places_typed
from collector.desk.wanted import said_names, wanted_from
from collector.errors import say
from collector.saying import say_in
from forms.problems import Problem
from storage.database import db, transaction
from storage.models import Form, Release
from storage.queries import campaigns, lists, projects, releases

blueprint = Blueprint("releases", __name__)

STATES: Final[Mapping[str, tuple[Callable[[], str], str]]] = {
    "making": (lambda: gettext("being made"), ""),
    "waiting": (lambda: gettext("waits for approval"), "warn"),
    "issued": (lambda: gettext("issued"), "good"),
    "declined": (lambda: gettext("declined"), "bad"),
    "withdrawn": (lambda: gettext("withdrawn"), "bad"),
    "failed": (lambda: gettext("could not be made"), "bad"),
}
"""What a state is called, and its tone."""

_YEARS: Final = 4


@dataclass(frozen=True, slots=True)
class Choice:
    """A survey that may be in a release: whether it is chosen, and how many of its records would be in it."""

    form: Form
    title: str
    chosen: bool
    records: int


@scoped(blueprint, "/releases")
def index(project_id: int) -> str:
    """Every release of the reader's places, the newest first."""
    session = db.session()
    several = releases.releases_of(session, project_id)
    people = [one for release in several for one in (release.made_by, release.issued_by) if one is not None]
    return render_template(
        "releases.html",
        project=projects.get_project(session, project_id),
        several=several,
        names=lists.names_of(session, people),
        states=state_names(),
        may_make=may("release.create", project_id),
    )


def state_names() -> dict[str, tuple[str, str]]:
    """Words and tone of each state, for templates."""
    return {code: (name(), tone) for code, (name, tone) in STATES.items()}


@scoped(blueprint, f"/releases/<{NUMBER}:number>")
def show(project_id: int, number: int) -> str:
    """One release."""
    return _page(project_id, number)


def _page(project_id: int, number: int, **more: object) -> str:
    session = db.session()
    release = releases.get_release(session, project_id, number)
    project = projects.get_project(session, project_id)
    made = releases.with_files(session, releases.extracts_of(session, release))
    people = [release.made_by, release.issued_by, release.withdrawn_by]
    codes = [one for one in release.places if one]
    return render_template(
        "release.html",
        project=project,
        release=release,
        made=made,
        titles=campaigns.form_titles(session, project_id),
        names=lists.names_of(session, [one for one in people if one is not None]),
        places=lists.place_names(session, codes),
        named=lists.place_names(session, _compared(release)),
        states=state_names(),
        cite=_cite(release, project.name),
        replaces=session.get(Release, release.replaces_id) if release.replaces_id is not None else None,
        replaced_by=releases.replaced_by(session, release),
        may_make=may("release.create", project_id),
        reads=may("submission.read", project_id),
        without_people=file_links.is_without_people,
        problem=say_in(language())(release.problem or ""),
        figures=any(one.extract.kind == actions.FIGURES and one.files for one in made),
        area=codes[0] if len(codes) == 1 else "",
        days=file_links.DAYS,
        **said_names(),
        **more,
    )


def _compared(release: Release) -> list[str]:
    """The places of the figures that are different from the release before."""
    several = (release.changes or {}).get("figures", [])
    return sorted({place for one in several for place, _period, _old, _new in one["values"]})


def _cite(release: Release, project: str) -> str:
    if not release.digest:
        return ""
    said = gettext(
        "%(name)s. Release number %(number)s of “%(project)s”, issued on %(day)s. SHA-256: %(digest)s.",
        name=release.name,
        number=release.number,
        project=project,
        day=actions.day_of(release),
        digest=release.digest,
    )
    return str(said)


# Making -----------------------------------------------------------------------------------------------


@scoped(blueprint, "/releases/new")
def ask(project_id: int) -> str:
    """Ask what a release is to hold; with how many records there would be in it."""
    return _ask(project_id)


def _ask(project_id: int, **more: object) -> str:
    session, said = db.session(), request.values
    places, doubt = places_typed(said.get("place", ""))
    year = start_of_today().year
    communes = lists.places_of_level(session, "commune")
    return render_template(
        "release_new.html",
        project=projects.get_project(session, project_id),
        choices=_choices(project_id, places),
        communes=communes if len(communes) <= MOST_COMMUNES else [],
        years=[year - ago for ago in range(_YEARS)],
        said=said,
        formats=said.getlist("format") or ["xlsx", "csv"],
        reads=may("submission.read", project_id),
        doubt=doubt,
        **said_names(),
        **more,
    )


MOST_COMMUNES: Final = 200
"""More than these are typed rather than picked."""


def _choices(project_id: int, places: Sequence[str]) -> list[Choice]:
    session, said = db.session(), request.values
    asked = said.getlist("form")
    last = midnight(said.get("to", ""))
    days = midnight(said.get("from", "")), last + timedelta(days=1) if last else None
    states = said.getlist("state") or actions.ALL_BUT_REJECTED
    return [
        Choice(
            line.form,
            line.title,
            line.form.xml_form_id in asked if asked else bool(line.form.current_id),
            releases.count_records(session, line.form, places, days, states),
        )
        for line in lists.survey_lines(session, project_id)
        if line.form.current_id
    ]


@scoped(blueprint, "/releases/new", methods=("POST",))
def make(project_id: int) -> ResponseReturnValue:
    """Make a release; on to its page."""
    said = request.form
    places, doubt = places_typed(said.get("place", ""))
    if doubt:
        return _ask(project_id), 400
    # Empty, and not an officer's: the formats are chosen one by one.
    wanted = wanted_from(said, places, tuple(said.getlist("form")))
    try:
        with transaction() as session:
            number = actions.make(session, project_id, wanted, _maker()).number
    except Problem as problem:
        return _ask(project_id, sentence=say(problem)), 400
    return redirect(url_for(".show", project_id=project_id, number=number), 303)


def _maker() -> Maker:
    return Maker(identity().actor_id, now())


# Deciding ---------------------------------------------------------------------------------------------


@scoped(blueprint, f"/releases/<{NUMBER}:number>/approve", methods=("POST",))
def approve(project_id: int, number: int) -> ResponseReturnValue:
    """Issue a release that waits."""
    with transaction() as session:
        actions.issue(session, releases.get_release(session, project_id, number), _maker())
    flash(gettext("Release number %(number)s is issued. From now on it never changes.", number=number))
    return _back(project_id, number)


@scoped(blueprint, f"/releases/<{NUMBER}:number>/decline", methods=("POST",))
def decline(project_id: int, number: int) -> ResponseReturnValue:
    """Say no to a release that waits."""
    return _decided(project_id, number, actions.decline)


@scoped(blueprint, f"/releases/<{NUMBER}:number>/withdraw", methods=("POST",))
def withdraw(project_id: int, number: int) -> ResponseReturnValue:
    """Hand out an issued release no more."""
    return _decided(project_id, number, actions.withdraw)


def _decided(project_id: int, number: int, act: Callable[..., None]) -> ResponseReturnValue:
    try:
        with transaction() as session:
            release = releases.get_release(session, project_id, number)
            act(session, release, request.form.get("reason", ""), _maker())
    except Problem as problem:
        # Whoever names a release he does not see is told that it is not there.
        releases.get_release(db.session(), project_id, number)
        return _page(project_id, number, sentence=say(problem)), 400
    return _back(project_id, number)


@scoped(blueprint, f"/releases/<{NUMBER}:number>/reissue", methods=("POST",))
def reissue(project_id: int, number: int) -> ResponseReturnValue:
    """Make it anew from the data as they are now."""
    with transaction() as session:
        release = releases.get_release(session, project_id, number)
        fresh = actions.reissue(session, release, _maker()).number
    return _back(project_id, fresh)


def _back(project_id: int, number: int) -> ResponseReturnValue:
    return redirect(url_for(".show", project_id=project_id, number=number), 303)
