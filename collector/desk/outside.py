"""Signing in by a provider of identities, and tying one's account to what it says of one.

The journey begins with a link, not with a form: no form of ours may lead to another server. What only this
browser knows of it lies in its cookie, sealed, so that any of the web processes can take the answer.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from hmac import compare_digest

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask import session as browser
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.exceptions import BadRequest

from collector.accounts.guard import identity, identity_or_nobody
from collector.accounts.provider import Provider
from collector.actions import entering, outside_identities
from collector.actions.outside_identities import Known
from collector.actions.second_step import Step
from collector.desk.entry import proceed, stand_of
from collector.desk.page import local_target, now, phone_address
from collector.desk.signin import sign_in_page
from collector.desk.tickets import opened, sealed
from collector.errors import STATUS, say
from collector.parts import parts
from forms.problems import Problem
from storage.access_problems import IdentityUnknown, ProviderRefused, SignInLost
from storage.database import db, transaction
from storage.models import User
from storage.problems import NotSignedIn, TooManyAttempts
from storage.queries import sign_ins

blueprint = Blueprint("outside", __name__)

LIFE = timedelta(minutes=15)
"""How long somebody may take at the provider, and then to confirm a link."""
WAY = "provider"
_JOURNEY, _LINK = "outside", "link"
_LONGEST = 4096


def _provider() -> Provider:
    return parts().provider or abort(404)


def _back() -> str:
    return f"{phone_address()}/signin/outside/back"


def _leave_for(provider: Provider, target: str, linking: int) -> ResponseReturnValue:
    """Send the browser to the provider; `linking` is the account that is to be tied, 0 for signing in."""
    asked = provider.ask(_back())
    browser[_JOURNEY] = sealed(
        _JOURNEY, asked.state, asked.nonce, asked.verifier, now().isoformat(), target, linking
    )
    return redirect(asked.address, 303)


@blueprint.get("/signin/outside")
def leave() -> ResponseReturnValue:
    """To the provider, to come back as somebody."""
    provider, target = _provider(), local_target(request.args.get("next", "/"))
    try:
        return _leave_for(provider, target, 0)
    except Problem as problem:
        return _told(problem, target)


@blueprint.get("/account/outside")
def leave_to_link() -> ResponseReturnValue:
    """To the provider, to come back with what it says of the reader."""
    provider = _provider()
    try:
        return _leave_for(provider, "/account", identity().actor_id or 0)
    except Problem as problem:
        flash(say(problem), "error")
        return redirect("/account", 303)


def _told(problem: Problem, target: str) -> ResponseReturnValue:
    return sign_in_page(target=target, sentence=say(problem)), STATUS[type(problem)].status


@blueprint.get("/signin/outside/back")
def back() -> ResponseReturnValue:
    """Back from the provider: in, or to the page that asks whether to tie the account."""
    provider = _provider()
    try:
        known, target, linking = _answered(provider)
        if linking:
            return _ask_to_link(provider, known, linking)
        user = sign_ins.account_of_identity(db.session(), known.issuer, known.claim, known.value)
        if user is None:
            raise IdentityUnknown(provider=provider.name, value=known.value)
    except Problem as problem:
        if identity_or_nobody().actor_id is not None:
            flash(say(problem), "error")
            return redirect("/account", 303)
        return _told(problem, "/")
    # The provider answers for the person; where the server wants two factors, it has to have asked for them.
    wants = parts().gate.wants(db.session(), user.actor_id)
    return proceed(user.actor_id, target, way=WAY, step=None if wants and not known.strong else Step.NONE)


def _answered(provider: Provider) -> tuple[Known, str, int]:
    """Whom the provider means, where he wanted to go, and the account to tie.

    Raises SignInLost, ProviderRefused, ProviderSilent.
    """
    try:
        state, nonce, verifier, since, target, linking = opened(_JOURNEY, browser.pop(_JOURNEY, ""))
    except BadRequest as error:
        raise SignInLost from error
    said, code = request.args.get("state", ""), request.args.get("code", "")
    is_late = now() - datetime.fromisoformat(since) > LIFE
    if is_late or not compare_digest(said.encode(errors="replace"), state.encode()):
        raise SignInLost
    if request.args.get("iss", provider.client.issuer) != provider.client.issuer:
        raise SignInLost
    if not code or "error" in request.args or len(code) > _LONGEST:
        raise ProviderRefused(provider=provider.name)
    return provider.answer(code, _back(), nonce=nonce, verifier=verifier), local_target(target), linking


def _ask_to_link(provider: Provider, known: Known, linking: int) -> ResponseReturnValue:
    who = identity_or_nobody()
    if who.actor_id != linking or not who.is_person:
        raise SignInLost
    return _confirm_page(provider, known)


def _confirm_page(provider: Provider, known: Known, **more: object) -> str:
    ticket = sealed(_LINK, identity().actor_id, known.issuer, known.claim, known.value, now().isoformat())
    return render_template(
        "outside_confirm.html", provider=provider, value=known.value, ticket=ticket, **more
    )


@blueprint.post("/account/outside")
def link() -> ResponseReturnValue:
    """Tie the reader's account to what the provider said; his password shows that it is he who wants it."""
    provider = _provider()
    number, issuer, claim, value, since = opened(_LINK, request.form.get("ticket", ""))
    if number != identity().actor_id or now() - datetime.fromisoformat(since) > LIFE:
        raise SignInLost
    known = Known(issuer, claim, value)
    name = db.session.get_one(User, number).username
    try:
        entering.prove(name, request.form.get("current", ""), stand_of(name), now=now())
        with transaction() as session:
            user = session.get_one(User, number)
            outside_identities.tie(session, user, known, provider=provider.name, by=number, now=now())
    except NotSignedIn:
        sentence = gettext("The present password is not right.")
        return _confirm_page(provider, known, sentence=sentence), 400
    except TooManyAttempts as problem:
        return _confirm_page(provider, known, sentence=say(problem)), 429
    except Problem as problem:
        flash(say(problem), "error")
        return redirect("/account", 303)
    flash(gettext("From now on %(provider)s lets you in too.", provider=provider.name))
    return redirect("/account", 303)


@blueprint.post("/account/outside/remove")
def unlink() -> ResponseReturnValue:
    """Let the provider open the reader's account no more; his password does."""
    with transaction() as session:
        outside_identities.untie(session, session.get_one(User, identity().actor_id), now=now())
    flash(gettext("The link is taken away. Your user name and password let you in."))
    return redirect("/account", 303)
