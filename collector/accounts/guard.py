"""The gate in front of every route: what is not listed in PERMITS is refused."""

from __future__ import annotations

from flask import Flask, g, request

from collector.accounts.identity import NOBODY, Identity
from collector.accounts.permissions import PERMITS, PHONE, PUBLIC, SIGNED_IN
from collector.clock import moment
from collector.parts import parts
from storage.database import db
from storage.problems import NotAllowed, NotSignedIn, TooManyAttempts


def install(app: Flask) -> None:
    """Check every request before its route runs."""
    app.before_request(_check)


def _check() -> None:
    endpoint = request.endpoint
    if endpoint is None:
        return
    verb = PERMITS.get(endpoint)
    if verb in {PUBLIC, PHONE}:
        return
    if verb is None:
        raise NotAllowed
    who = identity()
    if who.actor_id is None:
        raise NotSignedIn
    if verb != SIGNED_IN and not _may(who, verb, (request.view_args or {}).get("project_id")):
        raise NotAllowed


def _may(who: Identity, verbs: str, project_id: int | None) -> bool:
    return any(who.may(verb, project_id) for verb in verbs.split(" or "))


def identity() -> Identity:
    """Who asks, found once a request. Raises NotSignedIn when credentials are given and wrong."""
    if "identity" not in g:
        # A wrong password is tried once a request, however often somebody asks.
        g.identity = NOBODY
        g.identity = parts().authentication.identify(db.session(), request, moment())
    known: Identity = g.identity
    return known


def identity_or_nobody() -> Identity:
    """Who asks, nobody when that is unknown or wrong: for pages that everyone may see."""
    try:
        return identity()
    except (NotSignedIn, TooManyAttempts):
        return NOBODY
