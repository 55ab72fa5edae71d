"""Roles of people given and taken over the wire: no more than the giver holds, no wider than his places."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from collector.accounts import permissions
from collector.accounts.identity import Identity
from collector.actions.phones import known_places
from collector.actions.users import keep_an_administrator
from storage.audits import note, of_actor
from storage.cuts import within
from storage.models import Assignment, User
from storage.problems import NotAllowed
from storage.queries import access
from storage.scope import Scope, current

OF_PEOPLE = frozenset({
    permissions.ADMINISTRATOR,
    permissions.MANAGER,
    permissions.VIEWER,
    permissions.DATA_COLLECTOR,
    permissions.REVIEWER,
})
"""Roles a person can hold."""


@dataclass(frozen=True, slots=True)
class Where:
    """Where a role holds: in a project or (None) in all, in these places or (none) the whole tree."""

    project_id: int | None
    codes: tuple[str, ...] = ()


def give(session: Session, giver: Identity, user: User, role: int, where: Where, *, now: datetime) -> None:
    """Give a role there; what the giver sees of it held before, goes.

    Raises NotAllowed, PlaceUnknown, PlacesTooWide, LastAdministrator.
    """
    with within(_giving(giver, "assignment.create", role, where)):
        known_places(session, where.codes)
        if role == permissions.ADMINISTRATOR and where.project_id is None and where.codes:
            # Cut to places he would be an administrator of the whole server no more.
            keep_an_administrator(session, user.actor_id)
        for held in _held(session, user, role, where):
            session.delete(held)
        session.flush()
        places: list[str | None] = [*dict.fromkeys(where.codes)] or [None]
        for place in places:
            session.add(
                Assignment(actor_id=user.actor_id, role=role, project_id=where.project_id, place_code=place)
            )
        session.flush()
    _note(session, "create", user, (role, where), now)


def take(session: Session, taker: Identity, user: User, role: int, where: Where, *, now: datetime) -> bool:
    """Take a role of that project away where the taker sees it held; False where it is not.

    Raises NotAllowed, LastAdministrator.
    """
    with within(_giving(taker, "assignment.delete", role, where)):
        held = _held(session, user, role, where)
    if not held:
        return False
    if role == permissions.ADMINISTRATOR and where.project_id is None:
        keep_an_administrator(session, user.actor_id)
    for one in held:
        session.delete(one)
    session.flush()
    _note(session, "delete", user, (role, where), now)
    return True


def _giving(giver: Identity, verb: str, role: int, where: Where) -> Scope:
    scope = giver.giving(verb, role, where.project_id)
    if scope is None:
        raise NotAllowed
    return scope


def _held(session: Session, user: User, role: int, where: Where) -> list[Assignment]:
    found = session.scalars(
        select(Assignment).where(
            Assignment.actor_id == user.actor_id,
            Assignment.role == role,
            Assignment.project_id.is_not_distinct_from(where.project_id),
            Assignment.form_id.is_(None),
        )
    ).all()
    seen = access.seen_places(session, [one.place_code for one in found if one.place_code])
    whole = current().whole
    return [one for one in found if (one.place_code in seen if one.place_code else whole)]


def _note(session: Session, action: str, user: User, held: tuple[int, Where], now: datetime) -> None:
    role, where = held
    actee = replace(of_actor(user.actor), project_id=where.project_id)
    details = {"roleId": role, "projectId": where.project_id, "places": list(where.codes)}
    note(session, f"user.assignment.{action}", actee=actee, details=details, now=now)
