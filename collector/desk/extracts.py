"""Files somebody asked for: made in the background, shown as they come, kept for some days, handed out."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from collector.accounts.guard import identity
from collector.actions import file_links, taking_away
from collector.actions.releases import Maker
from collector.desk.forgery import FIELD
from collector.desk.page import NUMBER, language, now, phone_address, scoped
from collector.desk.phones import places_typed
from collector.desk.wanted import said_names, typed_purpose, wanted_from
from collector.errors import say
from collector.fileresponse import blob_response
from collector.parts import parts
from collector.saying import say_in
from forms.problems import Problem
from storage.database import db, transaction
from storage.models import Extract, Release
from storage.queries import campaigns, lists, projects, releases

blueprint = Blueprint("extracts", __name__)

FEW = 3000
"""Records up to which the page waits a moment for the files."""
PATIENCE = timedelta(seconds=6)
_STEP = 0.25


@scoped(blueprint, "/downloads/make", methods=("POST",))
def make(project_id: int) -> ResponseReturnValue:
    """Ask for files; on to the page that shows how far they are."""
    said = request.form
    places, doubt = places_typed(said.get("place", ""))
    if doubt:
        return render_template("error.html", status=400, sentence=doubt), 400
    wanted = wanted_from(said, places, (said.get("form", ""),))
    try:
        if wanted.photos and said.get("sure") != "1":
            files, size = taking_away.photos(db.session(), identity(), project_id, wanted)
            if files and said.get("sure") != "no":
                return _photos(project_id, files, size)
            wanted = replace(wanted, photos=False)
        with transaction() as session:
            asked = taking_away.ask(session, identity(), project_id, wanted, _maker())
            number, form_id = asked.id, asked.form_id
    except Problem as problem:
        return render_template("error.html", status=400, sentence=say(problem)), 400
    wait_if_small(number, form_id)
    return redirect(url_for(".show", project_id=project_id, number=number), 303)


def _photos(project_id: int, files: int, size: int) -> str:
    """Ask whether so many photos are to come along."""
    return render_template(
        "extract_photos.html",
        project=projects.get_project(db.session(), project_id),
        files=files,
        size=size,
        said=[(name, value) for name, value in request.form.items(multi=True) if name != FIELD],
    )


def _maker() -> Maker:
    return Maker(identity().actor_id, now())


def wait_if_small(number: int, form_id: int | None) -> None:
    """Until files of few records are made, some seconds at most: then the page that comes has them."""
    tallies = lists.tallies(db.session(), [form_id or 0], since=now())
    if form_id not in tallies or tallies[form_id].records > FEW:
        return
    for _turn in range(int(PATIENCE.total_seconds() / _STEP)):
        session = db.session()
        session.rollback()
        state = session.get_one(Extract, number, populate_existing=True).state
        session.rollback()
        if state in {releases.MADE, releases.FAILED}:
            return
        time.sleep(_STEP)


@scoped(blueprint, f"/downloads/<{NUMBER}:number>")
def show(project_id: int, number: int) -> ResponseReturnValue:
    """How far some files are, then the files."""
    session = db.session()
    extract = releases.extract_of(session, project_id, number, identity().actor_id)
    release = session.get(Release, extract.release_id) if extract.release_id is not None else None
    if release is not None:
        return redirect(url_for("desk.releases.show", project_id=project_id, number=release.number))
    return _page(project_id, extract)


def _page(project_id: int, extract: Extract, **more: object) -> str:
    session = db.session()
    return render_template(
        "extract.html",
        project=projects.get_project(session, project_id),
        made=releases.with_files(session, [extract])[0],
        title=campaigns.form_titles(session, project_id).get(
            extract.spec.get("form", ""), extract.spec.get("form")
        ),
        problem=say_in(language())(extract.problem or ""),
        days=file_links.DAYS,
        **said_names(),
        **more,
    )


@scoped(blueprint, "/downloads/mine")
def mine(project_id: int) -> str:
    """Everything one asked for, and until when it is kept."""
    session = db.session()
    several = releases.own_extracts(session, project_id, identity().actor_id)
    return render_template(
        "extracts.html",
        project=projects.get_project(session, project_id),
        several=releases.with_files(session, several),
        titles=campaigns.form_titles(session, project_id),
        **said_names(),
    )


@scoped(blueprint, f"/downloads/<{NUMBER}:number>/delete", methods=("POST",))
def remove(project_id: int, number: int) -> ResponseReturnValue:
    """Delete files of one's own before their time."""
    with transaction() as session:
        extract = releases.extract_of(session, project_id, number, identity().actor_id)
        taking_away.let_go(session, extract, _maker())
    flash(gettext("The files were deleted. They can be made again at any time."))
    return redirect(url_for(".mine", project_id=project_id), 303)


@scoped(blueprint, f"/downloads/files/<{NUMBER}:number>")
def file(project_id: int, number: int) -> ResponseReturnValue:
    """One file: one's own, or of a release."""
    with transaction(noticed=False) as session:
        found = releases.file_of(session, project_id, number)
        taking_away.take(session, identity(), found, typed_purpose(), _maker())
        sha256, name = found[0].blob_sha256, found[0].name
    return blob_response(parts().blobs, sha256, name)


@scoped(blueprint, f"/downloads/files/<{NUMBER}:number>/link", methods=("POST",))
def link(project_id: int, number: int) -> ResponseReturnValue:
    """A link to one file that ends; it stands on this page and nowhere else."""
    with transaction() as session:
        found = releases.file_of(session, project_id, number)
        taking_away.check(session, identity(), found, _maker())
        token, until = file_links.make(
            session, parts().vault, found, asked_days(request.form.get("days", "")), _maker()
        )
        name, extract = found[0].name, found[1]
        for_all = file_links.is_without_people(extract)
        release = session.get(Release, extract.release_id) if extract.release_id is not None else None
        number_of_release = release.number if release else None
    address = phone_address() + url_for("desk.shared.file", token=token, name=name)
    return render_template(
        "file_link.html",
        address=address,
        until=until,
        name=name,
        for_all=for_all,
        extract_id=extract.id,
        number=number_of_release,
    )


def asked_days(text: str) -> int:
    """For how many days a link is to work."""
    return int(text) if text.isdecimal() and len(text) < 4 else file_links.DAYS[0]  # noqa: PLR2004 - a year
