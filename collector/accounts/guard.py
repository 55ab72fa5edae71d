"""The gate in front of every route: what is not listed in PERMITS is refused.

Behind it the one who asks sees his places and nothing else (see `storage.cuts`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote

from flask import Flask, appcontext_pushed, g, request

from collector.accounts.authentication import STALE
from collector.accounts.identity import NOBODY, Identity
from collector.accounts.permissions import PERSON, PHONE, PUBLIC, SIGNED_IN
from collector.accounts.permits import PERMITS
from collector.actions.entering import note_use
from collector.asked import note
from collector.clock import moment
from collector.parts import parts
from storage.access_problems import HttpsOnly
from storage.audits import Acting, act
from storage.cuts import enter, within
from storage.database import db
from storage.problems import NotAllowed, NotSignedIn, TokenUnknown, TooManyAttempts
from storage.queries import projects
from storage.scope import NOTHING, WHOLE, Scope


def install(app: Flask) -> None:
    """Check every request before its route runs."""
    app.before_request(_check)
    app.teardown_request(_leave)
    # What is sent piece by piece is read after the request has ended, when its contexts come back.
    appcontext_pushed.connect(_resume, app)


def _check() -> None:
    _see(NOTHING)
    g.acted_before = act(Acting(None, moment(), _notes()))
    endpoint = request.endpoint
    if endpoint is None:
        return
    verb = PERMITS.get(endpoint)
    if verb in {PUBLIC, PHONE}:
        # These prove and cut by themselves: intake has to find every record, a PIN every phone.
        _see(WHOLE)
        return
    if verb is None:
        raise NotAllowed
    who = identity()
    if who.actor_id is None:
        raise NotSignedIn
    act(Acting(who.actor_id, moment(), _notes()))
    _note_use()
    named = request.view_args or {}
    project_id, form_id = named.get("project_id"), named.get("form_id")
    verbs = _verbs(verb)
    if verb == PERSON and not who.is_person:
        raise NotAllowed
    if verbs is not None and not any(who.may(one, project_id, form_id) for one in verbs):
        raise NotAllowed
    _see(who.scope(verbs, project_id, form_id))
    if project_id is not None:
        projects.require_project(db.session(), project_id)


def _note_use() -> None:
    used = request.environ.pop(STALE, None)
    if used is not None:
        note_use(used, moment())


def _notes() -> str | None:
    """The words a program gives its act, percent-encoded as Central has them."""
    return unquote(request.headers.get("X-Action-Notes", "")) or None


def _verbs(permit: str) -> list[str] | None:
    return None if permit in {SIGNED_IN, PERSON} else permit.split(" or ")


def _see(scope: Scope) -> None:
    before = enter(scope)
    if "scope" not in g:
        g.seen_before = before
    g.scope = scope


def _resume(_app: Flask, **_more: object) -> None:
    if "left" in g:
        g.seen_before, g.scope = enter(g.left), g.pop("left")


def _leave(_error: BaseException | None) -> None:
    if "acted_before" in g:
        act(g.pop("acted_before"))
    if "scope" in g:
        enter(g.pop("seen_before"))
        g.left = g.pop("scope")


@contextmanager
def looking_into(project_id: int) -> Iterator[None]:
    """See what the asker may see of one project: for pages that go through several."""
    with within(identity().scope(_verbs(PERMITS[request.endpoint or ""]), project_id)):
        yield


def identity() -> Identity:
    """Who asks, found once a request. Raises NotSignedIn when credentials are given and wrong."""
    if "identity" not in g:
        # A wrong password is tried once a request, however often somebody asks.
        g.identity = NOBODY
        g.identity = parts().authentication.identify(db.session(), request, moment())
        note(account=g.identity.actor_id)
    known: Identity = g.identity
    return known


def identity_or_nobody() -> Identity:
    """Who asks, nobody when that is unknown or wrong: for pages that everyone may see."""
    try:
        return identity()
    except (HttpsOnly, NotSignedIn, TokenUnknown, TooManyAttempts):
        return NOBODY
