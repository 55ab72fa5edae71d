"""Households given to enumerators and drawn for a second visit, village by village."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, time

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from collector.accounts.guard import identity
from collector.actions import households as actions
from collector.actions.households import Draw, Task
from collector.actions.people import Search, find
from collector.actions.volunteers import whereabouts
from collector.desk.page import NUMBER, now, scoped, start_of_today, whole_number
from collector.wording import fill
from forms.values import HOME
from storage.database import db, transaction
from storage.groups import in_groups
from storage.models import AppUser, Batch
from storage.problems import BatchUndone, NoHouseholds
from storage.queries import actors, households, lists, projects, volunteers
from storage.queries.batches import batches_of, get_batch
from storage.queries.households import Household

blueprint = Blueprint("households", __name__)

_COMMUNES = 300
_LONGEST_SEED = 40


@scoped(blueprint, "/households")
def index(project_id: int) -> str:
    """How far the villages of a place and its people are; a single village shows its households."""
    return _index(project_id)


def _index(project_id: int, sentence: str = "") -> str:
    session = db.session()
    typed = request.values.get("where", "").strip()[:100]
    place = request.values.get("place", "").strip()[:40]
    if typed:
        found, remarks = whereabouts(session, [typed])
        place = next(iter(found), place)
        sentence = sentence or " ".join(
            f"{fill(one.cause, one.details)} {fill(one.remedy, one.details)}" for one in remarks
        )
    since = since_asked()
    villages = households.villages_in(session, place) if place else []
    where = households.household_list(session, project_id)
    codes = [one.code for one in villages]
    several = households.households_of(session, where.id, codes, since=since) if where and codes else []
    by_village, by_person = actions.coverage(several)
    people = find(session, project_id, Search(place=place)).lines if place else []
    names = {line.actor_id: line.name for line in people}
    others = set(by_person) - set(names)
    return render_template(
        "households.html",
        project=projects.get_project(session, project_id),
        place=volunteers.place_lines(session, {place}).get(place) if place else None,
        communes=households.communes_seen(session, where.id, _COMMUNES) if where and not place else [],
        villages=villages,
        several=several if len(villages) == 1 else (),
        by_village=by_village,
        by_person=by_person,
        people=people,
        names={**lists.names_of(session, others), **names},
        none_yet=where is None,
        since=since,
        typed=typed,
        sentence=sentence,
        batches=batches_of(session, project_id, actions.SAMPLE, actions.ASSIGNMENT, limit=10),
        seed=actions.new_seed(),
    )


def since_asked() -> datetime:
    """From when on a household counts as surveyed: the day asked for, else the first of this year."""
    text = request.values.get("since", "")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = start_of_today().date().replace(month=1, day=1)
    return datetime.combine(day, time.min, tzinfo=HOME)


@scoped(blueprint, "/households/assign", methods=("POST",))
def assign(project_id: int) -> ResponseReturnValue:
    """Give the ticked households, or all of the ticked villages, to somebody."""
    session = db.session()
    phone = _phone(project_id, request.form.get("to", type=whole_number))
    uuids: Collection[str] = request.form.getlist("household")
    ticked = request.form.getlist("village")
    where = actions.list_of(session, project_id)
    if ticked:
        every = households.households_of(session, where.id, ticked, since=now())
        only_free = request.form.get("free") == "1"
        uuids = [one.uuid for one in every if not (only_free and one.enumerator_id)]
    uuids = [one.uuid for one in households.households_by(session, where.id, uuids)]
    if not uuids:
        return _index(project_id, gettext("Tick at least one village or household that is free.")), 400
    task = Task(project_id, identity().actor_id, now())
    with transaction() as writing:
        number = actions.begin_assignment(writing, task, phone).id
    for some in in_groups(sorted(uuids), actions.HOUSEHOLDS_AT_ONCE):
        with transaction() as writing:
            actions.assign(writing, writing.get_one(Batch, number), some, phone)
    flash(ngettext("%(num)s household is given out.", "%(num)s households are given out.", len(uuids)))
    here = url_for(".index", project_id=project_id, place=request.form.get("place") or None)
    return redirect(here, 303)


@scoped(blueprint, "/households/sample", methods=("POST",))
def sample(project_id: int) -> ResponseReturnValue:
    """Draw the households of a place that are visited a second time."""
    session = db.session()
    place = request.form.get("place", "")
    villages = [one.code for one in households.villages_in(session, place)]
    if not villages:
        raise NoHouseholds
    seed = request.form.get("seed", "").strip()[:_LONGEST_SEED] or actions.new_seed()
    supervisor = _phone(project_id, request.form.get("to", type=whole_number))
    draw = Draw(place, since_asked(), seed, supervisor)
    task = Task(project_id, identity().actor_id, now())
    with transaction() as writing:
        number = actions.begin_draw(writing, task, draw).id
    for some in in_groups(villages, actions.VILLAGES_AT_ONCE):
        with transaction() as writing:
            actions.draw_villages(writing, writing.get_one(Batch, number), draw, some)
    return redirect(url_for(".batch", project_id=project_id, number=number), 303)


@scoped(blueprint, f"/households/batches/<{NUMBER}:number>")
def batch(project_id: int, number: int) -> str:
    """What was drawn or given out at once, with who had surveyed it; to be printed or taken back."""
    session = db.session()
    found = _batch(project_id, number)
    where = actions.list_of(session, project_id)
    touched = households.items_of(session, found)
    known = households.households_by(session, where.id, touched)
    since = datetime.fromisoformat(found.summary["since"]) if "since" in found.summary else since_asked()
    villages = {one.village for one in known}
    several = [
        one
        for one in households.households_of(session, where.id, villages, since=since)
        if one.uuid in touched and (found.kind != actions.SAMPLE or one.to_recheck)
    ]
    return render_template(
        "household_batch.html",
        batch=found,
        is_sample=found.kind == actions.SAMPLE,
        several=several,
        places=volunteers.place_lines(session, villages | {found.summary.get("place", "")}),
        own=_own(several, found),
    )


def _own(several: Sequence[Household], found: Batch) -> int:
    """How many the supervisor of a sample has surveyed himself."""
    name = found.summary.get("supervisor", "")
    return sum(1 for one in several if name and one.surveyor == name)


@scoped(blueprint, f"/households/batches/<{NUMBER}:number>/undo", methods=("POST",))
def undo(project_id: int, number: int) -> ResponseReturnValue:
    """Give the households back what they had before."""
    with transaction() as session:
        found = _batch(project_id, number)
        if found.undone_at is not None:
            raise BatchUndone(number=number)
        changed = actions.undo(session, found, actor_id=identity().actor_id, now=now())
    flash(ngettext("%(num)s household is as before.", "%(num)s households are as before.", changed))
    return redirect(url_for(".batch", project_id=project_id, number=number), 303)


def _batch(project_id: int, number: int) -> Batch:
    return get_batch(db.session(), project_id, {actions.SAMPLE, actions.ASSIGNMENT}, number)


def _phone(project_id: int, number: int | None) -> AppUser | None:
    found = actors.get_app_user(db.session(), project_id, number) if number else None
    if number and (found is None or found.token_hash is None):
        abort(404)
    return found
