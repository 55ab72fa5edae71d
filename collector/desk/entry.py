"""From a proof to a session: who is half signed in waits in the browser, sealed, for his second step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.fernet import InvalidToken
from flask import redirect, request
from flask import session as browser
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from collector.accounts.authentication import COOKIE
from collector.accounts.devices import COOKIE as DEVICE
from collector.accounts.devices import LIFE, words_of
from collector.accounts.secrets import fingerprint
from collector.actions import entering
from collector.actions.accounts import SESSION_LIFE, SignedIn, sign_out
from collector.actions.attempts import Stand
from collector.actions.second_step import Step
from collector.desk.page import local_target, now
from collector.desk.tickets import opened, sealed
from collector.parts import parts
from storage.database import db, transaction
from storage.models import User

HALF_LIFE = timedelta(minutes=10)
"""How long whoever gave the right password may take for the second step."""
_HALF = "half"
_MARK = 16


@dataclass(frozen=True, slots=True)
class Half:
    """Somebody who has proved the first thing: his account, where he wants to go, how he came."""

    user: User
    target: str
    way: str


def stand_of(username: str) -> Stand:
    """Where the request comes from, and whether this browser has signed in to that account before."""
    known = parts().devices.known(request.cookies.get(DEVICE, ""), username)
    return Stand(request.remote_addr or "", device_words(), known)


def device_words() -> str:
    """The browser of the request in words."""
    return words_of(request.headers.get("User-Agent", ""))


def proceed(number: int, target: str, *, way: str = "", step: Step | None = None) -> Response:
    """Go on after the first proof: to the second step where there is one to do, else into a session."""
    due = parts().gate.step(db.session(), number) if step is None else step
    if due is Step.NONE:
        return admit(number, target, way=way)
    mark = _mark(db.session.get_one(User, number))
    browser.clear()
    browser[_HALF] = sealed(_HALF, number, now().isoformat(), target, way, mark)
    return redirect("/signin/code" if due is Step.CODE else "/signin/setup", 303)


def half() -> Half | None:
    """Who is half signed in in this browser; nobody after ten minutes, or with another password since."""
    try:
        number, since, target, way, mark = opened(_HALF, browser.get(_HALF, ""))
    except (BadRequest, InvalidToken):
        return None
    user = db.session.get(User, number)
    if user is None or user.disabled_at is not None or user.actor.deleted_at is not None:
        return None
    if now() - datetime.fromisoformat(since) > HALF_LIFE or mark != _mark(user):
        return None
    return Half(user, local_target(target), way)


def _mark(user: User) -> str:
    return fingerprint(user.password_hash)[:_MARK]


def admit(number: int, target: str, *, way: str = "") -> Response:
    """A fresh session in this browser; the one it had before ends."""
    username = db.session.get_one(User, number).username
    end_former()
    signed = entering.begin(number, stand_of(username), now=now(), way=way)
    response = redirect(target, 303)
    begin(response, signed, username)
    return response


def end_former() -> None:
    """End the session this browser still holds, whoever's it is."""
    token = request.cookies.get(COOKIE)
    if token:
        with transaction() as session:
            sign_out(session, token)


def begin(response: Response, signed: SignedIn, username: str) -> None:
    """Hand a session to the browser, which is known to the account from now on; what it held before goes."""
    browser.clear()
    device = parts().devices.after(request.cookies.get(DEVICE, ""), username)
    for name, value, life in ((COOKIE, signed.token, SESSION_LIFE), (DEVICE, device, LIFE)):
        response.set_cookie(
            name,
            value,
            max_age=life // timedelta(seconds=1),
            httponly=True,
            samesite="Lax",
            secure=request.is_secure,
        )
