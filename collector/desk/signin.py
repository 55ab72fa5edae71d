"""In and out."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from flask import session as browser
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from collector.accounts.authentication import COOKIE
from collector.accounts.guard import identity_or_nobody
from collector.actions import entering
from collector.actions.accounts import sign_out
from collector.actions.second_step import prove as prove_code
from collector.desk.entry import admit, half, proceed, stand_of
from collector.desk.page import local_target, now
from collector.errors import STATUS, say
from collector.parts import parts
from storage.access_problems import CodeWrong, TooManyCodes
from storage.database import transaction
from storage.problems import NotSignedIn, TooManyAttempts

blueprint = Blueprint("signin", __name__)


def sign_in_page(**more: object) -> str:
    """The page that asks for name and password, and offers the provider where there is one."""
    return render_template("signin.html", provider=parts().provider, **more)


@blueprint.get("/signin")
def form() -> ResponseReturnValue:
    """Ask for name and password."""
    target = local_target(request.args.get("next", "/"))
    if identity_or_nobody().actor_id is not None:
        return redirect(target, 303)
    return sign_in_page(target=target)


@blueprint.post("/signin")
def take() -> ResponseReturnValue:
    """Let in whoever knows both, or ask for the second step."""
    target = local_target(request.form.get("next", "/"))
    username, password = request.form.get("username", ""), request.form.get("password", "")
    try:
        number = entering.prove(username, password, stand_of(username), now=now())
    except (NotSignedIn, TooManyAttempts) as problem:
        page = sign_in_page(target=target, username=username, sentence=say(problem))
        return page, STATUS[type(problem)].status
    return proceed(number, target)


@blueprint.get("/signin/code")
def ask_code() -> ResponseReturnValue:
    """Ask for the code of the second step."""
    if half() is None:
        return redirect("/signin", 303)
    return render_template("signin_code.html")


@blueprint.post("/signin/code")
def take_code() -> ResponseReturnValue:
    """Let in whoever has the app too, or a recovery code."""
    known = half()
    if known is None:
        return redirect("/signin", 303)
    number, target = known.user.actor_id, known.target
    stand = stand_of(known.user.username)
    try:
        prove_code(known.user, request.form.get("code", ""), stand, parts().vault, now=now())
    except (CodeWrong, TooManyCodes) as problem:
        page = render_template("signin_code.html", sentence=say(problem))
        return page, STATUS[type(problem)].status
    return admit(number, target, way=f"{known.way} second step".strip())


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
