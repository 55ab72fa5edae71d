"""Accounts: listed, made, changed, taken away; passwords.

The name to sign in with travels as `email`; it need not be one. There is no mail: who has forgotten his
password gets a link from an administrator (`collector/desk/accounts.py`).
"""

from __future__ import annotations

from flask import Blueprint, Response, abort, request

from collector.accounts.authentication import COOKIE
from collector.accounts.guard import identity, identity_or_nobody
from collector.accounts.identity import USER
from collector.accounts.secrets import new_password
from collector.actions import accounts, users
from collector.actions.accounts import check_password
from collector.actions.attempts import counted
from collector.clock import moment
from collector.v1 import documents, incoming
from collector.v1 import people_documents as shapes
from collector.v1.outgoing import answer, success
from storage.database import db, transaction
from storage.models import User
from storage.problems import NotAllowed, NotSignedIn
from storage.queries import actors, people

blueprint = Blueprint("v1_users", __name__, url_prefix="/v1/users")
_NUMBER = "<int(max=2147483647):actor_id>"


@blueprint.get("")
def listing() -> Response:
    """The accounts; whoever may not list them finds one by its whole name (`?q=`)."""
    words, session = request.args.get("q", ""), db.session()
    who = identity()
    if who.may("user.list"):
        found = people.accounts(session, words)
    else:
        # Whoever holds a link or a phone's token has nobody to give a role to.
        one = actors.user_by_name(session, words) if words and who.kind == USER else None
        found = [one] if one is not None else []
    return answer([documents.user(one) for one in found])


@blueprint.post("")
def create() -> Response:
    """An account without roles; without a password nobody gets in until one is set."""
    said = incoming.document(shapes.NEW_USER)
    name = said["email"]
    password = said.get("password") or new_password(40)
    with transaction() as session:
        made = accounts.create_user(
            session, name, password, display_name=said.get("displayName", ""), now=moment()
        )
        return answer(documents.user(made))


def _account(actor_id: int) -> User:
    return people.account(db.session(), actor_id) or abort(404)


def _own_or(verb: str, actor_id: int) -> None:
    """Raises NotAllowed for what is somebody else's, or asked by a key that may not."""
    who = identity()
    is_own = who.kind == USER and who.actor_id == actor_id
    if not (is_own and (who.is_person or verb == "user.read")) and not who.may(verb):
        raise NotAllowed


@blueprint.get(f"/{_NUMBER}")
def single(actor_id: int) -> Response:
    """One account: one's own, or any with the right to see them."""
    user = _account(actor_id)
    _own_or("user.read", actor_id)
    return answer(documents.user(user))


@blueprint.patch(f"/{_NUMBER}")
def change(actor_id: int) -> Response:
    """Another name of an account."""
    _account(actor_id)
    _own_or("user.update", actor_id)
    said = incoming.document(shapes.USER_PATCH)
    with transaction() as session:
        user = _account(actor_id)
        users.change(
            session, user, username=said.get("email"), display_name=said.get("displayName"), now=moment()
        )
        return answer(documents.user(user))


@blueprint.delete(f"/{_NUMBER}")
def remove(actor_id: int) -> Response:
    """Take an account away; what it did stays."""
    with transaction() as session:
        users.remove(session, _account(actor_id), now=moment())
    return success()


@blueprint.put(f"/{_NUMBER}/password")
def change_password(actor_id: int) -> Response:
    """A new password: one's own with the old one, another's as an administrator. Other sessions end."""
    user = _account(actor_id)
    _own_or("user.update", actor_id)
    said = incoming.document(shapes.PASSWORD)
    name = user.username
    if actor_id == identity().actor_id:
        old = said.get("old", "")
        # Whoever is signed in may be sitting at somebody else's machine: guesses are counted here too.
        counted(
            name, request.remote_addr or "", lambda: check_password(db.session(), name, old), now=moment()
        )
    held = request.authorization
    with transaction() as session:
        keep = held.token if held is not None and held.type == "bearer" else None
        accounts.set_password(session, name, said["new"], now=moment(), keep=keep or _cookie())
    return success()


def _cookie() -> str | None:
    return request.cookies.get(COOKIE) if request.authorization is None else None


@blueprint.post("/reset/initiate")
def ask_reset() -> Response:
    """Always taken, so that nobody learns which accounts there are; `?invalidate=true` ends the password."""
    said = incoming.document(shapes.RESET_ASKED)
    if incoming.switched("invalidate"):
        who = identity_or_nobody()
        if not who.is_person or not who.may("user.password.invalidate"):
            raise NotAllowed
        with transaction() as session:
            user = actors.user_by_name(session, said["email"])
            if user is not None:
                users.invalidate(session, user, now=moment())
    return success()


@blueprint.post("/reset/verify")
def reset() -> Response:
    """A new password by the token of a link an administrator made; it works once."""
    held = request.authorization
    if held is None or held.type != "bearer" or not held.token:
        raise NotSignedIn
    said = incoming.document(shapes.PASSWORD)
    with transaction() as session:
        users.reset(session, held.token, said["new"], now=moment())
    return success()
