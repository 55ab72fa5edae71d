"""The reader's own account: password, and the other password for a Collect set up by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from collector.accounts.guard import identity
from collector.actions.accounts import (
    LEAST_PASSWORD,
    check_password,
    renew_collect_password,
    set_password,
    sign_in,
)
from collector.actions.roles import held
from collector.desk.page import now, phone_address
from collector.desk.signin import begin
from collector.errors import say
from collector.parts import parts
from forms.problems import Problem
from storage.database import db, transaction
from storage.models import User
from storage.problems import NotSignedIn

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
    return render_template(
        "account.html",
        user=_user(session),
        roles=held(session, identity().grants),
        role_names=ROLE_NAMES,
        least=LEAST_PASSWORD,
        address=phone_address(),
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
    try:
        check_password(db.session(), user.username, request.form.get("current", ""))
    except NotSignedIn:
        return _page(sentence=gettext("The present password is not right.")), 400
    name = user.username
    try:
        with transaction() as session:
            set_password(session, name, fresh, now=now())
            signed = sign_in(session, _user(session), now=now())
    except Problem as problem:
        return _page(sentence=say(problem)), 400
    response = redirect("/account", 303)
    begin(response, signed)
    flash(gettext("The password is changed. Other devices have been signed out."))
    return response


@blueprint.post("/account/collect-password")
def renew() -> str:
    """A fresh Collect password, shown on this page and never again."""
    with transaction() as session:
        password = renew_collect_password(session, _user(session), parts().vault)
    return _page(collect_password=password)
