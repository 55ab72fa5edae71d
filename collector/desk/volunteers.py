"""Volunteers from a spreadsheet: sent, looked at, entered, taken back."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from collector.accounts.guard import identity
from collector.actions import volunteers as actions
from collector.actions.volunteers import Checked, Import
from collector.desk import uploads
from collector.desk.page import NUMBER, now, scoped
from collector.fileresponse import disposition
from collector.parts import parts
from forms.places import UNLISTED_ENDING
from forms.problems import FormRefused
from forms.remarks import Weight
from forms.volunteers import MOST_PEOPLE, sample_workbook
from storage.database import db, transaction
from storage.models import Batch, Place
from storage.problems import BatchUndone
from storage.queries import lists, projects, volunteers
from storage.queries.batches import A_PAGE, batches_of, get_batch, with_ticket

blueprint = Blueprint("volunteers", __name__)

_TICKET = "volunteers"
SHOWN = 50
"""People of a file that its preview shows; all of its errors are shown."""
_LISTED_VILLAGES = 5000
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@scoped(blueprint, "/volunteers")
def index(project_id: int) -> str:
    """Where a file is sent, and those that were."""
    return _index(project_id)


def _index(project_id: int, **more: object) -> str:
    session = db.session()
    return render_template(
        "volunteers.html",
        project=projects.get_project(session, project_id),
        batches=batches_of(session, project_id, actions.KIND, limit=A_PAGE),
        most=MOST_PEOPLE,
        **more,
    )


@scoped(blueprint, "/volunteers/sample.xlsx")
def sample(project_id: int) -> Response:
    """A file to fill in, with the project's forms and the reader's villages to copy from."""
    session = db.session()
    surveys = [(line.form.xml_form_id, line.title) for line in lists.survey_lines(session, project_id)]
    named = Place.level == "village", ~Place.code.endswith(UNLISTED_ENDING)
    villages = volunteers.places_where(session, *named, limit=_LISTED_VILLAGES)
    data = sample_workbook(surveys, [(one.code, one.name, one.parent_name) for one in villages])
    response = Response(data, content_type=_XLSX)
    response.headers["Content-Disposition"] = disposition("tinh-nguyen-vien.xlsx")
    return response


@scoped(blueprint, "/volunteers", methods=("POST",))
def look(project_id: int) -> ResponseReturnValue:
    """Say what a file holds and what is wrong with it; nothing is entered yet."""
    sent = uploads.sent()
    if sent is None:
        return _index(project_id, sentence=uploads.nothing_chosen()), 400
    try:
        checked = actions.check(db.session(), project_id, sent.data, sent.name)
    except FormRefused as refused:
        return _index(project_id, remarks=refused.remarks, file_name=sent.name), 400
    ticket = "" if checked.errors else uploads.ticket(_TICKET, uploads.keep(sent), project_id)
    return _preview(project_id, checked, sent.name, ticket)


def _preview(project_id: int, checked: Checked, name: str, ticket: str) -> ResponseReturnValue:
    titles = {line.form.id: line.title for line in lists.survey_lines(db.session(), project_id)}
    page = render_template(
        "volunteers_preview.html",
        project=projects.get_project(db.session(), project_id),
        checked=checked,
        file_name=name,
        ticket=ticket,
        people=checked.people[:SHOWN],
        titles=titles,
        notices=[remark for remark in checked.remarks if remark.weight != Weight.ERROR],
    )
    return page, 200 if ticket else 400


@scoped(blueprint, "/volunteers/enter", methods=("POST",))
def enter(project_id: int) -> ResponseReturnValue:
    """Enter the people of a file that was looked at: all of them or none."""
    file, _said = uploads.reopened(_TICKET, project_id)
    data = file.data()
    if data is None:
        return _index(project_id, sentence=uploads.gone()), 400
    wanted = Import(project_id, identity().actor_id, file.name, file.nonce, now=now())
    checked = actions.check(db.session(), project_id, data, file.name)
    before = with_ticket(db.session(), project_id, actions.KIND, wanted.ticket)
    if before is None and checked.errors:
        return _preview(project_id, checked, file.name, "")
    tokens = actions.seal_tokens(checked.people, parts().vault)
    with transaction() as session:
        batch = with_ticket(session, project_id, actions.KIND, wanted.ticket)
        batch = batch or actions.enter(session, checked.people, tokens, wanted)
        number = batch.id
    return redirect(url_for(".show", project_id=project_id, number=number), 303)


@scoped(blueprint, f"/volunteers/<{NUMBER}:number>")
def show(project_id: int, number: int) -> str:
    """What a file made, to be printed or taken back."""
    session = db.session()
    batch = _batch(project_id, number)
    lines = volunteers.phone_lines(session, project_id, batch_id=batch.id)
    return render_template(
        "volunteers_batch.html",
        batch=batch,
        lines=lines,
        connected=sum(1 for line in lines if line.last_used_at),
        sent=len(volunteers.senders(session, [line.actor_id for line in lines])),
    )


@scoped(blueprint, f"/volunteers/<{NUMBER}:number>/undo", methods=("POST",))
def undo(project_id: int, number: int) -> ResponseReturnValue:
    """Take back everyone of a file who has sent nothing."""
    with transaction() as session:
        batch = _batch(project_id, number)
        if batch.undone_at is not None:
            raise BatchUndone(number=number)
        done = actions.undo(session, batch, actor_id=identity().actor_id, now=now())
    flash(ngettext("%(num)s person is taken back.", "%(num)s people are taken back.", done.taken_back))
    return redirect(url_for(".show", project_id=project_id, number=number), 303)


def _batch(project_id: int, number: int) -> Batch:
    return get_batch(db.session(), project_id, {actions.KIND}, number)
