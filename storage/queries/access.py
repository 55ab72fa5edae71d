"""Keys of programs, links to fill a form, leave to set a new password: found by what they are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.models import (
    Actor,
    ApiKey,
    AppUser,
    Form,
    LoginSession,
    PasswordReset,
    PlacePath,
    Project,
    PublicLink,
    User,
)
from storage.scope import current


def key_by_token(session: Session, token_hash: str, now: datetime) -> tuple[ApiKey, User] | None:
    """The key of that fingerprint that still holds, with its living owner."""
    row = session.execute(
        select(ApiKey, User)
        .join(User, User.actor_id == ApiKey.actor_id)
        .join(Actor, Actor.id == User.actor_id)
        .where(ApiKey.token_hash == token_hash, ApiKey.revoked_at.is_(None))
        .where(Actor.deleted_at.is_(None), User.disabled_at.is_(None))
    ).one_or_none()
    if row is None or (row[0].expires_at is not None and row[0].expires_at <= now):
        return None
    return row[0], row[1]


def keys_of(session: Session, actor_id: int) -> Sequence[ApiKey]:
    """The keys of an account, those that hold first, newest first."""
    return session.scalars(
        select(ApiKey)
        .where(ApiKey.actor_id == actor_id)
        .order_by(ApiKey.revoked_at.is_not(None), ApiKey.id.desc())
    ).all()


def phone_of_token(session: Session, token_hash: str) -> AppUser | None:
    """The app user of that fingerprint, in a project that is there."""
    return session.scalars(
        select(AppUser)
        .join(Project, Project.id == AppUser.project_id)
        .where(AppUser.token_hash == token_hash, Project.deleted_at.is_(None))
    ).one_or_none()


def link_of_token(session: Session, token_hash: str) -> tuple[PublicLink, Form, Project] | None:
    """The link of that fingerprint with its form and project, all of them there."""
    row = session.execute(
        select(PublicLink, Form, Project)
        .join(Form, Form.id == PublicLink.form_id)
        .join(Project, Project.id == Form.project_id)
        .where(PublicLink.token_hash == token_hash, Form.deleted_at.is_(None), Project.deleted_at.is_(None))
    ).one_or_none()
    return None if row is None else (row[0], row[1], row[2])


def links_of(session: Session, form_id: int) -> Sequence[PublicLink]:
    """The links to a form, revoked ones last, newest first."""
    return session.scalars(
        select(PublicLink)
        .where(PublicLink.form_id == form_id, PublicLink.actor.has(deleted_at=None))
        .order_by(PublicLink.token_hash.is_(None), PublicLink.actor_id.desc())
    ).all()


def get_link(session: Session, form_id: int, actor_id: int) -> PublicLink | None:
    """One link to a form."""
    found = session.get(PublicLink, actor_id)
    is_there = found is not None and found.form_id == form_id and found.actor.deleted_at is None
    return found if is_there else None


def reset_by_token(session: Session, token_hash: str, now: datetime) -> tuple[PasswordReset, User] | None:
    """The unused leave of that fingerprint, with the living account it is for."""
    row = session.execute(
        select(PasswordReset, User)
        .join(User, User.actor_id == PasswordReset.actor_id)
        .join(Actor, Actor.id == User.actor_id)
        .where(
            PasswordReset.token_hash == token_hash,
            PasswordReset.expires_at > now,
            Actor.deleted_at.is_(None),
            User.disabled_at.is_(None),
        )
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def sessions_of(session: Session, actor_id: int, now: datetime) -> int:
    """How many sessions of an account have not run out."""
    query = select(func.count()).where(LoginSession.actor_id == actor_id, LoginSession.expires_at > now)
    return session.scalars(query).one()


def held_within(session: Session, codes: Collection[str], within: Collection[str]) -> set[tuple[str, str]]:
    """Which of `codes` lie in which of `within` as the tree is today: pairs; a place lies in itself."""
    pairs = select(PlacePath.descendant, PlacePath.ancestor).where(
        PlacePath.descendant.in_(codes), PlacePath.ancestor.in_(within), PlacePath.valid_to.is_(None)
    )
    return {(row[0], row[1]) for row in session.execute(pairs)} | {
        (code, code) for code in codes if code in within
    }


def seen_places(session: Session, codes: Collection[str]) -> set[str]:
    """Which of these places lie in what whoever looks may see."""
    scope = current()
    if scope.codes is None:
        return set(codes)
    return {inner for inner, _outer in held_within(session, codes, scope.codes)}
