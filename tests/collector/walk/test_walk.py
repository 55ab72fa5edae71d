"""Somebody who works in one commune goes to every address of the server, and finds nothing of another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.routing import Rule

from collector.accounts.permissions import SHARED
from collector.accounts.permits import PERMITS
from tests.collector.walk.asked import FIELDS, ONCE, QUERY
from tests.collector.walk.free import FREE, MAP
from tests.collector.walk.routes import BATCH, CUT, NAMED, NUMBERED, ONLY_NUMBERS, PLACE, RECORD
from tests.collector.walk.world import ADMIN, OWN, ROLES, Person, World, build, person, texts
from tests.office import Office
from tests.tree import FOREIGN, THERE

DONE = {200, 201, 204, 301, 302, 303, 304}
HIDDEN = {403, 404}
ALL = (FOREIGN, THERE, "uuid:there", "uuid:nowhere", "uuid:gone")
"""What must not stand on any page for the officer, unless he typed it himself."""
STEPS = {"desk.records.restore": "uuid:gone", "v1_submissions.restore": "uuid:there"}
"""What can only be put back because it lies deleted."""


@pytest.fixture(scope="module")
def world(kept_office: Office) -> World:
    """Where everybody looks, and nobody changes what others look for."""
    return build(kept_office)


def test_every_route_is_said_to_be_cut_or_free(kept_office: Office) -> None:
    known = [*NAMED, *CUT, *FREE]
    assert sorted(known) == sorted(set(known)), "a route stands in two lists"
    there = {rule.endpoint for rule in kept_office.app.url_map.iter_rules()}
    assert there - set(known) == set(), "say in tests/collector/walk/routes.py what is found there"
    assert set(known) - there == set(), "these routes are gone"
    assert there <= set(PERMITS)


def ways(world: World, endpoint: str, ids: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Every method and address of an endpoint, naming those ids."""
    several = list(world.office.app.url_map.iter_rules(endpoint))
    # Pages of the first project have a short address, to which the long one leads.
    short = [rule for rule in several if "project_id" in (rule.defaults or {})]
    for rule in short or (several[:1] if endpoint in ONCE else several):
        path = _path(rule, endpoint, ids)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield method, path + QUERY.get(endpoint, "")


def _path(rule: Rule, endpoint: str, ids: dict[str, str]) -> str:
    thing = ids.get(NAMED.get(endpoint) or NUMBERED.get(endpoint, ""), "0")
    values: dict[str, object] = {
        "project_id": 1,
        "form_id": "hh",
        "instance_id": ids[RECORD],
        "version_id": ids[RECORD],
        "version": "1",
        "name": _name(endpoint),
        "role": "2",
        "code": "households" if "indicators" in endpoint or "figures" in endpoint else ids[PLACE],
        "token": ids["token"],
        "actor_id": thing,
        "number": thing,
        "uuid": thing,
        "filename": "mark.svg",
        "table": "Submissions",
        "below": "member",
        "property_name": "head",
        "draft_form_id": "hh",
        "key": "5f3a1c58-3333-4aaa-8aaa-000000000000",
        "page": "none",
        "report": "commune_annual",
    }
    wanted = rule.arguments - (rule.defaults or {}).keys()
    assert not wanted - values.keys(), f"say in tests/collector/walk what these are: {rule}"
    numbers = {"actor_id", "number"}
    built = rule.build({name: int(str(values[name])) if name in numbers else values[name] for name in wanted})
    assert built is not None, rule
    return built[1]


def _name(endpoint: str) -> str:
    """Of a list, of a file of a form, of a photo."""
    if any(part in endpoint for part in ("integrity", ".list", "entit", "v1_datasets")):
        return "households"
    of_form = "_files." in endpoint or endpoint in {"v1_drafts.attachment", "w_me.file", "w_key.file"}
    return "villages.csv" if of_form else "photo.jpg"


REFUSED = frozenset(endpoint for endpoint, verb in PERMITS.items() if verb in SHARED)
"""What asks for a right that no place brings."""


def leaks(found: Iterator[bytes], *words: str) -> list[str]:
    """Which of the words stand somewhere in an answer."""
    said = b"\0".join(found).decode(errors="replace").lower()
    return [word for word in words if word.lower() in said]


@pytest.mark.parametrize("name", ROLES)
def test_somebody_of_one_commune_finds_nothing_of_another(world: World, name: str) -> None:
    one, wrong = person(world, name), []
    there = world.there | {"token": world.phone_here.token}
    endpoints = (*NAMED, *CUT, *FREE)
    if not world.office.settings.database_url.startswith("sqlite"):
        # There the three share the way: each statement is said once, cut to somebody's places.
        endpoints = endpoints[list(ROLES).index(name) :: len(ROLES)]
    for endpoint in endpoints:
        for method, path in ways(world, endpoint, there):
            if method != "GET" and endpoint in FREE:
                continue
            answer = one.ask(method, path, FIELDS.get(endpoint))
            words = ALL if endpoint in CUT else (FOREIGN,)
            found = leaks(texts(answer), *words)
            hidden = endpoint not in NAMED or answer.status_code in HIDDEN
            if found or not hidden or answer.status_code >= 500:
                wrong.append((method, path, answer.status_code, found))
    assert wrong == []


def test_who_runs_the_commune_is_told_that_others_things_are_not_there(world: World) -> None:
    """Not that they are forbidden: that would tell they are there."""
    head = person(world, "head")
    there = world.there | {"token": world.phone_here.token}
    statuses = {
        path: head.ask(method, path, FIELDS.get(endpoint)).status_code
        for endpoint in NAMED
        if endpoint not in REFUSED
        for method, path in ways(world, endpoint, there)
    }
    assert statuses == dict.fromkeys(statuses, 404)


@pytest.mark.parametrize("name", ["neighbour", ADMIN])
def test_the_same_is_there_for_whom_it_concerns(world: World, name: str) -> None:
    one, there = person(world, name, THERE), world.there | {"token": "none"}
    seen = [endpoint for endpoint in CUT if endpoint not in ONLY_NUMBERS and "key_files." not in endpoint]
    lists = (endpoint for endpoint in seen if endpoint not in REFUSED or name == ADMIN)
    wrong = [
        path
        for endpoint in lists
        for method, path in ways(world, endpoint, there)
        if not leaks(texts(one.ask(method, path)), *ALL)
    ]
    # A batch is seen by whoever made it, and by those who see everything.
    kept = {endpoint for endpoint in NAMED if NAMED[endpoint].startswith(BATCH)} | REFUSED
    things = (endpoint for endpoint in NAMED if endpoint not in kept or name == ADMIN)
    wrong += [
        path
        for endpoint in things
        for method, path in ways(world, endpoint, there)
        if method == "GET" and one.ask(method, path).status_code not in DONE
    ]
    assert wrong == []


def test_what_changes_something_works_for_whom_it_concerns(office: Office) -> None:
    world = build(office)
    admin = person(world, ADMIN)
    wrong = []
    for endpoint in NAMED:
        ids = world.there | {"token": "none"} | ({RECORD: STEPS[endpoint]} if endpoint in STEPS else {})
        for method, path in ways(world, endpoint, ids):
            answer = admin.ask(method, path, FIELDS.get(endpoint))
            if answer.status_code not in DONE:
                wrong.append((method, path, answer.status_code))
    assert wrong == []


def test_what_is_everybodys_is_changed_only_by_who_sees_everything(world: World) -> None:
    """The map, the surveys, the lists, the project itself: whatever role somebody holds in one place."""
    there = world.there | {"token": ""}
    for name in ROLES:
        one = person(world, name)
        allowed = [
            (method, path)
            for endpoint in sorted(REFUSED)
            for method, path in ways(world, endpoint, there)
            if one.ask(method, path).status_code != 403
        ]
        assert (name, allowed) == (name, [])
    admin = person(world, ADMIN)
    asked = [way for endpoint in MAP for way in ways(world, endpoint, there)]
    assert [admin.ask(method, path).status_code for method, path in asked].count(403) == 0


def test_only_who_sees_the_whole_map_brings_records_in_from_elsewhere(world: World) -> None:
    """Their places are in their answers, and they may correct what is here already."""
    steps = (("GET", "/import"), ("POST", "/import"), ("POST", "/import/bring"))
    for name in (*ROLES, ADMIN):
        one = person(world, name)
        refused = {one.ask(method, path).status_code == 403 for method, path in steps}
        assert (name, refused) == (name, {name != ADMIN})
        assert ("/import" in one.ask("GET", "/surveys").text) == (name == ADMIN)


OFFICERS_OWN = {
    "desk.places.index": "Thèn Pả",
    "api_places.listing": "Thèn Pả",
    "desk.records.index": "Máy nhà",
    "desk.campaigns.index": "Đợt nhà",
    "desk.lists.show": OWN,
    "v1_submissions.listing": "uuid:here",
    "v1_exports.archive": OWN,
    "v1_exports.root": OWN,
    "v1_exports.draft_root": OWN,
    "project_files.attachment": "Lô Lô Chải",
}


def test_the_officer_finds_what_is_his(world: World) -> None:
    officer = person(world, "officer")
    here = {**world.there, **world.here, "token": world.phone_here.token}
    for endpoint in ("desk.records.show", "v1_submissions.xml", "v1_submissions.attachment"):
        for method, path in ways(world, endpoint, here):
            answer = officer.ask(method, path)
            assert (path, answer.status_code in DONE) == (path, True)
            assert answer.status_code != 200 or leaks(texts(answer), OWN) == [OWN]
    for endpoint, mine in OFFICERS_OWN.items():
        for method, path in ways(world, endpoint, here):
            answer = officer.ask(method, path)
            assert (path, answer.status_code) == (path, 200)
            assert leaks(texts(answer), mine) == [mine], path
    assert [one["instanceId"] for one in ask(officer, "/v1/projects/1/forms/hh/submissions")] == ["uuid:here"]
    figure = ask(officer, "/api/indicators/households?level=province")
    assert figure["total"]["value"] == 1
    assert [(row["place"], row["value"]) for row in figure["rows"]] == [("00715", 1)]


def ask(one: Person, path: str) -> Any:
    """The JSON at an address."""
    answer = one.ask("GET", path)
    assert answer.status_code == 200, answer.text
    return answer.json
