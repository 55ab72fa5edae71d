"""Signing in and out of programs, and who one is."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request

from collector.accounts.authentication import COOKIE
from collector.accounts.guard import identity
from collector.accounts.permissions import ROLES
from collector.actions import accounts
from collector.clock import moment
from collector.v1 import documents, incoming, schemas
from collector.v1.outgoing import answer, success
from storage.database import db, transaction
from storage.models import User

blueprint = Blueprint("v1_sessions", __name__, url_prefix="/v1")


@blueprint.post("/sessions")
def sign_in() -> Response:
    """A session for a user name (sent as `email`) and a password; a browser gets it as a cookie too."""
    said = incoming.document(schemas.SIGN_IN)
    signed = accounts.enter(said["email"], said["password"], request.remote_addr or "", now=moment())
    response = answer(
        schemas.SESSION.dump({
            "token": signed.token,
            "csrf": signed.csrf,
            "createdAt": signed.created_at,
            "expiresAt": signed.expires_at,
        })
    )
    if _is_from_here():
        response.set_cookie(
            COOKIE,
            signed.token,
            expires=signed.expires_at,
            httponly=True,
            secure=request.is_secure,
            samesite="Lax",
        )
    return response


def _is_from_here() -> bool:
    """Whether no page of another site sends this, to sign its reader in under a name that is not his."""
    origin = request.headers.get("Origin")
    return origin is None or origin.rpartition("//")[2] == request.host


@blueprint.delete("/sessions/current")
def sign_out() -> Response:
    """End the session this request came with."""
    said = request.authorization
    token = said.token if said is not None and said.type == "bearer" else request.cookies.get(COOKIE)
    if not token or (said is not None and said.type != "bearer"):
        abort(404)
    with transaction() as session:
        accounts.sign_out(session, token)
    response = success()
    response.delete_cookie(COOKIE, httponly=True, secure=request.is_secure, samesite="Lax")
    return response


@blueprint.get("/users/current")
def current_user() -> Response:
    """Whose session this is; pyodk asks it to learn whether a kept token still works."""
    who = identity()
    user = db.session().get_one(User, who.actor_id)
    everywhere = {
        verb for grant in who.grants if grant.project_id is None for verb in ROLES.get(grant.role, ())
    }
    return answer(documents.user(user, sorted(everywhere) if incoming.extended() else None))
