"""Phones taken together: the access of those ticked withdrawn, looked at before, given back after."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from collector.accounts.guard import identity
from collector.actions import withdrawals as actions
from collector.actions.people import find
from collector.actions.withdrawals import KIND, MOST, NOUN, Withdrawal, can_be_undone
from collector.desk.page import NUMBER, now, scoped, whole_number
from collector.desk.phones import search_asked
from collector.parts import parts
from storage.database import db
from storage.problems import BatchUndone
from storage.queries import lists, volunteers
from storage.queries.batches import get_batch, items_of

blueprint = Blueprint("phones_many", __name__)

_LONGEST_REASON = 255
_SHOWN = 50


def _asked(project_id: int) -> list[int]:
    """The phones ticked, or all that the search finds; only those that have access."""
    ticked = request.form.getlist("phone", type=whole_number)
    if request.form.get("all") == "1":
        ticked = [line.actor_id for line in find(db.session(), project_id, search_asked()).lines]
    return [one.actor_id for one in volunteers.phones_of(db.session(), project_id, ticked)][:MOST]


@scoped(blueprint, "/phones/many", methods=("POST",))
def look(project_id: int) -> ResponseReturnValue:
    """Whose access would be withdrawn, and what that means; nothing is done yet."""
    numbers = _asked(project_id)
    if not numbers:
        sentence = gettext("Tick at least one phone that has access.")
        return render_template("error.html", status=400, sentence=sentence), 400
    phones = volunteers.phones_of(db.session(), project_id, numbers)
    return render_template(
        "phones_withdraw.html",
        phones=phones[:_SHOWN],
        numbers=numbers,
        sent=lists.sent_by(db.session(), numbers),
    )


@scoped(blueprint, "/phones/withdraw", methods=("POST",))
def withdraw(project_id: int) -> ResponseReturnValue:
    """Withdraw their access, for a reason; what the phones sent stays."""
    numbers = _asked(project_id)
    reason = request.form.get("reason", "").strip()[:_LONGEST_REASON]
    number = actions.withdraw(Withdrawal(project_id, numbers, reason, identity().actor_id, now()))
    return redirect(url_for(".show", project_id=project_id, number=number), 303)


@scoped(blueprint, f"/phones/withdrawals/<{NUMBER}:number>")
def show(project_id: int, number: int) -> str:
    """Whose access was withdrawn together; for a day it can be given back."""
    session = db.session()
    batch = get_batch(session, project_id, {KIND}, number)
    keys = [int(one.key) for one in items_of(session, number, NOUN)]
    return render_template(
        "phones_withdrawn.html",
        batch=batch,
        names=lists.names_of(session, keys),
        undoable=can_be_undone(batch, now()),
    )


@scoped(blueprint, f"/phones/withdrawals/<{NUMBER}:number>/undo", methods=("POST",))
def undo(project_id: int, number: int) -> ResponseReturnValue:
    """Give it back, with the same codes: nobody has to scan anew."""
    try:
        back = actions.undo(project_id, number, parts().vault, actor_id=identity().actor_id, now=now())
        flash(ngettext("%(num)s phone has access again.", "%(num)s phones have access again.", back))
    except BatchUndone:
        flash(gettext("It was withdrawn more than 24 hours ago: give each holder a new code on his page."))
    return redirect(url_for(".show", project_id=project_id, number=number), 303)
