"""A new password by a link an administrator gave: it works once, for a day."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from collector.accounts.secrets import fingerprint
from collector.actions import users
from collector.actions.accounts import LEAST_PASSWORD
from collector.desk.page import now
from collector.errors import STATUS, say
from forms.problems import Problem
from storage.access_problems import ResetGone
from storage.database import db, transaction
from storage.queries import access

blueprint = Blueprint("resets", __name__)


def _page(token: str, **more: object) -> str:
    found = access.reset_by_token(db.session(), fingerprint(token), now())
    if found is None:
        raise ResetGone
    return render_template("reset.html", token=token, user=found[1], least=LEAST_PASSWORD, **more)


@blueprint.get("/reset/<token>")
def form(token: str) -> str:
    """Ask for the new password."""
    return _page(token)


@blueprint.post("/reset/<token>")
def take(token: str) -> ResponseReturnValue:
    """Set it; the link ends."""
    fresh = request.form.get("fresh", "")
    if fresh != request.form.get("again", ""):
        return _page(token, sentence=gettext("The two new passwords differ. Type the same one twice.")), 400
    try:
        with transaction() as session:
            users.reset(session, token, fresh, now=now())
    except ResetGone:
        raise
    except Problem as problem:
        return _page(token, sentence=say(problem)), STATUS[type(problem)].status
    flash(gettext("The password is set. Sign in with it."))
    return redirect("/signin", 303)
