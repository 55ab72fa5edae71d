"""Where the reader is signed in: each browser and program by itself, ended one by one or all at once."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from collector.accounts.authentication import COOKIE
from collector.accounts.guard import identity
from collector.actions import users
from collector.desk.page import NUMBER, now
from storage.database import transaction
from storage.models import User

blueprint = Blueprint("sessions", __name__)


@blueprint.post(f"/account/sessions/<{NUMBER}:number>/end")
def end(number: int) -> ResponseReturnValue:
    """End one of them."""
    with transaction() as session:
        if not users.end_session(session, session.get_one(User, identity().actor_id), number, now=now()):
            abort(404)
    flash(gettext("That device is signed out."))
    return redirect("/account", 303)


@blueprint.post("/account/sessions/end")
def end_others() -> ResponseReturnValue:
    """End all but the one this page is read in."""
    here = request.cookies.get(COOKIE)
    with transaction() as session:
        user = session.get_one(User, identity().actor_id)
        ended = users.sign_out_everywhere(session, user, now=now(), keep=here)
    flash(ngettext("%(num)s other device was signed out.", "%(num)s other devices were signed out.", ended))
    return redirect("/account", 303)
