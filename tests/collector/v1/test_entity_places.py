"""Who has places of his own makes, sees, deletes and counts the entities that lie there, and no others."""

from __future__ import annotations

from typing import Any

import pytest

from collector.accounts.permissions import MANAGER
from collector.actions.accounts import create_user
from storage.database import transaction
from storage.models import Assignment
from tests.collector.v1.program import EXTENDED, Program, simple
from tests.office import ADMIN_PASSWORD, NOW, Office
from tests.registers import new_uuid
from tests.tree import HERE, HERE_VILLAGE, THERE_VILLAGE, plant

PATH = "projects/1/datasets/homes"
XML: dict[str, Any] = {"content_type": "application/xml"}
PUBLISHED = "publish=true&ignoreWarnings=true"


@pytest.fixture(scope="module")
def admin(kept_office: Office, kept_program: Program) -> Program:
    """Who sees everything; there is a map, and a list of homes on it."""
    with kept_office.app.app_context(), transaction() as session:
        plant(session)
    kept_program.post("projects/1/datasets", json={"name": "homes"})
    for name in ("village_code", "geometry"):
        kept_program.post(f"{PATH}/properties", json={"name": name})
    return kept_program


@pytest.fixture(scope="module")
def officer(admin: Program, kept_office: Office) -> Program:
    """Who runs the commune here."""
    assert admin.get(PATH)
    with kept_office.app.app_context(), transaction() as session:
        user = create_user(session, "officer", ADMIN_PASSWORD, now=NOW)
        session.add(Assignment(actor_id=user.actor_id, role=MANAGER, project_id=1, place_code=HERE))
    return Program(kept_office, "officer")


def home(village: str) -> dict[str, Any]:
    """A home in a village, on the map."""
    data = {"village_code": village, "geometry": "22.1 104.1 0 0"} if village else {}
    return {"uuid": new_uuid(), "label": "Nhà", "data": data}


def many(*several: dict[str, Any]) -> dict[str, Any]:
    """A body that makes many."""
    return {"entities": list(several), "source": {"name": "a.csv"}}


def test_nobody_makes_what_lies_elsewhere_alone_or_among_others(officer: Program) -> None:
    for village, code in ((THERE_VILLAGE, (404, 404.1)), ("", (403, 403.1))):
        assert officer.refused("POST", f"{PATH}/entities", json=home(village)) == code
        body = many(home(HERE_VILLAGE), home(village))
        assert officer.refused("POST", f"{PATH}/entities", json=body) == code
    assert officer.get(f"{PATH}/entities") == []


def test_what_lies_elsewhere_is_in_no_list_file_map_or_number(admin: Program, officer: Program) -> None:
    mine, theirs = home(HERE_VILLAGE), home(THERE_VILLAGE)
    assert officer.post(f"{PATH}/entities", json=many(mine)) == {"success": True}
    assert admin.post(f"{PATH}/entities", json=many(theirs)) == {"success": True}
    assert [one["uuid"] for one in officer.get(f"{PATH}/entities")] == [mine["uuid"]]
    assert [one["id"] for one in officer.get(f"{PATH}/entities.geojson")["features"]] == [mine["uuid"]]
    file = officer.ask("GET", f"{PATH}/entities.csv")
    assert mine["uuid"] in file.text
    assert theirs["uuid"] not in file.text
    whole = admin.ask("GET", f"{PATH}/entities.csv")
    assert whole.headers["ETag"] != file.headers["ETag"]
    assert officer.get(PATH, headers=EXTENDED)["entities"] == 1
    assert [one["displayName"] for one in officer.get(f"{PATH}/entities/creators")] == ["officer"]
    # An id is taken wherever its entity lies.
    taken = {**home(HERE_VILLAGE), "uuid": theirs["uuid"]}
    assert officer.refused("POST", f"{PATH}/entities", json=taken) == (409, 409.3)


def test_nobody_takes_away_what_holds_others_things_too(admin: Program, officer: Program) -> None:
    assert admin.post("projects/1/datasets", json={"name": "shared"})
    assert admin.post(f"projects/1/forms?{PUBLISHED}", data=simple(), **XML)["xmlFormId"] == "simple"
    for path in ("datasets/shared", "forms/simple"):
        assert officer.refused("DELETE", f"projects/1/{path}") == (403, 403.1)
        assert admin.ask("DELETE", f"projects/1/{path}").json == {"success": True}


def test_of_many_ids_only_those_that_are_seen_are_touched(admin: Program, officer: Program) -> None:
    mine, theirs = home(HERE_VILLAGE), home(THERE_VILLAGE)
    admin.post(f"{PATH}/entities", json=many(mine, theirs))
    ids = {"ids": [mine["uuid"], theirs["uuid"]]}
    assert officer.post(f"{PATH}/entities/bulk-delete", json=ids) == {"count": 1}
    assert admin.get(f"{PATH}/entities/{theirs['uuid']}")["deletedAt"] is None
    assert admin.post(f"{PATH}/entities/bulk-delete", json=ids) == {"count": 1}
    assert officer.post(f"{PATH}/entities/bulk-restore", json=ids) == {"count": 1}
    assert admin.refused("GET", f"{PATH}/entities/{theirs['uuid']}") == (404, 404.1)


def test_what_moves_elsewhere_is_refused_and_what_others_filled_keeps_a_property(
    admin: Program, officer: Program
) -> None:
    mine = home(HERE_VILLAGE)
    officer.post(f"{PATH}/entities", json=many(mine))
    moved = {"data": {"village_code": THERE_VILLAGE}}
    one = f"{PATH}/entities/{mine['uuid']}"
    assert officer.ask("PATCH", f"{one}?force=true", json=moved).status_code in {403, 404}
    assert officer.get(one)["currentVersion"]["version"] == 1
    admin.post(f"{PATH}/properties", json={"name": "note"})
    admin.post(f"{PATH}/entities", json={**home(THERE_VILLAGE), "data": {"note": "x"}})
    problem = admin.problem("DELETE", f"{PATH}/properties/note")
    assert problem["code"] == 409.22
    assert len(problem["details"]["prerequisites"]["nonEmptyEntities"]["details"]["entities"]) == 1
    # What a list asks belongs to all who use it.
    assert officer.problem("DELETE", f"{PATH}/properties/note")["code"] == 403.1
