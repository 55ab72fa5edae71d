"""Records sent back: one or many with a reason, whom to tell, who has answered."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, format_date, gettext, ngettext

from collector.accounts.guard import identity
from collector.actions import returned as actions
from collector.desk.page import NUMBER, form_of, local_target, now, phone_address, scoped
from collector.errors import say
from forms.values import HOME
from storage.database import db, transaction
from storage.problems import ReasonMissing
from storage.queries import projects
from storage.queries import returned as queries
from storage.queries.returned import Returned

blueprint = Blueprint("returned", __name__)

MOST_LISTED = 500


@scoped(blueprint, "/sent-back")
def index(project_id: int) -> str:
    """Who has records to correct, with a text to send him; `?answered=1` shows what was answered."""
    session = db.session()
    answered = request.args.get("answered") == "1"
    lines = queries.listing(session, project_id, answered=answered, limit=MOST_LISTED)
    by_sender = sorted(lines, key=lambda line: (line.sender, line.sender_id or 0))
    groups = [list(several) for _key, several in groupby(by_sender, key=lambda line: line.sender_id)]
    return render_template(
        "sent_back.html",
        project=projects.get_project(session, project_id),
        answered=answered,
        lines=lines,
        groups=[(several, letter(several)) for several in groups],
        most=MOST_LISTED,
    )


def letter(several: Sequence[Returned]) -> str:
    """What to tell an author, in Vietnamese whatever the officer reads: to be copied into Zalo."""
    with force_locale("vi"):
        lines = [
            gettext("Hello %(name)s!", name=several[0].sender) if several[0].sender else gettext("Hello!"),
            ngettext(
                "%(num)s form of yours has to be corrected:",
                "%(num)s forms of yours have to be corrected:",
                len(several),
            ),
        ]
        for number, one in enumerate(several, start=1):
            day = format_date(one.received_at.astimezone(HOME), "dd/MM/yyyy", rebase=False)
            lines.append(f"{number}. {one.title}: {one.name} ({day})\n   → {one.reason}")
        lines += [
            gettext(
                "Open ODK Collect, choose the sent forms, open the form, choose “Edit”, correct it and send "
                "it again. If there is no “Edit”, fill in a new form."
            ),
            gettext("You find this list at %(address)s", address=f"{phone_address()}/qr"),
        ]
        return "\n".join(lines)


@scoped(blueprint, "/surveys/<seg:form_id>/send-back", methods=("POST",))
def send(project_id: int, form_id: str) -> ResponseReturnValue:
    """Send the ticked records back with the reason given."""
    several = request.form.getlist("record")
    here = url_for("desk.records.index", project_id=project_id, form_id=form_id)
    target = local_target(request.form.get("next", here))
    if not several:
        flash(gettext("Tick at least one record."), "error")
        return redirect(target, 303)
    try:
        with transaction() as session:
            form = form_of(project_id, form_id)
            reason = request.form.get("reason", "")
            number = actions.send_back(session, form, several, reason, by=identity().actor_id, now=now())
    except ReasonMissing as problem:
        flash(say(problem), "error")
        return redirect(target, 303)
    flash(ngettext("%(num)s record is sent back.", "%(num)s records are sent back.", number))
    return redirect(url_for(".index", project_id=project_id), 303)


@scoped(blueprint, f"/sent-back/<{NUMBER}:number>/settle", methods=("POST",))
def settle(project_id: int, number: int) -> ResponseReturnValue:
    """Note that a record needs no correction any more."""
    with transaction() as session:
        found = queries.get(session, project_id, number)
        if found is None:
            abort(404)
        actions.settle(*found, now=now())
    return redirect(url_for(".index", project_id=project_id), 303)
