"""In and out."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, redirect, render_template, request
from flask import session as browser
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from collector.accounts.authentication import COOKIE
from collector.accounts.guard import identity_or_nobody
from collector.actions.accounts import SESSION_LIFE, SignedIn, enter, sign_out
from collector.desk.page import local_target, now
from collector.errors import STATUS, say
from storage.database import transaction
from storage.problems import NotSignedIn, TooManyAttempts

blueprint = Blueprint("signin", __name__)


@blueprint.get("/signin")
def form() -> ResponseReturnValue:
    """Ask for name and password."""
    target = local_target(request.args.get("next", "/"))
    if identity_or_nobody().actor_id is not None:
        return redirect(target, 303)
    return render_template("signin.html", target=target)


@blueprint.post("/signin")
def take() -> ResponseReturnValue:
    """Let in whoever knows both."""
    target = local_target(request.form.get("next", "/"))
    username, password = request.form.get("username", ""), request.form.get("password", "")
    try:
        signed = enter(username, password, request.remote_addr or "", now=now())
    except (NotSignedIn, TooManyAttempts) as problem:
        page = render_template("signin.html", target=target, username=username, sentence=say(problem))
        return page, STATUS[type(problem)].status
    response = redirect(target, 303)
    begin(response, signed)
    return response


def begin(response: Response, signed: SignedIn) -> None:
    """Hand a session to the browser; what it held before is forgotten."""
    browser.clear()
    response.set_cookie(
        COOKIE,
        signed.token,
        max_age=SESSION_LIFE // timedelta(seconds=1),
        httponly=True,
        samesite="Lax",
        secure=request.is_secure,
    )


@blueprint.post("/signout")
def leave() -> Response:
    """End the session here and in the browser."""
    token = request.cookies.get(COOKIE)
    if token:
        with transaction() as session:
            sign_out(session, token)
    browser.clear()
    response = redirect("/signin", 303)
    response.delete_cookie(COOKIE)
    return response
