"""Accounts as whoever keeps them may: an administrator all, a manager those that may no more than he may.

Nobody gives more than he has or wider than his places (`collector.accounts.identity`), nobody changes what he
may himself, and the last administrator stays one (`collector.actions.users`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from collector.accounts.identity import Identity
from collector.accounts.permissions import ADMINISTRATOR
from collector.accounts.secrets import new_password
from collector.actions.accounts import create_user
from collector.actions.assignments import Where, give, take
from collector.actions.roles import NAMES
from forms.vietnamese import folded, person_key
from storage.cuts import within
from storage.models import Assignment, User
from storage.problems import NotAllowed
from storage.queries import access, lists, people, volunteers
from storage.scope import WHOLE

_EVERYTHING = "user.update"
_GIVES = "assignment.create"


class State(StrEnum):
    """How an account is doing."""

    ANY = ""
    OPEN = "open"
    NEVER = "never"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Search:
    """Which accounts: `words` of name, user name or place; a role; a place means all it holds too."""

    words: str = ""
    role: int | None = None
    place: str = ""
    state: State = State.ANY


@dataclass(frozen=True, slots=True)
class Right:
    """A role somebody holds: its number, the project it is cut to, and its places by code and name."""

    role: int
    project_id: int | None
    places: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class AccountLine:
    """An account as a line of a list."""

    user: User
    rights: tuple[Right, ...]

    @property
    def name(self) -> str:
        """What its owner is called."""
        return self.user.actor.display_name


class Keeper:
    """Somebody, and which accounts he keeps."""

    def __init__(self, session: Session, who: Identity) -> None:
        self._session = session
        self._who = who
        self._known: dict[tuple[int, int | None, str | None], bool] = {}

    @property
    def keeps_all(self) -> bool:
        """Whether he is the server's administrator."""
        return self._who.may_everywhere(_EVERYTHING)

    def roles(self, project_id: int) -> list[int]:
        """The roles he may give there, the widest first."""
        return [role for role in NAMES.values() if self._where(role, project_id) is not None]

    def where(self, role: int, project_id: int, codes: Sequence[str] = ()) -> Where:
        """Where he gives a role on the pages of a project: in all of them if he may. Raises NotAllowed."""
        found = self._where(role, project_id)
        if found is None:
            raise NotAllowed
        return Where(found[0], tuple(codes))

    def _where(self, role: int, project_id: int) -> tuple[int | None] | None:
        if self._who.giving(_GIVES, role, None) is not None:
            return (None,)
        if role == ADMINISTRATOR or self._who.giving(_GIVES, role, project_id) is None:
            return None
        return (project_id,)

    def keeps(self, held: Iterable[Assignment]) -> bool:
        """Whether he keeps an account that holds these roles: all of them are his to give, there."""
        several = list(held)
        return self.keeps_all or (bool(several) and all(map(self._may_give, several)))

    def _may_give(self, one: Assignment) -> bool:
        key = (one.role, one.project_id, one.place_code)
        if key not in self._known:
            self._known[key] = self._asked(one)
        return self._known[key]

    def _asked(self, one: Assignment) -> bool:
        scope = self._who.giving(_GIVES, one.role, one.project_id)
        if scope is None or scope.whole or one.place_code is None:
            return scope is not None and scope.whole
        with within(scope):
            return bool(access.seen_places(self._session, [one.place_code]))


def kept(session: Session, who: Identity, actor_id: int) -> User | None:
    """An account that somebody keeps; None where there is none, or it is not his to keep."""
    user = people.account(session, actor_id)
    if user is None:
        return None
    held = people.assignments(session, [actor_id]).get(actor_id, [])
    return user if Keeper(session, who).keeps(held) else None


def find(session: Session, who: Identity, search: Search) -> list[AccountLine]:
    """The accounts somebody keeps and that a search means, by name."""
    keeper = Keeper(session, who)
    held = people.assignments(session)
    mine = [user for user in people.accounts(session) if keeper.keeps(held.get(user.actor_id, []))]
    lines = _lines(session, mine, held)
    inside = volunteers.inside(session, search.place) if search.place else None
    words = folded(search.words).split()

    def is_meant(line: AccountLine) -> bool:
        places = [place for right in line.rights for place in right.places]
        if search.role is not None and all(right.role != search.role for right in line.rights):
            return False
        if inside is not None and inside.isdisjoint(code for code, _name in places):
            return False
        named = " ".join(part for place in places for part in place)
        text = folded(f"{line.name} {line.user.username} {named}")
        return _is_in(search.state, line.user) and all(word in text for word in words)

    return sorted(filter(is_meant, lines), key=lambda line: (person_key(line.name), line.user.actor_id))


def line_of(session: Session, user: User) -> AccountLine:
    """One account as a line."""
    held = people.assignments(session, [user.actor_id])
    return _lines(session, [user], held)[0]


def _lines(session: Session, users: Sequence[User], held: people.HeldBy) -> list[AccountLine]:
    codes = {one.place_code for user in users for one in held.get(user.actor_id, []) if one.place_code}
    # A place stays the name of a right, though there may be nothing to see in it any more.
    with within(WHOLE):
        names = lists.place_names(session, codes)
    return [AccountLine(user, _rights(held.get(user.actor_id, []), names)) for user in users]


def _rights(held: Iterable[Assignment], names: dict[str, str]) -> tuple[Right, ...]:
    by_role: dict[tuple[int, int | None], list[tuple[str, str]]] = {}
    for one in held:
        places = by_role.setdefault((one.role, one.project_id), [])
        places.extend([(one.place_code, names.get(one.place_code, one.place_code))] if one.place_code else [])
    return tuple(
        Right(*key, tuple(places)) for key, places in sorted(by_role.items(), key=lambda one: one[0][0])
    )


def _is_in(state: State, user: User) -> bool:
    match state:
        case State.OPEN:
            return user.disabled_at is None
        case State.NEVER:
            return user.disabled_at is None and user.last_login_at is None
        case State.DISABLED:
            return user.disabled_at is not None
        case _:
            return True


@dataclass(frozen=True, slots=True)
class NewAccount:
    """Who is to get an account: what he may, and where (no codes: in the whole tree)."""

    username: str
    display_name: str
    role: int
    codes: tuple[str, ...] = ()


def open_account(
    session: Session, giver: Identity, new: NewAccount, project_id: int, *, now: datetime
) -> tuple[User, str]:
    """An account with a role, and its first password, which is kept nowhere.

    Raises NotAllowed, UsernameTaken, CredentialNotAscii, PlaceUnknown, PlacesTooWide.
    """
    where = Keeper(session, giver).where(new.role, project_id, new.codes)
    password = new_password()
    user = create_user(session, new.username, password, display_name=new.display_name, now=now)
    give(session, giver, user, new.role, where, now=now)
    return user, password


def change_role(session: Session, giver: Identity, user: User, new: Right, *, now: datetime) -> None:
    """Let an account hold that one role, there, and nothing else of what it held.

    `new.project_id` is the project whose pages it is done on. Raises NotAllowed, also for one's own account,
    LastAdministrator, PlaceUnknown, PlacesTooWide.
    """
    if user.actor_id == giver.actor_id:
        raise NotAllowed
    held = people.assignments(session, [user.actor_id]).get(user.actor_id, [])
    keeper = Keeper(session, giver)
    if not keeper.keeps(held):
        raise NotAllowed
    where = keeper.where(new.role, new.project_id or 0, [code for code, _name in new.places])
    projects = {one.project_id for one in held}
    if len(projects) == 1 and new.role != ADMINISTRATOR:
        # Who worked in one project goes on in that one, if he may have the role there.
        before = projects.pop()
        where = Where(before, where.codes) if giver.giving(_GIVES, new.role, before) else where
    for role, project_id in sorted({(one.role, one.project_id) for one in held}, key=str):
        if (role, project_id) != (new.role, where.project_id):
            take(session, giver, user, role, Where(project_id), now=now)
    give(session, giver, user, new.role, where, now=now)
