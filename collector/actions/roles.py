"""Roles of people: given in the whole tree or in some places, and taken away again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from collector.accounts import permissions
from collector.accounts.identity import Grant
from storage.cuts import within
from storage.models import Assignment, Place
from storage.problems import PlaceUnknown
from storage.queries import lists
from storage.queries.projects import list_projects
from storage.scope import WHOLE

NAMES: Mapping[str, int] = {
    "administrator": permissions.ADMINISTRATOR,
    "manager": permissions.MANAGER,
    "reviewer": permissions.REVIEWER,
    "viewer": permissions.VIEWER,
    "collector": permissions.DATA_COLLECTOR,
}
"""What the command line calls the roles of people."""


def assign(
    session: Session, actor_id: int, role: int, *, project_id: int | None = None, codes: Sequence[str] = ()
) -> None:
    """Give a role in those places, or in the whole tree where none is named; what was held of it goes.

    Raises PlaceUnknown; and PlacesTooWide where the giver has places of his own and names none.
    """
    for code in codes:
        if session.get(Place, code) is None:
            raise PlaceUnknown(code=code)
    withdraw(session, actor_id, role, project_id=project_id)
    places: list[str | None] = [*dict.fromkeys(codes)] or [None]
    for place in places:
        session.add(Assignment(actor_id=actor_id, role=role, project_id=project_id, place_code=place))
    session.flush()


def withdraw(session: Session, actor_id: int, role: int, *, project_id: int | None = None) -> bool:
    """Take a role away, in all its places; False where it was not held."""
    held = select(Assignment.id).where(
        Assignment.actor_id == actor_id,
        Assignment.role == role,
        Assignment.project_id.is_not_distinct_from(project_id),
        Assignment.form_id.is_(None),
    )
    numbers = session.scalars(held).all()
    session.execute(delete(Assignment).where(Assignment.id.in_(numbers)))
    return bool(numbers)


@dataclass(frozen=True, slots=True)
class Held:
    """A role somebody has: its name, the project it is cut to, and the names of its places."""

    role: str
    project: str
    places: tuple[str, ...]


def held(session: Session, grants: Iterable[Grant]) -> list[Held]:
    """The roles of an account as a page tells them, wider ones first."""
    by_role: dict[tuple[int, int | None], list[str]] = {}
    for grant in grants:
        codes = by_role.setdefault((grant.role, grant.project_id), [])
        codes.extend([grant.place_code] if grant.place_code else [])
    # A place stays the name of a right, though there may be nothing to see in it any more.
    with within(WHOLE):
        names = lists.place_names(session, {code for codes in by_role.values() for code in codes})
        projects = {one.id: one.name for one in list_projects(session)}
    spoken = {number: name for name, number in NAMES.items()}
    return [
        Held(
            spoken.get(role, ""),
            projects.get(project_id or 0, ""),
            tuple(names.get(code, code) for code in codes),
        )
        for (role, project_id), codes in sorted(by_role.items(), key=lambda one: (one[0][1] or 0, one[0][0]))
    ]
