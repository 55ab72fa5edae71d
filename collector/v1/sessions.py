"""Signing in and out of programs, and who one is."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request

from collector.accounts.authentication import COOKIE, SHAPE
from collector.accounts.devices import words_of
from collector.accounts.guard import identity
from collector.accounts.identity import USER, Identity
from collector.accounts.secrets import fingerprint
from collector.actions import accounts, entering, public_links
from collector.actions.accounts import SignedIn
from collector.actions.attempts import Stand
from collector.clock import moment
from collector.parts import parts
from collector.v1 import documents, incoming, people_documents, schemas
from collector.v1.outgoing import answer, success
from storage.cuts import within
from storage.database import db, transaction
from storage.models import User
from storage.problems import NotAllowed
from storage.queries import access, actors
from storage.scope import WHOLE

blueprint = Blueprint("v1_sessions", __name__, url_prefix="/v1")
CSRF_COOKIE = "__csrf"


@blueprint.post("/sessions")
def sign_in() -> Response:
    """A session for a user name (sent as `email`) and a password; a browser gets it as a cookie too.

    An account with a second step sends its code as `totp`.
    """
    said = incoming.document(schemas.SIGN_IN)
    stand = Stand(request.remote_addr or "", words_of(request.headers.get("User-Agent", "")))
    signed = entering.enter(
        said["email"], said["password"], stand, parts().gate, now=moment(), code=said.get("totp", "")
    )
    response = answer(
        schemas.SESSION.dump({
            "token": signed.token,
            "csrf": signed.csrf,
            "createdAt": signed.created_at,
            "expiresAt": signed.expires_at,
        })
    )
    if _is_from_here():
        _give_cookies(response, signed)
    return response


def _give_cookies(response: Response, signed: SignedIn) -> None:
    # The secret is there to be read by our pages; the token never is.
    for name, value, hidden in ((COOKIE, signed.token, True), (CSRF_COOKIE, signed.csrf, False)):
        response.set_cookie(
            name,
            value,
            expires=signed.expires_at,
            httponly=hidden,
            secure=request.is_secure,
            samesite="Lax" if hidden else "Strict",
        )


def _is_from_here() -> bool:
    """Whether no page of another site sends this, to sign its reader in under a name that is not his."""
    origin = request.headers.get("Origin")
    return origin is None or origin.rpartition("//")[2] == request.host


@blueprint.get("/sessions/restore")
def restore() -> Response:
    """The session of the cookie a browser sends."""
    token = request.cookies.get(COOKIE)
    found = actors.session_by_token(db.session(), fingerprint(token), moment()) if token else None
    if found is None or entering.is_idle(found, moment()):
        abort(404)
    return answer(people_documents.session(found.created_at, found.expires_at, found.csrf))


def _token() -> str | None:
    """The token of the session this request came with."""
    said = request.authorization
    if said is None:
        return request.cookies.get(COOKIE)
    return said.token if said.type == "bearer" else None


@blueprint.delete("/sessions/current")
def sign_out() -> Response:
    """End the session this request came with."""
    if identity().kind != USER:
        # A phone or link is ended by those who gave it out.
        raise NotAllowed
    token = _token()
    if not token or identity().by_key:
        abort(404)
    with transaction() as session:
        accounts.sign_out(session, token)
    return _without_cookies(success())


@blueprint.delete("/sessions/<token>")
def end(token: str) -> Response:
    """End a session of one's own, or take the access of a phone or link of one's project.

    Whose a token is has to be known before it is known where one may end it: so it is looked up in the
    whole tree, and then again where one may.
    """
    with transaction() as session:
        who = identity()
        done = SHAPE.fullmatch(token) and (
            _end_own(who, token) or _end_phone(who, token) or _end_link(who, token)
        )
        if not done:
            # Whether there is such a token is nobody's business.
            raise NotAllowed
        session.flush()
    response = success()
    return _without_cookies(response) if token == _token() else response


def _end_own(who: Identity, token: str) -> bool:
    session = db.session()
    found = actors.session_by_token(session, fingerprint(token), moment())
    mine = found is not None and who.is_person and found.actor_id == who.actor_id
    if found is None or not (mine or who.may_everywhere("user.password.invalidate")):
        return False
    accounts.sign_out(session, token)
    return True


def _end_phone(who: Identity, token: str) -> bool:
    session, mark = db.session(), fingerprint(token)
    with within(WHOLE):
        phone = access.phone_of_token(session, mark)
    if phone is None or not who.may("session.end", phone.project_id):
        return False
    with within(who.scope(("session.end",), phone.project_id)):
        if access.phone_of_token(session, mark) is None:
            return False
        accounts.revoke(session, phone, now=moment())
    return True


def _end_link(who: Identity, token: str) -> bool:
    session, mark = db.session(), fingerprint(token)
    with within(WHOLE):
        found = access.link_of_token(session, mark)
    if found is None or not who.may("session.end", found[2].id):
        return False
    with within(who.scope(("session.end",), found[2].id)):
        if access.link_of_token(session, mark) is None:
            return False
        public_links.revoke(session, found[0], found[1], now=moment())
    return True


def _without_cookies(response: Response) -> Response:
    response.delete_cookie(COOKIE, httponly=True, secure=request.is_secure, samesite="Lax")
    response.delete_cookie(CSRF_COOKIE, secure=request.is_secure, samesite="Strict")
    return response


@blueprint.get("/users/current")
def current_user() -> Response:
    """Whose session this is; pyodk asks it to learn whether a kept token still works."""
    who = identity()
    if who.kind != USER:
        abort(404)
    user = db.session().get_one(User, who.actor_id)
    return answer(documents.user(user, who.verbs(None) if incoming.extended() else None))
