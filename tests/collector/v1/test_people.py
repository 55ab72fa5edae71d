"""Accounts, roles and projects over the wire: who may give what to whom, and where."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from collector.accounts.permissions import (
    ADMINISTRATOR,
    DATA_COLLECTOR,
    MANAGER,
    REVIEWER,
    ROLES,
    SERVER,
    VIEWER,
)
from storage.database import db, transaction
from storage.models import Assignment, Audit
from tests import tree
from tests.collector.openrosa.sending import Volunteer
from tests.collector.v1.program import EXTENDED, Program, filled, simple
from tests.collector.v1.shared import PASSWORD, account, bearer, program
from tests.office import ADMIN, Office
from tests.tree import HERE, HERE_VILLAGE, THERE

ACTOR = {"id", "type", "displayName", "createdAt", "updatedAt", "deletedAt"}


@pytest.fixture(scope="module")
def office(kept_office: Office) -> Office:
    with kept_office.app.app_context(), transaction() as session:
        tree.plant(session)
    form = kept_office.publish(simple(), filename="simple.xml")
    kept_office.publish(simple().replace(b'id="simple"', b'id="other"'), filename="other.xml")
    Volunteer(kept_office, form=form).send(filled("uuid:1", "Lan", 30))
    return kept_office


@pytest.fixture(scope="module")
def admin(office: Office) -> Program:
    return Program(office)


def held(office: Office, actor_id: int) -> set[tuple[int, int | None, str | None]]:
    with office.app.app_context():
        found = db.session.scalars(select(Assignment).where(Assignment.actor_id == actor_id))
        return {(one.role, one.project_id, one.place_code) for one in found}


def noted(office: Office, action: str) -> list[dict[str, Any] | None]:
    with office.app.app_context():
        rows = db.session.scalars(select(Audit).where(Audit.action == action).order_by(Audit.id))
        return [one.details for one in rows]


def test_accounts_are_made_found_changed_and_taken_away(office: Office, admin: Program) -> None:
    made = admin.post(
        "users", json={"email": "Can.Bo@xa.vn", "password": PASSWORD, "displayName": "Lò Thị Máy"}
    )
    assert set(made) == ACTOR | {"email", "lastLoginAt"}
    assert (made["email"], made["type"], made["lastLoginAt"]) == ("can.bo@xa.vn", "user", None)
    assert admin.post("users", json={"email": "khong.mat.khau"})["displayName"] == "khong.mat.khau"
    # Words are found without their accents, in the name and in the user name.
    for words in ("lo thi may", "MÁY", "can.bo@xa"):
        assert [one["id"] for one in admin.get("users", query_string={"q": words})] == [made["id"]]
    assert len(admin.get("users")) >= 3
    changed = admin.ask(
        "PATCH", f"users/{made['id']}", json={"displayName": "Lò Máy", "email": "lo.may"}
    ).json
    assert changed is not None
    assert (changed["displayName"], changed["email"]) == ("Lò Máy", "lo.may")
    assert Program(office, "lo.may", PASSWORD).get("users/current")["id"] == made["id"]
    assert admin.ask("DELETE", f"users/{made['id']}").json == {"success": True}
    for action in ("user.create", "user.update", "user.delete"):
        assert noted(office, action)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"email": ADMIN}, (409, 409.3)),
        ({"email": ""}, (400, 400.3)),
        ({"email": "dấu"}, (400, 400.8)),
        ({"email": "a:b"}, (400, 400.8)),
        ({"email": "ngan", "password": "short"}, (400, 400.21)),
        ({"email": "x" * 101}, (400, 400.11)),
        ({"email": 5}, (400, 400.11)),
        ([], (400, 400.1)),
    ],
)
def test_an_account_that_cannot_be_is_not_made(admin: Program, body: object, said: tuple[int, float]) -> None:
    assert admin.refused("POST", "users", json=body) == said


def test_case_35_who_is_no_administrator_sees_himself_and_whom_he_can_name(office: Office) -> None:
    number, other = account(office, "chi.toi", MANAGER), account(office, "nguoi.la")
    me = Program(office, "chi.toi", PASSWORD)
    assert me.get("users") == []
    assert me.get("users?q=nguoi") == []
    assert [one["id"] for one in me.get("users?q=NGUOI.LA")] == [other]
    assert me.get(f"users/{number}")["email"] == "chi.toi"
    assert me.ask("PATCH", f"users/{number}", json={"displayName": "Tôi"}).status_code == 200
    for method, path, more in (
        ("GET", f"users/{other}", {}),
        ("PATCH", f"users/{other}", {"json": {"displayName": "x"}}),
        ("DELETE", f"users/{other}", {}),
        ("PUT", f"users/{other}/password", {"json": {"new": "mat khau moi"}}),
        ("POST", "users", {"json": {"email": "moi"}}),
        ("POST", "projects", {"json": {"name": "moi"}}),
        ("GET", "assignments", {}),
        ("POST", f"assignments/5/{other}", {}),
    ):
        assert me.refused(method, path, **more) == (403, 403.1), path
    assert held(office, other) == set()


def test_roles_are_what_this_server_lets_them_do(office: Office, admin: Program) -> None:
    roles = admin.get("roles")
    assert {one["id"]: one["system"] for one in roles} == {
        1: "admin", 2: "app-user", 5: "manager", 6: "viewer", 8: "formfill", 9: "pub-link", 20: "reviewer"
    }  # fmt: skip
    for one in roles:
        assert set(one) == {"id", "name", "system", "verbs", "createdAt", "updatedAt"}
        assert one["verbs"] == sorted(ROLES[one["id"]])
    assert admin.get("roles/manager") == admin.get("roles/5")
    for unknown in ("nobody", "4", "99999999999999999999"):
        assert admin.refused("GET", f"roles/{unknown}") == (404, 404.1)
    # A leader sees figures, no records: here we are stricter than Central.
    verbs = set(admin.get("roles/viewer")["verbs"])
    assert {"form.read", "indicator.read"} <= verbs
    assert not {"submission.read", "submission.list", "entity.read"} & verbs
    assert office.client().get("/v1/roles").status_code == 401


def test_roles_are_given_shown_and_taken(office: Office, admin: Program) -> None:
    number = account(office, "duoc.giao")
    assert admin.post(f"projects/1/assignments/viewer/{number}") == {"success": True}
    assert admin.post(f"projects/1/assignments/6/{number}") == {"success": True}
    assert held(office, number) == {(6, 1, None)}
    assert {"actorId": number, "roleId": 6} in admin.get("projects/1/assignments")
    assert number in [one["id"] for one in admin.get("projects/1/assignments/viewer")]
    [long] = [
        one for one in admin.get("projects/1/assignments", headers=EXTENDED) if one["actorId"] == number
    ]
    assert set(long["actor"]) == ACTOR
    assert long["places"] == []
    assert admin.post(f"projects/1/assignments/6/{number}?place={HERE}&place={THERE}") == {"success": True}
    assert held(office, number) == {(6, 1, HERE), (6, 1, THERE)}
    assert admin.ask("DELETE", f"projects/1/assignments/6/{number}").json == {"success": True}
    assert admin.refused("DELETE", f"projects/1/assignments/6/{number}") == (404, 404.1)
    assert admin.post(f"assignments/manager/{number}") == {"success": True}
    assert {"actorId": number, "roleId": 5} in admin.get("assignments")
    assert noted(office, "user.assignment.create")[0] == {"roleId": 6, "projectId": 1, "places": []}
    for path, said in (
        (f"projects/1/assignments/nothing/{number}", (404, 404.1)),
        ("projects/1/assignments/6/99999", (404, 404.1)),
        (f"projects/77/assignments/6/{number}", (404, 404.1)),
        (f"projects/1/assignments/2/{number}", (400, 400.8)),
        (f"projects/1/assignments/6/{number}?place=nowhere", (404, 404.1)),
    ):
        assert admin.refused("POST", path) == said, path


def test_case_35_nobody_gives_rights_he_lacks(office: Office) -> None:
    number = account(office, "muon.quyen")
    manager = program(office, "truong.dot", MANAGER)
    assert manager.refused("POST", f"projects/1/assignments/admin/{number}") == (403, 403.1)
    for role in (MANAGER, REVIEWER, VIEWER, DATA_COLLECTOR):
        assert manager.post(f"projects/1/assignments/{role}/{number}") == {"success": True}
        # What he gives in his project he cannot give in others, nor on the whole server.
        assert manager.refused("POST", f"assignments/{role}/{number}") == (403, 403.1)
    for role in (REVIEWER, VIEWER, DATA_COLLECTOR):
        one = program(office, f"khong.cho.{role}", role)
        for given in (role, ADMINISTRATOR):
            assert one.refused("POST", f"projects/1/assignments/{given}/{number}") == (403, 403.1)
    # An administrator of one project has its rights, not the server's.
    of_project = program(office, "quan.tri.dot", ADMINISTRATOR)
    assert of_project.post(f"projects/1/assignments/admin/{number}") == {"success": True}
    verbs = set(of_project.get("projects/1", headers=EXTENDED)["verbs"])
    assert not verbs & SERVER
    assert of_project.refused("POST", "projects", json={"name": "x"}) == (403, 403.1)
    assert of_project.refused("POST", f"assignments/admin/{number}") == (403, 403.1)


def test_case_35_nobody_gives_places_outside_his_own(office: Office, admin: Program) -> None:
    account(office, "xa.nha", MANAGER, place=HERE)
    head, number = Program(office, "xa.nha", PASSWORD), account(office, "can.bo.thon")
    there = account(office, "xa.khac", REVIEWER, place=THERE)
    post = f"projects/1/assignments/reviewer/{number}"
    assert head.refused("POST", post) == (403, 403.1)
    assert head.refused("POST", f"{post}?place={THERE}") == (404, 404.1)
    assert head.refused("POST", f"{post}?place={HERE}&place={THERE}") == (404, 404.1)
    assert held(office, number) == set()
    assert head.post(f"{post}?place={HERE_VILLAGE}") == {"success": True}
    # Of the others he sees nothing, and takes nothing away.
    listed = {one["actorId"] for one in head.get("projects/1/assignments")}
    assert number in listed
    assert not listed & {there, office.admin_id}
    assert head.refused("DELETE", f"projects/1/assignments/reviewer/{there}") == (404, 404.1)
    assert admin.post(f"{post}?place={HERE_VILLAGE}&place={THERE}") == {"success": True}
    assert head.post(f"{post}?place={HERE}") == {"success": True}
    assert held(office, number) == {(REVIEWER, 1, HERE), (REVIEWER, 1, THERE)}
    assert head.ask("DELETE", f"projects/1/assignments/reviewer/{number}").status_code == 200
    assert held(office, number) == {(REVIEWER, 1, THERE)}
    for method, more in (("PATCH", {"json": {"name": "x"}}), ("DELETE", {})):
        assert head.refused(method, "projects/1", **more) == (403, 403.1)


def test_who_mixes_roles_gives_none_by_adding_them_up(office: Office) -> None:
    """Manager here and nothing but reviewer there: there he gives nothing."""
    number = account(office, "hai.vai", MANAGER, place=HERE)
    with office.app.app_context(), transaction() as session:
        session.add(Assignment(actor_id=number, role=REVIEWER, project_id=1, place_code=THERE))
    both, other = Program(office, "hai.vai", PASSWORD), account(office, "nhan.vai")
    assert both.refused("POST", f"projects/1/assignments/reviewer/{other}?place={THERE}") == (404, 404.1)
    assert both.post(f"projects/1/assignments/reviewer/{other}?place={HERE}") == {"success": True}


def test_which_phone_is_offered_which_form(office: Office, admin: Program) -> None:
    every = office.phone("Máy mọi phiếu")
    one = admin.post("projects/1/app-users", json={"displayName": "Máy một phiếu"})["id"]
    admin.post(f"projects/1/forms/simple/assignments/2/{one}")
    matrix = admin.get("projects/1/assignments/forms")
    mine = [(row["actorId"], row["xmlFormId"]) for row in matrix if row["actorId"] in {one, every.actor_id}]
    assert set(mine) == {(one, "simple"), (every.actor_id, "simple"), (every.actor_id, "other")}
    assert admin.get("projects/1/assignments/forms/app-user") == matrix
    assert admin.get("projects/1/assignments/forms/manager") == []
    assert one not in {row["actorId"] for row in admin.get("projects/1/forms/other/assignments")}
    assert one in {row["id"] for row in admin.get("projects/1/forms/simple/assignments/2")}
    assert admin.refused("POST", f"projects/1/forms/simple/assignments/5/{one}") == (400, 400.8)


def test_a_phone_is_given_another_name_and_places(office: Office, admin: Program) -> None:
    made = admin.post("projects/1/app-users", json={"displayName": "Máy thôn", "places": [HERE]})
    path = f"projects/1/app-users/{made['id']}"
    changed = admin.ask(
        "PATCH", path, json={"displayName": "Máy bản", "places": [THERE]}, headers=EXTENDED
    ).json
    assert changed is not None
    assert (changed["displayName"], changed["token"]) == ("Máy bản", made["token"])
    assert changed["createdBy"]["id"] == office.admin_id
    account(office, "may.xa", MANAGER, place=HERE)
    head = Program(office, "may.xa", PASSWORD)
    assert head.refused("PATCH", path, json={"displayName": "x"}) == (404, 404.1)
    assert admin.refused("PATCH", path, json={"places": ["nowhere"]}) == (404, 404.1)
    own = head.post("projects/1/app-users", json={"displayName": "Máy xã", "places": [HERE]})
    assert head.refused("PATCH", f"projects/1/app-users/{own['id']}", json={"places": []}) == (403, 403.1)
    # The access of a phone that was ended is listed last.
    head.ask("DELETE", f"sessions/{own['token']}")
    admin.ask("PATCH", path, json={"places": [HERE]})
    assert [one["token"] is None for one in head.get("projects/1/app-users")] == [False, True]


def test_projects_are_made_changed_and_taken_off(office: Office, admin: Program) -> None:
    made = admin.post("projects", json={"name": "Đợt 2027", "description": "Lần hai"})
    path = f"projects/{made['id']}"
    assert (made["name"], made["description"], made["archived"]) == ("Đợt 2027", "Lần hai", False)
    changed = admin.ask("PATCH", path, json={"archived": True, "description": None}).json
    assert changed is not None
    assert (changed["archived"], changed["description"], changed["name"]) == (True, None, "Đợt 2027")
    assert changed["updatedAt"]
    phone = admin.post(f"{path}/app-users", json={"displayName": "Máy đợt hai"})
    listing = f"/v1/key/{phone['token']}/{path}/formList"
    assert office.client().get(listing).status_code == 200
    manager = program(office, "dot.hai", MANAGER, project_id=made["id"])
    assert manager.ask("DELETE", path).json == {"success": True}
    for address in (path, f"{path}/forms", f"{path}/app-users"):
        assert admin.refused("GET", address) == (404, 404.1)
    assert manager.get("projects") == []
    assert office.client().get(listing).status_code == 403
    assert made["id"] not in {one["id"] for one in admin.get("projects")}
    for action in ("project.create", "project.update", "project.delete"):
        assert noted(office, action)
    for body in ({}, {"name": ""}, {"name": None}):
        assert admin.refused("POST", "projects", json=body) == (400, 400.3)


def test_projects_bring_their_forms_along_when_asked(office: Office, admin: Program) -> None:
    [project] = [one for one in admin.get("projects?forms=True&datasets=true") if one["id"] == 1]
    assert [one["xmlFormId"] for one in project["formList"]] == ["other", "simple"] or [
        one["xmlFormId"] for one in project["formList"]
    ] == ["simple", "other"]
    assert {one["xmlFormId"]: one["submissions"] for one in project["formList"]} == {"simple": 1, "other": 0}
    admin.post("projects/1/datasets", json={"name": "households"})
    [listed] = [one for one in admin.get("projects?datasets=true") if one["id"] == 1]
    assert "formList" not in listed
    assert [(one["name"], one["entities"]) for one in listed["datasetList"]] == [("households", 0)]
    collector = program(office, "dien.mot", DATA_COLLECTOR)
    office_form = admin.ask("PATCH", "projects/1/forms/other", json={"state": "closed"})
    assert office_form.status_code == 200
    [seen] = collector.get("projects?forms=true&datasets=true")
    assert seen["datasetList"] == []
    # A data collector sees what he may fill.
    assert [one["xmlFormId"] for one in seen["formList"]] == ["simple"]
    assert collector.refused("GET", "projects/1/forms/other") == (403, 403.1)
    assert collector.refused("GET", "projects/1/forms/simple/submissions") == (403, 403.1)
    assert admin.ask("PATCH", "projects/1/forms/other", json={"state": "open"}).status_code == 200


def test_case_35_a_phone_sees_no_project_but_its_own(office: Office, admin: Program) -> None:
    other = admin.post("projects", json={"name": "Đợt khác"})["id"]
    phone = office.phone("Máy tò mò")
    asked = office.client()
    for path in ("projects/1", f"projects/{other}", f"projects/{other}/forms", "users", "roles"):
        status = asked.get(f"/v1/{path}", headers=bearer(phone.token)).status_code
        assert status == (200 if path in {"users", "roles"} else 403), path
    assert asked.get("/v1/users", headers=bearer(phone.token)).json == []
    assert asked.get(f"/v1/key/{phone.token}/projects/{other}/formList").status_code == 403
