"""Who is behind a name, a token or a session, and what roles they hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import Actor, AppUser, Assignment, LoginSession, Project, User


def user_by_name(session: Session, username: str) -> User | None:
    """The living account of that name, however it is written."""
    return session.scalars(
        select(User)
        .join(Actor, Actor.id == User.actor_id)
        .where(User.username == username.strip().lower(), Actor.deleted_at.is_(None))
    ).one_or_none()


@dataclass(frozen=True, slots=True)
class Phone:
    """An app user as its requests need it."""

    actor_id: int
    project_id: int
    all_forms: bool
    place_code: str | None
    last_used_at: datetime | None
    forms_stamp: int


def phone_by_token(session: Session, token_hash: str) -> Phone | None:
    """The phone whose token has that fingerprint and is not revoked."""
    row = session.execute(
        select(
            AppUser.actor_id,
            AppUser.project_id,
            AppUser.all_forms,
            AppUser.place_code,
            AppUser.last_used_at,
            Project.forms_stamp,
        )
        .join(Project, Project.id == AppUser.project_id)
        .where(AppUser.token_hash == token_hash)
    ).one_or_none()
    return None if row is None else Phone(*row)


def session_by_token(session: Session, token_hash: str, now: datetime) -> tuple[LoginSession, User] | None:
    """The session of that fingerprint that has not run out, with its account."""
    row = session.execute(
        select(LoginSession, User)
        .join(User, User.actor_id == LoginSession.actor_id)
        .join(Actor, Actor.id == User.actor_id)
        .where(
            LoginSession.token_hash == token_hash, LoginSession.expires_at > now, Actor.deleted_at.is_(None)
        )
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def assignments_of(session: Session, actor_id: int) -> Sequence[Assignment]:
    """Every role an actor holds."""
    return session.scalars(select(Assignment).where(Assignment.actor_id == actor_id)).all()


def form_ids_of(session: Session, actor_id: int) -> frozenset[int]:
    """The forms an actor is assigned to one by one."""
    return frozenset(
        form_id
        for form_id in session.scalars(select(Assignment.form_id).where(Assignment.actor_id == actor_id))
        if form_id is not None
    )


def app_users_of(session: Session, project_id: int) -> Sequence[AppUser]:
    """The phones of a project, revoked ones last, newest first."""
    return session.scalars(
        select(AppUser)
        .where(AppUser.project_id == project_id)
        .order_by(AppUser.token_hash.is_(None), AppUser.actor_id.desc())
    ).all()


def get_app_user(session: Session, project_id: int, actor_id: int) -> AppUser | None:
    """One phone of a project."""
    found = session.get(AppUser, actor_id)
    return found if found is not None and found.project_id == project_id else None
