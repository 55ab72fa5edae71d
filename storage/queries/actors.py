"""Who is behind a name, a token or a session, and what roles they hold."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import bindparam, false, func, or_, select
from sqlalchemy.orm import Session

from forms.vietnamese import sort_key
from storage.cuts import visible
from storage.database import Base, Instant
from storage.models import Actor, AppUser, Assignment, Form, User
from storage.scope import current
from storage.swift import Line, Swift

_APART = timedelta(minutes=5)
"""As much may the clocks of several machines differ."""


def user_by_name(session: Session, username: str) -> User | None:
    """The living account of that name, however it is written."""
    if not username.isascii() or not username.isprintable():
        # No account has such letters, and a database may stumble over them.
        return None
    return session.scalars(
        select(User)
        .join(Actor, Actor.id == User.actor_id)
        .where(User.username == username.strip().lower(), Actor.deleted_at.is_(None))
    ).one_or_none()


def open_account(session: Session, username: str) -> User | None:
    """The account of that name that lets somebody in: living, and not disabled."""
    user = user_by_name(session, username)
    return user if user is not None and user.disabled_at is None else None


@dataclass(frozen=True, slots=True)
class Phone:
    """An app user as its requests need it; `seen` is False when its last use was not noted lately."""

    actor_id: int
    project_id: int
    all_forms: bool
    place_codes: tuple[str, ...]
    seen: bool
    forms_stamp: int


_PHONES, _PROJECTS = Base.metadata.tables["app_users"], Base.metadata.tables["projects"]
_PHONE_BY_TOKEN = Swift(
    select(
        _PHONES.c.actor_id,
        _PHONES.c.project_id,
        _PHONES.c.all_forms,
        _PHONES.c.place_codes,
        func.coalesce(_PHONES.c.last_used_at > bindparam("lately", type_=Instant()), false()),
        _PROJECTS.c.forms_stamp,
    )
    .join(_PROJECTS, _PROJECTS.c.id == _PHONES.c.project_id)
    .where(_PHONES.c.token_hash == bindparam("token_hash"), _PROJECTS.c.deleted_at.is_(None))
)


def phone_by_token(line: Line, token_hash: str, *, lately: datetime) -> Phone | None:
    """The phone whose token has that fingerprint and is not revoked."""
    row = _PHONE_BY_TOKEN.one(line, {"token_hash": token_hash, "lately": lately})
    if row is None:
        return None
    actor_id, project_id, all_forms, places, seen, stamp = row
    # One driver hands JSON over as text, the other as what it says.
    codes = json.loads(places) if isinstance(places, str) else places
    return Phone(actor_id, project_id, bool(all_forms), tuple(codes), bool(seen), stamp)


class Held(NamedTuple):
    """A role somebody holds: on the server, in a project, or on one form; cut to a place if given."""

    role: int
    project_id: int | None
    form_id: int | None
    place_code: str | None


@dataclass(frozen=True, slots=True)
class Signed:
    """A session that has not run out, with who signed in and the roles he holds now."""

    roles: tuple[Held, ...]
    id: int
    csrf: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    actor_id: int
    name: str


_SESSIONS, _ACTORS, _USERS, _ROLES = (
    Base.metadata.tables[name] for name in ("login_sessions", "actors", "users", "assignments")
)
# Asked by every page: one statement, built once, without the ORM.
_SIGNED = (
    select(
        _SESSIONS.c.id,
        _SESSIONS.c.csrf,
        _SESSIONS.c.created_at,
        _SESSIONS.c.expires_at,
        _SESSIONS.c.last_used_at,
        _ACTORS.c.id,
        _ACTORS.c.display_name,
        _ROLES.c.role,
        _ROLES.c.project_id,
        _ROLES.c.form_id,
        _ROLES.c.place_code,
    )
    .join(_USERS, _USERS.c.actor_id == _SESSIONS.c.actor_id)
    .join(_ACTORS, _ACTORS.c.id == _USERS.c.actor_id)
    .outerjoin(_ROLES, _ROLES.c.actor_id == _ACTORS.c.id)
    .where(
        _SESSIONS.c.token_hash == bindparam("token_hash"),
        _SESSIONS.c.expires_at > bindparam("now", type_=Instant()),
        # Begun by a clock that was ahead, it would last until that day comes.
        _SESSIONS.c.created_at <= bindparam("soon", type_=Instant()),
        _ACTORS.c.deleted_at.is_(None),
        _USERS.c.disabled_at.is_(None),
    )
)


def session_by_token(session: Session, token_hash: str, now: datetime) -> Signed | None:
    """The session of that fingerprint that has not run out, with its account."""
    values = {"token_hash": token_hash, "now": now, "soon": now + _APART}
    rows = session.connection().execute(_SIGNED, values).all()
    if not rows:
        return None
    return Signed(tuple(Held(*row[7:]) for row in rows if row.role is not None), *rows[0][:7])


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


def form_names_of(session: Session, phone: AppUser) -> Sequence[str]:
    """The forms a phone is assigned to one by one, as phones call them."""
    return session.scalars(
        select(Form.xml_form_id)
        .join(Assignment, Assignment.form_id == Form.id)
        .where(Assignment.actor_id == phone.actor_id, Form.deleted_at.is_(None))
    ).all()


def app_users_of(session: Session, project_id: int) -> Sequence[AppUser]:
    """The phones of a project, revoked ones last, newest first."""
    return session.scalars(
        select(AppUser)
        .where(AppUser.project_id == project_id, AppUser.actor.has(deleted_at=None))
        .order_by(AppUser.token_hash.is_(None), AppUser.actor_id.desc())
    ).all()


def get_app_user(session: Session, project_id: int, actor_id: int) -> AppUser | None:
    """One phone of a project."""
    found = session.get(AppUser, actor_id)
    return found if found is not None and found.project_id == project_id else None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account, as a list to choose from shows him."""

    actor_id: int
    name: str


def people_of(session: Session, project_id: int, roles: Collection[int]) -> list[Person]:
    """Who holds one of these roles in a project, by name: those whose places the asker sees, and himself."""
    mine = or_(visible(Assignment.place_code, current()), Assignment.actor_id == (current().actor_id or 0))
    rows = session.execute(
        select(Actor.id, Actor.display_name)
        .join(Assignment, Assignment.actor_id == Actor.id)
        .where(
            Actor.deleted_at.is_(None),
            Assignment.role.in_(roles),
            or_(Assignment.project_id.is_(None), Assignment.project_id == project_id),
            mine,
        )
        .distinct()
    )
    return sorted((Person(*row) for row in rows), key=lambda one: sort_key(one.name))
