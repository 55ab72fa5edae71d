"""Accounts and the roles they hold, as lists show them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import Session

from forms.vietnamese import folded, sort_key
from storage.cuts import visible
from storage.models import Actor, AppUser, Assignment, Form, PlacePath, User
from storage.queries.actors import Person
from storage.scope import current


def accounts(session: Session, words: str = "") -> list[User]:
    """Every living account by name; those whose user name or name holds each of `words`, without accents."""
    wanted = folded(words).split()
    several = session.scalars(
        select(User).join(Actor, Actor.id == User.actor_id).where(Actor.deleted_at.is_(None))
    )
    found = [
        user
        for user in several
        if all(word in folded(f"{user.username} {user.actor.display_name}") for word in wanted)
    ]
    return sorted(found, key=lambda user: (sort_key(user.actor.display_name), user.actor_id))


def account(session: Session, actor_id: int) -> User | None:
    """The living account of that number."""
    user = session.get(User, actor_id)
    return user if user is not None and user.actor.deleted_at is None else None


HeldBy = Mapping[int, Sequence[Assignment]]
"""What people hold, by the number of their account."""


def assignments(session: Session, numbers: Collection[int] | None = None) -> HeldBy:
    """The roles of people with their places: of these accounts, or (None) of all."""
    query = select(Assignment).where(Assignment.form_id.is_(None)).order_by(Assignment.id)
    if numbers is not None:
        query = query.where(Assignment.actor_id.in_(numbers))
    held: defaultdict[int, list[Assignment]] = defaultdict(list)
    for one in session.scalars(query):
        held[one.actor_id].append(one)
    return held


def roles_held(session: Session) -> Mapping[int, list[int]]:
    """The roles of every person, each once, by his number."""
    held: defaultdict[int, list[int]] = defaultdict(list)
    for actor_id, role in session.execute(
        select(Assignment.actor_id, Assignment.role)
        .where(Assignment.form_id.is_(None))
        .distinct()
        .order_by(Assignment.actor_id, Assignment.role)
    ):
        held[actor_id].append(role)
    return held


def people_named(session: Session, project_id: int, words: str, limit: int) -> list[Person]:
    """Accounts and phones whose name holds each of `words`, without accents; those called just so first.

    Of accounts those that work in the asker's places, or in what holds them.
    """
    wanted = folded(words).split()
    users = session.execute(
        select(Actor.id, Actor.display_name, User.username).join(User).where(_works_near())
    )
    phones = session.execute(
        select(Actor.id, Actor.display_name, AppUser.phone)
        .join(AppUser, AppUser.actor_id == Actor.id)
        .where(AppUser.project_id == project_id)
    )
    found = [
        (folded(name) != folded(words), sort_key(name), Person(number, name))
        for number, name, other in (*users, *phones)
        if all(word in folded(f"{name} {other or ''}") for word in wanted)
    ]
    return [one for _other, _key, one in sorted(found, key=lambda line: line[:2])[:limit]]


def _works_near() -> ColumnElement[bool]:
    scope = current()
    if scope.whole:
        return true()
    above = select(PlacePath.ancestor).where(
        PlacePath.descendant.in_(scope.codes or ()), PlacePath.valid_to.is_(None)
    )
    place = Assignment.place_code
    near = or_(visible(place, scope), place.in_(above), place.is_(None))
    held = select(Assignment.id).where(Assignment.actor_id == Actor.id, near)
    return or_(Actor.id == (scope.actor_id or 0), held.exists())


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a role; `places` none: in the whole tree. `form` where it is in a form alone."""

    actor: Actor
    role: int
    places: tuple[str, ...] = ()
    form: str | None = None


def holders(session: Session, project_id: int | None, role: int | None = None) -> list[Holder]:
    """Who holds a role in a project, or with None on the whole server; of the places the asker sees."""
    rows = session.execute(
        select(Actor, Assignment)
        .join(Assignment, Assignment.actor_id == Actor.id)
        .where(
            Actor.deleted_at.is_(None),
            Assignment.project_id.is_not_distinct_from(project_id),
            Assignment.form_id.is_(None),
            or_(visible(Assignment.place_code, current()), Assignment.actor_id == (current().actor_id or 0)),
            *([Assignment.role == role] if role is not None else []),
        )
        .order_by(Assignment.role, Actor.id, Assignment.id)
    )
    found: dict[tuple[int, int], Holder] = {}
    for actor, one in rows:
        before = found.get((actor.id, one.role))
        places = (*(before.places if before else ()), *([one.place_code] if one.place_code else []))
        found[actor.id, one.role] = Holder(actor, one.role, places)
    return list(found.values())


def phones_on(session: Session, forms: Sequence[Form], role: int) -> list[Holder]:
    """The phones with access that are offered each of these forms of one project."""
    if not forms:
        return []
    phones = session.scalars(
        select(AppUser)
        .where(AppUser.project_id == forms[0].project_id, AppUser.token_hash.is_not(None))
        .where(AppUser.actor.has(deleted_at=None))
        .order_by(AppUser.actor_id)
    ).all()
    numbers = [form.id for form in forms]
    rows = session.execute(
        select(Assignment.actor_id, Assignment.form_id).where(Assignment.form_id.in_(numbers))
    )
    assigned = {(row[0], row[1]) for row in rows}
    return [
        Holder(phone.actor, role, tuple(phone.place_codes), form.xml_form_id)
        for form in forms
        for phone in phones
        if phone.all_forms or (phone.actor_id, form.id) in assigned
    ]
