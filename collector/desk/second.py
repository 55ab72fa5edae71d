"""The second step: set up under Account, or at sign-in where the server wants it; its recovery codes."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, flash, redirect, render_template, request
from flask import session as browser
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from collector.accounts.guard import identity
from collector.accounts.secrets import fingerprint
from collector.actions import entering, second_step
from collector.actions.qr import svg_code
from collector.desk.entry import begin, end_former, half, stand_of
from collector.desk.page import now, phone_address
from collector.desk.tickets import opened, sealed
from collector.errors import STATUS, say
from collector.parts import parts
from forms.problems import Problem
from storage.database import db, transaction
from storage.models import User
from storage.problems import NotSignedIn, TooManyAttempts
from storage.queries import sign_ins

blueprint = Blueprint("second", __name__)

_FRESH = "second step"
"""Where the browser holds, sealed, the secret that is not confirmed yet."""
_GROUP = 4


def _user(session: Session) -> User:
    return session.get_one(User, identity().actor_id)


def _fresh_secret(user: User) -> str:
    """The secret this browser is setting up for that account; a new one where there is none."""
    if _FRESH in browser:
        number, secret = opened(_FRESH, browser[_FRESH])
        if number == user.actor_id:
            return str(secret)
    secret = second_step.new_secret()
    browser[_FRESH] = sealed(_FRESH, user.actor_id, secret)
    return secret


@blueprint.get("/signin/second.svg")
def picture() -> Response:
    """The secret this browser is setting up, as a code for the app."""
    if _FRESH not in browser:
        abort(404)
    number, secret = opened(_FRESH, browser[_FRESH])
    user = db.session.get(User, number) or abort(404)
    server = urlsplit(phone_address()).hostname or ""
    response = Response(svg_code(second_step.address_of(secret, user.username, server)))
    response.headers["Content-Type"] = "image/svg+xml"
    return response


def _set_up(user: User, *, at_sign_in: bool, **more: object) -> str:
    secret = _fresh_secret(user)
    typed = " ".join(secret[at : at + _GROUP] for at in range(0, len(secret), _GROUP))
    return render_template(
        "second_set_up.html",
        secret=typed,
        # Another address for another secret: a browser must not show the picture of the one before.
        picture=f"/signin/second.svg?of={fingerprint(secret)[:8]}",
        action="/signin/setup" if at_sign_in else "/account/second",
        at_sign_in=at_sign_in,
        user=user,
        **more,
    )


def _refused(user: User, problem: Problem, *, at_sign_in: bool) -> ResponseReturnValue:
    page = _set_up(user, at_sign_in=at_sign_in, sentence=say(problem))
    # Not 401: it would lead to the sign-in page, and whoever is here has given the password.
    return page, 400 if STATUS[type(problem)].status == _UNKNOWN else STATUS[type(problem)].status


_UNKNOWN = 401


def _turned_on(number: int) -> list[str]:
    """Ask for codes from now on, if the one that was typed is right; its recovery codes. Raises CodeWrong."""
    secret = _fresh_secret(db.session.get_one(User, number))
    with transaction() as session:
        user = session.get_one(User, number)
        said = request.form.get("code", "")
        codes = second_step.turn_on(session, user, secret, said, vault=parts().vault, now=now())
    browser.pop(_FRESH, None)
    return codes


@blueprint.get("/signin/setup")
def ask_at_sign_in() -> ResponseReturnValue:
    """Whoever has to have a second step sets it up before he gets in."""
    known = half()
    if known is None or sign_ins.second_step(db.session(), known.user.actor_id) is not None:
        return redirect("/signin", 303)
    return _set_up(known.user, at_sign_in=True)


@blueprint.post("/signin/setup")
def set_up_at_sign_in() -> ResponseReturnValue:
    """Turn it on and let him in, the recovery codes first."""
    known = half()
    if known is None or sign_ins.second_step(db.session(), known.user.actor_id) is not None:
        return redirect("/signin", 303)
    number, target, username = known.user.actor_id, known.target, known.user.username
    try:
        codes = _turned_on(number)
    except Problem as problem:
        return _refused(known.user, problem, at_sign_in=True)
    end_former()
    signed = entering.begin(number, stand_of(username), now=now(), way=f"{known.way} second step".strip())
    response = Response(render_template("recovery_codes.html", codes=codes, target=target))
    begin(response, signed, username)
    return response


@blueprint.get("/account/second")
def show() -> str:
    """Whether the reader has a second step, and what can be done about it."""
    return _page()


def _page(**more: object) -> str:
    session = db.session()
    user = _user(session)
    return render_template(
        "second.html",
        kept=sign_ins.second_step(session, user.actor_id),
        left=sign_ins.recovery_codes_left(session, user.actor_id),
        wanted=parts().gate.wants(session, user.actor_id),
        user=user,
        **more,
    )


def _proved() -> ResponseReturnValue | None:
    """None where the reader gave his password: else the page that says so. Guesses are counted."""
    user = _user(db.session())
    try:
        password = request.form.get("current", "")
        entering.prove(user.username, password, stand_of(user.username), now=now())
    except NotSignedIn:
        return _page(sentence=gettext("The present password is not right.")), 400
    except TooManyAttempts as problem:
        return _page(sentence=say(problem)), STATUS[type(problem)].status
    return None


@blueprint.post("/account/second/start")
def start() -> ResponseReturnValue:
    """Whoever knows the password gets a secret for his app."""
    refused = _proved()
    if refused is not None:
        return refused
    browser.pop(_FRESH, None)
    return _set_up(_user(db.session()), at_sign_in=False)


@blueprint.post("/account/second")
def confirm() -> ResponseReturnValue:
    """Turn it on once the app shows the right code."""
    if _FRESH not in browser:
        return redirect("/account/second", 303)
    try:
        codes = _turned_on(identity().actor_id or 0)
    except Problem as problem:
        return _refused(_user(db.session()), problem, at_sign_in=False)
    return render_template("recovery_codes.html", codes=codes, target="/account")


@blueprint.post("/account/second/codes")
def renew() -> ResponseReturnValue:
    """Ten other recovery codes."""
    refused = _proved()
    if refused is not None:
        return refused
    with transaction() as session:
        user = _user(session)
        if sign_ins.second_step(session, user.actor_id) is None:
            abort(404)
        codes = second_step.renew_codes(session, user, parts().vault, now=now())
    return render_template("recovery_codes.html", codes=codes, target="/account")


@blueprint.post("/account/second/off")
def turn_off() -> ResponseReturnValue:
    """Go without, where the server allows it."""
    refused = _proved()
    if refused is not None:
        return refused
    try:
        with transaction() as session:
            second_step.turn_off(session, _user(session), parts().gate, now=now())
    except Problem as problem:
        return _page(sentence=say(problem)), STATUS[type(problem)].status
    flash(gettext("The second step is off. From now on your password alone lets you in."))
    return redirect("/account", 303)
