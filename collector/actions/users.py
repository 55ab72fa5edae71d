"""Accounts changed and taken away, and new passwords without the old one."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from collector.accounts.permissions import ADMINISTRATOR
from collector.accounts.secrets import fingerprint, new_token
from collector.actions.accounts import end_sessions, require_name, set_password
from storage.access_problems import AccountDisabled, LastAdministrator, ResetGone
from storage.audits import note, of_actor
from storage.models import (
    Actor,
    ApiKey,
    Assignment,
    LoginSession,
    OutsideIdentity,
    PasswordReset,
    RecoveryCode,
    SecondStep,
    User,
)
from storage.problems import UsernameTaken
from storage.queries import access, actors

RESET_LIFE = timedelta(hours=24)
_LONGEST_NAME = 100


def change(
    session: Session, user: User, *, username: str | None, display_name: str | None, now: datetime
) -> None:
    """Another name to sign in with, or to be called by. Raises UsernameTaken, CredentialNotAscii."""
    changed: dict[str, str] = {}
    if username is not None and username.strip().lower() != user.username:
        name = require_name(username)
        if actors.user_by_name(session, name) is not None:
            raise UsernameTaken(username=name)
        user.username = changed["email"] = name.lower()
        # The other password is bound to the name.
        user.collect_ha1 = None
    if display_name is not None:
        user.actor.display_name = changed["displayName"] = display_name
    user.actor.updated_at = now
    session.flush()
    note(session, "user.update", actee=of_actor(user.actor), details={"data": sorted(changed)}, now=now)


def remove(session: Session, user: User, *, now: datetime) -> None:
    """Take an account away, its roles, keys and sessions with it; what it did stays under its name.

    Raises LastAdministrator.
    """
    keep_an_administrator(session, user.actor_id)
    end_sessions(session, user.actor_id)
    session.execute(delete(Assignment).where(Assignment.actor_id == user.actor_id))
    session.execute(delete(PasswordReset).where(PasswordReset.actor_id == user.actor_id))
    for beside in (RecoveryCode, SecondStep, OutsideIdentity):
        session.execute(delete(beside).where(beside.actor_id == user.actor_id))
    for key in session.scalars(select(ApiKey).where(ApiKey.actor_id == user.actor_id)):
        key.revoked_at = key.revoked_at or now
    user.actor.deleted_at = now
    # No name has such a sign, so that the next may have this one.
    user.username = f"{user.actor_id}:{user.username}"[:_LONGEST_NAME]
    user.password_hash, user.collect_ha1 = "!", None
    session.flush()
    note(session, "user.delete", actee=of_actor(user.actor), now=now)


def keep_an_administrator(session: Session, actor_id: int) -> None:
    """Raises LastAdministrator where nobody but this account may do everything."""
    held = (
        Assignment.role == ADMINISTRATOR,
        Assignment.project_id.is_(None),
        Assignment.place_code.is_(None),
    )
    others = (
        select(func.count())
        .select_from(Assignment)
        .join(Actor, Actor.id == Assignment.actor_id)
        .join(User, User.actor_id == Actor.id)
        .where(*held, Actor.deleted_at.is_(None), User.disabled_at.is_(None))
        .where(Assignment.actor_id != actor_id)
    )
    mine = select(Assignment.id).where(*held, Assignment.actor_id == actor_id)
    if session.scalars(mine).first() is not None and not session.scalars(others).one():
        raise LastAdministrator


def disable(session: Session, user: User, *, now: datetime) -> None:
    """Let nobody in by an account, neither by password nor by key or link; its roles wait for it.

    Raises LastAdministrator.
    """
    if user.disabled_at is not None:
        return
    keep_an_administrator(session, user.actor_id)
    user.disabled_at = user.actor.updated_at = now
    session.execute(delete(PasswordReset).where(PasswordReset.actor_id == user.actor_id))
    end_sessions(session, user.actor_id)
    session.flush()
    note(session, "user.update", actee=of_actor(user.actor), details={"data": {"disabled": True}}, now=now)


def enable(session: Session, user: User, *, now: datetime) -> None:
    """Let somebody in again, by the password he had."""
    if user.disabled_at is None:
        return
    user.disabled_at, user.actor.updated_at = None, now
    session.flush()
    note(session, "user.update", actee=of_actor(user.actor), details={"data": {"disabled": False}}, now=now)


def sign_out_everywhere(session: Session, user: User, *, now: datetime, keep: str | None = None) -> int:
    """End every session of an account but the one of the token to `keep`; returns how many there were."""
    number = access.sessions_of(session, user.actor_id, now) - (keep is not None)
    end_sessions(session, user.actor_id, keep=keep)
    note(session, "user.session.end", actee=of_actor(user.actor), details={"sessions": number}, now=now)
    return number


def end_session(session: Session, user: User, number: int, *, now: datetime) -> bool:
    """End one session of an account by its number; False where it has none of that number."""
    found = session.get(LoginSession, number)
    if found is None or found.actor_id != user.actor_id:
        return False
    session.delete(found)
    session.flush()
    note(session, "user.session.end", actee=of_actor(user.actor), details={"sessions": 1}, now=now)
    return True


def invalidate(session: Session, user: User, *, now: datetime) -> None:
    """End a password and every session; the account is opened again by a reset only."""
    user.password_hash = f"!{secrets.token_hex(8)}"
    user.actor.updated_at = now
    end_sessions(session, user.actor_id)
    note(session, "user.update", actee=of_actor(user.actor), details={"data": ["password"]}, now=now)


def allow_reset(session: Session, user: User, *, by: int | None, now: datetime) -> str:
    """Leave to set a new password, for 24 hours and once: its token. Any given before ends.

    Raises AccountDisabled: it would open nothing.
    """
    if user.disabled_at is not None:
        raise AccountDisabled(username=user.username)
    session.execute(delete(PasswordReset).where(PasswordReset.actor_id == user.actor_id))
    token = new_token()
    session.add(
        PasswordReset(
            token_hash=fingerprint(token),
            actor_id=user.actor_id,
            created_by=by,
            created_at=now,
            expires_at=now + RESET_LIFE,
        )
    )
    session.flush()
    note(session, "user.reset.create", actee=of_actor(user.actor), now=now)
    return token


def reset(session: Session, token: str, password: str, *, now: datetime) -> User:
    """Set a new password by such a token, which ends with it; every session ends.

    Raises ResetGone, CredentialNotAscii, PasswordTooShort, PasswordTooCommon.
    """
    found = access.reset_by_token(session, fingerprint(token), now)
    if found is None:
        raise ResetGone
    _leave, user = found
    set_password(session, user.username, password, now=now)
    return user
