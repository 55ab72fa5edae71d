"""Role × route × place, worked out from the table of permissions: the gate opens where that says, only there.

Every combination is tried at the gate itself; every route is then really asked, by a role that may not and,
where it only shows something, by one that may, the roles taking turns. That nobody finds a single thing of
another place by naming it, is walked in `test_walk`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import pytest
from flask import g, request

from collector.accounts import guard
from collector.accounts.identity import NOBODY, Grant, Identity, sender_identity
from collector.accounts.permissions import (
    ADMINISTRATOR,
    APP_USER,
    DATA_COLLECTOR,
    MANAGER,
    PERSON,
    PHONE,
    PUBLIC,
    PUBLIC_LINK,
    REVIEWER,
    ROLES,
    SERVER,
    SHARED,
    SIGNED_IN,
    VIEWER,
)
from collector.accounts.permits import PERMITS
from storage.audits import act, who_acts
from storage.database import transaction
from storage.models import Project
from storage.problems import NotAllowed, NotSignedIn
from storage.queries import actors
from storage.scope import current
from tests.collector.walk.asked import FIELDS
from tests.collector.walk.routes import CUT, NAMED, ONLY_NUMBERS
from tests.collector.walk.test_walk import DONE, leaks, ways
from tests.collector.walk.world import OWN, Person, World, build, person, texts
from tests.office import NOW, Office
from tests.tree import FOREIGN, HERE

PEOPLE = (ADMINISTRATOR, MANAGER, REVIEWER, VIEWER, DATA_COLLECTOR)
OPEN = {PUBLIC, PHONE}
"""These prove and cut by themselves: tests/collector/openrosa and tests/collector/v1."""
LOOK_THEMSELVES = {SIGNED_IN, PERSON}
_EVERY = 7
"""Of so many routes one is really asked on PostgreSQL: what differs there are statements, not permissions."""
_LOOKED_AT = 3
"""Of so many routes one is looked at by who may: `test_walk` looks at all of them, as three others."""


@pytest.fixture(scope="module")
def world(kept_office: Office) -> World:
    made = build(kept_office)
    with kept_office.app.app_context(), transaction() as session:
        session.add(Project(name="Đợt khác", created_at=NOW))
    return made


@dataclass(frozen=True)
class Asker:
    """Who stands at the gate, and what the table lets him do in project 1."""

    name: str
    who: Identity
    verbs: frozenset[str]
    form_id: str | None = None

    def told(self, permit: str, project_id: int, form_id: object) -> str:
        """What the table says of a route: open, refused, or unknown."""
        if self.who.actor_id is None:
            return "unknown"
        if permit in LOOK_THEMSELVES:
            return "open" if permit == SIGNED_IN or self.who.is_person else "refused"
        here = project_id == 1 and self.form_id in {None, form_id}
        return "open" if here and not self.verbs.isdisjoint(permit.split(" or ")) else "refused"


def askers() -> Iterator[Asker]:
    """Every role in the whole tree and in a place, a phone, a link, a key that reads, and nobody."""
    for role in PEOPLE:
        verbs = ROLES[role] - SERVER
        yield Asker(f"{role}", Identity(7, "Lan", (Grant(role, 1),)), verbs)
        yield Asker(f"{role} here", Identity(7, "Lan", (Grant(role, 1, HERE),)), verbs - SHARED)
    reads = frozenset(verb for verb in ROLES[MANAGER] if verb.endswith((".read", ".list")))
    key = Identity(7, "Lan", (Grant(MANAGER, 1, None, None, reads),), by_key=True)
    yield Asker("a key", key, reads)
    for role, form in ((APP_USER, None), (PUBLIC_LINK, "hh")):
        who = sender_identity(8, "Máy", 1, [form], [HERE], role=role)
        yield Asker(f"{role}", who, ROLES[role], form)
    yield Asker("nobody", NOBODY, frozenset())


def addresses(world: World, project_id: int) -> Iterator[tuple[str, str, str]]:
    """Every endpoint with its methods and an address in that project; all there are in the first."""
    for endpoint in (*chosen(world), *(one for one in PERMITS if PERMITS[one] in LOOK_THEMSELVES)):
        for method, path in ways(world, endpoint, world.there | {"token": "x" * 64}):
            there = path.replace("/projects/1", f"/projects/{project_id}", 1)
            if project_id == 1 or there != path:
                yield endpoint, method, there


def at_the_gate(asker: Asker) -> str:
    """What the gate says to the request of now."""
    g.identity = asker.who
    try:
        guard._check()
    except NotSignedIn:
        return "unknown"
    except NotAllowed:
        return "refused"
    return "open"


@contextmanager
def asked(world: World, method: str, path: str) -> Iterator[Mapping[str, object]]:
    """A request that stands at the gate: what its address names."""
    app, before = world.office.app, who_acts()
    with app.test_request_context(path, method=method):
        g.identity = NOBODY
        with suppress(NotSignedIn):
            app.preprocess_request()
        yield request.view_args or {}
    act(before)


@pytest.mark.parametrize("project_id", [1, 2])
def test_the_gate_opens_where_the_table_says_and_nowhere_else(
    world: World, project_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whether a project is there is asked behind the gate, thousands of times.
    monkeypatch.setattr("storage.queries.projects.require_project", lambda *_asked: None)
    everybody, wrong, said = list(askers()), [], Counter[str]()
    for endpoint, method, path in addresses(world, project_id):
        with asked(world, method, path) as named:
            for asker in everybody:
                answer = at_the_gate(asker)
                said[answer] += 1
                if answer != asker.told(PERMITS[endpoint], project_id, named.get("form_id")):
                    wrong.append((asker.name, method, path, answer))
                elif answer == "open" and PERMITS[endpoint] not in LOOK_THEMSELVES:
                    places = {grant.place_code for grant in asker.who.grants}
                    if current().codes != (None if None in places else (HERE,)):
                        wrong.append((asker.name, method, path, "sees too much"))
    assert wrong == []
    assert said["refused"] > 200
    assert (said["open"] > 200) == (project_id == 1)


ROLE_NAMES = {
    ADMINISTRATOR: "quan-tri",
    MANAGER: "quan-ly",
    REVIEWER: "can-bo",
    VIEWER: "lanh-dao",
    DATA_COLLECTOR: "nguoi-dien",
}


@pytest.fixture(scope="module")
def people(world: World) -> dict[int, Person]:
    """Somebody of each role in the commune here."""
    made = {}
    for role, name in ROLE_NAMES.items():
        made[role] = person(world, name, HERE)
        with world.office.app.app_context(), transaction() as session:
            user = actors.user_by_name(session, name)
            assert user is not None
            [held] = actors.assignments_of(session, user.actor_id)
            held.role = role
    return made


def chosen(world: World) -> list[str]:
    """The endpoints that are really asked, all of them on SQLite."""
    endpoints = [endpoint for endpoint, permit in PERMITS.items() if permit not in OPEN | LOOK_THEMSELVES]
    return endpoints if world.office.settings.database_url.startswith("sqlite") else endpoints[::_EVERY]


def turn(endpoint: str, roles: list[int]) -> int:
    """Whose turn it is, the same each time."""
    return roles[sum(endpoint.encode()) % len(roles)]


def may(role: int, endpoint: str) -> bool:
    """Whether the table lets somebody of that role in one place."""
    return not (ROLES[role] - SERVER - SHARED).isdisjoint(PERMITS[endpoint].split(" or "))


def test_who_may_not_is_refused_and_told_nothing(world: World, people: dict[int, Person]) -> None:
    wrong, asked = [], 0
    ids = world.here | {"token": "x" * 64}
    for endpoint in chosen(world):
        roles = [role for role in PEOPLE if not may(role, endpoint)]
        for method, path in ways(world, endpoint, {**world.there, **ids}) if roles else ():
            answer = people[turn(endpoint, roles)].ask(method, path, FIELDS.get(endpoint))
            asked += 1
            if answer.status_code != 403 or leaks(texts(answer), OWN, FOREIGN):
                wrong.append((method, path, answer.status_code))
    assert wrong == []
    assert asked > 20


def shown(world: World) -> Iterator[tuple[str, str]]:
    """What only shows something, and who of those that may look asks for it: endpoint and address."""
    for endpoint in [one for one in chosen(world) if PERMITS[one] not in SHARED][::_LOOKED_AT]:
        kind = NAMED.get(endpoint, "")
        if kind in world.here or (endpoint in CUT and endpoint not in ONLY_NUMBERS):
            for method, path in ways(world, endpoint, {**world.there, **world.here, "token": "x"}):
                if method == "GET":
                    yield endpoint, path


def test_who_may_looks_at_his_own_and_at_nothing_else(world: World, people: dict[int, Person]) -> None:
    wrong, found = [], 0
    for endpoint, path in shown(world):
        role = turn(endpoint, [role for role in PEOPLE if may(role, endpoint)])
        answer = people[role].ask("GET", path)
        found += answer.status_code in DONE
        # Of a record some ask for what only another one has: a file, a former version.
        if answer.status_code not in DONE | {404} or leaks(texts(answer), FOREIGN, "uuid:there"):
            wrong.append((ROLE_NAMES[role], path, answer.status_code))
    assert wrong == []
    assert found > 2
