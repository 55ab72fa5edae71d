"""An entity list from a spreadsheet: sent, looked at, entered, taken back."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from collector.accounts.guard import identity
from collector.actions import list_upload as actions
from collector.actions.list_upload import Checked, Import
from collector.desk import uploads
from collector.desk.page import NUMBER, now, scoped
from forms.member_rows import MOST_MEMBERS
from forms.problems import FormRefused
from forms.remarks import Weight
from storage.database import db
from storage.entities import lists
from storage.models import Batch, EntityList
from storage.problems import BatchUndone
from storage.queries.batches import batches_of_list, get_batch, with_ticket

blueprint = Blueprint("list_files", __name__)

_TICKET = "list"
SHOWN = 30
"""Rows of a file that its preview shows; all of its errors are shown."""


@scoped(blueprint, "/lists/<seg:name>/files")
def index(project_id: int, name: str) -> str:
    """Where a file is sent, and those that were."""
    return _index(_list(project_id, name))


def _index(of: EntityList, **more: object) -> str:
    session = db.session()
    return render_template(
        "list_files.html",
        of=of,
        properties=lists.properties(session, of.id),
        batches=batches_of_list(session, of.project_id, of.id, actions.KIND),
        most=MOST_MEMBERS,
        **more,
    )


def _list(project_id: int, name: str) -> EntityList:
    return lists.list_by_name(db.session(), project_id, name)


@scoped(blueprint, "/lists/<seg:name>/files", methods=("POST",))
def look(project_id: int, name: str) -> ResponseReturnValue:
    """Say what a file holds and what is wrong with it; nothing is entered yet."""
    of = _list(project_id, name)
    sent = uploads.sent()
    if sent is None:
        return _index(of, sentence=uploads.nothing_chosen()), 400
    try:
        checked = actions.check(db.session(), of, sent.data, sent.name)
    except FormRefused as refused:
        return _index(of, remarks=refused.remarks, file_name=sent.name), 400
    ticket = "" if checked.errors else uploads.ticket(_TICKET, uploads.keep(sent), of.id)
    return _preview(of, checked, sent.name, ticket)


def _preview(of: EntityList, checked: Checked, file_name: str, ticket: str) -> ResponseReturnValue:
    page = render_template(
        "list_preview.html",
        of=of,
        checked=checked,
        file_name=file_name,
        ticket=ticket,
        rows=checked.rows[:SHOWN],
        columns=list(dict.fromkeys(name for row in checked.rows[:SHOWN] for name in row.values))[:6],
        notices=[remark for remark in checked.remarks if remark.weight != Weight.ERROR],
    )
    return page, 200 if ticket else 400


@scoped(blueprint, "/lists/<seg:name>/files/enter", methods=("POST",))
def enter(project_id: int, name: str) -> ResponseReturnValue:
    """Enter the members of a file that was looked at; an entry that broke off is gone on with."""
    of = _list(project_id, name)
    file, _said = uploads.reopened(_TICKET, of.id)
    data = file.data()
    if data is None:
        return _index(of, sentence=uploads.gone()), 400
    wanted = Import(of.id, project_id, identity().actor_id, file.name, file.nonce, now())
    before = with_ticket(db.session(), project_id, actions.KIND, wanted.ticket)
    if before is not None and before.summary.get("done"):
        return redirect(url_for(".show", project_id=project_id, name=name, number=before.id), 303)
    checked = actions.check(db.session(), of, data, file.name)
    if before is None and checked.errors:
        return _preview(of, checked, file.name, "")
    number = actions.enter(checked, wanted)
    return redirect(url_for(".show", project_id=project_id, name=name, number=number), 303)


@scoped(blueprint, f"/lists/<seg:name>/files/<{NUMBER}:number>")
def show(project_id: int, name: str, number: int) -> str:
    """What a file made and changed, to be taken back."""
    of = _list(project_id, name)
    return render_template("list_batch.html", of=of, batch=_batch(of, number))


@scoped(blueprint, f"/lists/<seg:name>/files/<{NUMBER}:number>/undo", methods=("POST",))
def undo(project_id: int, name: str, number: int) -> ResponseReturnValue:
    """Take a file back as a whole."""
    batch = _batch(_list(project_id, name), number)
    if batch.undone_at is not None:
        raise BatchUndone(number=number)
    taken = actions.undo(batch.id, actor_id=identity().actor_id, now=now())
    flash(ngettext("%(num)s member is as before.", "%(num)s members are as before.", taken))
    return redirect(url_for(".show", project_id=project_id, name=name, number=number), 303)


def _batch(of: EntityList, number: int) -> Batch:
    found = get_batch(db.session(), of.project_id, {actions.KIND}, number)
    return found if found.summary.get("list_id") == of.id else abort(404)
