"""The reader's own account: password, and the other password for a Collect set up by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from collector.accounts.authentication import COOKIE
from collector.accounts.guard import identity
from collector.accounts.secrets import fingerprint
from collector.actions import entering
from collector.actions.accounts import (
    LEAST_PASSWORD,
    renew_collect_password,
    set_password,
    sign_in,
)
from collector.actions.roles import held
from collector.desk.entry import begin, device_words, stand_of
from collector.desk.page import now, phone_address
from collector.errors import say
from collector.parts import parts
from forms.problems import Problem
from storage.database import db, transaction
from storage.models import User
from storage.problems import NotSignedIn, TooManyAttempts
from storage.queries import sign_ins

blueprint = Blueprint("account", __name__)

ROLE_NAMES: Mapping[str, Callable[[], str]] = {
    "administrator": lambda: gettext("Administrator"),
    "manager": lambda: gettext("Manager"),
    "reviewer": lambda: gettext("Reviewer"),
    "viewer": lambda: gettext("Viewer"),
    "collector": lambda: gettext("Data collector"),
}
"""What a page calls the roles."""


def _user(session: Session) -> User:
    return session.get_one(User, identity().actor_id)


def _page(**more: object) -> str:
    session = db.session()
    user = _user(session)
    return render_template(
        "account.html",
        user=user,
        roles=held(session, identity().grants),
        role_names=ROLE_NAMES,
        least=LEAST_PASSWORD,
        address=phone_address(),
        stepped=sign_ins.second_step(session, user.actor_id) is not None,
        provider=parts().provider,
        outside=sign_ins.identity_outside(session, user.actor_id),
        sessions=sign_ins.open_sessions(session, user.actor_id, now()),
        here=fingerprint(request.cookies.get(COOKIE, "")),
        **more,
    )


@blueprint.get("/account")
def show() -> str:
    """Who the reader is here."""
    return _page()


@blueprint.post("/account/password")
def change_password() -> ResponseReturnValue:
    """A new password; every other session of the account ends."""
    user = _user(db.session())
    fresh = request.form.get("fresh", "")
    if fresh != request.form.get("again", ""):
        return _page(sentence=gettext("The two new passwords differ. Type the same one twice.")), 400
    name = user.username
    try:
        # Whoever sits at a machine somebody left open guesses as slowly as at the sign-in page.
        entering.prove(name, request.form.get("current", ""), stand_of(name), now=now())
    except NotSignedIn:
        return _page(sentence=gettext("The present password is not right.")), 400
    except TooManyAttempts as problem:
        return _page(sentence=say(problem)), 429
    try:
        with transaction() as session:
            set_password(session, name, fresh, now=now())
            signed = sign_in(session, _user(session), now=now(), device=device_words())
    except Problem as problem:
        return _page(sentence=say(problem)), 400
    response = redirect("/account", 303)
    begin(response, signed, name)
    flash(gettext("The password is changed. Other devices have been signed out."))
    return response


@blueprint.post("/account/collect-password")
def renew() -> str:
    """A fresh Collect password, shown on this page and never again."""
    with transaction() as session:
        password = renew_collect_password(session, _user(session), parts().vault)
    return _page(collect_password=password)
