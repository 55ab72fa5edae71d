"""People and phones: made, given a password or a token, revoked."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete
from sqlalchemy.orm import Session

from collector.accounts.passwords import is_common
from collector.accounts.secrets import Vault, fingerprint, new_password, new_token
from storage.access_problems import PasswordTooCommon
from storage.audits import note, of_actor
from storage.models import Actor, AppUser, Assignment, LoginSession, PasswordReset, User
from storage.problems import (
    CredentialNotAscii,
    NotSignedIn,
    PasswordTooShort,
    UsernameTaken,
    UserNotFound,
)
from storage.queries import actors

REALM = "Collector"
LEAST_PASSWORD = 10
SESSION_LIFE = timedelta(hours=24)
IDLE_LIFE = timedelta(hours=2)
"""How long a browser may be left alone and still be signed in to the pages of the office."""
_LONGEST_DEVICE = 100
_BREAKS_A_HEADER = frozenset(':"\\')
"""Signs a phone cannot put into a user name: Basic ends it at the colon, Digest at the quote."""
_HASHER = PasswordHasher()
_AT_ONCE = threading.BoundedSemaphore(2)
"""Each comparison takes 64 MB: as many as there are threads would take the memory of a small server."""


@cache
def _nobody() -> str:
    """Compared against when there is no such account, so that both answers take as long."""
    return _HASHER.hash("nobody has this password")


def _require_ascii(what: str, value: str) -> None:
    if not value.isascii() or not value.isprintable() or not value.strip():
        raise CredentialNotAscii(what=what)


def require_name(username: str) -> str:
    """A name to sign in with, without what stands around it. Raises CredentialNotAscii."""
    name = username.strip()
    _require_ascii("user name", name)
    if set(name) & _BREAKS_A_HEADER:
        raise CredentialNotAscii(what="user name")
    return name


def create_user(
    session: Session, username: str, password: str, *, display_name: str = "", now: datetime
) -> User:
    """An account. Raises UsernameTaken, CredentialNotAscii, PasswordTooShort, PasswordTooCommon."""
    name = require_name(username)
    if actors.user_by_name(session, name) is not None:
        raise UsernameTaken(username=name)
    actor = Actor(type="user", display_name=display_name or name, created_at=now)
    session.add(actor)
    session.flush()
    user = User(actor_id=actor.id, username=name.lower(), password_hash=hashed(password, name))
    session.add(user)
    session.flush()
    note(session, "user.create", actee=of_actor(actor), now=now)
    return user


def hashed(password: str, username: str = "") -> str:
    """What is kept of a password of that account; it takes its time.

    Raises CredentialNotAscii, PasswordTooShort, PasswordTooCommon.
    """
    if len(password) < LEAST_PASSWORD:
        raise PasswordTooShort(least=LEAST_PASSWORD)
    _require_ascii("password", password)
    if is_common(password, username):
        raise PasswordTooCommon
    return _HASHER.hash(password)


def set_password(
    session: Session, username: str, password: str, *, now: datetime, keep: str | None = None
) -> None:
    """A new sign-in password; every session of the account ends but the one whose token is to be kept.

    Raises UserNotFound, CredentialNotAscii, PasswordTooShort, PasswordTooCommon.
    """
    user = actors.user_by_name(session, username)
    if user is None:
        raise UserNotFound(username=username)
    user.password_hash = hashed(password, user.username)
    user.actor.updated_at = now
    end_sessions(session, user.actor_id, keep=keep)
    session.execute(delete(PasswordReset).where(PasswordReset.actor_id == user.actor_id))
    note(session, "user.update", actee=of_actor(user.actor), details={"data": {"password": True}}, now=now)


def end_sessions(session: Session, actor_id: int, *, keep: str | None = None) -> None:
    """Sign an account out everywhere, but where that token is held."""
    ended = delete(LoginSession).where(LoginSession.actor_id == actor_id)
    session.execute(ended if keep is None else ended.where(LoginSession.token_hash != fingerprint(keep)))


def renew_collect_password(session: Session, user: User, vault: Vault) -> str:
    """A fresh password for a Collect set up by hand; returned once, kept only as its sealed HA1."""
    password = new_password()
    ha1 = hashlib.md5(f"{user.username}:{REALM}:{password}".encode(), usedforsecurity=False).hexdigest()
    user.collect_ha1 = vault.seal(ha1)
    session.flush()
    return password


def check_password(session: Session, username: str, password: str) -> User:
    """The account of that name and password. Raises NotSignedIn, whichever of the two is wrong."""
    user = actors.open_account(session, username)
    try:
        with _AT_ONCE:
            _HASHER.verify(user.password_hash if user else _nobody(), password.encode(errors="replace"))
    except (VerificationError, InvalidHashError) as error:
        raise NotSignedIn from error
    if user is None:
        raise NotSignedIn
    return user


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session as its owner sees it, once."""

    token: str
    csrf: str
    created_at: datetime
    expires_at: datetime


def sign_in(session: Session, user: User, *, now: datetime, device: str = "", way: str = "") -> SignedIn:
    """Open a session of 24 hours; `device` says in words where, `way` how, where it was not by password."""
    signed = SignedIn(new_token(), new_token(), now, now + SESSION_LIFE)
    session.add(
        LoginSession(
            token_hash=fingerprint(signed.token),
            csrf=signed.csrf,
            actor_id=user.actor_id,
            created_at=now,
            expires_at=signed.expires_at,
            last_used_at=now,
            device=device[:_LONGEST_DEVICE] or None,
        )
    )
    user.last_login_at = now
    session.execute(delete(LoginSession).where(LoginSession.expires_at < now))
    note(
        session,
        "user.session.create",
        actee=of_actor(user.actor),
        details={"way": way} if way else None,
        actor_id=user.actor_id,
        now=now,
    )
    return signed


def sign_out(session: Session, token: str) -> None:
    """End a session; no error when it has ended already."""
    session.execute(delete(LoginSession).where(LoginSession.token_hash == fingerprint(token)))


@dataclass(frozen=True, slots=True)
class NewPhone:
    """Who an app user is to be: `forms` None means every form of the project, now and later."""

    project_id: int
    name: str
    forms: tuple[int, ...] | None = None
    place_codes: tuple[str, ...] = ()
    created_by: int | None = None
    phone: str | None = None
    organisation: str | None = None


def create_app_user(session: Session, phone: NewPhone, vault: Vault, *, now: datetime) -> tuple[AppUser, str]:
    """A phone's access to a project; returns it with its token."""
    actor = Actor(type="field_key", display_name=phone.name, created_at=now)
    session.add(actor)
    session.flush()
    token = new_token()
    app_user = AppUser(
        actor_id=actor.id,
        project_id=phone.project_id,
        token_hash=fingerprint(token),
        token_sealed=vault.seal(token),
        all_forms=phone.forms is None,
        place_codes=list(phone.place_codes),
        phone=phone.phone,
        organisation=phone.organisation,
        created_by=phone.created_by,
    )
    session.add(app_user)
    for form_id in phone.forms or ():
        session.add(Assignment(actor_id=actor.id, role=2, project_id=phone.project_id, form_id=form_id))
    session.flush()
    note(session, "field_key.create", actee=of_actor(actor, phone.project_id), now=now)
    return app_user, token


def revoke(session: Session, app_user: AppUser, *, now: datetime, reason: str = "") -> None:
    """Take a phone's access away; what it sent stays. Its PIN ends too: it would give the address out."""
    app_user.token_hash = None
    app_user.token_sealed = None
    app_user.pin_hash = None
    app_user.revoked_at = now
    app_user.revoked_reason = reason or None
    app_user.actor.updated_at = now
    session.flush()
    note(session, "field_key.session.end", actee=of_actor(app_user.actor, app_user.project_id), now=now)


def renew(session: Session, app_user: AppUser, vault: Vault, *, now: datetime) -> str:
    """Give a phone's holder a new token, also after his access was withdrawn; the one before is refused."""
    token = new_token()
    app_user.token_hash = fingerprint(token)
    app_user.token_sealed = vault.seal(token)
    app_user.revoked_at = app_user.revoked_reason = None
    app_user.actor.updated_at = now
    session.flush()
    note(session, "field_key.session.renew", actee=of_actor(app_user.actor, app_user.project_id), now=now)
    return token
